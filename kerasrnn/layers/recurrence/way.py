"""Which loop a recurrent layer of Keras runs."""

from __future__ import annotations

import functools
from typing import Any

import keras

from kerasrnn.checks import check_choice
from kerasrnn.layers.linear.linear_layer import LinearRNN
from kerasrnn.options.words import Recurrence, words

__all__ = ["set_way"]


def set_way(layer: keras.layers.RNN | keras.layers.Bidirectional, way: str) -> None:
    """Makes a layer run Keras' loop, or that which XLA compiles, wherever there is one for it.

    There is one in graphs on a CPU, with TensorFlow as the backend, in float32, for the usual
    activations; dropout of a layer's own and `GRU(reset_after=False)` keep Keras' loop. It is
    compiled once for each shape of a batch; a length that a graph does not know is rounded up.

    Keras' layers have their loop in the method `inner_loop`, in order to take that of cuDNN where
    they can. States, masks, both directions and weights are theirs in either case.

    Args:
        layer: The layer.
        way: `"keras"` or `"compiled"`.

    Raises:
        ValueError: For another word.
    """
    check_choice("recurrence", way, words(Recurrence))
    directions = [getattr(layer, f"{each}_layer", layer) for each in ("forward", "backward")]
    for each in directions:
        if isinstance(each, LinearRNN):  # which knows both ways itself
            each.recurrence = way
            continue
        vars(each).pop("inner_loop", None)
        if way == "compiled" and keras.backend.backend() == "tensorflow":
            each.inner_loop = functools.partial(_inner_loop, each)


def _inner_loop(
    layer: keras.layers.RNN,
    sequences: Any,
    initial_state: Any,
    mask: Any = None,
    training: bool | None = False,
) -> Any:
    from kerasrnn.layers.recurrence.layer import compiled_loop, has_compiled_loop

    loop = compiled_loop if has_compiled_loop(layer, training) else type(layer).inner_loop
    return loop(layer, sequences, initial_state, mask=mask, training=training)
