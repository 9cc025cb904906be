"""The small encoder of images that factories have built in."""

from __future__ import annotations

from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import CutToBatch, PadEmptyBatch

__all__ = ["convolutional_encoder", "image_encoder"]

FILTERS = (32, 64, 128, 256)
SMALLEST = 4  # places along an edge below which pooling stops


def convolutional_encoder(
    shape: tuple[int, ...], units: int = 128, grid: bool = False
) -> keras.Model:
    """Builds a small convolutional network: pairs of 3×3 convolution and 2×2 pooling.

    Args:
        shape: Height, width and channels of an image.
        units: Size of the vector, where it gives one.
        grid: Whether to keep the places apart, for attention over them.

    Returns:
        A `keras.Model` named `encoder` from `(B, H, W, C)` float pixels, best between 0 and 1, to
        a vector `(B, units)`, or to a grid `(B, h, w, F)`.

    Raises:
        ValueError: Where the shape is not that of an image.

    Example:

    >>> convolutional_encoder((8, 8, 1), grid=True).output_shape
    (None, 4, 4, 64)
    """
    if len(shape) != 3 or min(shape) < 1:
        raise UserError(
            "Expected images of height, width and channels for the convolutional encoder. "
            f"Received: {shape}"
        )
    image = keras.Input(shape, name="image")
    outputs = PadEmptyBatch(name="pad_empty_batch")(image)
    for i, filters in enumerate(FILTERS):
        outputs = keras.layers.Conv2D(
            filters, 3, padding="same", activation="relu", name=f"convolution_{i}"
        )(outputs)
        if i and min(outputs.shape[1:3]) < 2 * SMALLEST:
            break
        if min(outputs.shape[1:3]) >= 2 * SMALLEST:
            outputs = keras.layers.MaxPooling2D(2, name=f"pooling_{i}")(outputs)
    if not grid:
        outputs = keras.layers.Flatten(name="flatten")(outputs)
        outputs = keras.layers.Dense(units, activation="relu", name="vector")(outputs)
    outputs = CutToBatch(name="cut_to_batch")(outputs, image)
    return keras.Model(image, outputs, name="encoder")


def image_encoder(
    encoder: str | keras.layers.Layer, shape: tuple[int, ...], **options: Any
) -> keras.Model:
    """Makes a model named `encoder` of what a factory was given.

    Args:
        encoder: `"convolutional"`, or a Keras layer or model from one image to a vector or grid.
        shape: Shape of one image.
        **options: Those of `convolutional_encoder`.

    Returns:
        A `keras.Model` with the layers and weights that were given.

    Raises:
        ValueError: For anything else, or one that does not take such an image.
    """
    if encoder == "convolutional":
        return convolutional_encoder(shape, **options)
    if not isinstance(encoder, keras.layers.Layer):
        raise UserError(
            "Expected `encoder` to be 'convolutional', or a Keras layer or model. "
            f"Received: {encoder!r}"
        )
    layer: Any = encoder
    expected = getattr(layer, "input_shape", None)  # known where it is built
    if isinstance(expected, tuple) and not _fits(tuple(shape), expected[1:]):
        raise UserError(
            f"Expected an encoder for inputs of the shape {tuple(shape)}. "
            f"Received: {layer.name!r} for {expected[1:]}"
        )
    image = keras.Input(shape, name="image")
    outputs = layer(PadEmptyBatch(name="pad_empty_batch")(image))
    outputs = CutToBatch(name="cut_to_batch")(outputs, image)
    return keras.Model(image, outputs, name="encoder")


def _fits(shape: tuple, expected: tuple) -> bool:
    if len(shape) != len(expected):
        return False
    return all(want in (None, size) for size, want in zip(shape, expected, strict=True))
