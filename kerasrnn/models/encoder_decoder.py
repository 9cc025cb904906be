"""A sequence in, a sequence of another length out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import keras

from kerasrnn.checks import UserError, check_size
from kerasrnn.layers import InputFeedingDecoder, RecurrentStack
from kerasrnn.models.arguments import check_vocabulary_size, embedding_layer
from kerasrnn.models.decoder import decoder_layers
from kerasrnn.models.language_model import output_layers
from kerasrnn.models.precision import functional_model
from kerasrnn.models.wiring import decoder_output, embedding_of, encoder_output
from kerasrnn.options.words import Cell, Score

__all__ = ["encoder_decoder"]


def encoder_decoder(
    source_vocabulary_size: int,
    target_vocabulary_size: int,
    *,
    cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 256,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    attention: Score | None = None,
    input_feeding: bool = False,
    embedding: int | tuple[Any, Any] | keras.layers.Embedding | None = None,
    output: Literal["full", "tied"] = "full",
    name: str = "encoder_decoder",
) -> keras.Model:
    """Builds an encoder-decoder for translation, normalisation or dialogue.

    The encoder reads the source; its last states start the decoder (Sutskever et al. 2014),
    which with attention also looks at all encoder states at every step (Luong et al. 2015,
    section 3.1). The model is trained by teacher forcing: it gets the true target, shifted by
    one, and predicts its next token. `views.encode` and `views.step` are for decoding.

    Args:
        source_vocabulary_size: Number of source ids, the reserved ones included.
        target_vocabulary_size: Number of target ids V, the reserved ones included.
        cell: `"lstm"`, `"gru"` or another name of `layers.CELLS`, or a callable `units -> layer`.
        units: Units of each encoder layer and direction. The decoder has twice as many where the
            encoder is bidirectional, because it starts from the states of both directions.
        num_layers: Layers of the encoder and of the decoder.
        bidirectional: Whether the encoder also reads the source from its end.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer.
        attention: `None`, or a score of `layers.Attention`, such as `"dot"`.
        input_feeding: Whether each step of the decoder also reads the attention vector of the step
            before, so that it knows where it has looked (Luong et al. 2015, section 3.3). Training
            is slower, because attention then has to wait for each step.
        embedding: Size of the token vectors of both sides, `units` by default; a pair, of sizes
            or of a `keras.layers.Embedding` named `source_embedding` and one named
            `target_embedding`; or one `keras.layers.Embedding` named `embedding`, which both sides
            of a common vocabulary share.
        output: `"full"`, or `"tied"` for the target vectors as the weights of the output layer
            (Press and Wolf 2017); where an embedding is given as well, it has to be a
            `keras.layers.ReversibleEmbedding`.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the inputs `source` `(B, S)` and `target` `(B, T)`, int32
        ids padded with 0 on the right, the target beginning with the begin id; its output is
        `(B, T, V)` logits. Layers: `source_embedding`, `encoder`, `target_embedding`, `decoder`,
        `attention`, `concatenate`, `attention_vector` (those three with attention), `dropout`,
        `projection` (tied, where the sizes differ), `output` (except tied). With input feeding
        `decoder` is a `layers.InputFeedingDecoder`, which has `attention` and `attention_vector`
        inside.

    Raises:
        ValueError: For an unknown cell or attention, a size out of range, or input feeding without
            attention.

    Example:

    >>> model = encoder_decoder(11, 13, cell="gru", units=5, bidirectional=True, attention="dot")
    >>> sorted(model.input), model.output_shape
    (['source', 'target'], (None, None, 13))
    """
    check_vocabulary_size("source_vocabulary_size", source_vocabulary_size)
    check_vocabulary_size("target_vocabulary_size", target_vocabulary_size)
    if output not in ("full", "tied"):
        raise UserError(f"Expected `output` to be 'full' or 'tied'. Received: {output!r}")
    sizes = source_vocabulary_size, target_vocabulary_size
    units = check_size("units", units)
    decoder_units = units * 2 if bidirectional else units
    layers = [
        RecurrentStack(
            cell, units, num_layers, bidirectional, dropout, return_state=True, name="encoder"
        ),
        *decoder_layers(cell, decoder_units, num_layers, dropout, attention, input_feeding),
    ]
    _check_states(*layers[:2])
    embeddings = _embeddings(embedding, sizes, units, output)
    layers += embeddings
    size = embeddings[-1].output_dim
    layers += output_layers(output, target_vocabulary_size, decoder_units, size)
    layers = {layer.name: layer for layer in layers}

    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    memory, states = encoder_output(layers, source)
    logits, *_ = decoder_output(layers, embedding_of(layers, "target")(target), states, memory)
    return functional_model({"source": source, "target": target}, logits, name)


def _check_states(encoder: RecurrentStack, decoder) -> None:
    """Raises a `ValueError` where the encoder's last states are none to start the decoder from."""
    stack = decoder.stack if isinstance(decoder, InputFeedingDecoder) else decoder
    given, wanted = (list(each.state_sizes.values()) for each in (encoder, stack))
    if given != wanted:
        raise UserError(
            "Expected a cell whose states are twice as large where it has twice as many units, "
            "for the decoder begins with the joined states of both directions. "
            f"Received: states of the sizes {given} for a decoder that wants {wanted}"
        )


def _embeddings(
    embedding, sizes: tuple[int, int], units: int, output: str
) -> list[keras.layers.Layer]:
    """Makes the embeddings of source and target, or the one that both share."""
    if isinstance(embedding, keras.layers.Embedding):
        if sizes[0] != sizes[1]:
            raise UserError(
                "Expected a common vocabulary of source and target for a shared embedding. "
                f"Received: {sizes[0]} and {sizes[1]} ids"
            )
        return [embedding_layer(embedding, sizes[1], "embedding", output=output)]
    pair = embedding if isinstance(embedding, (list, tuple)) else (embedding, embedding)
    if len(pair) != 2:
        raise UserError(f"Expected `embedding` to be one or a pair. Received: {embedding!r}")
    source, target = pair
    return [
        embedding_layer(source, sizes[0], "source_embedding", units=units),
        embedding_layer(target, sizes[1], "target_embedding", units=units, output=output),
    ]
