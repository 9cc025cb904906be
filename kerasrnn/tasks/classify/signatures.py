"""Raw text in, a label out: the function that predicts in Python and in the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.export.answers import token_counts
from kerasrnn.export.signatures import Signatures
from kerasrnn.layers import AttentionPooling
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor

__all__ = ["ClassificationSignatures", "class_outputs"]


class ClassificationSignatures(Signatures):
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

    inputs = (tf.TensorSpec((None,), tf.string, name="text"),)

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
        attends = any(isinstance(layer, AttentionPooling) for layer in model.layers)
        self._attention = views.attention_scores(model) if attends else None
        self._vector = views.vector(model)
        lengths = {"tokens": ["length"], "attention": ["length"]}
        self.lengths = {"serving_default": lengths if attends else {}}

    def serve(self, text: Tensor) -> dict[str, Tensor]:
        tokens = self._ids(text)
        logits = self.models[0](tokens, training=False)
        outputs = class_outputs(logits, self._names, self._decision)
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
