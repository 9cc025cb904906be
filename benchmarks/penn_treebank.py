"""The Penn Treebank table: rows of language models, alone, with Kneser–Ney and with a cache.

    python benchmarks/penn_treebank.py train NAME DATA     # trains the recipe penn_treebank/NAME
    python benchmarks/penn_treebank.py dynamic NAME DATA   # lets it learn from what it reads
    python benchmarks/penn_treebank.py table DATA          # mixes what all rows said

DATA is a folder with ptb.train.txt, ptb.valid.txt and ptb.test.txt in Mikolov's preprocessing. A
row leaves in `benchmarks/penn_treebank/` what it was (NAME.json) and the log-probability of each
token of the validation and the test text (NAME.npz), static, and dynamic (NAME-dynamic.npz) with
the rate that is best on the first sentences of the validation text. The weights of mixtures come
from EM on the validation text. The test text is read once a row; the rates that the thesis and a
summary of the paper name, 0.1 and 0.01, are tried on it for one row, to be printed.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import yaml
from matplotlib.figure import Figure
from results import ROOT, commit
from tqdm import tqdm

import kerasrnn
from kerasrnn import language_modeling as lm
from kerasrnn.cli.memory import keep_freed_memory
from kerasrnn.tasks import read_tokens

HERE = pathlib.Path(__file__).with_suffix("")
RECIPES = ROOT / "kerasrnn" / "recipes" / "penn_treebank"
SPLITS = {"valid": "ptb.valid.txt", "test": "ptb.test.txt"}
# Rows of the table: name, the recipes they mix, whether these learn from the test text as they
# go, and what is to be reached alone, with Kneser–Ney and with a cache too.
ALL = None
ROWS = [
    ("feed-forward, fixed window", ["feed_forward"], False, (140.2, 116.7, 106.6)),
    ("recurrent (Elman)", ["elman"], False, (124.7, 105.7, 97.5)),
    ("recurrent (Elman), dynamic", ["elman"], True, (123.2, 102.7, 98.0)),
    ("SimpleRNN, tied weights", ["simple_rnn"], False, (None, None, None)),
    ("several static recurrent models", ALL, False, (102.1, 95.5, 89.4)),
    ("several dynamic recurrent models", ALL, True, (101.0, 92.9, 90.0)),
    ("LSTM, 2 × 200, no dropout", ["lstm_small"], False, (114.5, None, None)),
    ("best single recurrent model", ["lstm"], False, (98.0, None, None)),
    ("the same, dynamic", ["lstm"], True, (None, None, None)),
]
COUNTED = (141.24, None, 125.7)
NOT_RECURRENT = ("feed_forward",)
RATES, TUNED_ON, SEGMENT = (0.003, 0.01, 0.03, 0.1, 0.3), 400, 20
# The rates of Mikolov's thesis (2012) and of a summary of the paper, and the row to show them on.
NAMED_RATES, SHOWN_ON = (0.1, 0.01), "elman"


def train(name: str, data: pathlib.Path) -> None:
    """Trains a row in a process of its own, and stores what it says of each token."""
    output = ROOT / "runs" / "penn_treebank" / name
    words = ["kerasrnn", "train", "language-model"]
    words += ["--config", f"penn_treebank/{name}", "--output", str(output)]
    begun = output.with_suffix(".commit")  # of a run that may be resumed at another one
    if not begun.is_file():
        begun.parent.mkdir(parents=True, exist_ok=True)
        begun.write_text(commit(), encoding="utf-8")
    command = [sys.executable, "-m", *words, "--data", str(data), "--resume"]
    subprocess.run(command, cwd=ROOT, check=True)
    task = kerasrnn.load(output)
    model, text = task.next_token_model(), texts(data)
    streams = {split: lm.token_stream(model, text[split]) for split in SPLITS}
    store(name, streams)
    with open(output / "history.csv", encoding="utf-8") as file:
        history = [
            {key: float(row[key]) for key in ("val_perplexity", "learning_rate", "seconds")}
            for row in csv.DictReader(file)
        ]
    rates = [row["learning_rate"] for row in history]
    said = {
        "recipe": yaml.safe_load((RECIPES / f"{name}.yaml").read_text(encoding="utf-8")),
        "command": shlex.join([*words[:-1], f"runs/penn_treebank/{name}", "--data", "DATA"]),
        "commit": begun.read_text(encoding="utf-8").strip(),
        "parameters": task.model.count_params(),
        "epochs": len(history),
        "halvings": sum(new < old for old, new in zip(rates, rates[1:], strict=False)),
        "training_seconds": round(sum(row["seconds"] for row in history), 1),
        "perplexity": {key: perplexity(stream) for key, stream in streams.items()},
        "history": history,
    }
    write_json(name, said)
    print(name, said["perplexity"])


def dynamic(name: str, data: pathlib.Path) -> None:
    """Tunes the rate of a trained row on a little validation text, and stores its streams."""
    model = kerasrnn.load(ROOT / "runs" / "penn_treebank" / name).next_token_model()
    text, begin = texts(data), time.perf_counter()

    def stream(rate, split, number=None):
        shown = tqdm(text[split][:number], f"{name}, rate {rate}, {split}", disable=None)
        return lm.token_stream(lm.DynamicModel(model, rate, SEGMENT), shown)

    tuned = {rate: perplexity(stream(rate, "valid", TUNED_ON)) for rate in RATES}
    tuned = {rate: value if math.isfinite(value) else None for rate, value in tuned.items()}
    best = min((rate for rate in tuned if tuned[rate]), key=tuned.get)
    streams = {split: stream(best, split) for split in SPLITS}
    store(f"{name}-dynamic", streams)
    said = {
        "rate": best,
        "tuning": tuned,
        "perplexity": {key: perplexity(values) for key, values in streams.items()},
        "commit": commit(),
    }
    if name == SHOWN_ON:
        named = {rate: streams["test"] if rate == best else None for rate in NAMED_RATES}
        said["named_rates"] = {
            rate: perplexity(stream(rate, "test") if values is None else values)
            for rate, values in named.items()
        }
    said["seconds"] = round(time.perf_counter() - begin, 1)
    write_json(f"{name}-dynamic", said)
    print(name, said)


def texts(data: pathlib.Path) -> dict[str, list]:
    return {split: list(read_tokens(data / file)) for split, file in SPLITS.items()}


def store(name: str, streams: dict) -> None:
    HERE.mkdir(exist_ok=True)
    rounded = {split: stream.astype("float32") for split, stream in streams.items()}
    np.savez_compressed(HERE / f"{name}.npz", **rounded)


def write_json(name: str, said: dict) -> None:
    (HERE / f"{name}.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def read_json(name: str) -> dict | None:
    path = HERE / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def perplexity(stream) -> float:
    return float(np.exp(-np.asarray(stream, "float64").mean()))


def counted_streams(data: pathlib.Path) -> dict[str, dict]:
    """Scores the texts with Kneser–Ney and a cache."""
    model = lm.kneser_ney(read_tokens(data / "ptb.train.txt"), order=5)
    models = {"kn5": model, "cache": lm.Cache(model.vocabulary)}
    return {
        name: {
            split: lm.token_stream(each, read_tokens(data / file)) for split, file in SPLITS.items()
        }
        for name, each in models.items()
    }


def mixed(parts: list[dict]) -> tuple[float, list[float]]:
    """Tunes weights on the validation streams; returns the test perplexity and the weights."""
    weights, _ = lm.em_weights([part["valid"] for part in parts])
    stream = lm.mix_streams([part["test"] for part in parts], weights)
    return perplexity(stream), [round(float(weight), 3) for weight in weights]


def row_streams(names: list[str], dynamic: bool) -> list[dict]:
    found = []
    for name in names:
        with np.load(HERE / f"{name}{'-dynamic' if dynamic else ''}.npz") as file:
            found.append({split: file[split].astype("float64") for split in SPLITS})
    return found


def cell(value: float, goal: float | None) -> str:
    if goal is None:
        return f"{value:.2f}"
    return f"{value:.2f} (≤ {goal})" if value <= goal else f"**{value:.2f}** (misses {goal})"


def table(data: pathlib.Path) -> str:
    """Mixes what all rows said, and writes the table and the picture."""
    counted = counted_streams(data)
    kn5, cache = counted["kn5"], counted["cache"]
    names = [path.stem for path in sorted(HERE.glob("*.json"))]
    trained = {name: read_json(name) for name in names if not name.endswith("-dynamic")}
    lines = [
        "Test perplexity over 82,430 tokens, ends of sentences counted, vocabulary of the training",
        "text alone, no word unknown; in brackets what is to be reached. Weights of mixtures by EM",
        f"on the validation text; dynamic: plain SGD on {SEGMENT} tokens at a time, once scored.",
        "",
        "| model | alone | + KN5 | + KN5 + cache | weights of the last column |",
        "|---|---|---|---|---|",
    ]
    value, weights = mixed([kn5, cache])
    alone = cell(perplexity(kn5["test"]), COUNTED[0])
    lines.append(f"| KN5 | {alone} | | {cell(value, COUNTED[2])} | {weights} |")
    for title, names, dynamic, goals in ROWS:
        enough = 2 if names is ALL else 1
        if names is ALL:
            names = [name for name in trained if name not in NOT_RECURRENT]
        if dynamic:
            names = [name for name in names if read_json(f"{name}-dynamic")]
        if len(names) < enough or any(name not in trained for name in names):
            continue
        parts = row_streams(names, dynamic)
        values = [mixed(parts + more) for more in ([], [kn5], [kn5, cache])]
        cells = [cell(value, goal) for (value, _), goal in zip(values, goals, strict=True)]
        title = f"{title} ({', '.join(names)})" if len(names) > 1 else title
        lines.append(f"| {title} | {' | '.join(cells)} | {values[-1][1]} |")
    lines += ["", *training_table(trained)]
    picture(trained).savefig(HERE.with_suffix(".png"), dpi=110)
    return "\n".join(lines) + "\n"


def training_table(trained: dict) -> list[str]:
    lines = [
        "| row | command | parameters | epochs | halvings | training, minutes | static | dynamic "
        "(rate) | seed | commit |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    notes = []
    for name, said in trained.items():
        learned, moved = read_json(f"{name}-dynamic"), ""
        if learned:
            moved = f"{learned['perplexity']['test']:.2f} ({learned['rate']})"
        if learned and "named_rates" in learned:
            pairs = [f"{rate}: {value:.2f}" for rate, value in learned["named_rates"].items()]
            notes = ["", f"Test perplexity of {name}, dynamic, by rate: {', '.join(pairs)}."]
        lines.append(
            f"| {name} | `{said['command']}` | {said['parameters']:,} | {said['epochs']} "
            f"| {said['halvings']} | {said['training_seconds'] / 60:.1f} "
            f"| {said['perplexity']['test']:.2f} | {moved} | {said['recipe'].get('seed', 1)} "
            f"| {said['commit']} |"
        )
    return lines + notes


def picture(trained: dict) -> Figure:
    """Draws the validation perplexity of each row by the minutes of its training."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for name, said in trained.items():
        minutes = np.cumsum([row["seconds"] for row in said["history"]]) / 60
        axes.plot(minutes, [row["val_perplexity"] for row in said["history"]], "o-", label=name)
    axes.set_xlabel("minutes on two cores")
    axes.set_ylabel("validation perplexity")
    axes.set_yscale("log")
    ticks = [80, 90, 100, 120, 150, 200, 300]
    axes.set_yticks(ticks, map(str, ticks))
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    names = sorted(path.stem for path in RECIPES.glob("*.yaml"))
    for action in ("train", "dynamic"):
        actions.add_parser(action).add_argument("name", choices=names)
    actions.add_parser("table")
    for action in actions.choices.values():
        action.add_argument("data", type=pathlib.Path)
    words = parser.parse_args()
    data = words.data.resolve()
    keep_freed_memory()
    if words.action == "table":
        text = table(data)
        HERE.with_suffix(".md").write_text(text, encoding="utf-8")
        print(text)
    else:
        {"train": train, "dynamic": dynamic}[words.action](words.name, data)


if __name__ == "__main__":
    main()
