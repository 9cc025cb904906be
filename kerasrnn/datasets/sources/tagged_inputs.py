"""Sentences to be labelled, from a file of any form that tagged sentences have."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.features import feature_names
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.object_rows import (
    ALSO_OBJECTS,
    OBJECTS,
    field_names,
    has_objects,
    object_rows,
)
from kerasrnn.datasets.readers.table_rows import PLAIN
from kerasrnn.datasets.readers.token_columns import column_sentences
from kerasrnn.datasets.readers.token_layout import is_document, token_columns
from kerasrnn.files import is_blank, numbered_lines, split_words

__all__ = ["tagged_inputs"]

COLUMNS = (".tsv", ".conll", ".conllu", ".bio")
LOOKED_AT, LEAST = 1000, 20  # lines
ROLES = ("tokens", "tags")


def tagged_inputs(
    path: str | os.PathLike[str],
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> Iterator[list[str]]:
    """Streams the tokens of sentences, with or without a label for each.

    `.conll`, `.tsv`, `.conllu` and `.jsonl` files are read as `tagged_tokens` reads them, but that
    labels need not be there. Any other file but a `.csv` has a sentence on each line, whose tokens
    are separated by white space; an empty line is a sentence without tokens. But a `.txt` file of
    at least 20 lines that all have the same number of columns, and empty lines between, is one of
    columns too.

    Args:
        path: The file, gzipped or not.
        features: Which columns or fields are the `tokens`, as in `tagged_tokens`; what it says of
            `tags` does not matter.
        encoding: That of the file.

    Yields:
        The tokens of each sentence, in the order of the file; none is left out.

    Raises:
        UserError: For a line of another form, which is named.

    Example:

    >>> for tokens in tagged_inputs("new.conll"):  # doctest: +SKIP
    ...     print(tokens)
    """
    names = feature_names(features, ROLES)
    form = form_of(path)
    if form in COLUMNS or (form in PLAIN and _has_columns(path, encoding)):
        names = {"tokens": names["tokens"]} if "tokens" in names else {}
        for rows in column_sentences(path, names, ("tokens",), encoding):
            yield [token for _, (token,) in rows]
    elif has_objects(path):
        fields = field_names(path, names, ("tokens",), encoding)
        for number, ((tokens,),) in object_rows(path, fields, encoding):
            if not isinstance(tokens, list) or not all(isinstance(each, str) for each in tokens):
                raise UserError(
                    f"{path}, line {number}: expected a list of tokens. Received: {tokens!r:.80}"
                )
            yield tokens
    elif form == ".csv":  # whose cells are not separated by white space
        forms = (*COLUMNS, *ALSO_OBJECTS, *OBJECTS)
        raise UserError(
            f"Expected a file that ends with {', '.join(forms)}, or with a sentence on "
            f"each line. Received: {str(path)!r}"
        )
    else:
        for _, text in numbered_lines(path, encoding):
            yield split_words(text)


def _has_columns(path, encoding: str) -> bool:
    """Whether a text file has a token and its label on each line, as training takes it."""
    texts = [text for _, text in itertools.islice(numbered_lines(path, encoding), LOOKED_AT)]
    lines = [text for text in texts if not is_blank(text) and not is_document(text)]
    widths = {len(token_columns(text)) for text in lines}
    return len(widths) == 1 and LEAST <= len(lines) < len(texts) and min(widths) > 1
