"""Images from encoded bytes and files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.image_files import IN_GRAPH, pillow_array
from kerasrnn.datasets.readers.image_orientation import orientation, upright
from kerasrnn.files import open_bytes
from kerasrnn.typing import Tensor

__all__ = ["decode_image", "encode_png", "image_array", "read_image", "resized"]


def decode_image(content: Tensor, shape: Sequence[Any]) -> tf.Tensor:
    """Decodes a PNG or JPEG as a person sees it, as core TensorFlow operations.

    Of a photograph the Exif orientation counts; what is transparent lies on white. A GIF or BMP
    without transparent parts and, the latter, without a palette will do too; of an animation it is
    the first picture.

    Args:
        content: Scalar string, the bytes of the file.
        shape: Height, width and channels (1 or 3); another size is resized, by area, and `None`
            leaves it as it is.

    Returns:
        `(H, W, C)` uint8 tensor.
    """
    image = _decoded(content, shape[-1])
    is_photograph = tf.strings.substr(content, 0, 2) == b"\xff\xd8"
    turned = tf.cond(is_photograph, lambda: orientation(content), lambda: tf.constant(1))
    return resized(upright(image, turned), shape)


def _decoded(content, channels: int):
    """Decodes to a number of channels; where the file has as many, to its own numbers."""
    image = tf.io.decode_image(content, expand_animations=False)
    number = tf.shape(image)[-1]
    # These decoders know other weights of colours than `tf.image` does.
    own = (tf.strings.substr(content, 0, 2) == b"\xff\xd8") | (
        tf.strings.substr(content, 0, 4) == b"\x89PNG"
    )

    def on_white():
        alpha = tf.cast(image[..., -1:], tf.float32) / 255
        colours = tf.cast(image[..., :-1], tf.float32)
        return tf.cast(tf.round(colours * alpha + 255 * (1 - alpha)), tf.uint8)

    def other(opaque):
        size = tf.concat([tf.shape(opaque)[:2], [3]], 0)
        colours = tf.ensure_shape(tf.broadcast_to(opaque, size), (None, None, 3))
        return tf.image.rgb_to_grayscale(colours) if channels == 1 else colours

    found = tf.case(
        [
            ((number == 2) | (number == 4), lambda: other(on_white())),
            (number == channels, lambda: image),
            (own, lambda: tf.io.decode_image(content, channels, expand_animations=False)),
        ],
        default=lambda: other(image),
    )
    return tf.ensure_shape(found, (None, None, channels))


def resized(image: Any, shape: Sequence[Any]) -> tf.Tensor:
    """Gives an image another size, by area, as core TensorFlow operations.

    Args:
        image: `(H, W, C)` uint8.
        shape: Height, width and channels; of these the number stays. `None` keeps the size.

    Returns:
        `(height, width, channels)` uint8, the image itself where it has that size.
    """
    height, width, channels = shape
    if height is None:
        return image
    size = tf.shape(image)[:2]

    def other():
        pixels = tf.image.resize(image, (height, width), method="area")
        return tf.cast(tf.round(pixels), tf.uint8)

    right = tf.reduce_all(size == [height, width])
    image = tf.cond(right, lambda: image, other)
    return tf.ensure_shape(image, (height, width, channels))


def read_image(path: str | os.PathLike[str], shape: Sequence[int] | None = None) -> np.ndarray:
    """Reads an image file as a person sees it, see `decode_image`.

    Args:
        path: A PNG, JPEG, GIF, BMP, WebP, TIFF, AVIF or another file that Pillow knows.
        shape: The shape to give it; by default that of the file, with one channel for shades of
            grey and three for colours.

    Returns:
        `(H, W, C)` uint8 array.

    Raises:
        ValueError: Where there is no such file, or it is no image.
    """
    with open_bytes(path) as file:
        content = file.read()
    return _array(content, shape, str(path))


def _array(content: bytes, shape: Sequence[int | None] | None, name: str) -> np.ndarray:
    try:
        if not content.startswith(IN_GRAPH):
            image = pillow_array(content)
            if shape is None:
                return image
            # The conversions of the graph, by the format that loses nothing.
            content = tf.io.encode_png(image)
        if shape is None:
            channels = tf.io.decode_image(content, expand_animations=False).shape[-1]
            shape = None, None, {1: 1, 2: 1}.get(channels, 3)
        return decode_image(content, shape).numpy()
    except (tf.errors.InvalidArgumentError, OSError, ValueError, SyntaxError) as error:
        raise UserError(
            f"{name}: expected an image of a usual format, such as PNG, JPEG, GIF, BMP, WebP or "
            f"TIFF. Received: {_said(error)}"
        ) from None


def _said(error: Exception) -> str:
    """What a library says of a file, without the names of its objects."""
    text = " ".join(str(error).split())
    return "a file that is none" if "cannot identify" in text else text[:100]


def image_array(image: Any, shape: Sequence[int]) -> np.ndarray:
    """Makes an array of an image in any form that a user may have.

    Args:
        image: The bytes of an image file, the path of one, see `read_image`, or an array
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
        return _array(image, shape, "bytes of an image")
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
