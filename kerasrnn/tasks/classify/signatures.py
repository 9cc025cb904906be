"""Raw text in, a label out: the function that predicts in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from kerasrnn.export.pooled_text import PooledTextSignatures
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor

__all__ = ["ClassificationSignatures", "class_outputs"]


class ClassificationSignatures(PooledTextSignatures):
    """Tokenises, classifies and names the class, all of it in one graph.

    Args:
        model: What `many_to_one` returned for token ids, with one output for each label.
        tokenizer: Tokenizer of the texts.
        labels: Names of the C classes.
        max_length: Maximum number of tokens of a text; the first ones stay.
        decision: Of two labels the place of the positive one, and the probability from which on it
            is the answer; the most likely label by default.

    Attributes:
        functions: By name `tf.function`s from `text` `(B,)` string to a dictionary:
            `serving_default` to
            `label` `(B,)` string, the most likely class, or the one by the threshold;
            `probability` `(B,)` float32, that of the label;
            `labels` `(B, C)` string, the names of all classes, the same in each row;
            `probabilities` `(B, C)` float32;
            and, with attention pooling only, `tokens` `(B, T)` string, `""` behind the end, and
            `attention` `(B, T)` float32, the weight of each token, and `length` `(B,)` int32, in
            tokens.
            `encode` to `vector` `(B, U)` float32, what the output layer reads.
    """

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        max_length: int | None = None,
        decision: tuple[int, float] | None = None,
    ):
        super().__init__(model, tokenizer, max_length)
        self._names, self._decision = list(labels), decision

    def answer(self, outputs: Tensor) -> dict[str, Any]:
        return class_outputs(outputs, self._names, self._decision)


def class_outputs(
    logits: Tensor, names: Sequence[str], decision: tuple[int, float] | None = None
) -> dict[str, Any]:
    """Names the most likely class of each row, or the one by a threshold.

    Args:
        logits: `(B, C)` float32.
        names: Names of the C classes.
        decision: See `ClassificationSignatures`.

    Returns:
        The first four outputs of `ClassificationSignatures`.
    """
    probabilities = tf.nn.softmax(logits)
    if decision is None:
        chosen = tf.argmax(probabilities, axis=-1)
        probability = tf.reduce_max(probabilities, axis=-1)
    else:
        place, threshold = decision
        chosen = tf.where(probabilities[:, place] >= threshold, place, 1 - place)
        probability = tf.gather(probabilities, chosen, axis=1, batch_dims=1)
    return {
        "label": tf.gather(tf.constant(names), chosen),
        "probability": probability,
        "labels": tf.broadcast_to(tf.constant(names), tf.shape(probabilities)),
        "probabilities": probabilities,
    }
