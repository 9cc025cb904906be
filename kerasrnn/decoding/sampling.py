"""Sampling tokens: temperature, the k most likely, the nucleus."""

from __future__ import annotations

from keras import ops

from kerasrnn.decoding.greedy import Draw
from kerasrnn.layers.empty_batches import greatest
from kerasrnn.typing import Tensor

__all__ = ["sampling"]


def sampling(
    uniforms: Tensor,
    temperature: float | Tensor = 1.0,
    top_k: int | Tensor = 0,
    top_p: float | Tensor = 1.0,
) -> Draw:
    """Makes a `draw` that samples from the most likely tokens.

    The logits are divided by the temperature first, then the `top_k` most likely tokens are kept,
    of these the fewest whose probability reaches `top_p` (the nucleus of Holtzman et al. 2020), and
    one of them is drawn with its probability among them. Each draw is that of one uniform number
    through the cumulative distribution. So a row depends on its own numbers alone, not on what
    else is in the batch.

    Args:
        uniforms: `(B, T)` float32 from 0 to below 1: the chance of each row and step, T the
            greatest number of tokens. `keras.random.uniform((B, T), seed=1)` makes it, or in an
            export TensorFlow's stateless generator, which takes a seed that is an input.
        temperature: Above 1 for more random tokens, below 1 for likelier ones, 0 for the most
            likely one; a number, or one for each row, `(B,)`.
        top_k: How many of the most likely tokens may be drawn, 0 for all; a number, or `(B,)`.
        top_p: The probability that the tokens have together that may be drawn, above 0; at least
            the most likely one may. A number, or `(B,)`.

    Returns:
        A function `draw(logits, t) -> ids` from `(B, V)` float32 to `(B,)` int32.

    Example:

    >>> draw = sampling(keras.random.uniform((2, 3), seed=1), temperature=0.7, top_k=1)
    >>> draw(keras.ops.array([[0.0, 5.0, 1.0], [2.0, 1.0, 0.0]]), 0).numpy().tolist()
    [1, 0]
    """

    def draw(logits, t):
        heat = _column(temperature, "float32")
        most_likely = greatest(logits, axis=-1, keepdims=True)
        scaled = (logits - most_likely) / ops.maximum(heat, 1e-6)
        # Stable, so that of equally likely tokens the first comes first, as in greedy search.
        order = ops.argsort(-scaled, axis=-1)
        shares = ops.softmax(ops.take_along_axis(scaled, order, axis=-1), axis=-1)
        ranks = ops.expand_dims(ops.arange(logits.shape[-1], dtype="int32"), 0)
        k = _column(top_k, "int32")
        kept = ops.logical_or(k <= 0, ranks < k)
        kept = ops.logical_and(kept, ops.logical_or(heat > 0, ranks < 1))
        shares = ops.where(kept, shares, 0.0)
        before = ops.cumsum(shares, axis=-1) - shares
        share = _column(top_p, "float32") * ops.sum(shares, axis=-1, keepdims=True)
        shares = ops.where(ops.logical_or(before < share, ranks < 1), shares, 0.0)
        chance = ops.expand_dims(ops.take(uniforms, t, axis=1), 1)
        chance = chance * ops.sum(shares, axis=-1, keepdims=True)
        rank = ops.sum(ops.cast(ops.cumsum(shares, axis=-1) <= chance, "int32"), axis=-1)
        # Rounding may leave the sum a little short of the chance.
        last = ops.sum(ops.cast(shares > 0, "int32"), axis=-1) - 1
        rank = ops.expand_dims(ops.minimum(rank, last), 1)
        return ops.cast(ops.squeeze(ops.take_along_axis(order, rank, axis=-1), -1), "int32")

    return draw


def _column(value, dtype):
    """A number as `(1, 1)`, or one a row as `(B, 1)`."""
    return ops.reshape(ops.cast(value, dtype), (-1, 1))
