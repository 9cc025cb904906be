"""What a long training and a long-running server hold of memory.

    python benchmarks/memory.py --minutes 120

Each runs for so long as a user starts it, one after the other, and its resident memory is read
every second (Linux). The first quarter is the warm-up; the growth is that of the median of the last
quarter over the median of the second. It prints a Markdown table and writes it beside itself.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence

from served import server

HERE = pathlib.Path(__file__)
COMMAND = [sys.executable, "-m", "kerasrnn"]
TRAINING = ["train", "translate", "--config", "dates", "--save-every", "0.2"]
MONTHS = "January February March April May June July August September October November December"
MEGABYTE = 2**20


@dataclasses.dataclass(frozen=True)
class Memory:
    """The resident memory of a process over time.

    Args:
        name: What it did.
        seconds: When each value was read.
        values: The resident memory, in bytes.
        counts: How many epochs or requests there had been.
    """

    name: str
    seconds: list[float]
    values: list[int]
    counts: list[int]

    def quarter(self, number: int) -> float:
        """Returns the median of a quarter, from 0 to 3, in bytes."""
        size = len(self.values) // 4
        return statistics.median(self.values[number * size : (number + 1) * size])

    @property
    def growth(self) -> float:
        """By what fraction the last quarter is above the second one."""
        return self.quarter(3) / self.quarter(1) - 1

    @property
    def kept(self) -> float:
        """How many bytes an epoch or a request leaves behind, between the same quarters."""
        size = len(self.counts) // 4
        middles = [self.counts[number * size + size // 2] for number in (1, 3)]
        return (self.quarter(3) - self.quarter(1)) / max(1, middles[1] - middles[0])

    def row(self) -> str:
        """Returns its line of the table."""
        sizes = [f"{self.quarter(number) / MEGABYTE:.1f}" for number in (1, 3)]
        minutes = f"{self.seconds[-1] / 60:.0f}"
        return f"| {self.name} | {minutes} | {' | '.join(sizes)} | {self.growth:+.2%} |"


def watch(
    name: str,
    process: subprocess.Popen,
    seconds: float,
    count: Callable[[], int],
    act: Callable[[], object] | None = None,
) -> Memory:
    """Reads a process's memory every second, and acts in between.

    Raises:
        RuntimeError: Where it ends before the time is over.
    """
    begin, read = time.monotonic(), Memory(name, [], [], [])
    page = os.sysconf("SC_PAGE_SIZE")
    while (now := time.monotonic() - begin) < seconds:
        if process.poll() is not None:
            raise RuntimeError(
                f"{name} ended with exit code {process.returncode} after {now:.0f} s"
            )
        pages = pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1]
        read.seconds.append(now)
        read.values.append(int(pages) * page)
        read.counts.append(count())
        until = now + 1
        while (left := until - (time.monotonic() - begin)) > 0:
            if act is None:
                time.sleep(left)
            else:
                act()
    return read


def training(
    folder: pathlib.Path, seconds: float, words: Sequence[str | os.PathLike] = TRAINING
) -> Memory:
    """Watches a training that would go on for much longer."""

    def epochs() -> int:
        history = folder / "run" / "history.csv"
        return len(history.read_text().splitlines()) if history.is_file() else 0

    endless = ["--schedule", "plateau", "--patience", "1000000", "--epochs", "1000000"]
    endless += ["--output", str(folder / "run")]
    with subprocess.Popen([*COMMAND, *words, *endless], stdout=subprocess.DEVNULL) as process:
        try:
            return watch("training, an epoch after the other", process, seconds, epochs)
        finally:
            process.terminate()


def serving(
    folder: pathlib.Path,
    seconds: float,
    words: Sequence[str | os.PathLike] = TRAINING,
    longest: int = 8,
) -> Memory:
    """Watches a server that one client asks texts of all lengths, one after the other.

    With the sizes of the requests grows what the allocator keeps for them, until each of its
    threads has had the largest one: with `longest` dates in a text, hundreds of MB in half an hour.
    """
    run, models = folder / "short", folder / "models"
    short = [*COMMAND, *words, "--epochs", "1", "--output", str(run)]
    export = [*COMMAND, "export", str(run), str(models / "dates")]
    for command in (short, export):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    numbers, asked = random.Random(1), []

    def ask() -> None:
        month = numbers.choice(MONTHS.split())
        dates = [f"{numbers.randint(1, 28)} {month} {numbers.randint(1900, 2099)}"]
        dates *= numbers.randint(1, longest)
        rows = range(numbers.randint(1, 8 * longest))
        texts = [" ".join(dates[: numbers.randint(1, longest)]) for _ in rows]
        body = json.dumps({"instances": texts}).encode()
        url = f"http://127.0.0.1:{port}/v1/models/dates:predict"
        with urllib.request.urlopen(urllib.request.Request(url, body)) as reply:
            assert len(json.load(reply)["predictions"]) == len(texts)
        asked.append(len(texts))

    with server(models) as (process, port):
        name = "serving, a request after the other"
        return watch(name, process, seconds, lambda: len(asked), ask)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=120.0, help="of each of the two")
    seconds = 60 * parser.parse_args().minutes
    lines = [
        f"# Memory\n\nWritten by `python benchmarks/memory.py --minutes {seconds / 60:g}`.",
        "",
        "| | minutes | MB, second quarter | MB, last quarter | growth |",
        "|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for measure in (training, serving):
            lines.append(measure(pathlib.Path(folder), seconds).row())
            print(lines[-1], flush=True)
    HERE.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
