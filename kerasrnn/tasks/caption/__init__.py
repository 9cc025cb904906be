"""Image to text."""

from kerasrnn import options
from kerasrnn.tasks.registry import TEXT_FIGURES, TaskParts, register

__all__ = ["caption"]


def caption() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.caption.job import CaptionJob
    from kerasrnn.tasks.caption.task import Captioner

    return TaskParts((Captioner,), CaptionJob)


register(options.Caption, caption, figures=TEXT_FIGURES)
