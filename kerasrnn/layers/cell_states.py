"""The states of a cell as a flat list with names, however many there are and however nested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasrnn.typing import Tensor

__all__ = ["first_states", "flat_states", "joined_directions", "nested_states", "state_sizes"]

SUFFIXES = "h", "c"


def state_sizes(layer: keras.layers.RNN) -> dict[str, int]:
    """Returns the sizes of a layer's states under their names.

    Args:
        layer: A layer named `rnn_0`, for example.

    Returns:
        Sizes in the order of the cell's states, those of cells in a cell one after the other:
        `rnn_0_h`, `rnn_0_c`, then `rnn_0_state_2`, `rnn_0_state_3`, ….

    Example:

    >>> state_sizes(keras.layers.LSTM(5, name="rnn_0"))
    {'rnn_0_h': 5, 'rnn_0_c': 5}
    """
    sizes = keras.tree.flatten(layer.cell.state_size)
    suffixes = [*SUFFIXES, *(f"state_{i}" for i in range(len(SUFFIXES), len(sizes)))]
    return {f"{layer.name}_{suffix}": size for suffix, size in zip(suffixes, sizes, strict=False)}


def flat_states(states: Tensor) -> list[Tensor]:
    """Returns nested states as one list."""
    return keras.tree.flatten(states)


def nested_states(layer: keras.layers.RNN, states: Sequence[Tensor]) -> list[Any]:
    """Returns a flat list of states in the structure that the layer's cell wants."""
    size = layer.cell.state_size
    structure = list(size) if isinstance(size, (list, tuple)) else [size]
    return keras.tree.pack_sequence_as(structure, states)


def joined_directions(states: Sequence[Tensor]) -> list[Tensor]:
    """Joins the forward and the backward half of each state of one layer."""
    half = len(states) // 2
    pairs = zip(states[:half], states[half:], strict=True)
    return [ops.concatenate(pair, axis=-1) for pair in pairs]


def first_states(layer: keras.layers.RNN, batch_size: int | Tensor) -> list[Tensor]:
    """Returns the states before the first step, `(B, U)` each: the cell's own, or zeros."""
    if hasattr(layer.cell, "get_initial_state"):
        return flat_states(layer.cell.get_initial_state(batch_size=batch_size))
    dtype = layer.cell.compute_dtype
    sizes = state_sizes(layer).values()
    return [ops.zeros((batch_size, size), dtype=dtype) for size in sizes]
