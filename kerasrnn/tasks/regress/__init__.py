"""Numbers for a text: a rating, a price."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["regress"]


def regress() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.regress.job import RegressionJob
    from kerasrnn.tasks.regress.task import Regressor

    return TaskParts((Regressor,), RegressionJob)


register(
    options.Regress,
    regress,
    figures=(MainFigure("mae", lower=True), MainFigure("scaled_mae", lower=True)),
    alike=("scale",),
)
