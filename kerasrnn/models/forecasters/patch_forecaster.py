"""SegRNN: patches of a window read one after the other, those of the horizon made at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
from keras import ops

from kerasrnn.checks import UserError, check_integer
from kerasrnn.layers import PatchQueries, PatchRecurrence, SplitPatches
from kerasrnn.models.forecasters.windows import forecast_output, sizes_of, window_inputs
from kerasrnn.models.precision import few_outputs
from kerasrnn.options.words import Cell

__all__ = ["patch_forecaster"]


def patch_forecaster(
    columns: int,
    channels: Sequence[int],
    *,
    window: int,
    horizon: int,
    patch_length: int,
    ahead: int = 0,
    static: int = 0,
    quantiles: Sequence[float] | None = None,
    cell: Cell | Callable[[int], keras.layers.RNN] = "gru",
    units: int = 512,
    num_layers: int = 1,
    dropout: float = 0.1,
    name: str = "patch_forecaster",
) -> keras.Model:
    """Builds the segment recurrent network SegRNN (Lin et al. 2023).

    A window is cut into patches, so that a recurrent layer makes a step for each patch instead of
    one for each row (section 3.2). Each column to forecast is read for itself, by the same
    weights. From the last state one step is made for each patch of the horizon, all side by side
    (section 3.3). SegRNN takes the last value of a window off before and adds it after; here that
    belongs to the scale of the data, the `offset` of `kerasrnn train forecast`.

    Args:
        columns: Number of columns F of a window.
        channels: Which K of them are forecast; the others are read beside each of these.
        window: Number of steps W of a window, a multiple of the patch length.
        horizon: Number of steps H to forecast; where it is no multiple, the end of the last patch
            is left out.
        patch_length: Number of steps P of a patch.
        ahead: Number of columns A that are known in all steps of the horizon.
        static: Number of columns S that are the same in all steps of a series.
        quantiles: Levels of Q quantiles to forecast, ascending; by default plain numbers.
        cell: As in `many_to_one`; of a GRU all patches of the horizon cost little more than one.
        units: Units of each layer, and the size of the vector of a patch.
        num_layers: Recurrent layers.
        dropout: Fraction dropped from what the output layer reads, and between recurrent layers.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the inputs `past` `(B, W, F)`, `ahead` `(B, H, A)` and
        `static` `(B, S)` float32, the latter two where there are such columns; its output is
        `(B, H, K)` float32, or `(B, H, K, Q)`. Layers: `patches`, `patch_embedding`, `queries`,
        `ahead_embedding`, `static_embedding`, `recurrent`, `dropout`, `output`, `forecast`.

    Raises:
        ValueError: For an unknown cell, channels that are not among the columns, or a size out of
            range.

    Example:

    >>> model = patch_forecaster(3, [0, 2], window=12, horizon=7, patch_length=4, units=5)
    >>> model.output_shape
    (None, 7, 2)
    """
    sizes = sizes_of(columns, len(channels), window, horizon, ahead, static)
    patch_length = check_integer("patch_length", patch_length)
    places = [check_integer("channels", each, least=0) for each in channels]
    if len(set(places)) != len(places) or max(places) >= sizes["columns"]:
        raise UserError(
            f"Expected `channels` to be distinct numbers below {columns}. Received: {channels!r}"
        )
    inputs = window_inputs(sizes["columns"], sizes["window"], sizes["horizon"], ahead, static)
    number = -(-sizes["horizon"] // patch_length)
    patches = SplitPatches(patch_length, places, name="patches")(inputs["past"])
    patches = keras.layers.Dense(units, activation="relu", name="patch_embedding")(patches)
    queries = PatchQueries(number, len(places), units, name="queries")(inputs["past"])
    queries = _known(queries, inputs, number, patch_length, units)
    stack = PatchRecurrence(
        cell, units, num_layers, dropout if num_layers > 1 else 0.0, name="recurrent"
    )
    hidden = stack(patches, queries)
    if dropout:
        hidden = keras.layers.Dropout(dropout, name="dropout")(hidden)
    each = len(quantiles) if quantiles else 1
    numbers = few_outputs(hidden, patch_length * each)
    # (B, K, M, P * Q) to (B, H, K, Q)
    numbers = ops.reshape(numbers, (-1, len(places), number * patch_length, each))
    numbers = ops.transpose(numbers[:, :, : sizes["horizon"]], (0, 2, 1, 3))
    output = forecast_output(numbers, sizes["horizon"], len(places), quantiles)
    return keras.Model(inputs, output, name=name)


def _known(queries, inputs, number: int, patch_length: int, units: int):
    """Adds what is known of each patch of the horizon, and of the series, to its query."""
    if "ahead" in inputs:
        horizon, columns = inputs["ahead"].shape[1:]
        over = number * patch_length - horizon
        known = ops.pad(inputs["ahead"], ((0, 0), (0, over), (0, 0))) if over else inputs["ahead"]
        known = ops.reshape(known, (-1, 1, number, patch_length * columns))
        queries = queries + keras.layers.Dense(units, use_bias=False, name="ahead_embedding")(known)
    if "static" in inputs:
        static = ops.expand_dims(ops.expand_dims(inputs["static"], 1), 1)
        embedded = keras.layers.Dense(units, use_bias=False, name="static_embedding")(static)
        queries = queries + embedded
    return queries
