"""Raw inputs in batches of like lengths, answers in the order of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kerasrnn.checks import UserError, check_integer, check_list

__all__ = ["checked_column", "run_in_batches"]


def run_in_batches(
    serve: Callable, inputs: Sequence, lengths: Sequence[int], batch_size: int
) -> dict[str, list]:
    """Runs a served function over any number of inputs.

    Args:
        serve: From a list of inputs to a dictionary of tensors `(B, …)`.
        inputs: The inputs.
        lengths: What to sort them by, so that padding is short.
        batch_size: Inputs in a batch.

    Returns:
        By output name a list of one array for each input, in their order; `{}` for no input.
    """
    check_integer("batch_size", batch_size)
    order = sorted(range(len(inputs)), key=lambda i: lengths[i])
    outputs: dict[str, list] = {}
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        for name, values in serve([inputs[i] for i in chosen]).items():
            rows = outputs.setdefault(name, [None] * len(inputs))
            for i, row in zip(chosen, values.numpy(), strict=True):
                rows[i] = row
    return outputs


def checked_column(name: str, values: Any, number: int) -> list:
    """Checks a further input of a signature, which has a value for each row."""
    values = check_list(name, values, "values, one for each input")
    if len(values) != number:
        raise UserError(
            f"Expected `{name}` to have a value for each of {number} inputs. "
            f"Received: {len(values)}"
        )
    return values
