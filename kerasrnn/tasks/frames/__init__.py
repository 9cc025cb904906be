"""A label for each frame of a video, or for each step of a sequence of vectors."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["frames"]


def frames() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.frames.frames_or_vectors import frames_job
    from kerasrnn.tasks.frames.task import FrameLabeler
    from kerasrnn.tasks.frames.vector_labeler import VectorLabeler

    return TaskParts((FrameLabeler, VectorLabeler), frames_job)


register(
    options.Frames,
    frames,
    saved_as=("frames", "frames-vectors"),
    figures=(MainFigure("accuracy"),),
)
