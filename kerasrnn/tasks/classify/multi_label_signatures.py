"""Raw text in, all labels out that reach their thresholds, in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from kerasrnn.export.pooled_text import PooledTextSignatures
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor

__all__ = ["MultiLabelSignatures"]


class MultiLabelSignatures(PooledTextSignatures):
    """Tokenises and names the labels that a text has, all of it in one graph.

    Args:
        model: What `many_to_one` returned for token ids, with one output for each label.
        tokenizer: Tokenizer of the texts.
        labels: Names of the L labels.
        thresholds: The probability from which on each of them is answered.
        max_length: Maximum number of tokens of a text; the first ones stay.

    Attributes:
        functions: By name `tf.function`s from `text` `(B,)` string to a dictionary:
            `serving_default` to
            `chosen` `(B, K)` string, the labels whose probabilities reach their thresholds, in the
            order of `labels`, `""` behind the last one;
            `number` `(B,)` int32, how many they are;
            `labels` `(B, L)` string, the names of all labels, the same in each row;
            `probabilities` `(B, L)` float32, each by itself: they do not sum up to 1;
            `thresholds` `(B, L)` float32, the same in each row;
            and, with attention pooling only, `tokens`, `attention` and `length` as those of
            `ClassificationSignatures`.
            `encode` to `vector` `(B, U)` float32, what the output layer reads.
    """

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        thresholds: Sequence[float],
        max_length: int | None = None,
    ):
        super().__init__(model, tokenizer, max_length)
        self._names, self._thresholds = list(labels), list(thresholds)
        own = {**self.lengths["serving_default"], "chosen": ["number"]}
        self.lengths = {"serving_default": own}

    def answer(self, outputs: Tensor) -> dict[str, Any]:
        probabilities = tf.nn.sigmoid(outputs)
        shape = tf.shape(probabilities)
        labels = tf.broadcast_to(tf.constant(self._names), shape)
        thresholds = tf.broadcast_to(tf.constant(self._thresholds, tf.float32), shape)
        reached = probabilities >= thresholds
        return {
            "chosen": tf.ragged.boolean_mask(labels, reached).to_tensor(""),
            "number": tf.reduce_sum(tf.cast(reached, tf.int32), axis=1),
            "labels": labels,
            "probabilities": probabilities,
            "thresholds": thresholds,
        }
