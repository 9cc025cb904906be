"""What goes into a forecaster and what comes out of it, whatever lies between."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from kerasrnn.checks import check_integer, check_length, check_size
from kerasrnn.layers import NonCrossingQuantiles
from kerasrnn.layers.horizon.quantile_levels import check_levels
from kerasrnn.typing import Tensor

__all__ = ["forecast_output", "over_steps", "sizes_of", "window_inputs"]


def sizes_of(
    columns: int, outputs: int, window: int, horizon: int, ahead: int, static: int
) -> dict[str, int]:
    """Checks the sizes of a forecaster, and returns them as integers by their names."""
    found = {"columns": check_size("columns", columns), "outputs": check_size("outputs", outputs)}
    lengths = (("window", window), ("horizon", horizon))
    found |= {name: check_length(name, value) for name, value in lengths}
    counts = (("ahead", ahead), ("static", static))
    return found | {name: check_integer(name, value, least=0) for name, value in counts}


def window_inputs(
    columns: int, window: int | None, horizon: int, ahead: int, static: int
) -> dict[str, Tensor]:
    """Makes the inputs of a forecaster by their names.

    Args:
        columns: Number of columns F of a window.
        window: Number of steps W of a window; `None` for any.
        horizon: Number of steps H to forecast.
        ahead: Number of columns A that are known ahead.
        static: Number of columns S that are the same in all steps of a series.

    Returns:
        `past` `(B, W, F)`, and, where there are such columns, `ahead` `(B, H, A)` and `static`
        `(B, S)`, symbolic float tensors.
    """
    inputs = {"past": keras.Input((window, columns), name="past")}
    if ahead:
        inputs["ahead"] = keras.Input((horizon, ahead), name="ahead")
    if static:
        inputs["static"] = keras.Input((static,), name="static")
    return inputs


def over_steps(numbers: Tensor, steps: Tensor, name: str) -> Tensor:
    """Puts the numbers of a row beside each of its steps.

    Args:
        numbers: `(B, S)`.
        steps: `(B, T, F)`.
        name: Name of the layer that joins them.

    Returns:
        `(B, T, F + S)`.
    """
    beside = ops.expand_dims(numbers, 1) + ops.zeros_like(steps[:, :, :1])
    return keras.layers.Concatenate(name=name)([steps, beside])


def forecast_output(
    numbers: Tensor, horizon: int, outputs: int, quantiles: Sequence[float] | None
) -> Tensor:
    """Makes the output of a forecaster of its last numbers.

    Args:
        numbers: `(B, …)`, in all H * K numbers a row, or H * K * Q.
        horizon: Number of steps H.
        outputs: Number of columns K to forecast.
        quantiles: Levels of the Q quantiles, or `None` for plain numbers.

    Returns:
        `(B, H, K)`, or `(B, H, K, Q)` ascending in the last axis.
    """
    if not quantiles:
        return keras.layers.Reshape((horizon, outputs), dtype="float32", name="forecast")(numbers)
    levels = check_levels("quantiles", quantiles)
    shape = horizon, outputs, len(levels)
    shaped = keras.layers.Reshape(shape, dtype="float32", name="numbers")(numbers)
    return NonCrossingQuantiles(levels, dtype="float32", name="forecast")(shaped)
