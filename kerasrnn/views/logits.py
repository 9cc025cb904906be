"""Whether a model gives logits, as all of this package expects, or probabilities."""

from __future__ import annotations

from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.layers import AsFloat32

__all__ = ["check_logits", "check_loss", "trains_several"]

PROBABILITIES = "softmax", "sigmoid"


def check_logits(model: keras.Model, *, one_class: bool = False) -> None:
    """Raises a `ValueError` for a model of probabilities where logits are expected.

    Args:
        model: A model.
        one_class: Whether exactly one of the classes is right, so that a model that was compiled
            with a binary loss for several of them is refused too.

    Example:

    >>> import kerasrnn
    >>> check_logits(kerasrnn.many_to_one(11, 3, units=5))
    """
    activation = _output_activation(model)
    if activation in PROBABILITIES:
        raise UserError(
            "Expected a model of logits, whose output layer has no activation, and a loss "
            f"`from_logits=True`. Received: {model.name!r}, whose last layer has {activation!r}"
        )
    for loss in _losses(model):
        if _of_probabilities(loss):
            raise UserError(
                "Expected a loss `from_logits=True` for a model of logits. "
                f"Received: {_name(loss)!r} of probabilities"
            )
    if one_class and trains_several(model):
        raise UserError(
            "Expected a model of which one class is right at a time. Received: "
            f"{model.name!r}, trained by a binary cross-entropy to find any of several"
        )


def check_loss(model: keras.Model) -> None:
    """Raises a `ValueError` for a loss of logits over probabilities, or the other way round.

    Both train without an error, and badly.

    Args:
        model: A model, compiled or not.

    Example:

    >>> import kerasrnn
    >>> model = kerasrnn.many_to_one(11, 3, units=5)
    >>> model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> check_loss(model)
    """
    activation = _output_activation(model)
    for loss in _losses(model):
        if activation in PROBABILITIES and getattr(loss, "from_logits", False) is True:
            raise UserError(
                "Expected a loss of probabilities, `from_logits=False`, or an output layer without "
                f"activation. Received: {_name(loss)!r} of logits over a {activation!r}"
            )
        if activation == "linear" and _of_probabilities(loss):
            raise UserError(
                "Expected a loss `from_logits=True` for a model of logits. "
                f"Received: {_name(loss)!r} of probabilities over an output layer without "
                "activation"
            )
        several = activation == "sigmoid" and _classes(model) > 1
        if several and "categorical" in _kind(loss):
            raise UserError(
                "Expected a binary cross-entropy for a sigmoid, of which any of several classes "
                f"may be right. Received: {_name(loss)!r}, of which one class is right"
            )


def trains_several(model: keras.Model) -> bool:
    """Whether a model was compiled to say of each of several classes whether it is right.

    Example:

    >>> import kerasrnn
    >>> model = kerasrnn.many_to_one(11, 3, units=5)
    >>> model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    >>> trains_several(model)
    True
    """
    return _classes(model) > 1 and any(map(_is_binary, _losses(model)))


def _output_activation(model: keras.Model) -> str | None:
    """The name of the activation of the output, `None` where it is not known."""
    layer = model
    while isinstance(layer, (keras.Model, keras.layers.TimeDistributed)):
        # The operations of a functional model are its layers and those of `keras.ops`.
        inner = getattr(layer, "operations", None) or getattr(layer, "layers", None) or []
        inner = [each for each in inner if not isinstance(each, AsFloat32)]
        layer = inner[-1] if inner else getattr(layer, "layer", None)
    kind = type(layer).__name__.lower()  # a layer, or an operation of `keras.ops`
    if kind in PROBABILITIES:
        return kind
    return getattr(getattr(layer, "activation", None), "__name__", None)


def _classes(model: keras.Model) -> int:
    """The number of classes of the output; 1 where it is not known."""
    several = len(model.outputs) != 1
    return 1 if several else model.outputs[0].shape[-1] or 1


def _losses(model: keras.Model) -> list[Any]:
    """The losses that a model was compiled with, each an object or a function."""
    loss = getattr(model, "loss", None)
    if isinstance(loss, dict):
        loss = list(loss.values())
    several = loss if isinstance(loss, (list, tuple)) else [loss]
    return [keras.losses.get(each) for each in several if each is not None]


def _name(loss) -> str:
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", loss))


def _kind(loss) -> str:
    """What a loss is, whatever it is called: `"binarycrossentropy"` for the class and function."""
    is_class = isinstance(loss, keras.losses.Loss)
    return (type(loss).__name__ if is_class else _name(loss)).replace("_", "").lower()


def _of_probabilities(loss) -> bool:
    """Whether a loss is a cross-entropy of probabilities, as all functions of Keras are."""
    if isinstance(loss, keras.losses.Loss):
        return getattr(loss, "from_logits", True) is False
    return _kind(loss).endswith("crossentropy")


def _is_binary(loss) -> bool:
    return _kind(loss).startswith("binary")
