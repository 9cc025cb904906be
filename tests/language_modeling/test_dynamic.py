"""Dynamic evaluation, against a plain loop of Keras' own SGD over the model called directly."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import views
from kerasrnn.language_modeling import DynamicModel, NeuralModel
from tests.language_modeling.neural_models import (
    BEGIN,
    MODELS,
    SENTENCES,
    SIZE,
    VOCABULARY,
    by_hand,
    ids_of,
    make,
)

CASES = [
    ("lstm full", "stream", 3, 0.7),
    ("gru tied", "sentence", 2, None),
    ("simple_rnn class", "stream", 5, None),
    ("elman adaptive", "stream", 1, None),
    ("sru class", "stream", 3, None),
    ("window", "stream", 3, None),
]
SHORT = ["c a b", "", "a ? a", "d d g c a a b"]


def loop(model, rows, rate, length, carried, clip=None):
    """Scores and learns with eager tapes and Keras' optimizer; the model is changed."""
    view = views.segment(model)
    optimizer = keras.optimizers.SGD(rate, global_clipnorm=clip)
    states, scores = views.initial_states(model, 1), []
    for row in rows:
        if not carried:
            states = views.initial_states(model, 1)
        read, parts = [BEGIN, *row[:-1]], []
        for i in range(0, len(row), length):
            tokens = tf.constant([read[i : i + length]])
            with tf.GradientTape() as tape:
                outputs = view({"tokens": tokens, **states})
                logits = tf.concat([outputs["logits"][0, :, 1:2], outputs["logits"][0, :, 3:]], -1)
                labels = [
                    label - 1 if label < BEGIN else label - 2 for label in row[i : i + length]
                ]
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                loss = tf.reduce_sum(losses)
            gradients = tape.gradient(loss, [w.value for w in model.trainable_variables])
            gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
            optimizer.apply(gradients, model.trainable_variables)
            states = {name: outputs[name] for name in states}
            parts.append(-losses.numpy())
        scores.append(np.concatenate(parts))
    return scores


def dynamic_of(kind, context="stream", **options):
    return DynamicModel(NeuralModel(make(kind, 0.5), VOCABULARY, context), **options)


def check_same(one, other, atol=2e-5):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=atol)


@pytest.mark.parametrize(("kind", "context", "length", "clip"), CASES)
def test_it_learns_as_a_plain_loop_does(kind, context, length, clip):
    dynamic = dynamic_of(kind, context, learning_rate=0.2, length=length, global_clipnorm=clip)
    twin = make(kind, 0.5)
    rows = [ids_of(sentence) for sentence in SHORT]
    expected = loop(twin, rows, 0.2, length, context == "stream", clip)
    got = dynamic.adapt(iter(SHORT))
    assert all(each.dtype == np.float64 for each in got)
    check_same(got, expected)
    check_same(dynamic.adapted.model.get_weights(), twin.get_weights())
    static = dynamic.neural.token_log_probs(SHORT)
    assert np.abs(np.concatenate(got) - np.concatenate(static)).max() > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("case", [("stream", 1, 0.7), ("stream", 3, None), ("sentence", 2, None)])
@pytest.mark.parametrize("kind", MODELS)
def test_every_model_learns_as_a_plain_loop_does(kind, case):
    test_it_learns_as_a_plain_loop_does(kind, *case)


@pytest.mark.parametrize("kind", ["lstm full", "window class"])
def test_what_is_scored_is_learned_from_later(kind):
    """The first segment has the static scores; what comes later counts for nothing before."""
    model = make(kind, 0.5)
    dynamic = DynamicModel(NeuralModel(model, VOCABULARY, "stream"), 0.5, length=3)
    sentence = "c a b d d a".split()
    (first,) = dynamic.token_log_probs([sentence])
    static = by_hand(model, ids_of(sentence))
    np.testing.assert_allclose(first[:3], static[:3], atol=1e-5)
    assert (np.abs(first[3:] - static[3:]) > 1e-3).all()
    for i in range(len(sentence)):
        other = sentence[:i] + ["g"] * (len(sentence) - i)
        ((again), _) = dynamic.token_log_probs([other, "e e e"])
        np.testing.assert_array_equal(again[:i], first[:i])
        assert again[i] != first[i]


def test_the_next_token_knows_what_was_learned():
    dynamic = dynamic_of("gru full", learning_rate=0.3, length=3)
    scores = dynamic.token_log_probs(SENTENCES)
    rows = [np.array(ids_of(sentence)) for sentence in SENTENCES]
    for i, log_probs in enumerate(dynamic.distributions(SENTENCES)):
        np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1, rtol=1e-12)
        picked = log_probs[range(len(rows[i])), rows[i]]
        np.testing.assert_allclose(picked, scores[i], rtol=1e-5, atol=1e-5)
        words = SENTENCES[i] if isinstance(SENTENCES[i], list) else SENTENCES[i].split()
        for n in {0, len(words) // 2, len(words)}:
            row = dynamic.next_log_probs(words[:n], SENTENCES[:i])
            np.testing.assert_allclose(row, log_probs[n], rtol=1e-5, atol=1e-5)


def test_the_given_model_is_untouched_and_calls_leave_no_trace():
    model = make("lstm full")
    before = model.get_weights()
    dynamic = DynamicModel(NeuralModel(model, VOCABULARY), 0.5, length=2)
    adapted = [dynamic.adapt(SENTENCES), dynamic.adapted.model.get_weights()]
    expected = dynamic.score(SENTENCES)
    for _ in range(2):
        same = dynamic.token_log_probs(SENTENCES)
        for one, other in zip(same, adapted[0], strict=True):
            np.testing.assert_array_equal(one, other)
        dynamic.next_log_probs("a b c", SENTENCES[:2])
        next(dynamic.distributions(SENTENCES))
    for one, other in zip(dynamic.score(SENTENCES), expected, strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(dynamic.adapted.model.get_weights(), adapted[1], strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    dynamic.reset()
    for one, other in zip(dynamic.adapted.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_exception_in_the_middle_leaves_no_trace():
    model = make("lstm full")
    before = model.get_weights()
    dynamic = DynamicModel(NeuralModel(model, VOCABULARY, "stream"), 0.5, length=2)
    dynamic.adapt(["a b"])
    here, expected = dynamic.adapted.model.get_weights(), dynamic.score(SENTENCES)

    def broken():
        yield from SENTENCES[:3]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        dynamic.token_log_probs(broken())
    with pytest.raises(OSError, match="the disk is gone"):
        list(dynamic.distributions(broken()))
    for one, other in zip(dynamic.adapted.model.get_weights(), here, strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(dynamic.score(SENTENCES), expected, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(OSError, match="the disk is gone"):
        dynamic.adapt(broken())  # keeps what it learned
    assert not np.array_equal(dynamic.adapted.model.get_weights()[0], here[0])
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("context", ["sentence", "stream"])
def test_without_a_rate_it_is_static(context):
    dynamic = dynamic_of("elman full", context, learning_rate=0, length=3)
    before = dynamic.adapted.model.get_weights()
    check_same(dynamic.adapt(SENTENCES), dynamic.neural.token_log_probs(SENTENCES), atol=1e-6)
    for one, other in zip(dynamic.adapted.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_static_and_dynamic_stand_side_by_side():
    dynamic = dynamic_of("gru full", learning_rate=0.1, length=4)
    text = ["a b c d"] * 11
    result = dynamic.compare(iter(text))
    for model, report in ((dynamic.neural, result.static), (dynamic, result.dynamic)):
        assert report.tokens == 55
        log_probs = np.concatenate(model.token_log_probs(text))
        np.testing.assert_allclose(report.perplexity, np.exp(-log_probs.mean()))
    assert result.dynamic.perplexity < 0.7 * result.static.perplexity
    assert str(result).startswith("static: perplexity ") and "\ndynamic: " in str(result)
    with pytest.raises(ValueError):
        dynamic.compare([])


@pytest.mark.parametrize("context", ["sentence", "stream"])
@pytest.mark.parametrize("length", [2, 100])
def test_hypotheses_are_scored_from_where_the_model_is(length, context):
    """Each as if it alone came next; the chosen one is then learned from."""
    dynamic = dynamic_of("lstm full", context, learning_rate=0.3, length=length)
    expected = dynamic.token_log_probs(SENTENCES)
    hypotheses = ["a b", "c c c c d", "", "f"]
    dynamic.adapt(["d d"])
    here = dynamic.score(hypotheses)
    with dynamic.session() as session:
        for i, sentence in enumerate(SENTENCES):
            got, *others = session.score([sentence, *hypotheses])
            np.testing.assert_allclose(got, expected[i], atol=1e-5)
            if i in (0, 3):
                alone = [dynamic.token_log_probs([*SENTENCES[:i], h])[-1] for h in hypotheses]
                check_same(others, alone, atol=1e-5)
            session.accept(sentence)
    # What was adapted on before is where it was.
    check_same(dynamic.score(hypotheses[::-1])[::-1], here, atol=1e-6)
    (chosen,) = dynamic.adapt(hypotheses[1:2])
    np.testing.assert_allclose(chosen, here[1], atol=1e-5)
    assert np.abs(dynamic.score(hypotheses)[1] - here[1]).max() > 1e-3


def test_frozen_weights_stay(rng):
    model = make("lstm full")
    model.get_layer("token_embedding").trainable = False
    dynamic = DynamicModel(NeuralModel(model, VOCABULARY), 0.5, length=2)
    dynamic.adapt(SENTENCES)
    embedding, *others = dynamic.adapted.model.get_layer("token_embedding").get_weights()
    np.testing.assert_array_equal(embedding, model.get_layer("token_embedding").get_weights()[0])
    adapted = dynamic.adapted.model.get_layer("output").get_weights()[0]
    assert not np.array_equal(adapted, model.get_layer("output").get_weights()[0])


def test_only_the_vectors_that_were_read_change():
    dynamic = dynamic_of("lstm full", learning_rate=0.5, length=2)
    before = dynamic.adapted.model.get_layer("token_embedding").get_weights()[0]
    dynamic.adapt(["c a c"])
    after = dynamic.adapted.model.get_layer("token_embedding").get_weights()[0]
    changed = (before != after).any(axis=1).nonzero()[0].tolist()
    assert changed == [BEGIN, 4, 6] and len(before) == SIZE


@pytest.mark.parametrize(
    "options, message",
    [
        ({"learning_rate": -0.1}, "`learning_rate` to be a finite number of at least 0"),
        ({"learning_rate": float("nan")}, "`learning_rate` to be a finite number of at least 0"),
        ({"length": 0}, "`length` to be an integer of at least 1. Received: 0"),
        ({"length": 2.5}, "`length` to be an integer of at least 1. Received: 2.5"),
        ({"global_clipnorm": 0}, "`global_clipnorm` to be a finite number above 0"),
    ],
)
def test_what_cannot_be_learned_with_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        DynamicModel(NeuralModel(make("mean of one"), VOCABULARY), **options)
