"""How the named layers of an encoder-decoder are connected, written once.

The factory, the step view and the attention view call these two functions on their own inputs.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras

__all__ = ["decoder_output", "encoder_output", "layers_by_name"]


def layers_by_name(model: keras.Model) -> dict[str, keras.layers.Layer]:
    """Returns the layers of a model under their names."""
    return {layer.name: layer for layer in model.layers}


def encoder_output(layers: Mapping, source):
    """Runs `source_embedding` and `encoder`.

    Args:
        layers: The layers by their names.
        source: `(B, S)` ids.

    Returns:
        The memory `(B, S, U)`, and the list of the encoder's states, each `(B, U)`.
    """
    memory, *states = layers["encoder"](layers["source_embedding"](source))
    return memory, states


def decoder_output(layers: Mapping, decoded, memory=None, memory_mask=None):
    """Runs `attention`, `attention_vector`, `dropout` and `output`, those that there are.

    Args:
        layers: The layers by their names.
        decoded: `(B, T, U)` outputs of `decoder`.
        memory: `(B, S, U)` outputs of `encoder`, where there is attention.
        memory_mask: `(B, S)` bool tensor, or `None`: Keras' mask of `memory`.

    Returns:
        The logits `(B, T, V)`, and the attention scores `(B, T, S)`, `None` without attention.
    """
    scores = None
    if "attention" in layers:
        context, scores = layers["attention"](
            decoded, memory, value_mask=memory_mask, return_attention_scores=True
        )
        # Luong et al. (2015), equation 5.
        decoded = layers["attention_vector"](layers["concatenate"]([context, decoded]))
    if "dropout" in layers:
        decoded = layers["dropout"](decoded)
    return layers["output"](decoded), scores
