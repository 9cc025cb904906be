"""How long each cell takes until a recipe is as good as it is to be: `make bench-quality`.

    python -m bench.quality DATA [--only dates gru …]

A run goes on epoch by epoch until its validation split is good enough, or its recipe ends. What was
cut off goes on where it stopped; what has ended stays, until its row is taken out of the file. Only
epochs count, with their validation, not the start of the program.
"""

from __future__ import annotations

import argparse
import csv
import json
import pathlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml
from results import ROOT, commit

from bench.processes import environment
from kerasrnn.options.words import Cell, Recurrence, words

RUNS = ROOT / "runs" / "bench" / "quality"
FILE = ROOT / "benchmarks" / "bench_quality.json"
WAY = words(Recurrence)[-1]
EVALUATED = "exact_match"  # the figure that `history.csv` does not have


class Goal(NamedTuple):
    """What a recipe is to reach: its task, its data below DATA, a column or figure, the value."""

    task: str
    source: Sequence[str]
    figure: str
    value: float
    more: bool


GOALS = {
    "dates": Goal("translate", (), EVALUATED, 0.995, True),
    "quality/imdb_reviews": Goal(
        "classify", ("--data-dir", "{data}/tfds"), "val_accuracy", 0.89, True
    ),
    "quality/tiny_shakespeare": Goal(
        "language-model", ("--data-dir", "{data}/tfds"), "val_loss", 1.50, False
    ),
    "penn_treebank/lstm": Goal(
        "language-model", ("--data", "{data}/data/ptb"), "val_perplexity", 100.0, False
    ),
}


def reached(goal: Goal, value: float) -> bool:
    return value >= goal.value if goal.more else value <= goal.value


def until_good(recipe: str, cell: str, data: pathlib.Path, more: Sequence[str] = ()) -> dict:
    """Trains until the goal is reached; returns the row.

    Args:
        recipe: One of `GOALS`.
        cell: The cell that it gets.
        data: The folder of all data.
        more: Further words of the command.
    """
    goal, run = GOALS[recipe], RUNS / f"{recipe.replace('/', '_')}_{cell}"
    settings = ROOT / "kerasrnn" / "recipes" / f"{recipe}.yaml"
    epochs = yaml.safe_load(settings.read_text(encoding="utf-8"))["epochs"]
    source = [each.format(data=data) for each in goal.source]
    words = ["train", goal.task, "--config", recipe, "--cell", cell, "--recurrence", WAY]
    words += [*source, *more, "--output", str(run), "--resume"]
    values: list[float] = []
    for epoch in range(1, epochs + 1):
        history = history_of(run)
        if len(history) < epoch:
            kerasrnn(*words, "--epochs", str(epoch))
            history = history_of(run)
        if len(history) < epoch:  # its schedule has ended it
            break
        if goal.figure == EVALUATED:
            values.append(evaluated(run, source))
        else:
            values.append(float(history[epoch - 1][goal.figure]))
        if reached(goal, values[-1]):
            break
    seconds = sum(float(row["seconds"]) for row in history_of(run)[: len(values)])
    return {"recipe": recipe, "cell": cell, "seconds": seconds, "values": values}


def history_of(run: pathlib.Path) -> list[dict[str, str]]:
    path = run / "history.csv"
    if not path.is_file():
        return []
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def evaluated(run: pathlib.Path, source: Sequence[str]) -> float:
    answer = kerasrnn("evaluate", str(run), *source, "--split", "validation", capture=True)
    return float(json.loads(answer.splitlines()[-1])[EVALUATED])


def kerasrnn(*words: str, capture: bool = False) -> str:
    command = [sys.executable, "-m", "kerasrnn", *words]
    output = subprocess.PIPE if capture else sys.stderr
    variables = environment("tensorflow")
    result = subprocess.run(command, check=True, env=variables, stdout=output, text=True)
    return result.stdout or ""


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Writes Markdown."""
    lines = [
        "Seconds of the epochs, with their validation, until the goal is reached on the validation",
        f"split, `--recurrence {WAY}`, seed and all other options those of the recipe.",
        "",
        "| recipe | goal | cell | seconds | epochs | reached | machine, commit |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        goal, value = GOALS[row["recipe"]], row["values"][-1]
        sign = "≥" if goal.more else "≤"
        good = reached(goal, value)
        cells = [
            row["recipe"],
            f"{goal.figure.removeprefix('val_')} {sign} {goal.value:g}",
            row["cell"],
            f"{row['seconds']:,.0f}" if good else f"not in {row['seconds']:,.0f}",
            str(len(row["values"])),
            f"{value:.4g}",
            f"{row['machine']}, {row['commit']}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    from bench.__main__ import machine

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path, help="folder with `tfds` and `data`")
    parser.add_argument("--only", nargs="+", default=[], help="recipes and cells; all by default")
    given = parser.parse_args()
    recipes = [each for each in GOALS if each in given.only] or list(GOALS)
    cells = [each for each in words(Cell) if each in given.only] or list(words(Cell))
    unknown = set(given.only) - set(recipes) - set(cells)
    if unknown:
        parser.error(f"Expected {', '.join([*GOALS, *words(Cell)])}. Received: {unknown}")
    for recipe in recipes:
        for cell in cells:
            rows = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else []
            if (recipe, cell) in [(row["recipe"], row["cell"]) for row in rows]:
                continue
            row = until_good(recipe, cell, given.data.resolve())
            rows.append({**row, "machine": machine(), "commit": commit()})
            FILE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            FILE.with_suffix(".md").write_text(table(rows), encoding="utf-8")
            print(table(rows[-1:]).splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
