"""Forecasts of ETTh1 on the field's split: SegRNN beside its authors' table, intervals, baselines.

    python benchmarks/etth1.py train ROW FILE   # one of the rows below, into benchmarks/etth1/
    python benchmarks/etth1.py table            # writes benchmarks/etth1.md of what all rows left

FILE is ETTh1.csv (Zhou et al. 2021). A row is one `kerasrnn train` command by the recipe
`quality/etth1`; training ends by its validation part, the test part is read once.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from results import ROOT, commit

from kerasrnn.tasks.tallies.forecast_tally import figures_by_target

HERE = pathlib.Path(__file__).with_suffix("")
DAY = ["--window", "168", "--horizon", "24", "--units", "64"]
OWN = [*DAY, "--target", "OT"]
# Quantiles that move with the windows of the last four weeks.
QUANTILES = "--quantiles 0.1 0.5 0.9 --loss mse --recalibrate 672".split()
# Rows beside the recipe as it is; a recipe's option that does not apply is turned off.
ROWS = {
    "96": [],
    "192": ["--horizon", "192"],
    "336": ["--horizon", "336"],
    # Of a month ahead little can be known: more dropout, slower weights, averaged for longer.
    "720": "--horizon 720 --dropout 0.7 --learning-rate 0.0005 --ema-epochs 2".split(),
    "columns": [*DAY, *QUANTILES, "--patch-length", "24"],
    "interval": [*OWN, *QUANTILES, "--patch-length", "24"],
    "direct": [*OWN, *QUANTILES],
    "recursive": [*OWN, *QUANTILES, "--method", "recursive"],
}
# Lin et al. (2023), table of the look-back 96: mean squared and absolute error.
AUTHORS = {
    "96": (0.368, 0.395),
    "192": (0.408, 0.419),
    "336": (0.444, 0.440),
    "720": (0.446, 0.457),
}
WITHOUT_PATCHES = {"direct", "recursive"}


def train(row: str, data: str) -> None:
    """Trains a row, and keeps what it measured."""
    output = ROOT / "runs" / "etth1" / row
    shutil.rmtree(output, ignore_errors=True)
    words = ["train", "forecast", "--config", recipe(row), "--data", data, *ROWS[row]]
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "kerasrnn", *words, "--output", str(output)], cwd=ROOT, check=True
    )
    minutes = (time.perf_counter() - begin) / 60
    metrics = json.loads((output / "metrics.json").read_text())
    name = "without_patches.yaml" if row in WITHOUT_PATCHES else words[3]
    shown = ["kerasrnn", *words[:3], name, "--data", "ETTh1.csv", *ROWS[row]]
    kept = {
        "command": " ".join(shown),
        "minutes": round(minutes, 1),
        "commit": commit(),
        "test": metrics["test"],
    }
    if "--recalibrate" in words:
        kept["by_target"] = by_target(output, data)
    HERE.mkdir(exist_ok=True)
    (HERE / f"{row}.json").write_text(json.dumps(kept, indent=2) + "\n")


def by_target(output: pathlib.Path, data: str) -> dict[str, dict[str, dict[str, float]]]:
    """Returns test figures of each target, by quantiles that move and by those of validation."""
    import kerasrnn

    task: Any = kerasrnn.load(output)
    part, found = task.read(data, "test"), {}
    for name, number in (("moving", task.recalibrate), ("still", None)):
        task.recalibrate = number
        rows = figures_by_target(list(task.tallies(part)), task.targets)
        found[name] = {row.pop("target"): row for row in rows}
    return found


def recipe(row: str) -> str:
    """Returns the recipe of a row: those without patches take it without that option."""
    if row not in WITHOUT_PATCHES:
        return "quality/etth1"
    lines = (ROOT / "kerasrnn" / "recipes" / "quality" / "etth1.yaml").read_text().splitlines()
    path = ROOT / "runs" / "etth1" / "without_patches.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(line for line in lines if not line.startswith("patch_length")))
    return str(path)


def table() -> None:
    """Writes the tables."""
    found = {row: json.loads((HERE / f"{row}.json").read_text()) for row in ROWS if there(row)}
    lines = [
        "# ETTh1",
        "",
        "Seven loads and temperatures of every hour, 12 months for training, 4 for validation, 4",
        "for test; the errors are those of numbers that are standardised by the training part,",
        "over all columns and steps. SegRNN by `make quality-etth1 DATA=ETTh1.csv`, beside the",
        "figures of its authors (Lin et al. 2023, 96 hours read). Two cores, shared with others,",
        "so that minutes are upper bounds.",
        "",
        header("hours ahead", "MSE (authors)", "MAE (authors)", "hour of the day before")
        + " last value | minutes | commit |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in AUTHORS:
        if row in found:
            figures = found[row]["test"]
            others = [
                f"{figures[f'{name}_scaled_mse']:.3f}, {figures[f'{name}_scaled_mae']:.3f}"
                for name in ("seasonal_naive", "last_value")
            ]
            own = [
                f"{figures[name]:.3f} ({value:.3f})"
                for name, value in zip(("scaled_mse", "scaled_mae"), AUTHORS[row], strict=True)
            ]
            cells = [row, *own, *others, f"{found[row]['minutes']}", found[row]["commit"]]
            lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "24 hours ahead, a week read, quantiles 0.1, 0.5 and 0.9, 64 units. An interval of 80 %",
        "should hold 80 % of what comes. Quantiles that hold on the four months of validation do",
        "not on the four of test in all columns; those that move with the windows of the last four",
        "weeks do (`--recalibrate 672`). MASE below 1 beats the hour of the day before in",
        "training. All seven columns by one model of patches:",
        "",
        header("column", "in the interval", "mean width", "pinball")
        + " in that of validation | mean width | pinball |",
        "|---|---|---|---|---|---|---|",
    ]
    for column, moving in (
        found["columns"]["by_target"]["moving"] if "columns" in found else {}
    ).items():
        rows = (moving, found["columns"]["by_target"]["still"][column])
        cells = [column, *(cell for row in rows for cell in interval_cells(row))]
        lines.append(f"| {' | '.join(cells)} |")
    if "columns" in found:
        lines += ["", f"{found['columns']['minutes']} minutes, {found['columns']['commit']}."]
    lines += [
        "",
        "The temperature of the oil (OT) alone:",
        "",
        header("forecaster", "in the interval", "mean width", "pinball", "in that of validation")
        + " MAE | MASE | MAE of the day before | minutes | commit |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in ("interval", "direct", "recursive"):
        if row in found:
            figures = found[row]["test"]
            cells = [
                {"interval": "patches of 24 hours"}.get(row, row),
                *interval_cells(figures),
                f"{found[row]['by_target']['still']['OT']['coverage']:.1%}",
                *(f"{figures[name]:.3f}" for name in ("mae", "mase", "seasonal_naive_mae")),
                f"{found[row]['minutes']}",
                found[row]["commit"],
            ]
            lines.append(f"| {' | '.join(cells)} |")
    HERE.with_suffix(".md").write_text("\n".join(lines) + "\n")


def interval_cells(figures: dict[str, float]) -> list[str]:
    """Writes what there is of an interval."""
    numbers = (f"{figures[name]:.3f}" for name in ("interval_width", "pinball"))
    return [f"{figures['coverage']:.1%}", *numbers]


def header(*names: str) -> str:
    """Begins the header of a table."""
    return f"| {' | '.join(names)} |"


def there(row: str) -> bool:
    """Whether a row has been measured."""
    return (HERE / f"{row}.json").exists()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("train")
    one.add_argument("row", choices=ROWS)
    one.add_argument("data")
    commands.add_parser("table")
    given = parser.parse_args()
    table() if given.command == "table" else train(given.row, given.data)


if __name__ == "__main__":
    main()
