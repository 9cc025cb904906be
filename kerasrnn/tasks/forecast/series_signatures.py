"""Columns by their names in, forecasts and quantiles out: for Python and for the SavedModel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets import PanelScale, calendar_waves, scaled_window, unscaled_forecast
from kerasrnn.export.decimals import known_decimals, rounded
from kerasrnn.export.signatures import Signatures
from kerasrnn.layers import PatchRecurrence
from kerasrnn.layers.horizon.quantile_levels import middle
from kerasrnn.options.words import Offset
from kerasrnn.tasks.forecast.layout import Layout
from kerasrnn.typing import Tensor

__all__ = ["SeriesSignatures", "input_names"]

TOO_FAR = "Expected numbers whose differences, by those of the training, fit a float32"
SERIES, TIME = "series", "time"


def input_names(layout: Layout) -> dict[str, str]:
    """Names the inputs of the signatures.

    Args:
        layout: The columns.

    Returns:
        By name of a column, `"series"` and `"time"` where there are such inputs: the name of its
        input, of letters, digits and underscores, as a SavedModel wants them.

    Example:

    >>> input_names(Layout(("sold",), ("sold",), ahead=("price (EUR)",)))
    {'sold': 'sold', 'price (EUR)': 'price_EUR'}
    """
    wanted = [*([SERIES] if layout.names else []), *layout.columns]
    wanted += [*([TIME] if layout.calendar else []), *layout.static_columns]
    found: dict[str, str] = {}
    for column in wanted:
        name = re.sub(r"\W+", "_", column, flags=re.ASCII).strip("_") or "column"
        name = f"column_{name}" if name[0].isdigit() else name
        taken = {each.lower() for each in found.values()}
        number = 2
        free = name
        while free.lower() in taken:
            free, number = f"{name}_{number}", number + 1
        found[column] = free
    return found


class SeriesSignatures(Signatures):
    """Scales the columns of a window, forecasts, and scales back, all of it in one graph.

    Args:
        model: What a factory of forecasters returned.
        layout: Which columns it reads.
        scale: That of the training part, of the columns of the past and those known ahead.
        offset: What is taken off a window.
        window: Number of rows W of a window.
        horizon: Number of rows H to forecast.
        levels: Levels of the Q quantiles, if any.
        margins: `(K, Q)` what is added to them, in deviations; `None` for nothing.

    Attributes:
        functions: By name `tf.function`s of inputs that are called like their columns, see
            `input_names`: `(B, W)` float64 for each column of the past, `(B, W + H)` float64 for
            each that is known ahead, in the units of the file; `time` `(B, W + H)` int64, seconds
            since 1970, where the model reads the calendar; `series` `(B,)` string, the id, where
            there are several series; `(B,)` float64 or string for each static column.
            `serving_default` gives `forecast` `(B, H, K)` float64 and, with quantiles, `quantiles`
            `(B, H, K, Q)` float64, in the units of the file; `encode` gives `vector` `(B, U)`
            float32, what the window was summed up in. A series that the training has not seen is
            scaled by its own window.
    """

    def __init__(
        self,
        model: keras.Model,
        layout: Layout,
        scale: PanelScale,
        offset: Offset,
        window: int,
        horizon: int,
        levels: Sequence[float] | None,
        margins: Sequence[Sequence[float]] | None = None,
    ):
        self.models = [model]
        self._layout, self._scale = layout, scale
        self._offset: Offset = offset
        self._levels, self._steps = levels, (window, horizon)
        self._margins = margins
        self.inputs = self._specifications()
        least = scale.deviation.min(axis=0)
        self._decimals = [known_decimals(least[place]) for place in layout.places]
        recursive = any(tensor.name == "target" for tensor in model.inputs)
        self._forecast = views.rollout(model) if recursive else None
        self._summary = _summary(model)

    def _specifications(self) -> list[tf.TensorSpec]:
        layout, names = self._layout, input_names(self._layout)
        window, horizon = self._steps
        past = {name: ((None, window), tf.float64) for name in layout.past}
        known = {name: ((None, window + horizon), tf.float64) for name in layout.ahead}
        kinds: dict[str, Any] = {SERIES: ((None,), tf.string), **past, **known}
        kinds |= {TIME: ((None, window + horizon), tf.int64)} if layout.calendar else {}
        for name, categories in layout.static_columns.items():
            kinds[name] = ((None,), tf.float64 if categories is None else tf.string)
        return [tf.TensorSpec(*kinds[column], name=name) for column, name in names.items()]

    def serve(self, *columns: Tensor) -> dict[str, Tensor]:
        inputs, base, deviation = self._scaled(columns)
        if self._forecast is None:
            found = self.models[0](inputs, training=False)
        else:
            last = tf.gather(inputs["past"][:, -1], self._layout.places, axis=-1)
            found = self._forecast({**inputs, "first": last})
        if self._margins is not None:  # those that cross then are put in order
            found = tf.sort(found + tf.constant(self._margins, found.dtype), axis=-1)
        numbers = unscaled_forecast(found, base, deviation, self._layout.places)
        return self.answer(tf.debugging.check_numerics(numbers, TOO_FAR))

    def answer(self, numbers: Any) -> dict[str, Tensor]:
        """Makes what `serving_default` gives.

        Args:
            numbers: `(B, H, K)` or, of quantiles, `(B, H, K, Q)` float64 in the units of the file.
        """
        numbers = tf.convert_to_tensor(numbers)
        if not self._levels:
            return {"forecast": rounded(numbers, self._decimals)}
        numbers = tf.linalg.matrix_transpose(numbers)  # (B, H, Q, K)
        numbers = tf.linalg.matrix_transpose(rounded(numbers, self._decimals))
        return {"forecast": numbers[..., middle(self._levels)], "quantiles": numbers}

    def vector(self, *columns: Tensor) -> Tensor:
        inputs, _, _ = self._scaled(columns)
        if self._forecast is not None:
            horizon, targets = self._steps[1], len(self._layout.targets)
            inputs["target"] = tf.zeros([tf.shape(inputs["past"])[0], horizon, targets])
        found = self._summary(inputs, training=False)
        found = found[0] if isinstance(found, (list, tuple)) else found
        return tf.reduce_mean(found, axis=[1, 2]) if found.shape.rank == 4 else found

    def _scaled(self, columns: Sequence[Tensor]) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        layout = self._layout
        by_column = dict(zip(input_names(layout), columns, strict=True))
        past = tf.stack([by_column[name] for name in layout.past], axis=-1)
        past = tf.debugging.check_numerics(past, "Expected finite numbers of the past")
        ahead = self._ahead(by_column, tf.shape(past)[0])
        mean, deviation = self._moments(by_column, past, ahead)
        window, known, base = scaled_window(past, ahead, mean, deviation, self._offset)
        inputs = {"past": tf.debugging.check_numerics(window, TOO_FAR)}
        if layout.number_ahead:
            inputs["ahead"] = tf.debugging.check_numerics(known, TOO_FAR)
        if layout.static:
            inputs["static"] = self._static(by_column)
        return inputs, base, deviation

    def _ahead(self, by_column, rows) -> Tensor:
        """What is known ahead: columns of the file, then those of the calendar."""
        layout = self._layout
        parts = [by_column[name][..., None] for name in layout.ahead]
        if layout.calendar:
            parts.append(calendar_waves(by_column[TIME], layout.calendar))
        if not parts:
            return tf.zeros([rows, sum(self._steps), 0], tf.float64)
        ahead = tf.concat(parts, axis=-1)
        return tf.debugging.check_numerics(ahead, "Expected finite numbers of what is known ahead")

    def _moments(self, by_column, past, ahead) -> tuple[Tensor, Tensor]:
        """Mean and deviation of each row's series, or of its own window where it is a new one."""
        mean, deviation = tf.constant(self._scale.mean), tf.constant(self._scale.deviation)
        if len(self._scale.mean) == 1:
            return mean, deviation
        names = tf.constant(list(self._scale.names))
        same = by_column[SERIES][:, None] == names[None]
        place = tf.argmax(same, axis=1)
        seen = tf.reduce_any(same, axis=1, keepdims=True)
        window = tf.concat([past, ahead[:, : self._steps[0]]], axis=-1)
        own_mean, own_variance = tf.nn.moments(window, axes=[1])
        own = tf.sqrt(own_variance)
        # The changes of what varies around a mean are larger than the distances to it.
        factor = [2.0**0.5 if self._offset == "last" else 1.0] * len(self._layout.past)
        own *= tf.constant([*factor, *[1.0] * self._layout.number_ahead], tf.float64)
        own = tf.where(own > 0, own, tf.ones_like(own))
        return (
            tf.where(seen, tf.gather(mean, place), own_mean),
            tf.where(seen, tf.gather(deviation, place), own),
        )

    def _static(self, by_column) -> Tensor:
        parts = []
        for name, categories in self._layout.static_columns.items():
            column = by_column[name][:, None]
            if categories is None:
                parts.append(tf.cast(column, tf.float32))
            else:  # all zeros for a category that the training has not seen
                parts.append(tf.cast(column == tf.constant(list(categories))[None], tf.float32))
        return tf.concat(parts, axis=1)


def _summary(model: keras.Model) -> keras.Model:
    """The model up to what sums a window up: the pooling, the encoder, or the patches it makes."""
    layers = {layer.name: layer for layer in model.layers}
    patches = [layer for layer in model.layers if isinstance(layer, PatchRecurrence)]
    last = next((layers[name] for name in ("encoder", "pooling") if name in layers), None)
    last = patches[0] if patches else last or layers["recurrent"]
    output = last.output
    return keras.Model(model.input, output[0] if isinstance(output, (list, tuple)) else output)
