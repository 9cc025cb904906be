"""Decoding token by token: the most likely one, or one that is sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from keras import ops

from kerasrnn.decoding.constraints import Constraint, ban, forbid
from kerasrnn.decoding.step_function import Step
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

__all__ = ["Draw", "decode", "greedy"]

# `(logits, t) -> ids`, from `(B, V)` to `(B,)` int32.
Draw: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def greedy(logits: Tensor, step: int | Tensor) -> Tensor:
    """Draws the most likely token of each row: `(B, V)` float to `(B,)` int32 ids."""
    return ops.cast(ops.argmax(logits, axis=-1), "int32")


def decode(
    step: Step,
    states: Mapping[str, Tensor],
    *,
    max_length: int | Tensor,
    draw: Draw = greedy,
    banned: tuple[int, ...] = (PADDING, UNKNOWN, BEGIN),
    constraints: Sequence[Constraint] = (),
    first: Tensor | None = None,
) -> dict[str, Tensor]:
    """Decodes a batch until each row has drawn the end token, or `max_length` is reached.

    The loop is `keras.ops.while_loop`: under `tf.function` it is part of the graph, compiled once
    for all batch sizes and lengths.

    Args:
        step: `step(tokens, states) -> logits, states`, see `step_function`.
        states: The first states, a dictionary of `(B, …)` tensors.
        max_length: Maximum number of tokens of a row, end included: an int, a scalar, or
            one for each row, `(B,)`.
        draw: `draw(logits, step) -> ids`, from `(B, V)` to `(B,)` int32; forbidden tokens' logits
            are lowered before.
        banned: Ids that are never drawn, but by a constraint that forces them.
        constraints: What else may not be drawn, such as `min_length(3)` or `no_repeat_ngram(2)`.
        first: `(B,)` int32, the ids before the first drawn ones; the begin id by default.

    Returns:
        A dictionary of `ids` `(B, T)` int32, the end token included, 0 after it; `log_prob`
        `(B,)` float32, the natural logarithm of the probability that the model gives to these
        ids, with nothing forbidden; `lengths` `(B,)` int32, the end token counted.
    """
    states = dict(states)
    names = sorted(states)
    constraints = (ban(*banned), *constraints)
    batch_zeros = ops.cast(states[names[0]][:, 0] * 0, "int32")
    max_length = ops.cast(max_length, "int32")
    # 0 of no rows, and not as `initial`, which Keras puts on the CPU where PyTorch has a GPU.
    limits = [ops.reshape(max_length, (-1,)), ops.zeros((1,), "int32")]
    longest = ops.max(ops.concatenate(limits))
    positions = ops.expand_dims(ops.arange(longest, dtype="int32"), 0)
    ids = ops.expand_dims(batch_zeros, 1) + positions * 0

    def unfinished(t, tokens, finished, ids, log_prob, *states):
        # The first step is always taken: an empty batch has nothing unfinished in it.
        waiting = ops.logical_or(t < 1, ops.logical_not(ops.all(finished)))
        return ops.logical_and(t < longest, waiting)

    def next_token(t, tokens, finished, ids, log_prob, *states):
        logits, new_states = step(tokens, dict(zip(names, states, strict=True)))
        logits = ops.cast(logits, "float32")
        tokens = draw(forbid(logits, constraints, ids, t), t)
        tokens = ops.where(finished, PADDING, tokens)
        gain = ops.take_along_axis(
            ops.log_softmax(logits, axis=-1), ops.expand_dims(tokens, -1), axis=-1
        )
        log_prob = log_prob + ops.where(finished, 0.0, ops.squeeze(gain, -1))
        # A write by selection is a core operation on every backend and in every export.
        ids = ops.where(positions == t, ops.expand_dims(tokens, 1), ids)
        over = ops.logical_or(tokens == END, t + 1 >= max_length)
        finished = ops.logical_or(finished, over)
        return t + 1, tokens, finished, ids, log_prob, *(new_states[name] for name in names)

    t, _, _, ids, log_prob, *_ = ops.while_loop(
        unfinished,
        next_token,
        (
            ops.convert_to_tensor(0, dtype="int32"),
            batch_zeros + BEGIN if first is None else first,
            batch_zeros >= max_length,
            ids,
            ops.cast(batch_zeros, "float32"),
            *(states[name] for name in names),
        ),
    )
    ids = ids[:, :t]
    lengths = ops.sum(ops.cast(ids != PADDING, "int32"), axis=-1)
    return {"ids": ids, "log_prob": log_prob, "lengths": lengths}
