"""N-best lists as SRILM and Decipher write them, described in SRILM's nbest-format(5)."""

from __future__ import annotations

import math
import os
import pathlib
import re
from collections.abc import Collection, Sequence

from kerasrnn.checks import UserError
from kerasrnn.files import beside, numbered_lines, open_beside, split_words, wrong_line
from kerasrnn.language_modeling.rescoring.hypotheses import Hypothesis, NBestList, read_score

__all__ = ["begins", "read", "write"]

# A bytelog is a logarithm to the base 1.0001, divided by 1024.
BYTELOG = 1024 * math.log(1.0001)
LOG_10 = math.log(10)
_HEADER = re.compile(r"NBestList([12])\.0\s*")
_MARKS = ("(", "st:", "et:", "g:", "a:", ")")


def begins(line: str) -> bool:
    """Tells whether a line can be the first one of a file of this form."""
    if _HEADER.fullmatch(line):
        return True
    try:
        return bool(_plain(line, ()))
    except ValueError:
        return False


def read(
    path: str | os.PathLike[str], silent: Collection[str], encoding: str = "utf-8"
) -> list[NBestList]:
    """Reads a file, or all files of a folder by their names; see `read_nbest`."""
    path = pathlib.Path(path)
    files = sorted(path.glob("[!.]*")) if path.is_dir() else [path]
    if not files:
        raise UserError(f"Expected a folder with n-best lists. Received: {str(path)!r}, empty")
    return [_read_file(each, silent, encoding) for each in files]


def write(path: str | os.PathLike[str], lists: Sequence[NBestList]) -> None:
    """Writes a new folder with a file for each utterance; see `write_nbest`."""
    path = pathlib.Path(path)
    if path.exists():
        raise UserError(f"Expected a new folder. Received: {str(path)!r}, which exists")
    with beside(path) as folder:
        folder.mkdir()
        for nbest in lists:
            with open_beside(folder / f"{nbest.utterance}.nbest.gz") as file:
                for each in nbest.hypotheses:
                    scores = [repr(each.acoustic / LOG_10), repr(each.language / LOG_10)]
                    file.write(" ".join([*scores, str(len(each.words)), *each.words]) + "\n")


def _read_file(path: pathlib.Path, silent: Collection[str], encoding: str) -> NBestList:
    found, readers = [], (_plain, "two base-10 logarithms, the number of words and the words")
    for number, line in numbered_lines(path, encoding):
        header = _HEADER.fullmatch(line)
        if number == 1 and header:
            readers = {
                "1": (_decipher, "`(score)` and the words"),
                "2": (_decipher_words, "`(score)` and `word ( st: 0.0 et: 0.1 g: -1 a: -2 )` ..."),
            }[header[1]]
            continue
        reader, expected = readers
        try:
            found.append(reader(line, silent))
        except ValueError as error:
            raise wrong_line(path, number, expected, repr(line)) from error
    if not found:
        raise UserError(f"{path}: expected a hypothesis. Received: none")
    return NBestList(path.name.removesuffix(".gz").removesuffix(".nbest"), tuple(found))


def _plain(line: str, silent: Collection[str]) -> Hypothesis:
    acoustic, language, number, *words = split_words(line)
    if not number.isdecimal():
        raise UserError(number)
    words = tuple(word for word in words if word not in silent)
    return Hypothesis(words, read_score(acoustic) * LOG_10, read_score(language) * LOG_10)


def _decipher(line: str, silent: Collection[str]) -> Hypothesis:
    score, *words = split_words(line)
    words = tuple(word for word in words if word not in silent)
    return Hypothesis(words, _in_brackets(score) * BYTELOG)


def _decipher_words(line: str, silent: Collection[str]) -> Hypothesis:
    score, *rest = split_words(line)
    _in_brackets(score)
    if len(rest) % 11:
        raise UserError(line)
    words, acoustic, language, begin, end = [], 0.0, 0.0, 0.0, -math.inf
    for i in range(0, len(rest), 11):
        word, *marks = rest[i : i + 11]
        if (marks[0], *marks[1:9:2], marks[9]) != _MARKS:
            raise UserError(line)
        start, stop, *scores = map(read_score, marks[2:9:2])
        if begin <= start < end and stop <= end:
            continue  # a phone or a state within the word, whose scores are in the word's
        begin, end = start, stop
        language, acoustic = language + scores[0], acoustic + scores[1]
        if word not in silent:
            words.append(word)
    return Hypothesis(tuple(words), acoustic * BYTELOG, language * BYTELOG)


def _in_brackets(score: str) -> float:
    if not (score.startswith("(") and score.endswith(")")):
        raise UserError(score)
    return read_score(score[1:-1])
