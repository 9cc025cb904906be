"""Embeddings that stay as they are in the first epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from kerasrnn.checks import UserError, check_integer
from kerasrnn.optimizers.inner import inner_optimizer
from kerasrnn.typing import Tensor

__all__ = ["FreezeEmbeddings"]


class FreezeEmbeddings(keras.callbacks.Callback):
    """Keeps embeddings as they are in the first epochs; afterwards they train as the rest does.

    Pretrained vectors are at first read by layers that were drawn at random, whose gradients would
    spoil them. Each step changes the vectors, and they are put back behind it, to the bit, and so
    is their running average, if the optimizer keeps one: with every optimizer, with weight decay
    too. The moments of the optimizer follow the gradient all the time. If they began at 0 where
    the vectors begin to train, the first steps of Adam would be several times too large: its
    correction for the beginning counts the steps of all weights.

    It knows nothing but the number of the epoch, so that a `fit` with `initial_epoch` goes on as if
    it had not been interrupted. It stands before callbacks that save or average weights. Weights
    that are tied to an embedding are the embedding, and stay as they are too.

    Args:
        epochs: In how many epochs, counted from the first one of the training, the embeddings stay.
        names: The names of the embedding layers.

    Raises:
        ValueError: For a number of epochs below 0; in `fit`, where the model has no such layer, or
            computes several steps between two callbacks (`steps_per_execution`).

    Example:

    >>> import numpy as np
    >>> model = kerasrnn.many_to_one(11, 2, units=5)
    >>> model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> before = model.get_layer("token_embedding").get_weights()[0]
    >>> x, y = np.array([[7, 8], [9, 0]]), np.array([0, 1])
    >>> callbacks = [kerasrnn.callbacks.FreezeEmbeddings(2)]
    >>> history = model.fit(x, y, epochs=2, callbacks=callbacks, verbose=0)
    >>> bool((model.get_layer("token_embedding").get_weights()[0] == before).all())
    True
    """

    def __init__(self, epochs: int, names: Sequence[str] = ("token_embedding",)):
        super().__init__()
        self.epochs = check_integer("epochs", epochs, least=0)
        self.names = tuple(names)
        self._held: list[tuple[keras.Variable, Tensor]] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._held = []
        self._variables()  # a wrong name is told before the first step
        if getattr(self.model, "steps_per_execution", 1) > 1:
            raise UserError(
                "Expected a model whose steps are computed one by one. "
                f"Received: steps_per_execution={self.model.steps_per_execution}"
            )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if epoch >= self.epochs:
            self._held = []
        elif not self._held:
            self._held = [(each, _value(each)) for each in self._variables()]

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if not self._held:
            return
        averages = self._averages()  # asks for the model, which JAX then puts its weights into
        for variable, value in self._held:
            variable.assign(value)
            if _key(variable) in averages:
                averages[_key(variable)].assign(value)

    def _variables(self) -> list[keras.Variable]:
        layers = {layer.name: layer for layer in self.model.layers}
        missing = [name for name in self.names if name not in layers]
        if missing:
            raise UserError(
                f"Expected names of layers of the model, {', '.join(layers)}. "
                f"Received: {missing[0]!r}"
            )
        found = (each for name in self.names for each in layers[name].trainable_weights)
        return [each for each in found if each.name == "embeddings"]

    def _averages(self) -> dict[str, keras.Variable]:
        """The running averages of the optimizer, by the names that it gives them."""
        optimizer = inner_optimizer(self.model.optimizer)
        if not getattr(optimizer, "use_ema", False):
            return {}
        return {each.name: each for each in optimizer.variables}


def _key(variable: keras.Variable) -> str:
    return f"{variable.path.replace('/', '_')}_average"


def _value(variable: keras.Variable) -> Tensor:
    return keras.ops.copy(keras.ops.convert_to_tensor(variable))
