"""Keras' optimizers with fewer operations in a step on TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.typing import Tensor

__all__ = ["FusedAdam", "FusedSGD"]


class _SparseClipping(keras.optimizers.Optimizer):
    """Gives an optimizer of Keras a global clipping that leaves gradients of rows as they are.

    Keras' own makes them as large as the variable: of a vocabulary of 50,000 each step then changes
    all token vectors, although a batch has a few hundred tokens. Global norm and result are the
    same.
    """

    global_clipnorm: float | None

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)  # to the optimizer of Keras, the base behind this one

    def _clip_gradients(self, grads: Sequence[Any]) -> list[Any]:
        if not self.global_clipnorm or keras.backend.backend() != "tensorflow":
            return super()._clip_gradients(grads)  # type: ignore[misc]
        from kerasrnn.optimizers.updates.changes import clipped

        return clipped(grads, self.global_clipnorm)


@keras.saving.register_keras_serializable("kerasrnn")
class FusedAdam(_SparseClipping, keras.optimizers.Adam):
    r"""Adam whose step is one operation for each variable on TensorFlow.

    It computes what Keras' Adam computes (Kingma and Ba 2015), to rounding: with the gradient g,
    $m \leftarrow m + (1 - \beta_1)(g - m)$, $v \leftarrow v + (1 - \beta_2)(g^2 - v)$ and
    $w \leftarrow w - \eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \frac{m}{\sqrt v + \epsilon}$.
    Keras' own does it in a dozen operations, each of which goes through memory once more. A row of
    an embedding that occurs several times has the sum of its gradients; Keras' Adam without
    `global_clipnorm` adds up their squares for v. On other backends, and with `amsgrad`, it is
    Keras' own.

    Its variables are those of Keras' Adam.

    Args:
        learning_rate: As in Keras' Adam.
        **kwargs: Further arguments of Keras' Adam.

    Example:

    >>> model = kerasrnn.many_to_one(11, 2, units=5)
    >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> model.compile(FusedAdam(0.01, global_clipnorm=1.0), loss)
    """

    def __init__(self, learning_rate: float = 0.001, **kwargs: Any):
        super().__init__(learning_rate, **kwargs)

    def update_step(self, gradient: Tensor, variable: Any, learning_rate: Tensor) -> None:
        if keras.backend.backend() != "tensorflow" or self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        from kerasrnn.optimizers.updates.changes import AdamStep

        number = ops.cast(self.iterations + 1, "float32")
        step = AdamStep(learning_rate, self.beta_1, self.beta_2, self.epsilon, number)
        place = self._get_variable_index(variable)
        moments = self._momentums[place].value, self._velocities[place].value
        self._change(gradient, variable, moments, step)

    def _change(self, gradient: Any, variable: Any, moments: tuple[Any, Any], step: Any) -> None:
        from kerasrnn.optimizers.updates.changes import adam_step

        adam_step(gradient, variable, moments, step)


@keras.saving.register_keras_serializable("kerasrnn")
class FusedSGD(_SparseClipping, keras.optimizers.SGD):
    """Keras' SGD, whose step changes only rows with a gradient where the gradient is clipped too.

    Args:
        learning_rate: As in Keras' SGD.
        **kwargs: Further arguments of Keras' SGD.

    Example:

    >>> model = kerasrnn.language_model(11, units=5)
    >>> loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> model.compile(FusedSGD(1.0, global_clipnorm=1.0), loss)
    """

    def __init__(self, learning_rate: float = 0.01, **kwargs: Any):
        super().__init__(learning_rate, **kwargs)
