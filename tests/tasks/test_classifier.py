"""A classifier from raw text to labels: predictions, figures, saving, export."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import confusion_matrix, f1_score

import kerasrnn
from kerasrnn import Classifier, Tokenizer, Vocabulary, export, many_to_one

TEXTS = ["cab", "", "?!", "ab" * 29, "a\nb\x00c", "שלום 😀"]
LABELS = ["no", "perhaps", "yes"]


def classifier(pooling="attention", level="character", max_length=None, lowercase=False, **options):
    tokenizer = Tokenizer(Vocabulary("abc\n😀"), level, lowercase)
    model = many_to_one(
        len(tokenizer.vocabulary), 3, units=5, embedding=7, pooling=pooling, **options
    )
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return Classifier(model, tokenizer, LABELS, max_length)


@pytest.mark.parametrize("pooling", ["last", "attention"])
def test_predictions_are_those_of_the_model(pooling):
    task = classifier(pooling, bidirectional=True)
    for text, answer in zip(TEXTS, task.classify(TEXTS), strict=True):
        ids = task.tokenizer.pad(task.tokenizer.encode([text]))
        logits = np.asarray(task.model(ids))[0].astype("float64")
        expected = np.exp(logits) / np.exp(logits).sum()
        received = [answer.probabilities[label] for label in LABELS]
        np.testing.assert_allclose(received, expected, rtol=1e-4)
        assert answer.label == LABELS[np.argmax(logits)]
        assert answer.probability == pytest.approx(max(expected), rel=1e-4)
        if pooling == "attention":
            assert answer.tokens == list(text) and len(answer.attention) == len(text)
            assert answer.attention.sum() == pytest.approx(1 if text else 0, abs=1e-5)
        else:
            assert answer.tokens is answer.attention is None
    assert task.predict(TEXTS, batch_size=1) == task.predict(TEXTS)
    assert task.predict([]) == [] == task.classify([])


def test_a_text_is_cut_to_its_first_tokens():
    task = classifier(max_length=3)
    assert task.classify(["abcab"]) != task.classify(["cbaab"])
    one, other = task.classify(["abca", "abcb" * 7])
    assert one.probabilities == pytest.approx(other.probabilities, rel=1e-5)
    assert one.tokens == ["a", "b", "c"]


def test_evaluate_against_counting():
    task = classifier()
    answers = task.predict(TEXTS)
    right = [answers[0], *(["no"] * 3), answers[4], "yes"]
    examples = tf.data.Dataset.from_tensor_slices((TEXTS, right))
    figures = task.evaluate(examples)
    assert figures["accuracy"] == np.mean([a == b for a, b in zip(answers, right, strict=True)])
    expected = f1_score(right, answers, average="macro", zero_division=0)
    assert figures["macro_f1"] == pytest.approx(expected)
    assert figures["examples"] == 6
    assert figures == task.evaluate(examples, batch_size=1) == task.evaluate(examples, batch_size=4)
    assert task.confusion(examples).tolist() == confusion_matrix(right, answers).tolist()
    with pytest.raises(ValueError, match="seen in training, no, perhaps, yes. Received: nie"):
        task.evaluate(tf.data.Dataset.from_tensors(("a", "nie")))


def test_save_and_load_answer_bit_equal(tmp_path):
    task = classifier(level="word", max_length=11, lowercase=True)
    assert task.classify(["A b"])[0].probabilities == task.classify(["a B"])[0].probabilities
    task.save(tmp_path / "run")
    other = kerasrnn.load(tmp_path / "run")
    assert type(other) is Classifier and other.labels == task.labels
    texts = [*TEXTS, "A b"]
    for one, two in zip(task.classify(texts), other.classify(texts), strict=True):
        assert one.probabilities == two.probabilities and one.tokens == two.tokens
    with pytest.raises(ValueError, match="new or an empty folder"):
        task.save(tmp_path / "run")


@pytest.mark.slow
@pytest.mark.parametrize("segment_length", [None, 7])
def test_export_answers_as_python_does(tmp_path, segment_length):
    task = classifier(bidirectional=True, segment_length=segment_length)
    folder = task.export(tmp_path, TEXTS, signatures=())
    outputs = tf.saved_model.load(folder).signatures["serving_default"](text=export.as_text(TEXTS))
    expected = task.classify(TEXTS)
    assert [label.decode() for label in outputs["label"].numpy()] == [e.label for e in expected]
    assert outputs["labels"].numpy().astype(str).tolist() == [LABELS] * len(TEXTS)
    for row, each in zip(outputs["probabilities"].numpy(), expected, strict=True):
        np.testing.assert_allclose(row, [*each.probabilities.values()], rtol=1e-5)
    assert len({len(value) for value in outputs.values()}) == 1
    elsewhere = export.run_elsewhere(folder, task.served_inputs(TEXTS[:3]), task.served_answer)
    assert elsewhere == [each.label for each in expected[:3]]


def test_wrong_parts():
    task = classifier()
    with pytest.raises(ValueError, match="9 ids and 3 labels.* Received: 9 and 2"):
        Classifier(task.model, task.tokenizer, ["no", "yes"])
    with pytest.raises(ValueError, match="distinct labels"):
        Classifier(task.model, task.tokenizer, ["no", "yes", "no"])
    other = Tokenizer(Vocabulary("ab"))
    with pytest.raises(ValueError, match="Received: 6 and 3"):
        Classifier(task.model, other, LABELS)


def test_labels_come_from_training(tmp_path):
    """A label of the test split that training never saw is named."""
    texts = tf.data.Dataset.from_tensor_slices((["a", "b"], ["no", "never"]))
    task = classifier()
    examples = kerasrnn.datasets.labelled_text_examples(texts, task.tokenizer, LABELS)
    with pytest.raises(tf.errors.InvalidArgumentError, match="never"):
        list(examples.batches(2))


@pytest.mark.slow
def test_batches_train(tmp_path):
    texts = tf.data.Dataset.from_tensor_slices((["aaa", "b", "ab"], ["no", "yes", "no"]))
    task = classifier()
    batches = kerasrnn.datasets.labelled_text_examples(texts, task.tokenizer, LABELS).batches(3)
    ((tokens, y, weights),) = batches
    assert y.numpy().tolist() == [0, 2, 0] and weights.numpy().tolist() == [1, 1, 1]
    assert tokens.numpy().tolist() == [[4, 4, 4], [5, 0, 0], [4, 5, 0]]
    task.model.compile(
        keras.optimizers.Adam(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    task.model.fit(batches.repeat(), steps_per_epoch=30, verbose=0, shuffle=False)
    assert task.predict(["aaa", "b", "ab"]) == ["no", "yes", "no"]
