"""What the order of words is worth to a language model: the lecture's comparison, on one text.

    python benchmarks/word_order.py ../shared/data/ptb

The folder holds ptb.train.txt, ptb.valid.txt and ptb.test.txt. Of the training text the first
sentences are taken, and all but the most frequent words become <unk>, so that each training takes
a quarter of an hour at most. Four models read the same words and predict the next one: Kneser–Ney
of order 5, which counts; the mean of the last four vectors, the left half of CBOW, which has lost
their order; the same four vectors side by side (Bengio et al. 2003); and an LSTM, which reads all
words before. The three neural ones have vectors and hidden layers of one size. It prints a
Markdown table and writes it beside itself.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from results import commit

HERE = pathlib.Path(__file__).resolve().parent
SIZE, WINDOW = 100, 4
SENTENCES, WORDS = 12_000, 4_000
MODELS = {
    "mean_window": ("the mean of the last 4 vectors (CBOW's left half)", "none"),
    "fixed_window": ("the last 4 vectors side by side (Bengio 2003)", "of 4 words"),
    "recurrent": ("LSTM", "of all words before"),
}


def write_cut_text(source: pathlib.Path, folder: pathlib.Path) -> None:
    """Writes the three splits, the training split shorter, with the most frequent words alone."""
    lines = {}
    for name, split in {"train": "train", "valid": "validation", "test": "test"}.items():
        text = (source / f"ptb.{name}.txt").read_text(encoding="utf-8")
        lines[split] = [line.split() for line in text.splitlines()]
    lines["train"] = lines["train"][:SENTENCES]
    counts = collections.Counter(word for line in lines["train"] for word in line)
    kept = {word for word, _ in counts.most_common(WORDS)}
    for split, some in lines.items():
        text = "".join(" ".join(w if w in kept else "<unk>" for w in line) + "\n" for line in some)
        (folder / f"{split}.txt").write_text(text, encoding="utf-8")


def run(*words: str) -> str:
    """Runs a command of the package, and returns what it prints."""
    command = [sys.executable, "-m", "kerasrnn", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


def train(kind: str, text: pathlib.Path, output: pathlib.Path, epochs: int) -> tuple[dict, float]:
    """Trains one of the neural models, and returns its metrics and its minutes."""
    begin = time.perf_counter()
    run(
        *("train", "language-model", "--data", str(text), "--output", str(output)),
        *("--level", "whitespace", "--min-count", "1", "--context", "sentence", "--model", kind),
        *("--units", str(SIZE), "--embedding", str(SIZE), "--window", str(WINDOW)),
        *("--dropout", "0.2", "--optimizer", "lazy_adam", "--epochs", str(epochs)),
    )
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    return metrics, (time.perf_counter() - begin) / 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=20)
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        text = pathlib.Path(folder, "text")
        text.mkdir()
        write_cut_text(given.data, text)
        begin = time.perf_counter()
        arpa = str(pathlib.Path(folder, "kn5.arpa"))
        counted = json.loads(run("ngram", str(text / "train.txt"), "--output", arpa))
        said = run("perplexity", str(text / "test.txt"), "--models", arpa).splitlines()[-1]
        minutes = (time.perf_counter() - begin) / 60
        found = json.loads(said)
        tokens, ngrams = found["tokens"], sum(counted["ngrams"])
        rows.append(
            (
                "Kneser–Ney of order 5",
                "of 4 words",
                f"{ngrams:,} n-grams",
                0,
                minutes,
                found["perplexity"],
            )
        )
        for kind, (name, order) in MODELS.items():
            metrics, minutes = train(kind, text, pathlib.Path(folder, kind), given.epochs)
            test = metrics["test"]
            if test["tokens"] != tokens:
                raise RuntimeError(f"{tokens} tokens, and {test['tokens']} of {kind}")
            size = f"{metrics['parameters']:,} parameters"
            rows.append((name, order, size, metrics["epoch"], minutes, test["perplexity"]))
            print(rows[-1], flush=True)
        running = sum(1 + len(line.split()) for line in (text / "train.txt").open())
    cores = len(os.sched_getaffinity(0))
    lines = [
        f"The first {SENTENCES:,} sentences of the Penn Treebank's training text ({running:,} "
        f"tokens, end tokens included) and their {WORDS:,} most frequent words; each sentence for "
        f"itself; vectors and hidden layers of {SIZE} units; {cores} CPU cores, which others have "
        f"used too; at most {given.epochs} epochs; perplexity of {tokens:,} test tokens; "
        f"{commit()}.",
        "",
        "| model | order that it knows | size | kept epoch | minutes | test perplexity |",
        "|---|---|---|---|---|---|",
    ]
    for name, order, size, epoch, minutes, perplexity in rows:
        lines.append(
            f"| {name} | {order} | {size} | {epoch or ''} | {minutes:.1f} | {perplexity:.1f} |"
        )
    table = "\n".join(lines) + "\n"
    print(table)
    (HERE / "word_order.md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
