"""The segment view: a piece of a text at a time, states in, states out."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasrnn.checks import UserError
from kerasrnn.layers import LeftWindow
from kerasrnn.models.precision import functional_model
from kerasrnn.models.wiring import layers_by_name, output_logits, state_inputs, window_hidden
from kerasrnn.vocabulary import PADDING

__all__ = ["segment"]


def segment(model: keras.Model, *, return_hidden: bool = False) -> keras.Model:
    """Builds the view that reads the next tokens of a text and says what it knows afterwards.

    Pieces of a text that are read one after another, each from the states that the one before
    left, give the outputs of the whole text. Rows may have different lengths, 0 included: padding
    on the right leaves the states as they are.

    Args:
        model: What `language_model` or `fixed_window_language_model` returned; the layers are
            shared with it.
        return_hidden: Whether to give what the output layer reads, before dropout, too.

    Returns:
        A `keras.Model` from a dictionary of `tokens` `(B, T)` int32 and the states, at first those
        of `initial_states`, to a dictionary of `logits` `(B, T, V)` and the new states under the
        same names: `rnn_0_h`, … `(B, U)`, or for a fixed window of N tokens `seen` `(B, N)` int32,
        the last tokens read. The logits of a class or adaptive softmax are log-probabilities.
        With `return_hidden` there is `hidden` `(B, T, U)` too, the recurrent stack's last output
        or a fixed window's hidden layer.

    Raises:
        ValueError: For a model that sees more of a text than what is before each token.

    Example:

    >>> import kerasrnn
    >>> model = kerasrnn.language_model(11, cell="gru", units=5)
    >>> states = kerasrnn.views.initial_states(model, batch_size=2)
    >>> outputs = segment(model)({"tokens": keras.ops.ones((2, 3), "int32"), **states})
    >>> {name: tuple(value.shape) for name, value in sorted(outputs.items())}
    {'logits': (2, 3, 11), 'rnn_0_h': (2, 5)}
    """
    layers = layers_by_name(model)
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    if isinstance(layers.get("window"), LeftWindow):
        inputs, outputs = _window_segment(layers, tokens)
    elif _reads_forward(model, layers):
        inputs, outputs = _recurrent_segment(layers, tokens)
    else:
        raise UserError(
            "Expected a model of `language_model` or `fixed_window_language_model`, which sees "
            f"only what is before each token. Received: {model.name!r}"
        )
    if not return_hidden:
        del outputs["hidden"]
    return functional_model({"tokens": tokens, **inputs}, outputs, f"{model.name}_segment")


def _reads_forward(model: keras.Model, layers: dict[str, Any]) -> bool:
    stack = layers.get("recurrent")
    if stack is None or stack.bidirectional or not stack.return_sequences:
        return False
    inputs = {tensor.name for tensor in model.inputs}
    return inputs <= {"tokens", "targets"} and not {"pooling", "emissions"} & set(layers)


def _recurrent_segment(layers: dict[str, Any], tokens):
    stack = layers["recurrent"]
    states = state_inputs(stack)
    before = [states[name] for name in stack.state_names]
    hidden, *after = stack(layers["token_embedding"](tokens), initial_state=before)
    outputs = {"hidden": hidden, "logits": output_logits(layers, hidden)}
    return states, outputs | dict(zip(stack.state_names, after, strict=True))


def _window_segment(layers: dict[str, Any], tokens):
    window = layers["window"].window
    seen = keras.Input((window,), dtype="int32", name="seen")
    text = ops.concatenate([seen, tokens], axis=1)
    hidden = window_hidden(layers, layers["token_embedding"](layers["window"](text)[:, window:]))
    lengths = ops.sum(ops.cast(tokens != PADDING, "int32"), axis=1, keepdims=True)
    last = lengths + ops.expand_dims(ops.arange(window, dtype="int32"), 0)
    after = ops.take_along_axis(text, last, axis=1)
    outputs = {"hidden": hidden, "logits": output_logits(layers, hidden), "seen": after}
    return {"seen": seen}, outputs
