"""Image files of the formats that TensorFlow does not know, read by Pillow."""

from __future__ import annotations

import io
import os
import pathlib

import numpy as np

__all__ = ["IN_GRAPH", "is_image_name", "pillow_array"]

# First bytes of PNG and JPEG files, which `decode_image` reads in Python as in exports. It reads
# GIF and BMP files too, but those with transparent parts or a palette not as a person sees them.
IN_GRAPH = (b"\x89PNG", b"\xff\xd8")
ENDINGS = frozenset(
    f".{each}"
    for each in (
        *("png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "webp", "avif"),
        *("tif", "tiff", "jp2", "j2k", "ppm", "pgm", "pbm", "pnm", "tga", "ico", "heic", "heif"),
    )
)
GREATEST = 2**16 - 1  # of 16 bits


def is_image_name(name: str | os.PathLike[str]) -> bool:
    """Whether a text is the name of an image file, by its ending.

    Example:

    >>> is_image_name("scans/7.TIF"), is_image_name("It ended well.")
    (True, False)
    """
    return pathlib.PurePath(name).suffix.lower() in ENDINGS


def pillow_array(content: bytes) -> np.ndarray:
    """Reads an image as a person sees it: upright, opaque on white, eight bits.

    Args:
        content: The bytes of a file; of several pictures the first one counts.

    Returns:
        `(H, W, 1)` uint8 for shades of grey, `(H, W, 3)` for colours.

    Raises:
        OSError: Where Pillow cannot read it.
    """
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    if image.mode.startswith("I;16") or image.mode in "IF":
        return _eight_bits(np.asarray(image))[..., np.newaxis]
    grey = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    array = np.asarray(image.convert("L" if grey else "RGB"))
    return array[..., np.newaxis] if grey else array


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """Brings shades of grey of more bits, or floats from 0 to 1, to 0 to 255."""
    values = values.astype("float64")
    most = values.max(initial=0)
    greatest = 1.0 if most <= 1 else 255 if most <= 255 else GREATEST
    return np.clip(np.round(values / greatest * 255), 0, 255).astype("uint8")
