"""Constraints: banned tokens, no repeated n-grams, a minimum length, a given prefix.

A constraint is a function `(forbidden, ids, t) -> forbidden`: of what is forbidden so far, `(R, V)`
bool, the ids that are drawn already, `(R, T)` int32 with 0 from place `t` on, and the number `t` of
the step, a scalar. Constraints are applied in their order; a later one has the last word.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TypeAlias

from keras import ops

from kerasrnn.checks import check_integer
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import END

__all__ = [
    "FORBIDDEN",
    "Constraint",
    "ban",
    "forbid",
    "force_prefix",
    "min_length",
    "no_repeat_ngram",
]

# `(forbidden, ids, t) -> forbidden`, see above.
Constraint: TypeAlias = Callable[[Tensor, Tensor, Tensor], Tensor]

# A logit, or the score of a hypothesis, that cannot win and is still a number that JSON can hold.
FORBIDDEN = -1e9


def ban(*ids: int) -> Constraint:
    """Forbids tokens at every step.

    Args:
        *ids: The ids.

    Example:

    >>> nothing = keras.ops.zeros((1, 7), "bool")
    >>> ban(0, 2)(nothing, keras.ops.zeros((1, 3), "int32"), 0)[0].numpy().nonzero()[0].tolist()
    [0, 2]
    """

    def constraint(forbidden, drawn, t):
        # The hits are constants: behind each other there is one operation left in each step.
        hits = [_tokens(forbidden) == i for i in ids]
        return (
            ops.logical_or(forbidden, functools.reduce(ops.logical_or, hits)) if hits else forbidden
        )

    return constraint


def min_length(length: int | Tensor) -> Constraint:
    """Forbids the end token until a number of other tokens is drawn.

    Args:
        length: The number: an int, a scalar tensor, or one for each row, `(R,)`.
    """

    def constraint(forbidden, drawn, t):
        early = ops.reshape(t < length, (-1, 1))
        return ops.logical_or(forbidden, ops.logical_and(early, _tokens(forbidden) == END))

    return constraint


def no_repeat_ngram(size: int) -> Constraint:
    """Forbids tokens that would repeat an n-gram.

    Args:
        size: n, 1 or more; 1 forbids every repetition of a token.

    Raises:
        ValueError: For a size below 1.
    """
    check_integer("size", size)

    def constraint(forbidden, drawn, t):
        width = ops.shape(drawn)[1]
        places = ops.arange(width, dtype="int32")
        # Row by row: does the n-gram that ends at a place begin with the last n - 1 tokens?
        repeats = ops.logical_and(places >= size - 1, places < t)
        repeats = ops.broadcast_to(ops.expand_dims(repeats, 0), ops.shape(drawn))
        for back in range(1, size):
            last = ops.take(drawn, ops.maximum(t - back, 0), axis=1)
            before = ops.take(drawn, ops.maximum(places - back, 0), axis=1)
            repeats = ops.logical_and(repeats, before == ops.expand_dims(last, 1))
        # Not enough tokens are drawn yet for their last n - 1 to be any.
        repeats = ops.logical_and(repeats, t >= size - 1)
        rows = ops.expand_dims(ops.arange(ops.shape(drawn)[0], dtype="int32"), 1)
        places = ops.stack([ops.broadcast_to(rows, ops.shape(drawn)), drawn], axis=-1)
        counts = ops.scatter(
            ops.reshape(places, (-1, 2)),
            ops.reshape(ops.cast(repeats, "int32"), (-1,)),
            ops.shape(forbidden),
        )
        return ops.logical_or(forbidden, counts > 0)

    return constraint


def force_prefix(prefix: Tensor) -> Constraint:
    """Lets a row begin with given tokens and no others, whatever else is forbidden.

    Args:
        prefix: `(R, P)` int32 ids, 0 behind the end of a shorter one.
    """

    def constraint(forbidden, drawn, t):
        places = ops.arange(ops.shape(prefix)[1], dtype="int32")
        wanted = ops.sum(prefix * ops.cast(places == t, "int32"), axis=1)  # 0 behind the prefix
        wanted = ops.expand_dims(wanted, 1)
        return ops.where(wanted == 0, forbidden, _tokens(forbidden) != wanted)

    return constraint


def forbid(logits: Tensor, constraints: Sequence[Constraint], ids: Tensor, t: Tensor) -> Tensor:
    """Lowers the logits of what is forbidden.

    Args:
        logits: `(R, V)` float32.
        constraints: Constraints, the last word last.
        ids: `(R, T)` int32, the ids drawn so far, 0 from place `t` on.
        t: Number of the step, a scalar int32 tensor.

    Returns:
        `(R, V)` float32, with `FORBIDDEN` in place of what is forbidden.
    """
    forbidden = ops.zeros_like(logits, dtype="bool")
    for constraint in constraints:
        forbidden = constraint(forbidden, ids, t)
    return ops.where(forbidden, FORBIDDEN, logits)


def _tokens(forbidden):
    """`(1, V)` int32: the ids."""
    return ops.expand_dims(ops.arange(forbidden.shape[-1], dtype="int32"), 0)
