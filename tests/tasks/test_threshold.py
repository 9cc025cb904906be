"""Two classes: a threshold decides, in Python, in the run and in the export."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import f1_score

import kerasrnn
from kerasrnn import Classifier, ImageClassifier, Tokenizer, Vocabulary, many_to_one, options
from kerasrnn.cli.main import main
from kerasrnn.files import write_sealed
from kerasrnn.metrics import best_threshold
from kerasrnn.tasks.classify.job import ClassificationJob
from kerasrnn.tasks.classify.signatures import class_outputs

TEXTS = ["cab", "b", "", "abab", "ccc", "a", "bcb"]


def by_force(probabilities, positive):
    """The best F1 of all cuts, and of the cuts that reach it the middle nearest to 0.5."""
    ends = [0.0, *sorted(set(probabilities.tolist()))]
    middles = [(low + high) / 2 for low, high in zip(ends, ends[1:], strict=False) if high > 0]
    scores = [f1_score(positive, probabilities >= middle) for middle in middles]
    best = [m for m, score in zip(middles, scores, strict=True) if score == max(scores)]
    return min(best, key=lambda middle: abs(middle - 0.5)), max(scores)


@pytest.mark.parametrize("seed", range(40))
def test_the_best_threshold_is_that_of_all(seed):
    rng = np.random.default_rng(seed)
    number = int(rng.integers(1, 23))
    # Tenths, so that several are equal and several cuts are best.
    probabilities = (rng.integers(0, 11, number) / 10).astype("float32")
    positive = rng.random(number) < (probabilities + 0.3) / 2
    positive[0], probabilities[0] = True, 0.7
    threshold, f1 = best_threshold(probabilities, positive)
    expected, score = by_force(probabilities.astype("float64"), positive)
    assert threshold == pytest.approx(expected, abs=1e-6) and f1 == pytest.approx(score)
    assert f1_score(positive, probabilities >= np.float32(threshold)) == pytest.approx(score)


def test_a_threshold_between_neighbours_parts_them():
    low = np.float32(0.3)
    high = np.nextafter(low, np.float32(1))
    threshold, f1 = best_threshold(np.array([low, high]), np.array([False, True]))
    assert f1 == 1 and low < np.float32(threshold) <= high


def test_where_nothing_is_to_be_found_it_stays_in_the_middle():
    assert best_threshold(np.array([0.2, 0.9]), np.array([False, False])) == (0.5, 0.0)
    assert best_threshold(np.array([0.2, np.nan]), np.array([False, True])) == (0.5, 0.0)
    assert best_threshold(np.array([0.0]), np.array([True])) == (0.5, 0.0)
    assert best_threshold(np.array([]), np.array([])) == (0.5, 0.0)


def classifier():
    tokenizer = Tokenizer(Vocabulary("abc"), "character")
    model = many_to_one(len(tokenizer.vocabulary), 2, units=3, embedding=5)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return Classifier(model, tokenizer, ["no", "yes"])


def images():
    model = many_to_one((7 * 3,), 2, units=2)
    return ImageClassifier(model, ["dark", "bright"], (5, 7, 3))


PICTURES = [np.full((5, 7, 3), i * 60, "uint8") for i in range(4)]


@pytest.mark.parametrize("make, inputs", [(classifier, TEXTS), (images, PICTURES)])
@pytest.mark.parametrize("place", [0, 1])
def test_labels_go_by_it_and_probabilities_do_not(make, inputs, place, tmp_path):
    plain = make()
    name, other = plain.labels[place], plain.labels[1 - place]
    before = plain.classify(inputs)
    values = sorted(each.probabilities[name] for each in before)
    threshold = values[len(values) // 2]  # what is equal counts as above
    task = plain.with_threshold(threshold, name)
    found = task.classify(inputs)
    expected = [name if each.probabilities[name] >= threshold else other for each in before]
    assert [each.label for each in found] == expected == task.predict(inputs)
    assert len(set(expected)) == 2
    for each, one in zip(found, before, strict=True):
        assert each.probabilities == one.probabilities
        assert each.probability == each.probabilities[each.label]
    assert [each.label for each in plain.classify(inputs)] == [each.label for each in before]
    task.save(tmp_path / "run")
    loaded = kerasrnn.load(tmp_path / "run")
    assert (loaded.positive, loaded.threshold) == (name, threshold)
    assert loaded.predict(inputs) == expected
    records = loaded.records(inputs)
    assert [each["label"] for each in records] == expected
    examples = [(each, name) for each in inputs]
    right = sum(label == name for label in expected)
    figures = loaded.evaluate(examples)
    assert figures["threshold"] == threshold and figures["accuracy"] == right / len(inputs)
    assert figures["f1"] == pytest.approx(2 * right / (right + len(inputs)))
    assert len(loaded.mistakes(examples)) == len(inputs) - right
    assert "threshold" not in plain.evaluate(examples)


def test_without_one_the_first_of_two_likely_labels_is_the_answer():
    logits = tf.constant([[1.0, 1.0], [0.0, 2.0], [2.0, 0.0]])
    outputs = class_outputs(logits, ["no", "yes"])
    assert outputs["label"].numpy().tolist() == [b"no", b"yes", b"no"]
    outputs = class_outputs(logits, ["no", "yes"], (1, 0.5))
    assert outputs["label"].numpy().tolist() == [b"yes", b"yes", b"no"]
    np.testing.assert_array_equal(
        outputs["probability"], np.max(outputs["probabilities"].numpy(), axis=1)
    )


def test_what_cannot_be_a_threshold(tmp_path):
    task = classifier()
    for value in (0, -1, 1.5, "f1", True):
        with pytest.raises(ValueError, match="threshold"):
            task.with_threshold(value)
    with pytest.raises(ValueError, match=r"positive.*perhaps"):
        task.with_threshold(0.3, "perhaps")
    three = Classifier(
        many_to_one(len(task.tokenizer.vocabulary), 3, units=2), task.tokenizer, list("xyz")
    )
    with pytest.raises(ValueError, match="two labels for a threshold. Received: 3"):
        three.with_threshold(0.3)
    for value in (0, 1, "f2", True):
        with pytest.raises(ValueError, match="threshold"):
            options.Classify(data="languages", threshold=value)


def test_the_export_holds_it(tmp_path):
    task = classifier().with_threshold(0.25, "no")
    folder = task.export(tmp_path, TEXTS, signatures=())
    served = tf.saved_model.load(folder).signatures["serving_default"]
    outputs = served(text=tf.constant(TEXTS))
    assert [each.decode() for each in outputs["label"].numpy()] == task.predict(TEXTS)
    chosen = outputs["label"].numpy()[:, None] == outputs["labels"].numpy()
    expected = (outputs["probabilities"].numpy() * chosen).sum(axis=1)
    np.testing.assert_array_equal(outputs["probability"].numpy(), expected)
    description = json.loads((folder / "assets" / "kerasrnn.json").read_text())
    assert (description["positive"], description["threshold"]) == ("no", 0.25)
    assert (
        "`no` where its probability is at least 0.25"
        in (folder / "assets" / "README.md").read_text()
    )


def rows(tmp_path, labels, number=80):
    path = tmp_path / "texts.tsv"
    lines = [f"{'ab' * (i % 5)} x\t{labels[i % len(labels)]}\n" for i in range(number)]
    path.write_text("".join(lines))
    return str(path)


SMALL = {"units": 2, "embedding": 3, "epochs": 1, "batch_size": 61, "level": "character"}


def test_three_labels_are_refused_before_anything_is_written(tmp_path):
    data = rows(tmp_path, ["x", "y", "z"])
    for threshold in ("f1", 0.3):
        given = options.Classify(data=data, threshold=threshold, **SMALL)
        with pytest.raises(ValueError, match="Expected two labels for a threshold"):
            kerasrnn.train(given, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("labels, positive", [(["spam", "yes", "yes"], "spam"), (["a", "b"], "b")])
def test_the_rarer_label_is_the_positive_one(labels, positive, tmp_path, capsys):
    given = options.Classify(data=rows(tmp_path, labels), threshold=0.4, **SMALL)
    job = ClassificationJob(given)
    task = job.new_task(job.read("train"))
    assert (task.positive, task.threshold) == (positive, 0.4)
    assert f"threshold 0.4: {positive} is the positive class" in capsys.readouterr().out


def test_a_run_keeps_what_validation_chose(tmp_path, eager_training, capsys):
    data = rows(tmp_path, ["spam", "yes", "yes"])
    run = tmp_path / "run"
    words = ["train", "classify", "--data", data, "--output", str(run), "--threshold", "f1"]
    small = {name: value for name, value in SMALL.items() if name != "epochs"}
    words += [each for name in small for each in (f"--{name.replace('_', '-')}", str(small[name]))]
    assert main([*words, "--epochs", "1"]) == 0
    task = kerasrnn.load(run)
    examples = [
        tuple(part.decode() for part in pair)
        for pair in task.read(data, "validation").as_numpy_iterator()
    ]
    answers = task.classify([text for text, _ in examples])
    probabilities = np.array([each.probabilities["spam"] for each in answers], "float32")
    expected, f1 = by_force(
        probabilities.astype("float64"), np.array([label == "spam" for _, label in examples])
    )
    assert task.positive == "spam" and task.threshold == pytest.approx(expected, abs=1e-6)
    assert task.evaluate(examples)["f1"] == pytest.approx(f1)
    out = capsys.readouterr().out
    assert "threshold of spam: " in out
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["test"]["threshold"] == task.threshold and "f1" in metrics["test"]
    config = json.loads((run / "config.json").read_text())
    assert config["settings"]["threshold"] == "f1" and config["threshold"] == task.threshold
    # Killed between the last epoch and the threshold, and resumed.
    (run / "metrics.json").unlink()
    write_sealed(run / "config.json", {**config, "threshold": 0.5})
    assert main([*words, "--resume", "--epochs", "1"]) == 0
    assert json.loads((run / "config.json").read_text()) == config
    assert json.loads((run / "metrics.json").read_text())["test"] == metrics["test"]
    assert main([*words, "--resume", "--epochs", "2"]) == 0
    assert kerasrnn.load(run).positive == "spam"
    assert main(["evaluate", str(run)]) == 0
    assert '"threshold": ' in capsys.readouterr().out.splitlines()[-1]


def test_the_model_of_all_rows_has_the_median_of_its_folds(tmp_path):
    given = options.Classify(data="texts.tsv", threshold="f1", folds=5)
    folds = [tmp_path / name for name in "abcd"]
    for fold, threshold, positive in zip(folds, (0.1, 0.3, 0.7, 0.9), "yyyn", strict=True):
        fold.mkdir()
        positive = {"y": "yes", "n": "no"}[positive]
        config = {"positive": positive, "threshold": threshold}
        (fold / "config.json").write_text(json.dumps(config))
    run = tmp_path / "run"
    task = classifier().with_threshold(0.5, "yes")
    task.save(run)
    assert ClassificationJob(given).decided_as(task, folds, run).threshold == 0.3
    assert kerasrnn.load(run).threshold == 0.3


def test_runs_without_one_record_nothing_of_it(tmp_path):
    classifier().save(tmp_path / "run")
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert not {"positive", "threshold"} & set(config)
    assert keras.models.load_model(tmp_path / "run" / "model.keras") is not None
    assert kerasrnn.load(tmp_path / "run").positive is None
