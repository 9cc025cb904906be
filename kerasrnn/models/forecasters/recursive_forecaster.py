"""One step of a horizon after the other, each from the forecast before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras

from kerasrnn.layers import RecurrentStack
from kerasrnn.models.forecasters.windows import (
    forecast_output,
    over_steps,
    sizes_of,
    window_inputs,
)
from kerasrnn.models.precision import few_outputs
from kerasrnn.options.words import DecoderCell

__all__ = ["recursive_forecaster"]


def recursive_forecaster(
    columns: int,
    outputs: int,
    *,
    horizon: int = 1,
    ahead: int = 0,
    static: int = 0,
    quantiles: Sequence[float] | None = None,
    cell: DecoderCell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    name: str = "recursive_forecaster",
) -> keras.Model:
    """Builds an encoder-decoder that forecasts step by step (Sutskever et al. 2014, of numbers).

    It is trained by teacher forcing: each step of the decoder reads the true numbers of the step
    before. `views.rollout` makes the steps one after the other, each of which then reads what was
    forecast for the step before: of quantiles the one whose level is the nearest to 0.5.

    Args:
        columns: Number of columns F of a window, those that are known ahead among them.
        outputs: Number of columns K to forecast.
        horizon: Number of steps H to forecast.
        ahead: Number of columns A that are known in all steps of the horizon.
        static: Number of columns S that are the same in all steps of a series.
        quantiles: Levels of Q quantiles to forecast, ascending; by default plain numbers.
        cell: A cell that can start a decoder, or a callable `units -> layer`.
        units: Units of each layer and direction of the encoder.
        num_layers: Recurrent layers of encoder and decoder.
        bidirectional: Whether the encoder also reads from the end; the decoder has then twice as
            many units.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the inputs `past` `(B, W, F)`, `target` `(B, H, K)`, the
        numbers to forecast moved by one step, the last of the window first, `ahead` `(B, H, A)`
        and `static` `(B, S)` float32, the latter two where there are such columns; its output is
        `(B, H, K)` float32, or `(B, H, K, Q)`. Layers: `with_static`, `encoder`, `with_ahead`,
        `static_over_steps`, `decoder`, `dropout`, `output`, `forecast`.

    Raises:
        ValueError: For an unknown cell, or a size out of range.

    Example:

    >>> model = recursive_forecaster(3, 2, horizon=5, ahead=1, units=7)
    >>> sorted(model.input), model.output_shape
    (['ahead', 'past', 'target'], (None, 5, 2))
    """
    sizes = sizes_of(columns, outputs, 1, horizon, ahead, static)
    inputs = window_inputs(sizes["columns"], None, sizes["horizon"], ahead, static)
    shape = sizes["horizon"], sizes["outputs"]
    inputs["target"] = keras.Input(shape, name="target")
    steps, read = inputs["past"], inputs["target"]
    if ahead:
        read = keras.layers.Concatenate(name="with_ahead")([read, inputs["ahead"]])
    if static:
        steps = over_steps(inputs["static"], steps, "with_static")
        read = over_steps(inputs["static"], read, "static_over_steps")
    encoder = RecurrentStack(
        cell, units, num_layers, bidirectional, dropout, False, return_state=True, name="encoder"
    )
    decoder = RecurrentStack(
        cell, units * (1 + bidirectional), num_layers, dropout=dropout, return_state=True,
        name="decoder",
    )  # fmt: skip
    _, *states = encoder(steps)
    hidden = decoder(read, initial_state=states)[0]
    if dropout:
        hidden = keras.layers.Dropout(dropout, name="dropout")(hidden)
    numbers = few_outputs(hidden, shape[1] * (len(quantiles) if quantiles else 1))
    output = forecast_output(numbers, *shape, quantiles)
    return keras.Model(inputs, output, name=name)
