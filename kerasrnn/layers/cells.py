"""The recurrent cells that can be chosen by a name or given as a callable."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers.elman import Elman
from kerasrnn.layers.linear.min_gru import MinGRU
from kerasrnn.layers.linear.min_lstm import MinLSTM
from kerasrnn.layers.linear.sru import SRU
from kerasrnn.options.words import Cell
from kerasrnn.typing import Tensor

__all__ = [
    "CELLS",
    "both_ways",
    "cells_in",
    "pass_masks",
    "recurrent_layer",
    "reset_dropout",
    "restored_cell",
    "run_cell",
    "unbuilt",
]

ATTEMPTS = 5

CELLS = {
    "simple_rnn": keras.layers.SimpleRNN,
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "min_gru": MinGRU,
    "min_lstm": MinLSTM,
    "sru": SRU,
    "elman": Elman,
}


def recurrent_layer(
    cell: Cell | Callable[[int], keras.layers.RNN],
    units: int,
    name: str,
    dtype: str | keras.DTypePolicy | None = None,
    dropout: float = 0.0,
) -> keras.layers.RNN:
    """Makes one recurrent layer that returns its states.

    Args:
        cell: A name of `CELLS`, or a callable `units -> keras.layers.RNN`.
        units: Number of units.
        name: Name of the layer.
        dtype: Its dtype or dtype policy; that of Keras by default.
        dropout: Fraction of inputs and of states that is dropped, the same ones at each step.

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
        layer: Any = CELLS[cell](units)
    else:
        # A layer can be called too, with a sequence.
        makes_one = callable(cell) and not isinstance(cell, keras.layers.Layer)
        layer = cell(units) if makes_one else None
        if not isinstance(layer, keras.layers.RNN):
            raise UserError(
                "Expected `cell` to be a name or a callable that returns a recurrent Keras layer. "
                f"Received: {cell!r}"
            )
    size = getattr(layer.cell, "output_size", None)
    size = keras.tree.flatten(layer.cell.state_size)[0] if size is None else size
    if size != units:
        raise UserError(f"Expected `cell({units})` to have {units} outputs. Received: {size}")
    config = {
        **unbuilt(layer.get_config()),
        "name": name,
        "return_sequences": True,
        "return_state": True,
    }
    if dtype is not None:
        config["dtype"] = dtype
    if dropout:
        if "recurrent_dropout" not in config:
            raise UserError(
                "Expected a cell with `recurrent_dropout` for variational dropout. "
                f"Received: {cell!r}"
            )
        config |= {"dropout": dropout, "recurrent_dropout": dropout}
    made = type(layer).from_config(config)
    pass_masks(made)
    return made


def restored_cell(config: dict[str, Any]) -> Callable[[int], keras.layers.RNN]:
    """Returns a callable `units -> layer` that makes layers of stored settings.

    Args:
        config: What `keras.saving.serialize_keras_object` gave for such a layer.
    """
    layer = keras.saving.deserialize_keras_object(unbuilt(config))

    def cell(units: int) -> keras.layers.RNN:
        config = unbuilt(layer.get_config())
        if "units" in config:  # not in that of `RNN(cell)`, where the inner cell has them
            config["units"] = units
        return type(layer).from_config(config)

    return cell


def unbuilt(config: Any) -> Any:
    """Returns a configuration without what Keras notes of the cells in it.

    Keras notes the shape that a cell was built with, which is that of one layer's inputs only, and
    while a model is loaded the address of a cell, by which copies of it would become one cell.

    Example:

    >>> unbuilt({"cell": {"config": {"units": 5}, "build_config": {"input_shape": (None, 7)}}})
    {'cell': {'config': {'units': 5}}}
    """
    if isinstance(config, (list, tuple)):
        return type(config)(unbuilt(each) for each in config)
    if not isinstance(config, dict):
        return config
    noted = ("build_config", "shared_object_id")
    return {name: unbuilt(value) for name, value in config.items() if name not in noted}


def both_ways(
    originals: list[keras.layers.RNN], dtype: str | keras.DTypePolicy | None
) -> list[keras.layers.Bidirectional]:
    """Makes layers that read in both directions of layers that read forwards.

    Keras copies a layer for each direction. While a model is being loaded it knows what it has
    copied by its address, and where that was another object's before, the second copy is the first
    one, which Keras refuses for a layer, but not for the cell in it. Then another original, at
    another address, takes its place.

    Args:
        originals: The layers; what takes the place of one is appended. All have to stay alive, or
            the address of one may become that of a layer that is copied later.
        dtype: Dtype or dtype policy of the layers.
    """
    made, seen = [], set()
    for layer in list(originals):
        for attempt in range(ATTEMPTS):
            try:
                both = keras.layers.Bidirectional(layer, name=layer.name, dtype=dtype)
                cells = cells_in(both.forward_layer.cell) + cells_in(both.backward_layer.cell)
                addresses = {id(cell) for cell in cells}
                if len(addresses) < len(cells) or addresses & seen:
                    raise ValueError("Two layers have one cell")
            except ValueError:
                if attempt == ATTEMPTS - 1:
                    raise
                layer = type(layer).from_config(unbuilt(layer.get_config()))
                originals.append(layer)
            else:
                pass_masks(both, both.forward_layer, both.backward_layer)
                seen |= addresses
                made.append(both)
                break
    return made


def pass_masks(*layers: keras.layers.Layer) -> None:
    """Lets layers hand on the mask that they compute.

    From Keras 3.16 on recurrent layers say that they do not, lose the mask and warn of it.
    """
    for layer in layers:
        layer.supports_masking = True


def run_cell(
    cell: keras.layers.Layer, inputs: Tensor, states: Sequence[Tensor], training: bool | None = None
) -> tuple[Tensor, Any]:
    """Makes one step, of a cell that knows of training or not."""
    knows = "training" in inspect.signature(cell.call).parameters
    return cell(inputs, states, **({"training": training} if knows else {}))


def reset_dropout(cell: keras.layers.Layer) -> None:
    """Makes a cell, and those in it, draw new dropout masks."""
    for each in cells_in(cell):
        if hasattr(each, "reset_dropout_mask"):
            each.reset_dropout_mask()
            each.reset_recurrent_dropout_mask()


def cells_in(cell: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Lists a cell with the cells in it."""
    return [cell, *(inner for each in getattr(cell, "cells", ()) for inner in cells_in(each))]
