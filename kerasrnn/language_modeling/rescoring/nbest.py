"""N-best lists: the hypotheses of a recogniser for each utterance, with their scores."""

from __future__ import annotations

import itertools
import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence

from kerasrnn.checks import UserError
from kerasrnn.files import is_blank, numbered_lines, open_beside, split_words, wrong_line
from kerasrnn.language_modeling.rescoring import nbest_kaldi, nbest_rnnlm, nbest_srilm
from kerasrnn.language_modeling.rescoring.hypotheses import SILENT, NBestList

__all__ = ["nbest_form", "read_nbest", "read_texts", "write_nbest", "write_texts"]

FORMS = ("kaldi", "srilm", "rnnlm")


def read_nbest(
    path: str | os.PathLike[str],
    form: str | None = None,
    acoustic: str | os.PathLike[str] | None = None,
    language: str | os.PathLike[str] | None = None,
    silent: Iterable[str] = SILENT,
    encoding: str = "utf-8",
) -> list[NBestList]:
    """Reads n-best lists in one of the usual text forms, plain or gzipped.

    - `kaldi`: a text file, `utterance-N word word ...` a line, where N counts the hypotheses of
      an utterance from 1, and up to two archives of scores in text form, `utterance-N cost` a
      line. Kaldi's costs are negative natural logarithms; their sign is turned.
    - `srilm`: a file for each utterance, in a folder, or one such file; the name of a file
      without `.gz` and `.nbest` is the utterance. In a file `acoustic language words word word
      ...` a line, base-10 logarithms and the number of words, or behind a header `NBestList1.0`
      or `NBestList2.0` what Decipher writes, `(score) word ...`, in 2.0 with the times, the
      language and the acoustic score of each word; those scores are bytelogs. The one score of
      1.0 is taken for acoustic, the first one of 2.0 is left out.
    - `rnnlm`: a text file, `utterance word word ...` a line, a line for each hypothesis of the
      utterance, the best first, without scores.

    Args:
        path: The file, or SRILM's folder.
        form: `"kaldi"`, `"srilm"` or `"rnnlm"`; by default what the first line looks like: a
            header or three numbers are SRILM's, a name with `-1` that does not come again in the
            next line, and any file of scores, Kaldi's; see `nbest_form`.
        acoustic: Kaldi's file of acoustic costs.
        language: Kaldi's file of language-model costs.
        silent: Words that are left out: pauses and marks of the beginning and the end.
        encoding: That of the files, a name that Python knows.

    Returns:
        A list for each utterance, in the order of the file, or by the names of files. Scores are
        natural logarithms, 0 where there are none.

    Raises:
        ValueError: For a broken line, which is named with its file; for a file that is not there,
            an unknown form, or scores that do not belong to the hypotheses.
    """
    path = pathlib.Path(path)
    scores = acoustic is not None or language is not None
    form = ("kaldi" if scores else nbest_form(path, encoding)) if form is None else form
    if form not in FORMS:
        raise UserError(f"Expected one of the forms {', '.join(FORMS)}. Received: {form!r}")
    if scores and form != "kaldi":
        raise UserError(f"Expected files of scores for the form kaldi alone. Received: {form!r}")
    silent = frozenset(silent)
    if form == "kaldi":
        return nbest_kaldi.read(path, acoustic, language, silent, encoding)
    return (nbest_srilm if form == "srilm" else nbest_rnnlm).read(path, silent, encoding)


def write_nbest(
    path: str | os.PathLike[str],
    lists: Sequence[NBestList],
    form: str,
    acoustic: str | os.PathLike[str] | None = None,
    language: str | os.PathLike[str] | None = None,
) -> None:
    """Writes n-best lists in a form that `read_nbest` reads; files are packed by `.gz`.

    Args:
        path: The file; for `"srilm"` a new folder.
        lists: The lists.
        form: `"kaldi"`, `"srilm"` (that of three numbers) or `"rnnlm"` (without scores).
        acoustic: Where Kaldi's file of acoustic costs is written, if anywhere.
        language: Where Kaldi's file of language-model costs is written, if anywhere.

    Raises:
        ValueError: For an unknown form, or a place where nothing can be written.
    """
    if form not in FORMS:
        raise UserError(f"Expected one of the forms {', '.join(FORMS)}. Received: {form!r}")
    if form == "kaldi":
        nbest_kaldi.write(path, lists, acoustic, language)
    else:
        (nbest_srilm if form == "srilm" else nbest_rnnlm).write(path, lists)


def read_texts(path: str | os.PathLike[str], encoding: str = "utf-8") -> dict[str, tuple[str, ...]]:
    """Reads texts by utterance, such as references: `utterance word word ...` a line.

    Raises:
        ValueError: For a line without a name, or with one that was there before.
    """
    texts: dict[str, tuple[str, ...]] = {}
    for number, line in numbered_lines(path, encoding):
        utterance, *words = split_words(line) or [""]
        if not utterance or utterance in texts:
            expected = "a new utterance and its words"
            raise wrong_line(path, number, expected, repr(line))
        texts[utterance] = tuple(words)
    return texts


def write_texts(path: str | os.PathLike[str], texts: Mapping[str, Sequence[str]]) -> None:
    """Writes texts by utterance, such as chosen answers, as `read_texts` reads them."""
    with open_beside(path) as file:
        for utterance, words in texts.items():
            file.write(" ".join([utterance, *words]) + "\n")


def nbest_form(path: str | os.PathLike[str], encoding: str = "utf-8") -> str:
    """Tells the form of n-best lists from the first two lines with anything on them.

    Args:
        path: The file, or SRILM's folder.
        encoding: That of the file.

    Returns:
        `"kaldi"`, `"srilm"` or `"rnnlm"`, see `read_nbest`.
    """
    if os.path.isdir(path):
        return "srilm"
    lines = (line for _, line in numbered_lines(path, encoding) if not is_blank(line))
    lines = [*itertools.islice(lines, 2), "", ""][:2]
    if nbest_srilm.begins(lines[0]):
        return "srilm"
    first, second = ((split_words(line) or [""])[0] for line in lines)
    # Kaldi counts the hypotheses of an utterance; a name that comes again is rnnlm's.
    counted = nbest_kaldi.KEY.fullmatch(first) and first.endswith("-1") and second != first
    return "kaldi" if counted else "rnnlm"
