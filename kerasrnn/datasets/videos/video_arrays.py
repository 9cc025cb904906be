"""Videos in the arrays of a `.npz` file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets.sequences.array_file import open_arrays, row_ends, steps_of_labels

__all__ = ["videos_of_arrays"]


def videos_of_arrays(
    path: str | os.PathLike[str], names: Mapping[str, Sequence[str]], *, labelled: bool = True
) -> list[tuple[np.ndarray, list[str]]]:
    """Reads videos from arrays, without pickle.

    Args:
        path: A `.npz` file with the arrays `frames` `(N, T, H, W, C)` uint8, `lengths` `(N,)`,
            behind which frames are padding, and `labels` `(N, T)`; or, one video behind the other,
            `frames` (sum of the lengths, H, W, C), `lengths` and as many labels as frames. Or a
            `.npy` file of the frames, beside which the others are.
        names: What the file calls these arrays, if not so, under `frames`, `lengths` and `label`.
        labelled: Whether there have to be labels.

    Returns:
        Each video `(T, H, W, C)` uint8, and its T labels, none without `labelled`.

    Raises:
        UserError: For arrays of other shapes or kinds, or frames without labels.
    """
    arrays = open_arrays(path, ("frames", "lengths", "label"), names)
    frames, lengths = arrays.get("frames"), arrays.get("lengths")
    if frames is None or frames.dtype != np.uint8 or frames.ndim not in (4, 5):
        received = "none" if frames is None else f"{frames.dtype} {frames.shape}"
        raise UserError(
            f"{path}: expected `frames` of uint8, (N, T, H, W, C) or, with `lengths`, (sum of T, "
            f"H, W, C). Received: {received}"
        )
    ragged = frames.ndim == 4
    if ragged and lengths is None:
        raise UserError(f"{path}: expected `lengths` beside frames of {frames.shape}")
    ends = row_ends(path, frames, lengths, ragged=ragged)
    if ragged:
        films = np.split(frames, np.cumsum(ends)[:-1])
    else:
        films = [row[:end] for row, end in zip(frames, ends, strict=True)]
    labels: Any = [[] for _ in films]
    if labelled:
        if "label" not in arrays:
            raise UserError(f"{path}: expected an array `labels`, one for each frame")
        labels = steps_of_labels(path, arrays["label"], ends)
    return list(zip(films, labels, strict=True))
