"""Files of images: those that a table names, and examples in the folder of a run."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kerasrnn.datasets import text_inputs
from kerasrnn.datasets.readers.image_decoding import encode_png
from kerasrnn.files import write_beside
from kerasrnn.options import Source

__all__ = ["image_inputs", "write_example"]


def image_inputs(source: Source, parse_lines: Callable[..., list]) -> Iterator[Any]:
    """Reads inputs of a task of images from a table of paths.

    Args:
        source: The table.
        parse_lines: `Task.parse_lines`, which looks for the files beside the table too.

    Returns:
        The inputs, in the order of the file.
    """
    folder = pathlib.Path(source.data).parent
    lines = text_inputs(source.data, "image", **source.form)
    return (each for line in lines for each in parse_lines([line], folder))


def write_example(folder: pathlib.Path, name: str, image: np.ndarray) -> str:
    """Writes an image into the examples of a run, for `kerasrnn predict` to read.

    Args:
        folder: The folder of the run.
        name: Name of the file, such as `"0.png"`.
        image: `(H, W, C)` uint8.

    Returns:
        The path of the file from the folder of the run, such as `"examples/0.png"`.
    """
    path = folder / "examples" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    write_beside(path, lambda beside: beside.write_bytes(encode_png(image)))
    return f"examples/{name}"
