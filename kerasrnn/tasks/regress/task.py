"""Text to numbers: ratings, prices."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.datasets import texts_with_numbers
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.metrics import TargetScale
from kerasrnn.options import Source
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.regress.number_task import NumberTask
from kerasrnn.tasks.regress.signatures import RegressionSignatures
from kerasrnn.tasks.texts.tokenized import Tokenized
from kerasrnn.text import Tokenizer

__all__ = ["Regressor"]


class Regressor(Tokenized, NumberTask):
    """A `many_to_one` with its tokenizer and the scale of the numbers that it answers.

    Args:
        model: What `many_to_one` returned for token ids, trained or not.
        tokenizer: Tokenizer of the texts.
        scale: That of the K targets in training, in the order of the model's outputs.
        max_length: Maximum number of tokens of a text; the first ones stay.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the vocabulary or the targets are not those that the model was built for.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary("abc"))
    >>> model = many_to_one(len(tokenizer.vocabulary), 2, units=5)
    >>> scale = metrics.TargetScale.fit([[1.0, 20.0], [5.0, 10.0]], ["stars", "price"])
    >>> Regressor(model, tokenizer, scale).predict(["cab", "b"])[0].shape
    (2,)
    """

    name = "regress"
    options_class = options.Regress
    read_as = "text"

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        scale: TargetScale,
        max_length: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, settings)
        self.set_texts(tokenizer, max_length, scale.targets, "targets")
        self.set_targets(scale)

    @property
    def scale(self) -> TargetScale:
        """The scale of the targets."""
        return self.target_scale

    def new_signatures(self) -> RegressionSignatures:
        return RegressionSignatures(self.model, self.tokenizer, self.scale, self.max_length)

    def predict(self, inputs: Iterable[str], batch_size: int = 256) -> list[np.ndarray]:
        """Answers each text with its numbers.

        Args:
            inputs: Texts, in any number.
            batch_size: Texts in a batch; like lengths go together, the order stays.

        Returns:
            For each `(K,)` float64, in the units and the order of the targets.
        """
        return self.call("serving_default", inputs, batch_size).get("numbers", [])

    def read_source(self, source: Source) -> Any:
        """Reads texts with numbers, see `datasets.texts_with_numbers`."""
        return read_texts(source, self.options)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(text, numbers)`, see `datasets.texts_with_numbers`.

        Args:
            examples: Such a data set; or a list, a table or a generator of texts, each with a
                number, or with K of them.
        """
        return as_dataset(examples, ("text", "number"))

    def input_of(self, raw: bytes) -> str:
        return raw.decode("utf-8")

    def names_of(self, inputs: Sequence[str]) -> list[str]:
        return list(inputs)

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        return {"scale": dataclasses.asdict(self.scale), **super().save_parts(folder)}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> Regressor:
        scale, length = TargetScale.of_parts(config["scale"]), config["max_length"]
        return cls(model, load_tokenizer(folder, config), scale, length, config["settings"])


def read_texts(source: Source, options: options.Regress) -> Any:
    """Reads texts with numbers."""
    return texts_with_numbers(*source.place, bad_rows=options.bad_rows, **source.form)
