"""A regressor of sequences of vectors: its answers by hand, training from files, export."""

import json

import numpy as np
import pytest
import tensorflow as tf
from sklearn import metrics as sklearn_metrics

import kerasrnn
from kerasrnn import VectorRegressor, export, many_to_one
from kerasrnn.cli.main import main
from kerasrnn.datasets import VectorScale
from kerasrnn.metrics import TargetScale

SCALE = VectorScale((1.0, -2.0), (0.5, 3.0))
TARGETS = TargetScale.fit(
    [[1.5, 2000.0, 1.0], [2.5, 5000.0, 2.0], [4.0, 1000.0, 5.0]], ["load", "price of it", "oil"]
)


def regressor(**options):
    model = many_to_one((2,), 3, units=5, **options)
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    return VectorRegressor(model, SCALE, TARGETS, ["a", "b"])


@pytest.fixture
def sequences(rng):
    return [rng.normal(size=(n, 2)).astype("float32") for n in (7, 1, 3, 11, 2)]


@pytest.mark.parametrize("pooling", ["last", "attention"])
def test_answers_are_those_of_the_model_in_units_of_the_targets(pooling, sequences):
    task = regressor(bidirectional=True, pooling=pooling)
    answers = task.predict(sequences, batch_size=2)
    for steps, answer in zip(sequences, answers, strict=True):
        scaled = ((steps - SCALE.mean) / SCALE.deviation).astype("float32")[np.newaxis]
        mask = np.ones(scaled.shape[:2], bool)
        outputs = np.asarray(task.model({"features": scaled, "mask": mask}), "float64")[0]
        expected = outputs * TARGETS.deviation + TARGETS.mean
        assert answer.shape == (3,) and answer.dtype == np.float64
        unit = np.array(TARGETS.deviation)
        np.testing.assert_allclose(answer / unit, expected / unit, rtol=1e-4, atol=1e-5)
    assert task.predict([]) == [] and task.targets == TARGETS.targets


def test_padding_changes_nothing(sequences):
    function = regressor().signatures.functions["serving_default"]
    features, length = regressor().padded(sequences)
    expected = function(features, length)["numbers"].numpy()
    junk = np.pad(features, [(0, 0), (0, 5), (0, 0)])
    for row, end in zip(junk, length, strict=True):
        row[end:] = np.nan
    np.testing.assert_allclose(function(junk, length)["numbers"].numpy(), expected, rtol=1e-5)


def test_figures_by_sklearn(sequences, rng):
    task = regressor()
    right = TARGETS.unscale(rng.normal(size=(5, 3)))
    figures = task.evaluate([*zip(sequences, right.tolist(), strict=True)])
    answers = np.stack(task.predict(sequences))
    for i, name in enumerate(TARGETS.targets):
        of_one = right[:, i], answers[:, i]
        mae = sklearn_metrics.mean_absolute_error(*of_one)
        assert figures[f"mae_of_{name}"] == pytest.approx(mae, rel=1e-6)
        mse = sklearn_metrics.mean_squared_error(*of_one)
        assert figures[f"rmse_of_{name}"] == pytest.approx(mse**0.5, rel=1e-6)
        r2 = sklearn_metrics.r2_score(*of_one)
        assert figures[f"r2_of_{name}"] == pytest.approx(r2, rel=1e-5)
        constant = np.abs(right[:, i] - TARGETS.median[i]).mean()
        assert figures[f"constant_mae_of_{name}"] == pytest.approx(constant)
    errors = task.mistakes([*zip(sequences, right.tolist(), strict=True)])
    assert len(errors) == 15 and {row["input"] for row in errors} == {1, 2, 3, 4, 5}
    worst = np.unravel_index(np.abs((answers - right) / TARGETS.deviation).argmax(), (5, 3))
    assert errors[0]["input"] == worst[0] + 1 and errors[0]["name"] == TARGETS.targets[worst[1]]


def test_save_load_and_export_answer_as_it_does(sequences, tmp_path):
    task = regressor()
    task.save(tmp_path / "run")
    other = kerasrnn.load(tmp_path / "run")
    assert type(other) is VectorRegressor and other.columns == ("a", "b")
    assert (other.scale, other.target_scale) == (SCALE, TARGETS)
    expected = np.stack(task.predict(sequences))
    np.testing.assert_array_equal(np.stack(other.predict(sequences)), expected)
    folder = task.export(tmp_path / "model", sequences)
    served = tf.saved_model.load(folder).signatures
    features, length = task.padded(sequences)
    inputs = {"features": tf.constant(features), "length": tf.constant(length)}
    outputs = served["serving_default"](**inputs)
    np.testing.assert_allclose(outputs["numbers"].numpy(), expected, rtol=1e-6)
    assert [each.decode() for each in outputs["targets"].numpy()[0]] == list(TARGETS.targets)
    vector = served["encode"](**inputs)["vector"].numpy()
    np.testing.assert_allclose(vector, task.encode(sequences), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_another_process_answers_alike(sequences, tmp_path):
    task = regressor()
    folder = task.export(tmp_path / "model", sequences)
    served = task.served_inputs(sequences)
    answers = export.run_elsewhere(folder, served, task.served_answer)
    np.testing.assert_allclose(answers, np.stack(task.predict(sequences)), rtol=1e-6)


def test_wrong_parts(sequences):
    for scale, targets, sentence in (
        (VectorScale((1.0,), (1.0,)), TARGETS, "of 2 features"),
        (SCALE, TargetScale.fit([[1.0], [2.0]], ["load"]), "as many targets as the model's"),
        (
            SCALE,
            TargetScale.fit([[1.0] * 3, [2.0] * 3], ["a", "b", "sequence"]),
            "other names than that of the sequence",
        ),
    ):
        with pytest.raises(ValueError, match=sentence):
            VectorRegressor(many_to_one((2,), 3, units=5), scale, targets)
    assert regressor().mistakes([]) == []
    with pytest.raises(ValueError, match="Expected 3 numbers for each sequence. Received: 1"):
        regressor().evaluate([(sequences[0], 1.0)])
    with pytest.raises(ValueError, match="finite numbers. Received: .* for 1"):
        regressor().evaluate([(sequences[0], [1.0, float("nan"), 2.0])])
    with pytest.raises(ValueError, match="chooses among classes"):
        regressor().records(sequences, probabilities=True)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Sums and lengths of sequences."""
    rng = np.random.default_rng(1)
    lines = ["day,hour,a,b,sum,length"]
    for i in range(200):
        steps = rng.normal(size=(rng.integers(1, 6), 2)).round(3)
        about = f"{steps[:, 0].sum():.3f},{len(steps)}"
        lines += [f"d{i},{t},{a},{b},{about}" for t, (a, b) in enumerate(steps.tolist())]
    path = tmp_path_factory.mktemp("regress") / "sums.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


SMALL = ["--units", "7", "--batch-size", "7", "--learning-rate", "0.03", "--dropout", "0"]


def test_the_command_line_trains_evaluates_predicts_and_exports(data, tmp_path, capsys):
    run = str(tmp_path / "run")
    words = ["train", "regress", "--data", str(data), "--features"]
    words += ["id=day,time=hour,number=sum+length", *SMALL, "--epochs", "8"]
    assert main([*words, "--output", run]) == 0
    assert "sum: mean" in capsys.readouterr().out
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())["test"]
    assert metrics["examples"] == 10
    assert metrics["scaled_mae"] < 0.6 * metrics["constant_scaled_mae"]
    assert (tmp_path / "run" / "predicted.png").stat().st_size > 1000
    assert kerasrnn.load(run).columns == ("a", "b")
    assert main(["evaluate", run, "--report", "--errors", str(tmp_path / "e.csv")]) == 0
    shown = capsys.readouterr().out
    assert "the errors, the largest first: 20" in shown and "sum predicted from" in shown
    figures = json.loads(shown.splitlines()[-1])
    assert figures["mae_of_sum"] == pytest.approx(metrics["mae_of_sum"], rel=1e-6)
    assert len((tmp_path / "e.csv").read_text().splitlines()) == 21
    # A file without what is to be predicted, its columns elsewhere.
    (tmp_path / "new.csv").write_text("b,day,a,hour\n1,x,0.5,0\n2,x,0.25,1\n1,y,3,0\n")
    expected = kerasrnn.load(run).predict([[[0.5, 1], [0.25, 2]], [[3, 1]]])
    for name in ("a.csv", "a.jsonl"):
        table = tmp_path / name
        assert main(["predict", run, str(tmp_path / "new.csv"), "--output", str(table)]) == 0
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [row["sequence"] for row in rows] == ["x", "y"]
    assert [list(row) for row in rows] == [["sequence", "sum", "length"]] * 2
    np.testing.assert_allclose([row["sum"] for row in rows], [each[0] for each in expected])
    assert (tmp_path / "a.csv").read_text().splitlines()[0] == "sequence,sum,length"
    capsys.readouterr()
    assert main(["predict", run, str(tmp_path / "run" / "examples" / "0.npy")]) == 0
    assert len(capsys.readouterr().out.split("\t")) == 2
    assert main(["export", run, str(tmp_path / "model")]) == 0


def test_dry_run_and_bad_input(data, tmp_path, capsys):
    words = ["train", "regress", "--output", str(tmp_path / "run"), *SMALL, "--data"]
    named = ["--features", "id=day,time=hour,number=length"]
    assert main([*words, str(data), *named, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "180 sequences" in shown and "length: mean" in shown
    np.savez(tmp_path / "a.npz", features=np.ones((40, 3, 2)), numbers=np.ones(40))
    constant = str(tmp_path / "a.npz")
    for more, sentence in (
        ([constant], "'number' that differ from example to example"),
        ([str(data), *named, "--word-dropout", "0.1"], "Expected no `word_dropout`"),
        ([str(data), *named, "--cache", str(tmp_path / "c")], "Expected no `cache`"),
        ([str(data), *named, "--vectors", str(data)], "Expected no `vectors`"),
        ([str(data), "--features", "id=day,number=mass"], "number=NAME. Received: 'mass'"),
    ):
        assert main([*words, *more]) == 2
        shown = capsys.readouterr()
        assert sentence in " ".join((shown.err + shown.out).split())
        assert not (tmp_path / "run").exists()
