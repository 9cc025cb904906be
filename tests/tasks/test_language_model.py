"""The language model: probabilities of texts against the model's own logits, and continuations."""

import json

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import (
    LanguageModel,
    Tokenizer,
    Vocabulary,
    cbow,
    fixed_window_language_model,
    language_model,
    many_to_many,
    views,
)
from kerasrnn.language_modeling import text_report
from kerasrnn.language_modeling.neural import segment_reader

TEXTS = ["cab", "", "b" * 31, "a?", "a\nb", "é😀\x00"]
SIZE = 8
BEGIN, END = 2, 3

MODELS = {
    "lstm": lambda: language_model(SIZE, units=3, num_layers=2, dropout=0.3),
    "tied": lambda: language_model(SIZE, cell="gru", units=5, embedding=3, output="tied"),
    "elman class": lambda: language_model(SIZE, cell="elman", units=3, output="class"),
    "adaptive": lambda: language_model(SIZE, cell="simple_rnn", units=3, output="adaptive"),
    "window": lambda: fixed_window_language_model(SIZE, window=3, units=5),
    "mean of one": lambda: fixed_window_language_model(SIZE, window=1, combine="mean"),
}


def task_of(kind, level="character", **options):
    model = MODELS[kind]()
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 3, weight.shape) for weight in model.get_weights()])
    return LanguageModel(model, Tokenizer(Vocabulary("abc\n"), level), **options)


def by_hand(task, ids):
    """Log-probabilities of one row of ids after begin, a step at a time, in NumPy."""
    read = [BEGIN if i == 0 or ids[i - 1] == END else ids[i - 1] for i in range(len(ids))]
    logits = views.log_probs(task.model)(np.array([read])).numpy()[0].astype("float64")
    open_vocabulary = np.delete(logits, [0, BEGIN], axis=1)
    normaliser = np.log(np.exp(open_vocabulary).sum(axis=1))
    return logits[range(len(ids)), ids] - normaliser


def ids_of(text):
    return [{"a": 4, "b": 5, "c": 6, "\n": 7}.get(character, 1) for character in text] + [END]


@pytest.fixture(scope="module")
def tasks():
    return {kind: task_of(kind) for kind in MODELS}


@pytest.mark.parametrize("kind", MODELS)
def test_log_probs_are_those_of_the_model_over_the_open_vocabulary(tasks, kind):
    for text, log_probs in zip(TEXTS, tasks[kind].token_log_probs(TEXTS), strict=True):
        assert log_probs.dtype == np.float64 and log_probs.shape == (len(text) + 1,)
        np.testing.assert_allclose(
            log_probs, by_hand(tasks[kind], ids_of(text)), rtol=1e-5, atol=1e-5
        )


@pytest.mark.parametrize("kind", MODELS)
def test_a_stream_goes_on_from_text_to_text(tasks, kind, monkeypatch):
    expected = by_hand(tasks[kind], [i for text in TEXTS for i in ids_of(text)])
    for at_once in (2**22, SIZE, 7 * SIZE):  # all of it, a token, seven tokens at a time
        monkeypatch.setattr(segment_reader, "LOGITS_AT_ONCE", at_once)
        got = tasks[kind].token_log_probs(TEXTS, context="stream")
        assert [len(each) for each in got] == [len(text) + 1 for text in TEXTS]
        np.testing.assert_allclose(np.concatenate(got), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["lstm", "window"])
def test_batches_and_pieces_change_nothing(tasks, kind, monkeypatch):
    expected = tasks[kind].token_log_probs(TEXTS, batch_size=1)
    for batch_size, at_once in ((2, 2**22), (64, 2**22), (3, SIZE), (64, 50 * SIZE)):
        monkeypatch.setattr(segment_reader, "LOGITS_AT_ONCE", at_once)
        for one, other in zip(
            tasks[kind].token_log_probs(iter(TEXTS), batch_size), expected, strict=True
        ):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def test_probabilities_of_all_texts_and_their_rest_sum_to_one(tasks):
    """Of one token and end, and of all that begins with two tokens."""
    probabilities = {}
    for first in "?abc\n":
        one = tasks["lstm"].token_log_probs([first])[0]
        probabilities[first] = np.exp(one.sum())
        probabilities[first + "…"] = np.exp(one[0]) * (1 - np.exp(one[1]))
    empty = np.exp(tasks["lstm"].token_log_probs([""])[0].sum())
    np.testing.assert_allclose(sum(probabilities.values()) + empty, 1, rtol=1e-6)


def test_no_texts_no_answers(tasks):
    task = tasks["lstm"]
    assert task.predict([]) == task.generate([]) == task.token_log_probs([]) == []
    assert task.token_log_probs([], context="stream") == []


@pytest.mark.parametrize("context", ["sentence", "stream"])
def test_evaluate_weighs_tokens_and_counts_the_end(tasks, context):
    task = tasks["tied"]
    metrics = task.evaluate(tf.data.Dataset.from_tensor_slices(TEXTS), 2, context=context)
    log_probs = np.concatenate(task.token_log_probs(TEXTS, context=context))
    characters = sum(map(len, TEXTS))
    assert metrics["tokens"] == len(log_probs) == characters + len(TEXTS)
    assert metrics["examples"] == len(TEXTS)
    assert metrics["out_of_vocabulary"] == 4 / characters
    np.testing.assert_allclose(metrics["perplexity"], np.exp(-log_probs.mean()))
    np.testing.assert_allclose(metrics["bits_per_token"], np.log2(metrics["perplexity"]))
    bits = -log_probs.sum() / np.log(2)
    np.testing.assert_allclose(metrics["bits_per_character"], bits / characters)


@pytest.mark.parametrize("level", ["character", "word"])
def test_evaluate_gives_what_the_report_of_a_text_gives(level):
    task = task_of("lstm", level)
    found = task.evaluate(tf.data.Dataset.from_tensor_slices(TEXTS))
    sentences = [[token.decode() for token in row] for row in task.tokenizer.split(TEXTS).to_list()]
    report = vars(text_report(task.next_token_model(), sentences))
    assert found.pop("examples") == len(TEXTS) and found.keys() == report.keys()
    for name, value in report.items():
        expected = pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
        assert found[name] == expected, name


@pytest.mark.parametrize("context", ["sentence", "stream"])
def test_evaluate_holds_few_texts_at_once_and_says_the_same(tasks, context, monkeypatch):
    texts = tf.data.Dataset.from_tensor_slices(TEXTS)
    whole = tasks["lstm"].evaluate(texts, context=context)
    monkeypatch.setattr(tasks["lstm"], "evaluated_at_once", 4)
    parts = tasks["lstm"].evaluate(texts, context=context)
    assert parts.pop("vocabulary") == whole.pop("vocabulary")
    assert parts == pytest.approx(whole, rel=1e-5)


def test_context_of_the_task_is_that_of_its_scores():
    stream = task_of("lstm", context="stream")
    one, other = (stream.token_log_probs(TEXTS, context=name) for name in (None, "sentence"))
    np.testing.assert_allclose(one[0], other[0], atol=1e-6)
    assert not np.allclose(one[1], other[1], atol=1e-3)
    word = task_of("lstm", "word").evaluate(tf.data.Dataset.from_tensors("a"))
    assert word["tokens"] == 2


def greedy_by_hand(task, text, max_length):
    """Runs the whole model again for every token."""
    ids, view = ids_of(text)[:-1], views.log_probs(task.model)
    start = len(ids)
    while len(ids) - start < max_length:
        logits = view(np.array([[BEGIN, *ids]])).numpy()[0, -1]
        logits[:3] = -np.inf  # padding, unknown and begin are never drawn
        if logits.argmax() == END:
            break
        ids.append(int(logits.argmax()))
    return "".join("abc\n"[i - 4] for i in ids[start:])


@pytest.mark.parametrize("kind", MODELS)
def test_continuation_is_the_most_likely_next_token_again_and_again(kind):
    task = task_of(kind, max_length=3)
    expected = [greedy_by_hand(task, text, 3) for text in TEXTS]
    assert task.predict(TEXTS) == task.predict(TEXTS, batch_size=2) == expected
    assert len(set(expected)) > 1


def always(token, level):
    """A model that says one token for ever."""
    model = language_model(SIZE, cell="simple_rnn", units=3)
    model.set_weights([np.zeros(weight.shape) for weight in model.get_weights()])
    tokenizer = Tokenizer(Vocabulary(["dog", "￭.", "(￭", "no"]), level)
    bias = np.zeros(SIZE)
    bias[END if token is None else tokenizer.vocabulary.id_of(token)] = 50
    model.get_layer("output").set_weights([np.zeros((3, SIZE)), bias])
    return LanguageModel(model, tokenizer, max_length=2)


@pytest.mark.parametrize(
    "level, token, text, continuation",
    [
        ("word", "dog", "a dog", " dog dog"),
        ("word", "￭.", "a dog", ".."),
        ("word", "dog", "", "dog dog"),
        ("word", "dog", "the (", " dog dog"),
        ("word", "dog", "two  spaces", " dog dog"),
        ("whitespace", "dog", " a  b ", " dog dog"),
        ("character", None, "\xe9😀", ""),
        ("word", None, "", ""),
    ],
)
def test_what_is_put_behind_a_text_has_its_spaces(level, token, text, continuation):
    assert always(token, level).predict([text, "x"])[0] == continuation


def test_generate_draws_as_often_as_the_model_says():
    task = task_of("lstm")
    number = 4000
    drawn = task.generate([""] * number, max_length=1, seed=3)
    probabilities = np.exp([task.token_log_probs([text])[0][0] for text in ("", *"abc\n")])
    probabilities /= probabilities.sum()  # unknown is never drawn
    shares = np.array([drawn.count(text) for text in ("", *"abc\n")]) / number
    assert np.abs(shares - probabilities).max() < 5 * np.sqrt(0.25 / number)
    cold = task.generate(["", "a"], max_length=5, temperature=1e-4)
    assert cold == [greedy_by_hand(task, text, 5) for text in ("", "a")]


def test_generate_is_decided_by_its_seed(tasks):
    task = tasks["tied"]
    one, same, other = (task.generate([""] * 7, max_length=11, seed=seed) for seed in (1, 1, 2))
    assert one == same != other
    assert len(set(one)) > 1
    assert max(map(len, one)) <= 11 and len(task.generate(["a"])[0]) <= 200


@pytest.mark.parametrize(
    "options, message",
    [
        ({"temperature": -0.1}, "`temperature` to be a finite number of at least 0"),
        ({"temperature": float("nan")}, "`temperature` to be a finite number of at least 0"),
        ({"top_k": -1}, "`top_k` to be an integer of at least 0"),
        ({"top_p": 0.0}, "`top_p` to be a number above 0"),
        ({"max_length": 0}, "`max_length` to be an integer from 1 to 200"),
        ({"max_length": 201}, "`max_length` to be an integer from 1 to 200"),
    ],
)
def test_generate_refuses(tasks, options, message):
    with pytest.raises(ValueError, match=message):
        tasks["lstm"].generate(["a"], **options)


def test_cbow_is_refused_because_it_sees_what_follows():
    message = (
        "^Expected a model that sees only what is before each token. Received: 'cbow', which sees "
        "what follows too, so that the product of its probabilities is not the probability of a "
        "sentence$"
    )
    with pytest.raises(ValueError, match=message):
        LanguageModel(cbow(SIZE, embedding=3), Tokenizer(Vocabulary("abc\n")))


def test_what_is_no_language_model_is_refused():
    tokenizer = Tokenizer(Vocabulary("abc\n"))
    both_ways = many_to_many(SIZE, SIZE, bidirectional=True, units=3)
    with pytest.raises(ValueError, match="only what is before each token. Received: 'many_to"):
        LanguageModel(both_ways, tokenizer)
    with pytest.raises(ValueError, match="vocabulary of 8 ids.* Received: 7"):
        LanguageModel(MODELS["lstm"](), Tokenizer(Vocabulary("abc")))
    with pytest.raises(ValueError, match="`context` to be one of .* Received: 'text'"):
        LanguageModel(MODELS["lstm"](), tokenizer, "text")
    with pytest.raises(ValueError, match="`max_length` to be an integer of at least 1"):
        LanguageModel(MODELS["lstm"](), tokenizer, max_length=0)
    with pytest.raises(ValueError, match="`context`"):
        task_of("lstm").token_log_probs(TEXTS, context="text")


@pytest.mark.parametrize("kind", ["elman class", "window"])
def test_saved_and_loaded_is_bit_equal(kind, tmp_path):
    task = task_of(kind, context="stream", max_length=5, settings={"whole_file": True})
    task.save(tmp_path / "run")
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        *("config.json", "model.keras", "vocabulary.json", "vocabulary.txt"),
    ]
    loaded = kerasrnn.load(tmp_path / "run")
    assert (loaded.context, loaded.max_length, loaded.tokenizer.level) == ("stream", 5, "character")
    for context in ("sentence", "stream"):
        for one, other in zip(
            *(each.token_log_probs(TEXTS, context=context) for each in (task, loaded)), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    assert loaded.predict(TEXTS) == task.predict(TEXTS)
    (tmp_path / "text.txt").write_text("ab\n" * 20)
    (text,) = loaded.read(tmp_path / "text.txt", "test").as_numpy_iterator()
    assert text == b"ab\n"  # a running text, as in training
    assert json.loads((tmp_path / "run" / "config.json").read_text())["task"] == "language-model"


def test_hostile_texts_are_scored(tasks):
    texts = ["a\ud800", "\u202e" * 97, "﷽" * 31, "a" * 5000]
    scores = tasks["lstm"].token_log_probs(texts)
    assert [len(each) for each in scores] == [len(text) + 1 for text in texts]
    assert all(np.isfinite(each).all() for each in scores)
    assert len(tasks["lstm"].predict(texts)) == 4
