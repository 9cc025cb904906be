"""The attention view: which source tokens each target token looked at."""

from __future__ import annotations

import keras

from kerasrnn.views.wiring import decoder_output, encoder_output, layers_by_name

__all__ = ["attention_scores"]


def attention_scores(model: keras.Model) -> keras.Model:
    """Builds the view that gives the attention scores of a whole target at once.

    Args:
        model: What `encoder_decoder` returned with attention; the layers are shared with it.

    Returns:
        A `keras.Model` of the model's own inputs, `source` `(B, S)` and `target` `(B, T)`, whose
        output is `(B, T, S)` float: row t holds the weights with which target token t, the one
        that follows input t, was predicted. Each row sums to 1; padding of the source gets 0.

    Raises:
        ValueError: Where the model has no attention.
    """
    layers = layers_by_name(model)
    if "attention" not in layers:
        raise ValueError(f"Expected a model with attention. Received: {model.name!r}, without")
    source = keras.Input((None,), dtype="int32", name="source")
    target = keras.Input((None,), dtype="int32", name="target")
    memory, states = encoder_output(layers, source)
    decoded, *_ = layers["decoder"](layers["target_embedding"](target), initial_state=states)
    _, scores = decoder_output(layers, decoded, memory)
    inputs = {"source": source, "target": target}
    return keras.Model(inputs, scores, name=f"{model.name}_attention_scores")
