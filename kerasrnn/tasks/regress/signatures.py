"""Raw text in, numbers out: the function that predicts in Python and in the SavedModel."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from kerasrnn.export.decimals import known_decimals, rounded
from kerasrnn.export.pooled_text import PooledTextSignatures
from kerasrnn.metrics import TargetScale
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor

__all__ = ["RegressionSignatures", "number_outputs"]


class RegressionSignatures(PooledTextSignatures):
    """Tokenises, predicts, and puts the numbers into their units, all of it in one graph.

    Args:
        model: What `many_to_one` returned for token ids, with one output for each target.
        tokenizer: Tokenizer of the texts.
        scale: That of the training.
        max_length: Maximum number of tokens of a text; the first ones stay.

    Attributes:
        functions: By name `tf.function`s from `text` `(B,)` string to a dictionary:
            `serving_default` to
            `numbers` `(B, K)` float64, in the units of the targets, with the decimals that the
            model can know;
            `targets` `(B, K)` string, their names, the same in each row;
            and, with attention pooling only, `tokens`, `attention` and `length` as those of
            `ClassificationSignatures`.
            `encode` to `vector` `(B, U)` float32, what the output layer reads.
    """

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        scale: TargetScale,
        max_length: int | None = None,
    ):
        super().__init__(model, tokenizer, max_length)
        self._scale = scale

    def answer(self, outputs: Tensor) -> dict[str, Any]:
        return number_outputs(outputs, self._scale)


def number_outputs(outputs: Tensor, scale: TargetScale) -> dict[str, Any]:
    """Puts the outputs of a model into the units of its targets.

    Args:
        outputs: `(B, K)` float32, standardised numbers.
        scale: That of the training.

    Returns:
        The first two outputs of `RegressionSignatures`.
    """
    numbers = scale.unscale(tf.cast(outputs, tf.float64))
    names = tf.broadcast_to(tf.constant(scale.targets), tf.shape(numbers))
    decimals = [known_decimals(each) for each in scale.deviation]
    return {"numbers": rounded(numbers, decimals), "targets": names}
