"""The stream view: a language model over a text that is longer than a batch."""

from __future__ import annotations

from typing import Any

import keras

from kerasrnn.checks import UserError, check_integer
from kerasrnn.layers import Stream
from kerasrnn.models.wiring import layers_by_name, with_output

__all__ = ["stream"]


def stream(model: keras.Model, batch_size: int) -> keras.Model:
    """Builds the twin that carries its states from batch to batch, for truncated BPTT.

    The twin has the layers of the model, so that training it trains the model; the model itself,
    which carries nothing, is what is saved and exported. Batches follow each other in each of
    their rows, as `datasets.stream_batches` makes them; the length of a batch is the number of
    steps that the gradient runs back. `callbacks.ResetStates` begins each epoch and each
    validation afresh.

    Args:
        model: What `language_model` returned, or a `many_to_many` of ids in one direction; the
            layers are shared with it.
        batch_size: Number of rows B of every batch.

    Returns:
        A `keras.Model` with the inputs and outputs of the model, of the static batch size B, and
        a layer `stream`, whose `reset_states()` puts all rows back to the beginning.

    Raises:
        ValueError: For another model, or a batch size below 1.

    Example:

    >>> import kerasrnn
    >>> model = kerasrnn.language_model(11, units=5)
    >>> twin = stream(model, batch_size=2)
    >>> first, second = keras.ops.ones((2, 3), "int32"), keras.ops.ones((2, 3), "int32")
    >>> bool(keras.ops.all(twin(first) == twin(second)))
    False
    """
    layers = layers_by_name(model)
    if not _goes_on(model, layers):
        raise UserError(
            "Expected a model of `language_model`, which reads ids in one direction. "
            f"Received: {model.name!r}"
        )
    batch_size = check_integer("batch_size", batch_size)
    name = f"{model.name}_stream"
    stack = layers["recurrent"]
    carried = Stream(stack, batch_size, dtype=stack.dtype_policy, name="stream")
    tokens = keras.Input((None,), batch_size=batch_size, dtype="int32", name="tokens")
    hidden = carried(layers["token_embedding"](tokens))
    return with_output(layers, tokens, hidden, name)


def _goes_on(model: keras.Model, layers: dict[str, Any]) -> bool:
    """Whether a longer text is nothing but more steps for the model."""
    stack = layers.get("recurrent")
    if stack is None or stack.bidirectional or not stack.return_sequences:
        return False
    inputs = {tensor.name for tensor in model.inputs}
    return inputs <= {"tokens", "targets"} and not {"pooling", "emissions"} & set(layers)
