"""Trainings on vectors and videos that are written into files first, as a user has them.

Run `python benchmarks/own_data.py DATA`, DATA being a folder with `tfds`, which holds MNIST, en_ewt
and imdb_reviews as tensorflow-datasets prepares them, and `data/ett/ETTh1.csv`; or `python
benchmarks/own_data.py DATA rows words` for some of them. Each is one command. It writes
own_data.json and the table own_data.md beside itself.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import own_steps
from results import commit

HERE = pathlib.Path(__file__).resolve().parent
RESULTS, TABLE = HERE / "own_data.json", HERE / "own_data.md"
SPLITS = ("train", "validation", "test")
SEASONS = ("winter", "spring", "summer", "autumn")


def rows(shared: pathlib.Path, folder: pathlib.Path) -> own_steps.Written:
    """MNIST: an image is a sequence of 28 rows of 28 numbers, 20,000 of them to train on."""
    from kerasrnn.datasets import labelled_images

    for split in SPLITS:
        images = labelled_images("mnist", split, shared / "tfds")
        pairs = list(images.take(20_000 if split == "train" else 10_000).as_numpy_iterator())
        features = np.stack([image[:, :, 0] for image, _ in pairs])
        labels = np.array([label.decode() for _, label in pairs])
        np.savez(folder / f"{split}.npz", features=features, labels=labels)
    options = ["--units", "64", "--epochs", "6", "--dropout", "0.2", "--learning-rate", "0.004"]
    majority = own_steps.most_frequent(labels, labels)
    return own_steps.Written("classify", "", [*options, "--batch-size", "64"], majority)


def sensors(shared: pathlib.Path, folder: pathlib.Path) -> own_steps.Written:
    """ETTh1: a day is a sequence of 24 hours of six loads; which season is it in?"""
    days: dict[str, list] = {}
    header, lines = own_steps.read_loads(shared)
    for line in lines:
        days.setdefault(line[0][:10], []).append(line)
    labels = {}
    with open(folder / "days.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["day", "time", *header[1:7], "label"])
        for day, hours in days.items():
            labels[day] = SEASONS[int(day[5:7]) % 12 // 3]
            table.writerows([day, line[0], *line[1:7], labels[day]] for line in hours)
    options = ["--features", "id=day,time=time", "--folds", "5", "--epochs", "15", "--units", "32"]
    every = list(labels.values())
    majority = own_steps.most_frequent(every, every)
    return own_steps.Written("classify", "days.csv", [*options, "--dropout", "0.3"], majority)


PARTS = {
    each.__name__: each
    for each in (
        rows,
        sensors,
        own_steps.words,
        own_steps.hours,
        own_steps.clips,
        own_steps.folders,
    )
}


def measure(name: str, shared: pathlib.Path) -> dict:
    """Writes the files of a part, trains on them and reads what the run says."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place, name)
        folder.mkdir()
        written = PARTS[name](shared, folder)
        data = [
            *("--data", str(folder / written.file)),
            "--output",
            str(pathlib.Path(place, "run")),
        ]
        command = [sys.executable, "-m", "kerasrnn", "train", written.task, *data, *written.options]
        start = time.perf_counter()
        subprocess.run(command, check=True)
        minutes = (time.perf_counter() - start) / 60
        metrics = json.loads(pathlib.Path(place, "run", "metrics.json").read_text())
    shown = f"{name}/{written.file}".rstrip("/")
    figures = metrics["test"]
    return {
        "what": " ".join(PARTS[name].__doc__.split()),
        "command": " ".join(["kerasrnn", "train", written.task, "--data", shown, *written.options]),
        "accuracy": figures["accuracy"],
        "macro_f1": figures["macro_f1"],
        "examples": int(figures["examples"]),
        "majority": written.majority,
        "alone": written.alone,
        "minutes": round(minutes, 1),
        "commit": commit(),
    }


def table(results: dict) -> str:
    lines = [
        "# Vectors and videos of one's own",
        "",
        "Written into files first, as a user has them, and trained on a core of a busy machine:",
        "`make own-data DATA=folder`. The figures are those of the test split; with `--folds` of",
        "all rows. Where each step has a label, accuracy is over steps; beside it stands that of",
        "a model that reads each step alone: a layer of 64 units for vectors; for frames the",
        "small convolutional network that `train frames` has before its recurrent one.",
        "",
        "| what | accuracy | macro F1 | each step alone | most frequent label | of | minutes | "
        "commit | command |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in PARTS:
        if name in results:
            each = results[name]
            alone = "" if each.get("alone") is None else f"{each['alone']:.3f}"
            lines.append(
                f"| {each['what']} | {each['accuracy']:.3f} | {each['macro_f1']:.3f} | {alone} | "
                f"{float(each['majority']):.3f} | {each['examples']:,} | {each['minutes']} | "
                f"{each.get('commit', '')} | `{each['command']}` |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    arguments = parser.parse_args()
    for name in arguments.parts or PARTS:
        result = measure(name, arguments.data)
        results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
        results[name] = result
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        TABLE.write_text(table(results))


if __name__ == "__main__":
    main()
