"""Real data, two cores, from scratch: how good the models of each task become.

    python benchmarks/quality.py train NAME DATA [--seed N]   # trains the recipe quality/NAME
    python benchmarks/quality.py lengths DATA                 # BLEU by length of the source
    python benchmarks/quality.py table                        # writes what all rows left

DATA is a folder of prepared tensorflow-datasets; for `multi30k` one with train, val and
test_2016_flickr in two languages (`train.en.gz`, `train.de.gz`, …). A row is one `kerasrnn train`
command and leaves in `benchmarks/quality/` what it measured, with its learning curve. Training
ends by its validation split; the test split is read once.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import pathlib
import resource
import shlex
import shutil
import subprocess
import sys
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from matplotlib.figure import Figure
from results import ROOT, commit

HERE = pathlib.Path(__file__).with_suffix("")
RUNS = ROOT / "runs" / "quality"
LANGUAGES = ("en", "de")
SIDES = "source=en,target=de"
BEAM = ["--beam-width", "5", "--length-penalty", "0.6"]
# How rows are evaluated, where that is not what the training does at its end: with a beam instead
# of greedily; on the split that others report, the labels of whose test split are secret.
EVALUATION = {
    "multi30k": BEAM,
    "multi30k_no_attention": BEAM,
    "sst2": ["--split", "validation"],
}
# Lengths of the source in words, the first of each bucket.
LENGTHS = (1, 9, 12, 15, 19)
LOSS = "validation loss"


class Row(NamedTuple):
    """A row: its task, the figure that counts, what it is to reach and in how many minutes.

    A language model's figure is the loss on its validation split, in nats a token: the less, the
    better.
    """

    task: str
    figure: str
    goal: float | None
    minutes: float | None

    def shown_goal(self, value: float) -> str:
        if self.goal is None:
            return ""
        less = self.figure == LOSS
        if value <= self.goal if less else value >= self.goal:
            return f" ({'≤' if less else '≥'} {self.goal})"
        return f", misses {self.goal}"


ROWS = {
    "imdb_reviews": Row("classify", "accuracy", 0.90, 15),
    # 2 % worse than the row before it in half of its minutes of a core, measured on the same day.
    "imdb_reviews_min_gru": Row("classify", "accuracy", 0.887, 3.0),
    "sst2": Row("classify", "accuracy", 0.83, 10),
    "mnist": Row("classify", "accuracy", 0.988, 5),
    "en_ewt": Row("tag", "accuracy", 0.950, 15),
    "wikiann": Row("tag", "f1", 0.70, 15),
    "multi30k": Row("translate", "bleu", 32.0, 45),
    "multi30k_no_attention": Row("translate", "bleu", None, None),
    "tiny_shakespeare": Row("language-model", LOSS, 1.52, 40),
    "tiny_shakespeare_sru": Row("language-model", LOSS, 1.434, 3.6),  # likewise
}


def train(name: str, data: pathlib.Path, seed: int) -> None:
    """Trains a row in a process of its own and keeps its figures."""
    row, run = ROWS[name], RUNS / f"{name}-{seed}"
    shutil.rmtree(run, ignore_errors=True)
    words = ["train", row.task, "--config", f"quality/{name}", "--seed", str(seed)]
    shown = ["--data", "DATA"] if row.task == "translate" else ["--data-dir", "DATA"]
    source = [shown[0], str(multi30k(data) if row.task == "translate" else data)]
    measured, before = commit(), core_seconds()
    kerasrnn(*words, *source, "--output", str(run))
    spent = core_seconds() - before
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    test = metrics["test"]
    if name in EVALUATION:
        answer = kerasrnn("evaluate", str(run), *source, *EVALUATION[name], capture=True)
        evaluated = json.loads(answer.splitlines()[-1])
        del evaluated["data"]  # a path of this machine
        test = {"by_training": test, **evaluated}
    with open(run / "history.csv", encoding="utf-8") as file:
        history = [
            {key: float(value) for key, value in row.items()} for row in csv.DictReader(file)
        ]
    test[LOSS] = min(epoch["val_loss"] for epoch in history)
    said = {
        "command": shlex.join(["kerasrnn", *words, *shown, "--output", f"runs/{name}"]),
        "seed": seed,
        "commit": measured,
        "figure": test[row.figure],
        "test": test,
        "parameters": metrics["parameters"],
        "epochs": metrics["epochs"],
        "minutes": round(metrics["training_seconds"] / 60, 1),
        "core_minutes": round(spent / 60, 1),
        "history": history,
    }
    HERE.mkdir(exist_ok=True)
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    (HERE / f"{name}-{seed}.json").write_text(text, encoding="utf-8")
    print(name, seed, said["figure"], said["minutes"])


def core_seconds() -> float:
    """Returns what the commands so far took of processor cores, whatever else ran beside them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def kerasrnn(*words: str, capture: bool = False) -> str:
    """Runs a command, and returns what it prints if that is captured."""
    command = [sys.executable, "-m", "kerasrnn", *words]
    output = subprocess.PIPE if capture else None
    return subprocess.run(command, cwd=ROOT, check=True, stdout=output, text=True).stdout or ""


def multi30k(data: pathlib.Path) -> pathlib.Path:
    """Makes a folder in which the test of 2016 is the test split."""
    folder = RUNS / "multi30k_data"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for split, file in (("train", "train"), ("val", "val"), ("test", "test_2016_flickr")):
        for language in LANGUAGES:
            (folder / f"{split}.{language}.gz").symlink_to(data / f"{file}.{language}.gz")
    return folder


def lengths(data: pathlib.Path) -> None:
    """Writes the BLEU of sources of like lengths, with attention and without."""
    from kerasrnn.datasets import text_pairs
    from kerasrnn.metrics import text_overlap
    from kerasrnn.tasks import load

    pairs = list(text_pairs(str(multi30k(data)), "test", features=SIDES).as_numpy_iterator())
    sources, targets = (
        [text.decode("utf-8") for text in side] for side in zip(*pairs, strict=True)
    )
    bucket = np.searchsorted(LENGTHS, [len(source.split()) for source in sources], side="right")
    found = {}
    for name in ("multi30k_no_attention", "multi30k"):
        task = load(RUNS / f"{name}-1").with_search(beam_width=5, length_penalty=0.6)
        answers = task.predict(sources)
        found[name] = []
        for number in range(1, len(LENGTHS) + 1):
            chosen = np.flatnonzero(bucket == number)
            parts = [[side[place] for place in chosen] for side in (targets, answers)]
            found[name].append({"sentences": len(chosen), "bleu": text_overlap(*parts)["bleu"]})
    HERE.mkdir(exist_ok=True)
    (HERE / "lengths.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def table() -> str:
    """Writes the table and the picture of what all rows left."""
    lines = [
        "From scratch, no pretrained weights, two CPU cores, of which most trainings had one, with",
        "another training on the other one. Test splits; of sst2 the validation",
        "split, as everywhere, since the labels of its test split are secret (it also told the",
        "training when to halve the rate); of tiny_shakespeare nats a character of the validation",
        "split. In brackets what is to be reached.",
        "",
        "| data | figure | mean of the seeds | each seed | minutes of training | epochs "
        "| parameters | command of seed 1 | commit |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    said = {name: read(name) for name in ROWS}
    for name, runs in said.items():
        if runs:
            lines.append(_row(name, runs))
    signatures = {run["test"].get("bleu_signature") for runs in said.values() for run in runs}
    lines += ["", *(f"BLEU: {each}." for each in sorted(filter(None, signatures)))]
    path = HERE / "lengths.json"
    if path.is_file():
        lines += ["", *_lengths(json.loads(path.read_text(encoding="utf-8")))]
    picture({name: runs for name, runs in said.items() if runs}).savefig(
        HERE.with_suffix(".png"), dpi=110
    )
    return "\n".join(lines) + "\n"


def read(name: str) -> list[dict]:
    paths = sorted(HERE.glob(f"{name}-*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def _row(name: str, runs: list[dict]) -> str:
    row = ROWS[name]
    digits = 2 if row.figure == "bleu" else 4
    values = [run["figure"] for run in runs]
    mean = f"{np.mean(values):.{digits}f}{row.shown_goal(np.mean(values))}"
    each = ", ".join(f"{value:.{digits}f}" for value in values)
    minutes = ", ".join(f"{run['minutes']:.1f}" for run in runs)
    minutes += f" (≤ {row.minutes})" if row.minutes else ""
    commits = ", ".join(sorted({run["commit"] for run in runs}))
    first = runs[0]
    return (
        f"| {name} | {row.figure} | {mean} | {each} | {minutes} | {first['epochs']} "
        f"| {first['parameters']:,} | `{first['command']}` | {commits} |"
    )


def _lengths(found: dict) -> list[str]:
    names = {"multi30k_no_attention": "no attention", "multi30k": "dot attention"}
    ends = [f"{low}–{high - 1}" for low, high in zip(LENGTHS, LENGTHS[1:], strict=False)]
    ends.append(f"{LENGTHS[-1]} and more")
    counts = [bucket["sentences"] for bucket in found["multi30k"]]
    heads = [f"{words} words ({count})" for words, count in zip(ends, counts, strict=True)]
    lines = [
        "BLEU by the length of the source, and how many sentences are that long:",
        "",
        f"| | {' | '.join(heads)} |",
        f"|---|{'---|' * len(heads)}",
    ]
    for name, words in names.items():
        cells = [f"{bucket['bleu']:.1f}" for bucket in found[name]]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return lines


def picture(said: dict) -> Figure:
    """Draws the validation loss of each row by the minutes, a panel each: losses of unlike tasks.

    The seeds are thin lines; the best epoch of the first one is marked.
    """
    columns = 4
    rows = max(1, -(-len(said) // columns))
    figure = Figure(figsize=(11, 2.7 * rows), dpi=200, layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in panels.flat[len(said) :]:
        axes.set_axis_off()
    for axes, (name, runs) in zip(panels.flat, said.items(), strict=False):
        for i, run in enumerate(runs):
            minutes = np.cumsum([row["seconds"] for row in run["history"]]) / 60
            losses = [row["val_loss"] for row in run["history"]]
            axes.plot(minutes, losses, "o-", ms=3, lw=1, color=f"C{i}", label=f"seed {run['seed']}")
            if i == 0:
                best = int(np.argmin(losses))
                axes.plot(minutes[best], losses[best], "*", ms=11, color="tab:red", zorder=3)
        axes.set_title(name.replace("_", " "), size=10)
        axes.grid(alpha=0.3)
        axes.tick_params(labelsize=8)
        axes.set_xlim(left=0)
    figure.supxlabel("minutes of training")
    figure.supylabel("validation loss")
    figure.suptitle(
        "Validation loss by time: a line for each seed, the star is the best epoch of seed 1"
    )
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    training = actions.add_parser("train")
    training.add_argument("name", choices=ROWS)
    for action in (training, actions.add_parser("lengths")):
        action.add_argument("data", type=pathlib.Path)
    training.add_argument("--seed", type=int, default=1)
    actions.add_parser("table")
    words = parser.parse_args()
    if words.action == "train":
        train(words.name, words.data.resolve(), words.seed)
    elif words.action == "lengths":
        lengths(words.data.resolve())
    else:
        text = table()
        HERE.with_suffix(".md").write_text(text, encoding="utf-8")
        print(text)


if __name__ == "__main__":
    main()
