"""Sentences in a file with a token on each line and an empty line between sentences."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.token_layout import UNIVERSAL, Layout, is_document, token_layout
from kerasrnn.files import is_blank, numbered_lines, wrong_line

__all__ = ["Row", "column_sentences"]

# Remarks that may have as many columns as a token and its label.
REMARK = re.compile(r"# id\s|# ?\w[\w.]*\s*=\s|#(begin|end) document")
Row = tuple[int, tuple[str, ...]]


def column_sentences(
    path: str | os.PathLike[str],
    names: Mapping[str, Sequence[str]],
    roles: Sequence[str],
    encoding: str = "utf-8",
    *,
    guess: bool = True,
) -> Iterator[list[Row]]:
    """Streams the sentences of a file of columns.

    Columns are separated by tabs, or in a line without any by white space. An empty line ends a
    sentence, as does one that begins with `-DOCSTART-`, which is part of none. In `.conllu` a line
    that begins with `#` is a remark; elsewhere it is where `#` and a space are followed by another
    number of columns than other lines have, or where it is such as `# id 5` or `# text = …`.

    Where nothing is named, a file has a token and a label on each line. Of three to five columns
    the first and the last are taken, unless the first only counts or repeats; a first line such as
    `token`, tab, `tag` names the columns. What is named are numbers of columns, from 1, or names
    that stand in the first line.

    Args:
        path: The file.
        names: What `feature_names` returned.
        roles: `("tokens", "tags")`, or `("tokens",)` where there need not be any labels.
        encoding: That of the file.
        guess: Whether columns are guessed, and documents and remarks left out; `False` is what the
            first versions of this package did.

    Yields:
        For each token the number of the line and a text for each role.

    Raises:
        UserError: For a line of another form, which is named.
    """
    layout = token_layout(path, names, roles, encoding, guess=guess)
    if layout.note:
        note(f"{path}: {layout.note}")
    universal = form_of(path) == UNIVERSAL
    lines = _lines(path, encoding, layout, universal, guess)
    for empty, group in itertools.groupby(lines, lambda line: line is None):
        lines_of = [] if empty else [_row(path, line, layout, universal) for line in group]
        rows = [row for row in lines_of if row is not None]
        if rows:
            yield rows


def _lines(path, encoding: str, layout: Layout, universal: bool, guess: bool) -> Iterator[Any]:
    """Yields number and text of each line with a token, and `None` between sentences."""
    for number, text in numbered_lines(path, encoding):
        if is_blank(text) or (guess and is_document(text)):
            yield None
        elif text.startswith("#") and (universal or (guess and _is_remark(text, layout))):
            continue
        elif number > layout.header:
            yield number, text


def _is_remark(text: str, layout: Layout) -> bool:
    if REMARK.match(text):
        return True
    return text[1:2] in ("", " ") and not layout.fits(layout.columns(text))


def _row(path, line: tuple[int, str], layout: Layout, universal: bool) -> Row | None:
    number, text = line
    columns = layout.columns(text)
    chosen = tuple(columns[place] for place in layout.places) if layout.fits(columns) else ()
    if not chosen or not all(chosen):
        raise wrong_line(path, number, layout.expected, repr(text))
    # Neither what several words are written as nor what is not written.
    if universal and ("-" in columns[0] or "." in columns[0]):
        return None
    return number, chosen
