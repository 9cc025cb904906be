"""Forecasters of series: what they read, what they answer, and that an export is the same."""

import csv
import dataclasses
import datetime
import json
import math
import random
import re

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn import options
from kerasrnn.cli import main
from kerasrnn.datasets import Panel, PanelWindows, read_panel
from kerasrnn.tasks.forecast.series_inputs import single_series
from kerasrnn.tasks.forecast.series_signatures import input_names

DAYS, AHEAD, W, H = 97, 5, 11, 5
LEVELS = (0.1, 0.5, 0.9)
SHOPS = {"a": ("city", 10), "b": ("mall", 30), "c": ("city", 20)}


def write_shops(path, shops=SHOPS, days=DAYS, ahead=AHEAD, start=datetime.date(2026, 1, 1)):
    """Sales of shops that follow the week and promotions, which are known five days ahead."""
    chance = random.Random(1)
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["day", "shop", "kind", "size", "promo (%)", "visits", "sold"])
        for place, (shop, (kind, size)) in enumerate(shops.items()):
            for t in range(days + ahead):
                day, promo = start + datetime.timedelta(t), 10 * ((t * (place + 3)) % 11 < 2)
                visits = size * 10 + 30 * math.sin(2 * math.pi * t / 7) + chance.gauss(0, 3)
                sold = 5 * size + 2 * visits / 10 + 4 * promo + chance.gauss(0, 4)
                known = [round(visits, 1), round(sold, 1)] if t < days else ["", ""]
                rows.writerow([day, shop, kind, size, promo, *known])
    return str(path)


def shop_options(data, **changes):
    given = {
        "data": data,
        "id": "shop",
        "static": ["kind", "size"],
        "known_ahead": ["promo (%)"],
        "calendar": ["weekday", "month"],
        "target": ["sold"],
        "window": W,
        "horizon": H,
        "quantiles": LEVELS,
        "units": 7,
        "epochs": 1,
        "batch_size": 16,
        **changes,
    }
    return options.Forecast(**given)


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    return write_shops(tmp_path_factory.mktemp("shops") / "shops.csv")


KINDS = {
    "direct": {},
    "recursive": {"method": "recursive"},
    "patch": {"window": 12, "patch_length": 4, "cell": "gru", "target": ["visits", "sold"]},
}


@pytest.fixture(scope="module", params=KINDS)
def run(request, shops, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / request.param
    task = kerasrnn.train(shop_options(shops, **KINDS[request.param]), folder)
    return folder, task


def test_a_run_is_loaded_and_exported_as_it_is(run, shops, tmp_path):
    folder, task = run
    again = kerasrnn.load(folder)
    panel = again.read_panel(shops)
    singles = list(single_series(panel))
    forecasts = again.predict(singles)
    np.testing.assert_array_equal(forecasts, task.predict(singles))
    assert forecasts[0].shape == (H, len(task.targets))
    version = again.export(tmp_path / "saved", singles)
    served = tf.saved_model.load(str(version)).signatures["serving_default"]
    inputs = again.served_inputs(singles)
    specs = {spec.name: spec.dtype for spec in again.signatures.inputs}
    assert set(inputs) == set(specs) == set(input_names(task.layout).values())
    found = served(**{name: tf.constant(inputs[name], specs[name]) for name in inputs})
    np.testing.assert_array_equal(found["forecast"], np.stack(forecasts))
    quantiles = found["quantiles"].numpy()
    assert quantiles.shape == (3, H, len(task.targets), 3)
    np.testing.assert_array_equal(quantiles[..., 1], found["forecast"])
    assert (np.diff(quantiles, axis=-1) >= 0).all()
    assert again.encode(singles).shape[0] == 3


def test_predict_continues_each_series_with_dates(run, shops, capsys):
    folder, task = run
    assert main(["predict", str(folder), shops]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == [shop for shop in SHOPS for _ in range(H)]
    days = [str(datetime.date(2026, 1, 1) + datetime.timedelta(DAYS + i)) for i in range(H)]
    assert [line[1] for line in lines] == days * 3
    assert {len(line) for line in lines} == {2 + 4 * len(task.targets)}
    (record,) = task.records(list(single_series(task.read_panel(shops)))[1:2])
    assert (record["series"], record["times"]) == ("b", days)
    assert [f"{value:g}" for value in record["sold 0.9"]] == [
        f"{float(line[-1]):g}" for line in lines[H : 2 * H]
    ]
    panel = task.forecast(task.read_panel(shops))
    assert panel.names == tuple(SHOPS)
    assert panel.columns[-4:] == ("sold", "sold 0.1", "sold 0.5", "sold 0.9")
    np.testing.assert_allclose(panel.series[1].values[:, -1], record["sold 0.9"], rtol=1e-6)


def test_figures_are_those_of_its_forecasts(run, shops):
    folder, task = run
    metrics = json.loads((folder / "metrics.json").read_text())["test"]
    part = task.read(shops, "test")
    windows = task.windows(part)
    truth = windows.take(range(len(windows))).future
    errors = task.forecasts(windows, range(len(windows)))["forecast"] - truth
    assert metrics["examples"] == len(windows) == 3 * (10 - H + 1)
    assert metrics["mae"] == pytest.approx(np.abs(errors).mean())
    assert metrics["rmse"] == pytest.approx(np.sqrt(np.square(errors).mean()))
    panel, targets = part.panel, part.panel.places(task.targets)
    naive, last = [], []
    for series, origin in zip(windows.series, windows.origins, strict=True):
        values = panel.series[series].values[:, targets]
        naive.append(values[origin - 7 : origin][:H] - values[origin : origin + H])
        last.append(values[origin - 1] - values[origin : origin + H])
    assert metrics["seasonal_naive_mae"] == pytest.approx(np.abs(naive).mean())
    assert metrics["last_value_mae"] == pytest.approx(np.abs(last).mean())
    steps = task.report(part)
    names = [f"target {name}" for name in task.targets if len(task.targets) > 1]
    assert list(steps) == [*(str(step + 1) for step in range(H)), *names]
    with open(folder / "by_step.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert [float(row["mae"]) for row in table] == [steps[str(i + 1)]["mae"] for i in range(H)]
    assert (folder / "by_target.csv").exists() == bool(names)
    if names:
        with open(folder / "by_target.csv", newline="") as file:
            table = list(csv.DictReader(file))
        assert [row["target"] for row in table] == list(task.targets)
        means = [np.abs(errors[..., k]).mean() for k in range(len(names))]
        assert [float(row["mae"]) for row in table] == pytest.approx(means)
    assert steps["2"]["mae"] == pytest.approx(np.abs(errors[:, 1]).mean())


def test_examples_of_a_run_are_forecast_as_in_its_test_part(run, shops):
    folder, task = run
    examples = json.loads((folder / "metrics.json").read_text())["examples"]
    inputs = task.parse_lines(list(examples), folder)
    windows = task.windows(task.read(shops, "test"))
    chosen = np.unique(np.linspace(0, len(windows) - 1, 3, dtype=int))
    expected = task.forecasts(windows, chosen)["forecast"]
    np.testing.assert_allclose(np.stack(task.predict(inputs)), expected, rtol=1e-6)
    numbers = [[float(each) for each in line.split(" ")] for line in examples.values()]
    np.testing.assert_allclose(numbers, windows.take(chosen).future.reshape(len(chosen), -1))


def test_what_is_known_ahead_and_static_counts(run, shops):
    _, task = run
    (single, *_) = single_series(task.read_panel(shops))
    before = task.predict([single])[0]
    (series,) = single.series
    promo = single.places(["promo (%)"])[0]
    values = series.values.copy()
    values[-2, promo] += 10
    other = kerasrnn.datasets.TimeSeries("a", values, series.known, series.times, series.static)
    changed = task.predict([with_series(single, other)])[0]
    assert np.abs(before - changed)[-2:].max() > 0
    if "patch" not in task.model.name:  # where a step is not known apart from its patch
        np.testing.assert_array_equal(before[:-2], changed[:-2])
    static = series.static.copy()
    static[-1] += 5
    other = kerasrnn.datasets.TimeSeries("a", series.values, series.known, series.times, static)
    assert np.abs(before - task.predict([with_series(single, other)])[0]).max() > 0


def with_series(panel, series):
    return dataclasses.replace(panel, series=(series,))


def test_a_series_is_scaled_by_itself(shops, tmp_path):
    """Ten times the numbers are forecast ten times as high, of a series of the training or not."""
    plain = {"known_ahead": None, "static": None, "calendar": None, "quantiles": None}
    shops = write_shops(tmp_path / "shops.csv", ahead=0)
    task = kerasrnn.train(shop_options(shops, **plain), tmp_path / "run")
    with open(shops, newline="") as file:
        rows = list(csv.reader(file))
    for name, factor in (("tenth.csv", 0.1), ("new.csv", 1)):
        with open(tmp_path / name, "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(rows[0])
            for row in rows[1:]:
                if row[-1]:
                    numbers = [f"{float(cell) * factor:.6f}" for cell in row[-2:]]
                    out.writerow([row[0], "new " + row[1], *row[2:-2], *numbers])
    one, tenth = (
        np.stack(task.predict(list(single_series(task.read_panel(tmp_path / name)))))
        for name in ("new.csv", "tenth.csv")
    )
    np.testing.assert_allclose(tenth, one / 10, rtol=1e-4)


def test_144_monthly_rows_with_a_year_ahead(tmp_path):
    """Windows of the test part read rows of training, or there would be no such window."""
    with open(tmp_path / "air.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["month", "passengers"])
        for t in range(144):
            level = (100 + 2 * t) * (1 + 0.3 * math.sin(2 * math.pi * t / 12))
            rows.writerow([f"{1949 + t // 12}-{t % 12 + 1:02}", round(level)])
    given = {"window": 24, "horizon": 12, "test_size": 24, "validation_size": 24, "units": 7}
    task = kerasrnn.train(
        options.Forecast(data=str(tmp_path / "air.csv"), epochs=2, **given), tmp_path / "run"
    )
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())["test"]
    assert metrics["examples"] == 13 and task.season == 12
    assert {"mase", "smape", "seasonal_naive_mase", "drift_rmse"} <= set(metrics)
    (record,) = task.records(list(single_series(task.read_panel(tmp_path / "air.csv"))))
    assert record["times"][0] == "1961-01" and len(record["passengers"]) == 12


def test_a_plain_forecaster_takes_arrays(tmp_path):
    path = tmp_path / "wave.csv"
    path.write_text("x\n" + "\n".join(f"{math.sin(t / 3):.5f}" for t in range(120)))
    given = {"window": 7, "horizon": 2, "units": 5, "epochs": 1}
    task = kerasrnn.train(options.Forecast(data=str(path), **given), tmp_path / "run")
    values = read_panel(path).series[0].values
    (one,) = task.predict([values[-7:]])
    (same,) = task.predict([values[-7:, 0]])
    (whole,) = task.predict([Panel.of(values, ["x"])])
    np.testing.assert_array_equal(one, same)
    np.testing.assert_array_equal(one, whole)
    assert list(task.answers([values]))[0].split("\t")[0] == "1"
    for wrong, message in (
        (values[-6:], "at least 7 rows, a window of this forecaster. Received: 6"),
        (np.full((7, 1), np.nan), "finite numbers in a window. Received: NaN or infinity"),
        (np.ones((7, 2)), "rows of x. Received: the shape"),
        ("x", "rows of numbers. Received: 'x'"),
    ):
        with pytest.raises(ValueError, match=message):
            task.predict([wrong])


def changed_file(shops, path, change):
    with open(shops, newline="") as file:
        rows = list(csv.reader(file))
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(change(rows))
    return str(path)


@pytest.mark.parametrize(
    "change, changes, message",
    [
        (lambda rows: [*rows[:9], rows[5], *rows[9:]], {}, "line 10.*2026-01-05"),
        (
            lambda rows: [
                [*row[:-1], "7" if row[-1] not in ("sold", "") else row[-1]] for row in rows
            ],
            {},
            "target 'sold' to change in the training part. Received: 7",
        ),
        (None, {"quantiles": ["0.1", "1.2"]}, "levels between 0 and 1.*Received: 1.2"),
        (None, {"target": ["promo (%)"]}, "not known ahead. Received: promo"),
        (None, {"calendar": ["minute"]}, "`calendar` to be one of.*'minute'"),
        (None, {"window": 90}, "Expected a series of at least 95 rows"),
        (None, {"static": ["visits"]}, "static column 'visits' not to change"),
    ],
)
def test_bad_input_in_one_sentence(change, changes, message, shops, tmp_path, capsys):
    data = shops if change is None else changed_file(shops, tmp_path / "changed.csv", change)
    try:
        given = shop_options(data, **changes)
        kerasrnn.train(given, tmp_path / "run")
    except ValueError as error:
        assert re.search(message, str(error)) and "\n" not in str(error)
    else:
        pytest.fail("it was taken")
    assert not (tmp_path / "run").exists()


def test_what_is_known_ahead_ends_too_early(run, shops, tmp_path, capsys):
    folder, task = run
    data = write_shops(tmp_path / "short.csv", ahead=2)
    assert main(["predict", str(folder), data]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert "known ahead, for 5 rows behind the last known one" in error and "Received: 2" in error


def test_quantiles_are_moved_to_hold_on_validation(run, shops):
    """Of each level the share of validation below it, by the model's own and by moved quantiles."""
    folder, task = run
    assert json.loads((folder / "config.json").read_text())["margins"] == task.margins
    windows = task.windows(task.read(shops, "validation"))
    truth = windows.take(range(len(windows))).future[..., None]
    plain = task.with_margins(np.zeros_like(task.margins))
    own = plain.forecasts(windows, range(len(windows)))["quantiles"]
    below = [np.mean(truth <= each, axis=(0, 1)) for each in (own, task_quantiles(task, windows))]
    for k in range(len(task.targets)):
        np.testing.assert_allclose(below[1][k], LEVELS, atol=0.08)
    assert np.abs(below[0] - LEVELS).mean() > np.abs(below[1] - LEVELS).mean()
    _, deviation = task.scale.of(windows.panel.names)
    names = deviation[windows.series][:, task.layout.places]
    expected = np.sort(own + np.array(task.margins) * names[:, None, :, None], axis=-1)
    np.testing.assert_allclose(task_quantiles(task, windows), expected, rtol=1e-5, atol=1e-4)


def task_quantiles(task, windows):
    return task.forecasts(windows, range(len(windows)))["quantiles"]


def test_resumed_ends_as_uninterrupted(shops, tmp_path):
    for name, epochs in (("whole", [2]), ("run", [1, 2])):
        for number in epochs:
            kerasrnn.train(
                shop_options(shops, epochs=number), tmp_path / name, resume=number != epochs[0]
            )
    one, other = (kerasrnn.load(tmp_path / name).model.get_weights() for name in ("whole", "run"))
    for weight, same in zip(one, other, strict=True):
        np.testing.assert_array_equal(weight, same)


def test_windows_of_a_part_forecast_rows_of_it_alone(run, shops):
    _, task = run
    part = task.read(shops, "validation")
    windows = PanelWindows(part, task.window, H, task.targets)
    assert windows.origins.min() == part.starts[0]
    assert windows.origins.max() + H == part.stops[0]
