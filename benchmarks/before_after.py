"""What recipes come to at two commits, side by side: their figures, and their seconds.

    python benchmarks/before_after.py OLD NEW SHARED [NAME …]

Each recipe is trained to its end by `kerasrnn train` of both commits at the same time, each on a
core of its own, so that whatever else the machine does hits both. SHARED is a folder with `tfds`,
prepared tensorflow-datasets, and `data`, with `multi30k` and `ptb`; the embedded recipes do without
it. What is said is the figure on the split of the recipe's table, the seconds of all epochs, those
of the processor for the whole command, with reading, testing and drawing, and the epochs. Recipes
that are not named keep their row in `before_after.json`; the table is `before_after.md`.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any

from results import JOBS, ROOT

HERE = pathlib.Path(__file__)
# Recipe → task, the figure that counts, and its source in SHARED.
RECIPES = {
    **{name: (task, figure, "") for name, (task, figure, *_) in JOBS.items()},
    "quality/imdb_reviews": ("classify", "accuracy", "tfds"),
    "quality/sst2": ("classify", "accuracy", "tfds"),
    "quality/mnist": ("classify", "accuracy", "tfds"),
    "quality/en_ewt": ("tag", "accuracy", "tfds"),
    "quality/wikiann": ("tag", "f1", "tfds"),
    "quality/tiny_shakespeare": ("language-model", "loss", "tfds"),
    "penn_treebank/lstm": ("language-model", "perplexity", "data/ptb"),
    "quality/multi30k": ("translate", "bleu", "data/multi30k"),
}
# Their test splits have no labels, or others report this one.
ON_VALIDATION = ("quality/sst2", "quality/tiny_shakespeare")
COLUMNS = {"quality/sst2": "val_accuracy", "quality/tiny_shakespeare": "val_loss"}


def train(name: str, tree: pathlib.Path, core: int, shared: pathlib.Path) -> dict[str, Any]:
    """Trains a recipe with the package in a folder, on one core; returns what it came to."""
    task, figure, source = RECIPES[name]
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        words = ["train", task, "--config", name, "--output", str(run), "--save-every", "0"]
        if source == "tfds":
            words += ["--data-dir", str(shared / source)]
        elif source:
            words += ["--data", str(shared / source)]
        process = subprocess.Popen(
            ["taskset", "-c", str(core), sys.executable, "-m", "kerasrnn", *words],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": str(tree),
                "TFDS_DATA_DIR": str(pathlib.Path(folder) / "tfds"),
                "TF_CPP_MIN_LOG_LEVEL": "3",
            },
            stdout=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{name} ended with exit code {os.waitstatus_to_exitcode(status)}")
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        with open(run / "history.csv", encoding="utf-8", newline="") as file:
            history = list(csv.DictReader(file))
        if name in ON_VALIDATION:
            values = [float(row[COLUMNS[name]]) for row in history]
            value = min(values) if figure == "loss" else max(values)
        else:
            value = metrics["test"][figure]
        return {
            "value": value,
            "seconds": metrics["training_seconds"],
            "processor": used.ru_utime + used.ru_stime,
            "epochs": len(history),
        }


def both(name: str, trees: list[pathlib.Path], shared: pathlib.Path) -> list[dict[str, Any]]:
    """Trains a recipe with two packages at the same time."""
    results: list[dict[str, Any]] = [{}, {}]

    def one(place: int) -> None:
        results[place] = train(name, trees[place], place, shared)

    threads = [threading.Thread(target=one, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not all(results):
        raise SystemExit(1)
    return results


@contextlib.contextmanager
def checked_out(commits: list[str]) -> Iterator[tuple[list[pathlib.Path], list[str]]]:
    """Checks two commits out into folders; gives those and the names of the commits."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    with tempfile.TemporaryDirectory() as folder:
        trees = [pathlib.Path(folder) / each for each in ("old", "new")]
        for tree, commit in zip(trees, commits, strict=True):
            git("worktree", "add", "--detach", str(tree), commit)
        try:
            yield trees, [git("rev-parse", "--short", commit) for commit in commits]
        finally:
            for tree in trees:
                git("worktree", "remove", "--force", str(tree))


def table(rows: dict[str, Any]) -> list[str]:
    """Returns the lines of the Markdown table."""
    lines = [
        "| recipe | figure | before | after | seconds of training | of the processor, in all "
        "| epochs | commits |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in (each for each in RECIPES if each in rows):
        old, new = rows[name]["results"]
        split = "validation " if name in ON_VALIDATION else ""
        lines.append(
            f"| {name} | {split}{RECIPES[name][1]} | {old['value']:.4f} | {new['value']:.4f} "
            f"| {old['seconds']:.0f} → {new['seconds']:.0f} "
            f"| {old['processor']:.0f} → {new['processor']:.0f} "
            f"(× {old['processor'] / new['processor']:.2f}) | {old['epochs']} → {new['epochs']} "
            f"| {' → '.join(rows[name]['commits'])} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("commits", nargs=2, metavar="OLD NEW")
    parser.add_argument("shared", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    if unknown := sorted({*given.names} - {*RECIPES}):
        raise SystemExit(f"Expected names of {', '.join(RECIPES)}. Received: {', '.join(unknown)}")
    kept = HERE.with_suffix(".json")
    with checked_out(given.commits) as (trees, commits):
        for name in given.names or RECIPES:
            begin = time.monotonic()
            results = both(name, trees, given.shared.resolve())
            print(name, *results, f"{time.monotonic() - begin:.0f} s", sep="\n  ", flush=True)
            rows = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
            rows[name] = {"commits": commits, "results": results}
            kept.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            head = "# Recipes before and after\n\nWritten by `python benchmarks/before_after.py`: "
            head += "one core each, at the same time, seed 1.\n"
            text = "\n".join([head, *table(rows)]) + "\n"
            HERE.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
