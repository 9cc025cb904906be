"""Checks of a batch that stock `fit` cannot make."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.models.wiring import layer_of_targets
from kerasrnn.views.logits import check_loss, trains_several
from kerasrnn.vocabulary import PADDING

__all__ = ["validate"]

# The input whose steps the labels belong to, the first one that there is.
STEPS = ("target", "tokens", "features", "context", "source", "first")


def validate(model: keras.Model, x: Any, y: Any, sample_weight: Any = None) -> None:
    """Checks a batch against a model before anything trains.

    Args:
        model: A model of the factories.
        x: What goes in: an array for a model of one input, or arrays by input name. Ids `(B, T)`
            are checked for padding and range, features for their shape, a mask for its padding.
        y: `(B, T)` int labels; for a model with one output a row `(B,)` int classes, or `(B, C)`
            numbers, such as 0 and 1 for each class of a binary cross-entropy.
        sample_weight: Weights of the shape of the labels or `(B,)`, or `None`.

    Raises:
        ValueError: For a missing input, ids or a mask that are padded on the left, ids out of
            range, a row of padding only, labels out of range, or shapes that do not fit each
            other; the message names the input and the first bad row. For a loss of logits over
            probabilities, or the other way round, see `views.logits.check_loss`.

    Example:

    >>> model = kerasrnn.many_to_one(11, 2, units=5)
    >>> validate(model, [[7, 8, 0], [9, 0, 0]], [0, 1])
    """
    check_loss(model)
    names = [tensor.name for tensor in model.inputs]
    x = x if isinstance(x, dict) else {names[0]: x}
    if sorted(x) != sorted(names):
        raise UserError(f"Expected the inputs {sorted(names)}. Received: {sorted(x)}")
    x = {name: np.asarray(value) for name, value in x.items()}
    for tensor in model.inputs:
        _check_input(model, tensor, x)
    y = np.asarray(y)
    if "past" in x:
        return _check_forecast(model, y, sample_weight)
    shape = _label_shape(model, x)
    many = y.ndim > 1 or model.output_shape[-1] > 1
    several = trains_several(model)
    if several or (len(shape) == 1 and many and not np.issubdtype(y.dtype, np.integer)):
        shape = (*shape, model.output_shape[-1])  # several labels at once, or a regression
    if y.shape != shape:
        raise UserError(f"Expected labels of the shape {shape}. Received: {y.shape}")
    _check_labels(y, 2 if several else _number_of_classes(model))
    if sample_weight is not None and np.shape(sample_weight) not in (shape, shape[:1]):
        raise UserError(
            f"Expected sample weights of the shape {shape} or {shape[:1]}. "
            f"Received: {np.shape(sample_weight)}"
        )


def _check_forecast(model: keras.Model, y: np.ndarray, sample_weight: Any) -> None:
    """Checks the numbers `(B, H, K)` that follow windows, and weights `(B, H)`."""
    shape = (len(y), *model.output_shape[1:3])
    if y.shape != shape or not np.isfinite(y).all():
        raise UserError(f"Expected finite numbers of the shape {shape}. Received: {y.shape}")
    if sample_weight is not None and np.shape(sample_weight) not in (shape[:1], shape[:2]):
        raise UserError(
            f"Expected sample weights of the shape {shape[:2]} or {shape[:1]}. "
            f"Received: {np.shape(sample_weight)}"
        )


def _label_shape(model: keras.Model, x: dict[str, Any]) -> tuple:
    """`(B,)` for one answer a row, `(B, T)` for one at each step of the last input."""
    name = next(name for name in STEPS if name in x)
    shape = x[name].shape
    one_answer = len(model.output_shape) == 2 and "targets" not in x
    return shape[:1] if one_answer else shape[:2]


def _number_of_classes(model: keras.Model) -> int:
    output = layer_of_targets({layer.name: layer for layer in model.layers})
    classes = model.output_shape[-1] if output is None else output.vocabulary_size
    return 2 if classes == 1 else classes  # one output says yes or no


def _check_labels(y: np.ndarray, classes: int) -> None:
    if not np.issubdtype(y.dtype, np.integer):
        if not np.isfinite(y).all():
            raise UserError("Expected finite labels. Received: NaN or infinity")
    elif y.size and not 0 <= y.min() <= y.max() < classes:
        raise UserError(
            f"Expected labels from 0 to {classes - 1}. Received: {y.min()} to {y.max()}"
        )


def _check_input(model: keras.Model, tensor, x: dict[str, Any]) -> None:
    name, value = tensor.name, x[tensor.name]
    if name == "mask":
        _check_mask(value, x["features"])
    elif keras.backend.is_float_dtype(tensor.dtype):
        shape = tuple(tensor.shape)
        fits = value.ndim == len(shape) and all(
            want in (None, size) for size, want in zip(value.shape, shape, strict=True)
        )
        if not fits:
            raise UserError(f"Expected `{name}` of the shape {shape}. Received: {value.shape}")
        if not np.isfinite(value.astype("float64")).all():
            raise UserError(f"Expected finite `{name}`. Received: NaN or infinity")
    elif name == "characters":
        layer = next(layer for layer in model.layers if layer.name == "character_features")
        if value.ndim != 3 or value.shape[:2] != x["tokens"].shape:
            raise UserError(
                f"Expected `characters` (B, T, W) for tokens {x['tokens'].shape}. "
                f"Received: {value.shape}"
            )
        _check_range(name, value, layer.vocabulary_size)
    else:
        _check_ids(name, value, _vocabulary_size(model, name))


def _check_mask(mask: np.ndarray, features: np.ndarray) -> None:
    if mask.shape != features.shape[:2] or mask.dtype != bool:
        raise UserError(
            f"Expected a bool `mask` of the shape {features.shape[:2]}. "
            f"Received: {mask.dtype} of {mask.shape}"
        )
    _check_padding("mask", mask, mask)


def _vocabulary_size(model: keras.Model, name: str) -> int | None:
    prefix = name if name in ("source", "target") else "token"
    layers = {layer.name: layer for layer in model.layers}
    layer = layers.get(f"{prefix}_embedding", layers.get("embedding"))
    return None if layer is None else layer.input_dim


def _check_ids(name: str, ids: np.ndarray, vocabulary_size: int | None) -> None:
    if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer):
        raise UserError(
            f"Expected `{name}` to be integer ids (B, T). "
            f"Received: {ids.dtype} of shape {ids.shape}"
        )
    _check_range(name, ids, vocabulary_size)
    if name != "context":  # its padding is what lies beyond both ends of the text
        _check_padding(name, ids != PADDING, ids)


def _check_range(name: str, ids: np.ndarray, vocabulary_size: int | None) -> None:
    if vocabulary_size and ids.size and not 0 <= ids.min() <= ids.max() < vocabulary_size:
        raise UserError(
            f"Expected ids of `{name}` from 0 to {vocabulary_size - 1}. "
            f"Received: {ids.min()} to {ids.max()}"
        )


def _check_padding(name: str, real: np.ndarray, shown: np.ndarray) -> None:
    empty = np.flatnonzero(~real.any(axis=1))
    left = np.flatnonzero((~real[:, :-1] & real[:, 1:]).any(axis=1))
    if empty.size:
        raise UserError(
            f"Expected at least one step in each row of `{name}`. Received: padding only in row "
            f"{empty[0]}"
        )
    if left.size:
        raise UserError(
            f"Expected `{name}` to be padded on the right only. Received: padding before a step "
            f"in row {left[0]}, {shown[left[0]].tolist()[:12]}"
        )
