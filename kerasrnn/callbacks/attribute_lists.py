"""What Keras finds out each time that it saves a model, kept from one time to the next."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

__all__ = ["keep_attribute_lists"]

STATE = "keras.src.backend.common.global_state"
KEPT, SOUGHT = "saving_attr_skipset_", "saving_attr_skiplist_"
KINDS = ("Operation", "Layer", "Functional", "Sequential", "Metric", "Optimizer", "Loss")


def keep_attribute_lists() -> None:
    """Lets Keras find the lists of attributes that it does not save, which it has made before.

    Keras 3.15 keeps them under one name and looks for them under another. So for each part of each
    model that it saves it makes an object with variables to list the attributes of, and of each
    variable that is made TensorFlow keeps 35 kB until the process ends. Where Keras has no such
    lists nothing is done.

    Example:

    >>> keep_attribute_lists()  # before `model.save`
    """
    state: Any = sys.modules.get(STATE)
    with contextlib.suppress(AttributeError, TypeError):  # of another version of Keras
        for kind in KINDS:
            found = state.get_global_attribute(KEPT + kind)
            if found is not None:
                state.set_global_attribute(SOUGHT + kind, found)
