"""A regressor from raw text to numbers: predictions, figures, saving, export, training."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics as sklearn_metrics

import kerasrnn
from kerasrnn import Regressor, Tokenizer, Vocabulary, many_to_one, options
from kerasrnn.checks import UserError
from kerasrnn.cli.main import main
from kerasrnn.metrics import TargetScale
from kerasrnn.tasks.regress.job import RegressionJob

TEXTS = ["cab", "", "?!", "ab" * 29, "a\nb\x00c", "שלום 😀"]
TARGETS = ["stars", "price of it"]


def scale_of(rng, targets=2):
    numbers = np.array([3.0, 1234567.0])[:targets] + rng.normal(size=(19, targets)) * [
        [1.5, 1000.0][:targets]
    ]
    return TargetScale.fit(numbers, TARGETS[:targets])


def regressor(rng, pooling="attention", targets=2, **options):
    tokenizer = Tokenizer(Vocabulary("abc\n😀"))
    model = many_to_one(
        len(tokenizer.vocabulary), targets, units=5, embedding=7, pooling=pooling, **options
    )
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return Regressor(model, tokenizer, scale_of(rng, targets))


@pytest.mark.parametrize("pooling", ["last", "attention"])
def test_predictions_are_those_of_the_model_in_units_of_the_targets(pooling, rng):
    task = regressor(rng, pooling, bidirectional=True)
    for text, answer in zip(TEXTS, task.predict(TEXTS), strict=True):
        outputs = task.model(task.tokenizer.pad(task.tokenizer.encode([text])))
        expected = np.asarray(outputs, "float64")[0] * task.scale.deviation + task.scale.mean
        assert answer.shape == (2,) and answer.dtype == np.float64
        np.testing.assert_allclose(answer, expected, rtol=1e-5)
    alone = np.stack(task.predict(TEXTS, batch_size=1))
    np.testing.assert_allclose(np.stack(task.predict(TEXTS)), alone, rtol=1e-5)  # padding is none
    assert task.predict([]) == []


def test_figures_by_sklearn(rng):
    task = regressor(rng)
    right = task.scale.unscale(rng.normal(size=(len(TEXTS), 2)))
    figures = task.evaluate([*zip(TEXTS, right.tolist(), strict=True)])
    answers = np.stack(task.predict(TEXTS))
    for i, name in enumerate(TARGETS):
        of_one = right[:, i], answers[:, i]
        mae = sklearn_metrics.mean_absolute_error(*of_one)
        assert figures[f"mae_of_{name}"] == pytest.approx(mae, rel=1e-6)
        r2 = sklearn_metrics.r2_score(*of_one)
        assert figures[f"r2_of_{name}"] == pytest.approx(r2, rel=1e-5)
    both = sklearn_metrics.r2_score(right, answers)
    assert figures["r2"] == pytest.approx(both, rel=1e-5)


def test_the_largest_errors_come_first(rng):
    task = regressor(rng, targets=1)
    answers = np.stack(task.predict(TEXTS))[:, 0]
    right = answers + [0.0, 1.0, -5.0, 2.0, 0.5, -0.1]
    rows = task.mistakes([*zip(TEXTS, right.tolist(), strict=True)])
    assert [row["input"] for row in rows[:3]] == [TEXTS[2], TEXTS[3], TEXTS[1]]
    assert rows[0]["error"] == pytest.approx(5.0) and rows[0]["name"] == "stars"
    assert len(rows) == len(TEXTS)


@pytest.mark.parametrize("targets", [1, 2])
def test_saved_and_exported_answers_are_the_same(targets, rng, tmp_path):
    task = regressor(rng, targets=targets)
    task.save(tmp_path / "run")
    loaded = kerasrnn.load(tmp_path / "run")
    assert isinstance(loaded, Regressor) and loaded.scale == task.scale
    expected = np.stack(task.predict(TEXTS))
    np.testing.assert_array_equal(np.stack(loaded.predict(TEXTS)), expected)
    served = tf.saved_model.load(str(task.export(tmp_path / "export"))).signatures
    outputs = served["serving_default"](text=tf.constant(TEXTS))
    np.testing.assert_allclose(outputs["numbers"].numpy(), expected, rtol=1e-6)
    names = [each.decode() for each in outputs["targets"].numpy()[0]]
    assert names == TARGETS[:targets]
    assert outputs["attention"].shape == outputs["tokens"].shape
    vector = served["encode"](text=tf.constant(TEXTS))["vector"].numpy()
    np.testing.assert_allclose(vector, task.encode(TEXTS), rtol=1e-5, atol=1e-6)


def test_what_does_not_fit_is_named(rng):
    task = regressor(rng, targets=1)
    other = TargetScale.fit([[1.0, 2.0], [2.0, 1.0]], ["x", "z"])
    for scale, sentence in (
        (other, "9 ids and 1 targets, as the model has. Received: 9 and 2"),
        (TargetScale.fit([[1.0], [2.0]], ["text"]), "other names than that of the text"),
    ):
        with pytest.raises(UserError, match=sentence):
            Regressor(task.model, task.tokenizer, scale)
    with pytest.raises(UserError, match="Expected 1 numbers for each text. Received: 2"):
        task.evaluate([("a", [1.0, 2.0])])
    with pytest.raises(UserError, match="finite numbers. Received: .nan. for 'a'"):
        task.evaluate([("a", float("nan"))])
    with pytest.raises(UserError, match="that chooses among classes"):
        task.records(["a"], probabilities=True)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Sums of words that stand for numbers, exactly."""
    rng = np.random.default_rng(1)
    words = {"one": 1, "two": 2, "five": 5, "the": 0}
    rows = ["text,sum,words"]
    for _ in range(400):
        chosen = rng.choice([*words], rng.integers(1, 5))
        rows.append(f"{' '.join(chosen)},{sum(words[each] for each in chosen)},{len(chosen)}")
    path = tmp_path_factory.mktemp("regress") / "sums.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


SMALL = {"units": 7, "embedding": 5, "epochs": 2, "batch_size": 32, "dropout": 0.0}


def words_of(data, run, *more):
    features = "text=text,number=sum+words"
    return ["train", "regress", "--data", data, "--features", features, "--output", run, *more]


def test_training_from_a_file_to_figures(data, tmp_path, capsys):
    run = tmp_path / "run"
    more = ["--units", "7", "--epochs", "8", "--learning-rate", "0.02", "--dropout", "0"]
    assert main([*map(str, words_of(data, run, *more))]) == 0
    metrics = json.loads((run / "metrics.json").read_text())["test"]
    assert metrics["scaled_mae"] < 0.6 * metrics["constant_scaled_mae"]
    assert metrics["rmse_of_sum"] < metrics["constant_rmse_of_sum"]
    assert (run / "predicted.png").stat().st_size > 1000
    capsys.readouterr()
    assert main(["evaluate", str(run), "--report", "--errors", str(tmp_path / "e.csv")]) == 0
    shown = capsys.readouterr().out
    assert "the errors, the largest first: 40" in shown and "sum predicted from" in shown
    figures = json.loads(shown.splitlines()[-1])
    assert figures["mae_of_sum"] == pytest.approx(metrics["mae_of_sum"], rel=1e-6)
    (tmp_path / "a.txt").write_text("one two\nthe\n")
    table = tmp_path / "answers.csv"
    words = ["predict", str(run), str(tmp_path / "a.txt")]
    assert main([*words, "--output", str(table)]) == 0
    assert table.read_text().splitlines()[0] == "text,sum,words"
    capsys.readouterr()
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [len(line.split("\t")) for line in lines] == [2, 2]
    assert main([*words, "--probabilities"]) == 2
    assert "chooses among classes" in capsys.readouterr().err


def test_losses_and_what_they_answer():
    for loss, cls in (("mse", "MeanSquaredError"), ("mae", "MeanAbsoluteError")):
        job = RegressionJob(options.Regress(data="x.csv", loss=loss))
        assert type(job.loss()).__name__ == cls
    huber = RegressionJob(options.Regress(data="x.csv", loss="huber")).loss()
    assert isinstance(huber, keras.losses.Huber) and huber.reduction == "mean_with_sample_weight"


def test_padding_changes_nothing_of_the_loss(rng):
    """What fills a batch up weighs nothing."""
    task = regressor(rng, targets=1)
    job = RegressionJob(options.Regress(data="x.csv"))
    raw = task.raw([("cab", 3.0), ("b", 4.0), ("aa", 1.0)])
    losses = []
    for static in (False, True):
        batches = job.examples(task, raw).batches(5, static_shapes=static)
        ((x, y, weights),) = batches
        losses.append(float(job.loss()(y, task.model(x), weights)))
    assert len(set(weights.numpy())) == 2  # with static shapes there are rows of weight 0
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


@pytest.mark.parametrize(
    "rows, more, sentence",
    [
        (["text,number", *["a b,1"] * 40], [], "'number' that differ from example to example"),
        (["text,number", *["a b,x"] * 40], [], "line 2: expected a number in the column number"),
        (["text,number", *["a b,1"] * 9], [], "at least 20 lines"),
        (["text,number", "a,1"], ["--loss", "mape"], "loss"),
    ],
)
def test_bad_input_is_one_sentence(rows, more, sentence, tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(rows) + "\n")
    words = ["train", "regress", "--data", str(path), "--output", str(tmp_path / "run"), *more]
    assert main(words) == 2
    shown = capsys.readouterr()
    assert sentence in " ".join((shown.err + shown.out).split())
    assert not (tmp_path / "run").exists()
