"""Adam that leaves what has no gradient alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from kerasrnn.optimizers.fused import FusedAdam

__all__ = ["LazyAdam"]


@keras.saving.register_keras_serializable("kerasrnn")
class LazyAdam(FusedAdam):
    r"""Adam that changes only those rows of an embedding that occur in the batch.

    Adam's first moment m goes on moving a token vector long after its token has occurred, so that
    each step changes all vectors of the vocabulary, which for 50,000 words takes longer than an
    LSTM. Here a row that does not occur keeps its weights and both of its moments, so that these
    are averages over the steps in which it occurs. A row that occurs is changed as in Adam, by the
    sum of its gradients, with the number t of the step in the correction
    $\sqrt{1 - \beta_2^t} / (1 - \beta_1^t)$ that of all steps. All other weights are trained as by
    Adam.

    The global norm that `global_clipnorm` limits is that of the gradient itself, also where a row
    occurs several times.

    On other backends than TensorFlow, and with `amsgrad`, it is Keras' Adam.

    Args:
        learning_rate: As in Keras' Adam.
        **kwargs: Further arguments of Keras' Adam.

    Example:

    >>> model = kerasrnn.language_model(11, units=5, output="class")
    >>> model.compile(LazyAdam(0.01), kerasrnn.losses.NegativeLogProbability())
    """

    def _clip_gradients(self, grads: Sequence[Any]) -> list[Any]:
        if keras.backend.backend() == "tensorflow":
            from kerasrnn.optimizers.updates.changes import with_each_row_once

            grads = [with_each_row_once(gradient) for gradient in grads]
        return super()._clip_gradients(grads)

    def _change(self, gradient: Any, variable: Any, moments: tuple[Any, Any], step: Any) -> None:
        from kerasrnn.optimizers.updates.changes import (
            is_of_rows,
            lazy_adam_step,
            with_each_row_once,
        )

        if is_of_rows(gradient):
            # Several replicas may have the same row.
            lazy_adam_step(with_each_row_once(gradient), variable, moments, step)
        else:
            super()._change(gradient, variable, moments, step)
