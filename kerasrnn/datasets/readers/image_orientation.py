"""How a camera was held, as the Exif part of a JPEG file says, in core TensorFlow operations."""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.typing import Tensor

__all__ = ["orientation", "upright"]

SEARCHED = 2**16  # the Exif part is at the beginning and no longer than this
MARK = tuple(b"Exif\0\0")
TAG = 0x0112  # Exif 2.3, section 4.6.4: Orientation
ENTRY = 12  # bytes of an entry: tag, type, number of values, value
MOST_ENTRIES = 100


def orientation(content: Tensor) -> tf.Tensor:
    """Reads the orientation of a JPEG file.

    Args:
        content: Scalar string, the bytes of the file.

    Returns:
        Scalar int32 from 1 to 8; 1, upright, also for a file that does not say it.
    """
    size = tf.minimum(SEARCHED, tf.strings.length(content))
    numbers = tf.cast(tf.io.decode_raw(tf.strings.substr(content, 0, size), tf.uint8), tf.int64)
    # What is read behind the end is 0, which is no tag.
    numbers = tf.pad(numbers, [[0, 2 * SEARCHED]])
    places = tf.range(size)
    found = tf.reduce_all([tf.gather(numbers, places + i) == b for i, b in enumerate(MARK)], axis=0)
    starts = tf.boolean_mask(places, found)[:1]
    start = tf.reduce_sum(starts) + len(MARK)
    little = numbers[start] == ord("I")

    def integer(place, width: int):
        parts = [tf.gather(numbers, place + i) for i in range(width)]
        low_first = tf.add_n([part * 256**i for i, part in enumerate(parts)])
        high_first = tf.add_n([part * 256**i for i, part in enumerate(reversed(parts))])
        return tf.where(little, low_first, high_first)

    directory = start + tf.cast(tf.minimum(integer(start + 4, 4), SEARCHED), tf.int32)
    number = tf.cast(tf.minimum(integer(directory, 2), MOST_ENTRIES), tf.int32)
    entries = directory + 2 + ENTRY * tf.range(number)
    values = tf.boolean_mask(integer(entries + 8, 2), integer(entries, 2) == TAG)[:1]
    value = tf.cast(tf.reduce_sum(values), tf.int32)
    is_known = (tf.size(starts) > 0) & (value >= 1) & (value <= 8)
    return tf.where(is_known, value, 1)


def upright(image: Tensor, turned: Tensor) -> tf.Tensor:
    """Turns and mirrors an image as its orientation asks for.

    Args:
        image: `(H, W, C)` tensor.
        turned: Scalar int32, what `orientation` returned.

    Returns:
        `(H, W, C)` or, where it lay on its side, `(W, H, C)` tensor of the same type.
    """
    channels = image.shape[-1]

    def as_is():
        return image

    def mirrored():
        return image[:, ::-1]

    def half():
        return image[::-1, ::-1]

    def flipped():
        return image[::-1]

    def transposed():
        return tf.transpose(image, [1, 0, 2])

    def right():
        return tf.transpose(image, [1, 0, 2])[:, ::-1]

    def transversed():
        return tf.transpose(image, [1, 0, 2])[::-1, ::-1]

    def left():
        return tf.transpose(image, [1, 0, 2])[::-1]

    ways = [as_is, mirrored, half, flipped, transposed, right, transversed, left]
    found = tf.switch_case(turned - 1, ways)
    found.set_shape((None, None, channels))
    return found
