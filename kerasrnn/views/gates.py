"""The gates view: what opens and closes while a recurrent layer reads."""

from __future__ import annotations

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers.gate_cell import GatesOverTime
from kerasrnn.models.precision import functional_model
from kerasrnn.views.graphs import inputs_without_targets, reads_pairs, recurrent_layers, rerun
from kerasrnn.views.vector import vector

__all__ = ["gates"]


def gates(model: keras.Model, layer: str | None = None, backward: bool = False) -> keras.Model:
    """Builds the view that gives the gates of one recurrent layer over a sequence.

    Args:
        model: Any functional model with a recurrent layer, such as the factories return; the
            layers are shared with it.
        layer: Name of the recurrent layer, by default that of the first one. Of a stack it
            means the lowest layer; `"recurrent/rnn_1"` and `"decoder/rnn_1"` are the second ones.
        backward: Of a layer that reads in both directions, whether the one from the end is meant.

    Returns:
        A `keras.Model` of the model's own inputs, without `targets`; for `siamese` of one text
        `tokens`. Its output is a dictionary of
        `(B, T, U)` float tensors, T being the steps of that layer: for an LSTM `input_gate`,
        `forget_gate`, `output_gate`, `candidate`, `cell_state` and `hidden_state`; for a GRU
        `update_gate` (open, 1, it keeps the old state), `reset_gate`, `candidate` and
        `hidden_state`; for `min_gru` `update_gate` (open, it takes the candidate), `candidate` and
        `hidden_state`; for `min_lstm` `forget_gate`, `input_gate`, `candidate` and `hidden_state`;
        for `sru` `forget_gate`, `reset_gate`, `candidate`, `cell_state` and `hidden_state`; for
        other cells `hidden_state`, their output. Step t has what the layer
        did when it read input t, in the order of the inputs for both directions. Padding is NaN.
        The equations are in `layers.gate_cell`.

    Raises:
        ValueError: For a model that is not functional, without such a layer, or with input feeding
            or segments in it.

    Example:

    >>> model = kerasrnn.many_to_one(11, 2, cell="gru", units=5)
    >>> opened = gates(model)(keras.ops.ones((2, 7), "int32"))
    >>> {name: tuple(value.shape) for name, value in opened.items()}
    ... # doctest: +NORMALIZE_WHITESPACE
    {'update_gate': (2, 7, 5), 'reset_gate': (2, 7, 5), 'candidate': (2, 7, 5),
     'hidden_state': (2, 7, 5)}
    """
    model = vector(model) if reads_pairs(model) else model
    chosen, number = _chosen(model, layer)
    reader = GatesOverTime(chosen, number, backward, dtype=chosen.dtype_policy, name="gates")
    found = []

    def call(each, *args, **kwargs):
        if each is chosen and not found:
            read = {name: kwargs[name] for name in ("initial_state", "mask") if name in kwargs}
            found.append(reader(args[0], *args[1:2], **read))
        return each(*args, **kwargs)

    inputs = inputs_without_targets(rerun(model, call))
    return functional_model(inputs, found[0], f"{model.name}_gates")


def _chosen(model: keras.Model, layer: str | None) -> tuple[keras.layers.Layer, int]:
    """Returns the recurrent layer or stack of a model, and the number of the layer in it."""
    there = recurrent_layers(model)
    name, _, inner = (next(iter(there)) if layer is None else layer).partition("/")
    if name in there:
        stack = there[name]
        parts = [each.name for each in getattr(stack, "rnn_layers", ())]
        if not inner or inner in parts:
            return stack, parts.index(inner) if inner else 0
    names = [
        f"{each.name}/{part.name}" if part else each.name
        for each in there.values()
        for part in (None, *getattr(each, "rnn_layers", ()))
    ]
    raise UserError(f"Expected `layer` to be one of {', '.join(names)}. Received: {layer!r}")
