"""Joins requests along dimension 0 for one prediction, and splits its outputs again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kerasrnn.checks import UserError

__all__ = ["join", "padded_size", "split", "trim"]

Arrays = Mapping[str, np.ndarray]


def join(requests: Sequence[Arrays]) -> dict[str, np.ndarray]:
    """Joins requests, padded on the right to the widest of each input.

    Args:
        requests: Arrays of the same names, types and ranks. Padding is `b""`, 0 or `False`.

    Example:
        >>> join([{"ids": np.array([[1]])}, {"ids": np.array([[2, 3]])}])["ids"].tolist()
        [[1, 0], [2, 3]]
    """
    joined = {}
    for name in requests[0]:
        arrays = [request[name] for request in requests]
        inner = _widest(arrays)
        joined[name] = np.concatenate([_resized(array, inner) for array in arrays])
    return joined


def padded_size(requests: Sequence[Arrays]) -> int:
    """Returns the number of elements that `join` would make.

    Args:
        requests: Arrays as `join` takes them.
    """
    size = 0
    for name in requests[0]:
        arrays = [request[name] for request in requests]
        size += sum(map(len, arrays)) * int(np.prod(_widest(arrays), dtype=object))
    return size


def split(outputs: Arrays, sizes: Sequence[int]) -> list[dict[str, np.ndarray]]:
    """Splits the answer to joined requests.

    Args:
        outputs: Arrays whose dimension 0 is the sum of `sizes`.
        sizes: The rows of each request.

    Raises:
        ValueError: For an output of another dimension 0, which belongs to no row.
    """
    ends = np.cumsum(sizes)
    for name, array in outputs.items():
        if not array.ndim or len(array) != ends[-1]:
            raise UserError(
                f"Expected {ends[-1]} rows in the output `{name}`. Received: shape {array.shape}"
            )
    return [
        {name: array[end - size : end] for name, array in outputs.items()}
        for size, end in zip(sizes, ends, strict=True)
    ]


def trim(outputs: Arrays, lengths: Mapping[str, Sequence[str | None]]) -> dict[str, np.ndarray]:
    """Gives each output the width of its longest row, whatever it was joined with.

    Args:
        outputs: The answer to one request.
        lengths: For each output, for its axes 1, 2, …, the name of the output that holds the length
            of each row along that axis, or `None` for an axis that stays as it is.

    Example:
        >>> answer = {"ids": np.array([[7, 8, 0]]), "length": np.array([2])}
        >>> trim(answer, {"ids": ["length"]})["ids"].tolist()
        [[7, 8]]
    """
    trimmed = dict(outputs)
    for name, axes in lengths.items():
        array = outputs.get(name)
        if array is None or array.ndim <= len(axes) or not len(array):
            continue
        inner = list(array.shape[1:])
        for axis, length in enumerate(axes):
            if length is not None and length in outputs and outputs[length].size:
                inner[axis] = int(outputs[length].max())
        trimmed[name] = _resized(array, tuple(inner))
    return trimmed


def _widest(arrays: Sequence[np.ndarray]) -> tuple[int, ...]:
    return tuple(max(sizes) for sizes in zip(*(array.shape[1:] for array in arrays), strict=True))


def _resized(array: np.ndarray, inner: tuple[int, ...]) -> np.ndarray:
    """Cuts or fills the axes 1, 2, … to these sizes."""
    if array.shape[1:] == inner:
        return array
    resized = np.full((len(array), *inner), b"" if array.dtype == object else 0, array.dtype)
    kept = (slice(None), *(slice(min(sizes)) for sizes in zip(array.shape[1:], inner, strict=True)))
    resized[kept] = array[kept]
    return resized
