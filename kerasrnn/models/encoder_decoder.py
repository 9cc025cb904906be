"""A sequence in, a sequence of another length out."""

from __future__ import annotations

from collections.abc import Callable

import keras

from kerasrnn.layers import Attention, RecurrentStack
from kerasrnn.models.arguments import check_vocabulary_size, embedding_layer
from kerasrnn.views.wiring import decoder_output, encoder_output

__all__ = ["encoder_decoder"]


def encoder_decoder(
    source_vocabulary_size: int,
    target_vocabulary_size: int,
    *,
    cell: str | Callable = "lstm",
    units: int = 256,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    attention: str | None = None,
    embedding: int | tuple = 256,
    name: str = "encoder_decoder",
) -> keras.Model:
    """Builds an encoder-decoder for translation, normalisation or dialogue.

    The encoder reads the source; its last states start the decoder (Sutskever et al. 2014),
    which with attention also looks at all encoder states at every step (Luong et al. 2015,
    section 3.1). The model is trained by teacher forcing: it gets the right target, shifted by
    one, and predicts the next token of it. `views.encode` and `views.step` are what decodes.

    Args:
        source_vocabulary_size: Number of source ids, the reserved ones included.
        target_vocabulary_size: Number of target ids V, the reserved ones included.
        cell: `"simple_rnn"`, `"lstm"`, `"gru"`, or a callable `units -> layer`.
        units: Units of each encoder layer and direction. The decoder has twice as many where the
            encoder is bidirectional, because it starts from the states of both directions.
        num_layers: Layers of the encoder and of the decoder.
        bidirectional: Whether the encoder also reads the source from its end.
        dropout: Share dropped from the inputs of each recurrent layer and of the output layer.
        attention: `None`, `"dot"`, `"scaled_dot"`, `"general"` or `"additive"`.
        embedding: Size of both embeddings; or a pair, of sizes or of `keras.layers.Embedding`,
            for source and target.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the inputs `source` `(B, S)` and `target` `(B, T)`, int32
        ids padded with 0 on the right, the target beginning with the begin id; its output is
        `(B, T, V)` logits. Layers: `source_embedding`, `encoder`, `target_embedding`, `decoder`,
        `attention`, `concatenate`, `attention_vector` (those three with attention), `dropout`,
        `output`.

    Raises:
        ValueError: For an unknown cell or attention, or a size out of range.

    Example:

    >>> model = encoder_decoder(11, 13, cell="gru", units=5, bidirectional=True, attention="dot")
    >>> sorted(model.input), model.output_shape
    (['source', 'target'], (None, None, 13))
    """
    check_vocabulary_size("source_vocabulary_size", source_vocabulary_size)
    check_vocabulary_size("target_vocabulary_size", target_vocabulary_size)
    source_embedding, target_embedding = (
        embedding if isinstance(embedding, (list, tuple)) else (embedding, embedding)
    )
    decoder_units = units * 2 if bidirectional else units
    layers = [
        embedding_layer(source_embedding, source_vocabulary_size, "source_embedding"),
        RecurrentStack(
            cell, units, num_layers, bidirectional, dropout, return_state=True, name="encoder"
        ),
        embedding_layer(target_embedding, target_vocabulary_size, "target_embedding"),
        RecurrentStack(
            cell, decoder_units, num_layers, dropout=dropout, return_state=True, name="decoder"
        ),
    ]
    if attention is not None:
        layers += [
            Attention(attention, name="attention"),
            keras.layers.Concatenate(name="concatenate"),
            keras.layers.Dense(
                decoder_units, activation="tanh", use_bias=False, name="attention_vector"
            ),
        ]
    if dropout:
        layers.append(keras.layers.Dropout(dropout, name="dropout"))
    layers.append(keras.layers.Dense(target_vocabulary_size, name="output"))
    layers = {layer.name: layer for layer in layers}

    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    memory, states = encoder_output(layers, source)
    decoded, *_ = layers["decoder"](layers["target_embedding"](target), initial_state=states)
    logits, _ = decoder_output(layers, decoded, memory)
    return keras.Model({"source": source, "target": target}, logits, name=name)
