"""A window of numbers in, a forecast out: the function of Python and of the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn.datasets import WindowScale
from kerasrnn.export.saved_model import without_cudnn

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
        serve: A `tf.function` from `window` `(B, W, F)` float32, in the units of the file, to a
            dictionary of `forecast` `(B, H, K)` float32, in the same units. It fails for numbers
            that are not finite, which JSON cannot hold.
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

        def serve(window):
            window = tf.debugging.check_numerics(window, "Expected finite numbers in `window`")
            features = scale.scale(window, window)
            mask = tf.fill(tf.shape(features)[:2], True)
            with without_cudnn(model):
                outputs = model({"features": features, "mask": mask}, training=False)
            outputs = tf.reshape(outputs, [-1, horizon, len(places)])
            forecast = scale.unscale(outputs, window, places)
            message = "Expected numbers in `window` whose differences a float32 can hold"
            return {"forecast": tf.debugging.check_numerics(forecast, message)}

        signature = [tf.TensorSpec(shape, tf.float32, name="window")]
        self.serve = tf.function(serve, input_signature=signature, autograph=False)
