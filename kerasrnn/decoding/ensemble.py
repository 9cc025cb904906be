"""Ensembles: several models that decode together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.decoding.step_function import Step
from kerasrnn.typing import Tensor

__all__ = ["ensemble"]


def ensemble(
    members: Sequence[tuple[Step, Mapping[str, Tensor]]],
) -> tuple[Step, dict[str, Tensor]]:
    """Joins step functions into one that averages their probabilities.

    Args:
        members: The pairs that `step_function` gave for each model: a step function, and its first
            states. All models have the same vocabulary.

    Returns:
        A step function of all, whose `logits` are the logarithms of the mean probabilities, and
        the first states of all.

    Raises:
        ValueError: For no members; in the first step, for vocabularies of different sizes.
    """
    if not members:
        raise UserError("Expected at least one model. Received: none")
    steps = [step for step, _ in members]
    first_states = {
        f"model_{i}_{name}": value
        for i, (_, states) in enumerate(members)
        for name, value in states.items()
    }

    def step(tokens, states):
        log_probs, new_states = [], {}
        for i, member in enumerate(steps):
            prefix = f"model_{i}_"
            own = {k.removeprefix(prefix): v for k, v in states.items() if k.startswith(prefix)}
            logits, own = member(tokens, own)
            log_probs.append(ops.log_softmax(ops.cast(logits, "float32"), axis=-1))
            new_states |= {f"{prefix}{name}": value for name, value in own.items()}
        sizes = [each.shape[-1] for each in log_probs]
        if len(set(sizes)) > 1:
            raise UserError(f"Expected models of the same vocabulary. Received: sizes {sizes}")
        mean = ops.logsumexp(ops.stack(log_probs), axis=0) - np.log(len(steps))
        return mean, new_states

    return step, first_states
