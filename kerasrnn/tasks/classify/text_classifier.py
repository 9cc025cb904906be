"""What classifiers of texts and of pairs of texts share: a tokenizer, and one label for each."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import keras
import numpy as np

from kerasrnn.tasks.classify.thresholded import Thresholded
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.texts.tokenized import Tokenized
from kerasrnn.text import Tokenizer
from kerasrnn.views.logits import check_logits

__all__ = ["Classification", "TextClassifier"]


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


class TextClassifier(Tokenized, Thresholded):
    """A model of texts with its tokenizer and the names of its classes.

    Args:
        model: That of the factory, trained or not.
        tokenizer: Tokenizer of the texts.
        labels: Names of the C classes, in the order of the model's outputs.
        max_length: Maximum number of tokens of a text; the first ones stay.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the vocabulary or the labels are not those that the model was built for.
    """

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
        self.set_labels(tokenizer, max_length, labels)

    def predict(self, inputs: Iterable[Any], batch_size: int = 256) -> list[str]:
        """Names the label of each input: the most likely one, or by the threshold.

        Args:
            inputs: Texts, or pairs of texts, in any number.
            batch_size: Inputs in a batch; like lengths go together, the order stays.

        Returns:
            The labels, as many as there are inputs.
        """
        outputs = self.call("serving_default", inputs, batch_size)
        return [label.decode("utf-8") for label in outputs.get("label", [])]

    def classify(self, inputs: Iterable[Any], batch_size: int = 256) -> list[Classification]:
        """Labels inputs and tells all probabilities, and what texts with attention pooling attend.

        Args:
            inputs: As in `predict`.
            batch_size: Inputs in a batch.

        Returns:
            A `Classification` for each.
        """
        outputs = self.call("serving_default", inputs, batch_size)
        return [
            self._classification(dict(zip(outputs, row, strict=True)))
            for row in zip(*outputs.values(), strict=True)
        ]

    def _classification(self, row: dict[str, Any]) -> Classification:
        return Classification(
            label=row["label"].decode("utf-8"),
            probability=float(row["probability"]),
            probabilities=dict(zip(self.labels, row["probabilities"].tolist(), strict=True)),
            **self.attended(row),
        )

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        parts = {"labels": list(self.labels), **super().save_parts(folder)}
        return {**parts, **self.decision_parts()}

    @classmethod
    def load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]) -> Self:
        before = {"level": config.get("level"), "lowercase": config.get("lowercase", False)}
        tokenizer = load_tokenizer(folder, config, **before)
        length, settings = config["max_length"], config["settings"]
        return cls(model, tokenizer, config["labels"], length, settings).decided_by(config)
