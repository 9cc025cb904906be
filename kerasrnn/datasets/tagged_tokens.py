"""Where sentences with a label for each token come from: a data set's name or a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.builders import is_known, open_split
from kerasrnn.datasets.features import choose_feature, feature_names
from kerasrnn.datasets.local_files import (
    examples_of_rows,
    file_of_split,
    form_of,
    is_local,
)
from kerasrnn.datasets.splits import check_split
from kerasrnn.datasets.table_rows import JSON_LINES, json_rows
from kerasrnn.datasets.token_columns import column_sentences

__all__ = ["tagged_tokens"]

FORMS = (".tsv", ".conll", ".conllu", *JSON_LINES)
ROLES = ("tokens", "tags")
EXPECTED = "a sequence of tokens and a sequence of classes"


def tagged_tokens(
    data: str | os.PathLike,
    split: str | None = "train",
    data_dir: str | os.PathLike | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> tf.data.Dataset:
    """Reads sentences that are split into tokens, with a label for each of them.

    A file (UTF-8, packed by gzip or not) is one of these; of each twenty sentences the last two
    are for validation and test.

    - `.tsv` or `.conll`: a token, a tab or a space, and its label on each line, and an empty line
      between sentences; further columns where numbers name the two.
    - `.conllu`: ten columns between tabs, of which the words count, neither what several of them
      are written as (1-2) nor what is not written (1.1). Tokens are `form` and tags are `upos`.
    - `.jsonl`: an object with `tokens` and `tags`, two lists of one length, on each line.

    Args:
        data: An embedded data set (`"python_tokens"`), a tensorflow-datasets name whose examples
            are a sequence of texts and one of classes (`"wikiann/en"`), a file, or a folder with
            a file for each split. Of several such sequences those called tokens or words are
            read, and those called labels, tags, ner, ner_tags, upos or pos, in this order.
        split: `"train"`, `"validation"` or `"test"`. For each of the last two that a data set has
            not, it gives up a twentieth of its training split. `None` is all of a file.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features, columns or fields are `tokens` and `tags`, such as
            `"tags=xpos"` or, counted from 1, `"tokens=1,tags=4"`.
        encoding: That of a file, a name that Python knows.

    Returns:
        A `tf.data.Dataset` of `(tokens, labels)`, `(T,)` string each, the labels being their
        names.

    Raises:
        ValueError: For an unknown data set or split, examples of another kind, or a line of a
            file that has another form, which is named.

    Example:

    >>> sentences = tagged_tokens("wikiann/en", "test")  # doctest: +SKIP
    """
    check_split(split, whole=True)
    names = feature_names(features, ROLES)
    if is_local(data, FORMS, is_known):
        path, part = file_of_split(data, split, FORMS)
        sequence = tf.TensorSpec((None,), tf.string)
        read = _objects if form_of(path) in JSON_LINES else _columns
        what = "sentences with an empty line between them" if read is _columns else "sentences"

        def rows() -> Iterator:
            return read(path, names, encoding)

        return examples_of_rows(rows, part, path, what, (sequence, sequence))
    builder, examples = open_split(data, split, data_dir)
    (tokens,), (tags,) = (choose_feature(builder, role, EXPECTED, names) for role in ROLES)
    return examples().map(lambda example: (tokens.text(example), tags.text(example)))


def _objects(path, names: Mapping, encoding: str) -> Iterator[tuple[list[str], list[str]]]:
    names = {role: names.get(role, [role]) for role in ROLES}
    for number, (tokens, tags) in json_rows(path, names, encoding):
        row = *tokens, *tags
        if not all(isinstance(each, list) for each in row) or len({*map(len, row)}) != 1:
            raise UserError(
                f"{path}, line {number}: expected two lists of one length. Received: {row}"
            )
        if not all(isinstance(part, str) and part for each in row for part in each):
            raise UserError(f"{path}, line {number}: expected lists of texts. Received: {row}")
        yield row


def _columns(path, names: Mapping, encoding: str) -> Iterator[tuple[Sequence[str], ...]]:
    for rows in column_sentences(path, names, ROLES, encoding):
        yield tuple(zip(*(row for _, row in rows), strict=True))
