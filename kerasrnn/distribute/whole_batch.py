"""One step of training or of evaluation on all replicas, exactly that of the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.distribute.shares import rows_of, share

__all__ = ["Steps"]

MEANS = ("mean_with_sample_weight", "sum_over_batch_size", "mean")


class _Part(NamedTuple):
    """What a part of a batch came to: its mean loss, regularisation, and what it weighs."""

    mean: Any
    regularization: Any
    weight: Any


class Steps:
    """The steps of a compiled model on the replicas of its strategy.

    Every worker has the whole batch, of which each replica computes its rows. Gradients are added
    up before they are clipped, and weigh as the loss weighs rows and steps: what is applied is the
    gradient of the loss of the whole batch, however its padding falls.

    Args:
        model: The compiled model of one output, built in the scope of its strategy.
        accumulate: In how many parts, one after the other, each replica computes its rows.
    """

    def __init__(self, model: keras.Model, accumulate: int = 1):
        self.model = model
        self.strategy: tf.distribute.Strategy = model.distribute_strategy
        self._loss_metric = next(each for each in model.metrics if each.name == "loss")
        self._replicas = self.strategy.num_replicas_in_sync
        self._accumulate = accumulate
        loss = model.loss
        if not isinstance(loss, keras.losses.Loss) or loss.reduction not in MEANS:
            raise UserError(
                "Expected a model that is compiled with one loss, an object whose reduction is a "
                f"mean. Received: {loss!r}"
            )

    def check(self, batch: Any, *, training: bool = True) -> None:
        """Raises a `ValueError` for a batch of fewer rows than parts, unless it has weights.

        With weights a part without rows gets one that weighs nothing; without, metrics would count
        that one.
        """
        parts = self._replicas * (self._accumulate if training else 1)
        if len(batch) < 3 and rows_of(batch) < parts:
            raise UserError(
                f"Expected at least {parts} rows in a batch without sample weights, the number of "
                f"replicas times `accumulate`. Received: {rows_of(batch)}"
            )

    def train(self, batch: Any) -> Any:
        """Trains on a batch of all replicas; returns the mean loss of the epoch so far, `()`."""
        gradients, loss = self.strategy.run(self._gradients, (batch,))
        gradients = [self._first(each) for each in gradients]
        # Outside of the scope: the sums are clipped and applied as they are, on each replica.
        self.model.optimizer.apply(gradients, self.model.trainable_variables)
        return self._first(loss)

    def test(self, batch: Any) -> Any:
        """Evaluates a batch of all replicas; returns the mean loss so far, `()`."""
        return self._first(self.strategy.run(self._tested, (batch,)))

    def _gradients(self, batch: Any) -> tuple[list[Any], Any]:
        variables = [each.value for each in self.model.trainable_variables]
        scaled, rows = self.model.optimizer.scale_loss, tf.cast(rows_of(batch), "float32")
        gradients: list[Any] = [None] * len(variables)
        parts: list[_Part] = []
        for number in range(self._accumulate):
            with tf.GradientTape() as tape:
                parts.append(self._part(batch, number, training=True))
                # Divided by the rows, so that 16 bits hold it as they hold a mean.
                loss = parts[-1].mean * parts[-1].weight / rows
                if self.model.losses and number == self._accumulate - 1:
                    # Once, as weights are regularized whatever the rows are.
                    total = self._summed(tf.add_n([each.weight for each in parts]))
                    loss += parts[-1].regularization * total / (rows * self._replicas)
                loss = scaled(loss)
            gradients = _added(gradients, tape.gradient(loss, variables))
        places = [place for place, each in enumerate(gradients) if each is not None]
        # All at once: what is small costs as much time on a network as what is large.
        *added, losses, total = self._summed(
            [*(gradients[place] for place in places), *_weighed(parts)]
        )
        for place, each in zip(places, added, strict=True):
            gradients[place] = _scaled(each, tf.math.divide_no_nan(rows, total))
        return gradients, self._track(parts, losses, total, rows)

    def _tested(self, batch: Any) -> Any:
        parts = [self._part(batch, 0, training=False, parts=1)]
        losses, total = self._summed(_weighed(parts))
        return self._track(parts, losses, total, tf.cast(rows_of(batch), "float32"))

    def _part(self, batch: Any, number: int, *, training: bool, parts: int | None = None) -> _Part:
        """Computes a part of the rows of this replica, and what is measured of it."""
        parts = self._accumulate if parts is None else parts
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        x, y, weight, rows = share(batch, replica * parts + number, self._replicas * parts)
        model = self.model
        outputs = model(x, training=training)
        loss = model.compute_loss(x=x, y=y, y_pred=outputs, sample_weight=weight, training=training)
        regularization = tf.add_n(model.losses) if model.losses else tf.constant(0.0)
        # Keras has divided it by the number of replicas.
        mean = tf.cast(loss, "float32") * self._replicas - regularization
        model.compute_metrics(x=x, y=y, y_pred=outputs, sample_weight=weight)
        return _Part(mean, regularization, self._weight(outputs, weight, rows))

    def _weight(self, outputs: Any, weight: Any, rows: Any) -> Any:
        """What the mean of a part was divided by."""
        mask = getattr(outputs, "_keras_mask", None)
        if self.model.loss.reduction != "mean_with_sample_weight":
            weight = None
        if mask is None and weight is None:
            return tf.cast(rows, "float32")
        factors = [tf.cast(each, "float32") for each in (mask, weight) if each is not None]
        rank = max(each.shape.rank for each in factors)
        for place, each in enumerate(factors):
            for _ in range(rank - each.shape.rank):
                factors[place] = factors[place][..., None]
        product = factors[0] * factors[-1] if len(factors) > 1 else factors[0]
        return tf.reduce_sum(product)

    def _track(self, parts: Sequence[_Part], losses: Any, total: Any, rows: Any) -> Any:
        """Counts the loss of the whole batch once, and returns the mean so far."""
        loss = tf.math.divide_no_nan(losses, total)
        loss += sum(part.regularization for part in parts) / len(parts)
        self._loss_metric.update_state(loss, sample_weight=rows / self._replicas)
        return self._loss_metric.result()

    def _summed(self, values: Any) -> Any:
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, values)

    def _first(self, value: Any) -> Any:
        """One of the equal values of the replicas here."""
        return self.strategy.experimental_local_results(value)[0]


def _weighed(parts: Sequence[_Part]) -> list[Any]:
    """Returns the sum of the losses of parts, and what they weigh."""
    return [
        tf.add_n([part.mean * part.weight for part in parts]),
        tf.add_n([part.weight for part in parts]),
    ]


def _added(sums: list[Any], gradients: list[Any]) -> list[Any]:
    return [
        one if other is None else other if one is None else _sum(one, other)
        for one, other in zip(gradients, sums, strict=True)
    ]


def _sum(one: Any, other: Any) -> Any:
    """Adds two gradients; those of rows stay so."""
    if isinstance(one, tf.IndexedSlices) and isinstance(other, tf.IndexedSlices):
        return tf.IndexedSlices(
            tf.concat([one.values, other.values], 0),
            tf.concat([one.indices, other.indices], 0),
            one.dense_shape,
        )
    return tf.convert_to_tensor(one) + tf.convert_to_tensor(other)


def _scaled(gradient: Any, factor: Any) -> Any:
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(gradient.values * factor, gradient.indices, gradient.dense_shape)
    return gradient * factor
