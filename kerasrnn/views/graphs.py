"""The graph of a functional model, run again with something changed on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import RecurrentStack, SegmentedStack
from kerasrnn.typing import Tensor

__all__ = ["inputs_without_targets", "reads_pairs", "recurrent_layers", "rerun"]

KINDS = RecurrentStack, keras.layers.RNN, keras.layers.Bidirectional


def rerun(model: keras.Model, call: Callable[..., Any]) -> keras.Model:
    """Calls the layers of a model once more, in their order.

    Args:
        model: A functional model.
        call: Called with a layer and its arguments instead of the layer; returns the outputs.

    Returns:
        A `keras.Model` over the same layers, with inputs of its own.
    """
    # The graph is not cut at a layer, which may be part of other models too. A new model is cloned
    # instead of the given one, whose optimizer would be cloned with it.
    graph = keras.Model(model.input, model.output)
    return keras.models.clone_model(graph, clone_function=lambda each: each, call_function=call)


def inputs_without_targets(model: keras.Model) -> Tensor | dict[str, Tensor]:
    """Returns the inputs by their names, or the only one, without what a cheap softmax asks for."""
    inputs = {tensor.name: tensor for tensor in model.inputs if tensor.name != "targets"}
    if len(inputs) == 1:
        (only,) = inputs.values()
        return only
    return inputs


def reads_pairs(model: keras.Model) -> bool:
    """Whether a model reads two texts by the same layers, as one of `siamese` does."""
    tensors = getattr(model, "inputs", None) or ()
    return {tensor.name for tensor in tensors} == {"first", "second"}


def recurrent_layers(model: keras.Model) -> dict[str, Any]:
    """Returns the recurrent layers and stacks that read whole sequences, by their names.

    Raises:
        ValueError: For a model that is not functional, or has none.
    """
    found = {
        each.name: each
        for each in getattr(model, "layers", ())
        if isinstance(each, KINDS) and not isinstance(each, SegmentedStack)
    }
    if not found or not getattr(model, "inputs", None) or isinstance(model, keras.Sequential):
        raise UserError(
            "Expected a functional model with a recurrent layer that reads whole sequences. "
            f"Received: {model.name!r}"
        )
    return found
