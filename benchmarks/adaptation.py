"""A language model in a new domain, and what it learns of words that it does not see.

    python benchmarks/adaptation.py RUN

RUN is a folder of a recurrent model of the Penn Treebank. First it reads the documentation of
Python's standard library, as it is and learning as it goes. Then it learns from sentences with one
day of the week; how far did the other days move with it, and how far did they in a cache?
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import kerasrnn
from kerasrnn import datasets
from kerasrnn import language_modeling as lm

HERE = pathlib.Path(__file__)
RATES, SEGMENT = (0.01, 0.03, 0.1), 20
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
# Words that have nothing to do with days, of like frequency.
OTHERS = ("canada", "computers", "boston", "paper", "bush")
SEEN = ["the company said on monday that it will not pay", "he spoke on monday in new york"] * 5
ASKED = "the announcement was made on"


def documentation(number: int) -> list[list[str]]:
    """Reads lines of the documentation as the Penn Treebank writes: lower case, N for numbers."""
    lines = datasets.texts("python_docs", "test").as_numpy_iterator()
    sentences = []
    for line in (line.decode("utf-8").lower() for text in lines for line in text.splitlines()):
        words = re.findall(r"[a-z]+|\d+", line)
        if len(words) > 3:
            sentences.append(["N" if word.isdigit() else word for word in words])
    return sentences[:number]


def known(sentences: list, vocabulary) -> list[list[str]]:
    """Writes `<unk>`, a word of the Penn Treebank, for what it lacks."""
    return [[word if word in vocabulary else "<unk>" for word in row] for row in sentences]


def probabilities(log_probs: np.ndarray, vocabulary, words) -> np.ndarray:
    return np.exp([log_probs[vocabulary.id_of(word)] for word in words])


def moved(model: lm.NeuralModel, rate: float) -> list[str]:
    """Makes the table of words that moved, and of those that did not."""
    vocabulary, words = model.vocabulary, DAYS + OTHERS
    learning, cache = lm.DynamicModel(model, rate, SEGMENT), lm.Cache(model.vocabulary)
    mixture = lm.Mixture([model, cache], [0.9, 0.1])
    before = probabilities(model.next_log_probs(ASKED), vocabulary, words)
    learned = probabilities(learning.next_log_probs(ASKED, SEEN), vocabulary, words)
    cached = probabilities(mixture.next_log_probs(ASKED, SEEN), vocabulary, words)
    empty = probabilities(mixture.next_log_probs(ASKED), vocabulary, words)
    lines = [
        f"After {len(SEEN)} sentences with *monday*, what follows “{ASKED}”; rate {rate}.",
        "",
        "| word | before | network that learned | × | network and cache | × |",
        "|---|---|---|---|---|---|",
    ]
    for i, word in enumerate(words):
        lines.append(
            f"| {word} | {before[i]:.5f} | {learned[i]:.5f} | {learned[i] / before[i]:.2f} "
            f"| {cached[i]:.5f} | {cached[i] / empty[i]:.2f} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--output", type=pathlib.Path, default=HERE.with_suffix(".md"))
    words = parser.parse_args()
    model = kerasrnn.load(words.run).next_token_model()
    raw = documentation(words.sentences)
    text = known(raw, model.vocabulary)
    unknown = sum(word == "<unk>" for row in text for word in row) / sum(map(len, text))
    static = lm.text_report(model, text)
    lines = [
        f"A model of the Penn Treebank reads {static.tokens:,} tokens of Python's documentation; "
        f"{unknown:.1%} of the words are not in its vocabulary and read `<unk>`.",
        "",
        "| | perplexity |",
        "|---|---|",
        f"| static | {static.perplexity:.1f} |",
    ]
    for rate in RATES:
        report = lm.text_report(lm.DynamicModel(model, rate, SEGMENT), text)
        lines.append(f"| dynamic, rate {rate} | {report.perplexity:.1f} |")
        print(lines[-1], flush=True)
    for rate in (RATES[0], RATES[-1]):
        lines += ["", *moved(model, rate)]
    words.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
