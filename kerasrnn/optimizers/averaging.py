"""Optimizers whose running average of the weights forgets where they began."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError, check_integer, check_number
from kerasrnn.optimizers.fused import FusedAdam, FusedSGD
from kerasrnn.optimizers.lazy_adam import LazyAdam
from kerasrnn.typing import Tensor

__all__ = [
    "AveragingAdam",
    "AveragingLazyAdam",
    "AveragingSGD",
    "averaging",
    "epochs_momentum",
]


class _CorrectedAverage:
    r"""Gives an optimizer of Keras an average of the weights that is corrected for its beginning.

    Keras lets the weights $w_1$ behind the first step begin the average, with which they weigh
    $m^{t-1}$ after t steps: with a momentum m of 0.998 and 126 steps an epoch still 0.37 after four
    epochs. Here all weights so far weigh by their age alone, as in Adam's corrected moments
    (Kingma and Ba 2015, section 3):

    $\bar w_t = \sum_{i=1}^t m^{t-i} w_i / \sum_{i=1}^t m^{t-i}$

    Keras computes this by itself if the momentum of step t + 1 is $m (1 - m^t) / (1 - m^{t+1})$.
    """

    iterations: Any
    _momentum: float

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)  # to the optimizer of Keras, the base behind this one

    @property
    def ema_momentum(self) -> Tensor:
        """What remains of the average at this step, `()` float32; 0 at the first one."""
        if not self._momentum:
            return 0.0
        rate, done = math.log(self._momentum), ops.cast(self.iterations, "float32")
        if not rate:
            return done / (done + 1)  # the mean of all
        # 1 - m ** t would lose the digits of a momentum near 1.
        return self._momentum * ops.expm1(rate * done) / ops.expm1(rate * (done + 1))

    @ema_momentum.setter
    def ema_momentum(self, value: float) -> None:
        self._momentum = value

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "ema_momentum": self._momentum}  # type: ignore[misc]


@keras.saving.register_keras_serializable("kerasrnn")
class AveragingAdam(_CorrectedAverage, FusedAdam):
    """Adam that keeps an average of the weights in which the first ones do not linger.

    `callbacks.AverageWeights` validates and saves with the average.

    Args:
        learning_rate: As in Keras' Adam.
        use_ema: Whether to keep the average.
        ema_momentum: What remains of the average at each step, once there were many;
            see `epochs_momentum`.
        **kwargs: Further arguments of Keras' Adam.

    Example:

    >>> model = kerasrnn.many_to_one(11, 2, units=5)
    >>> optimizer = AveragingAdam(0.01, ema_momentum=epochs_momentum(1.5, 126))
    >>> model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        *,
        use_ema: bool = True,
        ema_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(learning_rate, use_ema=use_ema, ema_momentum=ema_momentum, **kwargs)


@keras.saving.register_keras_serializable("kerasrnn")
class AveragingLazyAdam(_CorrectedAverage, LazyAdam):
    """`LazyAdam` that keeps an average of the weights in which the first ones do not linger.

    Args:
        learning_rate: As in Keras' Adam.
        use_ema: Whether to keep the average.
        ema_momentum: What remains of the average at each step, once there were many;
            see `epochs_momentum`.
        **kwargs: Further arguments of Keras' Adam.

    Example:

    >>> AveragingLazyAdam(0.01, ema_momentum=0.9).use_ema
    True
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        *,
        use_ema: bool = True,
        ema_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(learning_rate, use_ema=use_ema, ema_momentum=ema_momentum, **kwargs)


@keras.saving.register_keras_serializable("kerasrnn")
class AveragingSGD(_CorrectedAverage, FusedSGD):
    """SGD that keeps an average of the weights in which the first ones do not linger.

    Args:
        learning_rate: As in Keras' SGD.
        use_ema: Whether to keep the average.
        ema_momentum: What remains of the average at each step, once there were many;
            see `epochs_momentum`.
        **kwargs: Further arguments of Keras' SGD.

    Example:

    >>> AveragingSGD(0.5, ema_momentum=0.9).get_config()["ema_momentum"]
    0.9
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        *,
        use_ema: bool = True,
        ema_momentum: float = 0.99,
        **kwargs: Any,
    ):
        super().__init__(learning_rate, use_ema=use_ema, ema_momentum=ema_momentum, **kwargs)


_AVERAGING = {
    keras.optimizers.Adam: AveragingAdam,
    FusedAdam: AveragingAdam,
    LazyAdam: AveragingLazyAdam,
    keras.optimizers.SGD: AveragingSGD,
    FusedSGD: AveragingSGD,
}


def averaging(kind: type[keras.optimizers.Optimizer]) -> type[keras.optimizers.Optimizer]:
    """Returns the optimizer that is as another one, and keeps such an average.

    Args:
        kind: `keras.optimizers.Adam`, `keras.optimizers.SGD`, or one of this package.

    Raises:
        ValueError: For another class.

    Example:

    >>> averaging(keras.optimizers.Adam).__name__
    'AveragingAdam'
    """
    if kind not in _AVERAGING:
        raise UserError(
            f"Expected Keras' Adam or SGD for a corrected average. Received: {kind.__name__}"
        )
    return _AVERAGING[kind]


def epochs_momentum(epochs: float, steps_per_epoch: int) -> float:
    """Returns the momentum of an average that goes back about this many epochs.

    Args:
        epochs: The number of epochs; below one step, the average is the weights themselves.
        steps_per_epoch: Batches of an epoch.

    Returns:
        1 - 1 / (steps per epoch × epochs), from 0.

    Example:

    >>> epochs_momentum(2.5, 40)
    0.99
    """
    steps = check_number("epochs", epochs) * check_integer("steps_per_epoch", steps_per_epoch)
    return 1 - 1 / max(steps, 1)
