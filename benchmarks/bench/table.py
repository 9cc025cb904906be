"""The table of all rows, and the means over rows of a kind."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.found import FAMILIES, Line, lines
from bench.subjects import family

__all__ = ["table"]


def table(rows: Sequence[Mapping[str, Any]], said: str) -> str:
    """Writes Markdown.

    Args:
        rows: What `found.keep` keeps.
        said: A sentence on the machine.
    """
    found = [line for row in rows for line in lines(row)]
    columns = ["subject", "figure", *FAMILIES, "× Keras-TF", "× PyTorch", "× best rival"]
    text = [
        said,
        "Medians of the rounds (least–most); of a library that was used in several ways the best",
        "one first. Tokens a second, padding not counted, or the time where a unit is given; × is",
        "how many times as fast ours is, each library in its best way. What is blank was not",
        "measured, or its library was not there. Five sizes: rows of a batch, steps, vocabulary,",
        "units, layers.",
        "",
        f"| {' | '.join(columns)} |",
        "|---" * len(columns) + "|",
        *map(_line, found),
        "",
        *_means(found),
        *_said(rows),
        *_reasons(rows),
    ]
    return "\n".join(text).rstrip() + "\n"


def amount(line: Line, seconds: float) -> str:
    """Writes a time as the figure of a line, with three digits."""
    if line.tokens:
        value, unit = line.tokens / seconds / 1000, "k"
    else:
        value, unit = (seconds, " s") if seconds >= 1 else (seconds * 1000, " ms")
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}{unit}"


def _line(line: Line) -> str:
    cells = [f"{line.row['group']}: {line.row['name']}", line.figure]
    cells += [_cell(line, each) for each in FAMILIES]
    ratios = [line.ratio("Keras-TF"), line.ratio("PyTorch"), line.ratio_to_best()]
    return f"| {' | '.join([*cells, *map(_ratio, ratios)])} |"


def _cell(line: Line, of: str) -> str:
    ways = sorted((rival for rival in line.seconds if family(rival) == of), key=line.median)
    texts = []
    for rival in ways:
        text, (_, _, way) = amount(line, line.median(rival)), rival.partition(", ")
        if not texts:
            ends = sorted(line.seconds[rival], reverse=bool(line.tokens))
            text += f" ({amount(line, ends[0])}–{amount(line, ends[-1])})"
        texts.append(f"{text} {way}".strip())
    return "; ".join(texts)


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _means(found: Sequence[Line]) -> Iterator[str]:
    """Geometric means over the rows whose names begin alike."""
    kinds: dict[tuple[str, str, str], list[Line]] = {}
    for line in found:
        if line.row["curve"] is None:
            kind, is_one_of_some, _ = line.row["name"].partition(":")
            every = "all beside lstm" if kind.endswith(" beside lstm") else "all"
            for each in [every, *([kind] if is_one_of_some else [])]:
                kinds.setdefault((line.row["group"], each, line.figure), []).append(line)
    texts = []
    for (group, kind, figure), some in kinds.items():
        if len(some) > 1:
            ratios = [[each.ratio(name) for each in some] for name in ("Keras-TF", "PyTorch")]
            ratios.append([each.ratio_to_best() for each in some])
            least = min(filter(None, ratios[-1]), default=None)
            cells = [f"{group}: {kind}", figure, str(len(some)), *map(_mean, ratios), _ratio(least)]
            texts.append(f"| {' | '.join(cells)} |")
    if texts:
        yield "Geometric means over rows, and the row that is furthest behind the best rival:"
        yield ""
        yield "| rows | figure | number | × Keras-TF | × PyTorch | × best rival | least |"
        yield "|---|---|---|---|---|---|---|"
        yield from texts
        yield ""


def _mean(ratios: Sequence[float | None]) -> str:
    known = [each for each in ratios if each]
    return _ratio(statistics.geometric_mean(known)) if known else ""


def _said(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Writes what calls told beside their time, such as how good the model was afterwards."""
    for row in rows:
        told = {rival: each["said"] for rival, each in row["found"].items() if each["said"]}
        figures = [
            f"{rival} {', '.join(f'{name} {value:.4g}' for name, value in said.items())}"
            for rival, said in told.items()
        ]
        if figures:
            yield f"- {row['name']}: {'; '.join(figures)}."


def _reasons(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Says what was left out."""
    missing = {
        each["missing"] for row in rows for each in row["found"].values() if "missing" in each
    }
    if missing:
        yield f"Not installed: {', '.join(sorted(missing))}."
    for row in rows:
        for rival, each in row["found"].items():
            if "failed" in each:
                yield f"- {row['group']}: {row['name']}: {rival} failed, {each['failed']}."
