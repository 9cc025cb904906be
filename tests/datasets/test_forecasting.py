"""Series from CSV files, their parts and windows, against loops in NumPy."""

import numpy as np
import pytest

import kerasrnn
from kerasrnn.datasets import (
    Series,
    WindowScale,
    forecast_examples,
    forecast_windows,
    read_series,
    validate,
)

T, F, W, H = 53, 3, 5, 2
COLUMNS, TARGETS = ("a", "b", "c"), ("c", "a")
PLACES = [2, 0]


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "series.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def series(rng):
    return Series(COLUMNS, rng.normal([1000.0, -2.0, 0.5], [3.0, 0.1, 70.0], (T, F)))


@pytest.mark.parametrize(
    "text, columns, names, values",
    [
        ("a,b\n1,2\n3,4.5\n", None, ("a", "b"), [[1, 2], [3, 4.5]]),
        ("a,b\n1,2\n3,4\n", ["b"], ("b",), [[2], [4]]),
        ("a,b\n1,2\n3,4\n", ["b", "a"], ("b", "a"), [[2, 1], [4, 3]]),
        ("1,2\n3,4\n", None, ("1", "2"), [[1, 2], [3, 4]]),
        ("x,2\ny,4\n", ["2"], ("2",), [[2], [4]]),  # a number in the first row: no header
        ("\ufeffday,°C\r\n\r\nMo, -1e3\r\nDi,+.5\r\n", ["°C"], ("°C",), [[-1000], [0.5]]),
        ("\ufeff1,2\n", None, ("1", "2"), [[1, 2]]),
        ("\ufeffa,b\n1,2\n", None, ("a", "b"), [[1, 2]]),
        ('"a, b",c\n"1","2"\n', None, ("a, b", "c"), [[1, 2]]),
        ("7", None, ("1",), [[7]]),
    ],
)
def test_read_series(tmp_path, text, columns, names, values):
    series = read_series(write(tmp_path, text), columns)
    assert series.columns == names
    assert series.values.dtype == "float64"
    assert series.values.tolist() == values


@pytest.mark.parametrize(
    "text, columns, message",
    [
        ("a,b\n1,2\n\n3,x\n", None, "series.csv, line 4, column 'b'.*finite number.*'x'"),
        ("a,b\n1,\n", None, "line 2, column 'b'.*Received: ''"),
        ("a,b\n1,nan\n", None, "line 2, column 'b'.*'nan'"),
        ("a,b\n-inf,1\n", None, "line 2, column 'a'.*'-inf'"),
        ("x,1\ny,2\n", None, "line 1, column '1'.*'x'"),
        ("a,b\n1,2\n1,2,3\n", None, "line 3: expected 2 cells. Received: 3"),
        ("a;b\n1;2\n", None, "line 2, column 'a;b'.*'1;2'"),
        ("a,b\n1,2\n", ["c"], "distinct columns among a, b. Received: c"),
        ("a,b\n1,2\n", ["a", "a"], "distinct columns among a, b. Received: a, a"),
        ("a,a\n1,2\n", None, "columns of distinct names"),
        ("a,b\n", None, "expected rows of numbers"),
        ("", None, "expected rows of numbers"),
    ],
)
def test_wrong_files(tmp_path, text, columns, message):
    with pytest.raises(ValueError, match=message):
        read_series(write(tmp_path, text), columns)


def test_files_that_are_no_text(tmp_path):
    with pytest.raises(ValueError, match="nowhere.csv', which is not there"):
        read_series(tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match="series.csv, line 3: expected UTF-8"):
        read_series(write(tmp_path, "a\n1\n" + "é" * 7, "latin-1"))


def test_parts_follow_each_other_in_time(series):
    parts = [series.part(split) for split in ("train", "validation", "test")]
    assert [len(part.values) for part in parts] == [42, 5, 6]
    np.testing.assert_array_equal(np.concatenate([part.values for part in parts]), series.values)
    assert all(part.columns == COLUMNS for part in parts)
    with pytest.raises(ValueError, match="'train', 'validation', 'test'.*'dev'"):
        series.part("dev")


def test_windows_against_a_loop(series):
    windows, following = forecast_windows(series, TARGETS, W, H)
    number = T - W - H + 1
    assert windows.shape == (number, W, F) and following.shape == (number, H, 2)
    for i in range(number):
        np.testing.assert_array_equal(windows[i], series.values[i : i + W])
        np.testing.assert_array_equal(following[i], series.values[i + W : i + W + H][:, PLACES])


def expected_scale(values, windows, offset):
    """What is taken off each window, `(N, 1, F)`, and what each column is divided by, `(F,)`."""
    if offset == "mean":
        return np.full((len(windows), 1, F), values.mean(axis=0)), values.std(axis=0)
    lags = [values[lag:] - values[:-lag] for lag in range(1, W + 1)]
    squares = np.mean([(change**2).mean(axis=0) for change in lags], axis=0)
    return windows[:, -1:], np.sqrt(squares)


@pytest.mark.parametrize("offset", ["last", "mean"])
def test_examples_against_numpy(series, offset):
    train, test = series.part("train"), Series(COLUMNS, series.values[-11:])
    scale = WindowScale.fit(train, W, offset)
    examples = forecast_examples(test, TARGETS, W, H, scale)
    (x, y, sample_weight), *others = examples.batches(64)
    windows, following = forecast_windows(test, TARGETS, W, H)
    taken_off, deviation = expected_scale(train.values, windows, offset)
    np.testing.assert_allclose(x["features"], (windows - taken_off) / deviation, atol=1e-3)
    right = (following - taken_off[:, :, PLACES]) / deviation[PLACES]
    np.testing.assert_allclose(y, right.reshape(5, H * 2), atol=1e-3)
    assert x["mask"].numpy().all() and x["mask"].shape == (5, W) and not others
    np.testing.assert_array_equal(sample_weight, np.ones(5))
    model = kerasrnn.many_to_one((F,), H * 2, units=3)
    validate(model, x, y, sample_weight)
    windows, following = windows.astype("f4"), following.astype("f4")
    back = scale.unscale(scale.scale(following, windows, PLACES), windows, PLACES)
    np.testing.assert_allclose(back, following, rtol=1e-5)


@pytest.mark.parametrize("offset", ["last", "mean"])
def test_the_future_is_not_seen(series, offset):
    def train_batches(series):
        train = series.part("train")
        scale = WindowScale.fit(train, W, offset)
        x, y, _ = next(iter(forecast_examples(train, TARGETS, W, H, scale).batches(64)))
        return scale, x["features"].numpy(), y.numpy()

    other = Series(COLUMNS, series.values.copy())
    other.values[42:] += 1e4
    (scale, x, y), (other_scale, other_x, other_y) = train_batches(series), train_batches(other)
    assert scale == other_scale and len(x) == 42 - W - H + 1
    np.testing.assert_array_equal(x, other_x)
    np.testing.assert_array_equal(y, other_y)


def test_a_column_that_does_not_change_stays_finite():
    series = Series(("a",), np.full((7, 1), 3.0))
    for offset in ("last", "mean"):
        assert WindowScale.fit(series, 2, offset) == WindowScale(offset, (3.0,), (1.0,))


def test_a_trend_leads_out_of_what_was_seen_only_by_the_mean():
    series = Series(("a",), np.arange(100.0)[:, None])
    largest = {}
    for offset in ("last", "mean"):
        scale = WindowScale.fit(series.part("train"), W, offset)
        x, y, _ = next(iter(forecast_examples(series.part("test"), ["a"], W, 1, scale).batches()))
        largest[offset] = max(np.abs(x["features"]).max(), np.abs(y).max())
    assert largest["last"] < 1.5 < 2 < largest["mean"]


@pytest.mark.parametrize(
    "targets, window, horizon, message",
    [
        (["a"], 0, 1, "`window` of at least 1. Received: 0"),
        (["a"], 1, 0, "`horizon` of at least 1. Received: 0"),
        (["d"], 1, 1, "targets among the columns a, b, c. Received: d"),
        ([], 1, 1, "Received: none"),
        (["a"], 50, 4, "at least 54 rows in each part.*Received: 53"),
    ],
)
def test_wrong_windows(series, targets, window, horizon, message):
    with pytest.raises(ValueError, match=message):
        forecast_windows(series, targets, window, horizon)


def test_wrong_offset(series):
    with pytest.raises(ValueError, match="'last', 'mean'.*'first'"):
        WindowScale.fit(series, W, "first")


def test_the_shortest_series_has_one_window(series):
    windows, following = forecast_windows(series, ["a"], T - 1, 1)
    assert windows.shape == (1, T - 1, F) and following.shape == (1, 1, 1)
