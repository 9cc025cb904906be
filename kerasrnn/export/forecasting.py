"""A window of numbers in, a forecast out: the function of Python and of the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets import WindowScale
from kerasrnn.export.saved_model import portable

__all__ = ["ForecastFunction"]


class ForecastFunction:
    """Scales a window, forecasts, and scales back, all of it in one graph.

    Args:
        model: What `many_to_one` returned for vectors of F numbers.
        scale: That of the training part.
        window: Number of rows W of a window.
        horizon: Number of rows H to forecast.
        places: Which K of the F columns are forecast.

    Attributes:
        signatures: By name `tf.function`s from `window` `(B, W, F)` float32, in the units of the
            file: `serving_default` to `forecast` `(B, H, K)` float32, in the same units; `encode`
            to `vector` `(B, U)` float32, what the output layer reads. They fail for numbers that
            are not finite, which JSON cannot hold.
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

        vector = views.vector(model)

        def inputs_of(window):
            window = tf.debugging.check_numerics(window, "Expected finite numbers in `window`")
            features = scale.scale(window, window)
            return {"features": features, "mask": tf.fill(tf.shape(features)[:2], True)}

        def serve(window):
            outputs = model(inputs_of(window), training=False)
            outputs = tf.reshape(outputs, [-1, horizon, len(places)])
            forecast = scale.unscale(outputs, window, places)
            message = "Expected numbers in `window` whose differences a float32 can hold"
            return {"forecast": tf.debugging.check_numerics(forecast, message)}

        def encode(window):
            return {"vector": vector(inputs_of(window), training=False)}

        window = tf.TensorSpec(shape, tf.float32, name="window")
        self.signatures = {
            "serving_default": portable([model], serve, window),
            "encode": portable([model], encode, window),
        }
        self.lengths = {}
