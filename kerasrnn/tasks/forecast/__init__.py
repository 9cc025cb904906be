"""The numbers that follow a window of a series."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["forecast"]


def forecast() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.forecast.job import ForecastJob
    from kerasrnn.tasks.forecast.task import Forecaster

    return TaskParts((Forecaster,), ForecastJob)


register(
    options.Forecast,
    forecast,
    figures=(MainFigure("mae", lower=True),),
    alike=("targets", "horizon"),
)
