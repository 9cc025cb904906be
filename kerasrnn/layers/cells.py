"""The recurrent cells that can be chosen by a name or given as a callable."""

from __future__ import annotations

from collections.abc import Callable

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers.elman import Elman

__all__ = ["CELLS", "copies_of", "recurrent_layer"]

CELLS = {
    "simple_rnn": keras.layers.SimpleRNN,
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "elman": Elman,
}


def recurrent_layer(
    cell: str | Callable, units: int, name: str, dtype=None, dropout: float = 0.0
) -> keras.layers.RNN:
    """Makes one recurrent layer that returns its states.

    Args:
        cell: A name of `CELLS`, or a callable `units -> keras.layers.RNN`.
        units: Number of units.
        name: Name of the layer.
        dtype: Its dtype or dtype policy; that of Keras by default.
        dropout: Share of inputs and of states that is dropped, the same ones at each step.

    Returns:
        A `keras.layers.RNN` (LSTM, GRU and SimpleRNN are subclasses of it).

    Raises:
        ValueError: For an unknown name, a callable that returns something else or a layer of
            another size, or dropout for a layer that has none.
    """
    if isinstance(cell, str):
        if cell not in CELLS:
            raise UserError(
                f"Expected `cell` to be one of {tuple(CELLS)}, or a callable units -> layer. "
                f"Received: {cell!r}"
            )
        layer = CELLS[cell](units)
    else:
        layer = cell(units) if callable(cell) else cell
        if not isinstance(layer, keras.layers.RNN):
            raise UserError(
                "Expected `cell` to be a name or a callable that returns a recurrent Keras layer. "
                f"Received: {cell!r}"
            )
    size = getattr(layer.cell, "output_size", units)
    if size != units:
        raise UserError(f"Expected `cell({units})` to have {units} outputs. Received: {size}")
    config = {**layer.get_config(), "name": name, "return_sequences": True, "return_state": True}
    if dtype is not None:
        config["dtype"] = dtype
    if dropout:
        if "recurrent_dropout" not in config:
            raise UserError(
                "Expected a cell with `recurrent_dropout` for variational dropout. "
                f"Received: {cell!r}"
            )
        config |= {"dropout": dropout, "recurrent_dropout": dropout}
    return type(layer).from_config(config)


def copies_of(layer: keras.layers.RNN) -> Callable:
    """Returns a callable `units -> layer` that makes layers of the same settings."""

    def cell(units: int) -> keras.layers.RNN:
        config = layer.get_config()
        if "units" in config:  # not in that of `RNN(cell)`, where the inner cell has them
            config["units"] = units
        return type(layer).from_config(config)

    return cell
