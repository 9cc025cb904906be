"""Texts of a file whose labels or translations are asked for."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping

from kerasrnn.checks import check_choice
from kerasrnn.datasets.readers.features import feature_names
from kerasrnn.datasets.readers.image_files import is_image_name
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.table_layout import COMPANIONS
from kerasrnn.datasets.readers.table_rows import ALL_TABLES, PLAIN, numbered_rows
from kerasrnn.files import is_blank, numbered_lines

__all__ = ["text_inputs"]

LOOKED_AT = 1000
ROLES = ("text", "label", "number", "source", "target", "image", "start")


def text_inputs(
    path: str | os.PathLike[str],
    role: str,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> Iterator[str]:
    """Streams the texts of a file for a prediction, read as in training.

    A table (`.csv`, `.tsv`, `.jsonl` …) may hold the labels or targets too, or not. A `.csv` file
    of one column, or a `.tsv` file, needs no header. Of any other file each line is a text, empty
    ones too; but of a `.txt` file whose lines all hold two columns with a tab between them, as
    `train` takes it, the first one.

    Args:
        path: The file, perhaps gzipped.
        role: `"text"`, `"source"` or `"image"`; where an image is the file, its path is the text.
        features: As the training was told, such as `"text=title+body,label=stars"`.
        encoding: That of the file, a name that Python knows.

    Yields:
        A text for each row.

    Raises:
        ValueError: For a file that is not there, or a row of another form, whose line is named.

    Example:

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "new.csv")
    ...     _ = path.write_text('id,text\\n1,"Good, really"\\n2,Bad\\n')
    ...     list(text_inputs(path, "text"))
    ['Good, really', 'Bad']
    """
    check_choice("role", role, tuple(COMPANIONS))
    names = feature_names(features, ROLES)
    form = form_of(path)
    if role == "image" and is_image_name(path):
        return iter([os.fspath(path)])
    if form not in ALL_TABLES or (form in PLAIN and not _has_columns(path, encoding)):
        return (line for _, line in numbered_lines(path, encoding))
    rows = numbered_rows(path, (role,), names, encoding, beside=True)
    return (text for _, (text,) in rows)


def _has_columns(path: str | os.PathLike[str], encoding: str) -> bool:
    """Whether the first lines of a text file are those of a table of two columns."""
    lines = (line for _, line in itertools.islice(numbered_lines(path, encoding), LOOKED_AT))
    counts = {line.count("\t") for line in lines if not is_blank(line)}
    return counts == {1}
