"""Two raw texts in, a label out: the functions that predict in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.export.signatures import Signatures
from kerasrnn.tasks.classify.signatures import class_outputs
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor

__all__ = ["ComparisonSignatures"]


class ComparisonSignatures(Signatures):
    """Tokenises two texts, compares them and names the class, all of it in one graph.

    Args:
        model: What `siamese` returned, with one output for each label.
        tokenizer: Tokenizer of all texts.
        labels: Names of the C classes.
        max_length: Maximum number of tokens of a text; the first ones stay.
        decision: As that of `ClassificationSignatures`.

    Attributes:
        functions: By name `tf.function`s to a dictionary:
            `serving_default` from `first` and `second` `(B,)` string to
            `label` `(B,)` string, the most likely class, or the one by the threshold;
            `probability` `(B,)` float32, that of the label;
            `labels` `(B, C)` string, the names of all classes, the same in each row;
            `probabilities` `(B, C)` float32.
            `encode` from `text` `(B,)` string to `vector` `(B, D)` float32, what the encoder, which
            both texts share, makes of a single text.
    """

    inputs = tuple(tf.TensorSpec((None,), tf.string, name=side) for side in ("first", "second"))
    vector_inputs = (tf.TensorSpec((None,), tf.string, name="text"),)

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        max_length: int | None = None,
        decision: tuple[int, float] | None = None,
    ):
        self.models, self.tracked = [model], [tokenizer]
        self._tokenizer, self._max_length = tokenizer, max_length
        self._names, self._decision = list(labels), decision
        self._vector = views.vector(model)

    def serve(self, first: Tensor, second: Tensor) -> dict[str, Tensor]:
        tokens = {"first": self._ids(first), "second": self._ids(second)}
        logits = self.models[0](tokens, training=False)
        return class_outputs(logits, self._names, self._decision)

    def vector(self, text: Tensor) -> Tensor:
        return self._vector(self._ids(text), training=False)

    def _ids(self, text):
        return self._tokenizer.pad(self._tokenizer.encode(text)[:, : self._max_length])
