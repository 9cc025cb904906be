"""Small models of every kind, with weights that make unlike probabilities, and an oracle."""

import numpy as np

from kerasrnn import Vocabulary, fixed_window_language_model, language_model, views

VOCABULARY = Vocabulary(["a", "b", "c", "d", "e", "f", "g"])
SIZE = len(VOCABULARY)
BEGIN, END = 2, 3
SENTENCES = ["c a b", "", ["b"] * 13, "a ? a", "e f", "d d g c a a b"]

CELLS = ("simple_rnn", "lstm", "gru", "elman")
OUTPUTS = ("full", "tied", "class", "adaptive", "tied_adaptive")
MODELS = {
    f"{cell} {output}": lambda cell=cell, output=output: language_model(
        SIZE, cell=cell, units=5, output=output
    )
    for cell in CELLS
    for output in OUTPUTS
    if cell != "elman" or not output.startswith("tied")
}
MODELS |= {
    "min_gru": lambda: language_model(SIZE, cell="min_gru", units=5),
    "sru class": lambda: language_model(SIZE, cell="sru", units=5, output="class"),
    "two layers": lambda: language_model(SIZE, units=3, num_layers=2, dropout=0.3),
    "projection": lambda: language_model(SIZE, cell="gru", units=5, embedding=3, output="tied"),
    "window": lambda: fixed_window_language_model(SIZE, window=3, units=5, dropout=0.3),
    "window class": lambda: fixed_window_language_model(SIZE, window=2, units=5, output="class"),
    "mean of one": lambda: fixed_window_language_model(SIZE, window=1, combine="mean", units=5),
}


def make(kind, deviation=1.0):
    """A model of a kind; every weight, biases too, is drawn from a normal distribution."""
    model = MODELS[kind]()
    rng = np.random.default_rng(1)
    weights = [rng.normal(0, deviation, weight.shape) for weight in model.get_weights()]
    model.set_weights(weights)
    return model


def ids_of(sentence):
    """The ids of a sentence and the end id, without the vocabulary's help."""
    tokens = sentence.split() if isinstance(sentence, str) else sentence
    return [4 + "abcdefg".index(token) if token in "abcdefg" else 1 for token in tokens] + [END]


def rows_by_hand(model, ids):
    """`(n, V)` log-probabilities of what follows begin and ids but the last, all read at once."""
    read = [BEGIN if i == 0 or ids[i - 1] == END else ids[i - 1] for i in range(len(ids))]
    logits = np.array(views.log_probs(model)(np.array([read])))[0].astype("float64")
    logits[:, [0, BEGIN]] = -np.inf
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def by_hand(model, ids):
    """The log-probabilities of the ids themselves."""
    return rows_by_hand(model, ids)[range(len(ids)), ids]
