"""An encoder of one's own, learned from other digits, for a classifier of few.

Run `python benchmarks/own_encoder.py TFDS`, TFDS being a folder with MNIST as tensorflow-datasets
prepares it. A small convolutional network learns from 10,000 digits in plain Keras and is saved
without its last layer; `kerasrnn train classify` then learns from 2,000 others, without it and with
it, frozen or not. It writes own_encoder.md beside itself.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

TABLE = pathlib.Path(__file__).resolve().with_suffix(".md")
FEW, OTHERS = 2000, 10_000
OPTIONS = ["--epochs", "12", "--units", "64", "--dropout", "0.2", "--seed", "1"]
ENCODER = ["--encoder", "digits.keras"]
RUNS = {
    "row by row, no encoder": [],
    "the encoder, frozen": ENCODER,
    "the encoder, trained on": [*ENCODER, "--no-freeze-encoder"],
}


def write_digits(tfds: pathlib.Path, folder: pathlib.Path) -> tuple:
    """Writes 2,000 digits as image files, and the splits to compare on; returns 10,000 others."""
    import numpy as np

    from kerasrnn.datasets import labelled_images
    from kerasrnn.datasets.readers.image_decoding import encode_png

    train = labelled_images("mnist", "train", tfds)
    parts = {
        "train": train.take(FEW),
        "validation": labelled_images("mnist", "validation", tfds).take(1000),
        "test": labelled_images("mnist", "test", tfds),
    }
    for split, part in parts.items():
        lines = []
        for i, (image, label) in enumerate(part.as_numpy_iterator()):
            (folder / f"{split}{i}.png").write_bytes(encode_png(image))
            lines.append(f"{split}{i}.png\t{label.decode()}\n")
        (folder / f"{split}.tsv").write_text("".join(lines))
    others = list(train.skip(FEW).take(OTHERS).as_numpy_iterator())
    images, labels = zip(*others, strict=True)
    return np.stack(images).astype("float32") / 255, np.array([int(each) for each in labels])


def write_encoder(images, labels, path: pathlib.Path) -> None:
    """Trains a network on whole digits, and saves what it makes of their places."""
    import keras

    layers = keras.layers
    keras.utils.set_random_seed(1)
    encoder = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
        ]
    )
    model = keras.Sequential([encoder, layers.Flatten(), layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, jit_compile=False)
    model.fit(images, labels, batch_size=64, epochs=3, verbose=2)
    encoder.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tfds", type=pathlib.Path)
    tfds = parser.parse_args().tfds.resolve()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "numerals").mkdir()
        images, labels = write_digits(tfds, folder / "numerals")
        start = time.perf_counter()
        write_encoder(images, labels, folder / "digits.keras")
        learned = (time.perf_counter() - start) / 60
        for number, (name, options) in enumerate(RUNS.items()):
            command = ["train", "classify", "--data", "numerals", *OPTIONS, *options]
            start = time.perf_counter()
            package = [sys.executable, "-m", "kerasrnn", *command, "--output", f"run{number}"]
            path = {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))}
            subprocess.run(package, check=True, cwd=folder, env={**os.environ, **path})
            minutes = (time.perf_counter() - start) / 60
            metrics = json.loads((folder / f"run{number}" / "metrics.json").read_text())["test"]
            shown = f"`kerasrnn {' '.join(command)}`"
            rows.append(f"| {name} | {metrics['accuracy']:.4f} | {minutes:.1f} | {shown} |")
    lines = [
        "# An encoder of one's own",
        "",
        "`python benchmarks/own_encoder.py TFDS`: a small convolutional network learns from",
        f"{OTHERS:,} digits of MNIST ({learned:.1f} minutes), and `classify` from {FEW:,} others,",
        "without it and with it. The accuracy is that of all 10,000 digits of the test split. What",
        "the encoder adds is what it has learned from the labels of the others, and convolution.",
        "One core of a busy machine.",
        "",
        "| what | accuracy | minutes | command |",
        "|---|---|---|---|",
        *rows,
    ]
    TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
