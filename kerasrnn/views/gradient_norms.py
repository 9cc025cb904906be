"""How far back the gradient of a loss reaches."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.typing import Shape, Tensor
from kerasrnn.views.graphs import recurrent_layers, rerun

__all__ = ["gradient_norms"]


class Nudge(keras.layers.Layer):
    """Adds a vector to each step of each sequence, zeros at first: `(B, T, F)`, trainable."""

    def __init__(self, rows: int, steps: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.size = rows, steps
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        self.nudge = self.add_weight(shape=(*self.size, input_shape[-1]), initializer="zeros")

    def call(self, inputs: Tensor) -> Tensor:
        return inputs + self.nudge


def gradient_norms(
    model: keras.Model, x: Any, y: Any, loss: keras.losses.Loss | None = None, step: int = -1
) -> np.ndarray:
    r"""Measures the gradient of the loss at one step by the distance it has come.

    The norm of $\partial L_t / \partial x_{t-d}$ for d = 0, 1, …: L is the loss at step t, x what
    the recurrent layer reads at each step (the vector of a token). Back-propagation through time
    multiplies by one Jacobian $\partial h_k / \partial h_{k-1}$ for each step back, so that the
    norm shrinks or grows as a power of d (Bengio et al. 1994, Pascanu et al. 2013). The weights of
    the model stay as they are.

    Args:
        model: A functional model with a recurrent layer and no decoder, such as `language_model`,
            `many_to_one` and `many_to_many` return.
        x: Its inputs, B sequences of T steps, without padding.
        y: The targets, `(B, …)`, or `(B, T, …)` for a model with an output at each step.
        loss: A Keras loss; by default the cross-entropy of logits and ids.
        step: The step t of the loss, for a model with an output at each step; -1 is the last one.

    Returns:
        `(t + 1,)` float64, entry d for the distance d, its mean over the B sequences.

    Raises:
        ValueError: For another model, or a step that there is not.

    Example:

    >>> model = kerasrnn.language_model(11, cell="simple_rnn", units=5)
    >>> ids = np.arange(1, 9).reshape(1, 8)
    >>> gradient_norms(model, ids, ids, step=4).shape
    (5,)
    """
    name = _layer_name(model)
    y = np.asarray(y)
    rows, steps = np.shape(next(iter(x.values())) if isinstance(x, dict) else x)[:2]
    at_each_step = len(model.outputs) == 1 and model.outputs[0].shape[1] is None
    if not at_each_step:
        step = -1
    if not -steps <= step < steps:
        raise UserError(f"Expected `step` to be one of {steps} steps. Received: {step!r}")
    weight = np.ones(rows, "float32")
    if at_each_step:
        weight = np.zeros((rows, steps), "float32")
        weight[:, step] = 1
    nudged = _nudged(model, name, rows, steps)
    given: Any = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    total = type(given).from_config({**given.get_config(), "reduction": "sum"})
    # One step of plain descent at the rate 1 from zero is the gradient, on any of Keras' backends.
    nudged.compile(keras.optimizers.SGD(1.0), total, run_eagerly=True, jit_compile=False)
    nudged.train_on_batch(x, y, sample_weight=weight)
    (gradient,) = (np.asarray(each.numpy(), "float64") for each in nudged.trainable_weights)
    norms = np.linalg.norm(gradient, axis=-1).mean(axis=0)
    return norms[: step % steps + 1][::-1]


def _layer_name(model: keras.Model) -> str:
    layers = recurrent_layers(model)
    inputs = {tensor.name for tensor in model.inputs}
    if inputs & {"source", "target", "first"} or any(name.endswith("_h") for name in inputs):
        raise UserError(
            "Expected a model that reads one sequence, without a decoder. "
            f"Received: {model.name!r}, with {', '.join(sorted(inputs))}"
        )
    return next(iter(layers))


def _nudged(model: keras.Model, name: str, rows: int, steps: int) -> keras.Model:
    """Copies a model, and puts a `Nudge` before one of its layers; nothing else is trainable."""
    copy = keras.models.clone_model(keras.Model(model.input, model.output))
    copy.set_weights(model.get_weights())
    copy.trainable = False
    nudge = Nudge(rows, steps, dtype=copy.get_layer(name).dtype_policy)

    def call(layer, *args, **kwargs):
        if layer.name == name:
            args = nudge(args[0]), *args[1:]
        return layer(*args, **kwargs)

    return rerun(copy, call)
