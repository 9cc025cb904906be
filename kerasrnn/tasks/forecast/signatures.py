"""A window of numbers in, a forecast out: the function of Python and of the SavedModel."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from kerasrnn import views
from kerasrnn.datasets import WindowScale
from kerasrnn.export.decimals import known_decimals, rounded
from kerasrnn.export.signatures import Signatures
from kerasrnn.typing import Tensor

__all__ = ["ForecastSignatures"]

TOO_FAR = "Expected numbers in `window` whose differences, by those of the training, fit a float32"


class ForecastSignatures(Signatures):
    """Scales a window, forecasts, and scales back, all of it in one graph.

    Args:
        model: What `many_to_one` returned for vectors of F numbers.
        scale: That of the training part.
        window: Number of rows W of a window.
        horizon: Number of rows H to forecast.
        places: Which K of the F columns are forecast.

    Attributes:
        functions: By name `tf.function`s from `window` `(B, W, F)` float64, in the units of the
            file: `serving_default` to `forecast` `(B, H, K)` float64, in the same units, with the
            decimals that the model can know; `encode` to `vector` `(B, U)` float32, what the
            output layer reads. They fail for numbers that are not finite, which JSON cannot hold,
            and for those that are too far from what was trained on for a float32.
    """

    def __init__(
        self,
        model: keras.Model,
        scale: WindowScale,
        window: int,
        horizon: int,
        places: Sequence[int],
    ):
        self.models = [model]
        self.inputs = [tf.TensorSpec((None, window, len(scale.mean)), tf.float64, name="window")]
        self._scale, self._places = scale, list(places)
        self._shape = [-1, horizon, len(places)]
        self._decimals = [known_decimals(scale.deviation[place]) for place in places]
        self._vector = views.vector(model)

    def serve(self, window: Tensor) -> dict[str, Tensor]:
        outputs = tf.reshape(self.models[0](self._scaled(window), training=False), self._shape)
        forecast = rounded(self._scale.unscale(outputs, window, self._places), self._decimals)
        return {"forecast": tf.debugging.check_numerics(forecast, TOO_FAR)}

    def vector(self, window: Tensor) -> Tensor:
        return self._vector(self._scaled(window), training=False)

    def _scaled(self, window):
        window = tf.debugging.check_numerics(window, "Expected finite numbers in `window`")
        features = tf.debugging.check_numerics(self._scale.scale(window, window), TOO_FAR)
        return {"features": features, "mask": tf.fill(tf.shape(features)[:2], True)}
