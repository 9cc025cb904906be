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
        ("a;b\n1,5;2\n3;-,5\n", None, ("a", "b"), [[1.5, 2], [3, -0.5]]),
        ("1,5;2,5\n3,5;4,5\n", None, ("1", "2"), [[1.5, 2.5], [3.5, 4.5]]),
        ("a\tb\n1,5\t2.5\n", None, ("a", "b"), [[1.5, 2.5]]),
        ("a,b;c\n1,2\n", None, ("a", "b;c"), [[1, 2]]),
        ('"a;b",c\n1,2\n', None, ("a;b", "c"), [[1, 2]]),
        ("day,x\n2016-07-01,1\n2016-07-02,2\n", None, ("x",), [[1], [2]]),
        ("x,1\ny,2\n", None, ("2",), [[1], [2]]),  # no header, and the texts are left out
        ("a,n\n1,\n2,\n", None, ("a",), [[1], [2]]),  # no number at all
        ("a,a,b\n1,2,3\n", ["b"], ("b",), [[3]]),  # of one name are others
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
        ("a,b\n1,2\n1,\n", None, "line 3, column 'b'.*Received: ''"),
        ("a,b\n1,nan\n", None, "line 2, column 'b'.*'nan'"),
        ("a,b\n-inf,1\n", None, "line 2, column 'a'.*'-inf'"),
        ("a,b\n1,x\n1,2\n1,3\n", None, "line 2, column 'b'.*finite number.*'x'"),
        ("a,b\n1,2\n1,\n1,NA\n1,-\n", None, "line 3, column 'b'.*finite number.*''"),
        ("a,b\n1,1e999\n", None, "line 2, column 'b'.*'1e999'"),
        ("a,b\nx,\ny,\n", None, r"expected a column of numbers.*a \('x'\), b \(''\)"),
        ("a,b\n1,x\n2,y\n", ["b"], "line 2, column 'b'.*'x'"),
        ("a;b\n1.000,5;2\n2;3\n", None, "line 2, column 'a'.*'1.000,5'"),
        ('a,b\n"1,5",2\n3,4\n', None, "line 2, column 'a'.*'1,5'"),
        ("a,b\n1," + "9" * 999 + "\n", None, "line 2, column 'b'.*Received: '9{70,79}$"),
        ("a,b\n1,2\n1,2,3\n", None, "line 3: expected 2 cells. Received: 3"),
        ("a|b\n1|2\n", None, r"expected a column of numbers. Received: a\|b \('1\|2'\)"),
        ("a,b\n1,2\n", ["c"], "distinct columns among a, b. Received: c"),
        ("a,b\n1,2\n", ["a", "a"], "distinct columns among a, b. Received: a, a"),
        ("a,a\n1,2\n", None, "columns of distinct names"),
        ("a,a\n1,2\n", ["a"], "distinct columns among a, a. Received: a"),
        ("a,b\n1,2\n", [], "distinct columns among a, b. Received: none"),
        ("a,b\n1,2\n", "ab", "a list of names. Received: only one"),
        ("a,b\n", None, "expected rows of numbers"),
        ("", None, "expected rows of numbers"),
    ],
)
def test_wrong_files(tmp_path, text, columns, message):
    with pytest.raises(ValueError, match=message):
        read_series(write(tmp_path, text), columns)


@pytest.mark.parametrize(
    "header, names, values",
    [
        (True, ("2019", "2020"), [[3, 4]]),
        (False, ("1", "2"), [[2019, 2020], [3, 4]]),
        (None, ("1", "2"), [[2019, 2020], [3, 4]]),
    ],
)
def test_a_header_of_numbers(tmp_path, header, names, values):
    series = read_series(write(tmp_path, "2019,2020\n3,4\n"), header=header)
    assert (series.columns, series.values.tolist()) == (names, values)


def test_json_lines_of_numbers(tmp_path):
    path = tmp_path / "series.jsonl"
    path.write_text('{"t": "2016-07-01", "x": 1e-3}\n\n{"x": "2", "t": "2016-07-02"}\n')
    series = read_series(path)
    assert (series.columns, series.values.tolist()) == (("x",), [[0.001], [2]])
    assert (series.time_name, series.times) == ("t", ("2016-07-01", "2016-07-02"))
    for text, message in (
        ('{"x": 1}\n{"x": null}\n', "line 2, column 'x'.*'null'"),
        ('{"x": 1}\n{"x": NaN}\n', "line 2, column 'x'.*'NaN'"),
        ('{"x": 1}\n{"y": 1}\n', "line 2: expected the fields x. Received: y"),
        ("[1]\n", "line 1: expected a JSON object"),
        ("{", "line 1: expected a JSON object"),
        ("", "expected rows of numbers"),
    ):
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            read_series(path)


def test_what_is_left_out_is_said_and_dates_name_the_rows(tmp_path):
    text = "note,when,x\nrain,2016-07-01,1\nsun,2016-07-02,2\nrain,2016-07-03,3\n"
    series = read_series(write(tmp_path, text))
    assert series.left_out == (("note", "rain"), ("when", "2016-07-01"))
    assert series.time_name == "when"
    assert series.rows(-1).times == ("2016-07-03",) == series.part("test").times
    chosen = read_series(tmp_path / "series.csv", ["x"])
    assert (chosen.left_out, chosen.times) == ((), series.times)


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
    np.testing.assert_allclose(x["features"], (windows - taken_off) / deviation, rtol=1e-6)
    right = (following - taken_off[:, :, PLACES]) / deviation[PLACES]
    np.testing.assert_allclose(y, right.reshape(5, H * 2), rtol=1e-6)
    assert x["mask"].numpy().all() and x["mask"].shape == (5, W) and not others
    np.testing.assert_array_equal(sample_weight, np.ones(5))
    model = kerasrnn.many_to_one((F,), H * 2, units=3)
    validate(model, x, y, sample_weight)
    back = scale.unscale(scale.scale(following, windows, PLACES), windows, PLACES)
    assert back.dtype == "float64" and x["features"].dtype == y.dtype == "float32"
    np.testing.assert_allclose(back, following, rtol=1e-6)


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


@pytest.mark.parametrize("offset", ["last", "mean"])
@pytest.mark.parametrize("constant", [1e9, 2.0**40, -(2.0**45)])
def test_a_constant_that_is_added_changes_no_example(rng, offset, constant):
    values = rng.integers(-(2**10), 2**10, (T, F)) / 2**6  # of which no digit is lost
    found = []
    for numbers in (values, values + constant):
        series = Series(COLUMNS, numbers)
        scale = WindowScale.fit(series, W, offset)
        found.append(next(iter(forecast_examples(series, TARGETS, W, H, scale).batches(64))))
    (x, y, _), (other_x, other_y, _) = found
    lost = abs(constant) * 2**-52 if offset == "mean" else 0  # of the mean, but of no number
    np.testing.assert_allclose(x["features"], other_x["features"], rtol=0, atol=lost)
    np.testing.assert_allclose(y, other_y, rtol=0, atol=lost)


@pytest.mark.parametrize("number", [3.0, 0.1, 1e-300, -1e300, 0.0, 1 / 3])
def test_a_column_that_does_not_change_stays_finite(number):
    series = Series(("a",), np.full((7, 1), number))
    for offset in ("last", "mean"):
        assert WindowScale.fit(series, 2, offset) == WindowScale(offset, (number,), (1.0,))


@pytest.mark.parametrize("offset", ["last", "mean"])
@pytest.mark.parametrize("factor", [2.0**-900, 2.0**-140, 2.0**140, 2.0**900, 2.0**1010])
def test_the_size_of_numbers_changes_no_example(series, offset, factor):
    large = Series(COLUMNS, series.values * factor)
    scales = [WindowScale.fit(each, W, offset) for each in (series, large)]
    np.testing.assert_allclose(
        np.array(scales[1].deviation) / factor, scales[0].deviation, rtol=1e-12
    )
    (x, y, _), (large_x, large_y, _) = (
        next(iter(forecast_examples(each, TARGETS, W, H, scale).batches(64)))
        for each, scale in zip((series, large), scales, strict=True)
    )
    np.testing.assert_allclose(x["features"], large_x["features"], rtol=1e-5)
    np.testing.assert_allclose(y, large_y, rtol=1e-5)


def test_numbers_that_no_float_can_hold():
    with pytest.raises(ValueError, match="whose differences a float64 can hold"):
        WindowScale.fit(Series(("a",), np.array([[1e308], [-1e308]] * 5)), 2)
    with pytest.raises(ValueError, match="at least 2 rows.*Received: 1"):
        WindowScale.fit(Series(("a",), np.ones((1, 1))), 2)
    scale = WindowScale.fit(Series(COLUMNS, np.zeros((T, F))), W)
    far = Series(COLUMNS, np.where(np.arange(T * F).reshape(T, F) == 7, 1e39, 0.0))
    with pytest.raises(ValueError, match=r"column 'b' that are like.*Received: .*1e\+39 times"):
        forecast_examples(far, TARGETS, W, H, scale)


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
        (["a"], 0, 1, "`window` to be an integer of at least 1. Received: 0"),
        (["a"], 1, 0, "`horizon` to be an integer of at least 1. Received: 0"),
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
