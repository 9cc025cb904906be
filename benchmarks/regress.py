"""Numbers about a text: this package beside a constant and beside words that are counted.

`python benchmarks/regress.py DATA`, with the folder of prepared tensorflow-datasets. It needs
scikit-learn, prints a Markdown table and writes it beside itself.

- universal_dependencies/en_ewt: of a sentence the number of its verbs and the percentage of its
  tokens that are nouns or names, two targets of one model, by the words alone;
- dates: the days from 1970-01-01 to a date as it is written by hand, read character by character;
  the right answer is exact.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import pathlib
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow_datasets as tfds
from sklearn import linear_model
from sklearn.feature_extraction.text import CountVectorizer

import kerasrnn
from kerasrnn import options
from kerasrnn.datasets import text_pairs, texts_with_numbers
from kerasrnn.tasks.tallies.number_tally import number_figures, number_tally

HEAD = """# Numbers about a text

`make regress DATA=folder` (`benchmarks/regress.py`): figures of the test split, in units of the
targets; minutes of the training on {} CPU cores, others being busy; Keras {}. verbs and nouns
(percent of the tokens) of a sentence of en_ewt are two targets of one model; days are those from
1970-01-01 to a date of `dates`.

| target | answers | MAE | RMSE | R² | min |
|---|---|---|---|---|---|"""
EPOCH = datetime.date(1970, 1, 1)
SPLITS = {"train": "train", "validation": "dev", "test": "test"}


def write_rows(path: pathlib.Path, names, rows) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text", *names], *rows])


def write_sentences(data_dir: str, folder: pathlib.Path) -> None:
    builder = tfds.builder("universal_dependencies/en_ewt", data_dir=data_dir)
    classes = builder.info.features["upos"].feature.names
    verb, nouns = classes.index("VERB"), {classes.index(each) for each in ("NOUN", "PROPN")}
    for split, theirs in SPLITS.items():
        rows = []
        for each in tfds.as_numpy(builder.as_dataset(split=theirs)):
            tags = each["upos"].tolist()
            share = 100 * sum(tag in nouns for tag in tags) / len(tags)
            rows.append([each["text"].decode("utf-8"), tags.count(verb), round(share, 2)])
        write_rows(folder / f"{split}.csv", ["verbs", "nouns"], rows)


def write_dates(folder: pathlib.Path) -> None:
    for split in SPLITS:
        pairs = text_pairs("dates", split).as_numpy_iterator()
        days = (
            (source.decode(), (datetime.date.fromisoformat(target.decode()) - EPOCH).days)
            for source, target in pairs
        )
        write_rows(folder / f"{split}.csv", ["days"], days)


def rows_of(given: options.Regress, split: str) -> tuple[list[str], np.ndarray]:
    source = given.source(given.data, split)
    rows = texts_with_numbers(*source.place, **source.form).as_numpy_iterator()
    texts, numbers = zip(*rows, strict=True)
    return [text.decode() for text in texts], np.stack(numbers)


def counted_words(given: options.Regress, scale) -> dict[str, float]:
    """A ridge regression over counted words and pairs of words, or of characters."""
    characters = given.level == "character"
    kind = {"analyzer": "char", "ngram_range": (1, 4)} if characters else {"ngram_range": (1, 2)}
    counts = CountVectorizer(min_df=2, **kind)
    (texts, numbers), (others, right) = (rows_of(given, split) for split in ("train", "test"))
    model = linear_model.Ridge(10.0)
    model.fit(counts.fit_transform(texts), scale.scale(numbers))
    predicted = model.predict(counts.transform(others)).reshape(right.shape)
    return number_figures([number_tally(scale.unscale(predicted), right, scale)], scale)


def measure(given: options.Regress, folder: pathlib.Path) -> list[str]:
    start = time.perf_counter()
    task = kerasrnn.train(given, folder / "run")
    minutes = (time.perf_counter() - start) / 60
    texts, right = rows_of(given, "test")
    ours = number_figures(
        [number_tally(np.stack(task.predict(texts)), right, task.scale)], task.scale
    )
    ridge, lines = counted_words(given, task.scale), []
    for name in task.targets:
        end = f"_of_{name}" if len(task.targets) > 1 else ""
        rows = {
            "the constant (median for MAE, mean for RMSE)": [
                ours[f"constant_mae{end}"],
                ours[f"constant_rmse{end}"],
            ],
            "ridge over counted n-grams": [ridge[f"{each}{end}"] for each in ("mae", "rmse", "r2")],
            "GRU": [ours[f"{each}{end}"] for each in ("mae", "rmse", "r2")],
        }
        for who, numbers in rows.items():
            cells = [f"{each:.4g}" for each in numbers[:2]]
            cells.append(f"{numbers[2]:.5f}" if len(numbers) > 2 else "")
            spent = f"{minutes:.1f}" if who == "GRU" and name == task.targets[0] else ""
            lines.append(f"| {name} | {who} | {' | '.join(cells)} | {spent} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", help="folder of prepared tensorflow-datasets")
    data_dir = os.path.abspath(parser.parse_args().data_dir)
    lines = []
    with tempfile.TemporaryDirectory() as place:
        folders = [pathlib.Path(place, name) for name in ("sentences", "dates")]
        for folder in folders:
            (folder / "data").mkdir(parents=True)
        write_sentences(data_dir, folders[0] / "data")
        write_dates(folders[1] / "data")
        cases = (
            {"features": "text=text,number=verbs+nouns", "epochs": 8, "pooling": "mean"},
            {"features": "text=text,number=days", "level": "character", "epochs": 8, "units": 128},
        )
        for folder, case in zip(folders, cases, strict=True):
            lines += measure(options.Regress(data=str(folder / "data"), **case), folder)
    text = "\n".join([HEAD.format(os.cpu_count(), keras.__version__), *lines, ""])
    print(text)
    pathlib.Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
