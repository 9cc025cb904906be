"""Numbers for a text or for a sequence of vectors: a rating, a price, the load of the next day."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["regress"]


def regress() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.regress.task import Regressor
    from kerasrnn.tasks.regress.texts_or_vectors import regression_job
    from kerasrnn.tasks.regress.vector_regressor import VectorRegressor

    return TaskParts((Regressor, VectorRegressor), regression_job)


register(
    options.Regress,
    regress,
    saved_as=("regress", "regress-vectors"),
    figures=(MainFigure("mae", lower=True), MainFigure("scaled_mae", lower=True)),
    alike=("scale",),
)
