"""A classifier of pairs, from two raw texts to labels: predictions, figures, runs, export."""

import csv
import json

import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import accuracy_score, classification_report, f1_score

import kerasrnn
from kerasrnn import PairClassifier, Tokenizer, Vocabulary, many_to_one, options, siamese
from kerasrnn.cli.main import main

TEXTS = ["cab", "", "?!", "ab" * 29, "a\nb\x00c", "שלום 😀", "bca"]
PAIRS = list(zip(TEXTS, [*TEXTS[3:], *TEXTS[:3]], strict=True))
LABELS = ["no", "perhaps", "yes"]
UNITS = 5


def classifier(labels=LABELS, max_length=None, **choices):
    tokenizer = Tokenizer(Vocabulary("abc\n😀"))
    size = len(tokenizer.vocabulary)
    model = siamese(size, len(labels), units=UNITS, embedding=7, **choices)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return PairClassifier(model, tokenizer, labels, max_length)


def test_predictions_are_those_of_the_model():
    task = classifier(bidirectional=True)
    for pair, answer in zip(PAIRS, task.classify(PAIRS), strict=True):
        ids = [task.tokenizer.pad(task.tokenizer.encode([text])) for text in pair]
        logits = np.asarray(task.model(dict(zip(("first", "second"), ids, strict=True))))[0]
        expected = np.exp(logits.astype("float64"))
        expected /= expected.sum()
        received = [answer.probabilities[label] for label in LABELS]
        np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-6)
        assert answer.label == LABELS[np.argmax(logits)]
        assert answer.probability == pytest.approx(max(expected), rel=1e-4)
    assert task.predict(PAIRS, batch_size=1) == task.predict(PAIRS)
    assert task.predict([]) == [] == task.classify([])
    assert task.predict(np.array(PAIRS[:3])) == task.predict(PAIRS[:3])


def test_a_symmetric_join_answers_the_same_the_other_way_round():
    swapped = [pair[::-1] for pair in PAIRS]
    for join, same in (("symmetric", True), ("ordered", False)):
        task = classifier(join=join)
        found = [each.probabilities["yes"] for each in task.classify(PAIRS)]
        other = [each.probabilities["yes"] for each in task.classify(swapped)]
        assert np.allclose(found, other, rtol=1e-5) == same


def test_vectors_are_of_single_texts_and_find_the_same_text():
    task = classifier(bidirectional=True, max_length=3)
    vectors = task.encode(TEXTS)
    assert vectors.shape == (7, 2 * UNITS) and vectors.dtype == "float32"
    np.testing.assert_allclose(vectors[0], task.encode(["cab", "cabab"])[1], rtol=1e-5)
    np.testing.assert_array_equal(task.encode(iter(TEXTS)), vectors)
    lengths = np.linalg.norm(vectors, axis=1)
    cosines = vectors @ vectors.T / np.outer(lengths, lengths)
    assert np.allclose(np.diag(cosines), 1, atol=1e-5)
    assert task.encode([]).shape == (0, 2 * UNITS)
    with pytest.raises(ValueError, match="Expected `inputs` to be texts. Received: .* at place 0"):
        task.encode(PAIRS)


def test_figures_are_those_of_scikit_learn():
    task = classifier()
    answers = task.predict(PAIRS)
    right = [answers[0], "no", answers[2], "yes", "yes", "no", answers[6]]
    examples = [(*pair, label) for pair, label in zip(PAIRS, right, strict=True)]
    figures = task.evaluate(examples)
    assert figures["accuracy"] == accuracy_score(right, answers) and figures["examples"] == 7
    report = classification_report(right, answers, output_dict=True, zero_division=0)
    there = sorted(set(right) | set(answers))
    for label, scores in task.report(examples).items():
        if label in there:
            assert scores["f1"] == pytest.approx(report[label]["f1-score"])
            assert scores["support"] == report[label]["support"]
    first, second = (tf.constant(side) for side in zip(*PAIRS, strict=True))
    nested = tf.data.Dataset.from_tensor_slices(((first, second), tf.constant(right)))
    columns = tf.data.Dataset.from_tensor_slices((first, second, tf.constant(right)))
    assert task.evaluate(nested) == figures == task.evaluate(columns, batch_size=2)
    wrong = task.mistakes(examples)
    assert len(wrong) == sum(a != b for a, b in zip(answers, right, strict=True))
    assert all(list(row)[:4] == ["first", "second", "target", "answer"] for row in wrong)
    assert all((row["first"], row["second"]) in PAIRS for row in wrong)


def test_f1_of_the_positive_label_is_that_of_scikit_learn():
    task = classifier(["other", "same"]).with_threshold(0.4, "same")
    answers = task.predict(PAIRS)
    for pair, answer in zip(PAIRS, answers, strict=True):
        (found,) = task.classify([pair])
        assert (answer == "same") == (found.probabilities["same"] >= np.float32(0.4))
    right = ["same", "other", "same", answers[3], "other", answers[5], "same"]
    figures = task.evaluate([(*p, label) for p, label in zip(PAIRS, right, strict=True)])
    expected = f1_score(right, answers, pos_label="same", zero_division=0)
    assert figures["f1"] == pytest.approx(expected) and figures["threshold"] == 0.4


def test_records_hold_both_texts():
    task = classifier()
    for record, pair in zip(task.records(PAIRS, probabilities=True), PAIRS, strict=True):
        assert list(record) == ["first", "second", "label", "probability", "probabilities"]
        assert (record["first"], record["second"]) == pair
    assert "probabilities" not in task.records(PAIRS)[0]


@pytest.mark.parametrize(
    "inputs, said",
    [
        ("cab", "to be a list of pairs of texts. Received: only one"),
        (["ab"], "to be pairs of texts. Received: 'ab' at place 0"),
        ([("a", "b"), ("a",)], "at place 1"),
        ([("a", "b", "c")], "at place 0"),
        ([("a", None)], "at place 0"),
    ],
)
def test_what_is_no_pair(inputs, said):
    with pytest.raises(ValueError, match=said):
        classifier().predict(inputs)


def test_models_that_do_not_fit():
    tokenizer = Tokenizer(Vocabulary("abc"))
    with pytest.raises(ValueError, match="Expected a model of `siamese`"):
        PairClassifier(many_to_one(7, 2, units=3), tokenizer, ["x", "y"])
    with pytest.raises(ValueError, match="a vocabulary of 11 ids and 2 labels"):
        PairClassifier(siamese(11, 2, units=3), tokenizer, ["x", "y"])
    with pytest.raises(ValueError, match="distinct"):
        PairClassifier(siamese(7, 2, units=3), tokenizer, ["x", "x"])


def test_saved_and_loaded_it_is_bit_equal(tmp_path):
    task = classifier(["other", "same"], max_length=11).with_threshold(0.3, "same")
    task.save(tmp_path / "run")
    other = kerasrnn.load(tmp_path / "run")
    assert type(other) is PairClassifier
    assert (other.positive, other.threshold, other.max_length) == ("same", 0.3, 11)
    assert other.classify(PAIRS) == task.classify(PAIRS)
    np.testing.assert_array_equal(other.encode(TEXTS), task.encode(TEXTS))


def test_the_export_answers_and_encodes_as_python(tmp_path):
    task = classifier(bidirectional=True, hidden_units=3)
    served = tf.saved_model.load(task.export(tmp_path / "m", PAIRS)).signatures
    first, second = (tf.constant(side) for side in zip(*PAIRS, strict=True))
    outputs = served["serving_default"](first=first, second=second)
    assert [each.decode() for each in outputs["label"].numpy()] == task.predict(PAIRS)
    expected = [list(each.probabilities.values()) for each in task.classify(PAIRS)]
    np.testing.assert_allclose(outputs["probabilities"], expected, rtol=1e-4, atol=1e-6)
    vectors = served["encode"](text=tf.constant(TEXTS))["vector"].numpy()
    np.testing.assert_allclose(vectors, task.encode(TEXTS), rtol=1e-4, atol=1e-5)
    described = json.loads((tmp_path / "m" / "1" / "assets" / "kerasrnn.json").read_text())
    assert sorted(described["signatures"]["encode"]["inputs"]) == ["text"]


def table(path, rows=61, labels=("other", "same")):
    """Letters that are the same in another order, or not."""
    lines = [
        f"{'ab' * (i % 4 + 1)} c\t{'ba' * (i % 3 + 1)} c\t{labels[i % len(labels)]}\n"
        for i in range(rows)
    ]
    path.write_text("".join(lines))
    return path


SMALL = {"units": 3, "embedding": 2, "hidden_units": 2, "epochs": 1, "min_count": 1}
SMALL |= {"level": "character"}


def words_of(small):
    return [word for name in small for word in (f"--{name.replace('_', '-')}", str(small[name]))]


def test_from_a_file_to_a_run_and_back(tmp_path, monkeypatch, capsys, eager_training):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "pairs.tsv")
    command = ["train", "compare", "--data", "pairs.tsv", "--output", "run", *words_of(SMALL)]
    choices = ["--positive", "same", "--class-weights", "balanced", "--label-smoothing", "0.1"]
    assert main([*command, *choices, "--word-dropout", "0.1"]) == 0
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    figures = metrics["test"]
    assert {"accuracy", "macro_f1", "f1", "threshold"} <= figures.keys()
    assert all("\t" in line for line in metrics["examples"])
    assert (tmp_path / "run" / "confusion.png").is_file()
    task = kerasrnn.load("run")
    assert (task.positive, task.threshold) == ("same", 0.5)
    capsys.readouterr()
    assert main(["evaluate", "run", "--report", "--errors", "errors.csv"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["accuracy"] == pytest.approx(figures["accuracy"])
    assert said["f1"] == pytest.approx(figures["f1"])
    (tmp_path / "new.tsv").write_text("ab c\tba c\nabab c\tc\n")
    pairs = [("ab c", "ba c"), ("abab c", "c")]
    capsys.readouterr()
    assert main(["predict", "run", "new.tsv"]) == 0
    assert capsys.readouterr().out.splitlines() == task.predict(pairs)
    assert main(["predict", "run", "new.tsv", "--output", "a.csv", "--probabilities"]) == 0
    with open("a.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["first"], row["second"]) for row in rows] == pairs
    assert {"label", "probability of other", "probability of same"} <= rows[0].keys()
    assert main(["predict", "run", "pairs.tsv", "--output", "a.jsonl"]) == 0
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 61
    capsys.readouterr()
    for share in ("1/2", "2/2"):
        shard = ["--output", "counts", "--shard", share]
        assert main(["evaluate", "run", "pairs.tsv", *shard]) == 0
    assert main(["evaluate", "run", "--merge", "counts"]) == 0
    merged = json.loads(capsys.readouterr().out.splitlines()[-1])
    # Of the file of the training the rows that were held out, as above.
    assert merged["examples"] == 3 and merged["accuracy"] == said["accuracy"]


def test_lines_are_two_texts_with_a_tab(tmp_path):
    task = classifier()
    assert task.parse_lines(["a b\tc", "\t"]) == [("a b", "c"), ("", "")]
    for line in ("a b c", "a\tb\tc"):
        with pytest.raises(ValueError, match="Expected a first text, a tab and a second text"):
            task.parse_lines([line])


@pytest.mark.parametrize(
    "changed, said",
    [
        ({60 - 2: "a\tb\tnew"}, "Expected the labels of the validation split to be those"),
        ({59: "a\tb\tnew"}, "Expected the labels of the test split to be those of the training"),
        ({3: "a\tb"}, "line 4: expected a first text, a tab and a second text, a tab and a label"),
        ({3: "a\tb\t"}, "line 4: expected a label"),
    ],
)
def test_bad_rows_are_one_sentence_before_anything_is_written(changed, said, tmp_path, capsys):
    path = table(tmp_path / "pairs.tsv", 60)
    lines = path.read_text().splitlines()
    for place, line in changed.items():
        lines[place] = line
    path.write_text("\n".join(lines) + "\n")
    run = tmp_path / "run"
    assert main(["train", "compare", "--data", str(path), "--output", str(run)]) == 2
    err = capsys.readouterr().err
    assert said in " ".join(err.split()) and "Traceback" not in err
    assert not run.exists()


@pytest.mark.parametrize(
    "given, said",
    [
        ({"positive": "maybe"}, "positive.*other.*Received: 'maybe'"),
        ({"join": "both"}, "join.*symmetric"),
        ({"hidden_units": -1}, "hidden_units"),
    ],
)
def test_wrong_options(given, said, tmp_path):
    data = table(tmp_path / "pairs.tsv")
    with pytest.raises(ValueError, match=said):
        kerasrnn.train(options.Compare(data=data, **{**SMALL, **given}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_three_labels_have_no_positive_one(tmp_path):
    data = table(tmp_path / "pairs.tsv", labels=LABELS)
    given = options.Compare(data=data, positive="yes", **SMALL)
    with pytest.raises(ValueError, match="Expected two labels for a threshold"):
        kerasrnn.train(given, tmp_path / "run")


@pytest.mark.slow
def test_folds_test_each_pair_once(tmp_path, eager_training):
    data = table(tmp_path / "pairs.tsv", 41)
    given = options.Compare(data=data, folds=3, positive="other", **SMALL)
    task = kerasrnn.train(given, tmp_path / "run")
    assert task.positive == "other" and kerasrnn.load(tmp_path / "run").positive == "other"
    places = [tmp_path / "run" / "folds" / str(k) for k in (1, 2, 3)]
    tested = [kerasrnn.load(place).read(str(data), "test") for place in places]
    rows = [tuple(b"\t".join(pair) for pair, _ in each.as_numpy_iterator()) for each in tested]
    assert sorted(len(each) for each in rows) == [13, 14, 14]


def test_swapped_columns_are_named(tmp_path):
    path = tmp_path / "swapped.tsv"
    path.write_text("".join(f"same\tlabel\ttext {i}\n" for i in range(200)))
    with pytest.raises(ValueError, match="first=NAME,second=NAME,label=NAME says which is which"):
        kerasrnn.train(options.Compare(data=path, **SMALL), tmp_path / "run")
