"""Inputs of tasks of texts: one tokenizer, and a model that has an output for each name."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras

from kerasrnn.checks import UserError, check_integer, check_texts
from kerasrnn.datasets import text_inputs
from kerasrnn.options import Source
from kerasrnn.tasks.labelled import distinct_labels
from kerasrnn.tasks.task import Task
from kerasrnn.text import Tokenizer

__all__ = ["Tokenized"]


class Tokenized(Task):
    """A task that reads texts by one tokenizer.

    Attributes:
        tokenizer: The tokenizer.
        max_length: Maximum number of tokens of a text; the first ones stay.
    """

    model: keras.Model
    tokenizer: Tokenizer
    max_length: int | None

    def set_texts(
        self, tokenizer: Tokenizer, max_length: int | None, outputs: Sequence[str], kind: str
    ) -> None:
        """Sets how texts are read.

        Args:
            tokenizer: The tokenizer.
            max_length: Maximum number of tokens.
            outputs: The names of the outputs.
            kind: What they are, for the error.

        Raises:
            ValueError: Where their numbers are not those that the model was built for.
        """
        sizes = self.model.get_layer("token_embedding").input_dim, self.model.output_shape[-1]
        received = len(tokenizer.vocabulary), len(outputs)
        if sizes != received:
            raise UserError(
                f"Expected a vocabulary of {sizes[0]} ids and {sizes[1]} {kind}, as the model has. "
                f"Received: {received[0]} and {received[1]}"
            )
        if max_length is not None:
            check_integer("max_length", max_length)
        self.tokenizer, self.max_length = tokenizer, max_length

    def set_labels(
        self, tokenizer: Tokenizer, max_length: int | None, labels: Sequence[str]
    ) -> None:
        """Sets how texts are read, and the names of labels, which are distinct.

        Args:
            tokenizer: The tokenizer.
            max_length: Maximum number of tokens.
            labels: Their names, in the order of the model's outputs.

        Raises:
            ValueError: Where their numbers are not those that the model was built for.
        """
        labels = check_texts("labels", labels, "labels")
        self.set_texts(tokenizer, max_length, labels, "labels")
        self.labels = distinct_labels(labels)

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return text_inputs(source.data, "text", **source.form)

    def attended(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the `tokens` and the `attention` of one text, `None` without attention pooling.

        Args:
            row: The outputs of the signature for the text.
        """
        if "tokens" not in row:
            return {"tokens": None, "attention": None}
        tokens = [token.decode("utf-8") for token in row["tokens"] if token]
        return {"tokens": tokens, "attention": row["attention"][: len(tokens)]}

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        self.tokenizer.save(folder)
        return {"max_length": self.max_length}
