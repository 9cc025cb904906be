"""Image to text."""

from kerasrnn import options
from kerasrnn.tasks.registry import Room, register

__all__ = ["caption"]


def caption() -> Room:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.caption.job import CaptionJob
    from kerasrnn.tasks.caption.task import Captioner

    return Room((Captioner,), CaptionJob)


register(options.Caption, caption)
