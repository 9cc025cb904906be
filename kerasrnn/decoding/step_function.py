"""The contract between a model and everything that decodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["step_function"]

CONSTANTS = ("memory", "memory_mask")


def step_function(step_view, encoded: Mapping) -> tuple[Callable, dict]:
    """Splits what an encoder gave into what stays and what each step changes.

    Args:
        step_view: What `views.step` returned.
        encoded: What `views.encode` gave for a batch of sources.

    Returns:
        A function `step(tokens, states) -> logits, states`, with `tokens` `(B,)` int32, `logits`
        `(B, V)` and `states` a dictionary of `(B, U)` tensors; and the first states.
    """
    constants = {name: encoded[name] for name in CONSTANTS if name in encoded}
    first_states = {name: value for name, value in encoded.items() if name not in constants}

    def step(tokens, states):
        outputs = step_view({"tokens": tokens, **constants, **states}, training=False)
        return outputs["logits"], {name: outputs[name] for name in states}

    return step, first_states
