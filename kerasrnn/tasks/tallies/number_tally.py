"""What is counted of numbers that were predicted, beside the constants of the training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from kerasrnn.files import number_text
from kerasrnn.metrics.regression import TargetScale
from kerasrnn.tasks.tallies.sums import exact, exact_sum

__all__ = ["number_figures", "number_report", "number_tally"]

# The sums of a target, and of each range of what was predicted of it.
OF_ALL = ("mean", "squares", "constant_absolute", "constant_squares")
OF_A_RANGE = ("number", "error", "absolute", "squares")


def number_tally(predictions: Any, right: Any, scale: TargetScale) -> dict[str, Any]:
    """Counts what the figures of a regression are made of.

    Args:
        predictions: `(N, K)` what a model answered, in the units of the targets.
        right: `(N, K)` the true numbers.
        scale: That of the training.

    Returns:
        `examples`, the number N; for each target, under `targets`, the mean of the true numbers,
        the sum of their squared differences from it, and the sums of the absolute errors of the
        median and of the squared ones of the mean of the training; under `ranges`, for each range
        of the predictions between the cuts of the scale, their number and the sums of the errors,
        of their absolute values and of their squares.
    """
    predictions, right = (np.asarray(each, "float64") for each in (predictions, right))
    targets, ranges = [], []
    for place in range(len(scale.targets)):
        answers, true = predictions[:, place], right[:, place]
        mean, errors = true.mean(), answers - true
        sums = (
            mean,
            np.square(true - mean).sum(),
            np.abs(true - scale.median[place]).sum(),
            np.square(true - scale.mean[place]).sum(),
        )
        targets.append([exact(each) for each in sums])
        # A number on a cut belongs to the range above it.
        found = np.searchsorted(scale.cuts[place], answers, side="right")
        parts = [errors[found == i] for i in range(len(scale.cuts[place]) + 1)]
        ranges.append(
            [
                [len(e), exact(e.sum()), exact(np.abs(e).sum()), exact(np.square(e).sum())]
                for e in parts
            ]
        )
    return {"examples": len(right), "targets": targets, "ranges": ranges}


def number_figures(tallies: Iterable[Mapping[str, Any]], scale: TargetScale) -> dict[str, Any]:
    """Sums up what `number_tally` returned for each piece.

    Args:
        tallies: Those of the pieces.
        scale: That of the training.

    Returns:
        Of one target, in its units: `mae`, the mean absolute error, `rmse`, the root of the mean
        squared error, and `constant_mae` and `constant_rmse`, those of answering always the median
        and the mean of the training; `r2`, the coefficient of determination, NaN where all true
        numbers are the same. Of several targets all these as `mae_of_NAME` and so on; and over all
        targets `r2`, the unweighted mean, and, in standard deviations of the training, so that
        targets of unlike units weigh the same, `scaled_mae`, `scaled_rmse`, `constant_scaled_mae`
        and `constant_scaled_rmse`. `examples`, their number.

    Example:

    >>> scale = TargetScale.fit([[1.0], [2.0], [6.0]], ["stars"])
    >>> number_figures([number_tally([[2.0], [4.0]], [[2.0], [3.0]], scale)], scale)["mae"]
    0.5
    """
    tallies = list(tallies)
    number = sum(each["examples"] for each in tallies)
    found = [_scores(tallies, place) for place in range(len(scale.targets))]
    if len(found) == 1:
        return {**found[0], "examples": number}
    deviations = np.array(scale.deviation)
    of_all = {"r2": float(np.mean([each["r2"] for each in found]))}
    for begin in ("", "constant_"):
        absolute, root = (
            np.array([each[f"{begin}{name}"] for each in found]) / deviations
            for name in ("mae", "rmse")
        )
        of_all[f"{begin}scaled_mae"] = float(np.mean(absolute))
        of_all[f"{begin}scaled_rmse"] = float(np.sqrt(np.mean(np.square(root))))
    named = {
        f"{figure}_of_{name}": value
        for name, scores in zip(scale.targets, found, strict=True)
        for figure, value in scores.items()
    }
    return {**of_all, **named, "examples": number}


def number_report(
    tallies: Iterable[Mapping[str, Any]], scale: TargetScale
) -> dict[str, dict[str, float]]:
    """Sums up the same for a table.

    Args:
        tallies: Those of the pieces.
        scale: That of the training.

    Returns:
        For each target what `number_figures` says of one, and for each range of its predictions
        `mae`, `rmse` and `mean_error`, predicted minus true; `support`, the number of examples.
    """
    tallies = list(tallies)
    report: dict[str, dict[str, float]] = {}
    for place, name in enumerate(scale.targets):
        ranges = _ranges(tallies, place)
        total = sum(each["number"] for each in ranges)
        error = exact_sum(exact(each["error"]) for each in ranges)
        row = {**_scores(tallies, place), "mean_error": error / total if total else float("nan")}
        report[name] = {**row, "support": total}
        for i, sums in enumerate(ranges):
            if n := sums["number"]:
                report[f"{name} predicted {_words(scale.cuts[place], i)}"] = {
                    "mae": sums["absolute"] / n,
                    "rmse": float(np.sqrt(sums["squares"] / n)),
                    "mean_error": sums["error"] / n,
                    "support": n,
                }
    return report


def _scores(tallies: list[Mapping[str, Any]], place: int) -> dict[str, float]:
    """The figures of one target."""
    parts = [
        (
            each["examples"],
            dict(zip(OF_ALL, map(float.fromhex, each["targets"][place]), strict=True)),
        )
        for each in tallies
    ]
    number = sum(n for n, _ in parts)
    if not number:
        return dict.fromkeys(("mae", "rmse", "r2", "constant_mae", "constant_rmse"), float("nan"))
    ranges = _ranges(tallies, place)
    absolute, squares = (exact_sum(exact(each[name]) for each in ranges) for name in OF_A_RANGE[2:])
    constant = {name: exact_sum(exact(part[name]) for _, part in parts) for name in OF_ALL[2:]}
    # Around the mean of all, from the sums around the mean of each piece (Chan et al. 1979).
    mean = exact_sum(exact(n * part["mean"]) for n, part in parts) / number
    around = exact_sum(exact(part["squares"] + n * (part["mean"] - mean) ** 2) for n, part in parts)
    return {
        "mae": absolute / number,
        "rmse": float(np.sqrt(squares / number)),
        "r2": 1 - squares / around if around > 0 else float("nan"),
        "constant_mae": constant["constant_absolute"] / number,
        "constant_rmse": float(np.sqrt(constant["constant_squares"] / number)),
    }


def _ranges(tallies: list[Mapping[str, Any]], place: int) -> list[dict[str, float]]:
    """The sums of each range of the predictions of one target."""
    found = []
    for parts in zip(*(each["ranges"][place] for each in tallies), strict=True):
        number, *sums = zip(*parts, strict=True)
        found.append(dict(zip(OF_A_RANGE, (sum(number), *map(exact_sum, sums)), strict=True)))
    return found


def _words(cuts: tuple[float, ...], i: int) -> str:
    if i == 0:
        return f"below {number_text(cuts[0], 4)}"
    if i == len(cuts):
        return f"from {number_text(cuts[-1], 4)}"
    return f"from {number_text(cuts[i - 1], 4)} to {number_text(cuts[i], 4)}"
