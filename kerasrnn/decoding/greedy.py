"""Decoding one token after another, the most likely one each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keras import ops

from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

__all__ = ["decode", "greedy"]

# Low enough for no token to win with it, high enough for float16.
BANNED = -6e4


def greedy(logits, step):
    """Draws the most likely token of each row: `(B, V)` float to `(B,)` int32 ids."""
    return ops.cast(ops.argmax(logits, axis=-1), "int32")


def decode(
    step: Callable,
    states: Mapping,
    *,
    max_length,
    draw: Callable = greedy,
    banned: tuple[int, ...] = (PADDING, UNKNOWN, BEGIN),
    first=None,
) -> dict:
    """Decodes a batch until each row has drawn the end token, or `max_length` is reached.

    The loop is `keras.ops.while_loop`: under `tf.function` it is part of the graph, compiled once
    for all batch sizes and lengths.

    Args:
        step: `step(tokens, states) -> logits, states`, see `step_function`.
        states: The first states, a dictionary of `(B, …)` tensors.
        max_length: The greatest number of tokens of a row, end included: an int or a scalar.
        draw: `draw(logits, step) -> ids`, from `(B, V)` to `(B,)` int32; gets the banned tokens'
            logits lowered.
        banned: Ids that are never drawn.
        first: `(B,)` int32, the ids before the first drawn ones; the begin id by default.

    Returns:
        A dictionary of `ids` `(B, T)` int32, the end token included, 0 after it; `log_prob`
        `(B,)` float32, the natural logarithm of the probability that the model gives to these
        ids; `lengths` `(B,)` int32, the end token counted.
    """
    states = dict(states)
    names = sorted(states)
    batch_zeros = ops.cast(states[names[0]][:, 0] * 0, "int32")
    positions = ops.expand_dims(ops.arange(max_length, dtype="int32"), 0)
    ids = ops.expand_dims(batch_zeros, 1) + positions * 0

    def unfinished(t, tokens, finished, ids, log_prob, *states):
        # The first step is always taken: an empty batch has nothing unfinished in it.
        waiting = ops.logical_or(t < 1, ops.logical_not(ops.all(finished)))
        return ops.logical_and(t < max_length, waiting)

    def next_token(t, tokens, finished, ids, log_prob, *states):
        logits, new_states = step(tokens, dict(zip(names, states, strict=True)))
        logits = ops.cast(logits, "float32")
        tokens = ops.where(finished, PADDING, draw(logits + _penalty(logits, banned), t))
        gain = ops.take_along_axis(
            ops.log_softmax(logits, axis=-1), ops.expand_dims(tokens, -1), axis=-1
        )
        log_prob = log_prob + ops.where(finished, 0.0, ops.squeeze(gain, -1))
        # A write by selection is a core operation on every backend and in every export.
        ids = ops.where(positions == t, ops.expand_dims(tokens, 1), ids)
        finished = ops.logical_or(finished, tokens == END)
        return t + 1, tokens, finished, ids, log_prob, *(new_states[name] for name in names)

    t, _, _, ids, log_prob, *_ = ops.while_loop(
        unfinished,
        next_token,
        (
            ops.convert_to_tensor(0, dtype="int32"),
            batch_zeros + BEGIN if first is None else first,
            batch_zeros > 0,
            ids,
            ops.cast(batch_zeros, "float32"),
            *(states[name] for name in names),
        ),
    )
    ids = ids[:, :t]
    lengths = ops.sum(ops.cast(ids != PADDING, "int32"), axis=-1)
    return {"ids": ids, "log_prob": log_prob, "lengths": lengths}


def _penalty(logits, banned: tuple[int, ...]):
    """`(V,)`: a big negative number for each banned id, 0 for all others."""
    ids = ops.arange(logits.shape[-1], dtype="int32")
    hits = [ops.cast(ids == i, "float32") for i in banned]
    return BANNED * sum(hits[1:], hits[0]) if hits else 0.0
