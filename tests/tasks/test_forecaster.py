"""The forecaster: predictions against NumPy, saving, exporting, and input that is wrong."""

import csv
import gzip
import json

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import Forecaster, many_to_one
from kerasrnn.checks import UserError
from kerasrnn.cli import main
from kerasrnn.datasets import Series, WindowScale
from kerasrnn.files import number_text

T, W, H = 61, 5, 3
COLUMNS, TARGETS, PLACES = ("a", "b", "c"), ("c", "a"), [2, 0]


@pytest.fixture
def series(rng):
    return Series(COLUMNS, rng.normal([1000.0, -2.0, 0.5], [3.0, 0.1, 70.0], (T, 3)).cumsum(0))


@pytest.fixture
def task(series):
    model = many_to_one((3,), H * 2, units=7)
    scale = WindowScale.fit(series, W)
    return Forecaster(model, COLUMNS, TARGETS, W, H, scale, {"data": "x.csv"})


def windows_of(series):
    return [series.values[i : i + W] for i in range(11)]


def test_predictions_against_numpy(task, series):
    windows = np.stack(windows_of(series))
    deviation = np.array(task.scale.deviation)
    features = ((windows - windows[:, -1:]) / deviation).astype("float32")
    outputs = task.model({"features": features, "mask": np.ones((11, W), bool)}).numpy()
    expected = outputs.reshape(11, H, 2) * deviation[PLACES] + windows[:, -1:, PLACES]
    answers = task.predict(iter(windows), batch_size=4)
    assert len(answers) == 11 and answers[0].shape == (H, 2)
    np.testing.assert_allclose(answers, expected, rtol=1e-6, atol=1e-6)
    assert answers[0].dtype == "float64"
    assert task.predict([]) == []


@pytest.mark.parametrize("constant", [1e9, 2.0**40, -1e12])
@pytest.mark.parametrize("offset", ["last", "mean"])
def test_a_constant_that_is_added_is_added_to_the_forecast(constant, offset, rng):
    values = rng.normal(size=(T, 1)).cumsum(0)
    tasks = []
    model = many_to_one((1,), H, units=7)
    for numbers in (values, values + constant):
        one = Series(("a",), numbers)
        tasks.append(Forecaster(model, "a", "a", W, H, WindowScale.fit(one, W, offset)))
    windows = [values[i : i + W] for i in range(11)]
    near = tasks[0].predict(windows)
    far = tasks[1].predict([window + constant for window in windows])
    digits = abs(constant) * 2**-50  # what is left of them beside the constant
    np.testing.assert_allclose(np.subtract(far, constant), near, rtol=1e-5, atol=digits + 1e-6)
    errors = [
        t.evaluate(Series(("a",), values + c)) for t, c in zip(tasks, (0, constant), strict=True)
    ]
    assert errors[1] == pytest.approx(errors[0], rel=1e-3)


def test_a_forecast_has_the_decimals_that_its_model_can_know(series):
    """Those of a float32 of the change; and with no change, exactly the last number."""
    model = many_to_one((3,), H * 2, units=7)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    scale = WindowScale("last", (0.0,) * 3, (7e4, 1.0, 0.003))
    still = Forecaster(model, COLUMNS, TARGETS, W, H, scale)
    window = np.array([[1234400.125, 5.0, 1e9 + 0.2]] * W)
    (forecast,) = still.predict([window])
    assert [number_text(number) for number in forecast[0]] == ["1000000000.2", "1234400.125"]
    (forecast,) = Forecaster(many_to_one((3,), H * 2), COLUMNS, TARGETS, W, H, scale).predict(
        [series.values[:W]]
    )
    for number, unit in zip(forecast[-1], (0.003, 7e4), strict=True):
        assert 0 < len(number_text(number).partition(".")[2]) <= 9 - np.log10(unit)


def test_decimals_of_an_optimized_graph(series):
    """As the command line runs it: a product with 1e-8 is no division by 1e8."""
    scale = WindowScale.fit(series, W)
    model = many_to_one((3,), H * 2, units=7)
    options = {"disable_meta_optimizer": False}
    before = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options(options)
    try:
        task = Forecaster(model, COLUMNS, TARGETS, W, H, scale)
        forecasts = np.array(task.predict([series.values[i : i + W] for i in range(T - W)]))
    finally:
        tf.config.optimizer.set_experimental_options(before)
    for numbers, place in zip(np.moveaxis(forecasts, -1, 0), PLACES, strict=True):
        most = 9 - np.floor(np.log10(scale.deviation[place]))
        assert all(len(number_text(n).partition(".")[2]) <= most for n in numbers.ravel())


def test_one_column_needs_no_second_dimension(series):
    one = Series(("a",), series.values[:, :1])
    task = Forecaster(
        many_to_one((1,), 1, units=3), ["a"], ["a"], W, 1, WindowScale.fit(one, W, "mean")
    )
    flat, square = task.predict([one.values[:W, 0], one.values[:W]])
    np.testing.assert_array_equal(flat, square)


def test_evaluate_against_a_loop(task, series):
    metrics = task.evaluate(series, batch_size=7)
    errors, unchanged = [], []
    for i in range(T - W - H + 1):
        window, following = series.values[i : i + W], series.values[i + W : i + W + H, PLACES]
        errors.append(task.predict([window])[0] - following)
        unchanged.append(np.stack([window[-1, PLACES]] * H) - following)
    assert metrics == pytest.approx(
        {
            "mae": np.abs(errors).mean(),
            "rmse": np.sqrt(np.mean(np.square(errors))),
            "last_value_mae": np.abs(unchanged).mean(),
            "last_value_rmse": np.sqrt(np.mean(np.square(unchanged))),
            "examples": T - W - H + 1,
        },
        rel=1e-4,
    )
    with pytest.raises(ValueError, match="Expected the columns"):
        task.evaluate(Series(COLUMNS[::-1], series.values))


def test_a_model_that_says_nothing_changes_is_the_last_value(task, series):
    task.model.set_weights([np.zeros_like(weight) for weight in task.model.get_weights()])
    metrics = task.evaluate(series)
    assert metrics["mae"] == pytest.approx(metrics["last_value_mae"], rel=1e-5)
    assert metrics["rmse"] == pytest.approx(metrics["last_value_rmse"], rel=1e-5)
    np.testing.assert_allclose(
        task.predict([series.values[:W]])[0], [series.values[W - 1, PLACES]] * H, rtol=1e-6
    )


def test_a_reloaded_forecaster_is_bit_equal(task, series, tmp_path):
    task.save(tmp_path / "task")
    loaded = kerasrnn.load(tmp_path / "task")
    assert isinstance(loaded, Forecaster)
    for name in ("columns", "targets", "window", "horizon", "scale", "settings"):
        assert getattr(loaded, name) == getattr(task, name)
    windows = windows_of(series)
    np.testing.assert_array_equal(loaded.predict(windows), task.predict(windows))


@pytest.mark.slow
def test_the_export_runs_alone_and_agrees(task, series, tmp_path):
    windows = windows_of(series)[:2]
    folder = task.export(tmp_path / "model", windows, signatures=())
    answers = kerasrnn.export.run_elsewhere(folder, task.served_inputs(windows), "forecast")
    np.testing.assert_allclose(answers, task.predict(windows), rtol=1e-9)
    assert task.export(tmp_path / "model", signatures=()).name == "2"
    served = tf.saved_model.load(folder).signatures["serving_default"]
    assert served.structured_input_signature[1]["window"].shape == (None, W, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected finite numbers"):
        served(window=tf.fill((1, W, 3), np.float64(np.nan)))
    with pytest.raises(tf.errors.InvalidArgumentError, match="fit a float32"):
        served(window=tf.constant([[[3e38] * 3] * (W - 1) + [[-3e48] * 3]], tf.float64))


def test_lines_of_the_command_line(task, tmp_path):
    numbers = np.arange(W * 3) / 7
    (tmp_path / "long.csv").write_text(
        "day,c,b,a\nMo,9,9,9\n" + "".join(f"Di,{c},{b},{a}\n" for a, b, c in numbers.reshape(W, 3))
    )
    line = " " + ", ".join(map(str, numbers)) + "\t"
    for folder, path in ((tmp_path, "long.csv"), (".", str(tmp_path / "long.csv"))):
        windows = task.parse_lines([line, path], folder)
        np.testing.assert_array_equal(windows, [numbers.reshape(W, 3)] * 2)


@pytest.mark.parametrize("line", ["", "\0", "1,2", "😀", "1,," * 9, "9" * 9_999, "1," * 14 + "x"])
def test_lines_that_are_no_window(task, line):
    with pytest.raises(ValueError, match="Expected 15 numbers.*5 rows of a, b, c") as caught:
        task.parse_lines([line])
    assert len(str(caught.value)) < 250


def test_a_file_that_is_not_there_or_too_short(task, tmp_path):
    with pytest.raises(ValueError, match="nowhere.csv"):
        task.parse_lines(["nowhere.csv"])
    (tmp_path / "short.csv").write_text("a,b,c\n1,2,3\n")
    with pytest.raises(ValueError, match="short.csv: expected at least 5 rows.*Received: 1"):
        task.parse_lines(["short.csv"], tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf, 10**309, "one", None, [1, [2]]])
def test_numbers_that_are_not_finite(task, value):
    with pytest.raises(ValueError, match="Expected (finite numbers|a window of)"):
        task.predict([[[value] * 3] * W])


def test_numbers_that_are_large_or_too_far_from_each_other(task):
    (forecast,) = task.predict([np.full((W, 3), 1e39)])
    np.testing.assert_allclose(forecast, 1e39)
    window = np.full((W, 3), 1e39)
    window[-1] *= -1e9
    with pytest.raises(ValueError, match=r"fit a float32. Received: -1e\+48 to 1e\+39"):
        task.predict([window])


@pytest.mark.parametrize("shape", [(W,), (W, 2), (W + 1, 3), (1, W, 3)])
def test_windows_of_another_shape(task, shape):
    with pytest.raises(ValueError, match=r"Expected a window of the shape \(5, 3\)"):
        task.predict([np.zeros(shape)])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"columns": ["a", "c"]}, "Expected 3 columns and 6 numbers"),
        ({"horizon": 2}, "Expected 3 columns and 6 numbers"),
        ({"targets": ["a", "d"]}, "targets among the columns.*'d'"),
        ({"scale": WindowScale("last", (0.0,), (1.0,))}, "1 scales"),
    ],
)
def test_parts_that_do_not_fit_the_model(task, changes, message):
    parts = {"columns": COLUMNS, "targets": TARGETS, "window": W, "horizon": H}
    with pytest.raises(ValueError, match=message):
        Forecaster(task.model, **{**parts, "scale": task.scale, **changes})


NUMBERS = np.arange(7 * 3).reshape(7, 3) / 8


@pytest.mark.parametrize(
    "name, separator, lines",
    [
        ("new.csv", ",", ["day,c,note,b,a", *(f"x,{c},x,{b},{a}" for a, b, c in NUMBERS)]),
        ("new.CSV", ";", ["b;c;a", *(f"{b};{c};{a}".replace(".", ",") for a, b, c in NUMBERS)]),
        ("new.tsv", "\t", ["a\tb\tc", *(f"{a}\t{b}\t{c}" for a, b, c in NUMBERS)]),
        ("new.jsonl", "", [f'{{"b": {b}, "a": {a}, "c": "{c}"}}' for a, b, c in NUMBERS]),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_whole_file(task, tmp_path, name, separator, lines, pack):
    path = tmp_path / (name + (".gz" if pack is gzip.compress else ""))
    path.write_bytes(pack(b"\xef\xbb\xbf" + "\r\n".join([*lines, "", ""]).encode()))
    np.testing.assert_array_equal(task.read_window(path).values, NUMBERS)
    forecast = task.forecast(task.read_window(path))
    assert (forecast.columns, forecast.time_name) == (TARGETS, "step")
    assert forecast.times == ("1", "2", "3")
    np.testing.assert_array_equal(forecast.values, task.predict([NUMBERS[-W:]])[0])


@pytest.mark.parametrize(
    "times, name, following",
    [
        (
            [f"2016-06-{day}" for day in range(24, 31)],
            "t",
            [f"2016-07-0{day}" for day in (1, 2, 3)],
        ),
        # A week without its end is regular in the window alone.
        ([f"2016-07-{day:02}" for day in (1, 4, 5, 6, 7, 8, 11)], "step", ["1", "2", "3"]),
        (["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"], "step", ["1", "2", "3"]),
    ],
)
def test_times_of_a_whole_file(task, tmp_path, times, name, following):
    path = tmp_path / "new.csv"
    rows = zip(times, NUMBERS, strict=True)
    path.write_text("t,a,b,c\n" + "".join(f"{t},{','.join(map(str, row))}\n" for t, row in rows))
    forecast = task.forecast(task.read_window(path))
    assert (forecast.time_name, list(forecast.times)) == (name, following)


@pytest.mark.parametrize(
    "text, message",
    [
        ("a,b,d\n1,2,3\n", "new.csv: expected distinct columns among a, b, d. Received: a, b, c"),
        ("1,2,3\n" * W, "new.csv: expected distinct columns among 1, 2, 3. Received: a, b, c"),
        ("a,b,c\n" + "1,2,3\n" * 4, "new.csv: expected at least 5 rows.*Received: 4"),
        ("a,b,c\n1,2,\n", "new.csv, line 2, column 'c': expected a finite number. Received: ''"),
    ],
)
def test_whole_files_that_do_not_fit(task, tmp_path, text, message):
    (tmp_path / "new.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        task.read_window(tmp_path / "new.csv")


def test_a_series_that_does_not_fit(task, series):
    with pytest.raises(UserError, match="Expected the columns.*'a', 'b', 'c'.*'c', 'b', 'a'"):
        task.forecast(Series(COLUMNS[::-1], series.values))
    with pytest.raises(UserError, match=r"shape \(5, 3\)"):
        task.forecast(series.rows(0, W - 1))


@pytest.fixture
def run(task, tmp_path, monkeypatch):
    """A folder in which the command line finds the task without loading it."""
    (tmp_path / "run").mkdir()
    for name in ("config.json", "model.keras"):
        (tmp_path / "run" / name).write_text("{}")
    monkeypatch.setattr("kerasrnn.tasks.load", lambda run: task)
    return str(tmp_path / "run")


def dated_file(path, dates):
    rows = zip(dates, NUMBERS, strict=True)
    path.write_text("day,a,b,c\n" + "".join(f"{d},{','.join(map(str, row))}\n" for d, row in rows))
    return str(path)


def test_the_command_line_forecasts_a_file(task, run, tmp_path, capsys):
    file = dated_file(tmp_path / "new.csv", [f"{i}.1.2016 0:00" for i in range(1, 8)])
    (expected,) = task.predict([NUMBERS[-W:]])
    assert main(["predict", run, file]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == [f"{i}.1.2016 0:00" for i in (8, 9, 10)]
    assert [[float(number) for number in line[1:]] for line in lines] == expected.tolist()
    assert main(["predict", run, file, "--output", str(tmp_path / "out.csv")]) == 0
    with open(tmp_path / "out.csv", newline="") as written:
        header, *rows = csv.reader(written)
    assert header == ["input", "time", *TARGETS]
    assert [row[1:] for row in rows] == lines
    assert main(["predict", run, file, "--output", str(tmp_path / "out.jsonl")]) == 0
    record = json.loads((tmp_path / "out.jsonl").read_text())
    assert record["times"] == [line[0] for line in lines]
    assert [record[name] for name in TARGETS] == expected.T.tolist()


def test_the_command_line_numbers_steps_without_dates(task, run, tmp_path, capsys):
    file = dated_file(tmp_path / "new.csv", [*"abcdefg"])
    assert main(["predict", run, file]) == 0
    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == [*"123"]
    assert main(["predict", run, file, "--output", str(tmp_path / "out.csv")]) == 0
    (tmp_path / "lines.txt").write_text(f"{file}\n" + ",".join(map(str, NUMBERS[-W:].ravel())))
    capsys.readouterr()
    assert main(["predict", run, str(tmp_path / "lines.txt")]) == 0  # a window a line
    one, other = capsys.readouterr().out.splitlines()
    assert one == other and len(one.split(" ")) == H * 2
    header, *rows = (tmp_path / "out.csv").read_text().splitlines()
    assert header == "input,step,c,a" and [row[:4] for row in rows] == ["1,1,", "1,2,", "1,3,"]
