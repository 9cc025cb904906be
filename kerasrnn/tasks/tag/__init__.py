"""A label for each token of a sentence."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["tag"]


def tag() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.tag.job import TaggingJob
    from kerasrnn.tasks.tag.task import Tagger

    return TaskParts((Tagger,), TaggingJob)


register(
    options.Tag,
    tag,
    # Only labels that mark entities have the first one.
    figures=(MainFigure("f1"), MainFigure("accuracy")),
)
