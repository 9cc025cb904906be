"""Training one head over texts: the tokenizer that is learned, and the model that it is for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import keras

from kerasrnn.datasets import Examples
from kerasrnn.models import many_to_one
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.pretrained.starting_vectors import starting_embedding
from kerasrnn.text import Tokenizer

__all__ = ["TextJob"]

SHOWN, LONGEST = 3, 60
MOST_WORDS = 20_000


class TextJob(Job):
    """A `Job` whose inputs are texts of one tokenizer.

    Attributes:
        factory: Makes the model, for a number of ids and a number of outputs.
    """

    options: Any
    factory: Callable[..., keras.Model] = staticmethod(many_to_one)

    def tokenizer_of(self, texts: Iterable[Any]) -> Tokenizer:
        """Learns the tokenizer.

        Args:
            texts: Those of the training split, in batches.
        """
        if self.options.level in ("word", "whitespace"):
            # More of them cost time and tell little.
            self.choose({"max_vocabulary_size": MOST_WORDS}, "for words")
        lowercase = self.options.lowercase
        return Tokenizer.train(texts, lowercase=lowercase, **self.options.tokenizer_options())

    def model_of(self, examples: Examples, tokenizer: Tokenizer, outputs: int) -> keras.Model:
        """Builds the model, of sizes that follow the data where they were left out.

        Args:
            examples: The encoded training examples.
            tokenizer: The tokenizer.
            outputs: The number of outputs.
        """
        size = len(tokenizer.vocabulary)
        self.follow_examples(examples, size)
        embedding = starting_embedding(self.options, tokenizer.vocabulary)
        return self.new_model(size, outputs, embedding)

    def new_model(self, size: int, outputs: int, embedding: Any = None) -> keras.Model:
        """Builds a model by the options.

        Args:
            size: The number of ids.
            outputs: The number of outputs.
            embedding: Token vectors; by default their size is that of the options.
        """
        given = {**self.options.model_options(), "embedding": embedding or self.options.embedding}
        return self.factory(size, outputs, **given)

    def short(self, rows: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        """Returns the first short texts with what is right for each.

        Args:
            rows: Texts, and what is right.
        """
        return dict(itertools.islice((r for r in rows if 0 < len(r[0]) <= LONGEST), SHOWN))
