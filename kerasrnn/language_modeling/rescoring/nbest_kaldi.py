"""N-best lists as Kaldi's `nbest-to-linear` and its scripts write them."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Sequence

from kerasrnn.checks import UserError
from kerasrnn.files import numbered_lines, open_beside, split_words, wrong_line
from kerasrnn.language_modeling.rescoring.hypotheses import Hypothesis, NBestList, read_score

__all__ = ["KEY", "read", "write"]

KEY = re.compile(r"(\S+)-(\d+)")
_EXPECTED = "`utterance-N` and the words of its hypothesis N"


def read(
    path: str | os.PathLike[str],
    acoustic: str | os.PathLike[str] | None,
    language: str | os.PathLike[str] | None,
    silent: Collection[str],
    encoding: str = "utf-8",
) -> list[NBestList]:
    """Reads a file of words and up to two of costs; see `read_nbest`."""
    words: dict[str, tuple[str, ...]] = {}
    found: dict[str, dict[int, str]] = {}
    for number, line in numbered_lines(path, encoding):
        key, *tokens = split_words(line) or [""]
        match = KEY.fullmatch(key)
        if match is None or key in words:
            raise wrong_line(path, number, _EXPECTED, repr(line) + ", again" * (key in words))
        words[key] = tuple(token for token in tokens if token not in silent)
        found.setdefault(match[1], {})[int(match[2])] = key
    costs = [_read_costs(each, words, path, encoding) for each in (acoustic, language)]
    return [
        # By number: files that are sorted by their keys have -10 before -2.
        NBestList(
            utterance,
            tuple(
                Hypothesis(words[key], *(-cost.get(key, -0.0) for cost in costs))
                for _, key in sorted(keys.items())
            ),
        )
        for utterance, keys in found.items()
    ]


def write(
    path: str | os.PathLike[str],
    lists: Sequence[NBestList],
    acoustic: str | os.PathLike[str] | None,
    language: str | os.PathLike[str] | None,
) -> None:
    """Writes a file of words and up to two of costs; see `write_nbest`."""
    with contextlib.ExitStack() as stack:
        files = [
            None if each is None else stack.enter_context(open_beside(each))
            for each in (path, acoustic, language)
        ]
        for nbest in lists:
            for number, hypothesis in enumerate(nbest.hypotheses, start=1):
                key = f"{nbest.utterance}-{number}"
                rests = (
                    " ".join(hypothesis.words),
                    repr(-hypothesis.acoustic),
                    repr(-hypothesis.language),
                )
                for file, rest in zip(files, rests, strict=True):
                    if file is not None:
                        file.write(f"{key} {rest}".rstrip() + "\n")


def _read_costs(
    path: str | os.PathLike[str] | None,
    keys: Collection[str],
    text: str | os.PathLike[str],
    encoding: str,
) -> dict[str, float]:
    """Reads `key cost` lines: one for each key of the text."""
    if path is None:
        return {}
    costs: dict[str, float] = {}
    for number, line in numbered_lines(path, encoding):
        try:
            key, cost = split_words(line)
            value = read_score(cost)
        except ValueError as error:
            raise wrong_line(path, number, "`utterance-N` and a cost", repr(line)) from error
        if key not in keys or key in costs:
            expected = f"the cost of a hypothesis of {text}, once"
            raise wrong_line(path, number, expected, repr(line))
        costs[key] = value
    missing = next((key for key in keys if key not in costs), None)
    if missing is not None:
        raise UserError(
            f"{path}: expected a cost of each of the {len(keys):,} hypotheses of {text}. "
            f"Received: none of {missing!r}"
        )
    return costs
