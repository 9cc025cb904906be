"""Turns JSON values into arrays, as TensorFlow Serving reads them."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
from typing import Any

import numpy as np

from kerasrnn.serving.errors import RequestError

__all__ = ["Spec", "array_from_json", "is_base64_object", "shown"]

# What the contract calls them.
_NAMES = {"float32": "float", "float64": "double"}
_JSON_TYPES = {
    type(None): "Null",
    bool: "Boolean",
    dict: "Object",
    list: "Array",
    str: "String",
    int: "Number",
    float: "Number",
}


@dataclasses.dataclass(frozen=True)
class Spec:
    """An input or output of a signature.

    Attributes:
        dtype: TensorFlow's name of the type, such as `"float32"` or `"string"`.
        shape: Sizes, `None` where any is allowed; `None` instead of the tuple for any rank.
    """

    dtype: str
    shape: tuple[int | None, ...] | None

    def allows(self, shape: tuple[int, ...]) -> bool:
        """Whether an array of this shape fits.

        Args:
            shape: The sizes of an array.
        """
        if self.shape is None:
            return True
        pairs = zip(self.shape, shape, strict=False)
        return len(self.shape) == len(shape) and all(own in (None, size) for own, size in pairs)


def array_from_json(value: object, dtype: str) -> np.ndarray:
    """Makes an array of a JSON value.

    Args:
        value: A number, a string, a truth value, `{"b64": "…"}`, or nested lists of equal length.
        dtype: TensorFlow's name of the wanted type.

    Returns:
        An array of that type; strings become an object array of `bytes`.

    Raises:
        RequestError: For ragged lists and for values of another type, out of range or, in a float,
            beyond the whole numbers that it holds exactly.

    Example:
        >>> array_from_json([["a", {"b64": "/w=="}]], "string").tolist()
        [[b'a', b'\\xff']]
    """
    shape = _shape(value)
    values = _flattened(value, shape)
    if dtype == "string":
        array = np.empty(len(values), object)
        array[:] = _as_bytes(values)
    elif dtype == "bool":
        _expect_types(values, {bool}, dtype)
        array = np.array(values, bool)
    elif dtype.startswith("float"):
        array = _as_floats(values, dtype)
    elif dtype.startswith(("int", "uint")):
        array = _as_integers(values, dtype)
    else:
        raise RequestError(f"Conversion of JSON to type {dtype} is not implemented", 501)
    return array.reshape(shape)


def is_base64_object(value: object) -> bool:
    """Whether a JSON value is `{"b64": "…"}`.

    Args:
        value: A JSON value.
    """
    return isinstance(value, dict) and list(value) == ["b64"] and isinstance(value["b64"], str)


def shown(value: object) -> str:
    """Writes a JSON value for an error message, shortened.

    Args:
        value: A JSON value.
    """
    if isinstance(value, list):
        return "[...]"
    if isinstance(value, dict):
        return "{...}"
    if isinstance(value, str):
        return '"' + value[:100].encode("utf-8", "replace").decode() + '"'
    if isinstance(value, int) and abs(value) >= 10**100:  # which Python refuses to write
        return "a number of more than 100 digits"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return str(value)


def _shape(value) -> tuple[int, ...]:
    """The lengths along the first elements; what else there is is held against it."""
    shape = []
    while isinstance(value, list):
        shape.append(len(value))
        if not value:
            break
        value = value[0]
    if len(shape) > 32:
        raise RequestError(f"Expected at most 32 levels of lists. Received: {len(shape)}")
    return tuple(shape)


def _flattened(value, shape: tuple[int, ...]) -> list[Any]:
    values = [value]
    for level, size in enumerate(shape):
        for each in values:
            if not isinstance(each, list):
                raise RequestError(
                    f"JSON Value: {shown(each)} found at incorrect level: {level + 1} in the JSON "
                    f"DOM. Expected at level: {len(shape)}"
                )
            if len(each) != size:
                raise RequestError(
                    f"Encountered list at unexpected size: {len(each)} at level: {level} expected "
                    f"size: {size}"
                )
        values = [inner for each in values for inner in each]
    if any(type(each) is list for each in values):
        rank = len(shape)
        raise RequestError(f"Encountered list at unexpected level: {rank} expected < {rank}")
    return values


def _expect_types(values: list[Any], types: set, dtype: str) -> None:
    if set(map(type, values)) <= types:
        return
    value = next(each for each in values if type(each) not in types)
    raise _type_error(value, dtype)


def _type_error(value, dtype: str) -> RequestError:
    return RequestError(
        f"JSON Value: {shown(value)} Type: {_JSON_TYPES[type(value)]} is not of expected type: "
        f"{_NAMES.get(dtype, dtype)}"
    )


def _as_floats(values: list[Any], dtype: str) -> np.ndarray:
    _expect_types(values, {int, float}, dtype)
    info = np.finfo(dtype)
    whole, greatest = 2 ** (info.nmant + 1) - 1, float(info.max)
    for value in values:
        if type(value) is int:
            lossy = abs(value) > whole
        else:  # NaN and infinity, which JSON does not know but the contract does, are as they are
            lossy = greatest < abs(value) < float("inf")
        if lossy:
            raise RequestError(
                f"Cannot convert JSON value: {shown(value)} to {_NAMES.get(dtype, dtype)} without "
                "loss of precision."
            )
    return np.array(values, dtype)


def _as_integers(values: list[Any], dtype: str) -> np.ndarray:
    _expect_types(values, {int}, dtype)
    info = np.iinfo(dtype)
    for value in values:
        if not info.min <= value <= info.max:
            raise _type_error(value, dtype)
    return np.array(values, dtype)


def _as_bytes(values: list[Any]) -> list[bytes]:
    _expect_types(values, {str, dict}, "string")
    try:
        return [
            each.encode("utf-8") if isinstance(each, str) else _decoded(each) for each in values
        ]
    except UnicodeEncodeError:
        raise RequestError("JSON Parse error: The surrogate pair in string is invalid.") from None


def _decoded(value: dict[str, Any]) -> bytes:
    if not is_base64_object(value):
        raise RequestError(f"JSON Value: {shown(value)} not formatted correctly for base64 data")
    text = "".join(value["b64"].split()).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        raise RequestError("Unable to base64 decode") from None
