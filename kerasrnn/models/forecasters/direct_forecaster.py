"""All steps of a horizon at once, from what sums up a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import AttentionPooling, RecurrentStack, SequencePooling
from kerasrnn.models.forecasters.windows import (
    forecast_output,
    over_steps,
    sizes_of,
    window_inputs,
)
from kerasrnn.models.precision import few_outputs
from kerasrnn.options.words import Cell, Pooling, words

__all__ = ["direct_forecaster"]

POOLINGS = words(Pooling)
# Numbers that each step of the horizon gets of the window, beside what is known ahead of it.
CONTEXT = 16


def direct_forecaster(
    columns: int,
    outputs: int,
    *,
    horizon: int = 1,
    ahead: int = 0,
    static: int = 0,
    quantiles: Sequence[float] | None = None,
    cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    pooling: Pooling = "last",
    name: str = "direct_forecaster",
) -> keras.Model:
    """Builds a many-to-one model that forecasts all steps of a horizon at once.

    Without columns that are known ahead, one layer makes all numbers. With them it makes a context
    for each step, which a small network that all steps share reads beside what is known of the
    step (the global and the local network of Wen et al. 2017, section 3.2).

    Args:
        columns: Number of columns F of a window, those that are known ahead among them.
        outputs: Number of columns K to forecast.
        horizon: Number of steps H to forecast.
        ahead: Number of columns A that are known in all steps of the horizon.
        static: Number of columns S that are the same in all steps of a series.
        quantiles: Levels of Q quantiles to forecast, ascending, such as (0.1, 0.5, 0.9); by
            default plain numbers.
        cell: As in `many_to_one`, like `units`, `num_layers`, `bidirectional`, `dropout` and
            `pooling`.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        bidirectional: Whether each layer also reads the window from its end.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer.
        pooling: What sums up the window.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the inputs `past` `(B, W, F)`, `ahead` `(B, H, A)` and
        `static` `(B, S)` float32, the latter two where there are such columns; its output is
        `(B, H, K)` float32, or `(B, H, K, Q)`, quantiles that never cross. Layers: `with_static`,
        `recurrent`, `pooling`, `dropout`; `contexts`, `with_ahead` and `step` with columns known
        ahead; `output`, `forecast`.

    Raises:
        ValueError: For an unknown cell or pooling, or a size out of range.

    Example:

    >>> model = direct_forecaster(3, 2, horizon=5, ahead=1, quantiles=[0.1, 0.5, 0.9], units=7)
    >>> sorted(model.input), model.output_shape
    (['ahead', 'past'], (None, 5, 2, 3))
    """
    sizes = sizes_of(columns, outputs, 1, horizon, ahead, static)
    if pooling not in POOLINGS:
        raise UserError(f"Expected `pooling` to be one of {POOLINGS}. Received: {pooling!r}")
    inputs = window_inputs(sizes["columns"], None, sizes["horizon"], ahead, static)
    steps = inputs["past"]
    if static:
        steps = over_steps(inputs["static"], steps, "with_static")
    whole = pooling != "last"
    stack = RecurrentStack(
        cell, units, num_layers, bidirectional, dropout, whole, return_state=True, name="recurrent"
    )
    hidden = stack(steps)[0]
    if pooling == "attention":
        hidden, _ = AttentionPooling(name="pooling")(hidden)
    elif whole:
        hidden = SequencePooling(pooling, name="pooling")(hidden)
    if dropout:
        hidden = keras.layers.Dropout(dropout, name="dropout")(hidden)
    each = sizes["outputs"] * (len(quantiles) if quantiles else 1)
    if ahead:
        size = sizes["horizon"], CONTEXT
        contexts = keras.layers.Dense(size[0] * size[1], name="contexts")(hidden)
        contexts = keras.layers.Reshape(size, name="by_step")(contexts)
        known = keras.layers.Concatenate(name="with_ahead")([contexts, inputs["ahead"]])
        hidden = keras.layers.Dense(units, activation="relu", name="step")(known)
        numbers = few_outputs(hidden, each)
    else:
        numbers = few_outputs(hidden, sizes["horizon"] * each)
    output = forecast_output(numbers, sizes["horizon"], sizes["outputs"], quantiles)
    return keras.Model(inputs, output, name=name)
