"""The contract between a model and everything that decodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.typing import Tensor

__all__ = ["Step", "repeat_rows", "step_function"]

# `(tokens, states) -> logits, states`, see `step_function`.
Step: TypeAlias = Callable[[Tensor, Mapping[str, Tensor]], tuple[Tensor, dict[str, Tensor]]]

CONSTANTS = ("memory", "memory_mask")


def step_function(
    step_view: keras.Model,
    encoded: Mapping[str, Tensor],
    *,
    copies: int = 1,
    coverage: bool = False,
) -> tuple[Step, dict[str, Tensor]]:
    """Splits what an encoder gave into what stays and what each step changes.

    Args:
        step_view: What `views.step` returned.
        encoded: What `views.encode` gave for a batch of sources, or `views.initial_states`.
        copies: How many rows each source gets, side by side: as many as a beam is wide.
        coverage: Whether the states also sum up the attention that each place of the source got,
            as `coverage`, for the coverage penalty of a beam search. It begins with 0, and with 1
            for padding, which nothing has to cover.

    Returns:
        A function `step(tokens, states) -> logits, states`, with `tokens` `(B,)` int32, `logits`
        `(B, V)` and `states` a dictionary of `(B, U)` tensors; and the first states.

    Raises:
        ValueError: For `coverage` where nothing is attended to.
    """
    if copies > 1:
        encoded = {name: repeat_rows(value, copies) for name, value in encoded.items()}
    constants = {name: encoded[name] for name in CONSTANTS if name in encoded}
    first_states = {name: value for name, value in encoded.items() if name not in constants}
    if coverage:
        if "memory_mask" not in constants:
            raise UserError("Expected a model with attention for `coverage`. Received: without")
        uncovered = ops.logical_not(constants["memory_mask"])
        first_states["coverage"] = ops.cast(uncovered, "float32")

    def step(tokens, states):
        inputs = {name: value for name, value in states.items() if name != "coverage"}
        outputs = step_view({"tokens": tokens, **constants, **inputs}, training=False)
        new_states = {name: outputs[name] for name in inputs}
        if coverage:
            attended = ops.cast(outputs["attention_scores"], "float32")
            new_states["coverage"] = states["coverage"] + attended
        return outputs["logits"], new_states

    return step, first_states


def repeat_rows(values: Tensor, copies: int) -> Tensor:
    """Puts copies of each row of `(B, …)` side by side: `(B × copies, …)`."""
    shape = ops.shape(values)
    wide = ops.broadcast_to(
        ops.expand_dims(values, 1), (shape[0], copies, *(shape[i] for i in range(1, len(shape))))
    )
    return ops.reshape(wide, (-1, *(shape[i] for i in range(1, len(shape)))))
