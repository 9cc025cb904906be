"""The step views: what greedy search, beam search and a served stream run on."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.layers import InputFeedingDecoder, LeftWindow
from kerasrnn.layers.as_float32 import has_16_bits
from kerasrnn.models.precision import functional_model
from kerasrnn.models.wiring import (
    decoder_inputs,
    decoder_output,
    embedding_of,
    encoded_inputs,
    encoder_output,
    layers_by_name,
    recurrent_step,
    state_inputs,
)
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, PADDING

__all__ = ["encode", "initial_states", "step"]


def encode(model: keras.Model) -> keras.Model:
    """Builds the view that reads the source once, before the first step.

    Args:
        model: What `encoder_decoder` or `one_to_many` returned; the layers are shared with it.

    Returns:
        A `keras.Model` from `source` `(B, S)` int32, or `features` `(B, …)`, to a dictionary of
        the decoder's initial states, `rnn_0_h`, … `(B, U)`, with input feeding `attention_vector`
        `(B, U)` too, and with attention also of `memory` `(B, S, U)` and `memory_mask` `(B, S)`
        bool.

    Raises:
        ValueError: Where the model has no decoder of the documented names.
    """
    layers = _decoder_layers(model)
    inputs = decoder_inputs(layers)
    (source,) = inputs.values()
    memory, states = encoder_output(layers, source)
    decoder = layers["decoder"]
    if isinstance(decoder, InputFeedingDecoder):
        states = decoder.first_states(states)
    outputs = dict(zip(decoder.state_names, states, strict=True))
    if "attention" in layers:
        if "source" in inputs:
            mask = ops.not_equal(source, PADDING)
        else:
            mask = ops.ones_like(memory[:, :, 0], dtype="bool")
        # The product takes Keras' implicit mask off; from here on the mask is a tensor of its own.
        memory = memory * ops.expand_dims(ops.cast(mask, memory.dtype), -1)
        outputs |= {"memory": memory, "memory_mask": mask}
    return functional_model(source, outputs, f"{model.name}_encode")


def step(model: keras.Model) -> keras.Model:
    """Builds the view that makes one step: states in, states out.

    Args:
        model: What `encoder_decoder`, `one_to_many`, `language_model` or a `many_to_many` of one
            direction returned; the layers are shared with it.

    Returns:
        A `keras.Model` from a dictionary of `tokens` `(B,)` int32, or `features` `(B, …)`, and the
        states `rnn_0_h`, … `(B, U)`, to a dictionary of `logits` `(B, V)` and the new states
        under the same names. A decoder with attention takes `memory` `(B, S, U)` and
        `memory_mask` `(B, S)` too, as `encode` gives them, and gives `attention_scores` `(B, S)`.

    Raises:
        ValueError: Where the model has no layers of the documented names, or reads backwards.

    Example:

    >>> import keras, kerasrnn
    >>> model = kerasrnn.encoder_decoder(11, 13, units=5, attention="dot")
    >>> memory_and_states = kerasrnn.views.encode(model)(keras.ops.ones((2, 7), "int32"))
    >>> tokens = {"tokens": keras.ops.ones((2,), "int32")}
    >>> outputs = kerasrnn.views.step(model)(memory_and_states | tokens)
    >>> {name: tuple(value.shape) for name, value in sorted(outputs.items())}
    {'attention_scores': (2, 7), 'logits': (2, 13), 'rnn_0_c': (2, 5), 'rnn_0_h': (2, 5)}
    """
    layers = layers_by_name(model)
    if "recurrent" in layers:
        inputs, outputs = _recurrent_step(model, layers)
    else:
        inputs, outputs = _decoder_step(_decoder_layers(model))
    return functional_model(inputs, outputs, f"{model.name}_step")


def initial_states(model: keras.Model, batch_size: int) -> dict[str, Tensor]:
    """Gives the states before the first step of a model that has no source.

    Args:
        model: What `language_model`, `many_to_many`, `one_to_one` or
            `fixed_window_language_model` returned.
        batch_size: Number of rows B, an int or a scalar tensor.

    Returns:
        A dictionary of `(B, U)` tensors: zeros, or 0.1 in Elman's network. For a fixed window of N
        tokens `seen` `(B, N)` int32, begin ids; see `segment`.

    Raises:
        ValueError: Where the model begins from a source; `encode` gives its first states.
    """
    layers = layers_by_name(model)
    if isinstance(layers.get("window"), LeftWindow):
        return {"seen": ops.full((batch_size, layers["window"].window), BEGIN, dtype="int32")}
    if "recurrent" not in layers:
        raise UserError(
            "Expected a model of `language_model`, `many_to_many` or `one_to_one`. "
            f"Received {model.name!r} without a layer 'recurrent'"
        )
    stack = layers["recurrent"]
    states = stack.initial_state(batch_size)
    if has_16_bits(stack.dtype_policy):
        states = [ops.cast(state, "float32") for state in states]
    return dict(zip(stack.state_names, states, strict=True))


def _recurrent_step(model: keras.Model, layers: dict[str, Any]):
    stack = layers["recurrent"]
    is_step = {tensor.name for tensor in model.inputs} >= set(stack.state_names)
    if stack.bidirectional or not stack.return_sequences or "pooling" in layers or is_step:
        raise UserError(
            "Expected a model of sequences with an output at each step that reads in one "
            f"direction, because a step knows nothing of what follows. Received: {model.name!r}"
        )
    if "emissions" in layers or "character_features" in layers:
        raise UserError(
            "Expected a model of ids or features with a softmax. "
            f"Received: {model.name!r} with a CRF or characters"
        )
    inputs = state_inputs(stack)
    if "token_embedding" in layers:
        inputs["tokens"] = keras.Input((), dtype="int32", name="tokens")
    else:
        shape = next(tensor.shape[2:] for tensor in model.inputs if tensor.name == "features")
        inputs["features"] = keras.Input(shape, name="features")
    return inputs, recurrent_step(layers, inputs)


def _decoder_step(layers: dict[str, Any]):
    decoder = layers["decoder"]
    inputs = {"tokens": keras.Input((), dtype="int32", name="tokens"), **encoded_inputs(layers)}
    embedded = embedding_of(layers, "target")(ops.expand_dims(inputs["tokens"], 1))
    logits, scores, states = decoder_output(
        layers,
        ops.squeeze(embedded, 1),
        [inputs[name] for name in decoder.state_names],
        inputs.get("memory"),
        inputs.get("memory_mask"),
    )
    outputs = {"logits": logits, **dict(zip(decoder.state_names, states, strict=True))}
    if scores is not None:
        outputs["attention_scores"] = scores
    return inputs, outputs


def _decoder_layers(model: keras.Model) -> dict[str, Tensor]:
    layers = layers_by_name(model)
    if "decoder" not in layers or not {"encoder", "initial_state"} & set(layers):
        raise UserError(
            "Expected a model of `encoder_decoder` or `one_to_many`, with a decoder and what "
            f"starts it. Received {model.name!r} with {', '.join(layers)}"
        )
    return layers
