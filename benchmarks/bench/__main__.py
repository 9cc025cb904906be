"""This package beside its rivals: each group of subjects in turns, one table and one chart.

    make bench                                   # all groups
    make bench ONLY="recurrence padding"         # some; the rows of the others stay
    python -m bench --quick                      # tiny sizes, in order to see that all runs

PyTorch and JAX, `pip install "kerasrnn[bench]"`, leave a blank where they are not installed. The
machine should have nothing else to do.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import pathlib
import re
import sys
import time

from results import ROOT, commit

from bench.chart import chart
from bench.found import keep, kept
from bench.processes import Processes, cores_here
from bench.table import table
from bench.turns import measure

GROUPS = (
    "recurrence", "padding", "penn_treebank", "epochs", "decoding", "saved_model", "start",
    "curves",
)  # fmt: skip
HERE = pathlib.Path(__file__).resolve().parents[1]


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench", description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, two rounds")
    parser.add_argument("--data", type=pathlib.Path, help="folder with `tfds` and `data`")
    parser.add_argument(
        "--examples", type=int, default=4000, help="texts of an epoch; 0 for all of them"
    )
    parser.add_argument("--named", default="", help="regular expression: those subjects alone")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of a turn, about")
    parser.add_argument("--output", type=pathlib.Path, default=HERE, help="folder of the table")
    parser.add_argument(
        "--python", action="append", default=[], metavar="LIBRARY=PATH",
        help="the interpreter that has torch or jax, where it is another one",
    )  # fmt: skip
    given = parser.parse_args(words)
    unknown = sorted(set(given.only) - set(GROUPS))
    if unknown:
        parser.error(f"Expected groups of {', '.join(GROUPS)}. Received: {', '.join(unknown)}")
    given.rounds = given.rounds or (2 if given.quick else 5)
    given.seconds = given.seconds or (0.01 if given.quick else 0.25)
    return given


def machine() -> str:
    cores = cores_here()
    return f"{cores} CPU {'core' if cores == 1 else 'cores'}"


def main(words: list[str] | None = None) -> int:
    given = arguments(words)
    begin = time.perf_counter()
    given.output.mkdir(parents=True, exist_ok=True)
    path, folder = given.output / "bench.json", ROOT / "runs" / "bench"
    if given.quick:
        folder = given.output / "runs"
    where = {"data": given.data, "folder": folder, "examples": given.examples}
    said = {"commit": commit(), "date": str(datetime.date.today()), "machine": machine()}
    rows, failed = kept(path), False
    with Processes(dict(each.split("=", 1) for each in given.python)) as processes:
        for group in given.only or GROUPS:
            module = importlib.import_module(f"bench.{group}")
            for subject in module.subjects(given.quick, **where):
                if not re.search(given.named, subject.name):
                    continue
                found = measure(subject, processes, given.rounds, given.seconds)
                failed |= any("failed" in each for each in found.values())
                rows = keep(path, subject, found, **said)
                text = table(rows, _said(rows))
                (given.output / "bench.md").write_text(text, encoding="utf-8")
    chart(rows).savefig(given.output / "bench.png", dpi=110)
    print((given.output / "bench.md").read_text(encoding="utf-8"))
    print(f"{time.perf_counter() - begin:.0f} s", file=sys.stderr)
    return int(failed)


def _said(rows: list[dict]) -> str:
    """Says where and when the rows were measured."""
    seen = dict.fromkeys(f"{row['machine']}, {row['commit']}, {row['date']}" for row in rows)
    return f"`make bench`: {'; '.join(seen)}."


if __name__ == "__main__":
    raise SystemExit(main())
