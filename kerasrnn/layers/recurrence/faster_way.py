"""Which way of recurrent layers is the faster one in a training, by what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import keras
import numpy as np

from kerasrnn.layers.elman import Elman
from kerasrnn.layers.linear.linear_layer import LinearRNN
from kerasrnn.layers.linear.min_gru import MinGRU
from kerasrnn.layers.linear.min_lstm import MinLSTM
from kerasrnn.layers.linear.sru import SRU
from kerasrnn.layers.recurrent_stack import RecurrentStack
from kerasrnn.layers.segmented_stack import SegmentedStack
from kerasrnn.options.words import Recurrence

__all__ = ["GAINS", "Gain", "faster_way"]


class Gain(NamedTuple):
    """When a compiled loop pays.

    Attributes:
        most_rows: Up to how many rows a step of it, with its gradient, takes less time than one of
            Keras' loop.
        least_steps: How many steps win back the time in which a shape of a batch is compiled, for
            training and for validation.
    """

    most_rows: int
    least_steps: int


# As benchmarks/faster_way.py measures it, up to 1,024 rows. A shape takes 0.3 to 1 second. A step
# saves 107 to 367 microseconds of LSTM and GRU, and next to nothing with 1,024 rows; 62 to 201 of
# the simpler ones; from 30 on of SRU; from 12 on of MinGRU and MinLSTM.
GAINS = {
    keras.layers.LSTM: Gain(192, 10_000),
    keras.layers.GRU: Gain(192, 10_000),
    keras.layers.SimpleRNN: Gain(1024, 10_000),
    Elman: Gain(1024, 10_000),
    SRU: Gain(1024, 30_000),
    MinGRU: Gain(1024, 100_000),
    MinLSTM: Gain(1024, 100_000),
}
# Shorter loops are compiled for so many steps: a training on names took 1.15 times as long.
LEAST_LENGTH = 16


def faster_way(
    stack: RecurrentStack, sizes: Iterable[tuple[int, Sequence[int]]], epochs: int
) -> tuple[Recurrence, str]:
    """Returns how a stack is computed the faster in a training, and why.

    It depends on the layers, the sizes of the batches and whether there is a GPU, and on nothing
    that is measured in the training: the same training is always computed in the same way.

    Args:
        stack: The layers.
        sizes: The rows of each batch of an epoch, and how long each side of it is: an encoder and
            a decoder have as many layers of the same kind.
        epochs: The number of epochs.

    Returns:
        `"keras"` or `"compiled"`, and the reason.

    Example:

    >>> stack = kerasrnn.layers.RecurrentStack("lstm", units=3)
    >>> faster_way(stack, 300 * [(64, [48, 52])], epochs=5)
    ('compiled', 'by 150,000 steps of recurrent loops, in 2 shapes')
    >>> faster_way(stack, 3 * [(64, [48, 52])], epochs=5)[0]
    'keras'
    """
    segment = stack.segment_length if isinstance(stack, SegmentedStack) else None
    loops = np.array(list(_loops(sizes, segment)), np.int32)
    rows, steps = np.reshape(loops, (-1, 2)).T
    total = int(steps.sum()) * epochs
    if keras.backend.backend() != "tensorflow":
        return "keras", f"by {total:,} steps of recurrent loops"
    from kerasrnn.layers.linear.compiled import can_be_compiled
    from kerasrnn.layers.recurrence.layer import is_compilable, rounded

    lengths = keras.ops.convert_to_numpy(rounded(keras.ops.convert_to_tensor(steps)))
    shapes = len({*zip(rows.tolist(), lengths.tolist(), strict=True)})
    layer = stack.rnn_layers[0]
    layer = getattr(layer, "forward_layer", layer)
    gain = GAINS.get(type(layer))
    pays = (
        gain is not None
        and total >= gain.least_steps * shapes > 0
        and rows.mean() <= gain.most_rows
        and steps.mean() >= LEAST_LENGTH
        and (can_be_compiled(layer.cell) if isinstance(layer, LinearRNN) else is_compilable(layer))
    )
    reason = f"by {total:,} steps of recurrent loops, in {shapes} shape{'s' * (shapes != 1)}"
    return "compiled" if pays else "keras", reason


def _loops(
    sizes: Iterable[tuple[int, Sequence[int]]], segment: int | None
) -> Iterator[tuple[int, int]]:
    """The rows and the steps of each loop; segments are read side by side."""
    for rows, sides in sizes:
        for steps in sides:
            if segment is None or steps <= segment:
                yield rows, steps
            else:
                yield rows * -(-steps // segment), segment
