"""Checks and conversions of the arguments that factories share."""

from __future__ import annotations

import numbers
from typing import Any

import keras

from kerasrnn.checks import UserError, check_integer, check_matrix, check_size
from kerasrnn.layers import AdaptiveEmbedding, AttentionPooling, SequencePooling
from kerasrnn.layers.as_float32 import has_16_bits
from kerasrnn.options.words import Pooling, words
from kerasrnn.vocabulary import RESERVED

__all__ = ["TIED", "check_pooling", "check_vocabulary_size", "embedding_layer", "pooling_layers"]

POOLINGS = words(Pooling)

# Outputs whose weights are the token vectors, and the embeddings that know their reverse.
TIED = {"tied": keras.layers.ReversibleEmbedding, "tied_adaptive": AdaptiveEmbedding}


def check_vocabulary_size(argument: str, size: Any) -> None:
    """Raises a `ValueError` for a vocabulary without a token beside the reserved ids."""
    if not isinstance(size, numbers.Integral) or size <= len(RESERVED):
        hint = " (no token occurs often enough: lower min_count)" if size == len(RESERVED) else ""
        raise UserError(
            f"Expected `{argument}` to be an integer above {len(RESERVED)}, the number of "
            f"reserved ids. Received: {size!r}{hint}"
        )
    check_integer(argument, size)


def check_pooling(pooling: Any) -> None:
    """Raises a `ValueError` for an unknown pooling."""
    if pooling not in POOLINGS:
        raise UserError(f"Expected `pooling` to be one of {POOLINGS}. Received: {pooling!r}")


def pooling_layers(pooling: Pooling) -> dict[str, keras.layers.Layer]:
    """Makes the layer that sums up the outputs of all steps, by its name; none for `"last"`."""
    if pooling == "last":
        return {}
    if pooling == "attention":
        return {"pooling": AttentionPooling(name="pooling")}
    return {"pooling": SequencePooling(pooling, name="pooling")}


def embedding_layer(
    embedding: int | keras.layers.Embedding | None,
    vocabulary_size: int,
    name: str,
    *,
    units: int | None = None,
    output: Any = "full",
) -> keras.layers.Embedding:
    """Returns an embedding that masks id 0.

    Args:
        embedding: The size of the vectors, or a `keras.layers.Embedding` to use as it is
            (pretrained, frozen), which must have `mask_zero` and the name.
        vocabulary_size: Number of ids.
        name: Name of the layer.
        units: The size where `embedding` is `None`.
        output: The output of the model; for one of `TIED` it is also called in reverse.
    """
    kind = TIED[output] if output in TIED else keras.layers.Embedding
    if embedding is None:
        embedding = units
    if isinstance(embedding, keras.layers.Embedding):
        return _checked_layer(embedding, kind, vocabulary_size, name)
    if not isinstance(embedding, numbers.Integral):
        raise UserError(
            "Expected `embedding` to be a size of at least 1, or a Keras embedding. "
            f"Received: {embedding!r}"
        )
    embedding = check_size("embedding", embedding)
    check_matrix("embedding", vocabulary_size, embedding)
    options: dict[str, Any] = {}
    policy = keras.config.dtype_policy()
    if output == "tied" and has_16_bits(policy):  # or its reverse would compute in 32 bits
        options["reverse_dtype"] = policy.compute_dtype
    return kind(int(vocabulary_size), embedding, mask_zero=True, name=name, **options)


def _checked_layer(layer: Any, kind: type, vocabulary_size: int, name: str) -> Any:
    """Checks an embedding that somebody else has made."""
    if not layer.mask_zero or layer.name != name:
        raise UserError(
            f"Expected an embedding with `mask_zero=True` and the name {name!r}. "
            f"Received: mask_zero={layer.mask_zero}, name={layer.name!r}"
        )
    if not isinstance(layer, kind):
        raise UserError(
            f"Expected a layer of the kind {kind.__name__} for tied weights. "
            f"Received: {type(layer).__name__}"
        )
    if layer.input_dim != vocabulary_size:
        raise UserError(
            f"Expected an embedding of {vocabulary_size} ids. Received: {layer.input_dim}"
        )
    return layer
