"""What the signatures of all tasks share: their contract, and those that every task has."""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import keras
import tensorflow as tf

from kerasrnn.export.saved_model import portable

__all__ = ["Signatures"]

# From a task's signatures and the raw inputs to outputs by name.
OfAll = Callable[..., dict[str, Any]]
# By name of a signature and output, which outputs say how long each axis of a row of it is.
Lengths = Mapping[str, Mapping[str, Sequence[str]]]


def encode(signatures: Signatures, *inputs: tf.Tensor) -> dict[str, tf.Tensor]:
    """Sums each input up in one vector."""
    return {"vector": signatures.vector(*inputs)}


class Signatures(abc.ABC):
    """The functions of a task from raw input to raw output, in Python and in the SavedModel.

    A subclass sets these attributes, says what it serves, and what the vector of an input is; its
    `others` are further signatures of its own. Those of `of_all` are made from that for each task.

    Attributes:
        models: The models that the functions run, all of them over one vocabulary.
        tracked: What an export has to track beside them: tokenizers with their tables.
        inputs: The specifications of the raw inputs that `serve` takes.
        lengths: For each signature and output, which outputs say how long its rows are.
    """

    # The signatures that every task has, by name. One that is added here is one of all tasks.
    of_all: ClassVar[dict[str, OfAll]] = {"encode": encode}

    models: Sequence[keras.Model]
    tracked: Sequence[Any] = ()
    inputs: Sequence[tf.TensorSpec]
    # What `vector` takes, and so those of `of_all`: `inputs`, unless it says another.
    vector_inputs: Sequence[tf.TensorSpec] = ()
    lengths: Lengths = {}
    # Those of `of_all` that a model cannot give.
    left_out: Sequence[str] = ()

    @abc.abstractmethod
    def serve(self, *inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Answers raw inputs `(B, …)`: `serving_default`."""

    @abc.abstractmethod
    def vector(self, *inputs: tf.Tensor) -> tf.Tensor:
        """Sums raw inputs up in `(B, U)` float32: `encode`."""

    def others(self) -> Mapping[str, tuple[Callable[..., dict], Sequence[tf.TensorSpec]]]:
        """Returns further signatures of the task: each a function and what it takes."""
        return {}

    @functools.cached_property
    def functions(self) -> dict[str, Callable]:
        """By name the `tf.function`s, made when they are first asked for."""
        found = {"serving_default": (self.serve, self.inputs), **self.others()}
        for name, function in self.of_all.items():
            if name not in self.left_out:
                specs = self.vector_inputs or self.inputs
                found[name] = (functools.partial(function, self), specs)
        return {
            name: portable(self.models, function, *specs)
            for name, (function, specs) in found.items()
        }
