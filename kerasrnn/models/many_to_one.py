"""A sequence in, one vector out."""

from __future__ import annotations

from collections.abc import Callable

import keras

from kerasrnn.checks import UserError, check_integer
from kerasrnn.layers import RecurrentStack, SegmentedStack
from kerasrnn.models.arguments import check_pooling, pooling_layers
from kerasrnn.models.inputs import place_input, sequence_input
from kerasrnn.models.precision import few_outputs
from kerasrnn.models.wiring import sequence_vector
from kerasrnn.options.words import Cell, Pooling

__all__ = ["many_to_one"]


def many_to_one(
    inputs: int | tuple[int, ...],
    outputs: int,
    *,
    cell: Cell | Callable[[int], keras.layers.RNN] = "lstm",
    units: int = 256,
    num_layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    pooling: Pooling = "last",
    segment_length: int | None = None,
    embedding: int | keras.layers.Embedding | None = None,
    encoder: str | keras.layers.Layer | None = None,
    places: bool = False,
    name: str = "many_to_one",
) -> keras.Model:
    """Builds a model that reads a sequence and answers once: sentiment, language, a forecast.

    The outputs are logits for classification, with one output for a yes or no
    (`BinaryCrossentropy(from_logits=True)`), C for one of C classes
    (`SparseCategoricalCrossentropy(from_logits=True)`) or for any of C labels (again binary); or
    plain numbers for a regression.

    Args:
        inputs: The number of ids, the reserved ones included; or the shape of one step: `(F,)`
            for vectors, `(H, W, C)` for frames.
        outputs: The number of outputs C.
        cell: `"lstm"`, `"gru"` or another name of `layers.CELLS`, or a callable `units -> layer`.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        bidirectional: Whether each layer also reads from the end.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer.
        pooling: What sums up the sequence: `"last"`, the last output (of the backward direction
            the one at the first step); `"mean"` or `"max"` of each feature over time; or
            `"attention"`, a learned weighted sum, see `layers.AttentionPooling`.
        segment_length: For long sequences: that many steps are read at a time, all segments of
            a sequence side by side, and the pooling sums up the outputs of all of them; see
            `layers.SegmentedStack`. `None` reads from one end to the other.
        embedding: For ids: the size of their vectors, `units` by default, or a
            `keras.layers.Embedding` named `token_embedding`.
        encoder: For frames: a Keras layer or model from one frame to a vector, or
            `"convolutional"`, the built-in one, which is the default there.
        places: Whether it is one image, `(H, W, C)`, that goes in, and the places of the grid
            `(h, w, F)` that the encoder makes of it are the steps, row by row from the top; a
            vector `(F,)` is one step.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` with the input `tokens` `(B, T)` int32, padded with 0 on the
        right, or the inputs `features` `(B, T, …)` float32 and `mask` `(B, T)` bool, false for
        padding on the right, or with `places` the input `features` `(B, H, W, C)` alone; its
        output is `(B, C)` float32. Layers: `token_embedding`, or `encoder` and `attach_mask`, or
        `encoder` and `places`; `recurrent`, `pooling`, `dropout`, `output`.

    Raises:
        ValueError: For an unknown cell or pooling, a size out of range, or segments with
            `pooling="last"`, which would see the last one only.

    Example:

    >>> model = many_to_one(11, 2, units=5, bidirectional=True, pooling="attention")
    >>> model.input.name, model.output_shape
    ('tokens', (None, 2))
    """
    outputs = check_integer("outputs", outputs)
    check_pooling(pooling)
    sizes = cell, units, num_layers, bidirectional, dropout
    if segment_length is None:
        whole = pooling != "last"
        stack = RecurrentStack(*sizes, whole, return_state=True, name="recurrent")
    elif pooling == "last":
        raise UserError(
            "Expected another `pooling` than 'last' for segments. "
            f"Received: segment_length={segment_length!r}"
        )
    else:
        stack = SegmentedStack(*sizes, segment_length=segment_length, name="recurrent")
    if places:
        tensors, vectors = place_input(inputs, encoder)
    else:
        tensors, vectors = sequence_input(inputs, embedding, encoder, units)
    hidden, _ = sequence_vector({"recurrent": stack, **pooling_layers(pooling)}, vectors)
    if dropout:
        hidden = keras.layers.Dropout(dropout, name="dropout")(hidden)
    return keras.Model(tensors, few_outputs(hidden, outputs), name=name)
