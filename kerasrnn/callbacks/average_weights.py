"""Validation and saving with the average of the weights, training with the weights themselves."""

from __future__ import annotations

from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.optimizers.inner import inner_optimizer
from kerasrnn.typing import Tensor

__all__ = ["AverageWeights"]


class AverageWeights(keras.callbacks.Callback):
    """Puts the running average of the weights into the model wherever it does not train.

    Steps of a high rate jump about a place that none of them reaches; their average is near it
    (Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"), and
    generalises better (Merity et al. 2018, "Regularizing and optimizing LSTM language models").
    The optimizer keeps the average: `use_ema=True`, and `ema_momentum` is what remains of it at
    each step. With this callback, the average is validated; at the end of an epoch, callbacks
    that stand after it see, and save, the average; and the model has it after `fit`. The weights
    themselves are then where the optimizer had the average, and are saved with it.

    Keras' `SwapEMAWeights` adds and subtracts to swap, which rounds, and after a training that
    another callback ends the model has the weights of the last step. This one copies.

    Args:
        resumed: Whether the model was loaded from what had been saved behind an epoch.

    Raises:
        ValueError: In `fit`, where the optimizer keeps no average.

    Example:

    >>> import numpy as np
    >>> model = kerasrnn.many_to_one(11, 2, units=5)
    >>> optimizer = keras.optimizers.SGD(1.0, use_ema=True, ema_momentum=0.9)
    >>> model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> x, y = np.array([[7, 8], [9, 0]]), np.array([0, 1])
    >>> callbacks = [kerasrnn.callbacks.AverageWeights()]
    >>> history = model.fit(x, y, epochs=3, callbacks=callbacks, verbose=0)
    """

    def __init__(self, resumed: bool = False):
        super().__init__()
        self._is_average_in_model = resumed
        self._last: list[Tensor] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if not inner_optimizer(self.model.optimizer).use_ema:
            raise UserError("Expected an optimizer with `use_ema=True`. Received: False")

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._put_average(False)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._before_test = self._is_average_in_model
        self._put_average(True)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self._put_average(self._before_test)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._put_average(True)
        self._last = [_value(weight) for weight, _ in self._pairs()]

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        # Keras takes what the optimizer has for the average, which are the weights now.
        for (weight, _), average in zip(self._pairs(), self._last or (), strict=False):
            weight.assign(average)

    def _put_average(self, wanted: bool) -> None:
        """Swaps weights and average unless they are where they are wanted."""
        if wanted != self._is_average_in_model:
            for weight, average in self._pairs():
                values = _value(weight), _value(average)
                weight.assign(values[1])
                average.assign(values[0])
            self._is_average_in_model = wanted

    def _pairs(self) -> list[tuple[keras.Variable, keras.Variable]]:
        """Returns the weights that are trained, each with its average."""
        own = {variable.name: variable for variable in self.model.optimizer.variables}
        return [
            (weight, own[f"{weight.path.replace('/', '_')}_average"])
            for weight in self.model.trainable_variables
        ]


def _value(variable: keras.Variable) -> Tensor:
    return keras.ops.copy(keras.ops.convert_to_tensor(variable))
