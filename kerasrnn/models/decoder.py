"""The layers from the embedded target to what the output layer reads."""

from __future__ import annotations

from collections.abc import Callable

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import Attention, InputFeedingDecoder, RecurrentStack
from kerasrnn.options.words import Cell, Score

__all__ = ["decoder_layers"]


def decoder_layers(
    cell: Cell | Callable[[int], keras.layers.RNN],
    units: int,
    num_layers: int,
    dropout: float,
    attention: Score | None,
    input_feeding: bool,
) -> list[keras.layers.Layer]:
    """Makes the decoder and its attention.

    Args:
        cell: As in `encoder_decoder`.
        units: Units of each layer and of the attention vector.
        num_layers: Number of recurrent layers.
        dropout: Fraction dropped from the inputs of each recurrent layer and of the output layer.
        attention: `None`, or the score.
        input_feeding: Whether the decoder reads the attention vector of the step before.

    Returns:
        `decoder`; `attention`, `concatenate` and `attention_vector` behind it, where there is
        attention without input feeding; and `dropout`, where there is some.

    Raises:
        ValueError: For input feeding without attention.
    """
    if input_feeding:
        if attention is None:
            raise UserError(
                "Expected `attention` for input feeding, because its vector is what is fed. "
                "Received: attention=None"
            )
        layers = [
            InputFeedingDecoder(attention, cell, units, num_layers, dropout, name="decoder"),
        ]
    else:
        layers = [
            RecurrentStack(
                cell, units, num_layers, dropout=dropout, return_state=True, name="decoder"
            )
        ]
    if attention is not None and not input_feeding:
        layers += [
            Attention(attention, name="attention"),
            keras.layers.Concatenate(name="concatenate"),
            keras.layers.Dense(units, activation="tanh", use_bias=False, name="attention_vector"),
        ]
    if dropout:
        layers.append(keras.layers.Dropout(dropout, name="dropout"))
    return layers
