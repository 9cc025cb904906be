"""The vector view: one vector for a whole sequence."""

from __future__ import annotations

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import SequencePooling
from kerasrnn.models.precision import functional_model
from kerasrnn.models.wiring import layers_by_name, text_vector
from kerasrnn.views.graphs import reads_pairs

__all__ = ["vector"]


def vector(model: keras.Model) -> keras.Model:
    """Builds the view that sums a sequence up in one vector.

    Args:
        model: What `many_to_one`, `many_to_many` or `siamese` returned; the layers are shared with
            it.

    Returns:
        A `keras.Model` of the model's own inputs; for `siamese`, which reads both of its texts by
        the same layers, of one input `tokens` `(B, T)` int32. Its output is `(B, U)` float: for
        `many_to_one` what the output layer reads; for `siamese` what is joined with the other text;
        for `many_to_many` the mean of the unmasked states of the last recurrent layer.

    Raises:
        ValueError: For another model.

    Example:

    >>> model = kerasrnn.many_to_one(11, 3, units=5, bidirectional=True)
    >>> tuple(kerasrnn.views.vector(model)(keras.ops.ones((2, 7), "int32")).shape)
    (2, 10)
    """
    layers = layers_by_name(model)
    if "recurrent" not in layers or "decoder" in layers:
        raise UserError(
            "Expected a model of `many_to_one`, `many_to_many` or `siamese`. "
            f"Received: {model.name!r}, with {', '.join(layers)}"
        )
    if reads_pairs(model):
        tokens = keras.Input((None,), dtype="int32", name="tokens")
        return functional_model(tokens, text_vector(layers, tokens)[0], f"{model.name}_vector")
    states = layers["recurrent"].output
    states = states[0] if isinstance(states, (list, tuple)) else states
    if len(model.output_shape) == 2 and "pooling" not in layers:
        summary = states
    elif "pooling" in layers:
        pooled = layers["pooling"].output
        summary = pooled[0] if isinstance(pooled, (list, tuple)) else pooled
    else:
        summary = SequencePooling("mean", dtype=layers["recurrent"].dtype_policy)(states)
    return functional_model(model.input, summary, f"{model.name}_vector")
