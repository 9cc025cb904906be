"""What a forecaster reads: windows of finite numbers; and what names the rows behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets import Series, WindowScale, following_times
from kerasrnn.datasets.sources.raw_series import as_series, is_table
from kerasrnn.typing import Tensor

__all__ = ["SHOWING", "as_window", "times_behind"]

# How many dates show that their step is regular: the five days of a week do not.
SHOWING = 10


def as_window(numbers: Any, rows: int, columns: Sequence[str], scale: WindowScale) -> np.ndarray:
    """Checks what a user gives as a window.

    Args:
        numbers: `(W, F)` numbers, `(W,)` of one column, or a `Series` or a table with the columns,
            whose last rows are meant.
        rows: Number of rows W.
        columns: Names of the F columns.
        scale: That of the model.

    Returns:
        `(W, F)` float64.

    Raises:
        UserError: For another shape, other columns, or numbers that are not finite or too far from
            each other.

    Example:

    >>> as_window([1, 2], 2, ["x"], WindowScale("last", (0.0,), (1.0,))).tolist()
    [[1.0], [2.0]]
    """
    if is_table(numbers):  # a Series too: its columns have names, which must be these
        numbers = as_series(numbers, columns).values[-rows:]
    shape = (rows, len(columns))
    try:
        window = np.asarray(numbers, "float64")
    except (OverflowError, TypeError, ValueError):
        raise UserError(
            f"Expected a window of numbers, of the shape {shape}. Received: {numbers!r:.60}"
        ) from None
    if window.shape == shape[:1] and shape[1] == 1:
        window = window[:, None]
    if window.shape != shape:
        raise UserError(
            f"Expected a window of the shape {shape}: rows of {', '.join(columns)}. "
            f"Received: {window.shape}"
        )
    if not np.isfinite(window).all():
        raise UserError("Expected finite numbers in a window. Received: NaN or infinity")
    if not scale.fits(window):
        raise UserError(
            "Expected numbers in a window whose differences, by those of the training, fit a "
            f"float32. Received: {window.min():.4g} to {window.max():.4g}"
        )
    return window


def times_behind(window: Tensor, rows: int, horizon: int) -> tuple[str, tuple[str, ...]]:
    """Names the rows that follow a window.

    Args:
        window: A window, or a `Series`, whose times may have a regular step.
        rows: Number of rows of a window.
        horizon: How many rows follow.

    Returns:
        The name of the times and the times; else `"step"` and the numbers from 1.

    Example:

    >>> times_behind(np.zeros((5, 1)), 5, 2)
    ('step', ('1', '2'))
    """
    if isinstance(window, Series) and window.times is not None:
        times = following_times(window.times[-max(rows, SHOWING) :], horizon)
        if times is not None:
            return window.time_name, times
    return "step", tuple(str(i + 1) for i in range(horizon))
