"""Pictures of forecasts, read back from the figures."""

import numpy as np
import pytest

from kerasrnn import plotting

ROWS = [
    {
        "step": step,
        "mae": 2.0 + step,
        "rmse": 9.0,
        "coverage": 0.7,
        "last_value_mae": 3.0 * step,
        "seasonal_naive_mae": 5.0,
        "last_value_mase": 1.0,
    }
    for step in (1, 2, 3)
]


def test_an_interval_opens_where_the_history_ends():
    axes = plotting.forecast_curve(
        [5, 7], [9, 8, 6], interval=([8, 6, 1], [10, 11, 12]), interval_label="80 % interval"
    ).axes[0]
    (band,) = axes.collections
    assert band.get_label() == "80 % interval"
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices}
    assert corners == {(0, 7), (1, 8), (2, 6), (3, 1), (1, 10), (2, 11), (3, 12)}
    assert not plotting.forecast_curve([5, 7], [9]).axes[0].collections


def test_an_interval_in_time():
    days = np.arange("2024-02-28", "2024-03-02", dtype="datetime64[D]")
    figure = plotting.forecast_curve([5, 7], [9], interval=([8], [10]), times=list(days))
    assert len(figure.axes[0].collections) == 1


def test_errors_of_each_step_beside_the_baselines():
    (axes,) = plotting.figures_by_horizon(ROWS, quantity="°C").axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert list(lines) == ["model", "last value", "seasonal naive"]
    assert list(lines["model"].get_xdata()) == [1, 2, 3]
    assert list(lines["model"].get_ydata()) == [3, 4, 5]
    assert list(lines["last value"].get_ydata()) == [3, 6, 9]
    assert len({line.get_linestyle() for line in lines.values()}) == 3
    assert axes.get_ylabel() == "MAE (°C)" and axes.get_ylim()[0] == 0


def test_coverage_stands_beside():
    error, covered = plotting.figures_by_horizon(ROWS, "rmse", nominal=0.8).axes
    assert [line.get_label() for line in error.get_lines()] == ["model"]
    drawn, wanted = covered.get_lines()
    assert list(drawn.get_ydata()) == [0.7] * 3 and set(wanted.get_ydata()) == {0.8}
    assert wanted.get_label() == "should be 80%"


def test_marks_of_many_steps_are_left_out():
    many = [{"step": step, "mae": 1.0} for step in range(1, 97)]
    (line,) = plotting.figures_by_horizon(many).axes[0].get_lines()
    assert line.get_marker() == "None"
    lines = plotting.forecast_curve([0], range(31), truth=range(31)).axes[0].get_lines()
    assert {line.get_marker() for line in lines} == {"None"}


@pytest.mark.parametrize(
    "message, draw",
    [
        ("`low`", lambda: plotting.forecast_curve([1], [2], interval=([1, 2], [3]))),
        ("2 and 1 of step 1", lambda: plotting.forecast_curve([1], [2], interval=([2], [1]))),
        ("rows with 'mae'. Received: no row", lambda: plotting.figures_by_horizon([])),
        ("rows with 'pinball'. R", lambda: plotting.figures_by_horizon(ROWS, "pinball")),
        (
            "rows with 'coverage'",
            lambda: plotting.figures_by_horizon([{"step": 1, "mae": 1}], nominal=0.5),
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(message, draw):
    with pytest.raises(ValueError, match=message):
        draw()
