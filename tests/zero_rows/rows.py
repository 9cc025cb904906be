"""What a case of zero rows is, and how its outputs are held against those of three rows."""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

ROWS = 3


@dataclasses.dataclass(frozen=True)
class Case:
    """Something that takes any number of rows.

    Attributes:
        name: Where it is in the tables.
        run: From a number of rows to tensors, nested in dictionaries, lists or tuples; the first
            axis of each is the batch.
        short: Whether it is among those that each `make test` runs.
        free: Gives by output the axes whose size the contents of the rows decide.
    """

    name: str
    run: Callable[[int], object]
    short: bool = False
    free: Callable[[], Mapping] = dict


@dataclasses.dataclass(frozen=True)
class Given:
    """An input: what stands behind the batch in its shape, and its type."""

    shape: tuple
    dtype: str = "float32"

    def rows(self, number: int):
        """Makes the input, ones of integers and booleans, random numbers elsewhere."""
        shape = (number, *self.shape)
        if self.dtype == "float32":
            return tf.constant(np.random.default_rng(1).normal(size=shape), "float32")
        return tf.ones(shape, self.dtype)

    @property
    def spec(self):
        return tf.TensorSpec((None, *self.shape), self.dtype)


def vectors(*shape):
    return Given(shape)


def ids(*shape):
    return Given(shape, "int32")


def mask(*shape):
    return Given(shape, "bool")


def run_on(function, given):
    """Makes a case's `run` of a function and its inputs, as they are or inside a dictionary."""

    def run(rows):
        if isinstance(given, dict):
            return function({name: each.rows(rows) for name, each in given.items()})
        return function(*(each.rows(rows) for each in given))

    return run


def in_graph(function, given):
    """The same in a graph that was made for any number of rows."""
    specs = given if isinstance(given, dict) else dict(enumerate(given))
    specs = {name: each.spec for name, each in specs.items()}
    if not isinstance(given, dict):
        specs = list(specs.values())
        graph = tf.function(function, input_signature=specs, autograph=False)
    else:
        graph = tf.function(function, input_signature=[specs], autograph=False)
    return run_on(graph, given)


def differences(case: Case) -> list[str]:
    """Says where the outputs of no rows are not those of three rows but for the batch."""
    three, none = (dict(_leaves(case.run(rows))) for rows in (ROWS, 0))
    if three.keys() != none.keys():
        return [f"other outputs: {sorted(none)} instead of {sorted(three)}"]
    found, free = [], case.free()
    for path, value in three.items():
        wanted, received = [value.shape[0] - ROWS, *value.shape[1:]], list(none[path].shape)
        for axis in free.get(path, ()):
            if 0 < axis < len(received):
                received[axis] = wanted[axis]
        if received != wanted or none[path].dtype != value.dtype:
            found.append(
                f"{path or 'output'}: {received} {none[path].dtype} instead of {wanted} "
                f"{value.dtype}"
            )
    return found


def _leaves(value, path=""):
    if isinstance(value, dict):
        value = value.items()
    elif isinstance(value, (list, tuple)):
        value = enumerate(value)
    else:
        value = value.numpy() if hasattr(value, "numpy") else np.asarray(value)
        yield path, value
        return
    for name, each in value:
        yield from _leaves(each, f"{path}/{name}" if path else str(name))
