"""Images from encoded bytes and files."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError

__all__ = ["decode_image", "encode_png", "image_array", "read_image", "resized"]


def decode_image(content, shape: Sequence[int | None]):
    """Decodes a PNG, JPEG, BMP or GIF to a given shape, as core TensorFlow operations.

    Args:
        content: Scalar string, the bytes of the file.
        shape: Height, width and channels (1 or 3); another size is resized, by area.

    Returns:
        `(H, W, C)` uint8 tensor.
    """
    image = tf.io.decode_image(content, channels=shape[-1], expand_animations=False)
    image.set_shape((None, None, shape[-1]))
    return resized(image, shape)


def resized(image, shape: Sequence[int]):
    """Gives an image another size, by area, as core TensorFlow operations.

    Args:
        image: `(H, W, C)` uint8.
        shape: Height, width and channels; of these the number stays.

    Returns:
        `(height, width, channels)` uint8, the image itself where it has that size.
    """
    height, width, channels = shape
    size = tf.shape(image)[:2]

    def other():
        pixels = tf.image.resize(image, (height, width), method="area")
        return tf.cast(tf.round(pixels), tf.uint8)

    right = tf.reduce_all(size == [height, width])
    image = tf.cond(right, lambda: image, other)
    return tf.ensure_shape(image, (height, width, channels))


def read_image(path: str | os.PathLike, shape: Sequence[int] | None = None) -> np.ndarray:
    """Reads an image file.

    Args:
        path: A PNG, JPEG, BMP or GIF file.
        shape: The shape to give it; that of the file by default.

    Returns:
        `(H, W, C)` uint8 array.

    Raises:
        ValueError: Where there is no such file, or it is no image.
    """
    path = pathlib.Path(path)
    if not path.is_file():
        raise UserError(f"Expected an image file. Received: {str(path)!r}, which is not there")
    content = path.read_bytes()
    try:
        if shape is None:
            return tf.io.decode_image(content, expand_animations=False).numpy()
        return decode_image(content, shape).numpy()
    except tf.errors.InvalidArgumentError:
        raise UserError(f"{path}: expected a PNG, JPEG, BMP or GIF image") from None


def image_array(image, shape: Sequence[int]) -> np.ndarray:
    """Makes an array of an image in any form that a user may have.

    Args:
        image: The bytes of a PNG, JPEG, BMP or GIF file, the path of one, or an array
            `(H, W, C)`, or `(H, W)` for one channel, of uint8.
        shape: Height, width and channels that are wanted; files are resized, arrays are not.

    Returns:
        `(H, W, C)` uint8 array.

    Raises:
        ValueError: For a file that is not there or is no image, or an array of another shape or
            type.
    """
    if isinstance(image, (str, os.PathLike)):
        return read_image(image, shape)
    if isinstance(image, bytes):
        try:
            return decode_image(image, shape).numpy()
        except tf.errors.InvalidArgumentError:
            raise UserError("Expected the bytes of a PNG, JPEG, BMP or GIF image") from None
    image = np.asarray(image)
    if image.ndim == 2 and shape[-1] == 1:
        image = image[..., np.newaxis]
    if image.dtype != np.uint8 or image.shape != tuple(shape):
        raise UserError(
            f"Expected an image of uint8 {tuple(shape)}, bytes or a path. "
            f"Received: {image.dtype} {image.shape}"
        )
    return image


def encode_png(image: np.ndarray) -> bytes:
    """Encodes a `(H, W, C)` uint8 array as PNG."""
    return tf.io.encode_png(image).numpy()
