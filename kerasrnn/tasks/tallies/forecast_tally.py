"""What is counted of forecasts beside baselines, by step of the horizon and by target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.tasks.tallies.sums import exact, exact_sum

__all__ = ["figures_by_step", "figures_by_target", "forecast_figures", "forecast_tally"]

# Axes over which a `(B, H, K)` array is summed up, so that a sum for each step or target is left.
MARGINS = {"steps": (0, 2), "targets": (0, 1)}
# Of each figure the sum and the number of what it is the mean.
POINT = {
    "mae": ("absolute", "numbers"),
    "rmse": ("squares", "numbers"),
    "mase": ("mase", "mase_numbers"),
    "smape": ("smape", "numbers"),
    "scaled_mse": ("scaled_squares", "scaled_numbers"),
    "scaled_mae": ("scaled_absolute", "scaled_numbers"),
}
INTERVAL = {
    "pinball": ("pinball", "numbers"),
    "coverage": ("covered", "numbers"),
    "interval_width": ("width", "numbers"),
}
# What tables have of each step or target: of the model, and of each baseline.
OF_A_ROW = ("mae", "rmse", "mase", "smape", *INTERVAL)
OF_A_BASELINE = ("mae", "mase")


def forecast_tally(
    forecast: np.ndarray,
    truth: np.ndarray,
    *,
    mase_scale: np.ndarray,
    deviation: np.ndarray,
    quantiles: np.ndarray | None = None,
    levels: Sequence[float] | None = None,
    baselines: Mapping[str, np.ndarray] | None = None,
) -> dict[str, Any]:
    """Counts what the figures of forecasts are made of.

    Args:
        forecast: `(B, H, K)` what was forecast from B origins, in the units of the file.
        truth: `(B, H, K)` what came.
        mase_scale: `(B, K)` what scaled errors are divided by, see `datasets.naive_errors`; NaN
            or 0 where there is none.
        deviation: `(B, K)` the standard deviations in training, likewise.
        quantiles: `(B, H, K, Q)` the numbers that were forecast for the levels.
        levels: The Q levels, ascending.
        baselines: By name the `(B, H, K)` forecasts of each, see `datasets.baselines`.

    Returns:
        `examples`, the number B; under `steps` and `targets`, by name (`""` for the model), H and K
        of each sum, see `exact`, and of how many numbers it is.
    """
    forecast, truth = (np.asarray(each, "float64") for each in (forecast, truth))
    scales = {"mase": mase_scale, "scaled": deviation}
    scales = {name: np.asarray(each, "float64")[:, None] for name, each in scales.items()}
    errors = {"": forecast, **{name: each for name, each in (baselines or {}).items()}}
    with np.errstate(all="ignore"):
        sums = {name: _point_sums(each, truth, scales) for name, each in errors.items()}
        if quantiles is not None and levels:
            sums[""] |= _interval_sums(np.asarray(quantiles, "float64"), truth, levels)
        return {
            "examples": len(truth),
            **{
                margin: {name: _written(parts, axes) for name, parts in sums.items()}
                for margin, axes in MARGINS.items()
            },
        }


def _point_sums(
    forecast: np.ndarray, truth: np.ndarray, scales: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    absolute = np.abs(forecast - truth)
    size = np.abs(forecast) + np.abs(truth)
    parts = {
        "numbers": np.ones(truth.shape, bool),
        "absolute": absolute,
        "squares": np.square(absolute),
        # M4's definition (Makridakis et al. 2020), in percent of half the sum; 0 of two zeros.
        "smape": 200 * absolute / np.where(size > 0, size, 1.0),
    }
    for name, scale in scales.items():
        there = np.isfinite(scale) & (scale > 0)
        scaled = np.where(there, absolute / np.where(there, scale, 1.0), 0.0)
        parts[f"{name}_numbers"] = np.broadcast_to(there, truth.shape)
        if name == "mase":
            parts["mase"] = scaled
        else:
            parts |= {"scaled_absolute": scaled, "scaled_squares": np.square(scaled)}
    return parts


def _interval_sums(
    quantiles: np.ndarray, truth: np.ndarray, levels: Sequence[float]
) -> dict[str, np.ndarray]:
    """The mean pinball loss of the levels (Koenker and Bassett 1978), and the widest interval."""
    losses = []
    for place, level in enumerate(levels):
        above = truth - quantiles[..., place]
        losses.append(np.maximum(level * above, (level - 1) * above))
    parts = {"pinball": np.mean(losses, axis=0)}
    if len(levels) > 1:
        low, high = quantiles[..., 0], quantiles[..., -1]
        parts |= {"covered": (low <= truth) & (truth <= high), "width": high - low}
    return parts


def _written(parts: Mapping[str, np.ndarray], axes: tuple[int, int]) -> dict[str, list[Any]]:
    found = {}
    for name, values in parts.items():
        if values.dtype == bool:
            found[name] = values.sum(axis=axes, dtype="int64").tolist()
        else:
            found[name] = [exact(each) for each in values.sum(axis=axes)]
    return found


def forecast_figures(tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Sums up what `forecast_tally` returned for each piece.

    Args:
        tallies: Those of the pieces, at least one.

    Returns:
        `mae` and `rmse`; `mase`, the mean absolute scaled error (Hyndman and Koehler 2006); `smape`
        from 0 to 200 as in M4; `scaled_mse` and `scaled_mae` of errors in standard deviations of
        the training, of each series and target; with quantiles `pinball`, the mean of the levels,
        and, of several levels, `coverage` and `interval_width` between the lowest and the highest;
        the first six of each baseline, as `last_value_mae`; `examples`, the number of origins. NaN
        for what nothing could be scaled by.

    Example:

    >>> one = np.array([[[1.0], [4.0]]])
    >>> tally = forecast_tally(one, one + 2, mase_scale=[[4.0]], deviation=[[1.0]])
    >>> figures = forecast_figures([tally])
    >>> figures["mae"], figures["mase"], figures["scaled_mse"]
    (2.0, 0.5, 4.0)
    """
    tallies = list(tallies)
    names = list(tallies[0]["targets"])
    found: dict[str, Any] = {}
    for name in names:
        sums = _summed(tallies, "targets", name)
        total = {
            key: sum(values) if _counts(key) else exact_sum(map(exact, values))
            for key, values in sums.items()
        }
        begin = f"{name}_" if name else ""
        found |= {f"{begin}{key}": each for key, each in _figures(total).items()}
    return {**found, "examples": sum(each["examples"] for each in tallies)}


def figures_by_step(tallies: Iterable[Mapping[str, Any]]) -> list[dict[str, float]]:
    """Sums the same up for each step of the horizon.

    Args:
        tallies: Those of the pieces, at least one.

    Returns:
        A row for each of H steps: `step`, from 1; `mae`, `rmse`, `mase`, `smape`, with quantiles
        `pinball`, `coverage` and `interval_width`; `mae` and `mase` of each baseline.
    """
    rows = _rows(list(tallies), "steps")
    return [{"step": step, **row} for step, row in enumerate(rows, 1)]


def figures_by_target(
    tallies: Iterable[Mapping[str, Any]], targets: Sequence[str]
) -> list[dict[str, Any]]:
    """Sums the same up for each target.

    Args:
        tallies: Those of the pieces, at least one.
        targets: Names of the K targets.

    Returns:
        A row for each: `target`, its name, and what `figures_by_step` has.
    """
    rows = _rows(list(tallies), "targets")
    return [{"target": name, **row} for name, row in zip(targets, rows, strict=True)]


def _rows(tallies: list[Mapping[str, Any]], margin: str) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = []
    for name in tallies[0][margin]:
        sums = _summed(tallies, margin, name)
        chosen = OF_A_BASELINE if name else OF_A_ROW
        begin = f"{name}_" if name else ""
        for place in range(len(sums["numbers"])):
            figures = _figures({key: values[place] for key, values in sums.items()})
            row = {f"{begin}{key}": figures[key] for key in chosen if key in figures}
            if name:
                rows[place] |= row
            else:
                rows.append(row)
    return rows


def _counts(name: str) -> bool:
    """Whether a sum is a number of things."""
    return name == "covered" or name.endswith("numbers")


def _summed(tallies: list[Mapping[str, Any]], margin: str, name: str) -> dict[str, list[Any]]:
    """Each sum over all pieces, for each step or target."""
    pieces = [each[margin][name] for each in tallies]
    return {
        key: [
            sum(column) if _counts(key) else exact_sum(column)
            for column in zip(*(piece[key] for piece in pieces), strict=True)
        ]
        for key in pieces[0]
    }


def _figures(sums: Mapping[str, Any]) -> dict[str, float]:
    found = {}
    for name, (part, numbers) in {**POINT, **INTERVAL}.items():
        if part in sums:
            number = sums[numbers]
            mean = sums[part] / number if number else float("nan")
            found[name] = float(np.sqrt(mean)) if name == "rmse" else float(mean)
    return found
