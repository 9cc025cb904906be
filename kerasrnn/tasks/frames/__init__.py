"""A label for each frame of a video."""

from kerasrnn import options
from kerasrnn.tasks.registry import Room, register

__all__ = ["frames"]


def frames() -> Room:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.frames.job import FrameJob
    from kerasrnn.tasks.frames.task import FrameLabeler

    return Room((FrameLabeler,), FrameJob)


register(options.Frames, frames)
