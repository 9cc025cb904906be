"""Numbers about sequences of vectors: the mean load and oil temperature of tomorrow, of ETTh1.

`python benchmarks/regress_vectors.py DATA`, DATA being a folder with `data/ett/ETTh1.csv`. A
sequence is the hours of a week, seven numbers each; there is one for each hour that it can end
at. Training, validation and test are 12, 4 and 4 months in a row, as the field splits the table. It
writes a Markdown table beside itself: errors of the means of tomorrow, whatever is learned.

- levels: the means themselves are learned, from the hours as they are;
- changes: what is learned is the change from the mean of today, from hours of which the mean of
  today is taken off.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from results import commit
from sklearn import linear_model, metrics

import kerasrnn

HEAD = """# Numbers about sequences of vectors

`python benchmarks/regress_vectors.py DATA` (commit {}): the mean load (HUFL) and oil temperature
(OT) of the next 24 hours, from a week of hours of ETTh1; 12, 4 and 4 months in a row. Figures of
the test months, for each hour that a sequence can end at; minutes of the training on {} CPU cores,
others being busy; Keras {}. The ridge regression reads the means of the target on the six days
before, less that of today. The GRU is the best of {} by the loss of validation.

| target | answers | MAE | RMSE | R² | min |
|---|---|---|---|---|---|"""
MONTHS = {"train": (0, 12), "validation": (12, 16), "test": (16, 20)}
DAY, DAYS = 24, 7
TARGETS = {"load": "HUFL", "oil": "OT"}
OPTIONS = ["--features", "number=load+oil", "--loss", "mae", "--pooling", "last"]
OPTIONS += ["--epochs", "8", "--batch-size", "32"]
SETS = [
    f"--units {units} --dropout {dropout} --learning-rate {rate}"
    for units, dropout, rate in itertools.product((32, 64), (0.2, 0.4), (0.001, 0.0003))
]
Parts = dict[str, tuple[np.ndarray, np.ndarray]]


def read(shared: pathlib.Path) -> tuple[np.ndarray, list[int]]:
    """The table, and which columns are the targets."""
    with open(shared / "data" / "ett" / "ETTh1.csv", encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    values = np.array([line[1:] for line in lines], "float64")
    return values, [header.index(each) - 1 for each in TARGETS.values()]


def sequences(values: np.ndarray, split: str) -> tuple[np.ndarray, np.ndarray]:
    """The hours `(N, T, F)` before each end, and the means of the next day `(N, F)`."""
    begin, end = (month * 30 * DAY for month in MONTHS[split])
    ends = range(max(begin, DAYS * DAY), end - DAY + 1)
    before = np.stack([values[i - DAYS * DAY : i] for i in ends])
    return before, np.stack([values[i : i + DAY].mean(axis=0) for i in ends])


def today(before: np.ndarray) -> np.ndarray:
    """The means of the last 24 hours, `(N, F)`."""
    return before[:, -DAY:].mean(axis=1)


def trained(
    folder: pathlib.Path, parts: Parts, targets: list[int], changes: bool
) -> tuple[np.ndarray, float, str]:
    """What trainings on files answer for the test months, as levels, its minutes and options.

    It is the one of the least loss of validation.
    """
    folder.mkdir()
    for split, (before, after) in parts.items():
        level = today(before) if changes else np.zeros_like(after)
        numbers = (after - level)[:, targets]
        named = dict(zip(TARGETS, numbers.T, strict=True))
        hours = (before - level[:, None]).astype("float32")
        np.savez(folder / f"{split}.npz", features=hours, **named)
    best, minutes = None, 0.0
    for number, options in enumerate(SETS):
        run = folder.with_name(f"{folder.name}-{number}")
        command = ["train", "regress", "--data", str(folder), "--output", str(run)]
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "kerasrnn", *command, *OPTIONS, *options.split()], check=True
        )
        minutes = (time.perf_counter() - start) / 60
        loss = json.loads((run / "metrics.json").read_text(encoding="utf-8"))["validation"]["loss"]
        if best is None or loss < best[0]:
            best = loss, run, options, minutes
    assert best is not None
    _, run, options, minutes = best
    answers = np.stack(kerasrnn.load(run).predict(list(hours)))
    return answers + level[:, targets], minutes, options


def ridge(parts: Parts, place: int) -> np.ndarray:
    """The change that the means of a target on the days before tell, by a line."""

    def days(before: np.ndarray) -> np.ndarray:
        means = before[:, :, place].reshape(len(before), DAYS, DAY).mean(axis=2)
        return means[:, :-1] - means[:, -1:]

    (before, after), (others, _) = parts["train"], parts["test"]
    model = linear_model.Ridge(100.0)
    model.fit(days(before), (after - today(before))[:, place])
    return model.predict(days(others)) + today(others)[:, place]


def row(name: str, who: str, right: np.ndarray, answers: np.ndarray, minutes: str = "") -> str:
    mae = metrics.mean_absolute_error(right, answers)
    rmse = metrics.root_mean_squared_error(right, answers)
    r2 = metrics.r2_score(right, answers)
    return f"| {name} | {who} | {mae:.3f} | {rmse:.3f} | {r2:.3f} | {minutes} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path)
    values, targets = read(parser.parse_args().data)
    parts = {split: sequences(values, split) for split in MONTHS}
    with tempfile.TemporaryDirectory() as place:
        learned = {
            kind: trained(pathlib.Path(place, kind), parts, targets, kind == "changes")
            for kind in ("levels", "changes")
        }
    lines = []
    before, after = parts["test"]
    for i, (name, column) in enumerate(zip(TARGETS, targets, strict=True)):
        right = after[:, column]
        median = np.median(parts["train"][1][:, column])
        lines.append(row(name, "the median of training", right, np.full_like(right, median)))
        lines.append(row(name, "the mean of today", right, today(before)[:, column]))
        lines.append(row(name, "ridge over the days before", right, ridge(parts, column)))
        for kind, (answers, minutes, _) in learned.items():
            spent = "" if i else f"{minutes:.1f}"
            lines.append(row(name, f"GRU that learns {kind}", right, answers[:, i], spent))
    lines.append("")
    for kind, (_, _, options) in learned.items():
        shown = " ".join(["kerasrnn train regress --data FOLDER", *OPTIONS, options])
        lines += [f"{kind.capitalize()}: `{shown}`.", ""]
    head = HEAD.format(commit(), os.cpu_count(), keras.__version__, len(SETS))
    text = "\n".join([head, *lines])
    print(text)
    pathlib.Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
