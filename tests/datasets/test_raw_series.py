"""A series as people have it: an array, rows, a table; the same windows, scale and forecasts."""

import numpy as np
import pandas
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn.checks import UserError
from kerasrnn.datasets import Series, WindowScale, forecast_examples, forecast_windows
from kerasrnn.datasets.sources.raw_series import as_series

T, W, H = 23, 5, 3
NAMES = ("1", "2")
VALUES = np.random.default_rng(1).normal(size=(T, 2)).cumsum(0)
SERIES = Series(NAMES, VALUES)


class Table:
    """What a DataFrame is to a reader: columns by name, and iteration over their names."""

    def __init__(self, columns):
        self._columns, self.columns = columns, list(columns)

    def __getitem__(self, name):
        return np.asarray(self._columns[name])

    def __iter__(self):
        return iter(self.columns)


COLUMNS = {"1": VALUES[:, 0].tolist(), "2": VALUES[:, 1]}
MORE = {"day": ["Mo"] * T, "2": VALUES[:, 1], "1": VALUES[:, 0]}
FORMS = {
    "series": lambda: SERIES,
    "array": lambda: VALUES,
    "rows": lambda: VALUES.tolist(),
    "generator": lambda: iter(VALUES),
    "dicts": lambda: [dict(zip(NAMES, row, strict=True)) for row in VALUES],
    "tensor": lambda: tf.constant(VALUES),
    "dataset": lambda: tf.data.Dataset.from_tensor_slices(VALUES),
    "columns": lambda: COLUMNS,
    "table": lambda: Table(COLUMNS),
    "objects": lambda: VALUES.astype(object),
}


@pytest.mark.parametrize("form", FORMS)
def test_windows_and_scales(form):
    assert WindowScale.fit(FORMS[form](), W) == (scale := WindowScale.fit(SERIES, W))
    found = forecast_windows(FORMS[form](), ["2"], W, H)
    for one, other in zip(found, forecast_windows(SERIES, ["2"], W, H), strict=True):
        np.testing.assert_array_equal(one, other)
    x, y, _ = next(iter(forecast_examples(FORMS[form](), ["2"], W, H, scale).batches(64)))
    assert x["features"].shape == (T - W - H + 1, W, 2) and y.shape[1] == H


@pytest.fixture(scope="module")
def task():
    model = kerasrnn.many_to_one((2,), H, units=3)
    return kerasrnn.Forecaster(model, NAMES, ["2"], W, H, WindowScale.fit(SERIES, W))


@pytest.mark.parametrize("form", [*FORMS, "more"])
def test_forecasts(form, task):
    make = {**FORMS, "more": lambda: Table(MORE)}[form]
    assert task.evaluate(make()) == task.evaluate(SERIES)
    forecast = task.forecast(make())
    np.testing.assert_array_equal(forecast.values, task.forecast(SERIES).values)
    assert forecast.columns == ("2",) and forecast.time_name == "step"


def test_a_window_that_is_a_table_has_its_columns_by_name(task):
    (expected,) = task.predict([VALUES[-W:]])
    for window in (Table(MORE), MORE, SERIES):
        np.testing.assert_array_equal(task.predict([window])[0], expected)
    with pytest.raises(UserError, match="columns 1, 2. Received: 1"):
        task.predict([{"1": VALUES[:, 0]}])
    with pytest.raises(UserError, match=r"the columns \['1', '2'\]. Received: \['2', '1'\]"):
        task.predict([Series(("2", "1"), VALUES)])


def test_one_column():
    expected = Series(("1",), VALUES[:, :1])
    for raw in (VALUES[:, 0], VALUES[:, 0].tolist(), iter(VALUES[:, 0])):
        found = as_series(raw)
        assert found.columns == expected.columns
        np.testing.assert_array_equal(found.values, expected.values)
    assert as_series([], ["a", "b"]).values.shape == (0, 2)


WRONG = {
    "path": ("sales.csv", "one text, 'sales.csv'.*`read_series`"),
    "no iterable": (3, "series of numbers. Received: 3"),
    "none": (None, "series of numbers. Received: None"),
    "digits": ([["1", "2"]], "rows of numbers"),
    "mixed": (np.array([[1.0, "2"]], object), "rows of numbers"),
    "dates": (np.array([["2026-11-27", "2026-11-28"]], "datetime64[D]"), "rows of numbers"),
    "missing": ([[1.0, None]], "column 'b'. Received: nan in row 0"),
    "cells": ({"a": [1.0], "b": [None]}, "column 'b'. Received: nan in row 0"),
    "unlike rows": ([[1.0, 2.0], [1.0]], "rows of numbers"),
    "nan": ([[1.0, 2.0], [1.0, float("nan")]], "column 'b'. Received: nan in row 1, from 0"),
    "three": (np.zeros((7, 3)), r"rows and columns of numbers: a, b. Received: \(7, 3\)"),
    "cube": (np.zeros((7, 2, 1)), r"rows and columns of numbers: a, b. Received: \(7, 2, 1\)"),
    "column": ({"a": [1.0], "c": [2.0]}, "columns a, b. Received: a, c"),
    "texts": ({"a": [1.0], "b": ["x"]}, r"numbers in the column 'b'. Received: \['x'\]"),
    "lengths": ({"a": [1.0], "b": [2.0, 3.0]}, r"as many numbers each. Received: \(1,\), \(2,\)"),
    "other names": (SERIES, r"columns \['a', 'b'\]. Received: \['1', '2'\]"),
}


@pytest.mark.parametrize("raw, message", WRONG.values(), ids=WRONG)
def test_what_is_no_series(raw, message):
    with pytest.raises(UserError, match=message):
        as_series(raw, ["a", "b"])


def test_dataframe(task):
    frame = pandas.DataFrame(MORE)
    assert task.evaluate(frame) == task.evaluate(SERIES)
    assert WindowScale.fit(frame[["1", "2"]], W) == WindowScale.fit(SERIES, W)
    with pytest.raises(UserError, match="numbers in the column 'day'"):
        WindowScale.fit(frame, W)
