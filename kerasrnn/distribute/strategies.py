"""Strategies of TensorFlow by name, and which worker this process is."""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from kerasrnn.checks import StoppedError, UserError, check_choice
from kerasrnn.options.words import Strategy, words

__all__ = [
    "Worker",
    "agreed",
    "check_backend",
    "is_chief",
    "lost_workers",
    "scope",
    "this_worker",
    "values_of",
]

# What the others get when a worker goes.
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)
# A process can have one cluster, and this is what was made of it.
_MADE: dict[str, tf.distribute.Strategy] = {}


class Worker(NamedTuple):
    """A process of several that train together.

    Attributes:
        index: Its number, from 0; that with 0 writes.
        count: How many there are.
    """

    index: int
    count: int


def this_worker(config: str | None = None) -> Worker:
    """Says which worker this process is, by `TF_CONFIG`.

    Args:
        config: What `TF_CONFIG` holds, as TensorFlow defines it; the environment's by default.

    Raises:
        ValueError: Where there is none, or it names no worker of its cluster.

    Example:

    >>> hosts = '{"cluster": {"worker": ["a:2222", "b:2222"]}'
    >>> this_worker(hosts + ', "task": {"type": "worker", "index": 1}}')
    Worker(index=1, count=2)
    """
    given = os.environ.get("TF_CONFIG") if config is None else config
    if not given:
        raise UserError(
            "Expected the environment variable TF_CONFIG, with the addresses of all workers and "
            "which of them this is, for the strategy 'multi-worker'. Received: none"
        )
    try:
        return _worker_of(json.loads(given))
    except (KeyError, IndexError, TypeError, ValueError):
        raise UserError(
            'Expected TF_CONFIG as {"cluster": {"worker": ["host:port", …]}, "task": {"type": '
            f'"worker", "index": 0}}}}, with an index of the list. Received: {given}'
        ) from None


def _worker_of(config: Mapping[str, Any]) -> Worker:
    cluster, task = config["cluster"], config["task"]
    chiefs, workers = (_addresses(cluster, kind) for kind in ("chief", "worker"))
    index, before = int(task["index"]), {"chief": 0, "worker": len(chiefs)}[task["type"]]
    if index not in range(len(chiefs if task["type"] == "chief" else workers)):
        raise IndexError
    return Worker(before + index, len(chiefs) + len(workers))


def _addresses(cluster: Mapping[str, Any], kind: str) -> list[str]:
    found = cluster.get(kind, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise TypeError
    return found


def is_chief() -> bool:
    """Tells whether this process is the one that writes: without `TF_CONFIG`, or worker 0.

    Example:

    >>> is_chief()
    True
    """
    return not os.environ.get("TF_CONFIG") or this_worker().index == 0


@contextlib.contextmanager
def scope(strategy: Strategy) -> Iterator[tf.distribute.Strategy]:
    """The context in which a model for several devices or workers is built and compiled.

    A model is trained outside of it, by `distribute.fit`.

    Args:
        strategy: `"mirrored"` for all GPUs of this machine, or all of its logical CPUs where it
            has none; `"multi-worker"` for the workers of `TF_CONFIG`, which has to come before
            anything else that TensorFlow computes. All workers run the same program.

    Yields:
        The strategy of TensorFlow, the same one whenever the same name is given.

    Raises:
        ValueError: For another word, or a `TF_CONFIG` that is none.

    Example:

    >>> with kerasrnn.distribute.scope("mirrored"):
    ...     model = kerasrnn.many_to_one(11, 2, units=5)
    ...     loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    ...     model.compile("adam", loss)
    """
    with _made(check_choice("strategy", strategy, words(Strategy))).scope() as made:
        yield made


def agreed(says: bool) -> bool:
    """Tells each worker whether any of them says so; all of them have to ask, and wait for it.

    What only a clock or a signal tells one worker, such as that it is time to save, all do then.

    Args:
        says: What this worker says.

    Raises:
        StoppedError: Where one of them has gone.
    """
    strategy = _made("multi-worker")
    with lost_workers(strategy):
        return bool(_sum_of_workers()(tf.constant(float(says))) > 0)


@functools.cache
def _sum_of_workers() -> Any:
    strategy = _made("multi-worker")

    def summed(value: Any) -> Any:
        per_worker = strategy.run(lambda: value)
        return strategy.reduce(tf.distribute.ReduceOp.SUM, per_worker, axis=None)

    return tf.function(summed, autograph=False)


def values_of(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    """Reads variables, those of metrics summed up over all replicas; all workers have to.

    It reads them in a graph: outside of one TensorFlow has threads for it, which it leaves behind
    where a worker has gone.

    Args:
        variables: The variables.
    """

    def read() -> list[tf.Tensor]:
        return [tf.convert_to_tensor(each.value) for each in variables]

    graph = tf.function(read, autograph=False).get_concrete_function()
    return [value.numpy() for value in graph()]


@contextlib.contextmanager
def lost_workers(strategy: tf.distribute.Strategy) -> Iterator[None]:
    """Says in a sentence what TensorFlow says when a worker has gone.

    Args:
        strategy: That of the computation; of one process nothing is caught.

    Raises:
        StoppedError: Where another worker has gone.
    """
    try:
        yield
    except LOST as error:
        if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            raise
        raise StoppedError(
            "another worker has gone; all have to start again, with --resume from what was saved "
            f"last ({type(error).__name__})"
        ) from error


def check_backend() -> None:
    """Raises a `ValueError` where Keras does not compute with TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        raise UserError(
            "Expected the TensorFlow backend of Keras for several devices. "
            f"Received: {keras.backend.backend()}"
        )


def _made(name: str) -> tf.distribute.Strategy:
    check_backend()
    if name not in _MADE:
        if name == "mirrored":
            kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
            devices = [device.name for device in tf.config.list_logical_devices(kind)]
            _MADE[name] = tf.distribute.MirroredStrategy(devices)
        else:
            this_worker()
            try:
                _MADE[name] = tf.distribute.MultiWorkerMirroredStrategy()
            except RuntimeError as error:
                raise UserError(
                    "Expected the scope of several workers before anything is computed. "
                    f"Received: a program that has computed already ({error})"
                ) from None
    return _MADE[name]
