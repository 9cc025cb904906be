"""A window of numbers in, a forecast out: the function of Python and of the SavedModel."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets import WindowScale
from kerasrnn.export.saved_model import portable

__all__ = ["ForecastFunction"]

TOO_FAR = "Expected numbers in `window` whose differences, by those of the training, fit a float32"
# A float32 near 1 has seven or eight digits, and its neighbours are 6e-8 away.
DIGITS = 8


class ForecastFunction:
    """Scales a window, forecasts, and scales back, all of it in one graph.

    Args:
        model: What `many_to_one` returned for vectors of F numbers.
        scale: That of the training part.
        window: Number of rows W of a window.
        horizon: Number of rows H to forecast.
        places: Which K of the F columns are forecast.

    Attributes:
        signatures: By name `tf.function`s from `window` `(B, W, F)` float64, in the units of the
            file: `serving_default` to `forecast` `(B, H, K)` float64, in the same units, with the
            decimals that the model can know; `encode` to `vector` `(B, U)` float32, what the
            output layer reads. They fail for numbers that are not finite, which JSON cannot hold,
            and for those that are too far from what was trained on for a float32.
        lengths: For each signature and output, which outputs say how long its rows are.
        tracked: What an export has to track.
    """

    def __init__(
        self,
        model: keras.Model,
        scale: WindowScale,
        window: int,
        horizon: int,
        places: Sequence[int],
    ):
        self.tracked = [model]
        shape = (None, window, len(scale.mean))
        decimals = [_decimals(scale.deviation[place]) for place in places]

        vector = views.vector(model)

        def inputs_of(window):
            window = tf.debugging.check_numerics(window, "Expected finite numbers in `window`")
            features = tf.debugging.check_numerics(scale.scale(window, window), TOO_FAR)
            return {"features": features, "mask": tf.fill(tf.shape(features)[:2], True)}

        def serve(window):
            outputs = model(inputs_of(window), training=False)
            outputs = tf.reshape(outputs, [-1, horizon, len(places)])
            forecast = _rounded(scale.unscale(outputs, window, places), decimals)
            return {"forecast": tf.debugging.check_numerics(forecast, TOO_FAR)}

        def encode(window):
            return {"vector": vector(inputs_of(window), training=False)}

        window = tf.TensorSpec(shape, tf.float64, name="window")
        self.signatures = {
            "serving_default": portable([model], serve, window),
            "encode": portable([model], encode, window),
        }
        self.lengths = {}


def _decimals(deviation: float) -> int:
    """How many decimals a forecast has whose unit is a deviation; negative for tens, hundreds."""
    return DIGITS - math.floor(math.log10(deviation))


def _rounded(numbers, decimals: Sequence[int]):
    """Rounds `(B, H, K)` float64 to the given decimals of each of K columns.

    What a float32 has to say is 1234400.125; as a float64 it would be 1234400.1250000298. Only
    powers of ten that a float64 holds exactly, and whole numbers that it does, give such numbers.
    """
    up = tf.constant([10.0 ** min(max(0, n), 22) for n in decimals], numbers.dtype)
    down = tf.constant([10.0 ** min(max(0, -n), 22) for n in decimals], numbers.dtype)
    whole = tf.round(numbers / down * up)
    exact = (tf.abs(whole) < 2.0**53) & tf.constant([abs(n) <= 22 for n in decimals])
    # Not by `/`, of which the graph's optimizer makes a product with 1e-8, which is not exact.
    return tf.where(exact, tf.math.divide_no_nan(whole * down, up), numbers)
