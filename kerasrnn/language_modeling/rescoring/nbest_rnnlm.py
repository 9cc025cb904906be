"""N-best lists as rnnlm takes them: a name that is repeated, and words."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from kerasrnn.files import numbered_lines, open_beside, split_words, wrong_line
from kerasrnn.language_modeling.rescoring.hypotheses import Hypothesis, NBestList

__all__ = ["read", "write"]


def read(
    path: str | os.PathLike[str], silent: Collection[str], encoding: str = "utf-8"
) -> list[NBestList]:
    """Reads `utterance word word ...` lines; see `read_nbest`."""
    found: dict[str, list[Hypothesis]] = {}
    for number, line in numbered_lines(path, encoding):
        utterance, *words = split_words(line) or [""]
        if not utterance:
            raise wrong_line(path, number, "an utterance and words", repr(line))
        words = tuple(word for word in words if word not in silent)
        found.setdefault(utterance, []).append(Hypothesis(words))
    return [NBestList(utterance, tuple(each)) for utterance, each in found.items()]


def write(path: str | os.PathLike[str], lists: Sequence[NBestList]) -> None:
    """Writes `utterance word word ...` lines; see `write_nbest`."""
    with open_beside(path) as file:
        for nbest in lists:
            for hypothesis in nbest.hypotheses:
                file.write(" ".join([nbest.utterance, *hypothesis.words]) + "\n")
