"""Turns arrays by output name into the body of a reply."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from kerasrnn.serving.errors import RequestError

__all__ = ["reply_body", "reply_parts"]

_ROWS = 256


def reply_body(outputs: Mapping[str, np.ndarray], *, rows: bool) -> bytes:
    """Writes a reply.

    Args:
        outputs: An array for each output; strings are `bytes` in an object array.
        rows: Whether the request was in row form.

    Returns:
        JSON: `{"predictions": […]}`, with a plain value for each row where there is one output, or
        `{"outputs": …}`. Numbers have as few digits as tell them from their neighbours of the same
        type. Strings of an output whose name ends in `_bytes` become `{"b64": "…"}`.

    Raises:
        RequestError: For numbers that JSON does not have, and in row form for outputs of unequal
            dimension 0.

    Example:
        >>> reply_body({"score": np.array([0.2, 3], "float32")}, rows=True)
        b'{"predictions":[0.2,3.0]}'
    """
    return b"".join(reply_parts(outputs, rows=rows))


def reply_parts(outputs: Mapping[str, np.ndarray], *, rows: bool) -> Iterator[bytes]:
    """Writes a reply part by part: each takes a moment, and little memory.

    Args:
        outputs: As above.
        rows: As above.

    Yields:
        What `reply_body` returns, in row form in parts of 256 rows.
    """
    if not rows:
        values = {name: _as_json(name, array) for name, array in outputs.items()}
        yield _written({"outputs": next(iter(values.values())) if len(values) == 1 else values})
        return
    count = _number_of_rows(outputs)
    yield b'{"predictions":['
    for begin in range(0, count, _ROWS):
        part = {name: array[begin : begin + _ROWS] for name, array in outputs.items()}
        yield (b"," if begin else b"") + _written(_rows(part))[1:-1]
    yield b"]}"


def _rows(outputs: Mapping[str, np.ndarray]) -> list[Any]:
    values = {name: _as_json(name, array) for name, array in outputs.items()}
    if len(values) == 1:
        return next(iter(values.values()))
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def _written(value) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def _number_of_rows(outputs: Mapping[str, np.ndarray]) -> int:
    expected = None
    for name, array in outputs.items():
        if not array.ndim:
            raise RequestError(f"Tensor name: {name} has no shape information ")
        if expected not in (None, len(array)):
            raise RequestError(
                f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: "
                f"{expected}"
            )
        expected = len(array)
    return expected or 0


def _as_json(name: str, array: np.ndarray):
    """Nested lists of what JSON has."""
    if array.dtype == object:
        write = _as_base64 if name.endswith("_bytes") else _as_text
        return _mapped(write, array)
    if array.dtype.kind in "biu":
        return array.tolist()
    if array.dtype.kind == "c":
        raise RequestError(f"Failed to write JSON value for tensor type: {array.dtype}")
    if not np.isfinite(array).all():
        raise RequestError(
            f"Expected finite numbers in the output `{name}`, for JSON has no others. Received: "
            f"{array[~np.isfinite(array)].flat[0]}"
        )
    if array.dtype == np.float64:
        return array.tolist()
    return _mapped(_shortest, array)


def _mapped(function, array: np.ndarray):
    """Applies a function to each element and keeps the nesting."""
    mapped = np.empty(array.shape, object)
    mapped.flat[:] = list(map(function, array.flat))
    return mapped.tolist()


def _as_text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _as_base64(value: bytes) -> dict[str, Any]:
    return {"b64": base64.b64encode(value).decode("ascii")}


def _shortest(value: np.floating) -> float:
    """The double whose digits are those of the shorter type: 0.2 and not 0.20000000298."""
    return float(str(value))
