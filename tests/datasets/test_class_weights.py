"""Weights of classes: against NumPy, in the loss of a model too."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from kerasrnn.datasets import class_weights, count_labels, label_weights, weigh_classes
from kerasrnn.models import many_to_many, many_to_one

LABELS = ("a=b", "no", "yes")


def test_balanced_classes_weigh_the_same_together():
    counts = np.array([13, 2, 5])
    weights = class_weights("balanced", LABELS, counts)
    np.testing.assert_allclose(weights * counts, [20 / 3] * 3, rtol=1e-6)
    assert (weights * counts).sum() == pytest.approx(counts.sum())  # the mean weight is 1
    np.testing.assert_allclose(class_weights("balanced", LABELS, [3, 0, 3]), [2 / 3, 1, 2 / 3])


def test_named_weights():
    assert class_weights(" yes = 2.5 , a=b=3", LABELS).tolist() == [3, 1, 2.5]


@pytest.mark.parametrize(
    "wanted", ["yes", "maybe=2", "yes=0", "yes=-1", "yes=x", "yes=inf", "", "yes=2,,no=1", "fair"]
)
def test_wrong_weights_are_one_sentence(wanted):
    with pytest.raises(ValueError, match="'balanced' or such as a=b=2,yes=0.5, of labels among"):
        class_weights(wanted, LABELS)


def test_labels_are_counted():
    texts = tf.data.Dataset.from_tensor_slices((["x"] * 5, ["no", "yes", "no", "a=b", "no"]))
    assert count_labels(texts, LABELS).tolist() == [1, 3, 1]
    rows = [["no"], ["yes", "no", "no"], ["no", "a=b"]]
    ragged = tf.data.Dataset.from_tensor_slices((tf.ragged.constant(rows),) * 2)
    sentences = ragged.map(lambda *parts: tuple(tf.reshape(part, [-1]) for part in parts))
    assert count_labels(sentences, LABELS).tolist() == [1, 4, 1]
    assert count_labels(texts, (*LABELS, "never")).tolist() == [1, 3, 1, 0]


def test_loss_is_the_weighted_mean_over_tokens(rng):
    """The gap of Keras' own `class_weight`: labels of `(B, T)`, with padding."""
    tokens = np.array([[5, 6, 7, 8], [5, 6, 0, 0], [9, 0, 0, 0]])
    labels = rng.integers(0, 3, tokens.shape) * (tokens != 0)
    given = rng.random(tokens.shape).astype("float32") * (tokens != 0)
    of_class = np.array([0.5, 2, 7], "float32")
    batches = tf.data.Dataset.from_tensors((tokens, labels, given))
    ((x, y, weights),) = weigh_classes(batches, of_class)
    np.testing.assert_allclose(weights, of_class[labels] * given, rtol=1e-6)
    assert np.all(np.asarray(weights)[tokens == 0] == 0)
    model = many_to_many(11, 3, units=5)
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    model.compile(loss=loss)
    logits = np.asarray(model(tokens), "float64")
    terms = (
        np.log(np.exp(logits).sum(-1)) - np.take_along_axis(logits, labels[..., None], -1)[..., 0]
    )
    expected = (terms * of_class[labels] * given).sum() / (of_class[labels] * given).sum()
    assert float(model.test_on_batch(x, y, weights)) == pytest.approx(expected, rel=1e-5)


def test_loss_of_a_classifier_is_that_of_keras(rng):
    """For `(B,)` labels Keras' `class_weight` is right, and the same up to the mean weight."""
    tokens, labels = rng.integers(4, 11, (7, 3)), rng.integers(0, 3, 7)
    of_class = class_weights("balanced", LABELS, np.bincount(labels, minlength=3))
    batches = tf.data.Dataset.from_tensors((tokens, labels, np.ones(7, "float32")))
    model = many_to_one(11, 3, units=5)
    model.compile(keras.optimizers.SGD(0.0), keras.losses.SparseCategoricalCrossentropy(True))
    expected = model.train_on_batch(tokens, labels, class_weight=dict(enumerate(of_class)))
    ((x, y, weights),) = weigh_classes(batches, of_class)
    assert float(model.test_on_batch(x, y, weights)) == pytest.approx(float(expected), rel=1e-5)


def test_balanced_labels_are_two_classes_each_by_sklearn(rng):
    truth = rng.random((43, 3)) < [0.5, 0.1, 0.9]
    present, absent = label_weights("balanced", LABELS, truth.sum(0), len(truth))
    for i in range(3):
        expected = compute_class_weight("balanced", classes=np.array([False, True]), y=truth[:, i])
        np.testing.assert_allclose([absent[i], present[i]], expected, rtol=1e-6)
    np.testing.assert_allclose(present * truth.sum(0), absent * (~truth).sum(0), rtol=1e-6)
    always, never = label_weights("balanced", LABELS, [43, 3, 3], 43)  # nothing to weigh against
    assert never[0] == 1 and np.isfinite(always).all()
    present, absent = label_weights("yes=3", LABELS, truth.sum(0), len(truth))
    assert present.tolist() == [1, 1, 3] and absent.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="of labels among"):
        label_weights("maybe=2", LABELS, truth.sum(0), len(truth))
