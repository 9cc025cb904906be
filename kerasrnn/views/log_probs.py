"""The view that gives the log-probabilities of all ids, whatever the output layer."""

from __future__ import annotations

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.models.wiring import layer_of_targets, layers_by_name
from kerasrnn.views.graphs import inputs_without_targets, rerun

__all__ = ["log_probs"]


def log_probs(model: keras.Model) -> keras.Model:
    """Builds the view of a language model that gives the distribution over all ids at each step.

    Args:
        model: What `language_model` returned, or any functional model of one output: either with
            an output layer that takes targets and an input named `targets`, or
            with logits. The layers are shared with it.

    Returns:
        A `keras.Model` from the model's inputs, without `targets`, to the natural log-probability
        of each id, `(B, T, V)` float32.

    Raises:
        ValueError: For a model that is not functional or has several outputs.

    Example:

    >>> import kerasrnn
    >>> view = log_probs(kerasrnn.language_model(11, units=5, output="adaptive"))
    >>> probabilities = keras.ops.exp(view(keras.ops.ones((2, 3), "int32")))
    >>> bool(keras.ops.all(abs(keras.ops.sum(probabilities, -1) - 1) < 1e-5))
    True
    """
    outputs = getattr(model, "outputs", None) or []
    if len(outputs) != 1 or isinstance(model, keras.Sequential):
        raise UserError(
            f"Expected a functional model of one output. Received: {model.name!r}, "
            f"a {type(model).__name__} of {len(outputs)}"
        )
    name = f"{model.name}_log_probs"
    output = layer_of_targets(layers_by_name(model))
    if output is None:
        logits = ops.cast(outputs[0], "float32")
        return keras.Model(model.input, ops.log_softmax(logits), name=name)

    def call(layer, *args, **kwargs):
        if layer is output:  # without its targets it gives all log-probabilities
            args, kwargs = args[:1], {k: v for k, v in kwargs.items() if k != "targets"}
        return layer(*args, **kwargs)

    twin = rerun(model, call)
    return keras.Model(inputs_without_targets(twin), twin.outputs[0], name=name)
