"""The frames of one video: a folder of image files, or an animated GIF."""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.image_decoding import encode_png, image_array, read_image
from kerasrnn.datasets.readers.image_files import is_image_name

__all__ = ["frame_paths", "is_animation", "read_frames", "reshaped"]


def frame_paths(folder: str | os.PathLike[str]) -> list[pathlib.Path]:
    """Lists the image files of a folder in the natural order of their names: 2 comes before 10.

    Args:
        folder: The folder; files that are no images by their names are left out where there are
            images, and hidden ones always.

    Raises:
        UserError: For what is no folder.

    Example:

    >>> frame_paths(".")  # doctest: +SKIP
    [PosixPath('2.png'), PosixPath('10.png')]
    """
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        raise UserError(f"Expected a folder of image files. Received: {str(folder)!r}")
    there = [each for each in folder.iterdir() if not each.name.startswith(".")]
    images = [each for each in there if is_image_name(each.name)]
    return sorted(images or there, key=lambda path: _natural(path.name))


def _natural(name: str) -> tuple:
    """What names are sorted by: numbers in them by their values."""
    parts = re.split(r"([0-9]+)", name)
    return (*((text, int(n)) for text, n in zip(parts[::2], [*parts[1::2], "0"], strict=True)),)


def is_animation(path: str | os.PathLike[str]) -> bool:
    """Whether a path is that of a GIF, by its name.

    Example:

    >>> is_animation("clips/7.GIF"), is_animation("clips/7.png")
    (True, False)
    """
    return pathlib.PurePath(path).suffix.lower() == ".gif"


def read_frames(
    path: str | os.PathLike[str], shape: Sequence[int] | None = None
) -> tuple[np.ndarray, bool]:
    """Reads a video.

    Args:
        path: A folder of image files, whose names say their order; or an animated GIF.
        shape: Height, width and channels to give the frames; by default those of the first one,
            with one channel where a GIF has shades of grey only.

    Returns:
        `(T, H, W, C)` uint8, and whether frames had another height or width.

    Raises:
        UserError: For what is neither, or a video without a frame.
    """
    if is_animation(path):
        frames = _frames_of_gif(path)
        is_grey = all((frame == frame[..., :1]).all() for frame in frames)
        if is_grey and (shape is None or shape[2] == 1):
            frames = [frame[..., :1] for frame in frames]
    else:
        frames = [read_image(each) for each in frame_paths(path)]
    if not frames:
        raise UserError(f"Expected at least one frame in a film. Received: {str(path)!r}")
    shape = tuple(frames[0].shape if shape is None else shape)
    other = any(frame.shape[:2] != shape[:2] for frame in frames)
    return np.stack([reshaped(frame, shape) for frame in frames]), other


def reshaped(frame: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Gives a frame another size, by area, and other channels, as those of image files are.

    Args:
        frame: `(H, W, C)` uint8.
        shape: Height, width and channels.
    """
    return frame if frame.shape == tuple(shape) else image_array(encode_png(frame), shape)


def _frames_of_gif(path) -> list[np.ndarray]:
    from PIL import Image, ImageSequence

    try:
        with Image.open(path) as film:
            frames = []
            for each in ImageSequence.Iterator(film):
                picture = each.convert("RGBA")
                white = Image.new("RGBA", picture.size, "white")
                frames.append(np.asarray(Image.alpha_composite(white, picture).convert("RGB")))
            return frames
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UserError(
            f"{path}: expected an animated GIF. Received: {' '.join(str(error).split())[:100]}"
        ) from None
