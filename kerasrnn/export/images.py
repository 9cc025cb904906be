"""Batches of encoded images in a graph."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from kerasrnn.datasets.readers.image_decoding import decode_image
from kerasrnn.typing import Tensor

__all__ = ["decode_images"]


def decode_images(contents: Tensor, shape: Sequence[int]) -> Tensor:
    """Decodes a batch of encoded images.

    Args:
        contents: `(B,)` string, the bytes of image files, see `decode_image`; `""` gives black.
        shape: Height, width and channels; images of another size are resized, by area.

    Returns:
        `(B, H, W, C)` float32 from 0 to 1.
    """
    shape = tuple(shape)

    def decode(content):
        black = tf.zeros(shape, tf.uint8)
        return tf.cond(content == "", lambda: black, lambda: decode_image(content, shape))

    images = tf.map_fn(decode, contents, fn_output_signature=tf.TensorSpec(shape, tf.uint8))
    return tf.image.convert_image_dtype(images, tf.float32)
