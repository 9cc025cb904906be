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

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from results import ROOT, commit

HERE = pathlib.Path(__file__).with_suffix("")
OWN = ["--window", "168", "--horizon", "24", "--target", "OT", "--units", "64"]
QUANTILES = ["--quantiles", "0.1", "0.5", "0.9", "--loss", "mse"]
# Rows beside the recipe as it is; a recipe's option that does not apply is turned off.
ROWS = {
    "96": [],
    "192": ["--horizon", "192"],
    "336": ["--horizon", "336"],
    # Of a month ahead little can be known: more dropout, slower weights, averaged for longer.
    "720": "--horizon 720 --dropout 0.7 --learning-rate 0.0005 --ema-epochs 2".split(),
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
    HERE.mkdir(exist_ok=True)
    (HERE / f"{row}.json").write_text(json.dumps(kept, indent=2) + "\n")


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
        "The temperature of the oil (OT) 24 hours ahead, a week read, quantiles 0.1, 0.5 and 0.9,",
        "64 units. An interval of 80 % should hold 80 % of what comes; MASE below 1 beats the hour",
        "of the day before in training.",
        "",
        header("forecaster", "in the interval", "mean width", "pinball", "MAE", "MASE")
        + " MAE of the day before | minutes | commit |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in ("interval", "direct", "recursive"):
        if row in found:
            figures = found[row]["test"]
            cells = [
                {"interval": "patches of 24 hours"}.get(row, row),
                f"{figures['coverage']:.1%}",
                *(
                    f"{figures[name]:.3f}"
                    for name in ("interval_width", "pinball", "mae", "mase", "seasonal_naive_mae")
                ),
                f"{found[row]['minutes']}",
                found[row]["commit"],
            ]
            lines.append(f"| {' | '.join(cells)} |")
    HERE.with_suffix(".md").write_text("\n".join(lines) + "\n")


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
