"""One split of sentences with a label for each token: read, named by its lines, in one scheme."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError, check_choice
from kerasrnn.datasets.readers.features import choose_feature, feature_names
from kerasrnn.datasets.readers.local_files import examples_of_rows, file_of_split, is_local
from kerasrnn.datasets.readers.object_rows import (
    ALSO_OBJECTS,
    OBJECTS,
    field_names,
    has_objects,
    object_rows,
)
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import PLAIN
from kerasrnn.datasets.readers.token_columns import column_sentences
from kerasrnn.datasets.readers.token_layout import DOCUMENT
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.datasets.sources.tagged_counts import TaggedCounts, count_tagged
from kerasrnn.layers.schemes import SCHEMES, Scheme, recognized_scheme, stray_labels
from kerasrnn.options.source import Split
from kerasrnn.text.as_written import as_written

__all__ = ["TaggedSplit"]

FORMS = (".tsv", ".conll", ".conllu", *OBJECTS)
ALSO = (".bio", *ALSO_OBJECTS, *PLAIN)  # where a folder has no other form of a split
ROLES = ("tokens", "tags")
EXPECTED = "a sequence of tokens and a sequence of classes"
READ_AT_ONCE = 1024
# The numbers of the lines, the tokens and the labels of a sentence.
Sentence = tuple[Sequence[int], Sequence[str], Sequence[str]]


@dataclasses.dataclass(frozen=True)
class TaggedSplit:
    """A split of a data set or of a file, see `tagged_tokens`.

    Attributes:
        data: A data set's name, a file or a folder.
        split: `"train"`, `"validation"` or `"test"`; `None` for all of a file.
        data_dir: Folder of prepared tensorflow-datasets.
        features: Which features, columns or fields are `tokens` and `tags`.
        encoding: That of a file.
        guess: Whether columns of a file are guessed where nothing is named, and lines that are no
            tokens known as such, see `column_sentences`.
    """

    data: str | os.PathLike[str]
    split: Split = "train"
    data_dir: str | os.PathLike[str] | None = None
    features: Mapping[str, str] | str | None = None
    encoding: str = "utf-8"
    guess: bool = True

    def sentences(self) -> tf.data.Dataset:
        """Reads `(tokens, labels)`, `(T,)` string each, the labels as they are."""
        return self._sentences

    @functools.cached_property
    def _sentences(self) -> tf.data.Dataset:
        check_split(self.split, whole=True)
        if not self._is_file():
            builder, examples = open_split(self.data, self.split, self.data_dir)
            names = feature_names(self.features, ROLES)
            (tokens,), (tags,) = (choose_feature(builder, role, EXPECTED, names) for role in ROLES)
            return examples().map(as_written(lambda each: (tokens.text(each), tags.text(each))))
        path, part = file_of_split(self.data, self.split, FORMS, ALSO)
        sequence = tf.TensorSpec((None,), tf.string)
        by_lines = not has_objects(path)
        what = "sentences with an empty line between them" if by_lines else "sentences"

        def rows() -> Iterator[Any]:
            return ((tokens, tags) for _, tokens, tags in self._rows(path))

        return examples_of_rows(rows, part, path, what, (sequence, sequence))

    def place(self, sentence: int, token: int) -> str:
        """Says where a token is: in which line of which file, or in which sentence.

        Args:
            sentence: The place of its sentence in the split, from 0.
            token: Its place in the sentence, from 0.
        """
        if not self._is_file():
            return f"{self.data}, {self.split} split, sentence {sentence + 1}, token {token + 1}"
        path, part = file_of_split(self.data, self.split, FORMS, ALSO)
        rows = (
            lines for i, (lines, _, _) in enumerate(self._rows(path)) if part is None or part.has(i)
        )
        lines = next(itertools.islice(rows, sentence, None))
        return f"{path}, line {lines[token]}"

    def counts(self, max_length: int | None = None) -> TaggedCounts:
        """Counts tokens and labels, the labels as they are, in one pass; see `count_tagged`."""
        return count_tagged(self.sentences(), max_length)

    def scheme(self, wanted: str = "auto", counts: TaggedCounts | None = None) -> Scheme | None:
        """Finds out by which scheme labels mark entities, and notes it.

        Args:
            wanted: `"auto"`, or one of `layers.schemes.SCHEMES`, which then is only checked.
            counts: What `counts` returned, for who has it: then nothing is read here.

        Returns:
            The scheme; `None` where labels mark no entities.

        Raises:
            UserError: For a label that is none of an entity where the others are, or where a scheme
                is wanted that labels have not; its line is named.
        """
        check_choice("scheme", wanted, ("auto", *SCHEMES))
        pairs = (counts or self.counts()).labels.pairs()
        found = recognized_scheme(pairs)
        if wanted != "auto":
            found = Scheme(wanted) if found is None else dataclasses.replace(found, name=wanted)
        if found is None:
            return None
        stray = stray_labels(pairs, found.form)
        if stray:
            i, token, label = self._first(stray)
            raise UserError(
                f"{self.place(i, token)}: expected O or a label such as {found.form}. Received: "
                f"{label!r} (scheme='none' takes labels as they are)"
            )
        read_as = "" if found.name == found.target else f": read as {found.target.upper()}"
        note(f"{self._name()}: labels are {found.name.upper()}{read_as}")
        return found

    def in_scheme(
        self, scheme: Scheme, target: str | None = None, counts: TaggedCounts | None = None
    ) -> tf.data.Dataset:
        """Reads `(tokens, labels)`, where labels mark the same entities in one of our schemes.

        Labels that break the rules of their own scheme are counted in a note that names the first.

        Args:
            scheme: What `scheme` found.
            target: `"iob2"` or `"bioes"`; that of the scheme by default.
            counts: What `counts` returned, for who has it.
        """
        labels = (counts or self.counts()).labels
        changed, number = labels.rewrites(scheme, target), labels.repairs(scheme)
        if number:
            several, first = "s" * (number > 1), self._first_repair(scheme, target)
            note(f"repaired {number:,} label{several} of {labels.total():,}: first in {first}")
        sentences = self.sentences()
        return _rewritten(sentences, scheme, target) if changed else sentences

    def _is_file(self) -> bool:
        return is_local(self.data, (*FORMS, *ALSO), is_known)

    def _name(self) -> str:
        return str(
            file_of_split(self.data, self.split, FORMS, ALSO)[0] if self._is_file() else self.data
        )

    def _rows(self, path) -> Iterator[Sentence]:
        names = feature_names(self.features, ROLES)
        if has_objects(path):
            rows = _objects(path, names, self.encoding)
            return (row for row in rows if not self.guess or row[1][:1] != [DOCUMENT])
        found = column_sentences(path, names, ROLES, self.encoding, guess=self.guess)
        return map(_transposed, found)

    def _labels(self) -> Iterator[tuple[int, list[str]]]:
        """Yields the number and the labels of each sentence."""
        batches = self.sentences().ragged_batch(READ_AT_ONCE)
        rows = (row for _, batch in batches for row in batch.to_list())
        for i, row in enumerate(rows):
            yield i, [label.decode("utf-8", "surrogateescape") for label in row]

    def _first(self, names: set[str]) -> tuple[int, int, str]:
        found = ((i, t, each) for i, labels in self._labels() for t, each in enumerate(labels))
        return next(each for each in found if each[2] in names)

    def _first_repair(self, scheme: Scheme, target: str | None) -> str:
        for i, labels in self._labels():
            for place in scheme.repairs(labels)[:1]:
                right = scheme.rewrite(labels, target)
                return f"{self.place(i, place)}: {_repair(labels, right, place)}"
        return ""


def _transposed(rows: Sequence[tuple[int, tuple[str, ...]]]) -> Sentence:
    lines, pairs = zip(*rows, strict=True)
    tokens, tags = zip(*pairs, strict=True)
    return lines, tokens, tags


def _repair(labels: Sequence[str], right: Sequence[str], place: int) -> str:
    before = f"after {labels[place - 1]}" if place else "at the beginning of a sentence"
    return f"{labels[place]} {before}, read as {right[place]}"


def _rewritten(sentences: tf.data.Dataset, scheme: Scheme, target: str | None) -> tf.data.Dataset:
    def rewrite(labels):
        texts = [label.decode("utf-8", "surrogateescape") for label in labels.tolist()]
        found = [each.encode("utf-8", "surrogateescape") for each in scheme.rewrite(texts, target)]
        return np.array(found, dtype=object)

    def of_sentence(tokens, labels):
        found = tf.numpy_function(rewrite, [labels], tf.string, stateful=False)
        return tokens, tf.ensure_shape(found, labels.shape)

    return sentences.map(of_sentence)


def _objects(path, names: Mapping[str, Any], encoding: str) -> Iterator[Sentence]:
    names = field_names(path, names, ROLES, encoding)
    for number, (tokens, tags) in object_rows(path, names, encoding):
        row = *tokens, *tags
        if not all(isinstance(each, list) for each in row) or len({*map(len, row)}) != 1:
            raise UserError(
                f"{path}, line {number}: expected two lists of one length. Received: {row}"
            )
        if not all(isinstance(part, str) and part for each in row for part in each):
            raise UserError(f"{path}, line {number}: expected lists of texts. Received: {row}")
        yield [number] * len(row[0]), row[0], row[1]
