"""Which labels of several a sentence has: this package beside words that are counted.

`python benchmarks/multi_label.py DATA`, with the folder of prepared tensorflow-datasets. It needs
scikit-learn, prints a Markdown table and writes it beside itself.

- wikiann/en: which types of entities (LOC, ORG, PER) a sentence has, from a file with a column of
  labels with `|` between them, as a user writes it;
- universal_dependencies/en_ewt: which parts of speech a sentence has, by its name: its feature of
  classes in a sequence is found by its kind.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import os
import pathlib
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow_datasets as tfds
from sklearn import linear_model, multiclass
from sklearn.feature_extraction.text import TfidfVectorizer

import kerasrnn
from kerasrnn import options
from kerasrnn.datasets import multi_labelled_texts
from kerasrnn.metrics import best_threshold
from kerasrnn.tasks.tallies.label_tally import label_figures, label_tally, places_of

HEAD = """# Several labels a text

`make multi-label DATA=folder` (`benchmarks/multi_label.py`): figures of the test split; minutes of
the training on {} CPU cores, others being busy; Keras {}. The labels of a sentence are those of its
tokens.

| data | answers | micro F1 | macro F1 | mean average precision | all labels right | min |
|---|---|---|---|---|---|---|"""
SPLITS = ("train", "validation", "test")
FIGURES = ("micro_f1", "macro_f1", "mean_average_precision", "subset_accuracy")


def write_wikiann(data_dir: str, folder: pathlib.Path) -> None:
    """Writes a `.csv` file for each split: a sentence, and the types of its entities."""
    builder = tfds.builder("wikiann/en", data_dir=data_dir)
    names = builder.info.features["tags"].feature.names
    for split in SPLITS:
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "label"])
            for each in tfds.as_numpy(builder.as_dataset(split=split)):
                types = {names[tag].partition("-")[2] for tag in each["tags"]} - {""}
                text = " ".join(token.decode("utf-8") for token in each["tokens"])
                writer.writerow([text, "|".join(sorted(types))])


def rows_of(given: options.Classify, split: str) -> tuple[list[str], list[list[str]]]:
    source = given.source(given.data, split)
    rows = multi_labelled_texts(
        *source.place, label_separator=given.label_separator, **source.form
    ).as_numpy_iterator()
    texts, labels = zip(*rows, strict=True)
    return [text.decode() for text in texts], [[x.decode() for x in row] for row in labels]


def figures_of(right, probabilities, labels, thresholds) -> dict[str, float]:
    return label_figures([label_tally(right, probabilities, labels)], labels, thresholds)


def counted_words(given: options.Classify, labels) -> dict[str, dict[str, float]]:
    """Words weighed by TF-IDF, a logistic regression for each label; and the fractions alone."""
    parts = {split: rows_of(given, split) for split in SPLITS}
    words = TfidfVectorizer(sublinear_tf=True, min_df=2)
    model = multiclass.OneVsRestClassifier(linear_model.LogisticRegression(C=10, max_iter=300))
    y = {split: places_of(right, labels) for split, (_, right) in parts.items()}
    model.fit(words.fit_transform(parts["train"][0]), y["train"])
    test, validation = (
        model.predict_proba(words.transform(parts[split][0])).astype("float32")
        for split in ("test", "validation")
    )
    chosen = [
        best_threshold(validation[:, i], y["validation"][:, i])[0] for i in range(len(labels))
    ]
    right = parts["test"][1]
    constant = np.tile(y["train"].mean(0).astype("float32"), (len(right), 1))
    return {
        "always the same labels": figures_of(right, constant, labels, [0.5] * len(labels)),
        "counted words, 0.5": figures_of(right, test, labels, [0.5] * len(labels)),
        "counted words, chosen thresholds": figures_of(right, test, labels, chosen),
    }


def trained(given: options.Classify, folder: pathlib.Path):
    start = time.perf_counter()
    task = kerasrnn.train(given, folder)
    return task, (time.perf_counter() - start) / 60


def measure(name: str, given: options.Classify, folder: pathlib.Path) -> list[str]:
    texts, right = rows_of(given, "test")
    balanced = dataclasses.replace(given, class_weights="balanced")
    rows, spent_on = {}, {}
    for who, each in {"GRU": given, "GRU, balanced labels": balanced}.items():
        task, minutes = trained(each, folder / who)
        rows = rows or counted_words(given, task.labels)
        probabilities, middle = task.probabilities(texts), [0.5] * len(task.labels)
        rows[f"{who}, 0.5"] = figures_of(right, probabilities, task.labels, middle)
        rows[f"{who}, chosen thresholds"] = task.evaluate([*zip(texts, right, strict=True)])
        spent_on[f"{who}, chosen thresholds"] = f"{minutes:.1f}"
    lines = []
    for who, figures in rows.items():
        cells = [f"{figures[each]:.4f}" for each in FIGURES]
        lines.append(f"| {name} | {who} | {' | '.join(cells)} | {spent_on.get(who, '')} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_dir", help="folder of prepared tensorflow-datasets")
    data_dir = os.path.abspath(parser.parse_args().data_dir)
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        (folder / "wikiann").mkdir()
        write_wikiann(data_dir, folder / "wikiann")
        cases = {
            "wikiann/en, 3 types of entities": options.Classify(
                data=str(folder / "wikiann"), label_separator="|", epochs=6, units=64
            ),
            "en_ewt, 17 parts of speech": options.Classify(
                data="universal_dependencies/en_ewt",
                features="text=text,label=upos",
                data_dir=data_dir,
                epochs=8,
            ),
        }
        lines = []
        for i, (name, given) in enumerate(cases.items()):
            (folder / str(i)).mkdir()
            lines += measure(name, given, folder / str(i))
    text = "\n".join([HEAD.format(os.cpu_count(), keras.__version__), *lines, ""])
    print(text)
    pathlib.Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
