"""Checks of a batch that stock `fit` cannot make."""

from __future__ import annotations

import keras
import numpy as np

from kerasrnn.vocabulary import PADDING

__all__ = ["validate"]


def validate(model: keras.Model, x: dict, y, sample_weight=None) -> None:
    """Checks a batch against a model before anything trains.

    Args:
        model: A model of the factories.
        x: Arrays by input name; int ids `(B, T)` are checked for padding and range.
        y: `(B, T)` int labels.
        sample_weight: `(B, T)` weights, or `None`.

    Raises:
        ValueError: For a missing input, ids that are padded on the left or out of range, a row of
            padding only, labels out of range, or shapes that do not fit each other. The message
            names the input and the first bad row.
    """
    names = [tensor.name for tensor in model.inputs]
    if sorted(x) != sorted(names):
        raise ValueError(f"Expected the inputs {sorted(names)}. Received: {sorted(x)}")
    for name in names:
        _check_ids(name, np.asarray(x[name]), _vocabulary_size(model, name))
    y, classes = np.asarray(y), model.output_shape[-1]
    if y.shape != np.shape(x[names[-1]]):
        raise ValueError(
            f"Expected labels of the shape of `{names[-1]}`, {np.shape(x[names[-1]])}. "
            f"Received: {y.shape}"
        )
    if y.size and not 0 <= y.min() <= y.max() < classes:
        raise ValueError(
            f"Expected labels from 0 to {classes - 1}. Received: {y.min()} to {y.max()}"
        )
    if sample_weight is not None and np.shape(sample_weight) not in (y.shape, y.shape[:1]):
        raise ValueError(
            f"Expected sample weights of the shape {y.shape} or {y.shape[:1]}. "
            f"Received: {np.shape(sample_weight)}"
        )


def _vocabulary_size(model: keras.Model, name: str) -> int | None:
    prefix = "token" if name == "tokens" else name
    layers = [layer for layer in model.layers if layer.name == f"{prefix}_embedding"]
    return layers[0].input_dim if layers else None


def _check_ids(name: str, ids: np.ndarray, vocabulary_size: int | None) -> None:
    if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(
            f"Expected `{name}` to be integer ids (B, T). "
            f"Received: {ids.dtype} of shape {ids.shape}"
        )
    if vocabulary_size and ids.size and not 0 <= ids.min() <= ids.max() < vocabulary_size:
        raise ValueError(
            f"Expected ids of `{name}` from 0 to {vocabulary_size - 1}. "
            f"Received: {ids.min()} to {ids.max()}"
        )
    padding = ids == PADDING
    left = np.flatnonzero((padding[:, :-1] & ~padding[:, 1:]).any(axis=1))
    empty = np.flatnonzero(padding.all(axis=1))
    if empty.size:
        raise ValueError(
            f"Expected at least one token in each row of `{name}`. Received: padding only in row "
            f"{empty[0]}"
        )
    if left.size:
        raise ValueError(
            f"Expected `{name}` to be padded on the right only, with id {PADDING}. Received: "
            f"padding before a token in row {left[0]}, {ids[left[0]].tolist()[:12]}"
        )
