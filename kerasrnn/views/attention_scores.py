"""The attention view: which parts of the input each output looked at."""

from __future__ import annotations

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import AttentionPooling
from kerasrnn.models.precision import functional_model
from kerasrnn.models.wiring import (
    decoder_inputs,
    decoder_output,
    embedding_of,
    encoded_inputs,
    encoder_output,
    layers_by_name,
    text_vector,
)
from kerasrnn.views.graphs import reads_pairs

__all__ = ["attention_scores"]


def attention_scores(model: keras.Model, encoded: bool = False) -> keras.Model:
    """Builds the view that gives the attention scores of a whole batch at once.

    Args:
        model: What `encoder_decoder` or `one_to_many` returned with attention, or `many_to_one` or
            `siamese` with attention pooling; the layers are shared with it.
        encoded: Whether the view of a decoder takes what `encode` gave instead of the source, which
            then is read only once.

    Returns:
        A `keras.Model` of the model's own inputs, for `siamese` of one text `tokens`; with
        `encoded` of the dictionary that `encode` gave and `target` `(B, T)` int32. For a decoder
        its output is `(B, T, S)` float: row t holds the weights with which target token t, the one
        that follows input t, was predicted. For attention pooling it is `(B, T)`. Each row sums to
        1; padding of what is looked at gets 0.

    Raises:
        ValueError: Where the model has no attention.
    """
    layers = layers_by_name(model)
    name = f"{model.name}_attention_scores"
    if isinstance(layers.get("pooling"), AttentionPooling):
        if reads_pairs(model):
            tokens = keras.Input((None,), dtype="int32", name="tokens")
            return functional_model(tokens, text_vector(layers, tokens)[1], name)
        _, scores = layers["pooling"].output
        return functional_model(model.input, scores, name)
    if "attention" not in layers:
        raise UserError(f"Expected a model with attention. Received: {model.name!r}, without")
    target = keras.Input((None,), dtype="int32", name="target")
    vectors = embedding_of(layers, "target")(target)
    if encoded:
        inputs = encoded_inputs(layers)
        states = [inputs[each] for each in layers["decoder"].state_names]
        read = states, inputs["memory"], inputs["memory_mask"]
    else:
        inputs = decoder_inputs(layers)
        memory, states = encoder_output(layers, *inputs.values())
        read = states, memory
    _, scores, _ = decoder_output(layers, vectors, *read)
    return functional_model({**inputs, "target": target}, scores, name)
