"""Turns the body of a prediction request into arrays by input name."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.json_tensors import Spec, array_from_json, is_base64_object, shown

__all__ = ["PredictRequest", "parse_request", "read_inputs"]


@dataclasses.dataclass(frozen=True)
class PredictRequest:
    """The body of a request, before its values are held against a signature.

    Attributes:
        signature_name: The name of the signature; `""` for the default one.
        rows: Whether it is in row form (`instances`) rather than in column form (`inputs`).
        values: The JSON value of `instances` or `inputs`.
    """

    signature_name: str
    rows: bool
    values: Any


def parse_request(body: bytes) -> PredictRequest:
    """Parses a body.

    Args:
        body: What the client sent.

    Raises:
        RequestError: For anything but a JSON object with `instances` or `inputs`.
    """
    document = _parse(body)
    if not isinstance(document, dict):
        raise RequestError(f"JSON Value: {shown(document)} Is not object")
    name = document.get("signature_name", "")
    if not isinstance(name, str):
        raise RequestError(
            f"JSON Value: {shown(document)} not formatted correctly. 'signature_name' key must be "
            "a string value."
        )
    forms = [form for form in ("instances", "inputs") if form in document]
    if not forms:
        raise RequestError("Missing 'inputs' or 'instances' key")
    if len(forms) > 1:
        raise RequestError(
            f"JSON Value: {shown(document)} Not formatted correctly expecting only one of 'inputs' "
            "or 'instances' keys to exist "
        )
    (form,) = forms
    values = document[form]
    if form == "instances" and not isinstance(values, list):
        raise RequestError(
            f"JSON Value: {shown(document)} Excepting 'instances' to be an list/array"
        )
    if form == "instances" and not values:
        raise RequestError(f"JSON Value: {shown(document)} No values in 'instances' array")
    return PredictRequest(name, form == "instances", values)


def read_inputs(request: PredictRequest, specs: Mapping[str, Spec]) -> dict[str, np.ndarray]:
    """Makes the arrays that a signature takes.

    Args:
        request: What the client asks.
        specs: The inputs of the signature.

    Returns:
        An array for each input, of its type and of a shape that it allows.

    Raises:
        RequestError: Where the values are not those of the signature.
    """
    values = request.values
    columns = _columns_of_rows(values, specs) if request.rows else _columns(values, specs)
    arrays = {name: array_from_json(columns[name], spec.dtype) for name, spec in specs.items()}
    for name, spec in specs.items():
        if not spec.allows(arrays[name].shape):
            hint = ""
            if request.rows and not spec.shape:
                hint = "; a single value for all rows needs 'inputs' instead of 'instances'"
            raise RequestError(
                f"Expected `{name}` of shape {_written(spec.shape)}{hint}. "
                f"Received: {_written(arrays[name].shape)}"
            )
    return arrays


def _parse(body: bytes):
    if not body.strip():
        raise RequestError("JSON Parse error: The document is empty")
    try:
        return json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RequestError(f"JSON Parse error: Expected UTF-8 at offset: {error.start}") from None
    except json.JSONDecodeError as error:
        raise RequestError(f"JSON Parse error: {error.msg} at offset: {error.pos}") from None
    except RecursionError:
        raise RequestError("JSON Parse error: Values are nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise RequestError(f"JSON Parse error: {error}") from None


def _columns_of_rows(rows: list[Any], specs: Mapping[str, Spec]) -> dict[str, Any]:
    """Lists the values of each input, from a list of values or of objects of them."""
    objects = [isinstance(row, dict) and not is_base64_object(row) for row in rows]
    if not objects[0]:
        if len(specs) > 1:
            raise RequestError(
                "instances is a plain list, but expecting list of objects as multiple input "
                "tensors required as per tensorinfo_map"
            )
        if any(objects):
            raise RequestError(
                f"Expecting value/list but got object at item {objects.index(True)} of input list"
            )
        return dict.fromkeys(specs, rows)
    if not all(objects):
        raise RequestError(
            f"Expecting object but got list at item {objects.index(False)} of input list"
        )
    for number, row in enumerate(rows):
        if row.keys() != specs.keys():
            raise RequestError(
                f"Failed to process element: {number} of 'instances' list. JSON object: "
                f"{shown(row)} keys must be equal to: {','.join(sorted(specs))}"
            )
    return {name: [row[name] for row in rows] for name in specs}


def _columns(values, specs: Mapping[str, Spec]) -> dict[str, Any]:
    if not isinstance(values, dict) or is_base64_object(values):
        if len(specs) > 1:
            raise RequestError(
                "inputs is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
        return dict.fromkeys(specs, values)
    for name in specs:
        if name not in values:
            raise RequestError(f"Missing named input: {name} in 'inputs' object.")
    return values


def _written(shape) -> str:
    if shape is None:
        return "any shape"
    return "[" + ",".join("?" if size is None else str(size) for size in shape) + "]"
