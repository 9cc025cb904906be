"""Trainings on vectors and videos that are written into files first, as a user has them.

Run `python benchmarks/own_data.py DATA`, DATA being a folder with `tfds`, which holds MNIST as
tensorflow-datasets prepares it, and `data/ett/ETTh1.csv`; or `python benchmarks/own_data.py DATA
rows sensors clips` for some of them. Each is one command. It writes own_data.json and the table
own_data.md beside itself.
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
from collections import Counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
RESULTS, TABLE = HERE / "own_data.json", HERE / "own_data.md"
SPLITS = ("train", "validation", "test")
SEASONS = ("winter", "spring", "summer", "autumn")


def rows(shared: pathlib.Path, folder: pathlib.Path) -> tuple[str, list[str], str]:
    """MNIST: an image is a sequence of 28 rows of 28 numbers, 20,000 of them to train on."""
    from kerasrnn.datasets import labelled_images

    for split in SPLITS:
        images = labelled_images("mnist", split, shared / "tfds")
        pairs = list(images.take(20_000 if split == "train" else 10_000).as_numpy_iterator())
        features = np.stack([image[:, :, 0] for image, _ in pairs])
        labels = np.array([label.decode() for _, label in pairs])
        np.savez(folder / f"{split}.npz", features=features, labels=labels)
    options = ["--units", "64", "--epochs", "6", "--dropout", "0.2", "--learning-rate", "0.004"]
    return "classify", [*options, "--batch-size", "64"], majority(labels, labels)


def sensors(shared: pathlib.Path, folder: pathlib.Path) -> tuple[str, list[str], str]:
    """ETTh1: a day is a sequence of 24 hours of six loads; which season is it in?"""
    days: dict[str, list] = {}
    with open(shared / "data" / "ett" / "ETTh1.csv", encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    for line in lines:
        days.setdefault(line[0][:10], []).append(line)
    loads = header[1:7]
    labels = {}
    with open(folder / "days.csv", "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["day", "time", *loads, "label"])
        for day, hours in days.items():
            labels[day] = SEASONS[int(day[5:7]) % 12 // 3]
            table.writerows([day, line[0], *line[1:7], labels[day]] for line in hours)
    options = ["--features", "id=day,time=time", "--folds", "5", "--epochs", "15", "--units", "32"]
    every = list(labels.values())
    return "classify", [*options, "--dropout", "0.3"], majority(every, every)


def embedded(shared: pathlib.Path, folder: pathlib.Path) -> tuple[str, list[str], str]:
    """Moving digits as they are embedded, for comparison."""
    return "frames", ["--epochs", "3", "--units", "64"], ""


def clips(shared: pathlib.Path, folder: pathlib.Path) -> tuple[str, list[str], str]:
    """The same videos as GIFs, with a table of labels for each split."""
    from PIL import Image

    from kerasrnn.datasets import labelled_frames

    for split in SPLITS:
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["video", "frame", "label"])
            videos = labelled_frames("moving_digits", split).as_numpy_iterator()
            for i, (frames, labels) in enumerate(videos):
                first, *others = [Image.fromarray(frame[:, :, 0]) for frame in frames]
                name = f"{split}-{i}.gif"
                first.save(folder / name, save_all=True, append_images=others, duration=100)
                table.writerows([name, t, x.decode()] for t, x in enumerate(labels, start=1))
    return "frames", ["--epochs", "3", "--units", "64"], ""


def majority(train, test) -> str:
    label = Counter(list(train)).most_common(1)[0][0]
    return f"{np.mean(np.asarray(test) == label):.3f}"


PARTS = {each.__name__: each for each in (rows, sensors, embedded, clips)}
DATA = {"sensors": "days.csv", "embedded": None}


def measure(name: str, shared: pathlib.Path) -> dict:
    """Writes the files of a part, trains on them and reads what the run says."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place, name)
        folder.mkdir()
        task, options, baseline = PARTS[name](shared, folder)
        inside = DATA.get(name, "")
        data = "moving_digits" if inside is None else str(folder / inside)
        command = ["train", task, "--data", data, "--output", str(pathlib.Path(place, "run"))]
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "kerasrnn", *command, *options], check=True)
        minutes = (time.perf_counter() - start) / 60
        metrics = json.loads(pathlib.Path(place, "run", "metrics.json").read_text())
    shown = data if inside is None else f"{name}/{inside}".rstrip("/")
    command = ["kerasrnn", "train", task, "--data", shown, *options]
    figures = metrics["test"]
    return {
        "what": PARTS[name].__doc__,
        "command": " ".join(command),
        "accuracy": figures["accuracy"],
        "macro_f1": figures["macro_f1"],
        "examples": figures["examples"],
        "majority": baseline,
        "minutes": round(minutes, 1),
    }


def table(results: dict) -> str:
    lines = [
        "# Vectors and videos of one's own",
        "",
        "Written into files first, as a user has them, and trained on a core of a busy machine:",
        "`make own-data DATA=folder`. The figures are those of the test split; with `--folds` of",
        "all rows.",
        "",
        "| what | accuracy | macro F1 | most frequent label | of | minutes | command |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in PARTS:
        if name in results:
            each = results[name]
            lines.append(
                f"| {each['what']} | {each['accuracy']:.3f} | {each['macro_f1']:.3f} | "
                f"{each['majority'] or '-'} | {each['examples']:,} | {each['minutes']} | "
                f"`{each['command']}` |"
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
