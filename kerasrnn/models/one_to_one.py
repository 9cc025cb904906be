"""One in, one out: a single step, whose states are inputs and outputs."""

from __future__ import annotations

import numbers
from collections.abc import Callable

import keras

from kerasrnn.checks import UserError, check_integer
from kerasrnn.layers import RecurrentStack
from kerasrnn.models.arguments import check_vocabulary_size, embedding_layer
from kerasrnn.models.inputs import step_shape
from kerasrnn.models.precision import functional_model
from kerasrnn.models.wiring import recurrent_step, state_inputs
from kerasrnn.options.words import Cell

__all__ = ["one_to_one"]


def one_to_one(
    inputs: int | tuple[int, ...],
    outputs: int,
    *,
    cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 256,
    num_layers: int = 1,
    dropout: float = 0.0,
    embedding: int | keras.layers.Embedding | None = None,
    name: str = "one_to_one",
) -> keras.Model:
    """Builds one recurrent step: an id or a vector and the states in, logits and states out.

    Run over a sequence, with the states that came out going in again, it gives what
    `language_model` or `many_to_many` with the same weights gives at once: their weights come in
    the same order, so that `set_weights(model.get_weights())` makes it the same network. For a
    model that is there already, `views.step` builds the step over its own layers.

    Args:
        inputs: The number of ids, the reserved ones included; or `(F,)`, the shape of a vector.
        outputs: The number of outputs V.
        cell: `"lstm"`, `"gru"` or another name of `layers.CELLS`, or a callable `units -> layer`.
        units: Units of each layer.
        num_layers: Recurrent layers.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer.
        embedding: For ids: the size of their vectors, `units` by default, or a
            `keras.layers.Embedding` named `token_embedding`.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` from a dictionary of `tokens` `(B,)` int32, or `features`
        `(B, F)` float32, and the states `rnn_0_h`, … `(B, U)`, to a dictionary of `logits`
        `(B, V)` and the new states. `views.initial_states` gives the first ones. Layers:
        `token_embedding`, `recurrent`, `dropout`, `output`.

    Raises:
        ValueError: For an unknown cell, or a size out of range.

    Example:

    >>> model = one_to_one((4,), 4, cell="simple_rnn", units=5)
    >>> sorted(model.input), sorted(model.output)
    (['features', 'rnn_0_h'], ['logits', 'rnn_0_h'])
    """
    outputs = check_integer("outputs", outputs)
    stack = RecurrentStack(
        cell, units, num_layers, dropout=dropout, return_state=True, name="recurrent"
    )
    layers = [stack, keras.layers.Dense(outputs, name="output")]
    if isinstance(inputs, numbers.Integral):
        check_vocabulary_size("inputs", inputs)
        layers.append(embedding_layer(embedding, int(inputs), "token_embedding", units=units))
        tensors = {"tokens": keras.Input((), dtype="int32", name="tokens")}
    else:
        shape = step_shape(inputs)
        if len(shape) != 1:
            raise UserError(f"Expected the shape of a vector, such as (4,). Received: {inputs!r}")
        if embedding is not None:
            raise UserError(f"Expected no `embedding` for vectors. Received: {embedding!r}")
        tensors = {"features": keras.Input(shape, name="features")}
    if dropout:
        layers.append(keras.layers.Dropout(dropout, name="dropout"))
    tensors |= state_inputs(stack)
    after = recurrent_step({layer.name: layer for layer in layers}, tensors)
    return functional_model(tensors, after, name)
