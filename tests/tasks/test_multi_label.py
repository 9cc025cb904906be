"""A classifier of several labels: predictions, thresholds, figures, saving, export, training."""

import json

import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics as sklearn_metrics

import kerasrnn
from kerasrnn import MultiLabelClassifier, Tokenizer, Vocabulary, many_to_one, options
from kerasrnn.checks import UserError
from kerasrnn.cli.main import main
from kerasrnn.metrics import LabelF1, average_precision
from kerasrnn.tasks.classify.multi_label_job import MultiLabelJob
from kerasrnn.tasks.tallies.label_tally import label_figures, label_report, label_tally

TEXTS = ["cab", "", "?!", "ab" * 29, "a\nb\x00c", "שלום 😀"]
LABELS = ["insult", "threat", "toxic"]
THRESHOLDS = [0.3, 0.5, 0.6]


def classifier(rng, pooling="attention", thresholds=THRESHOLDS, **options):
    tokenizer = Tokenizer(Vocabulary("abc\n😀"))
    size = len(tokenizer.vocabulary)
    model = many_to_one(size, 3, units=5, embedding=7, pooling=pooling, **options)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return MultiLabelClassifier(model, tokenizer, LABELS, thresholds=thresholds)


@pytest.mark.parametrize("pooling", ["last", "attention"])
def test_labels_are_those_that_reach_their_thresholds(pooling, rng):
    task = classifier(rng, pooling, bidirectional=True)
    for text, answer in zip(TEXTS, task.classify(TEXTS), strict=True):
        ids = task.tokenizer.pad(task.tokenizer.encode([text]))
        expected = 1 / (1 + np.exp(-np.asarray(task.model(ids), "float64")[0]))
        received = [answer.probabilities[label] for label in LABELS]
        np.testing.assert_allclose(received, expected, rtol=1e-4)
        reached = zip(LABELS, expected, THRESHOLDS, strict=True)
        assert answer.labels == [label for label, p, least in reached if p >= least]
        assert (answer.tokens is None) == (pooling == "last")
    assert task.predict(TEXTS, batch_size=1) == task.predict(TEXTS)  # padding changes nothing
    assert task.predict([]) == []
    assert len({tuple(each) for each in task.predict(TEXTS)}) > 1


def tallies(right, scores, pieces):
    ends = np.linspace(0, len(right), pieces + 1).astype(int)
    parts = zip(ends, ends[1:], strict=False)
    found = [label_tally(right[a:b], scores[a:b], LABELS) for a, b in parts if a < b]
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("pieces", [1, 3, 43])
def test_figures_by_sklearn(pieces, rng):
    truth = rng.random((43, 3)) < [0.5, 0.1, 0.3]
    scores = (np.round(rng.random((43, 3)) * 0.7 + truth * 0.3, 1)).astype("float32")  # with ties
    right = [[label for label, has in zip(LABELS, row, strict=True) if has] for row in truth]
    counted = tallies(right, scores, pieces)
    figures = label_figures(counted, LABELS, THRESHOLDS)
    answers = scores >= np.asarray(THRESHOLDS, "float32")
    for kind in ("micro", "macro"):
        expected = sklearn_metrics.f1_score(truth, answers, average=kind)
        assert figures[f"{kind}_f1"] == pytest.approx(expected)
    ranked = sklearn_metrics.average_precision_score(truth, scores, average="macro")
    assert figures["mean_average_precision"] == pytest.approx(ranked)
    subset = sklearn_metrics.accuracy_score(truth, answers)
    assert figures["subset_accuracy"] == pytest.approx(subset)
    report = label_report(counted, LABELS, THRESHOLDS)
    scored = sklearn_metrics.precision_recall_fscore_support(truth, answers, zero_division=0)
    for i, label in enumerate(LABELS):
        values = [report[label][name] for name in ("precision", "recall", "f1", "support")]
        assert values == pytest.approx([each[i] for each in scored])
        single = sklearn_metrics.average_precision_score(truth[:, i], scores[:, i])
        assert report[label]["average_precision"] == pytest.approx(single)
        assert report[label]["threshold"] == THRESHOLDS[i]


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_by_sklearn(seed):
    rng = np.random.default_rng(seed)
    positive, scores = rng.random(31) < 0.3, np.round(rng.normal(size=31), seed % 3)
    expected = sklearn_metrics.average_precision_score(positive, scores)
    assert average_precision(positive, scores) == pytest.approx(expected)
    assert np.isnan(average_precision(np.zeros(3), np.ones(3)))
    with pytest.raises(UserError, match="Expected a score for each"):
        average_precision([True, False], [0.5, float("nan")])


def test_f1_while_training_by_sklearn(rng):
    metric, rows = LabelF1(), []
    for size in (5, 2):
        truth, logits = rng.random((size, 3)) < 0.4, rng.normal(size=(size, 3))
        metric.update_state(truth.astype("float32"), logits)
        rows.append((truth, logits > 0))
    filled = np.ones((3, 3), "float32")
    metric.update_state(filled, filled, np.zeros(3, "float32"))  # weighs nothing
    truth, answers = (np.concatenate(each) for each in zip(*rows, strict=True))
    expected = sklearn_metrics.f1_score(truth, answers, average="micro")
    assert float(metric.result()) == pytest.approx(expected)


def test_labels_that_no_training_has_seen_are_misses(rng):
    task = classifier(rng)
    answers = task.predict(TEXTS)
    figures = task.evaluate([*zip(TEXTS, answers, strict=True)])
    assert figures["micro_f1"] == figures["subset_accuracy"] == 1 and figures["examples"] == 6
    other = [[*answers[0], "new"], *answers[1:]]
    figures = task.evaluate([*zip(TEXTS, other, strict=True)])
    number = sum(map(len, answers))
    assert figures["unseen_labels"] == 1
    assert figures["subset_accuracy"] == pytest.approx(5 / 6)
    assert figures["micro_f1"] == pytest.approx(2 * number / (2 * number + 1))
    (mistake,) = task.mistakes([*zip(TEXTS, other, strict=True)])
    assert mistake["probability"] == 1 and mistake["target"].endswith("new")
    with pytest.raises(UserError, match="labels that were seen in training"):
        task.evaluate([("a", ["new"])])


def test_the_surest_mistake_comes_first(rng):
    task = classifier(rng, thresholds=[0.5] * 3)
    probabilities = task.probabilities(TEXTS)
    rows = task.mistakes([(text, []) for text in TEXTS])
    wrong = probabilities >= 0.5
    expected = np.where(wrong, probabilities, 0).max(axis=1)[wrong.any(axis=1)]
    assert [row["probability"] for row in rows] == pytest.approx(sorted(expected)[::-1])


def test_saved_and_exported_answers_are_the_same(rng, tmp_path):
    task = classifier(rng)
    task.save(tmp_path / "run")
    loaded = kerasrnn.load(tmp_path / "run")
    assert isinstance(loaded, MultiLabelClassifier) and loaded.thresholds == task.thresholds
    assert loaded.predict(TEXTS) == task.predict(TEXTS)
    version = task.export(tmp_path / "export")
    served = tf.saved_model.load(str(version)).signatures
    outputs = {n: v.numpy() for n, v in served["serving_default"](text=tf.constant(TEXTS)).items()}
    np.testing.assert_allclose(outputs["probabilities"], task.probabilities(TEXTS), rtol=1e-5)
    np.testing.assert_array_equal(outputs["thresholds"], np.tile(np.float32(THRESHOLDS), (6, 1)))
    chosen = [
        [each.decode() for each in row[:number]]
        for row, number in zip(outputs["chosen"], outputs["number"], strict=True)
    ]
    assert chosen == task.predict(TEXTS)
    description = json.loads((version / "assets" / "kerasrnn.json").read_text())
    assert description["thresholds"] == dict(zip(LABELS, THRESHOLDS, strict=True))
    assert description["signatures"]["serving_default"]["lengths"]["chosen"] == ["number"]


def test_what_does_not_fit_is_named(rng):
    task = classifier(rng)
    for thresholds, sentence in (([0.5], "for each of 3 labels"), ([0.5, 0.5, 1.2], "thresholds")):
        with pytest.raises(UserError, match=sentence):
            task.with_thresholds(thresholds)
    with pytest.raises(UserError, match="Expected a vocabulary of"):
        MultiLabelClassifier(task.model, task.tokenizer, ["a"])


def rows_of(number=400, seed=1):
    rng = np.random.default_rng(seed)
    words = {"sport": "goal", "food": "soup", "money": "bank"}
    for _ in range(number):
        on = [label for label in words if rng.random() < 0.4]
        text = [*rng.choice(["the", "a", "it"], 3), *(words[label] for label in on)]
        yield " ".join(rng.permutation(text)), on


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("topics") / "topics.csv"
    lines = [f"{text},{'|'.join(on)}" for text, on in rows_of()]
    path.write_text("\n".join(["text,label", *lines]) + "\n")
    return path


SMALL = ["--units", "7", "--embedding", "5", "--learning-rate", "0.03", "--dropout", "0"]


def test_training_from_a_file_to_figures(data, tmp_path, capsys):
    run = tmp_path / "run"
    words = ["train", "classify", "--data", str(data), "--label-separator", "|", *SMALL]
    assert main([*words, "--epochs", "6", "--output", str(run)]) == 0
    assert "chosen on validation" in capsys.readouterr().out
    test = json.loads((run / "metrics.json").read_text())["test"]
    assert test["micro_f1"] > 0.95 and test["mean_average_precision"] > 0.95
    assert (run / "labels.png").stat().st_size > 1000
    task = kerasrnn.load(run)
    assert task.labels == ("food", "money", "sport") and len(set(task.thresholds)) > 1
    assert main(["evaluate", str(run), "--report"]) == 0
    shown = capsys.readouterr().out
    assert "average precision" in shown
    assert json.loads(shown.splitlines()[-1])["micro_f1"] == test["micro_f1"]
    (tmp_path / "a.txt").write_text("the goal bank\na\n")
    words = ["predict", str(run), str(tmp_path / "a.txt")]
    assert main(words) == 0
    assert capsys.readouterr().out == "money|sport\n\n"
    assert main([*words, "--output", str(tmp_path / "a.csv")]) == 0
    assert (tmp_path / "a.csv").read_text() == "text,labels\nthe goal bank,money|sport\na,\n"
    assert main([*words, "--probabilities", "--output", str(tmp_path / "a.jsonl")]) == 0
    record = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])
    assert record["labels"] == ["money", "sport"] and len(record["probabilities"]) == 3


def job(data, **changes):
    given = {"label_separator": "|", "units": 3, "embedding": 2, **changes}
    return MultiLabelJob(options.Classify(data=str(data), **given))


def test_a_label_without_validation_texts_keeps_one_half(data, tmp_path, rng, capsys):
    task = classifier(rng)
    task.save(tmp_path / "run")
    rows = [("cab", ["insult"]), ("aa", []), ("b", ["toxic"])]
    decided = job(data).decided(task, task.raw(rows), tmp_path / "run")
    assert decided.thresholds[1] == 0.5
    assert "threshold 0.5 for labels that no validation text has: threat" in capsys.readouterr().out
    assert kerasrnn.load(tmp_path / "run").thresholds == decided.thresholds
    for i in (0, 2):  # the highest F1 there is
        has = np.array([LABELS[i] in labels for _, labels in rows])
        scores = task.probabilities([text for text, _ in rows])[:, i]
        f1 = [sklearn_metrics.f1_score(has, scores >= each) for each in scores]
        mine = sklearn_metrics.f1_score(has, scores >= np.float32(decided.thresholds[i]))
        assert mine == pytest.approx(max(f1))
    fixed = job(data, threshold=0.25)
    assert fixed.decided(task, None, tmp_path / "run") is task


@pytest.mark.parametrize(
    "last, more, sentence",
    [
        ("a,new", [], "the labels of the test split to be those of the training split"),
        ("a,x", ["--class-weights", "y=2"], "to be 'balanced' or such as x=2,z=0.5"),
        ("a,NaN", [], "line 21: expected labels"),
    ],
)
def test_bad_input_is_one_sentence(last, more, sentence, tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text,label", *["a b,x|z"] * 19, last]) + "\n")
    words = ["train", "classify", "--data", str(path), "--output", str(tmp_path / "run")]
    assert main([*words, "--label-separator", "|", *more]) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "run").exists()


def test_training_without_any_label(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text,label", *["a b,"] * 40]) + "\n")
    with pytest.raises(UserError, match="Expected texts with labels"):
        job(path).run(tmp_path / "run")


@pytest.mark.parametrize("wanted", ["balanced", "money=3"])
def test_weights_are_in_the_loss_of_a_training(wanted, data, tmp_path, rng):
    given = {"data": str(data), "label_separator": "|", "class_weights": wanted, "seed": 3}
    small = {"units": 3, "embedding": 2, "epochs": 1, "label_smoothing": 0.0}
    kerasrnn.train(options.Classify(**given, **small), tmp_path / "run")
    loss = kerasrnn.load(tmp_path / "run").model.loss
    rows = [on for i, (_, on) in enumerate(rows_of()) if i % 20 < 18]
    labels = ["food", "money", "sport"]
    counts = np.array([sum(label in on for on in rows) for label in labels])
    present, absent = len(rows) / (2 * counts), len(rows) / (2 * (len(rows) - counts))
    if wanted != "balanced":
        present, absent = np.array([1.0, 3.0, 1.0]), np.ones(3)
    right, logits = (rng.random((11, 3)) < 0.4).astype("float32"), rng.normal(size=(11, 3))
    p = 1 / (1 + np.exp(-logits))
    terms = np.where(right == 1, -present * np.log(p), -absent * np.log(1 - p))
    assert float(loss(right, logits)) == pytest.approx(terms.mean(), rel=1e-5)
