"""A vector, an image or a grid of features in, a sequence out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import InitialState
from kerasrnn.models.arguments import check_vocabulary_size, embedding_layer
from kerasrnn.models.convolution import image_encoder
from kerasrnn.models.decoder import decoder_layers
from kerasrnn.models.inputs import step_shape
from kerasrnn.models.language_model import output_layers
from kerasrnn.models.precision import functional_model
from kerasrnn.models.wiring import decoder_output, encoder_output
from kerasrnn.options.words import Cell, Score

__all__ = ["one_to_many"]


def one_to_many(
    inputs: tuple[int, ...],
    vocabulary_size: int,
    *,
    cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 256,
    num_layers: int = 1,
    dropout: float = 0.0,
    attention: Score | None = None,
    input_feeding: bool = False,
    embedding: int | keras.layers.Embedding | None = None,
    encoder: str | keras.layers.Layer | None = None,
    output: Literal["full", "tied"] = "full",
    name: str = "one_to_many",
) -> keras.Model:
    """Builds a model that writes a sequence about one thing: the caption of an image.

    What goes in makes the first states of the decoder; with attention, its places are also looked
    at in every step (Xu et al. 2015). The model is trained by teacher forcing, as
    `encoder_decoder` is, and the same `views.encode` and `views.step` decode.

    Args:
        inputs: Shape of what goes in: `(F,)` for a vector, `(H, W, F)` or `(N, F)` for a grid of
            features; with an `encoder`, the shape of an image.
        vocabulary_size: Number of target ids V, the reserved ones included.
        cell: `"lstm"`, `"gru"` or another name of `layers.CELLS`, or a callable `units -> layer`.
        units: Units of each decoder layer.
        num_layers: Layers of the decoder.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer.
        attention: `None`, or a score of `layers.Attention`, such as `"additive"`, over the places.
        input_feeding: Whether each step of the decoder also reads the attention vector of the step
            before, as in `encoder_decoder`.
        embedding: The size of the target vectors, `units` by default, or a
            `keras.layers.Embedding` named `target_embedding`.
        encoder: `"convolutional"`, the built-in one, or a Keras layer or model from an image to a
            vector or a grid, such as `keras.applications.MobileNetV3Small(include_top=False)`;
            with `trainable = False` it stays as it is.
        output: `"full"` or `"tied"`, as in `language_model`.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the inputs `features` `(B, *inputs)` float32 and `target`
        `(B, T)` int32 ids, padded with 0 on the right and beginning with the begin id; its output
        is `(B, T, V)` logits. Layers: `encoder`, `places` (a grid as a sequence), `memory` (with
        attention), `initial_state`, `target_embedding`, `decoder`, `attention`, `concatenate`,
        `attention_vector`, `dropout`, `projection`, `output`.

    Raises:
        ValueError: For an unknown cell or attention, a size out of range, attention to a vector,
            which has one place only, or input feeding without attention.

    Example:

    >>> model = one_to_many((8, 8, 1), 30, units=5, attention="additive", encoder="convolutional")
    >>> sorted(model.input), model.output_shape
    (['features', 'target'], (None, None, 30))
    """
    shape = step_shape(inputs)
    check_vocabulary_size("vocabulary_size", vocabulary_size)
    if output not in ("full", "tied"):
        raise UserError(f"Expected `output` to be 'full' or 'tied'. Received: {output!r}")
    decoder, *behind = decoder_layers(cell, units, num_layers, dropout, attention, input_feeding)
    stack = decoder.stack if input_feeding else decoder
    embedded = embedding_layer(
        embedding, vocabulary_size, "target_embedding", units=units, output=output
    )
    layers = [embedded, decoder, InitialState(stack.state_sizes.values(), name="initial_state")]
    layers += [*_memory_layers(shape, encoder, units, attention), *behind]
    layers += output_layers(output, vocabulary_size, units, embedded.output_dim)
    layers = {layer.name: layer for layer in layers}

    features = keras.Input(shape, name="features")
    target = keras.Input((None,), dtype="int32", name="target")
    memory, states = encoder_output(layers, features)
    logits, *_ = decoder_output(layers, embedded(target), states, memory)
    return functional_model({"features": features, "target": target}, logits, name)


def _memory_layers(
    shape: tuple, encoder, units: int, attention: Score | None
) -> list[keras.layers.Layer]:
    """Makes the layers from what goes in to `(B, N, F)`, the places to start from and look at."""
    layers = []
    if encoder is not None:
        layers.append(image_encoder(encoder, shape, grid=attention is not None))
        shape = layers[0].output_shape[1:]
    if attention is not None and len(shape) < 2:
        raise UserError(
            "Expected a grid of features, (N, F) or (H, W, F), for attention to have places to "
            f"look at. Received: a vector {tuple(shape)}"
        )
    layers.append(keras.layers.Reshape((-1, shape[-1]), name="places"))
    if attention is not None:
        layers.append(keras.layers.Dense(units, name="memory"))
    return layers
