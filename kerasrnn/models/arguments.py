"""Checks and conversions of the arguments that factories share."""

from __future__ import annotations

import keras

from kerasrnn.vocabulary import RESERVED

__all__ = ["check_vocabulary_size", "embedding_layer"]


def check_vocabulary_size(argument: str, size: int) -> None:
    """Raises a `ValueError` for a vocabulary without a token beside the reserved ids."""
    if not isinstance(size, int) or size <= len(RESERVED):
        raise ValueError(
            f"Expected `{argument}` to be an integer above {len(RESERVED)}, the number of "
            f"reserved ids. Received: {size!r}"
        )


def embedding_layer(embedding, vocabulary_size: int, name: str) -> keras.layers.Embedding:
    """Returns an embedding that masks id 0.

    Args:
        embedding: The size of the vectors, or a `keras.layers.Embedding` to use as it is
            (pretrained, frozen), which must have `mask_zero` and the name.
        vocabulary_size: Number of ids.
        name: Name of the layer.
    """
    if isinstance(embedding, keras.layers.Embedding):
        if not embedding.mask_zero or embedding.name != name:
            raise ValueError(
                f"Expected an embedding with `mask_zero=True` and the name {name!r}. "
                f"Received: mask_zero={embedding.mask_zero}, name={embedding.name!r}"
            )
        if embedding.input_dim != vocabulary_size:
            raise ValueError(
                f"Expected an embedding of {vocabulary_size} ids. Received: {embedding.input_dim}"
            )
        return embedding
    if isinstance(embedding, bool) or not isinstance(embedding, int) or embedding < 1:
        raise ValueError(
            "Expected `embedding` to be a size of at least 1, or a Keras embedding. "
            f"Received: {embedding!r}"
        )
    return keras.layers.Embedding(vocabulary_size, embedding, mask_zero=True, name=name)
