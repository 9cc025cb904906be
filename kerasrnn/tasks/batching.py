"""Raw inputs in batches of like lengths, answers in the order of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError, check_integer, check_list

__all__ = ["checked_column", "run_in_batches", "without_padding"]


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


def without_padding(
    outputs: dict[str, list], lengths: Mapping[str, Sequence[str | None]]
) -> dict[str, list]:
    """Cuts off what only fills batches up.

    Args:
        outputs: What `run_in_batches` returned.
        lengths: By output, for the axes of its rows, which other output holds how long each is;
            `None` for an axis of one size. See `export.Signatures`.

    Returns:
        The outputs, by name.

    Example:

    >>> import numpy as np
    >>> outputs = {"tokens": [np.array([5, 7, 0]), np.array([4, 0, 0])], "length": [2, 1]}
    >>> [row.tolist() for row in without_padding(outputs, {"tokens": ["length"]})["tokens"]]
    [[5, 7], [4]]
    """

    def cut(rows: list, axes: Sequence[str | None]) -> list:
        ends = (outputs[axis] if axis else [None] * len(rows) for axis in axes)
        return [
            values[tuple(slice(end) for end in row)]
            for values, *row in zip(rows, *ends, strict=True)
        ]

    found = {name: cut(outputs[name], axes) for name, axes in lengths.items() if name in outputs}
    return {**outputs, **found}


def checked_column(name: str, values: Any, number: int) -> list:
    """Checks a further input of a signature, which has a value for each row."""
    values = check_list(name, values, "values, one for each input")
    if len(values) != number:
        raise UserError(
            f"Expected `{name}` to have a value for each of {number} inputs. "
            f"Received: {len(values)}"
        )
    return values
