"""The optimizer that changes the weights, where another one stands around it."""

from __future__ import annotations

import keras

__all__ = ["inner_optimizer"]


def inner_optimizer(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Returns the optimizer that keeps averages and clips, or what it was given.

    In float16 Keras puts a `LossScaleOptimizer` around it, which has the learning rate of the inner
    one, but knows nothing of its averages.

    Args:
        optimizer: That of a compiled model.

    Example:

    >>> around = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5, use_ema=True))
    >>> around.use_ema, inner_optimizer(around).use_ema
    (False, True)
    """
    return getattr(optimizer, "inner_optimizer", optimizer)
