"""The tables of Mikolov et al. (2010), on text that may be used: reviews of films.

    python benchmarks/rnnlm_paper.py DATA_DIR [ROW …]

DATA_DIR is a folder of prepared tensorflow-datasets with imdb_reviews. A row is a size of training
text and a configuration of the network, hidden size / rare-word threshold: `200k-60-20`. It trains
the network, estimates Kneser–Ney on the same text, mixes both with the paper's weights and with
those of EM on held-out reviews, and reports the perplexity of other held-out reviews. Words that
are rare for the network share the probability of its unknown token evenly (section 2.1), so that
all models are over the words of the training text. Rows that were measured before keep their
figures, in `rnnlm_paper.json`; `three` joins the three networks of a million words, static and
dynamic; `fifth` sets the network on a fifth of the text against Kneser–Ney on all of it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from results import ROOT, commit
from tqdm import tqdm

import kerasrnn
from kerasrnn import datasets
from kerasrnn import language_modeling as lm

HERE = pathlib.Path(__file__)
SIZES = {"200k": 200_000, "1m": 1_000_000, "all": None}
CONFIGURATIONS = ("60-20", "90-10", "250-5")
PAPER_CONFIGURATION = "90-2"  # of the paper's table 1, for its two smaller texts
DROPOUT = {60: 0.1, 90: 0.2, 250: 0.4}
HELD_OUT = 120_000  # words of the development text, and as many of the test text
BATCH_SIZES = {"200k": 10, "1m": 20, "all": 64}
EPOCHS = {"200k": 15, "1m": 12, "all": 3, "all-250-5": 2}  # the greatest number, by size or row
SHARES = [0.75, 0.25]  # of the network and Kneser–Ney in the paper
RATES, TUNED_ON, SEGMENT = (0.003, 0.01, 0.03, 0.1), 1_000, 20
THREE = [f"1m-{each}" for each in CONFIGURATIONS]
# Its tables 1 and 2, on news: perplexities of KN5 and of what is mixed with it.
PAPER = (
    "the paper, on news: 200 thousand words 336 → 271 (−19 %), a million 287 → 225 (−22 %), 6.4 "
    "million 221 → 155 with 250 / 5 (−30 %), 143 with three static networks (−35 %), 121 with "
    "three dynamic ones (−45 %)"
)


def sentences(data_dir: str, split: str, words: int | None, skip: int = 0) -> list[str]:
    """Reads sentences of reviews: words in lower case, no punctuation."""
    reviews = datasets.texts("imdb_reviews", split, data_dir).as_numpy_iterator()
    text = (review.decode("utf-8").lower().replace("<br />", "\n") for review in reviews)
    pieces = itertools.chain.from_iterable(re.split(r"[.!?\n]+", review) for review in text)
    found = (re.findall(r"[a-z]+(?:'[a-z]+)?|\d+", piece) for piece in pieces)
    lines, count = [], 0
    for line in filter(None, found):
        count += len(line)
        if count > skip:
            lines.append(" ".join(line))
        if words is not None and count >= skip + words:
            break
    return lines


def write(path: pathlib.Path, lines: list[str]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def texts(data_dir: str, size: str) -> dict[str, list[str]]:
    return {
        "train": sentences(data_dir, "train", SIZES[size]),
        "valid": sentences(data_dir, "test", HELD_OUT),
        "test": sentences(data_dir, "test", HELD_OUT, HELD_OUT),
    }


def trained(name: str, text: dict) -> tuple[lm.NextTokenModel, dict]:
    """Trains the network of a row, unless it is there; returns it and what its folder says."""
    size, *configuration = name.split("-")
    units, threshold = map(int, configuration)
    folder = ROOT / "runs" / "rnnlm_paper"
    run = folder / name
    if not (run / "metrics.json").is_file():
        files = {split: write(folder / f"{size}-{split}.txt", text[split]) for split in text}
        words = ["--data", files["train"], "--validation-data", files["valid"]]
        words += ["--level", "whitespace", "--min-count", str(threshold), "--cell", "elman"]
        words += ["--units", str(units), "--output-layer", "adaptive", "--length", "20"]
        words += ["--dropout", str(DROPOUT[units]), "--learning-rate", "0.006"]
        words += ["--clipnorm", "0.25", "--ema-momentum", "0.999", "--min-improvement", "1.001"]
        epochs = EPOCHS.get(name, EPOCHS[size])
        words += ["--batch-size", str(BATCH_SIZES[size]), "--epochs", str(epochs)]
        words += ["--output", str(run), "--resume"]
        command = [sys.executable, "-m", "kerasrnn", "train", "language-model", *words]
        subprocess.run(command, cwd=ROOT, check=True)
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    return kerasrnn.load(run).next_token_model(), metrics


def figures(network: dict, counted: dict) -> dict:
    """Perplexities of streams by split: each alone, and mixed in both ways."""

    def perplexity(stream):
        return round(float(np.exp(-stream.mean())), 2)

    weights, _ = lm.em_weights([network["valid"], counted["valid"]])
    parts = [network["test"], counted["test"]]
    return {
        "rnn": perplexity(parts[0]),
        "kn5": perplexity(parts[1]),
        "paper_weights": perplexity(lm.mix_streams(parts, SHARES)),
        "em": perplexity(lm.mix_streams(parts, weights)),
        "em_weight": round(float(weights[0]), 3),
    }


def streams(model: lm.NextTokenModel, text: dict, name: str) -> dict:
    return {
        split: lm.token_stream(model, tqdm(text[split], f"{name}, {split}", disable=None))
        for split in ("valid", "test")
    }


def row(name: str, data_dir: str) -> dict:
    text = texts(data_dir, name.split("-")[0])
    counted = lm.kneser_ney(text["train"], order=5)
    model, metrics = trained(name, text)
    model = lm.Expanded(model, counted.vocabulary)
    unknown = sum(word not in counted.vocabulary for line in text["test"] for word in line.split())
    return {
        **figures(streams(model, text, name), streams(counted, text, "KN5")),
        "words": sum(len(line.split()) for line in text["train"]),
        "unknown": round(unknown / sum(len(line.split()) for line in text["test"]), 4),
        "epochs": metrics["epochs"],
        "minutes": round(metrics["training_seconds"] / 60, 1),
    }


def three(data_dir: str) -> dict:
    """Joins three networks with equal weights, static and dynamic."""
    text = texts(data_dir, "1m")
    counted = lm.kneser_ney(text["train"], order=5)
    counted_streams = streams(counted, text, "KN5")
    static = [trained(name, text)[0] for name in THREE]
    rates = [tuned_rate(model, text["valid"][:TUNED_ON]) for model in static]
    dynamic = [
        lm.DynamicModel(model, rate, SEGMENT) for model, rate in zip(static, rates, strict=True)
    ]
    found = {"rates": rates}
    for kind, models in {"static": static, "dynamic": dynamic}.items():
        parts = [streams(lm.Expanded(part, counted.vocabulary), text, kind) for part in models]
        equal = [1 / len(parts)] * len(parts)
        joined = {s: lm.mix_streams([p[s] for p in parts], equal) for s in ("valid", "test")}
        found[kind] = figures(joined, counted_streams)
    return found


def tuned_rate(model: lm.NextTokenModel, sentences: list[str]) -> float:
    """Finds the rate that a network learns best with from what it has read."""
    scores = {
        rate: lm.token_stream(lm.DynamicModel(model, rate, SEGMENT), sentences).mean()
        for rate in RATES
    }
    return max(scores, key=scores.get)


def fifth(data_dir: str) -> dict:
    """Sets the network on a million words against Kneser–Ney on all of them."""
    text = texts(data_dir, "all")
    counted = lm.kneser_ney(text["train"], order=5)
    model, _ = trained("1m-250-5", texts(data_dir, "1m"))
    # Words of all the text that the network never saw are rare for it too.
    model = lm.Expanded(model, counted.vocabulary)
    return figures(streams(model, text, "fifth"), streams(counted, text, "KN5"))


def table(measured: dict) -> str:
    lines = [
        "Test perplexity on held-out film reviews, each model over all words of its training text;",
        "in brackets the reduction against KN5.",
        "",
        "| training words | network | KN5 | RNN | RNN + KN5, 0.75 / 0.25 | RNN + KN5, EM | λ "
        "| unknown | epochs | minutes | commit |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]

    def cells(said):
        change = {k: f"{said[k] / said['kn5'] - 1:+.0%}" for k in ("rnn", "paper_weights", "em")}
        parts = [f"{said[key]:.1f} ({by})" for key, by in change.items()]
        return " | ".join([f"{said['kn5']:.1f}", *parts, f"{said['em_weight']:.2f}"])

    for name, said in measured.items():
        end = f"| {said['commit']} |"
        if name == "three":
            for kind in ("static", "dynamic"):
                title = f"three of a million words, {kind}"
                title += f" (rates {said['rates']})" if kind == "dynamic" else ""
                lines.append(f"| 1m | {title} | {cells(said[kind])} | | | {end}")
        elif name == "fifth":
            title = "250 / 5 on a million words, KN5 on all"
            lines.append(f"| 1m, all | {title} | {cells(said)} | | | {end}")
        else:
            size, units, threshold = name.split("-")
            words = f"{said['words']:,}"
            lines.append(
                f"| {words} | {units} / {threshold} | {cells(said)} | {said['unknown']:.2%} "
                f"| {said['epochs']} | {said['minutes']} {end}"
            )
    return "\n".join([*lines, "", f"Beside it: {PAPER}."]) + "\n"


def main() -> None:
    names = ["-".join(pair) for pair in itertools.product(SIZES, CONFIGURATIONS)]
    names += [f"{size}-{PAPER_CONFIGURATION}" for size in ("200k", "1m")]
    names += ["three", "fifth"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(names))
    words = parser.parse_args()
    unknown = set(words.rows) - set(names)
    if unknown:
        parser.error(f"expected rows among {', '.join(names)}; received {', '.join(unknown)}")
    path = HERE.with_suffix(".json")
    measured = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for name in words.rows or names:
        special = {"three": three, "fifth": fifth}
        said = special[name](words.data_dir) if name in special else row(name, words.data_dir)
        measured[name] = {**said, "commit": commit()}
        measured = {each: measured[each] for each in names if each in measured}
        path.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        HERE.with_suffix(".md").write_text(table(measured), encoding="utf-8")
        print(name, said, flush=True)


if __name__ == "__main__":
    main()
