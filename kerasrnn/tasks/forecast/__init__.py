"""The numbers that follow a window of a series."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["forecast"]


def forecast() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.forecast.series_job import forecast_job
    from kerasrnn.tasks.forecast.series_task import SeriesForecaster
    from kerasrnn.tasks.forecast.task import Forecaster

    return TaskParts((Forecaster, SeriesForecaster), forecast_job)


register(
    options.Forecast,
    forecast,
    saved_as=("forecast", "forecast-series"),
    figures=(MainFigure("mae", lower=True),),
    alike=("targets", "horizon"),
)
