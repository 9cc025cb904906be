"""What word vectors that were trained on unlabelled text are worth to small labelled sets.

`python benchmarks/pretrained_vectors.py DATA`, with the folder of prepared tensorflow-datasets. It
needs gensim, which trains the vectors; it prints a Markdown table and writes it beside itself.

The vectors are skip-grams of the reviews of imdb_reviews, training split, without their labels.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import io
import json
import os
import pathlib
import re
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow_datasets as tfds
from gensim.models import Word2Vec

import kerasrnn
from kerasrnn import options

ROWS, HELD_OUT, SEEDS, EPOCHS = 1000, 500, (1, 2), 12
HEAD = """# Word vectors of unlabelled text

`make pretrained-vectors DATA=folder` (`benchmarks/pretrained_vectors.py`): accuracy on test of {}
labelled sentences, which are drawn anew for each of {} seeds, with at most {} epochs and else the
defaults; mean and range. Minutes are those of one training on {} CPU cores, others being busy;
Keras {}. The vectors are of 100 numbers: skip-grams, window 5, 2 epochs of the reviews of
imdb_reviews (training split, no labels), trained by gensim in {:.1f} minutes.

| data | vectors | vocabulary with a vector | accuracy | range | minutes |
|---|---|---|---|---|---|"""
# By name: what is said of the vectors.
WAYS = {
    "drawn at random": None,
    "from the file": 0,
    "from the file, frozen for 2 epochs": 2,
    "from the file, frozen": EPOCHS,
}


def train_vectors(data_dir: str, path: pathlib.Path) -> float:
    """Trains vectors of reviews and writes them; returns the minutes."""
    began = time.perf_counter()
    sentences = []
    reviews = tfds.builder("imdb_reviews/plain_text", data_dir=data_dir)
    for each in tfds.as_numpy(reviews.as_dataset(split="train")):
        text = each["text"].decode().lower().replace("<br />", " ")
        for sentence in re.split(r"[.!?]", text):
            words = re.findall(r"[a-z0-9']+|[^\sa-z0-9']", sentence)
            if len(words) > 2:
                sentences.append(words)
    model = Word2Vec(
        sentences,
        vector_size=100,
        sg=1,
        window=5,
        min_count=5,
        sample=1e-4,
        epochs=2,
        workers=os.cpu_count(),
    )
    model.wv.save_word2vec_format(str(path))
    return (time.perf_counter() - began) / 60


def write_sst2(data_dir: str, folder: pathlib.Path, seed: int) -> options.Classify:
    """Writes some sentences of glue/sst2; those of its validation split are the test."""
    builder = tfds.builder("glue/sst2", data_dir=data_dir)
    train = list(tfds.as_numpy(builder.as_dataset(split="train")))
    order = np.random.default_rng(seed).permutation(len(train))[: ROWS + HELD_OUT]
    drawn = [train[i] for i in order]
    parts = {
        "train": drawn[:ROWS],
        "validation": drawn[ROWS:],
        "test": tfds.as_numpy(builder.as_dataset(split="validation")),
    }
    for name, rows in parts.items():
        lines = (f"{row['sentence'].decode().strip()}\t{row['label']}\n" for row in rows)
        (folder / f"{name}.tsv").write_text("".join(lines), encoding="utf-8")
    return options.Classify(data=str(folder), epochs=EPOCHS, seed=seed)


def write_en_ewt(data_dir: str, folder: pathlib.Path, seed: int) -> options.Tag:
    """Writes some sentences of en_ewt with their parts of speech."""
    builder = tfds.builder("universal_dependencies/en_ewt", data_dir=data_dir)
    for split in ("train", "dev", "test"):
        rows = list(tfds.as_numpy(builder.as_dataset(split=split)))
        order = np.random.default_rng(seed).permutation(len(rows))
        rows = [rows[i] for i in order[: {"train": ROWS, "dev": HELD_OUT}.get(split, len(rows))]]
        sentences = (
            "".join(
                f"{token.decode()}\t{tag}\n"
                for token, tag in zip(row["tokens"], row["upos"], strict=True)
            )
            for row in rows
        )
        name = "validation" if split == "dev" else split
        (folder / f"{name}.conll").write_text("\n".join(sentences), encoding="utf-8")
    return options.Tag(data=str(folder), epochs=EPOCHS, seed=seed, scheme="none")


DATA = {"glue/sst2": write_sst2, "universal_dependencies/en_ewt": write_en_ewt}


def trained(given: options.Options, folder: pathlib.Path) -> tuple[float, float, str]:
    """Trains; returns accuracy, minutes, and what part of the vocabulary has a vector."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        kerasrnn.train(given, folder)
    figures = json.loads((folder / "metrics.json").read_text())
    words = re.search(r"has vectors of ([\d.]+ %)", " ".join(said.getvalue().split()))
    minutes = figures["training_seconds"] / 60
    return figures["test"]["accuracy"], minutes, words[1] if words else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="folder of prepared tensorflow-datasets")
    parser.add_argument("--only", choices=DATA, help="one of the labelled sets")
    given = parser.parse_args()
    data_dir, only = given.data, given.only
    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place)
        vectors = root / "reviews.txt"
        minutes = train_vectors(data_dir, vectors)
        head = HEAD.format(
            ROWS, len(SEEDS), EPOCHS, os.cpu_count(), keras.__version__.split("-")[0], minutes
        )
        lines = [head]
        print(lines[0], flush=True)
        for data, write in DATA.items():
            if only not in (None, data):
                continue
            drawn = []
            for seed in SEEDS:
                folder = root / f"{write.__name__}_{seed}"
                folder.mkdir()
                drawn.append(write(data_dir, folder, seed))
            for number, (way, frozen) in enumerate(WAYS.items()):
                starts = {"vectors": str(vectors), "freeze_vectors": frozen}
                starts = {} if frozen is None else starts
                found = [
                    trained(
                        dataclasses.replace(each, **starts),
                        root / f"run_{write.__name__}_{number}_{each.seed}",
                    )
                    for each in drawn
                ]
                accuracies, times, words = zip(*found, strict=True)
                lines.append(
                    f"| {data} | {way} | {words[0]} | {np.mean(accuracies):.3f} | "
                    f"{min(accuracies):.3f}–{max(accuracies):.3f} | {np.mean(times):.1f} |"
                )
                print(lines[-1], flush=True)
    table = "\n".join(lines) + "\n"
    pathlib.Path(__file__).with_suffix(".md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
