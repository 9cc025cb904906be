"""Which steps are meant: the frames of videos, or vectors."""

from __future__ import annotations

from kerasrnn.datasets import has_vectors
from kerasrnn.datasets.readers.feature_names import feature_names
from kerasrnn.datasets.readers.local_files import file_of_split, form_of
from kerasrnn.datasets.readers.table_rows import ALSO_TABLES, TABLES
from kerasrnn.datasets.sequences.array_file import ARRAYS, arrays_there, open_arrays
from kerasrnn.options import Frames
from kerasrnn.tasks.frames.job import FrameJob
from kerasrnn.tasks.frames.vector_label_job import VectorLabelJob

__all__ = ["frames_job"]

ROLES = ("frames", "features", "lengths", "label", "tags", "video", "frame", "id", "time", "values")


def frames_job(options: Frames) -> FrameJob:
    """Makes the job of `kerasrnn train frames`, after a look at what there is to label.

    Args:
        options: The options of the training.

    Returns:
        A `VectorLabelJob` for sequences of vectors, which are the array `features` of a file or a
        table whose ids are named, otherwise a `FrameJob`.

    Raises:
        ValueError: For a file that is not there.
    """
    return (VectorLabelJob if _has_vectors(options) else FrameJob)(options)


def _has_vectors(options: Frames) -> bool:
    if not has_vectors(options.data, options.features):
        return False
    path, _ = file_of_split(options.data, "train", (*ARRAYS, *TABLES), ALSO_TABLES)
    if form_of(path) not in ARRAYS:
        return True
    if form_of(path) == ".npy":  # which has no names: frames have height, width and channels
        return open_arrays(path, ("features",), {})["features"].ndim < 4
    there = arrays_there(path, ("features", "frames"), feature_names(options.features, ROLES))
    return "features" in there and "frames" not in there
