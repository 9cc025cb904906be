"""The cross-entropy that loss and metrics share: the same values, and one operation a step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.losses import CrossEntropy, SmoothedCrossEntropy
from kerasrnn.losses.cross_entropy import token_cross_entropy
from kerasrnn.metrics import BitsPerToken, Perplexity
from kerasrnn.models import many_to_many, many_to_one

B, T, V = 3, 5, 7


def by_hand(labels, logits):
    logits = logits.astype("float64")
    chosen = np.take_along_axis(logits, labels[..., np.newaxis], -1)[..., 0]
    return np.log(np.exp(logits).sum(-1)) - chosen


@pytest.fixture
def batch(rng):
    logits = rng.normal(size=(B, T, V)).astype("float32") * 3
    return rng.integers(0, V, (B, T)), logits, rng.random((B, T)).astype("float32")


def test_terms_and_mean_by_hand(batch):
    labels, logits, weights = batch
    terms = by_hand(labels, logits)
    np.testing.assert_allclose(CrossEntropy(reduction=None)(labels, logits), terms, rtol=1e-5)
    mean = CrossEntropy()(tf.constant(labels), tf.constant(logits), weights)
    assert float(mean) == pytest.approx((terms * weights).sum() / weights.sum(), rel=1e-5)
    assert float(CrossEntropy()(labels.tolist(), logits, weights)) == pytest.approx(float(mean))


def test_the_same_logits_with_other_labels_have_terms_of_their_own(batch):
    labels, logits, _ = batch
    one, other, logits = tf.constant(labels), tf.constant(labels[::-1].copy()), tf.constant(logits)
    for given in (one, other, one):
        expected = by_hand(given.numpy(), logits.numpy())
        np.testing.assert_allclose(token_cross_entropy(given, logits), expected, rtol=1e-5)
        np.testing.assert_allclose(CrossEntropy(None)(given, logits), expected, rtol=1e-5)
    metric = Perplexity(ignore_class=None)
    metric.update_state(other, logits)
    assert float(metric.result()) == pytest.approx(
        np.exp(by_hand(labels[::-1], logits.numpy()).mean()), rel=1e-5
    )


def test_each_gradient_is_there(batch):
    """What was computed for another one, or for a metric, has none here."""
    labels, logits, _ = (tf.constant(each) for each in batch)
    loss, metric = CrossEntropy("sum"), Perplexity(ignore_class=None)
    for _ in range(2):
        metric.update_state(labels, logits)
        with tf.GradientTape() as tape:
            tape.watch(logits)
            value = loss(labels, logits)
        expected = tf.nn.softmax(logits) - tf.one_hot(labels, V)
        np.testing.assert_allclose(tape.gradient(value, logits), expected, atol=1e-6)


@pytest.mark.parametrize("loss", [CrossEntropy(), SmoothedCrossEntropy(0.3)])
@pytest.mark.parametrize("step", ["train_step", "test_step"])
def test_a_step_goes_once_through_the_classes(loss, step):
    model = many_to_many(11, V, units=2, cell="simple_rnn")
    model.compile("sgd", loss, weighted_metrics=[Perplexity(), BitsPerToken()])
    batch = tf.ones((B, T), "int32"), tf.ones((B, T), "int32"), tf.ones((B, T))
    model.train_on_batch(*batch)
    graph = tf.function(getattr(model, step)).get_concrete_function(batch).graph
    kinds = [each.type for each in graph.get_operations()]
    assert kinds.count("SparseSoftmaxCrossEntropyWithLogits") == 1
    assert kinds.count("Exp") == 1  # of the perplexity itself


def test_a_saved_model_knows_its_loss(tmp_path):
    model = many_to_one(11, V, units=3)
    model.compile("sgd", CrossEntropy(name="mine", reduction="sum"))
    model.save(tmp_path / "model.keras")
    loss = keras.models.load_model(tmp_path / "model.keras").loss
    assert isinstance(loss, CrossEntropy) and (loss.name, loss.reduction) == ("mine", "sum")
