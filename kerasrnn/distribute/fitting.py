"""`fit` and `evaluate` over several devices or workers, by the documented loop of TensorFlow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from kerasrnn.checks import UserError, check_integer
from kerasrnn.distribute.strategies import check_backend, is_chief, lost_workers
from kerasrnn.distribute.whole_batch import Steps

__all__ = ["evaluate", "fit"]


def fit(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: str | int = "auto",
    callbacks: Sequence[keras.callbacks.Callback] = (),
    validation_data: Any = None,
    shuffle: bool = True,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_freq: int = 1,
    accumulate: int = 1,
) -> keras.callbacks.History:
    """Trains a model that was built and compiled in `distribute.scope`, as its `fit` would.

    What is applied at each step is the gradient of the loss of the whole batch: each replica
    computes its rows of it, and losses, weights of padding and metrics are added up, not
    averaged over replicas. Without dropout the result is that of one device, to rounding. All
    workers call this with the same data in the same order, and all run all callbacks, whose
    metrics are those of all rows at ends of epochs; at ends of batches `loss` is, and there is
    nothing else. Callbacks that write belong to one worker: see `is_chief`.

    Keras' own `fit` fails with several workers, and with several devices of one machine it
    averages the means of their rows, so that a step of a row with much padding counts more.

    Args:
        model: The model, of one output, compiled with a loss object whose reduction is a mean.
            Of its loss each row and step weighs what `sample_weight` says.
        x: A `tf.data.Dataset` of batches `(x, y)` or `(x, y, sample_weight)`, of all workers
            together; or arrays, of B rows each.
        y: The targets, where x is arrays.
        batch_size: Rows of a batch of arrays, of all workers together; 32 by default.
        epochs: The number of the last epoch.
        verbose: As in `fit`; workers other than the chief say nothing.
        callbacks: As in `fit`.
        validation_data: A dataset of batches, or a tuple of arrays.
        shuffle: Whether arrays are shuffled, in the same way by all workers.
        sample_weight: Weights of the rows, or of their steps, where x is arrays.
        initial_epoch: How many epochs are done already.
        steps_per_epoch: Batches of an epoch, where a dataset has no end.
        validation_steps: Batches of a validation; all by default.
        validation_freq: After how many epochs is validated.
        accumulate: In how many parts a replica computes its rows, one after the other, for
            batches that memory does not hold at once. The gradient is that of the whole batch.

    Returns:
        The history, equal on all workers.

    Raises:
        ValueError: In the scope, for another loss, data of another kind, a batch without weights
            that has fewer rows than it is cut into parts, or on another backend.

    Example:

    >>> with kerasrnn.distribute.scope("mirrored"):
    ...     model = kerasrnn.many_to_one(11, 2, units=5)
    ...     loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    ...     model.compile("adam", loss)
    >>> import numpy as np
    >>> ids, labels = np.ones((6, 3), "int32"), np.zeros(6, "int32")
    >>> history = kerasrnn.distribute.fit(model, ids, labels, batch_size=3, verbose=0)
    >>> list(history.history)
    ['loss']
    """
    steps = _steps_of(model, check_integer("accumulate", accumulate))
    data = _dataset(x, y, sample_weight, batch_size, shuffle)
    validation = None if validation_data is None else _validation(validation_data, batch_size)
    with model.distribute_strategy.scope():
        model.optimizer.build(model.trainable_variables)
    train = tf.function(steps.train, input_signature=[data.element_spec], autograph=False)
    test = _tests(steps, validation)
    history = keras.callbacks.History()
    shown = verbose if is_chief() else 0
    each = keras.callbacks.CallbackList(
        [*callbacks, history],
        add_progbar=bool(shown),
        model=model,
        verbose=1 if shown == "auto" else shown,
        epochs=epochs,
        steps=steps_per_epoch or _cardinality(data),
    )
    model.stop_training = False
    each.on_train_begin()
    logs: dict[str, float] = {}
    batches: Iterator[Any] = iter(data)
    with lost_workers(model.distribute_strategy):
        for epoch in range(initial_epoch, epochs):
            model.reset_metrics()
            each.on_epoch_begin(epoch)
            batches = iter(data) if steps_per_epoch is None else batches
            for number, batch in enumerate(_next(batches, steps_per_epoch)):
                steps.check(batch)
                each.on_train_batch_begin(number)
                each.on_train_batch_end(number, {"loss": float(train(batch))})
            logs = _results(model)
            if validation is not None and (epoch + 1) % validation_freq == 0:
                found = _evaluated(steps, test, validation, validation_steps, each)
                logs |= {f"val_{name}": value for name, value in found.items()}
            each.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    if epochs > initial_epoch:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    each.on_train_end(logs)
    return history


def evaluate(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    batch_size: int | None = None,
    sample_weight: Any = None,
    steps: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> dict[str, float]:
    """Evaluates a model of `distribute.scope`; all workers call it with the same data.

    Args:
        model: As in `fit`.
        x: As in `fit`.
        y: As in `fit`.
        batch_size: As in `fit`.
        sample_weight: As in `fit`.
        steps: How many batches; all by default.
        callbacks: As in the `evaluate` of a model.

    Returns:
        The loss and the metrics over all rows, by name.

    Raises:
        ValueError: As in `fit`.
    """
    made = _steps_of(model, 1)
    data = _dataset(x, y, sample_weight, batch_size, shuffle=False)
    each = keras.callbacks.CallbackList(callbacks, model=model)
    with lost_workers(model.distribute_strategy):
        return _evaluated(made, _tests(made, data), data, steps, each)


def _steps_of(model: keras.Model, accumulate: int) -> Steps:
    check_backend()
    if tf.distribute.has_strategy():
        raise UserError(
            "Expected a call outside of `distribute.scope`, in which the model was built. "
            "Received: one within it"
        )
    if not model.compiled:
        raise UserError("Expected a compiled model. Received: one without a loss")
    return Steps(model, accumulate)


def _tests(steps: Steps, data: tf.data.Dataset | None) -> Any:
    if data is None:
        return None
    return tf.function(steps.test, input_signature=[data.element_spec], autograph=False)


def _evaluated(
    made: Steps,
    test: Any,
    data: tf.data.Dataset,
    steps: int | None,
    callbacks: keras.callbacks.CallbackList,
) -> dict[str, float]:
    made.model.reset_metrics()
    callbacks.on_test_begin()
    for number, batch in enumerate(_next(iter(data), steps)):
        made.check(batch, training=False)
        callbacks.on_test_batch_begin(number)
        callbacks.on_test_batch_end(number, {"loss": float(test(batch))})
    logs = _results(made.model)
    callbacks.on_test_end(logs)
    return logs


def _results(model: keras.Model) -> dict[str, float]:
    """The metrics over the rows of all replicas, read in a graph as `values_of` does."""
    read = tf.function(model.get_metrics_result, autograph=False).get_concrete_function()
    results = keras.tree.flatten_with_path(read())
    return {str(path[-1]): float(value) for path, value in results}


def _next(batches: Iterator[Any], steps: int | None) -> Iterator[Any]:
    """Gives the next batches, all if it is not said how many."""
    for number, batch in enumerate(batches, start=1):
        yield batch
        if number == steps:
            return


def _cardinality(data: tf.data.Dataset) -> int | None:
    number = int(data.cardinality())
    return number if number >= 0 else None


def _validation(data: Any, batch_size: int | None) -> tf.data.Dataset:
    if isinstance(data, tf.data.Dataset):
        return data
    x, y, weight = (*data, None)[:3]
    return _dataset(x, y, weight, batch_size, shuffle=False)


def _dataset(
    x: Any, y: Any, sample_weight: Any, batch_size: int | None, shuffle: bool
) -> tf.data.Dataset:
    if isinstance(x, tf.data.Dataset):
        if y is not None or batch_size is not None or sample_weight is not None:
            raise UserError(
                "Expected a dataset of batches alone, without `y`, `batch_size` and "
                "`sample_weight`. Received: one of them"
            )
        return x
    if y is None:
        raise UserError(
            "Expected a `tf.data.Dataset` of batches, or arrays with `y`. "
            f"Received: {type(x).__name__}"
        )
    given = (x, y) if sample_weight is None else (x, y, sample_weight)
    data = tf.data.Dataset.from_tensor_slices(given)
    if shuffle:
        data = data.shuffle(max(1, int(data.cardinality())), seed=0)
    return data.batch(check_integer("batch_size", 32 if batch_size is None else batch_size))
