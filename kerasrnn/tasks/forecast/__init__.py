"""The numbers that follow a window of a series."""

from kerasrnn import options
from kerasrnn.tasks.registry import Room, register

__all__ = ["forecast"]


def forecast() -> Room:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.forecast.job import ForecastJob
    from kerasrnn.tasks.forecast.task import Forecaster

    return Room((Forecaster,), ForecastJob)


register(options.Forecast, forecast)
