"""The Penn Treebank table: rows of language models, alone, with Kneser–Ney and with a cache.

    python benchmarks/penn_treebank.py train NAME DATA   # trains recipes/penn_treebank/NAME.yaml
    python benchmarks/penn_treebank.py table DATA        # mixes what all rows said

DATA is a folder with ptb.train.txt, ptb.valid.txt and ptb.test.txt in Mikolov's preprocessing. A
row leaves in `benchmarks/penn_treebank/` what it was (NAME.json) and the log-probability of each
token of the validation and the test text, static and dynamic (NAME.npz). The weights of mixtures
come from EM on the validation text. The test text is read once a row.
"""

from __future__ import annotations

import argparse
import csv
import json
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
from kerasrnn.tasks import read_tokens

HERE = pathlib.Path(__file__).with_suffix("")
RECIPES = ROOT / "recipes" / "penn_treebank"
SPLITS = {"valid": "ptb.valid.txt", "test": "ptb.test.txt"}
# Rows of the table: name, the recipes they mix, whether these learn from the test text as they
# go, and what is to be reached alone, with Kneser–Ney and with a cache too.
ALL = None
ROWS = [
    ("feed-forward, fixed window", ["feed_forward"], False, (140.2, 116.7, 106.6)),
    ("recurrent (SimpleRNN)", ["simple_rnn"], False, (124.7, 105.7, 97.5)),
    ("recurrent, dynamic", ["simple_rnn"], True, (123.2, 102.7, 98.0)),
    ("all recurrent models, static", ALL, False, (102.1, 95.5, 89.4)),
    ("all recurrent models, dynamic", ALL, True, (101.0, 92.9, 90.0)),
    ("LSTM, 2 × 200, no dropout", ["lstm_small"], False, (114.5, None, None)),
    ("best single recurrent model", ["lstm"], False, (98.0, None, None)),
]
COUNTED = (141.24, None, 125.7)
NOT_RECURRENT = ("feed_forward",)
RATE, SEGMENT = 0.1, 20


def train(name: str, data: pathlib.Path) -> None:
    """Trains a row in a process of its own, and stores what it says of each token."""
    output = ROOT / "runs" / "penn_treebank" / name
    words = ["kerasrnn", "train", "language-model"]
    words += ["--config", f"recipes/penn_treebank/{name}.yaml", "--output", str(output)]
    measured, begin = commit(), time.perf_counter()
    command = [sys.executable, "-m", *words, "--data", str(data), "--resume"]
    subprocess.run(command, cwd=ROOT, check=True)
    seconds = time.perf_counter() - begin
    sentences = {split: read_tokens(data / file) for split, file in SPLITS.items()}
    model = kerasrnn.load(output).next_token_model()
    streams = {split: lm.token_stream(model, text) for split, text in sentences.items()}
    if name not in NOT_RECURRENT:
        learning = lm.DynamicModel(model, RATE, SEGMENT)
        for split, text in sentences.items():
            shown = tqdm(text, f"{name}, dynamic, {split}", disable=None)
            streams[f"{split}_dynamic"] = lm.token_stream(learning, shown)
    HERE.mkdir(exist_ok=True)
    np.savez_compressed(
        HERE / f"{name}.npz", **{key: value.astype("float32") for key, value in streams.items()}
    )
    with open(output / "history.csv", encoding="utf-8") as file:
        history = [
            {key: float(row[key]) for key in ("val_perplexity", "learning_rate", "seconds")}
            for row in csv.DictReader(file)
        ]
    rates = [row["learning_rate"] for row in history]
    said = {
        "recipe": yaml.safe_load((RECIPES / f"{name}.yaml").read_text(encoding="utf-8")),
        "command": shlex.join([*words[:-1], f"runs/penn_treebank/{name}", "--data", "DATA"]),
        "commit": measured,
        "parameters": kerasrnn.load(output).model.count_params(),
        "epochs": len(history),
        "halvings": sum(new < old for old, new in zip(rates, rates[1:], strict=False)),
        "training_seconds": round(sum(row["seconds"] for row in history), 1),
        "seconds": round(seconds, 1),
        "perplexity": {key: perplexity(stream) for key, stream in streams.items()},
        "history": history,
    }
    (HERE / f"{name}.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    print(name, said["perplexity"])


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
        with np.load(HERE / f"{name}.npz") as file:
            suffix = "_dynamic" if dynamic else ""
            found.append({split: file[split + suffix].astype("float64") for split in SPLITS})
    return found


def cell(value: float, goal: float | None) -> str:
    if goal is None:
        return f"{value:.2f}"
    return f"{value:.2f} (≤ {goal})" if value <= goal else f"**{value:.2f}** (misses {goal})"


def table(data: pathlib.Path) -> str:
    """Mixes what all rows said, and writes the table and the picture."""
    counted = counted_streams(data)
    kn5, cache = counted["kn5"], counted["cache"]
    trained = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(HERE.glob("*.json"))
    }
    lines = [
        "Test perplexity over 82,430 tokens, ends of sentences counted, vocabulary of the training",
        "text alone, no word unknown; in brackets what is to be reached. Weights of mixtures by EM",
        f"on the validation text; dynamic: SGD of rate {RATE} a token, segments of {SEGMENT}.",
        "",
        "| model | alone | + KN5 | + KN5 + cache | weights of the last column |",
        "|---|---|---|---|---|",
    ]
    value, weights = mixed([kn5, cache])
    alone = cell(perplexity(kn5["test"]), COUNTED[0])
    lines.append(f"| KN5 | {alone} | | {cell(value, COUNTED[2])} | {weights} |")
    for title, names, dynamic, goals in ROWS:
        if names is ALL:
            names = [name for name in trained if name not in NOT_RECURRENT]
        if not names or any(name not in trained for name in names):
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
        "| row | command | parameters | epochs | halvings | training, minutes | static / dynamic "
        "| seed | commit |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, said in trained.items():
        figures = [said["perplexity"]["test"], said["perplexity"].get("test_dynamic")]
        figures = " / ".join(f"{each:.2f}" for each in figures if each is not None)
        lines.append(
            f"| {name} | `{said['command']}` | {said['parameters']:,} | {said['epochs']} "
            f"| {said['halvings']} | {said['training_seconds'] / 60:.1f} | {figures} "
            f"| {said['recipe'].get('seed', 1)} | {said['commit']} |"
        )
    return lines


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
    training = actions.add_parser("train")
    training.add_argument("name", choices=names)
    for each in (training, actions.add_parser("table")):
        each.add_argument("data", type=pathlib.Path)
    words = parser.parse_args()
    if words.action == "train":
        train(words.name, words.data.resolve())
    else:
        text = table(words.data.resolve())
        HERE.with_suffix(".md").write_text(text, encoding="utf-8")
        print(text)


if __name__ == "__main__":
    main()
