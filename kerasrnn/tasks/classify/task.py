"""Text to label: sentiment, spam, languages."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_integer, check_texts
from kerasrnn.datasets import labelled_texts, text_inputs
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.options import Source
from kerasrnn.tasks.classify.signatures import ClassificationSignatures
from kerasrnn.tasks.classify.thresholded import Thresholded
from kerasrnn.tasks.labelled import distinct_labels
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.records import class_records
from kerasrnn.tasks.tallies.pair_counts import pair_counts
from kerasrnn.text import Tokenizer
from kerasrnn.views.logits import check_logits

__all__ = ["Classification", "Classifier", "read_texts"]


@dataclasses.dataclass(frozen=True)
class Classification:
    """A label and how sure the model is of it.

    Attributes:
        label: The most likely label, or the one by the threshold.
        probability: That of the label.
        probabilities: That of every label, by name.
        tokens: The T tokens of the text; `None` without attention pooling.
        attention: `(T,)` float32 weights of the tokens; `None` without attention pooling.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    tokens: list[str] | None = None
    attention: np.ndarray | None = None


class Classifier(Thresholded):
    """A `many_to_one` with its tokenizer and the names of its classes.

    Args:
        model: What `many_to_one` returned for token ids, trained or not.
        tokenizer: Tokenizer of the texts.
        labels: Names of the C classes, in the order of the model's outputs.
        max_length: Maximum number of tokens of a text; the first ones stay.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the vocabulary or the labels are not those that the model was built for.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary("abc"))
    >>> model = many_to_one(len(tokenizer.vocabulary), 2, units=5)
    >>> labels = Classifier(model, tokenizer, ["no", "yes"]).predict(["cab", "b"])
    """

    name = "classify"
    options_class = options.Classify
    served_answer = "label"

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        max_length: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, settings)
        check_logits(model, one_class=True)
        labels = check_texts("labels", labels, "labels")
        sizes = model.get_layer("token_embedding").input_dim, model.output_shape[-1]
        received = len(tokenizer.vocabulary), len(labels)
        if sizes != received:
            raise UserError(
                f"Expected a vocabulary of {sizes[0]} ids and {sizes[1]} labels, as the model has. "
                f"Received: {received[0]} and {received[1]}"
            )
        self.tokenizer = tokenizer
        self.labels = distinct_labels(labels)
        self.max_length = max_length
        if max_length is not None:
            check_integer("max_length", max_length)

    def new_signatures(self) -> ClassificationSignatures:
        return ClassificationSignatures(
            self.model, self.tokenizer, self.labels, self.max_length, self.decision
        )

    def predict(self, inputs: Iterable[str], batch_size: int = 256) -> list[str]:
        """Names the most likely label of each text.

        Args:
            inputs: Texts, in any number.
            batch_size: Texts in a batch; like lengths go together, the order stays.

        Returns:
            The labels, as many as there are inputs.
        """
        outputs = self.call("serving_default", inputs, batch_size)
        return [label.decode("utf-8") for label in outputs.get("label", [])]

    def classify(self, inputs: Iterable[str], batch_size: int = 256) -> list[Classification]:
        """Labels texts and tells all probabilities, and with attention pooling the weights.

        Args:
            inputs: Texts.
            batch_size: Texts in a batch.

        Returns:
            A `Classification` for each.
        """
        outputs = self.call("serving_default", inputs, batch_size)
        return [
            self._classification(dict(zip(outputs, row, strict=True)))
            for row in zip(*outputs.values(), strict=True)
        ]

    def read_source(self, source: Source) -> Any:
        """Reads labelled texts, see `datasets.labelled_texts`."""
        return read_texts(source, self.options)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(text, label)` strings, see `datasets.labelled_texts`.

        Args:
            examples: Such a data set; or a list, a table or a generator of them.
        """
        return as_dataset(examples, ("text", "label"))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        texts, right = ([row[i].decode("utf-8") for row in rows] for i in (0, 1))
        return {"pairs": pair_counts(right, self.predict(texts, batch_size))}

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return text_inputs(source.data, "text", **source.form)

    def records(
        self, inputs: Iterable[str], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        inputs = self.checked(inputs)
        return class_records("text", inputs, self.classify(inputs), probabilities)

    def answered(self, examples: Any) -> tuple[list[str], list[str], list[Classification]]:
        pairs = list(self.rows_of(examples))
        inputs, targets = ([pair[i].decode("utf-8") for pair in pairs] for i in (0, 1))
        return inputs, targets, self.classify(inputs)

    def _classification(self, row: dict[str, Any]) -> Classification:
        tokens = None
        if "tokens" in row:
            tokens = [token.decode("utf-8") for token in row["tokens"] if token]
        return Classification(
            label=row["label"].decode("utf-8"),
            probability=float(row["probability"]),
            probabilities=dict(zip(self.labels, row["probabilities"].tolist(), strict=True)),
            tokens=tokens,
            attention=None if tokens is None else row["attention"][: len(tokens)],
        )

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        self.tokenizer.save(folder)
        parts = {"labels": list(self.labels), "max_length": self.max_length}
        return {**parts, **self.decision_parts()}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> Classifier:
        before = {"level": config.get("level"), "lowercase": config.get("lowercase", False)}
        tokenizer = load_tokenizer(folder, config, **before)
        length, settings = config["max_length"], config["settings"]
        return cls(model, tokenizer, config["labels"], length, settings).decided_by(config)


def read_texts(source: Source, options: options.Classify) -> Any:
    """Reads labelled texts."""
    return labelled_texts(*source.place, bad_rows=options.bad_rows, **source.form)
