"""Figures of predicted numbers against those of scikit-learn, in one piece and in several."""

import dataclasses
import json

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from kerasrnn.checks import UserError
from kerasrnn.metrics import TargetScale
from kerasrnn.tasks.tallies.number_tally import number_figures, number_report, number_tally

TARGETS = ("stars", "price", "far away")


@pytest.fixture
def numbers(rng):
    """What trained, what was predicted and what is true: 23 rows of three unlike targets."""
    offset, unit = np.array([3.0, -40.0, 1e5]), np.array([1.0, 300.0, 1e-2])
    train, predicted, right = (offset + unit * rng.normal(size=(n, 3)) for n in (37, 23, 23))
    return train, predicted, right


def tallies(predicted, right, scale, pieces):
    ends = np.linspace(0, len(right), pieces + 1).astype(int)
    parts = zip(ends, ends[1:], strict=False)
    found = [number_tally(predicted[a:b], right[a:b], scale) for a, b in parts if a < b]
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("pieces", [1, 3, 23])
def test_figures_by_sklearn(numbers, pieces):
    train, predicted, right = numbers
    scale = TargetScale.fit(train, TARGETS)
    figures = number_figures(tallies(predicted, right, scale, pieces), scale)
    r2 = []
    for i, name in enumerate(TARGETS):
        true, answers = right[:, i], predicted[:, i]
        expected = {
            "mae": sklearn_metrics.mean_absolute_error(true, answers),
            "rmse": sklearn_metrics.root_mean_squared_error(true, answers),
            "r2": sklearn_metrics.r2_score(true, answers),
            "constant_mae": np.mean(np.abs(true - np.median(train[:, i]))),
            "constant_rmse": np.sqrt(np.mean((true - train[:, i].mean()) ** 2)),
        }
        r2.append(expected["r2"])
        for figure, value in expected.items():
            assert figures[f"{figure}_of_{name}"] == pytest.approx(value, rel=1e-6), name
    assert figures["r2"] == pytest.approx(np.mean(r2), rel=1e-6)
    errors = (predicted - right) / train.std(0)
    assert figures["scaled_mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-6)
    assert figures["scaled_rmse"] == pytest.approx(np.sqrt(np.square(errors).mean()), rel=1e-6)
    constant = (train.mean(0) - right) / train.std(0)
    root = np.sqrt(np.square(constant).mean())
    assert figures["constant_scaled_rmse"] == pytest.approx(root, rel=1e-6)
    assert figures["examples"] == 23


def test_one_target_has_its_own_units_and_no_name(numbers):
    train, predicted, right = (each[:, 1:2] for each in numbers)
    scale = TargetScale.fit(train, ["price"])
    figures = number_figures(tallies(predicted, right, scale, 2), scale)
    assert [*figures] == ["mae", "rmse", "r2", "constant_mae", "constant_rmse", "examples"]
    assert figures["mae"] == pytest.approx(np.abs(predicted - right).mean())


def test_ranges_of_the_report_by_hand():
    scale = TargetScale.fit(np.arange(1.0, 11)[:, None], ["x"])
    assert scale.cuts[0] == pytest.approx((2.8, 4.6, 6.4, 8.2))
    predicted = np.array([[1.0], [2.8], [3.0], [9.0]])
    right = np.array([[2.0], [2.0], [4.0], [9.0]])
    report = number_report([number_tally(predicted, right, scale)], scale)
    assert [*report] == ["x", "x predicted below 2.8", "x predicted from 2.8 to 4.6"] + [
        "x predicted from 8.2"
    ]
    between = report["x predicted from 2.8 to 4.6"]
    assert between["mae"] == pytest.approx(0.9)
    assert between["rmse"] == pytest.approx(np.sqrt((0.8**2 + 1) / 2))
    assert between["mean_error"] == pytest.approx(-0.1)
    assert [row["support"] for row in report.values()] == [4, 1, 2, 1]


def test_numbers_that_are_all_the_same_have_no_r2():
    scale = TargetScale.fit([[1.0], [2.0]], ["x"])
    figures = number_figures([number_tally([[1.0], [2.0]], [[1.5], [1.5]], scale)], scale)
    assert np.isnan(figures["r2"]) and figures["rmse"] == pytest.approx(0.5)
    assert np.isnan(number_figures([], scale)["mae"])


def test_a_scale_is_undone_and_kept(numbers):
    train = numbers[0]
    scale = TargetScale.fit(train, TARGETS)
    scaled = scale.scale(train)
    assert np.allclose(scaled.mean(0), 0, atol=1e-6) and np.allclose(scaled.std(0), 1, rtol=1e-6)
    assert np.allclose(scale.unscale(scaled), train, rtol=1e-14)
    kept = json.loads(json.dumps(dataclasses.asdict(scale)))
    assert TargetScale.of_parts(kept) == scale


def test_very_small_numbers_have_a_deviation():
    assert TargetScale.fit([[1e-200], [3e-200]], ["x"]).deviation == pytest.approx((1e-200,))


@pytest.mark.parametrize(
    "rows, sentence",
    [
        ([[1.0, 2.0]], "Expected rows of 1 numbers"),
        ([[1.0], [float("nan")]], "between -1e+100 and 1e+100. Received: nan"),
        ([[1.0], [1e200]], "between -1e+100 and 1e+100. Received: 1e+200"),
        ([[5.0], [5.0]], "differ from example to example. Received: 5 in all of training"),
        (np.zeros((0, 1)), "Expected rows of 1 numbers"),
    ],
)
def test_bad_numbers(rows, sentence):
    with pytest.raises(UserError) as error:
        TargetScale.fit(rows, ["x"])
    assert sentence in str(error.value)
