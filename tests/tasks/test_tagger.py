"""The tagger: sentences in, labels, confidences and entities out; one folder, the same answers."""

import itertools
import json
import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import f1_score

import kerasrnn
from kerasrnn import Tagger, Tokenizer, Vocabulary, many_to_many
from kerasrnn.layers import CRF, bio_constraints
from kerasrnn.layers.bio import mark_entities
from kerasrnn.tasks.batching import without_padding
from kerasrnn.tasks.tag.task import Entity, Tagging

LABELS = ["O", "B-PER", "I-PER"]
SENTENCES = [
    ["cab", "zz", "a b"],
    [],
    "a cab  ab\n",
    ["b" * 31],
    "",
    ["a", "", "\x00", "😀", "ab"],
    ["a", "a", "cab", "a"],
    "ab " * 53,
]


def tagger(output="constrained", labels=tuple(LABELS), characters=True):
    words = Tokenizer(Vocabulary(["a", "ab", "cab"], [5, 3, 2]), "whitespace")
    letters = Tokenizer(Vocabulary("abc ")) if characters else None
    if output == "constrained":
        output = CRF(3, bio_constraints(labels), name="output")
    model = many_to_many(
        7, len(labels), units=5, embedding=2, characters=8 if characters else None, output=output
    )
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 2, weight.shape) for weight in model.get_weights()])
    if output == "softmax":
        model.get_layer("output").bias.assign([0, 0])  # so that no label is always ahead
    return Tagger(model, words, labels, letters, settings={"data": "none", "seed": 3})


@pytest.fixture(scope="module")
def with_field():
    return tagger()


@pytest.fixture(scope="module")
def without_field():
    return tagger("softmax", ("DET", "NOUN"), characters=False)


@pytest.fixture(params=["with_field", "without_field"])
def task(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("batch_size", [1, 3, 256])
def test_order_of_answers_is_that_of_the_inputs(task, batch_size):
    expected = [task.predict([sentence])[0] for sentence in SENTENCES]
    assert [len(labels) for labels in expected] == [3, 0, 3, 1, 0, 5, 4, 53]
    assert len({label for labels in expected for label in labels}) > 1
    assert task.predict(SENTENCES, batch_size) == expected
    assert task.predict(iter(SENTENCES), batch_size) == expected
    scores = [task.tag([sentence])[0].log_prob for sentence in SENTENCES]
    answers = task.tag(SENTENCES, batch_size)
    np.testing.assert_allclose([each.log_prob for each in answers], scores, rtol=1e-4, atol=1e-5)
    assert task.predict([]) == [] and task.tag([]) == []


def test_a_text_is_split_at_white_space(task):
    assert task.predict([" a\tcab\n ab "]) == task.predict([["a", "cab", "ab"]])
    assert task.tag(["a\u00a0b c"])[0].tokens == ["a\u00a0b", "c"]
    assert task.predict([["a cab"]]) != task.predict(["a cab"])


def test_hostile_tokens_are_labelled(task):
    assert [len(labels) for labels in task.predict([["\ud800", "", "\n"], ["a\x00"]])] == [3, 1]
    assert task.tag([["", "a"]])[0].tokens == ["", "a"]


def emissions(task, tokens, layer):
    """The logits of one sentence, from the model itself."""
    ids = [[task.words.vocabulary.id_of(token) for token in tokens]]
    inputs = {"tokens": np.array(ids)}
    if task.characters is not None:
        letters = [[task.characters.vocabulary.id_of(c) for c in token[:20]] for token in tokens]
        width = max(map(len, letters))
        inputs["characters"] = np.array([[row + [0] * (width - len(row)) for row in letters]])
    view = keras.Model(task.model.inputs, task.model.get_layer(layer).output)
    return np.asarray(view(inputs if len(inputs) > 1 else list(inputs.values())))[0].astype(
        "float64"
    )


def test_softmax_tells_probabilities(without_field):
    tokens = ["cab", "zz", "a", "ab"]
    logits = emissions(without_field, tokens, "output")
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    (answer,) = without_field.tag([tokens])
    assert answer.tokens == tokens and answer.entities is None
    assert answer.labels == [["DET", "NOUN"][i] for i in probabilities.argmax(-1)]
    np.testing.assert_allclose(answer.confidences, probabilities.max(-1), rtol=1e-5)
    np.testing.assert_allclose(answer.log_prob, np.log(probabilities.max(-1)).sum(), rtol=1e-5)


def legal(path):
    return all(label != 2 or before in (1, 2) for before, label in itertools.pairwise((0, *path)))


@pytest.mark.parametrize(
    "tokens", [["cab", "zz", "a", "ab"], ["a", "cab", "ab"], ["b" * 23 + "c"], ["ab", "a b"]]
)
def test_field_tells_the_best_legal_path_and_marginals(with_field, tokens):
    logits = emissions(with_field, tokens, "emissions")
    start, transition, end = (
        weight.numpy().astype("float64") for weight in with_field.model.get_layer("output").weights
    )
    scores = {
        path: start[path[0]]
        + end[path[-1]]
        + sum(logits[t, label] for t, label in enumerate(path))
        + sum(transition[pair] for pair in itertools.pairwise(path))
        for path in itertools.product(range(3), repeat=len(tokens))
        if legal(path)
    }
    best = max(scores, key=scores.get)
    log_z = np.logaddexp.reduce(list(scores.values()))
    confidences = [
        sum(np.exp(score - log_z) for path, score in scores.items() if path[t] == label)
        for t, label in enumerate(best)
    ]
    (answer,) = with_field.tag([tokens])
    assert answer.labels == [LABELS[i] for i in best]
    np.testing.assert_allclose(answer.log_prob, scores[best] - log_z, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(answer.confidences, confidences, rtol=1e-4)
    for entity in answer.entities:
        span = slice(entity.start, entity.end)
        shares = [np.exp(scores[path] - log_z) for path in scores if path[span] == best[span]]
        np.testing.assert_allclose(entity.confidence, sum(shares), rtol=1e-4)


def test_illegal_labels_never_come_out(with_field, rng):
    free = tagger("crf")
    free.model.set_weights(with_field.model.get_weights())
    sentences = [rng.choice(["a", "ab", "cab", "b", "zz"], n).tolist() for n in range(1, 61)]
    paths = [[LABELS.index(label) for label in labels] for labels in free.predict(sentences)]
    assert not all(map(legal, paths))
    paths = [[LABELS.index(label) for label in labels] for labels in with_field.predict(sentences)]
    assert all(map(legal, paths)) and {label for path in paths for label in path} == {0, 1, 2}


def test_entities_of_a_sentence(with_field):
    row = {
        "labels": np.array([b"B-PER", b"I-PER", b"O", b"B-PER", b"B-PER", b"", b""], object),
        "tokens": np.array([b"A", b"B C", b"d", b"E", b"\xc3\xa9", b"", b""], object),
        "confidence": np.array([0.75, 0.5, 0.125, 0.25, 1.0, 0.0, 0.0], "float32"),
        "entity_confidence": np.array([0.5, 0.5, 0.0, 0.25, 1.0, 0.0, 0.0], "float32"),
        "length": np.int32(5),
        "log_prob": np.float32(-2),
    }
    outputs = {name: [value] for name, value in row.items()}
    outputs = without_padding(outputs, with_field.signatures.lengths["tokens"])
    answer = Tagging.of({name: rows[0] for name, rows in outputs.items()}, with_entities=True)
    assert answer.entities == [
        Entity("PER", 0, 2, "A B C", 0.5),
        Entity("PER", 3, 4, "E", 0.25),
        Entity("PER", 4, 5, "é", 1.0),
    ]
    assert answer.log_prob == -2 and answer.confidences.shape == (5,)


def labelled(sentences):
    def generate():
        yield from sentences

    sequence = tf.TensorSpec((None,), tf.string)
    return tf.data.Dataset.from_generator(generate, output_signature=(sequence, sequence))


def test_evaluate_counts_tokens(without_field):
    sentences = [["cab", "zz", "a"], [], ["ab"], ["a", "cab"]]
    right = without_field.predict(sentences)
    right[0][1] = "NOUN" if right[0][1] == "DET" else "DET"
    right[3][0] = "a label that it has never seen"
    metrics = without_field.evaluate(labelled(zip(sentences, right, strict=True)), batch_size=2)
    answers = without_field.predict(sentences)
    flat = [[label for labels in rows for label in labels] for rows in (right, answers)]
    expected = f1_score(*flat, average="macro", zero_division=0)
    assert metrics == {
        "accuracy": 4 / 6,
        "macro_f1": pytest.approx(expected),
        "unseen_labels": 1,
        "examples": 4,
    }
    for batch_size in (1, 3, 64):
        assert metrics == without_field.evaluate(
            labelled(zip(sentences, right, strict=True)), batch_size
        )


def test_evaluate_counts_entities(with_field):
    sentences = [["cab", "zz", "a"], [], ["a", "cab"] * 5]
    right = with_field.predict(sentences)
    metrics = with_field.evaluate(labelled(zip(sentences, right, strict=True)))
    assert metrics == {"accuracy": 1, "precision": 1, "recall": 1, "f1": 1, "examples": 3}
    num_predicted = sum(label[0] == "B" for labels in right for label in labels)
    assert num_predicted > 0
    sentences.append(["z"])
    right.append(["O" if with_field.predict([["z"]]) == [["B-PER"]] else "B-PER"])
    metrics = with_field.evaluate(labelled(zip(sentences, right, strict=True)))
    assert metrics["accuracy"] == 13 / 14 and metrics["examples"] == 4
    more = right[-1] == ["B-PER"]
    assert metrics["recall"] == num_predicted / (num_predicted + more)
    assert metrics["precision"] == num_predicted / (num_predicted + (not more))


def test_which_labels_mark_entities():
    assert mark_entities(["O", "B-X", "I-X", "E-X", "S-X"]) and mark_entities(["B", "I", "O"])
    assert not mark_entities(["O"]) and not mark_entities(["B-X", "NOUN"])


def rows(answers):
    return [[a.tokens, a.labels, a.confidences.tolist(), a.log_prob, a.entities] for a in answers]


def test_saved_and_loaded_is_bit_equal(task, tmp_path):
    task.save(tmp_path / "run")
    loaded = kerasrnn.load(tmp_path / "run")
    assert isinstance(loaded, Tagger)
    assert rows(loaded.tag(SENTENCES)) == rows(task.tag(SENTENCES))
    assert loaded.settings == task.settings
    assert loaded.words.vocabulary.counts == (5, 3, 2)
    letters = ["characters.json", "characters.txt"] if task.characters else []
    words = ["vocabulary.json", "vocabulary.txt"]
    files = sorted([*letters, "config.json", "model.keras", *words])
    assert sorted(os.listdir(tmp_path / "run")) == files
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["task"] == "tag" and config["labels"] == list(task.labels)


def test_parts_of_another_model_are_refused(with_field):
    model, words, letters = with_field.model, with_field.words, with_field.characters
    for parts in [
        (letters, LABELS, letters),
        (words, LABELS[:2], letters),
        (words, LABELS, None),
        (words, LABELS, words),
    ]:
        with pytest.raises(ValueError, match=r"the model has, \(7, 3, 8\). Received: \("):
            Tagger(model, *parts)
    with pytest.raises(ValueError, match="distinct labels"):
        Tagger(model, words, ["O", "O", "B"], letters)
