"""Quantiles that the windows before each forecast move, against loops over all of them."""

import dataclasses
import json
import re

import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn import options
from kerasrnn.cli import main
from kerasrnn.datasets import Panel, PanelPart, PanelWindows, fit_panel_scale
from kerasrnn.files import write_sealed
from kerasrnn.models import direct_forecaster
from kerasrnn.tasks.forecast import calibration
from kerasrnn.tasks.forecast.layout import Layout
from kerasrnn.tasks.forecast.series_task import SeriesForecaster
from tests.tasks.test_series_forecaster import shop_options, write_shops

W, H, N, ROWS, START = 5, 3, 13, 61, 31
LEVELS = (0.1, 0.4, 0.9)
TARGETS = ("x", "y")


def random_panel(seed=1, names=("a", "b")):
    chance = np.random.default_rng(seed)
    series = [
        dataclasses.replace(
            Panel.of(np.cumsum(chance.normal(size=(ROWS, 3)), axis=0), ["x", "y", "z"]).series[0],
            name=name,
        )
        for name in names
    ]
    return dataclasses.replace(Panel.of(series[0].values, ["x", "y", "z"]), series=tuple(series))


@pytest.fixture(scope="module")
def task():
    keras.utils.set_random_seed(3)
    panel = random_panel()
    train = PanelPart(panel, (0, 0), (START, START), "train")
    model = direct_forecaster(3, 2, horizon=H, quantiles=LEVELS, units=7)
    return SeriesForecaster(
        model,
        Layout.of(panel, TARGETS, panel.names),
        W,
        H,
        fit_panel_scale(train, ("x", "y", "z"), W, "changes", 3),
        levels=LEVELS,
        recalibrate=N,
        margins=[[-0.3, 0.0, 0.2], [0.1, 0.1, 0.1]],
    )


def test_part(panel):
    return PanelPart(panel, (START, START), (ROWS, ROWS), "test")


test_part.__test__ = False  # type: ignore[attr-defined]


def expected_quantiles(task, panel, place, origin, stride=1):
    """By a loop over the windows before an origin."""
    part = PanelWindows(panel, W, H, TARGETS)
    of = {(s, o): i for i, (s, o) in enumerate(zip(part.series, part.origins, strict=True))}
    served = task.served_forecasts(part, range(len(part)))["quantiles"]
    truth = part.take(range(len(part))).future
    _, deviation = task.scale.of([panel.names[place]])
    deviation = deviation[0, :2]
    own = served[of[place, origin]]
    errors = []
    for before in range(0, N, stride):
        row = of.get((place, origin - H - before))
        if row is None:
            return own
        errors.append((truth[row][..., None] - served[row]) / deviation[:, None])
    assert origin - H - (N - 1) >= W
    moved = np.empty_like(own)
    for k in range(2):
        for q, level in enumerate(LEVELS):
            for h in range(H):
                numbers = sorted(error[h, k, q] for error in errors)
                place_of = level * (len(numbers) - 1)
                low = int(place_of)
                between = numbers[low] + (place_of - low) * (numbers[low + 1] - numbers[low])
                moved[h, k, q] = own[h, k, q] + between * deviation[k]
    return np.sort(moved, axis=-1)


@pytest.mark.parametrize("stride", [1, 2])
def test_quantiles_are_moved_by_the_windows_before(task, stride, monkeypatch):
    if stride == 2:
        monkeypatch.setattr(calibration, "MOST_NUMBERS", 1)
        monkeypatch.setattr(calibration, "FEWEST", N - 1)
    panel = random_panel()
    windows = task.windows(panel)
    found = task.forecasts(windows, range(len(windows)))
    moved = 0
    for i, (place, origin) in enumerate(zip(windows.series, windows.origins, strict=True)):
        if origin - H - N + 1 < W and stride == 2:
            continue
        expected = expected_quantiles(task, panel, place, origin, stride)
        np.testing.assert_allclose(found["quantiles"][i], expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(found["forecast"][i], found["quantiles"][i][..., 1])
        moved += origin - H - N + 1 >= W
    assert moved == 2 * (ROWS - H - (W + N + H - 1) + 1)
    served = task.served_forecasts(windows, range(len(windows)))["quantiles"]
    short = windows.origins < W + N + H - 1
    np.testing.assert_array_equal(found["quantiles"][short], served[short])
    assert np.abs(found["quantiles"][~short] - served[~short]).min(axis=(1, 2, 3)).max() > 0


def test_what_comes_after_an_origin_changes_nothing(task):
    panel, origin = random_panel(), 41
    values = panel.series[1].values.copy()
    values[origin:] += 100
    changed = dataclasses.replace(
        panel, series=(panel.series[0], dataclasses.replace(panel.series[1], values=values))
    )
    found = []
    for each in (panel, changed):
        windows = task.windows(test_part(each))
        (row,) = np.flatnonzero((windows.series == 1) & (windows.origins == origin))
        found.append(task.forecasts(windows, [row, row + 1])["quantiles"])
    np.testing.assert_array_equal(found[0][0], found[1][0])
    assert (found[0][1] != found[1][1]).any()


def test_pieces_of_a_part_add_up_to_the_same(task):
    panel = random_panel()
    rows = list(task.rows_of(test_part(panel)))
    whole = task.figures_of([task.tally(rows, 1024)])
    pieces = [task.tally(rows[start : start + 11], 4) for start in range(0, len(rows), 11)]
    assert task.figures_of(pieces) == pytest.approx(whole, rel=1e-6, nan_ok=True)
    assert whole == pytest.approx(task.evaluate(test_part(panel)), nan_ok=True)


def test_each_target_has_figures_of_its_own(task):
    panel = random_panel()
    windows = task.windows(test_part(panel))
    found, truth = task.forecasts(windows, range(len(windows))), windows.take(slice(None)).future
    report = task.report(test_part(panel))
    assert list(report) == ["1", "2", "3", "target x", "target y"]
    for k, name in enumerate(TARGETS):
        low, high = found["quantiles"][:, :, k, 0], found["quantiles"][:, :, k, -1]
        inside = (low <= truth[..., k]) & (truth[..., k] <= high)
        assert report[f"target {name}"]["coverage"] == pytest.approx(inside.mean())
        error = np.abs(found["forecast"][..., k] - truth[..., k]).mean()
        assert report[f"target {name}"]["mae"] == pytest.approx(error)


def test_predict_gives_what_the_backtest_gives_at_the_same_row(task, tmp_path):
    panel, origin = random_panel(), 43
    windows = task.windows(test_part(panel))
    (row,) = np.flatnonzero((windows.series == 1) & (windows.origins == origin))
    expected = task.forecasts(windows, [row])
    b = panel.series[1]
    until = dataclasses.replace(b, values=b.values[:origin], known=origin)
    single = dataclasses.replace(panel, series=(until,))
    task.save(tmp_path / "run")
    for each in (task, kerasrnn.load(tmp_path / "run")):
        assert isinstance(each, SeriesForecaster)
        (answer,) = each.answers_of([single], 1024)
        np.testing.assert_array_equal(answer["quantiles"], expected["quantiles"][0])
        np.testing.assert_array_equal(each.predict([single])[0], expected["forecast"][0])
    short = dataclasses.replace(until, values=until.values[-W:], known=W)
    (answer,) = task.answers_of([dataclasses.replace(panel, series=(short,))], 1024)
    served = task.served_forecasts(windows, [row])
    np.testing.assert_array_equal(answer["quantiles"], served["quantiles"][0])


def test_intervals_hold_where_noise_grows_after_the_validation(tmp_path):
    chance = np.random.default_rng(5)
    noise = chance.normal(size=1511) * np.where(np.arange(1511) < 1200, 1, 4)
    (tmp_path / "noise.csv").write_text("x\n" + "\n".join(f"{value:.4f}" for value in noise))
    given = {
        "data": str(tmp_path / "noise.csv"),
        "window": 3,
        "horizon": 2,
        "offset": "mean",
        "validation_size": "200",
        "test_size": "311",
        "quantiles": LEVELS,
        "units": 2,
        "epochs": 1,
    }
    runs = {}
    for name, more in {"still": {}, "rolling": {"recalibrate": 101}}.items():
        task = kerasrnn.train(options.Forecast(**given, **more), tmp_path / name)
        metrics = json.loads((tmp_path / name / "metrics.json").read_text())["test"]
        assert task.evaluate(task.read(given["data"], "test")) == pytest.approx(metrics)
        runs[name] = metrics
    # The first third of the test part looks back at windows of before.
    assert runs["still"]["coverage"] < 0.35 and runs["rolling"]["coverage"] > 0.65
    assert runs["rolling"]["pinball"] < runs["still"]["pinball"]


WRONG = {
    "no quantiles": ({"quantiles": None}, r"Expected quantiles for `recalibrate`"),
    "too many": ({"recalibrate": 500}, r"Expected a series with 515 rows before the test part"),
    "of a window": ({"method": "window", "quantiles": None}, r"method direct or recursive for"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_bad_input(wrong, tmp_path):
    changes, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        given = shop_options(write_shops(tmp_path / "shops.csv"), **{"recalibrate": 7, **changes})
        kerasrnn.train(given, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("value", [0, -3, "many", 2.5])
def test_a_run_with_a_wrong_number_is_refused(task, tmp_path, value):
    task.save(tmp_path / "run")
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    write_sealed(tmp_path / "run" / "config.json", {**config, "recalibrate": value})
    with pytest.raises(ValueError, match="recalibrate"):
        kerasrnn.load(tmp_path / "run")


def test_the_command_says_where_rows_are_too_few(tmp_path, capsys):
    data = write_shops(tmp_path / "shops.csv")
    kerasrnn.train(shop_options(data, recalibrate=29), tmp_path / "run")
    short = write_shops(tmp_path / "short.csv", days=43)
    assert main(["predict", str(tmp_path / "run"), data]) == 0
    assert "not moved" not in capsys.readouterr().err
    assert main(["predict", str(tmp_path / "run"), short]) == 0
    assert re.search(
        r"29 windows before .* fewer than 44 rows, such as one of 43", capsys.readouterr().err
    )
