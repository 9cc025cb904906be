"""Text to numbers: ratings, prices."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError
from kerasrnn.datasets import texts_with_numbers
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.files import number_text
from kerasrnn.metrics import TargetScale
from kerasrnn.options import Source
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.records import no_classes
from kerasrnn.tasks.regress.signatures import RegressionSignatures
from kerasrnn.tasks.tallies.number_tally import number_figures, number_report, number_tally
from kerasrnn.tasks.tallies.tallied import Tallied
from kerasrnn.tasks.texts.tokenized import Tokenized
from kerasrnn.text import Tokenizer

__all__ = ["Regressor"]


class Regressor(Tokenized, Tallied):
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
    served_answer = "numbers"
    mistakes_in_words = "the errors, the largest first"

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        scale: TargetScale,
        max_length: int | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, settings)
        if "text" in scale.targets:
            raise UserError("Expected targets with other names than that of the text, 'text'")
        self.set_texts(tokenizer, max_length, scale.targets, "targets")
        self.scale = scale

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the K targets."""
        return self.scale.targets

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

    def evaluate(self, examples: Any, batch_size: int = 256) -> dict[str, Any]:
        """Measures on texts with their true numbers, beside what the training says without texts.

        Args:
            examples: As in `raw`.
            batch_size: Texts in a batch.

        Returns:
            What `tallies.number_tally.number_figures` says: `mae`, `rmse`, `r2`, `constant_mae`,
            that of always answering the median of the training, and `constant_rmse`, that of its
            mean; of several targets these for each, and over all of them.

        Raises:
            ValueError: For numbers of another number, or that are not finite.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        texts, right = _columns(rows, len(self.targets))
        return number_tally(np.stack(self.predict(texts, batch_size)), right, self.scale)

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return number_figures(tallies, self.scale)

    def report(self, examples: Any) -> dict[str, dict[str, float]]:
        """Measures each target, and each range of what is predicted of it: fifths of training."""
        return self.report_of(self.tallies(examples))

    def report_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        """Sums up what `tally` returned for each piece, as `report` does."""
        return number_report(tallies, self.scale)

    def mistakes(self, examples: Any) -> list[dict[str, Any]]:
        """Lists all errors, the largest first, in standard deviations of the training.

        Returns:
            For each text and target `input`, `name` of the target, the true `target`, the `answer`
            and the `error`, answer minus target.
        """
        rows = []
        texts, right = _columns(list(self.rows_of(examples)), len(self.targets))
        for text, true, answers in zip(texts, right.tolist(), self.predict(texts), strict=True):
            for name, *numbers in zip(self.targets, true, answers.tolist(), strict=True):
                row = {"input": text, "name": name, "target": numbers[0], "answer": numbers[1]}
                rows.append({**row, "error": numbers[1] - numbers[0]})
        unit = dict(zip(self.targets, self.scale.deviation, strict=True))
        return sorted(rows, key=lambda row: -abs(row["error"]) / unit[row["name"]])

    def answers(self, inputs: Iterable[str]) -> Iterator[str]:
        """A line for each text: its numbers, with tabs between them."""
        return ("\t".join(map(number_text, numbers)) for numbers in self.predict(inputs))

    def records(
        self, inputs: Iterable[str], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        no_classes(probabilities, "numbers")
        inputs = self.checked(inputs)
        return [
            {"text": text, **dict(zip(self.targets, numbers.tolist(), strict=True))}
            for text, numbers in zip(inputs, self.predict(inputs), strict=True)
        ]

    def described(self) -> dict[str, Any]:
        return {"targets": list(self.targets)}

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


def _columns(rows: list[Any], number: int) -> tuple[list[str], np.ndarray]:
    """The texts and the true numbers `(N, K)` of raw examples."""
    texts = [text.decode("utf-8") for text, _ in rows]
    try:
        right = np.array([numbers for _, numbers in rows], "float64").reshape(len(rows), -1)
    except (TypeError, ValueError):
        raise UserError(f"Expected numbers. Received: {rows[0][1]!r:.60}") from None
    if rows and right.shape[1] != number:
        raise UserError(f"Expected {number} numbers for each text. Received: {right.shape[1]}")
    if not np.isfinite(right).all():
        place = int(np.argwhere(~np.isfinite(right))[0][0])
        raise UserError(
            f"Expected finite numbers. Received: {right[place].tolist()} for {texts[place]!r:.60}"
        )
    return texts, right.reshape(len(rows), number)
