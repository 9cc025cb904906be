"""Whether a model gives logits, as all of this package expects, or probabilities."""

from __future__ import annotations

import keras

from kerasrnn.checks import UserError

__all__ = ["check_logits"]

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
    activation = getattr(getattr(model.layers[-1], "activation", None), "__name__", None)
    if activation in PROBABILITIES:
        raise UserError(
            "Expected a model of logits, whose output layer has no activation, and a loss "
            f"`from_logits=True`. Received: {model.name!r}, whose last layer has {activation!r}"
        )
    loss = getattr(model, "loss", None)
    if getattr(loss, "from_logits", True) is False or _is_name_of_probabilities(loss):
        raise UserError(
            "Expected a loss `from_logits=True` for a model of logits. "
            f"Received: {getattr(loss, 'name', loss)!r} of probabilities"
        )
    several = not isinstance(model.output, (dict, list)) and (model.output.shape[-1] or 1) > 1
    if one_class and several and isinstance(loss, keras.losses.BinaryCrossentropy):
        raise UserError(
            "Expected a model of which one class is right at a time. Received: "
            f"{model.name!r}, trained by a binary cross-entropy to find any of several"
        )


def _is_name_of_probabilities(loss) -> bool:
    """Whether a loss was given by a name; those of cross-entropies are of probabilities."""
    return isinstance(loss, str) and loss.endswith("crossentropy")
