"""Handwritten digits pixel by pixel, 784 steps of one number: accuracy against minutes.

    make pixel-mnist-min_gru DATA=folder   # for each of CELLS: an hour of a core
    make pixel-mnist                       # draws what all of them left

DATA is a folder of prepared tensorflow-datasets. What is asked for stands at the end of each
sequence, so that a model has to remember what it saw hundreds of steps before. All cells have the
same minutes of a processor core for training, validation not counted: other work beside it changes
nothing. Each training leaves `benchmarks/pixel_mnist/CELL.json`, and what there is of it when it is
stopped; the drawing is a picture and a Markdown table beside this file.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import pathlib
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow_datasets as tfds
from matplotlib.figure import Figure
from results import commit

from kerasrnn import layers

HERE = pathlib.Path(__file__).with_suffix("")
CELLS = ("lstm", "gru", "min_gru", "min_lstm", "sru")
STEPS, VALIDATION = 784, 5_000
# Units begin with memories of 2 to so many steps; LSTM and GRU as Keras begins them.
LINEAR = {"min_gru": layers.MinGRU, "min_lstm": layers.MinLSTM, "sru": layers.SRU}
GOAL, PUBLISHED_LSTM = 0.95, (0.87, 0.89)


def digits(folder: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Reads images as sequences, `(N, 784, 1)` float32 from 0 to 1, and their digits `(N,)`."""
    data = tfds.as_numpy(
        tfds.load("mnist", split=split, data_dir=folder, batch_size=-1, download=False)
    )
    return data["image"].reshape(-1, STEPS, 1).astype("float32") / 255, data["label"]


def build(cell: str, units: int, num_layers: int, recurrence: str) -> keras.Model:
    """Builds a stack whose last output decides."""
    made: Any = functools.partial(LINEAR[cell], memory=STEPS) if cell in LINEAR else cell
    stack = layers.RecurrentStack(made, units, num_layers, return_sequences=False, name="recurrent")
    stack.recurrence = recurrence
    pixels = keras.Input((STEPS, 1), name="features")
    return keras.Model(pixels, keras.layers.Dense(10, name="output")(stack(pixels)))


def train(given: argparse.Namespace) -> None:
    """Trains a model for so many minutes, and notes how right it is along the way."""
    keras.utils.set_random_seed(given.seed)
    x, y = digits(given.data, "train")
    model = build(given.cell, given.units, given.num_layers, given.recurrence)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(given.learning_rate, global_clipnorm=1.0)
    model.compile(optimizer, loss, jit_compile=False)
    held_out = x[-VALIDATION:], y[-VALIDATION:]
    random, seconds, steps, history = np.random.default_rng(given.seed), 0.0, 0, []
    while seconds < 60 * given.minutes:
        optimizer.learning_rate = given.learning_rate * max(1 - seconds / 60 / given.minutes, 0.05)
        start = time.process_time()
        losses = []
        for _ in range(given.steps):
            rows = random.integers(len(x) - VALIDATION, size=given.batch_size)
            losses.append(model.train_on_batch(x[rows], y[rows]))
            model.reset_metrics()
        seconds, steps = seconds + time.process_time() - start, steps + given.steps
        accuracy = right(model, *held_out)
        row = {"minutes": seconds / 60, "loss": float(np.mean(losses)), "accuracy": accuracy}
        print(given.cell, f"{steps * given.batch_size / 55_000:.2f} epochs", row, flush=True)
        history.append(row)
        epochs = steps * given.batch_size / (len(x) - VALIDATION)
        said = {"epochs": epochs, "parameters": model.count_params(), "commit": commit()}
        keep(given, {**said, "history": history})  # what there is of one that is stopped
    test = right(model, *digits(given.data, "test"))
    keep(given, {"test": test, **said, "history": history})


def keep(given: argparse.Namespace, said: dict[str, Any]) -> None:
    """Writes the options of a training and what is known of it."""
    options = {name: each for name, each in vars(given).items() if name not in ("run", "data")}
    HERE.mkdir(exist_ok=True)
    text = json.dumps({"options": options, **said}, indent=1) + "\n"
    (HERE / f"{given.cell}.json").write_text(text, encoding="utf-8")


def right(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Returns the fraction of digits that a model names."""
    return float(np.mean(np.argmax(model.predict(x, 250, verbose=0), axis=-1) == y))


def draw(_: argparse.Namespace) -> None:
    """Writes the table and the picture of what is there."""
    said = {
        cell: json.loads((HERE / f"{cell}.json").read_text(encoding="utf-8"))
        for cell in CELLS
        if (HERE / f"{cell}.json").exists()
    }
    lines = [
        "| cell | layers, units | parameters | minutes | epochs | accuracy on the test split |",
        "|---|---|---|---|---|---|",
    ]
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for cell, each in said.items():
        options, minutes = each["options"], each["history"][-1]["minutes"]
        test = f"{each['test']:.3f}" if "test" in each else "stopped"
        lines.append(
            f"| {cell} | {options['num_layers']}, {options['units']} | {each['parameters']:,} | "
            f"{minutes:.0f} | {each['epochs']:.1f} | {test} |"
        )
        rows = each["history"]
        axes.plot([r["minutes"] for r in rows], [r["accuracy"] for r in rows], label=cell)
    axes.axhline(GOAL, color="tab:gray", ls=":", label=f"goal, {GOAL}")
    axes.axhspan(*PUBLISHED_LSTM, color="tab:gray", alpha=0.2, label="published, LSTM")
    axes.set(xlabel="minutes of training, of one core", ylabel="accuracy, validation", ylim=(0, 1))
    axes.legend()
    figure.savefig(HERE.with_suffix(".png"), dpi=110)
    HERE.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(*lines, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Digits pixel by pixel.")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("train")
    one.set_defaults(run=train)
    one.add_argument("cell", choices=CELLS)
    one.add_argument("data", help="folder of prepared tensorflow-datasets")
    one.add_argument("--minutes", type=float, default=60, help="of one core")
    one.add_argument("--units", type=int, default=64)
    one.add_argument("--num-layers", type=int, default=3)
    one.add_argument("--batch-size", type=int, default=64)
    one.add_argument("--steps", type=int, default=200, help="batches between two validations")
    one.add_argument("--learning-rate", type=float, default=0.003)
    one.add_argument("--recurrence", default="compiled", choices=["keras", "compiled"])
    one.add_argument("--seed", type=int, default=1)
    commands.add_parser("draw").set_defaults(run=draw)
    given = parser.parse_args()
    given.run(given)


if __name__ == "__main__":
    main()
