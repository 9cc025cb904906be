"""One signature of a loaded SavedModel: arrays in, arrays out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.json_tensors import Spec

__all__ = ["Signature"]

# Failures of an operation that are the request's doing, as TensorFlow Serving sorts them.
_STATUS = {
    tf.errors.InvalidArgumentError: 400,
    tf.errors.FailedPreconditionError: 400,
    tf.errors.OutOfRangeError: 400,
    tf.errors.NotFoundError: 404,
    tf.errors.ResourceExhaustedError: 429,
    tf.errors.UnimplementedError: 501,
}


class Signature:
    """Runs a signature.

    Args:
        function: A value of `tf.saved_model.load(…).signatures`.

    Attributes:
        inputs: The `Spec` of each input, by name.
        outputs: The `Spec` of each output, by name.
        joins_requests: Whether every input and output has rows of any number, so that requests can
            be joined.
    """

    def __init__(self, function: Any):
        self._function = function
        _, inputs = function.structured_input_signature
        self.inputs: dict[str, Spec] = {name: _spec(inputs[name]) for name in sorted(inputs)}
        outputs = function.structured_outputs
        self.outputs: dict[str, Spec] = {name: _spec(outputs[name]) for name in sorted(outputs)}
        specs = [*self.inputs.values(), *self.outputs.values()]
        self.joins_requests: bool = bool(self.inputs) and all(
            spec.shape and spec.shape[0] is None for spec in specs
        )

    def run(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Predicts; it may be called from any thread.

        Args:
            arrays: An array for each input; strings are `bytes` in an object array.

        Returns:
            An array for each output, in the order of their names.

        Raises:
            RequestError: Where an operation refuses these values.
        """
        tensors = {
            name: tf.constant(array, self.inputs[name].dtype) for name, array in arrays.items()
        }
        try:
            outputs = self._function(**tensors)
        except tf.errors.OpError as error:
            raise RequestError(_reason(error), _STATUS.get(type(error), 500)) from None
        return {name: _as_array(outputs[name]) for name in self.outputs}


def _spec(tensor) -> Spec:
    shape = None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
    return Spec(tensor.dtype.name, shape)


def _as_array(tensor) -> np.ndarray:
    array = tensor.numpy()
    if isinstance(array, bytes):  # NumPy's own type for bytes drops trailing zeros
        value, array = array, np.empty((), object)
        array[()] = value
    return np.asarray(array)


def _reason(error: tf.errors.OpError) -> str:
    """What the operation says, without the names of graphs and the stack behind it."""
    message = re.sub(r"\{\{function_node \S+\}\} ", "", error.message)
    # The reason stands between where it happened and the name of the node.
    message = re.sub(r"(?s)^.*(?:<stack traces unavailable>|\nNode: [^\n]*)\n", "", message)
    message = re.split(r"\s*\[\[\{\{node|\s*\[Op:", message)[0]
    message = message.removeprefix("Graph execution error:")
    return " ".join(message.split())[:500] or type(error).__name__
