"""Neural models under the contract, against the Keras model called with everything at once."""

import copy

import numpy as np
import pytest

from kerasrnn import LanguageModel, Tokenizer, Vocabulary, cbow, language_model, many_to_many
from kerasrnn.language_modeling import NeuralModel
from kerasrnn.language_modeling.neural import segment_reader
from tests.language_modeling.neural_models import (
    BEGIN,
    MODELS,
    SENTENCES,
    SIZE,
    VOCABULARY,
    by_hand,
    ids_of,
    make,
    rows_by_hand,
)

# Each cell and each output once; all pairs of them are tested where there is time.
KINDS = ["lstm full", "gru tied", "elman class", "simple_rnn adaptive", "window", "window class"]


@pytest.fixture(scope="module")
def neural():
    made = {}

    def get(kind, context="sentence"):
        if kind not in made:
            made[kind] = NeuralModel(make(kind), VOCABULARY)
        model = copy.copy(made[kind])  # with the same graphs
        model.context = context
        return model

    return get


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_the_model_called_with_everything_at_once(neural, kind):
    rows = [ids_of(sentence) for sentence in SENTENCES]
    model = neural(kind)
    assert not model.carries_state
    for row, log_probs in zip(rows, model.token_log_probs(SENTENCES), strict=True):
        assert log_probs.dtype == np.float64 and log_probs.shape == (len(row),)
        np.testing.assert_allclose(log_probs, by_hand(model.model, row), rtol=1e-5, atol=1e-5)
    model = neural(kind, "stream")
    assert model.carries_state
    got = model.token_log_probs(iter(SENTENCES))
    assert [len(each) for each in got] == [len(row) for row in rows]
    expected = by_hand(model.model, sum(rows, []))
    np.testing.assert_allclose(np.concatenate(got), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(MODELS) - set(KINDS)))
def test_scores_of_every_other_model_are_too(neural, kind):
    test_scores_are_those_of_the_model_called_with_everything_at_once(neural, kind)


@pytest.mark.parametrize("context", ["sentence", "stream"])
@pytest.mark.parametrize("kind", ["lstm full", "elman class", "window"])
def test_pieces_and_batches_change_nothing(neural, kind, context, monkeypatch):
    model = neural(kind, context)
    expected = model.token_log_probs(SENTENCES)
    rows = [np.array(ids_of(sentence)) for sentence in SENTENCES]
    for at_once in (1, 5 * SIZE, 17 * SIZE):  # a token at a time; five; two short sentences
        monkeypatch.setattr(segment_reader, "LOGITS_AT_ONCE", at_once)
        for one, other in zip(model.token_log_probs(SENTENCES), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
        for one, other in zip(model.distributions(SENTENCES), rows, strict=True):
            assert one.shape == (len(other), SIZE)
    if context == "sentence":
        for size in (1, 2, 5):
            for one, other in zip(model.reader.sentences(rows, size), expected, strict=True):
                np.testing.assert_allclose(one.log_probs, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("context", ["sentence", "stream"])
@pytest.mark.parametrize("kind", ["gru tied", "simple_rnn adaptive", "window class"])
def test_distributions_are_those_of_the_model_and_of_the_next_token(neural, kind, context):
    model = neural(kind, context)
    rows = [ids_of(sentence) for sentence in SENTENCES]
    groups = [rows[: i + 1] if context == "stream" else [row] for i, row in enumerate(rows)]
    scores = model.token_log_probs(SENTENCES)
    for i, log_probs in enumerate(model.distributions(SENTENCES)):
        expected = rows_by_hand(model.model, sum(groups[i], []))[-len(rows[i]) :]
        np.testing.assert_allclose(log_probs, expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, rtol=1e-12)
        assert np.isneginf(log_probs[:, [0, BEGIN]]).all()
        picked = log_probs[range(len(rows[i])), rows[i]]
        np.testing.assert_allclose(picked, scores[i], rtol=1e-5, atol=1e-6)
        words = SENTENCES[i] if isinstance(SENTENCES[i], list) else SENTENCES[i].split()
        for n in {0, len(words) // 2, len(words)}:
            row = model.next_log_probs(words[:n], SENTENCES[:i])
            assert row.dtype == np.float64 and row.shape == (SIZE,)
            np.testing.assert_allclose(row, log_probs[n], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("context", ["sentence", "stream"])
@pytest.mark.parametrize("kind", ["lstm full", "window"])
def test_a_text_that_is_chosen_sentence_by_sentence(neural, kind, context):
    model = neural(kind, context)
    expected = model.token_log_probs(SENTENCES)
    with model.session() as session:
        for i, sentence in enumerate(SENTENCES):
            other, got, _ = session.score(["g g g", sentence, ""])
            np.testing.assert_allclose(got, expected[i], atol=1e-5)
            alone = model.token_log_probs([*SENTENCES[:i], "g g g"])[-1]
            np.testing.assert_allclose(other, alone, atol=1e-5)
            session.accept(sentence)


def test_hidden_states_are_what_the_output_layer_reads(neural):
    model = neural("lstm full")
    kernel, bias = model.model.get_layer("output").get_weights()
    rows = [np.array(ids_of(sentence)) for sentence in SENTENCES]
    for row, reading in zip(rows, model.reader.sentences(rows, return_hidden=True), strict=True):
        logits = np.delete(reading.hidden.astype("float64") @ kernel + bias, [0, BEGIN], axis=1)
        label = np.where(row < BEGIN, row - 1, row - 2)
        log_probs = logits[range(len(row)), label] - np.log(np.exp(logits).sum(axis=1))
        np.testing.assert_allclose(reading.log_probs, log_probs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("context", ["sentence", "stream"])
def test_a_task_gives_its_model_which_agrees_with_it(context):
    model = make("gru full")
    tokenizer = Tokenizer(VOCABULARY, level="whitespace")
    task = LanguageModel(model, tokenizer, context=context)
    texts = [each if isinstance(each, str) else " ".join(each) for each in SENTENCES]
    neural = task.next_token_model()
    assert neural.model is model and neural.vocabulary is VOCABULARY
    assert neural.context == context
    served = task.call("serving_default", texts)
    for i, (one, other) in enumerate(
        zip(task.token_log_probs(texts), neural.token_log_probs(texts), strict=True)
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)
        if context == "sentence":
            np.testing.assert_allclose(served["token_log_probs"][i][: len(one)], one, atol=1e-5)


def test_characters_are_sentences_of_tokens():
    vocabulary = Vocabulary([" ", "a", "b"])
    model = language_model(len(vocabulary), units=3)
    neural = NeuralModel(model, vocabulary)
    task = LanguageModel(model, Tokenizer(vocabulary, level="character"))
    (one,), (other,) = neural.token_log_probs([list("ab a")]), task.token_log_probs(["ab a"])
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_nothing_to_score(neural):
    for context in ("sentence", "stream"):
        assert neural("lstm full", context).token_log_probs([]) == []
        assert list(neural("lstm full", context).distributions([])) == []


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ValueError, match="vocabulary of 11 ids.* Received: 4"):
        NeuralModel(make("lstm full"), Vocabulary([]))
    with pytest.raises(ValueError, match="`context` to be one of .* Received: 'text'"):
        NeuralModel(make("lstm full"), VOCABULARY, "text")
    both_ways = many_to_many(SIZE, SIZE, bidirectional=True, units=3)
    for model in (both_ways, cbow(SIZE, embedding=3)):
        with pytest.raises(ValueError, match="only what is before each token"):
            NeuralModel(model, VOCABULARY)
