"""Trains the embedded jobs and writes the table of results, `embedded.md`.

    python benchmarks/results.py [NAME …] [--dtype mixed_bfloat16]

Each job runs in a process of its own, as a user would type it; a run that is there already in
`runs/` is trained anew. Jobs that are not named keep their row. The table of those in 16 bits goes
into `dtype.md`.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parents[1]
TABLES = {
    "float32": ROOT / "benchmarks" / "embedded.md",
    "mixed_bfloat16": ROOT / "benchmarks" / "dtype.md",
}
# Recipe → task, the figure that counts, how it is written, and what it is to reach.
JOBS = {
    "dates": ("translate", "exact_match", "{:.4f} of dates exactly right", "≥ 0.995"),
    "languages": ("classify", "accuracy", "{:.4f} of names", "≥ 0.90"),
    "python_tokens": ("tag", "accuracy", "{:.4f} of tokens", "≥ 0.97"),
    "digits": ("caption", "exact_match", "{:.4f} of names exactly right", "≥ 0.93"),
    "moving_digits": ("frames", "accuracy", "{:.4f} of frames", "≥ 0.95"),
    "python_docs": ("language-model", "bits_per_character", "{:.3f} bits a character", "≤ 2.2"),
}
HEADER = [
    "| job (`--config NAME`) | test split | to reach | training | commit |",
    "|---|---|---|---|---|",
]
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


def commit() -> str:
    """The commit that is measured; marked where files differ from it."""

    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "kerasrnn")
    return git("rev-parse", "--short", "HEAD").strip() + ("+" if changed else "")


def row(name: str, dtype: str) -> str:
    """Trains one job and returns its row."""
    task, figure, words, goal = JOBS[name]
    run = name if dtype == "float32" else f"{name}-{dtype}"
    output = ROOT / "runs" / run
    shutil.rmtree(output, ignore_errors=True)
    begin = time.perf_counter()
    command = ["train", task, "--config", name, "--dtype", dtype, "--output", f"runs/{run}"]
    subprocess.run([sys.executable, "-m", "kerasrnn", *command], cwd=ROOT, check=True)
    whole = time.perf_counter() - begin
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    seconds = metrics["training_seconds"]
    value = words.format(metrics["test"][figure])
    timing = f"{seconds:.0f} s ({whole:.0f} s with everything)"
    return f"| `kerasrnn train {task}` `{name}` | {value} | {goal} | {timing} | {commit()} |"


def main(names: list[str], dtype: str) -> None:
    unknown = sorted(set(names) - set(JOBS))
    if unknown:
        raise SystemExit(f"Expected names of {', '.join(JOBS)}. Received: {', '.join(unknown)}")
    table_file = TABLES[dtype]
    text = table_file.read_text(encoding="utf-8")
    before = re.search(f"{BEGIN}\n(.*?){END}", text, re.S)[1]
    rows = {
        name: line for line, name in re.findall(r"^(\| `kerasrnn.*?` `(\w+)` .*)$", before, re.M)
    }
    for name in names or JOBS:
        rows = {**rows, name: row(name, dtype)}
        lines = [*HEADER, *(rows[each] for each in JOBS if each in rows)]
        note = f"Python {platform.python_version()}, two CPU cores, seed 1."
        table = "\n".join([*lines, "", note]) + "\n"
        text = table_file.read_text(encoding="utf-8")
        block = f"{BEGIN}\n{table}{END}"
        table_file.write_text(
            re.sub(f"{BEGIN}\n.*?{END}", lambda _, block=block: block, text, flags=re.S),
            encoding="utf-8",
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--dtype", choices=TABLES, default="float32")
    given = parser.parse_args()
    main(given.names, given.dtype)
