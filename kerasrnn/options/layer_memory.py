"""Whether this machine can hold the layers that options ask for, before they are made."""

from __future__ import annotations

from typing import Any

from kerasrnn.checks import check_memory
from kerasrnn.options.groups import Recurrent
from kerasrnn.options.language_model import LanguageModel
from kerasrnn.options.words import MATRICES

__all__ = ["check_layer_memory", "recurrent_bytes"]

BYTES = 4


def recurrent_bytes(options: Recurrent) -> int:
    """Returns the bytes that the matrices of the recurrent layers take in training, at least.

    These are the weights, their gradients, and two slots of the optimizer.

    Args:
        options: Options of a task with such layers, all of which are chosen.

    Example:

    >>> recurrent_bytes(options.Forecast(data="tides.csv", units=10, cell="gru"))
    4800
    """
    units, cell = options.units or 0, options.cell
    directions = 2 if options.model_options().get("bidirectional") else 1
    of_inputs, of_states = (units * units * number * directions for number in MATRICES[cell])
    first, above = of_states, of_states + of_inputs * directions  # which reads all directions
    copies = 4
    if isinstance(options, LanguageModel):
        copies = 4 if options.optimizer == "adam" else 2  # SGD has no slots
        if options.model != "recurrent":
            return 0
    return BYTES * copies * (first + (options.num_layers - 1) * above)


def check_layer_memory(options: Any) -> None:
    """Raises a `UserError` where this machine cannot hold the recurrent layers.

    Args:
        options: Those of a training.

    Example:

    >>> check_layer_memory(options.Forecast(data="tides.csv"))
    """
    if isinstance(options, Recurrent):
        received = f"units={options.units}, num_layers={options.num_layers}"
        check_memory("the recurrent layers", recurrent_bytes(options), received)
