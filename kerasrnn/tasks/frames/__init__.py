"""A label for each frame of a video."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["frames"]


def frames() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.frames.job import FrameJob
    from kerasrnn.tasks.frames.task import FrameLabeler

    return TaskParts((FrameLabeler,), FrameJob)


register(options.Frames, frames, figures=(MainFigure("accuracy"),))
