"""Raw text in, one answer out: what the signatures of all `many_to_one`s of texts share."""

from __future__ import annotations

import abc
from typing import Any

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.export.answers import token_counts
from kerasrnn.export.signatures import Signatures
from kerasrnn.layers import AttentionPooling
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor

__all__ = ["PooledTextSignatures"]


class PooledTextSignatures(Signatures):
    """Tokenises, runs the model, and says which tokens it attends to, all of it in one graph.

    Args:
        model: What `many_to_one` returned for token ids.
        tokenizer: Tokenizer of the texts.
        max_length: Maximum number of tokens of a text; the first ones stay.

    Attributes:
        functions: By name `tf.function`s from `text` `(B,)` string to a dictionary:
            `serving_default` to what `answer` gives, and, with attention pooling only, `tokens`
            `(B, T)` string, `""` behind the end, `attention` `(B, T)` float32, the weight of each
            token, and `length` `(B,)` int32, in tokens;
            `encode` to `vector` `(B, U)` float32, what the output layer reads.
    """

    inputs = (tf.TensorSpec((None,), tf.string, name="text"),)

    def __init__(self, model: keras.Model, tokenizer: Tokenizer, max_length: int | None = None):
        self.models, self.tracked = [model], [tokenizer]
        self._tokenizer, self._max_length = tokenizer, max_length
        attends = any(isinstance(layer, AttentionPooling) for layer in model.layers)
        self._attention = views.attention_scores(model) if attends else None
        self._vector = views.vector(model)
        lengths = {"tokens": ["length"], "attention": ["length"]}
        self.lengths = {"serving_default": lengths if attends else {}}

    @abc.abstractmethod
    def answer(self, outputs: Tensor) -> dict[str, Any]:
        """Turns the outputs of the model `(B, C)` into those of the signature."""

    def serve(self, text: Tensor) -> dict[str, Tensor]:
        tokens = self._ids(text)
        outputs = self.answer(self.models[0](tokens, training=False))
        if self._attention is not None:
            found = self._tokenizer.split(text)[:, : self._max_length].to_tensor("")
            # An empty text has an unknown token for the model, and none to show.
            missing = tf.cast(tf.shape(found)[1] == 0, tf.int32)
            outputs["tokens"] = tf.pad(found, [[0, 0], [0, missing]])
            outputs["attention"] = self._attention(tokens, training=False)
            outputs["length"] = token_counts(tokens)
        return outputs

    def vector(self, text: Tensor) -> Tensor:
        return self._vector(self._ids(text), training=False)

    def _ids(self, text):
        return self._tokenizer.pad(self._tokenizer.encode(text)[:, : self._max_length])
