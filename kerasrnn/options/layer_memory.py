"""Whether this machine can hold the layers that options ask for, before they are made."""

from __future__ import annotations

from typing import Any

from kerasrnn.checks import check_memory
from kerasrnn.options.groups import Recurrent
from kerasrnn.options.language_model import LanguageModel
from kerasrnn.options.words import MATRICES

__all__ = ["BYTES", "check_layer_memory", "recurrent_bytes", "state_bytes"]

BYTES = 4  # of a number


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


def state_bytes(options: Recurrent, steps: int) -> int:
    """Returns the bytes that the recurrent layers keep for their gradients, at least.

    At each step these are the state and the gates of each layer.

    Args:
        options: As above.
        steps: Steps of all rows together.

    Example:

    >>> state_bytes(options.Forecast(data="tides.csv", units=10, cell="gru"), steps=7)
    840
    """
    if isinstance(options, LanguageModel) and options.model != "recurrent":
        return 0
    directions = 2 if options.model_options().get("bidirectional") else 1
    of_inputs, _ = MATRICES[options.cell]
    kept = of_inputs * (options.units or 0) * directions
    return BYTES * steps * kept * options.num_layers


def check_layer_memory(options: Any) -> None:
    """Raises a `UserError` where this machine cannot hold the recurrent layers.

    Args:
        options: Those of a training.

    Example:

    >>> check_layer_memory(options.Forecast(data="tides.csv"))
    """
    if isinstance(options, Recurrent):
        received = f"units={options.units}, num_layers={options.num_layers}"
        needed = recurrent_bytes(options)
        check_memory("the recurrent layers", needed, received)
        if isinstance(options, LanguageModel) and options.context == "stream":
            needed += state_bytes(options, options.batch_size * options.length)
            received += f", batch_size={options.batch_size}, length={options.length}"
            check_memory("the recurrent layers and a batch", needed, received)
