"""Resets the states of a stream before each epoch and each validation."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["ResetStates"]


class ResetStates(keras.callbacks.Callback):
    """Puts the states of a `views.stream` back before each epoch and before each evaluation.

    Without it the first batch of an epoch would go on from the end of the text, and a validation
    from the training text. After a validation within an epoch, training goes on from the
    beginning too: Keras validates at the end of an epoch.

    Example:

    >>> import kerasrnn
    >>> twin = kerasrnn.views.stream(kerasrnn.language_model(11, units=5), batch_size=2)
    >>> callbacks = [kerasrnn.callbacks.ResetStates()]  # for twin.fit(..., callbacks=callbacks)
    """

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._reset()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._reset()

    def on_predict_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._reset()

    def _reset(self) -> None:
        for layer in self.model.layers:
            if hasattr(layer, "reset_states"):
                layer.reset_states()
