"""The rollout view: a recursive forecaster that reads its own forecasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.layers import NonCrossingQuantiles
from kerasrnn.layers.horizon.quantile_levels import middle
from kerasrnn.models.wiring import layers_by_name
from kerasrnn.typing import Tensor

__all__ = ["rollout"]


def rollout(model: keras.Model) -> Callable[[Mapping[str, Tensor]], Tensor]:
    """Makes the function that forecasts step by step.

    Args:
        model: What `models.recursive_forecaster` returned; its layers are run.

    Returns:
        A function from a dictionary of the model's inputs, `target` left out but for its first
        step `first` `(B, K)`, to what the model gives: `(B, H, K)` or `(B, H, K, Q)`. Nothing is
        dropped. It runs in a graph of any backend.

    Raises:
        ValueError: For another model.

    Example:

    >>> import numpy as np
    >>> model = kerasrnn.models.recursive_forecaster(3, 2, horizon=5, units=7)
    >>> past = np.ones((4, 11, 3), "float32")
    >>> tuple(kerasrnn.views.rollout(model)({"past": past, "first": past[:, -1, :2]}).shape)
    (4, 5, 2)
    """
    layers = layers_by_name(model)
    if not {"encoder", "decoder", "forecast"} <= set(layers):
        raise UserError(f"Expected a model of `recursive_forecaster`. Received: {model.name!r}")
    _, horizon, outputs, *_ = model.output_shape
    last = layers["forecast"]
    quantiles = last if isinstance(last, NonCrossingQuantiles) else None

    def run(inputs: Mapping[str, Tensor]) -> Tensor:
        past = ops.cast(ops.convert_to_tensor(inputs["past"]), "float32")
        static = ops.cast(inputs["static"], past.dtype) if "static" in inputs else None
        steps = past
        if static is not None:
            beside = ops.expand_dims(static, 1) + ops.zeros_like(past[:, :, :1])
            steps = ops.concatenate([past, beside], axis=-1)
        _, *states = layers["encoder"](steps, training=False)

        def step(carried: list, known: Tensor) -> tuple:
            before, _, *states = carried
            parts = [before, *([known] if "ahead" in inputs else [])]
            read = ops.concatenate([*parts, *([] if static is None else [static])], axis=-1)
            hidden, *states = layers["decoder"](read, initial_state=states, training=False)
            numbers = found = layers["output"](ops.cast(hidden, "float32"))
            if quantiles is not None:
                found = quantiles(ops.reshape(numbers, (-1, outputs, len(quantiles.levels))))
                numbers = found[..., middle(quantiles.levels)]
            # TensorFlow wants what is collected to have the shapes of what is carried.
            return [numbers, found, *states], [numbers, found, *states]

        first = ops.cast(inputs["first"], "float32")
        nothing = first
        if quantiles is not None:
            nothing = ops.repeat(ops.expand_dims(first, -1), len(quantiles.levels), axis=-1)
        if "ahead" in inputs:
            over_time = ops.transpose(ops.cast(inputs["ahead"], past.dtype), (1, 0, 2))
        else:
            over_time = ops.zeros((horizon, 1))
        _, collected = ops.scan(step, [first, nothing, *states], over_time)
        return ops.moveaxis(collected[1], 0, 1)

    return run
