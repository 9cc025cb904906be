"""How long a Kneser–Ney model of order 5 takes to estimate and to score with, and its memory.

    python benchmarks/ngrams.py ../shared/data/ptb

The folder holds ptb.train.txt and ptb.test.txt. Three texts are estimated from, each in a process
of its own, so that its peak of memory is its own: the training text; 20 million tokens of its
sentences in random order; and as many with the words of each sentence in random order as well, so
that most longer n-grams are new. Then the ARPA file of the first, and the same text scored by the
kenlm package where that is installed. It prints a Markdown table and writes it beside itself.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np

from kerasrnn.language_modeling import (
    count_ngrams,
    kneser_ney,
    read_arpa,
    read_sentences,
    write_arpa,
)

CASES = {
    "train": "the training text",
    "repeated": "its sentences in random order, again and again",
    "shuffled": "the same, the words of each in random order",
    "arpa": "the training text, written to an ARPA file and read",
    "kenlm": "that file, read by the kenlm package",
}


def write_text(path: pathlib.Path, train: pathlib.Path, case: str, tokens: int) -> None:
    """Writes the text of a case, of so many tokens; end tokens count."""
    lines, rng = list(read_sentences(train)), np.random.default_rng(1)
    with open(path, "w", encoding="utf-8") as file:
        while tokens > 0:
            for i in rng.permutation(len(lines)):
                words = lines[i].split()
                if case == "shuffled":
                    words = [words[j] for j in rng.permutation(len(words))]
                file.write(" ".join(words) + "\n")
                tokens -= len(words) + 1
                if tokens <= 0:
                    break


class Clock:
    """Seconds since it was last asked."""

    def __init__(self):
        self.last = time.perf_counter()

    def __call__(self) -> float:
        last, self.last = self.last, time.perf_counter()
        return self.last - last


def measure(text: pathlib.Path, test: pathlib.Path, case: str, arpa: str) -> dict:
    """Runs one case."""
    tests, clock = list(read_sentences(test)), Clock()
    if case == "kenlm":
        import kenlm

        model = kenlm.Model(arpa)
        figures = {"estimate": clock()}
        total = sum(model.score(line) for line in tests) * np.log(10)
        figures |= {"score": clock()}
    else:
        counts = count_ngrams(read_sentences(text), 5)
        figures = {"count": clock()}
        model = kneser_ney(counts)
        figures |= {"tokens": int(counts.counts[0][3:].sum() + counts.counts[0][1])}
        del counts
        figures |= {"estimate": clock(), "ngrams": sum(model.sizes)}
        if case == "arpa":
            write_arpa(model, arpa)
            figures |= {"count": clock()}
            model = read_arpa(arpa)
            figures |= {"estimate": clock()}
        total = np.concatenate(model.token_log_probs(tests)).sum()
        figures |= {"score": clock()}
    number = sum(len(line.split()) + 1 for line in tests)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return figures | {"perplexity": float(np.exp(-total / number)), "gigabytes": peak}


def row(case: str, figures: dict) -> str:
    labels = {"arpa": ("written", "read"), "kenlm": ("", "read")}.get(
        case, ("counted", "estimated")
    )
    times = [
        f"{label} {figures[key]:.1f} s"
        for label, key in zip(labels, ("count", "estimate"), strict=True)
        if key in figures
    ]
    tokens, ngrams = (f"{figures[key]:,}" if key in figures else "" for key in ("tokens", "ngrams"))
    return (
        f"| {CASES[case]} | {tokens} | {ngrams} | {', '.join(times)} | {figures['score']:.2f} s | "
        f"{figures['gigabytes']:.2f} GB | {figures['perplexity']:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="the folder of ptb.train.txt")
    parser.add_argument("--tokens", type=int, default=20_000_000)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    train, test = (options.folder / f"ptb.{split}.txt" for split in ("train", "test"))
    if options.case:
        warnings.simplefilter("ignore")  # where every n-gram comes 20 times, none comes once
        other = options.work / options.case
        text, arpa = other if other.exists() else train, options.work / "kn5.arpa"
        print(json.dumps(measure(text, test, options.case, str(arpa))))
        return
    lines = [
        f"Order 5, modified Kneser–Ney; the test text scored; {os.cpu_count()} CPU cores, "
        f"NumPy {np.__version__}.",
        "",
        "| text | tokens | n-grams | time | test text | peak of memory | perplexity |",
        "|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            if case in ("repeated", "shuffled"):
                write_text(pathlib.Path(folder, case), train, case, options.tokens)
            command = [sys.executable, __file__, *sys.argv[1:], "--case", case, "--work", folder]
            done = subprocess.run(command, capture_output=True, text=True)
            if case == "kenlm" and "No module named" in done.stderr:
                lines += ["", "The kenlm package is not installed."]
                continue
            done.check_returncode()
            lines.append(row(case, json.loads(done.stdout.splitlines()[-1])))
            print(lines[-1], flush=True)
    path = pathlib.Path(__file__).with_suffix(".md")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
