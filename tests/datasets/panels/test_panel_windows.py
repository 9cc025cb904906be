"""Parts, windows and scales of panels, against loops over rows."""

import logging

import numpy as np
import pytest

from kerasrnn.datasets import (
    Panel,
    PanelScale,
    PanelWindows,
    TimeSeries,
    TimeStep,
    check_changes,
    split_panel,
)


def made(lengths=(41, 29, 61), future=0, seed=5):
    rng = np.random.default_rng(seed)
    series = []
    for i, rows in enumerate(lengths):
        values = rng.normal(size=(rows + future, 3))
        values[rows:, :2] = np.nan
        times = np.datetime64("2026-01-01", "ms") + np.arange(rows + future).astype("m8[D]")
        series.append(TimeSeries(f"s{i}", values, rows, times, np.array([float(i), 7.0])))
    return Panel(
        tuple(series), ("x", "z", "price"), TimeStep.parse("1d"), ("price",), (), ("place", "seven")
    )


def test_monthly_rows_of_twelve_years():
    panel = Panel.of(np.arange(144.0)[:, None], ["passengers"])
    parts = split_panel(panel)
    numbers = {
        name: len(PanelWindows(part, 24, 12, ["passengers"])) for name, part in parts.items()
    }
    # Rows 0 to 114, 115 to 128, 129 to 143, in which twelve rows are forecast.
    assert numbers == {"train": 115 - 36 + 1, "validation": 14 - 11, "test": 15 - 11}


@pytest.mark.parametrize("rows", [20, 53, 100, 17420])
def test_the_usual_parts_are_those_of_a_series(rows):
    parts = split_panel(Panel.of(np.zeros((rows, 1)), ["x"]))
    assert [part.stops[0] for part in parts.values()] == [rows * 16 // 20, rows * 18 // 20, rows]


@pytest.mark.parametrize(
    "sizes, stops",
    [
        ({"validation": 5, "test": 7}, [(29, 34, 41), (17, 22, 29), (49, 54, 61)]),
        ({"validation": 0.2, "test": 0.25}, [(22, 30, 41), (15, 21, 29), (33, 45, 61)]),
        ({"validation": 3, "test": 0.25}, [(27, 30, 41), (18, 21, 29), (42, 45, 61)]),
        (
            {"validation": "2026-01-18", "test": "2026-02-01"},
            [(17, 31, 41), (17, 29, 29), (17, 31, 61)],
        ),
        ({"validation": 11, "test": "2026-02-01"}, [(20, 31, 41), (18, 29, 29), (20, 31, 61)]),
        ({"validation": 3, "test": 2, "train": 13}, [(13, 16, 18)] * 3),
        ({"validation": 3, "test": 20, "train": 13}, [(13, 16, 36), (13, 16, 29), (13, 16, 36)]),
    ],
)
def test_sizes_of_parts(sizes, stops):
    parts = split_panel(made(future=4), **sizes)
    assert [tuple(part.stops[i] for part in parts.values()) for i in range(3)] == stops
    assert parts["validation"].starts == parts["train"].stops
    assert parts["test"].starts == parts["validation"].stops


@pytest.mark.parametrize(
    "sizes, said",
    [
        ({"test": 0}, "Expected `test` to be an integer"),
        ({"test": 1.5}, "Expected `test` to be a number above 0 to below 1"),
        ({"validation": "soon"}, "Expected `validation` to be a number of rows, .* 'soon'"),
        ({"test": "2030-01-01"}, "Expected rows in the test part"),
        ({"test": 1000}, "Expected rows in the train part"),
        ({"train": 5, "validation": "2026-01-18"}, "Expected the training part to end"),
    ],
)
def test_sizes_that_are_refused(sizes, said):
    with pytest.raises(ValueError, match=said):
        split_panel(made(), **sizes)


def test_dates_need_times():
    with pytest.raises(ValueError, match="Expected times in the file, for the test part"):
        split_panel(Panel.of(np.zeros((9, 1)), ["x"]), test="2026-01-01")


def windows_by_hand(panel, starts, stops, window, horizon, stride):
    for i, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        origin = max(start, window)
        while origin + horizon <= stop:
            rows = panel.series[i].values
            yield (
                rows[origin - window : origin, [0, 1]],
                rows[origin : origin + horizon, [1]],
                rows[origin - window : origin + horizon, [2]],
                panel.series[i].static,
                i,
                origin,
            )
            origin += stride


@pytest.mark.parametrize("name", ["train", "validation", "test"])
@pytest.mark.parametrize("stride", [1, 3])
def test_windows_are_those_of_a_loop(name, stride):
    panel = made(future=2)
    part = split_panel(panel, 7, 11)[name]
    windows = PanelWindows(part, 13, 5, ["z"], stride=stride)
    expected = list(windows_by_hand(panel, part.starts, part.stops, 13, 5, stride))
    assert len(windows) == len(expected) > 0
    batch = windows.take(range(len(windows)))
    found = (batch.past, batch.future, batch.ahead, batch.static, batch.series, batch.origins)
    for each, columns in zip(found, zip(*expected, strict=True), strict=True):
        np.testing.assert_array_equal(each, np.stack(columns))
    some = windows.take([len(windows) - 1, 0])
    np.testing.assert_array_equal(some.past, batch.past[[-1, 0]])
    np.testing.assert_array_equal(windows.take(slice(0, 2)).ahead, batch.ahead[:2])
    series, origin = batch.series[-1], batch.origins[-1]
    np.testing.assert_array_equal(
        windows.times(len(windows) - 1), panel.series[series].times[origin : origin + 5]
    )


def test_a_table_to_cut_windows_out_of():
    panel = made()
    windows = PanelWindows(panel, 5, 3, ["z"])
    table, row = windows.table(), len(windows) - 7
    first = table.offsets[windows.series[row]] + windows.origins[row]
    batch = windows.take([row])
    np.testing.assert_array_equal(batch.past[0], table.values[first - 5 : first][:, table.past])
    expected = table.values[first : first + 3][:, table.targets]
    np.testing.assert_array_equal(batch.future[0], expected)
    assert table.ahead.tolist() == [2] and table.offsets.tolist() == [0, 41, 70]
    np.testing.assert_array_equal(table.static[:, 0], [0, 1, 2])


def test_chosen_columns():
    windows = PanelWindows(made(), 3, 2, ["x", "z"], past=["price", "x"], ahead=[])
    batch, rows = windows.take([0]), windows.panel.series[0].values
    np.testing.assert_array_equal(batch.past[0], rows[:3][:, [2, 0]])
    np.testing.assert_array_equal(batch.future[0], rows[3:5, :2])
    assert batch.ahead.shape == (1, 5, 0)


def test_the_last_windows():
    panel = made(future=4)
    windows = PanelWindows.at_end(panel, 7, 3, ["x"])
    batch = windows.take(range(3))
    assert batch.origins.tolist() == [41, 29, 61] and np.isnan(batch.future).all()
    np.testing.assert_array_equal(batch.past[1], panel.series[1].values[22:29, :2])
    np.testing.assert_array_equal(batch.ahead[1], panel.series[1].values[22:32, 2:])
    assert str(windows.times(1)[0])[:10] == "2026-01-30"
    with pytest.raises(ValueError, match="price, known ahead, for 5 rows .* Received: 4"):
        PanelWindows.at_end(panel, 7, 5, ["x"])
    with pytest.raises(ValueError, match="at least 30 rows of the series 's1', a window"):
        PanelWindows.at_end(panel, 30, 3, ["x"])


@pytest.mark.parametrize(
    "options, said",
    [
        ({"window": 60}, "at least 65 rows up to the end of the series part"),
        ({"horizon": 99}, "at least 99 rows in the series part, a horizon. Received: 61"),
        ({"targets": ["price"]}, "Expected targets among the columns that are not known ahead"),
        ({"targets": []}, "Expected targets among"),
        ({"targets": ["y"]}, "Expected columns among x, z, price. Received: y"),
        ({"ahead": ["x"]}, "Expected columns that are known ahead: price. Received: x"),
        ({"stride": 0}, "Expected `stride` to be an integer"),
    ],
)
def test_windows_that_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        PanelWindows(made(), **{"window": 7, "horizon": 5, "targets": ["x"], **options})


def test_long_windows_of_long_series_take_little_memory():
    """All of them would be 16,000 windows of 1,440 rows of 7 columns: 1.3 GB."""
    values = np.random.default_rng(2).normal(size=(17420, 7))
    names = [f"c{i}" for i in range(7)]
    windows = PanelWindows(Panel.of(values, names), 720, 720, names)
    assert len(windows) == 17420 - 1440 + 1
    batch = windows.take([0, 15980])
    np.testing.assert_array_equal(batch.future[1], values[-720:])
    assert windows._values is windows.panel.series[0].values and windows._index.nbytes < 2**20


def test_scales_of_each_series_and_of_all():
    panel = made()
    part = split_panel(panel, 7, 11)["train"]
    rows = [panel.series[i].values[: part.stops[i]] for i in range(3)]
    scale = PanelScale.fit(part)
    np.testing.assert_allclose(scale.mean, [each.mean(0) for each in rows])
    np.testing.assert_allclose(scale.deviation, [each.std(0) for each in rows])
    shared = PanelScale.fit(part, ["z"], "all")
    both = np.concatenate(rows)[:, 1]
    np.testing.assert_allclose(shared.mean, [[both.mean()]])
    np.testing.assert_allclose(shared.deviation, [[both.std()]])
    none = PanelScale.fit(part, scaling="none")
    assert none.of(["new"])[0].tolist() == [[0, 0, 0]] and (none.deviation == 1).all()


def test_a_series_that_the_training_has_not_seen():
    scale = PanelScale.fit(split_panel(made(), 7, 11)["train"])
    windows = np.random.default_rng(7).normal(size=(2, 13, 3))
    windows[0, :, 1] = 5
    mean, deviation = scale.of(["new", "s2"], windows)
    np.testing.assert_allclose(mean, [windows[0].mean(0), scale.mean[2]])
    expected = [windows[0, :, 0].std(), 1, windows[0, :, 2].std()]
    np.testing.assert_allclose(deviation, [expected, scale.deviation[2]])
    with pytest.raises(ValueError, match="Expected a series of the training, or a window.*'new'"):
        scale.of(["new"])


def test_a_scale_is_recorded():
    scale = PanelScale.fit(split_panel(made(), 7, 11)["train"])
    again = PanelScale.read(scale.record())
    assert (again.names, again.columns) == (scale.names, scale.columns)
    np.testing.assert_array_equal(again.mean, scale.mean)
    np.testing.assert_array_equal(again.deviation, scale.deviation)
    with pytest.raises(ValueError, match="deviations above 0"):
        PanelScale.read({**scale.record(), "deviation": [[0, 1, 1]] * 3})


def test_columns_that_never_change(caplog):
    caplog.set_level(logging.INFO, "kerasrnn.datasets.notes")
    panel = made()
    for i in (0, 1, 2):
        panel.series[i].values[:25, 2] = 0.1
        if i:
            panel.series[i].values[:25, 1] = 4
    part = split_panel(panel, 0.1, 0.1, train=20)["train"]
    assert PanelScale.fit(part).deviation[:, 2].tolist() == [1, 1, 1]
    check_changes(part, ["x", "z"])
    assert "'z' never changes in the training part of: s1, s2" in caplog.text
    assert "never changes in the training part: price" in caplog.text
    with pytest.raises(ValueError, match=r"target 'price' to change .* 0.1 in each of 60 rows"):
        check_changes(part, ["price"])
