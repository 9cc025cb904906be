"""The recurrent network of Mikolov et al. (2010), its equations and update rule in NumPy.

s_t = sigmoid(U w_t + W s_{t-1}), y_t = softmax(V s_t) (equations 1 to 5; w_t is one-hot, s_0 is
0.1). Section 2: error_t = desired_t − y_t, and with truncation 1 plain gradient descent at a fixed
rate takes that error through the hidden layer to U and W of the same step and no further.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Vocabulary, language_model, views
from kerasrnn.datasets import stream_batches
from kerasrnn.language_modeling import DynamicModel, NeuralModel

LETTERS = "abcdefghijklmnopqrs"
VOCABULARY = Vocabulary(LETTERS)
SIZE, UNITS, RATE = len(VOCABULARY), 7, 0.1
BEGIN, END = 2, 3
WORDS = 1_009


class Network:
    """The paper's network in double precision; it learns from each word after its score."""

    def __init__(self, inputs, recurrent, outputs):
        self.inputs, self.recurrent, self.outputs = inputs, recurrent, outputs  # U, W, V
        self.state = np.full(len(recurrent), 0.1)

    def learn(self, word, desired):
        """Reads a word; returns the log-probability of the one that follows, and learns it."""
        before = self.state
        self.state = 1 / (1 + np.exp(-(self.inputs[word] + before @ self.recurrent)))
        y = np.exp(self.state @ self.outputs)
        y /= y.sum()
        error = np.eye(len(y))[desired] - y
        hidden_error = (self.outputs @ error) * self.state * (1 - self.state)
        self.outputs += RATE * np.outer(self.state, error)
        self.inputs[word] += RATE * hidden_error
        self.recurrent += RATE * np.outer(before, hidden_error)
        return np.log(y[desired])


@pytest.fixture
def sentences(rng):
    """Words that follow each other with unlike frequencies, 1,009 with the ends."""
    words = [LETTERS[i] for i in rng.integers(0, len(LETTERS), 40) ** 2 % len(LETTERS)]
    ends = np.sort(rng.choice(np.arange(2, WORDS - 2), 44, replace=False))
    text = [words[i] for i in rng.integers(0, len(words), WORDS - 45)]
    return [list(part) for part in np.split(np.array(text), ends - np.arange(1, 45))]


@pytest.fixture
def model():
    model = language_model(SIZE, cell="elman", units=UNITS)
    model.get_layer("output").bias.trainable = False  # zeros: the paper has none
    return model


def pairs(sentences):
    """The words to read and those to predict."""
    rows = [[*map(VOCABULARY.id_of, sentence), END] for sentence in sentences]
    assert sum(map(len, rows)) == WORDS
    return [pair for row in rows for pair in zip([BEGIN, *row[:-1]], row, strict=True)]


def weights_of(model):
    embedding, recurrent, kernel, bias = (
        weight.astype("float64") for weight in model.get_weights()
    )
    assert not bias.any()
    return embedding, recurrent, kernel


def check_weights(model, network, open_ids=slice(None)):
    embedding, recurrent, kernel = weights_of(model)
    np.testing.assert_allclose(embedding, network.inputs, atol=1e-5)
    np.testing.assert_allclose(recurrent, network.recurrent, atol=1e-5)
    np.testing.assert_allclose(kernel[:, open_ids], network.outputs, atol=1e-5)


def test_dynamic_evaluation_of_a_thousand_words(model, sentences):
    """Its softmax leaves out padding and begin, as that of the paper, which has no such words."""
    embedding, recurrent, kernel = weights_of(model)
    open_ids = [i for i in range(SIZE) if i not in (0, BEGIN)]
    network = Network(embedding, recurrent, kernel[:, open_ids])
    expected = [network.learn(word, open_ids.index(label)) for word, label in pairs(sentences)]
    dynamic = DynamicModel(NeuralModel(model, VOCABULARY, "stream"), RATE, length=1)
    got = np.concatenate(dynamic.adapt(sentences))
    np.testing.assert_allclose(got, expected, atol=1e-5)
    check_weights(dynamic.adapted.model, network, open_ids)
    assert got[-200:].mean() > got[:200].mean() + 0.1
    # Without what was learned the figures are others by far.
    static = np.concatenate(NeuralModel(model, VOCABULARY, "stream").token_log_probs(sentences))
    assert np.abs(static - expected).max() > 0.5


def test_training_with_stock_fit_on_a_thousand_words(model, sentences):
    """A stream of one row and batches of one word; the softmax is over all ids."""
    network = Network(*weights_of(model))
    expected = [network.learn(word, label) for word, label in pairs(sentences)]
    texts = tf.data.Dataset.from_tensor_slices(["".join(sentence) for sentence in sentences])
    tokenizer = Tokenizer(VOCABULARY, level="character")
    batches = stream_batches(texts, tokenizer, batch_size=1, length=1)
    twin = views.stream(model, batch_size=1)
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    twin.compile(keras.optimizers.SGD(RATE), loss)
    log_probs = []
    for batch in batches:
        log_probs.append(-float(twin.train_on_batch(*batch)))
        twin.reset_metrics()  # before Keras 3.15 the loss is the mean of all steps so far
    np.testing.assert_allclose(log_probs, expected, atol=1e-5)
    check_weights(model, network)
