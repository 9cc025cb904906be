"""What was found: a file that keeps all rows, and the figures that table and chart show of them."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from bench.subjects import Subject, family

__all__ = ["Line", "keep", "kept", "lines"]

FAMILIES = ("ours", "Keras-TF", "Keras-JAX", "PyTorch")


@dataclasses.dataclass(frozen=True)
class Line:
    """One figure of a subject.

    Attributes:
        row: The row that it is of.
        figure: Its name.
        tokens: Tokens of a call; 0 where the time of a call is the figure.
        seconds: By rival, the seconds of a call in each round.
    """

    row: Mapping[str, Any]
    figure: str
    tokens: int
    seconds: Mapping[str, list[float]]

    def best(self, of: str) -> str | None:
        """The quickest way of a library."""
        ways = [rival for rival in self.seconds if family(rival) == of]
        return min(ways, key=self.median, default=None)

    def median(self, rival: str) -> float:
        return statistics.median(self.seconds[rival])

    def ratio(self, of: str) -> float | None:
        """How many times as fast ours is as a library, each in its best way."""
        ours, other = self.best("ours"), self.best(of)
        return self.median(other) / self.median(ours) if ours and other else None

    def ratio_to_best(self) -> float | None:
        ratios = filter(None, map(self.ratio, FAMILIES[1:]))
        return min(ratios, default=None)


def kept(path: pathlib.Path) -> list[dict[str, Any]]:
    """Returns the rows of earlier runs."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def keep(
    path: pathlib.Path, subject: Subject, found: Mapping[str, Any], **said: str
) -> list[dict[str, Any]]:
    """Writes a row, in the place of an earlier one of the same subject.

    Args:
        path: The file.
        subject: What was compared.
        found: What `turns.measure` returned.
        **said: What else is to be known of the row.

    Returns:
        All rows.
    """
    rows = kept(path)
    row = {**dataclasses.asdict(subject), **said, "found": dict(found)}
    # Where files lie is that machine's alone.
    paths = {
        name: pathlib.Path(value).name
        for name, value in subject.sizes.items()
        if isinstance(value, str) and pathlib.Path(value).is_absolute()
    }
    row["sizes"] = {**subject.sizes, **paths}
    names = [(each["group"], each["name"]) for each in rows]
    if (subject.group, subject.name) in names:
        rows[names.index((subject.group, subject.name))] = row
    else:
        rows.append(row)
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return rows


def lines(row: Mapping[str, Any]) -> Iterator[Line]:
    """Gives the figures of a row that ours has."""
    ours = [each for rival, each in row["found"].items() if family(rival) == "ours"]
    tokens = {name: number for each in ours for name, number in each["tokens"].items()}
    for figure, number in tokens.items():
        other = row["against"].get(figure, figure)
        seconds = {}
        for rival, each in row["found"].items():
            # A rival that has the figure itself is compared by it too.
            names = {figure} if family(rival) == "ours" else {figure, other}
            values = [each["seconds"][name] for name in names if each["seconds"].get(name)]
            if values:
                seconds[rival] = min(values, key=statistics.median)
        yield Line(row, figure, number, seconds)
