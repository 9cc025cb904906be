"""Two sequences in, one vector out: both are read by the same layers."""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import ops

from kerasrnn.checks import UserError, check_integer, check_size
from kerasrnn.layers import RecurrentStack
from kerasrnn.models.arguments import (
    check_pooling,
    check_vocabulary_size,
    embedding_layer,
    pooling_layers,
)
from kerasrnn.models.precision import few_outputs
from kerasrnn.models.wiring import text_vector
from kerasrnn.options.words import Cell, Join, Pooling, words
from kerasrnn.typing import Tensor

__all__ = ["siamese"]

JOINS = words(Join)


def siamese(
    vocabulary_size: int,
    outputs: int,
    *,
    cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 256,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    pooling: Pooling = "max",
    join: Join = "ordered",
    hidden_units: int | None = None,
    embedding: int | keras.layers.Embedding | None = None,
    name: str = "siamese",
) -> keras.Model:
    """Builds a model that reads two texts by one encoder and compares what it made of them.

    The vectors a and b of the two texts are joined, and the joined vector is classified, as in
    InferSent (Conneau et al. 2017, section 3.1); two encoders with the same weights go back to
    Bromley et al. (1993), for sentences to Mueller and Thyagarajan (2016). The encoder is that of a
    `many_to_one`; `views.vector` gives the vector of a single text, to search with.

    Args:
        vocabulary_size: The number of ids, the reserved ones included; both texts have them.
        outputs: The number of classes C.
        cell: `"lstm"`, `"gru"` or another name of `layers.CELLS`, or a callable `units -> layer`.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        bidirectional: Whether each layer also reads from the end.
        dropout: Fraction dropped from the inputs of each recurrent layer and from the joined
            vector.
        pooling: What sums up a text, as in `many_to_one`; max was best in InferSent.
        join: `"ordered"`, the vectors themselves, the absolute values of their differences and
            their products, `[a; b; |a − b|; a · b]`; or `"symmetric"`, `[|a − b|; a · b]`, whose
            answer is the same when the texts change places.
        hidden_units: Units of a layer with relu between the joined vector and the output; `None`
            for none.
        embedding: The size of the token vectors, `units` by default, or a `keras.layers.Embedding`
            named `token_embedding`.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the inputs `first` `(B, T)` and `second` `(B, S)`, int32
        ids padded with 0 on the right; its output is `(B, C)` logits. Layers: `token_embedding`,
        `recurrent`, `pooling`, of which there is one each, `dropout`, `hidden`, `output`.

    Raises:
        ValueError: For an unknown cell, pooling or join, or a size out of range.

    Example:

    >>> model = siamese(11, 2, units=5, bidirectional=True)
    >>> sorted(model.input), model.output_shape
    (['first', 'second'], (None, 2))
    >>> views.vector(model).output_shape
    (None, 10)
    """
    check_vocabulary_size("vocabulary_size", vocabulary_size)
    outputs = check_integer("outputs", outputs)
    check_pooling(pooling)
    if join not in JOINS:
        raise UserError(f"Expected `join` to be one of {JOINS}. Received: {join!r}")
    sizes = cell, units, num_layers, bidirectional, dropout
    stack = RecurrentStack(*sizes, pooling != "last", return_state=True, name="recurrent")
    shared: dict[str, keras.layers.Layer] = {
        "token_embedding": embedding_layer(
            embedding, vocabulary_size, "token_embedding", units=units
        ),
        "recurrent": stack,
        **pooling_layers(pooling),
    }
    texts = {side: keras.Input((None,), dtype="int32", name=side) for side in ("first", "second")}
    first, second = (text_vector(shared, tokens)[0] for tokens in texts.values())
    hidden = _joined(first, second, join)
    if dropout:
        hidden = keras.layers.Dropout(dropout, name="dropout")(hidden)
    if hidden_units is not None:
        number = check_size("hidden_units", hidden_units)
        hidden = keras.layers.Dense(number, activation="relu", name="hidden")(hidden)
    return keras.Model(texts, few_outputs(hidden, outputs), name=name)


def _joined(first: Tensor, second: Tensor, join: Join) -> Tensor:
    """Joins two vectors `(B, U)` to `(B, 4 U)` or, where it is symmetric, to `(B, 2 U)`."""
    parts = [ops.absolute(first - second), first * second]
    if join == "ordered":
        parts = [first, second, *parts]
    return ops.concatenate(parts, axis=-1)
