"""Weights of classes, as the sample weights of each example or token."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kerasrnn.checks import UserError, check_texts, first_of
from kerasrnn.datasets.sources.raw_examples import as_dataset

__all__ = ["BALANCED", "class_weights", "count_labels", "label_weights", "weigh_classes"]

BALANCED = "balanced"
COUNTED_AT_ONCE = 1024


def class_weights(
    wanted: str, labels: Sequence[str], counts: Sequence[int] | np.ndarray | None = None
) -> np.ndarray:
    """Makes a weight for each class.

    Args:
        wanted: `"balanced"`, for all classes to weigh the same together: N / (C n) for a class
            with n of N labels (King and Zeng 2001; as in scikit-learn); or weights by name, such
            as `"yes=3,no=1"`, where a class that is not named weighs 1.
        labels: Names of the C classes.
        counts: How often each label occurs, for `"balanced"`; `None` to check `wanted` alone.

    Returns:
        `(C,)` float32; all 1 for `"balanced"` without counts.

    Raises:
        ValueError: For text of another form, a name that is no label, or a weight that is no
            positive number.

    Example:

    >>> class_weights("balanced", ["no", "yes"], [4, 2]).tolist()
    [0.75, 1.5]
    >>> class_weights("yes=3", ["no", "yes"]).tolist()
    [1.0, 3.0]
    """
    if wanted == BALANCED:
        numbers = np.ones(len(labels)) if counts is None else np.asarray(counts, "float64")
        there = numbers > 0  # a class without any label is never weighed
        weights = numbers.sum() / (len(labels) * np.where(there, numbers, 1))
        return np.where(there, weights, 1).astype("float32")
    weights = np.ones(len(labels), "float32")
    for part in wanted.split(","):
        name, equals, weight = (each.strip() for each in part.rpartition("="))
        if not equals or name not in labels or not _is_positive(weight):
            raise UserError(
                f"Expected class weights to be {BALANCED!r} or such as {labels[0]}=2,{labels[-1]}="
                f"0.5, of labels among {first_of(labels)}. Received: {part!r}"
            )
        weights[list(labels).index(name)] = float(weight)
    return weights


def label_weights(
    wanted: str, labels: Sequence[str], counts: Sequence[int] | np.ndarray, examples: int
) -> tuple[np.ndarray, np.ndarray]:
    """Makes two weights for each label, where examples have any number of labels.

    Args:
        wanted: `"balanced"`, for those that have a label to weigh as much together as those that
            have it not: each label is two classes of its own, of which `class_weights` speaks; or
            weights by name, such as `"toxic=3"`, of the examples that have the label.
        labels: Names of the L labels.
        counts: How many examples have each of them.
        examples: The number of examples.

    Returns:
        `(L,)` float32 each: the weights of examples that have a label, and of those that do not.

    Raises:
        ValueError: As `class_weights`.

    Example:

    >>> present, absent = label_weights("balanced", ["rare", "half"], [1, 4], 8)
    >>> present.tolist(), [round(each, 3) for each in absent.tolist()]
    ([4.0, 1.0], [0.571, 1.0])
    >>> label_weights("rare=3", ["rare", "half"], [1, 4], 8)[0].tolist()
    [3.0, 1.0]
    """
    if wanted != BALANCED:
        return class_weights(wanted, labels), np.ones(len(labels), "float32")
    pairs = [
        class_weights(BALANCED, ("present", "absent"), (number, examples - number))
        for number in counts
    ]
    present, absent = np.stack(pairs, axis=1)
    return present, absent


def _is_positive(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def count_labels(examples: tf.data.Dataset, labels: Sequence[str]) -> np.ndarray:
    """Counts the labels of raw examples.

    Args:
        examples: Of tuples whose second part is a label, or the labels of a sequence, as strings.
        labels: Names of the C classes.

    Returns:
        `(C,)` int64.
    """
    labels = check_texts("labels", labels, "labels")
    counts = dict.fromkeys((label.encode("utf-8") for label in labels), 0)
    examples = as_dataset(examples, ("input", "label"), ("weight",))
    names = examples.map(lambda _, names, *others: names).ragged_batch(COUNTED_AT_ONCE)
    for batch in names:
        flat = batch.flat_values if isinstance(batch, tf.RaggedTensor) else batch
        found, _, numbers = tf.unique_with_counts(tf.reshape(flat, [-1]))
        for name, number in zip(found.numpy().tolist(), numbers.numpy().tolist(), strict=True):
            counts[name] += number
    return np.array([*counts.values()], "int64")


def weigh_classes(
    batches: tf.data.Dataset, weights: Sequence[float] | np.ndarray
) -> tf.data.Dataset:
    """Multiplies each sample weight by the weight of its class.

    Keras' own `class_weight` gives one meaningless weight to each row of `(B, T)` labels. With a
    loss of the reduction `"mean_with_sample_weight"`, the loss of a batch then is the weighted
    mean over its examples, or over its tokens, padding left out.

    Args:
        batches: Of `(x, y, sample_weight)`, y `(B,)` or `(B, T)` int classes and the weights of
            the same shape, 0 at padding.
        weights: `(C,)`, that of each class.

    Returns:
        The same batches with other weights.

    Example:

    >>> batches = tf.data.Dataset.from_tensors(([[5, 6, 0]], [[1, 0, 0]], [[1.0, 1.0, 0.0]]))
    >>> x, y, sample_weight = next(iter(weigh_classes(batches, [2.0, 3.0])))
    >>> sample_weight.numpy().tolist()
    [[3.0, 2.0, 0.0]]
    """
    of_class = tf.constant(weights, tf.float32)
    return batches.map(
        lambda x, y, sample_weight: (x, y, sample_weight * tf.gather(of_class, y)),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
