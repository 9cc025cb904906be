"""A million short texts, answered by one process and by shards: seconds, memory, the same bytes.

    python benchmarks/sharded_prediction.py

It trains a small classifier on the embedded names of `languages`, writes a million texts made of
these names into gzipped files, and runs `kerasrnn predict` over them in processes of their own: one
over a tenth and one over all of it, then shards, one after another and two at a time. It compares
what the shards wrote, one behind another, with what the one process wrote, byte by byte. It prints
a Markdown table and writes it beside itself.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

PARTS = 8


@dataclasses.dataclass
class Measured:
    """How long processes took, and the most memory that each had, in MB."""

    way: str
    rows: int
    seconds: float
    peaks: list[float]

    def line(self) -> str:
        peaks = f"{min(self.peaks):,.0f}–{max(self.peaks):,.0f}" if self.peaks[1:] else None
        cells = self.way, f"{self.rows:,}", f"{self.seconds:,.0f}"
        rate = f"{self.rows / self.seconds:,.0f}" if self.rows else "–"
        return f"| {' | '.join([*cells, rate, peaks or f'{self.peaks[0]:,.0f}'])} |"


def run(commands: Sequence[Sequence[str]], at_once: int = 1) -> tuple[float, list[float]]:
    """Runs commands of `kerasrnn`, so many at a time."""
    left, running, peaks = list(commands), {}, []
    begin = time.perf_counter()
    while left or running:
        while left and len(running) < at_once:
            process = subprocess.Popen(
                [sys.executable, "-m", "kerasrnn", *left.pop(0)], stderr=subprocess.DEVNULL
            )
            running[process.pid] = process
        pid, status, usage = os.wait4(-1, 0)
        process = running.pop(pid)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{process.args} ended with {process.returncode}")
        peaks.append(usage.ru_maxrss * 1024 / 1e6)
    return time.perf_counter() - begin, peaks


def write_texts(folder: pathlib.Path, number: int) -> None:
    """Writes names with a number behind each, so that no two texts are the same."""
    from kerasrnn import datasets

    names = [text.decode() for text, _ in datasets.labelled_texts("languages").as_numpy_iterator()]
    texts = (f"{name} {i}" for i, name in zip(range(number), itertools.cycle(names)))
    for part in range(PARTS):
        with gzip.open(folder / f"part-{part}.jsonl.gz", "wt", 1, encoding="utf-8") as file:
            for text in itertools.islice(texts, -(-number // PARTS)):
                file.write(json.dumps({"text": text}) + "\n")


def same_bytes(one: pathlib.Path, parts: Sequence[pathlib.Path]) -> bool:
    """Whether parts, one behind another, are what a file holds."""
    together = one.with_name("together.jsonl")
    with open(together, "wb") as file:
        for part in parts:
            with open(part, "rb") as each:
                shutil.copyfileobj(each, file)
    return subprocess.run(["cmp", "-s", one, together], check=False).returncode == 0


def measure(folder: pathlib.Path, rows: int, shards: int) -> list[Measured]:
    train = ["train", "classify", "--data", "languages", "--level", "character", "--units", "32"]
    run([[*train, "--epochs", "1", "--output", str(folder / "run")]])
    write_texts(folder, rows)
    base, all_of_it = ["predict", str(folder / "run")], str(folder / "part-*.jsonl.gz")
    one, found = folder / "one.jsonl", []

    def add(way: str, number: int, commands: Sequence[Sequence[str]], at_once: int = 1) -> None:
        found.append(Measured(way, number, *run(commands, at_once)))
        print(found[-1].line(), flush=True)

    part = [*base, str(folder / "part-0.jsonl.gz"), "--output", str(folder / "part.jsonl")]
    add("one process, the first file", -(-rows // PARTS), [part])
    add("one process, all files", rows, [[*base, all_of_it, "--output", str(one)]])
    for at_once, said in ((1, "one after another"), (2, "two at a time")):
        output = folder / f"shards-{at_once}"
        commands = [
            [*base, all_of_it, "--output", str(output), "--shard", f"{i + 1}/{shards}"]
            for i in range(shards)
        ]
        add(f"{shards} shards, {said}", rows, commands, at_once)
        if not same_bytes(one, sorted(output.glob("predictions-*.jsonl"))):
            raise SystemExit(f"{output} is not what one process wrote")
    add("a shard that is there already", 0, [commands[0]])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--note", default="", help="what else the machine did, for the table")
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(pathlib.Path(folder), sizes.rows, sizes.shards)
    lines = [
        f"Names of `languages`, a bidirectional LSTM of 32 units over characters, {os.cpu_count()} "
        f"CPU cores; {PARTS} gzipped files of JSON lines in, JSON lines out; loading the run "
        f"included. {sizes.note}".rstrip(),
        "",
        "| way | rows | seconds | rows a second | peak MB of a process |",
        "|---|---|---|---|---|",
        *(each.line() for each in found),
        "",
        "The files of the shards, one behind another, were equal to that of one process, byte for "
        "byte, both times.",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    pathlib.Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
