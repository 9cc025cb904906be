"""How the named layers of a model are connected, written once.

The factories and the views call these functions on inputs of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
from keras import ops

from kerasrnn.layers import AdaptiveEmbedding, InputFeedingDecoder, RecurrentStack
from kerasrnn.layers.as_float32 import has_16_bits
from kerasrnn.layers.class_softmax import VocabularySoftmax
from kerasrnn.models.precision import as_float32, functional_model
from kerasrnn.typing import Tensor

__all__ = [
    "decoder_inputs",
    "decoder_output",
    "embedding_of",
    "encoded_inputs",
    "encoder_output",
    "layer_of_targets",
    "layers_by_name",
    "output_logits",
    "recurrent_step",
    "sequence_vector",
    "state_inputs",
    "text_vector",
    "with_output",
    "window_hidden",
]


def layers_by_name(model: keras.Model) -> dict[str, keras.layers.Layer]:
    """Returns the layers of a model under their names, with those inside input feeding."""
    layers = {layer.name: layer for layer in model.layers}
    decoder = layers.get("decoder")
    if isinstance(decoder, InputFeedingDecoder):
        inner = decoder.attention, decoder.attention_vector
        layers |= {layer.name: layer for layer in inner}
    return layers


def embedding_of(layers: Mapping[str, keras.layers.Layer], side: str) -> keras.layers.Embedding:
    """Returns the embedding of `"token"`, `"source"` or `"target"`, or the shared one."""
    own = f"{side}_embedding"
    return layers[own] if own in layers else layers["embedding"]


def state_inputs(stack: RecurrentStack | InputFeedingDecoder) -> dict[str, Tensor]:
    """Makes an input `(B, U)` for each state of a stack, under its name."""
    return {name: keras.Input((size,), name=name) for name, size in stack.state_sizes.items()}


def encoder_output(
    layers: Mapping[str, keras.layers.Layer], source: Tensor
) -> tuple[Tensor, list[Tensor]]:
    """Reads what a decoder starts from and looks at.

    For token ids it runs `source_embedding` and `encoder`; for an image, a grid or a vector
    `encoder`, `places`, `memory` and `initial_state`, those that there are.

    Args:
        layers: The layers by their names.
        source: `(B, S)` ids, or `(B, …)` features.

    Returns:
        The memory `(B, S, U)`, and the list of the decoder's first states, each `(B, U)`.
    """
    if "initial_state" not in layers:
        memory, *states = layers["encoder"](embedding_of(layers, "source")(source))
        return memory, states
    memory = source
    for name in ("encoder", "places", "memory"):
        if name in layers:
            memory = layers[name](memory)
    return memory, layers["initial_state"](memory)


def decoder_inputs(layers: Mapping[str, keras.layers.Layer]) -> dict[str, Tensor]:
    """Makes the input of what the decoder reads first, `source` or `features`, by its name."""
    if "initial_state" not in layers:
        return {"source": keras.Input((None,), dtype="int32", name="source")}
    first = next(layers[name] for name in ("encoder", "places", "memory") if name in layers)
    return {"features": keras.Input(first.input.shape[1:], name="features")}


def encoded_inputs(layers: Mapping[str, keras.layers.Layer]) -> dict[str, Tensor]:
    """Makes the inputs that a decoder takes of what `views.encode` gives, by their names."""
    decoder = layers["decoder"]
    inputs = state_inputs(decoder)
    if "attention" in layers:
        size = decoder.units  # that of the encoder, both directions joined
        inputs["memory"] = keras.Input((None, size), name="memory")
        inputs["memory_mask"] = keras.Input((None,), dtype="bool", name="memory_mask")
    return inputs


def decoder_output(
    layers: Mapping[str, keras.layers.Layer],
    vectors: Tensor,
    states: Sequence[Tensor],
    memory: Tensor | None = None,
    memory_mask: Tensor | None = None,
) -> tuple[Tensor, Tensor | None, list[Tensor]]:
    """Runs `decoder`, `attention`, `attention_vector` and `output`, those that there are.

    Args:
        layers: The layers by their names.
        vectors: `(B, T, F)` embedded target, or `(B, F)` for a single step.
        states: The decoder's states before, a list of `(B, U)`.
        memory: `(B, S, U)` what `encoder_output` gave, where there is attention.
        memory_mask: `(B, S)` bool tensor, or `None`: Keras' mask of `memory`.

    Returns:
        The logits `(B, T, V)`; the attention scores `(B, T, S)`, `None` without attention, both
        without T for a single step; and the list of the states after the last step.
    """
    decoder, scores = layers["decoder"], None
    if isinstance(decoder, InputFeedingDecoder):
        decoded, scores, *states = decoder(
            vectors, memory, initial_state=states, memory_mask=memory_mask
        )
    else:
        decoded, *states = decoder(vectors, initial_state=states)
        if "attention" in layers:
            decoded, scores = _attend(layers, decoded, memory, memory_mask)
    return output_logits(layers, decoded, "target"), scores, states


def _attend(layers: Mapping[str, keras.layers.Layer], decoded, memory, memory_mask):
    """Makes the attention vectors `(B, T, U)` or `(B, U)` behind the decoder, and the scores."""
    query = decoded if len(decoded.shape) == 3 else ops.expand_dims(decoded, 1)
    context, scores = layers["attention"](
        query, memory, value_mask=memory_mask, return_attention_scores=True
    )
    # Luong et al. (2015), equation 5.
    vectors = layers["attention_vector"](layers["concatenate"]([context, query]))
    if len(decoded.shape) == 3:
        return vectors, scores
    return ops.squeeze(vectors, 1), ops.squeeze(scores, 1)


def output_logits(
    layers: Mapping[str, keras.layers.Layer], hidden: Tensor, side: str = "token"
) -> Tensor:
    """Runs `dropout` and `output`; or with tied weights `projection` and the embedding's reverse.

    Args:
        layers: The layers by their names.
        hidden: `(B, T, U)` or `(B, U)`.
        side: Whose embedding is tied.

    Returns:
        `(B, T, V)` or `(B, V)`: logits, or log-probabilities of all ids, which are logits too.
    """
    if "dropout" in layers:
        hidden = layers["dropout"](hidden)
    if "output" in layers:
        output = layers["output"]
        if not has_16_bits(output.dtype_policy):
            hidden = as_float32(hidden, "before_output")
        return output(hidden)
    if "projection" in layers:
        hidden = layers["projection"](hidden)
    return embedding_of(layers, side)(hidden, reverse=True)


def layer_of_targets(layers: Mapping[str, keras.layers.Layer]) -> keras.layers.Layer | None:
    """Returns the output layer that takes the targets and gives their log-probabilities, if any."""
    output = layers.get("output", layers.get("token_embedding"))
    return output if isinstance(output, (VocabularySoftmax, AdaptiveEmbedding)) else None


def with_output(
    layers: Mapping[str, keras.layers.Layer], tokens: Tensor, hidden: Tensor, name: str
) -> keras.Model:
    """Puts the output on the hidden layer of a model that predicts the next token.

    Args:
        layers: The layers by their names.
        tokens: The input `(B, T)`.
        hidden: `(B, T, U)`.
        name: Name of the model.

    Returns:
        A model from `tokens` to logits; or, where the output layer takes targets, from `tokens`
        and `targets` to their log-probabilities `(B, T)`.
    """
    output = layer_of_targets(layers)
    if output is None:
        return functional_model(tokens, output_logits(layers, hidden), name)
    targets = keras.Input((None,), batch_size=tokens.shape[0], dtype="int32", name="targets")
    for before in ("dropout", "projection"):
        if before in layers:
            hidden = layers[before](hidden)
    options = {"reverse": True} if isinstance(output, AdaptiveEmbedding) else {}
    log_prob = output(hidden, targets=targets, **options)
    return keras.Model({"tokens": tokens, "targets": targets}, log_prob, name=name)


def recurrent_step(
    layers: Mapping[str, keras.layers.Layer], inputs: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Runs one step of `recurrent`: `token_embedding` or `encoder`, the cells, the output.

    Args:
        layers: The layers by their names.
        inputs: `tokens` `(B,)` or `features` `(B, …)`, and the states `(B, U)` by their names.

    Returns:
        A dictionary of `logits` `(B, V)` and the new states.
    """
    stack = layers["recurrent"]
    if "tokens" in inputs:
        # Keras' implicit mask, which the embedding sets, ends at the operation behind it.
        vectors = layers["token_embedding"](ops.expand_dims(inputs["tokens"], 1))
        vectors = ops.squeeze(vectors, 1)
    else:
        vectors = inputs["features"]
        if "encoder" in layers:
            vectors = ops.squeeze(layers["encoder"](ops.expand_dims(vectors, 1)), 1)
    hidden, *states = stack(vectors, initial_state=[inputs[name] for name in stack.state_names])
    logits = output_logits(layers, hidden)
    return {"logits": logits, **dict(zip(stack.state_names, states, strict=True))}


def sequence_vector(
    layers: Mapping[str, keras.layers.Layer], vectors: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Runs `recurrent` and `pooling`, where there is one: a sequence becomes one vector.

    Args:
        layers: The layers by their names.
        vectors: `(B, T, F)`, with their Keras mask.

    Returns:
        `(B, U)`, and with attention pooling the weights `(B, T)`, otherwise `None`.
    """
    hidden = layers["recurrent"](vectors)
    hidden = hidden[0] if isinstance(hidden, (list, tuple)) else hidden
    if "pooling" not in layers:
        return hidden, None
    pooled = layers["pooling"](hidden)
    return (pooled[0], pooled[1]) if isinstance(pooled, (list, tuple)) else (pooled, None)


def text_vector(
    layers: Mapping[str, keras.layers.Layer], tokens: Tensor
) -> tuple[Tensor, Tensor | None]:
    """Runs `token_embedding` and what `sequence_vector` runs, on ids `(B, T)`; returns the same."""
    return sequence_vector(layers, layers["token_embedding"](tokens))


def window_hidden(layers: Mapping[str, keras.layers.Layer], vectors: Tensor) -> Tensor:
    """Runs `embedding_dropout`, `reshape` and `hidden`, those that there are, of a fixed window.

    Args:
        layers: The layers by their names.
        vectors: `(B, T, N, F)`, the vectors of the N tokens that each step sees.

    Returns:
        `(B, T, U)`; without `hidden` the mean of the vectors.
    """
    # The product takes the mask of the window off, which is no mask over time.
    vectors = vectors * ops.ones_like(vectors)
    if "embedding_dropout" in layers:
        vectors = layers["embedding_dropout"](vectors)
    if "hidden" not in layers:
        return ops.mean(vectors, axis=2)
    return layers["hidden"](layers["reshape"](vectors))
