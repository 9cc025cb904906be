"""The step view: what greedy search, beam search and a served stream run on."""

from __future__ import annotations

import keras
from keras import ops

from kerasrnn.views.wiring import decoder_output, encoder_output, layers_by_name
from kerasrnn.vocabulary import PADDING

__all__ = ["encode", "step"]


def encode(model: keras.Model) -> keras.Model:
    """Builds the view that reads the source once, before the first step.

    Args:
        model: What `encoder_decoder` returned; the layers are shared with it.

    Returns:
        A `keras.Model` from `source` `(B, S)` int32 to a dictionary of the decoder's initial
        states, `rnn_0_h`, … `(B, U)`, and with attention also of `memory` `(B, S, U)` and
        `memory_mask` `(B, S)` bool.

    Raises:
        ValueError: Where the model has no encoder and decoder of the documented names.
    """
    layers = _checked_layers(model)
    source = keras.Input((None,), dtype="int32", name="source")
    memory, states = encoder_output(layers, source)
    outputs = dict(zip(layers["decoder"].state_names, states, strict=True))
    if "attention" in layers:
        mask = ops.not_equal(source, PADDING)
        # The product takes Keras' implicit mask off; from here on the mask is a tensor of its own.
        memory = memory * ops.expand_dims(ops.cast(mask, memory.dtype), -1)
        outputs |= {"memory": memory, "memory_mask": mask}
    return keras.Model(source, outputs, name=f"{model.name}_encode")


def step(model: keras.Model) -> keras.Model:
    """Builds the view that decodes one token: states in, states out.

    Args:
        model: What `encoder_decoder` returned; the layers are shared with it.

    Returns:
        A `keras.Model` from the dictionary that `encode` gives, with `tokens` `(B,)` int32 added,
        to a dictionary of `logits` `(B, V)`, of the new states under the same names, and with
        attention also of `attention_scores` `(B, S)`.

    Raises:
        ValueError: Where the model has no encoder and decoder of the documented names.

    Example:

    >>> import keras, kerasrnn
    >>> model = kerasrnn.encoder_decoder(11, 13, units=5, attention="dot")
    >>> memory_and_states = kerasrnn.views.encode(model)(keras.ops.ones((2, 7), "int32"))
    >>> tokens = {"tokens": keras.ops.ones((2,), "int32")}
    >>> outputs = kerasrnn.views.step(model)(memory_and_states | tokens)
    >>> {name: tuple(value.shape) for name, value in sorted(outputs.items())}
    {'attention_scores': (2, 7), 'logits': (2, 13), 'rnn_0_c': (2, 5), 'rnn_0_h': (2, 5)}
    """
    layers = _checked_layers(model)
    decoder = layers["decoder"]
    inputs = {"tokens": keras.Input((), dtype="int32", name="tokens")}
    for name, size in decoder.state_sizes.items():
        inputs[name] = keras.Input((size,), name=name)
    if "attention" in layers:
        size = decoder.units  # that of the encoder, both directions joined
        inputs["memory"] = keras.Input((None, size), name="memory")
        inputs["memory_mask"] = keras.Input((None,), dtype="bool", name="memory_mask")
    embedded = layers["target_embedding"](ops.expand_dims(inputs["tokens"], 1))
    decoded, *states = decoder(
        ops.squeeze(embedded, 1),
        initial_state=[inputs[name] for name in decoder.state_names],
    )
    logits, scores = decoder_output(
        layers, ops.expand_dims(decoded, 1), inputs.get("memory"), inputs.get("memory_mask")
    )
    outputs = {"logits": ops.squeeze(logits, 1)}
    outputs |= dict(zip(decoder.state_names, states, strict=True))
    if scores is not None:
        outputs["attention_scores"] = ops.squeeze(scores, 1)
    return keras.Model(inputs, outputs, name=f"{model.name}_step")


def _checked_layers(model: keras.Model) -> dict:
    layers = layers_by_name(model)
    wanted = ("source_embedding", "encoder", "target_embedding", "decoder", "output")
    missing = [name for name in wanted if name not in layers]
    if missing:
        raise ValueError(
            f"Expected a model of `encoder_decoder`, with the layers {', '.join(wanted)}. "
            f"Received {model.name!r} without {', '.join(missing)}"
        )
    return layers
