"""How two texts relate: whether they mean the same, whether one follows from the other."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["compare"]


def compare() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.compare.job import ComparisonJob
    from kerasrnn.tasks.compare.task import PairClassifier

    return TaskParts((PairClassifier,), ComparisonJob)


register(options.Compare, compare, figures=(MainFigure("accuracy"),))
