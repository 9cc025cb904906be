"""Two texts to a label: paraphrases, entailment, questions and their answers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_text_pairs, check_texts
from kerasrnn.datasets import labelled_pairs, pair_inputs
from kerasrnn.datasets.loaders.labelled_pair_examples import as_labelled_pairs
from kerasrnn.options import Source
from kerasrnn.tasks.classify.text_classifier import Classification, TextClassifier
from kerasrnn.tasks.compare.signatures import ComparisonSignatures
from kerasrnn.tasks.records import class_records
from kerasrnn.tasks.tallies.pair_counts import pair_counts
from kerasrnn.text import Tokenizer
from kerasrnn.views.graphs import reads_pairs

__all__ = ["PairClassifier", "read_labelled_pairs"]


class PairClassifier(TextClassifier):
    """A `siamese` model with its tokenizer and the names of its classes.

    Args:
        model: What `siamese` returned, trained or not.
        tokenizer: Tokenizer of both texts.
        labels: Names of the C classes, in the order of the model's outputs.
        max_length: Maximum number of tokens of a text; the first ones stay.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the vocabulary or the labels are not those that the model was built for.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary("abc"))
    >>> model = siamese(len(tokenizer.vocabulary), 2, units=5)
    >>> task = PairClassifier(model, tokenizer, ["other", "same"])
    >>> labels = task.predict([("cab", "bac"), ("a", "b")])
    >>> task.encode(["cab", "bac", "a"]).shape
    (3, 5)
    """

    name = "compare"
    options_class = options.Compare

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        max_length: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        if not reads_pairs(model):
            raise UserError(
                "Expected a model of `siamese`, which reads `first` and `second`. "
                f"Received: {model.name!r}"
            )
        super().__init__(model, tokenizer, labels, max_length, settings)

    def new_signatures(self) -> ComparisonSignatures:
        return ComparisonSignatures(
            self.model, self.tokenizer, self.labels, self.max_length, self.decision
        )

    def encode(self, inputs: Iterable[str], batch_size: int = 256) -> np.ndarray:
        """Makes the vectors of single texts, by the encoder that both sides of a pair share.

        Args:
            inputs: Texts, in any number.
            batch_size: Texts in a batch.

        Returns:
            `(N, D)` float32: texts that mean the same are near each other, as far as the training
            has taught it; the cosine of the angle between two vectors is a usual measure.
        """
        return super().encode(inputs, batch_size)

    def read_source(self, source: Source) -> Any:
        """Reads labelled pairs of texts, see `datasets.labelled_pairs`."""
        return read_labelled_pairs(source, self.options)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `((first, second), label)` strings.

        Args:
            examples: Such a data set, or one of `(first, second, label)`, see
                `datasets.labelled_pairs`; or a list, a table or a generator of these.
        """
        return as_labelled_pairs(examples)

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        right = [row[1].decode("utf-8") for row in rows]
        return {"pairs": pair_counts(right, self.predict([row[0] for row in rows], batch_size))}

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike[str] = ".") -> list[Any]:
        """Reads pairs: a line is a text, a tab and another text."""
        pairs = [tuple(line.split("\t")) for line in lines]
        wrong = next((i for i, pair in enumerate(pairs) if len(pair) != 2), None)
        if wrong is not None:
            raise UserError(
                "Expected a first text, a tab and a second text on each line. "
                f"Received: {lines[wrong]!r:.60}"
            )
        return pairs

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return pair_inputs(source.data, **source.form)

    def records(
        self, inputs: Iterable[tuple[str, str]], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        inputs = self.checked(inputs)
        found = class_records("pair", inputs, self.classify(inputs), probabilities)
        return [_with_sides(record, "pair") for record in found]

    def answered(
        self, examples: Any
    ) -> tuple[list[tuple[str, str]], list[str], list[Classification]]:
        inputs: list[tuple[str, str]] = []
        targets: list[str] = []
        for (first, second), label, *_ in self.rows_of(examples):
            inputs.append((first.decode("utf-8"), second.decode("utf-8")))
            targets.append(label.decode("utf-8"))
        return inputs, targets, self.classify(inputs)

    def mistakes(self, examples: Any) -> list[dict[str, Any]]:
        """Lists the pairs whose label is wrong, see `mistakes.mistakes_of`, each text by itself."""
        return [_with_sides(row, "input") for row in super().mistakes(examples)]

    def checked(self, inputs: Iterable[Any]) -> list[Any]:
        return check_text_pairs("inputs", inputs)

    def served_inputs(self, inputs: Sequence[Any]) -> dict[str, Any]:
        return {"first": [pair[0] for pair in inputs], "second": [pair[1] for pair in inputs]}

    def inputs_of(self, signature: str, inputs: Iterable[Any]) -> tuple[dict[str, Any], int]:
        if signature == "serving_default":
            return super().inputs_of(signature, inputs)
        texts = check_texts("inputs", inputs)
        return {"text": texts}, len(texts)

    def row_size(self, row: Sequence[Any]) -> int:
        return max(map(len, row))

    def example_inputs(self, examples: list[Any]) -> dict[str, Any]:
        served = self.served_inputs(examples)
        return {**served, "text": served["first"]}

    def default_inputs(self) -> list[Any]:
        texts = super().default_inputs()
        return list(zip(texts, reversed(texts), strict=True))


def _with_sides(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Puts the two texts of a pair, which is one part of a record, in its place."""
    first, second = row[name]
    return {"first": first, "second": second, **{k: v for k, v in row.items() if k != name}}


def read_labelled_pairs(source: Source, options: options.Compare) -> Any:
    """Reads labelled pairs of texts; each example is the pair and its label."""
    pairs = labelled_pairs(*source.place, bad_rows=options.bad_rows, **source.form)
    return as_labelled_pairs(pairs)
