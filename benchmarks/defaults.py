"""What the defaults are worth: data of several sizes, trained with no option of their own.

    python benchmarks/defaults.py train NAME KIND SHARED [--seed N] [-- OPTION …]
    python benchmarks/defaults.py table                  # writes what all rows left

NAME is a set below, KIND what the row is called (`before`, `after`, …), SHARED a folder with
`tfds`, prepared tensorflow-datasets, and `data`, with `multi30k` and `scan`. A cut set holds the
first examples of a seeded order, in a file without a validation split, as a user's own is. Each row
leaves in `benchmarks/defaults/KIND/` what it measured.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import pathlib
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from quality import kerasrnn
from results import ROOT, commit

HERE = pathlib.Path(__file__).with_suffix("")
RUNS = ROOT / "runs" / "defaults"
TESTED = 5000  # of a cut set, at most


class Set(NamedTuple):
    """A data set: its task, the figure that counts, and where it is.

    Args:
        task: The task.
        figure: The figure of the test split.
        data: A name, or what makes the folder of a cut set.
        words: Options that say what the data are.
        evaluation: How it is evaluated where the labels of its test split are secret.
    """

    task: str
    figure: str
    data: str | Callable[[pathlib.Path, pathlib.Path], None]
    words: tuple[str, ...] = ()
    evaluation: tuple[str, ...] = ()


def cut(name: str, number: int, test: str, **features: str) -> Callable:
    """Returns what writes the first examples of a set of tensorflow-datasets into a folder."""

    def write(shared: pathlib.Path, folder: pathlib.Path) -> None:
        import tensorflow_datasets

        for split, most, file in (("train", number, "train"), (test, TESTED, "test")):
            builder = tensorflow_datasets.builder(name, data_dir=shared / "tfds")
            names = {new: builder.info.features[old] for new, old in features.items()}
            rows = list(tensorflow_datasets.as_numpy(builder.as_dataset(split)))
            order = np.random.default_rng(0).permutation(len(rows))[:most]
            chosen = (
                {new: plain(rows[i][old], names[new]) for new, old in features.items()}
                for i in order
            )
            write_lines(folder / f"{file}.jsonl", map(json.dumps, chosen))

    return write


def plain(value: Any, feature: Any) -> Any:
    """A value of tensorflow-datasets as JSON has it, classes by their names."""
    feature = getattr(feature, "feature", feature)
    if hasattr(feature, "int2str"):
        names = [feature.int2str(int(each)) for each in np.atleast_1d(value)]
    else:
        names = [each.decode("utf-8") for each in np.atleast_1d(value)]
    return names if np.ndim(value) else names[0]


def write_lines(path: pathlib.Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def multi30k(number: int) -> Callable:
    """Returns what writes the first pairs, with the test of 2016 as the test split."""

    def write(shared: pathlib.Path, folder: pathlib.Path) -> None:
        names = (("train", "train"), ("val", "val"), ("test", "test_2016_flickr"))
        for split, file in names:
            for language in ("en", "de"):
                path = shared / "data" / "multi30k" / f"{file}.{language}.gz"
                with gzip.open(path, "rt", encoding="utf-8") as source:
                    lines = source.read().splitlines()
                kept = lines[:number] if split == "train" else lines
                write_lines(folder / f"{split}.{language}", kept)

    return write


def scan(shared: pathlib.Path, folder: pathlib.Path) -> None:
    for split in ("train", "test"):
        path = folder / f"{split}.tsv.gz"
        path.symlink_to(shared / "data" / "scan" / f"simple.{split}.tsv.gz")


IMDB = {"text": "text", "label": "label"}
SST2 = {"text": "sentence", "label": "label"}
NAMES = {"tokens": "tokens", "tags": "tags"}
SIDES = ("--features", "source=en,target=de")
SETS = {
    "imdb_2000": Set("classify", "accuracy", cut("imdb_reviews", 2000, "test", **IMDB)),
    "imdb_10000": Set("classify", "accuracy", cut("imdb_reviews", 10000, "test", **IMDB)),
    "imdb_reviews": Set("classify", "accuracy", "imdb_reviews"),
    "sst2_2000": Set("classify", "accuracy", cut("glue/sst2", 2000, "validation", **SST2)),
    "sst2_10000": Set("classify", "accuracy", cut("glue/sst2", 10000, "validation", **SST2)),
    "sst2": Set("classify", "accuracy", "glue/sst2", (), ("--split", "validation")),
    "wikiann_2000": Set("tag", "f1", cut("wikiann/en", 2000, "test", **NAMES)),
    "wikiann": Set("tag", "f1", "wikiann/en"),
    "en_ewt": Set(
        "tag",
        "accuracy",
        "universal_dependencies/en_ewt",
        ("--features", "tokens=tokens,tags=upos"),
    ),
    "python_tokens": Set("tag", "accuracy", "python_tokens"),
    "dates": Set("translate", "exact_match", "dates"),
    "scan": Set("translate", "exact_match", scan),
    "multi30k_5000": Set("translate", "bleu", multi30k(5000), SIDES),
}


def train(name: str, kind: str, shared: pathlib.Path, seed: int, words: list[str]) -> None:
    """Trains a row in a process of its own and keeps its figures."""
    row, run = SETS[name], RUNS / kind / f"{name}-{seed}"
    shutil.rmtree(run, ignore_errors=True)
    run.parent.mkdir(parents=True, exist_ok=True)
    shown = ["--data", row.data if isinstance(row.data, str) else f"DATA/{name}"]
    source = ["--data", str(folder_of(name, shared))]
    if isinstance(row.data, str):
        source = [*shown, "--data-dir", str(shared / "tfds")]
    options = [*row.words, *words, "--seed", str(seed)]
    measured = commit()
    kerasrnn("train", row.task, *source, *options, "--output", str(run))
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    test = metrics["test"]
    if row.evaluation:
        answer = kerasrnn("evaluate", str(run), *source, *row.evaluation, capture=True)
        test = json.loads(answer.splitlines()[-1])
        del test["data"]  # a path of this machine
    with open(run / "history.csv", encoding="utf-8") as file:
        history = [
            {key: float(value) for key, value in row.items()} for row in csv.DictReader(file)
        ]
    said = {
        "command": shlex.join(["kerasrnn", "train", row.task, *shown, *options]),
        "commit": measured,
        "figure": test[row.figure],
        "test": test,
        "parameters": metrics["parameters"],
        "epochs": metrics["epochs"],
        "minutes": round(metrics["training_seconds"] / 60, 1),
        "history": history,
    }
    text = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    (HERE / kind).mkdir(parents=True, exist_ok=True)
    (HERE / kind / f"{name}-{seed}.json").write_text(text, encoding="utf-8")
    print(kind, name, seed, said["figure"], said["epochs"], said["minutes"], flush=True)


def folder_of(name: str, shared: pathlib.Path) -> pathlib.Path:
    """Makes the folder of a cut set, once."""
    folder, make = RUNS / "data" / name, SETS[name].data
    if callable(make) and not folder.is_dir():
        beside = folder.with_suffix(".new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        make(shared, beside)
        beside.rename(folder)
    return folder


def read(kind: str, name: str) -> list[dict[str, Any]]:
    paths = sorted((HERE / kind).glob(f"{name}-*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def table() -> str:
    """Writes both tables of what all rows left."""
    lines = [
        "Every set is trained by default options; a training has one of two cores, and often other",
        "work beside it on the other one, which slows it down. Figures of test splits that nothing",
        "was chosen by; of sst2 those of the validation split, since the labels of its test split",
        "are secret (it chose the epoch too; its cuts steer by a part of their training file).",
        "Where there are several seeds, the mean of seeds 1 to 3, and the figure of each. What is",
        "empty has not been measured.",
        "",
        "## Defaults",
        "",
        *rows({"before": "before", "after": "today"}),
        "",
        "## Schedules",
        "",
        "Today's defaults with `--schedule mikolov`, the rule of the RNNLM paper as it is printed,",
        "and with `plateau`, the default of these tasks.",
        "",
        *rows({"printed_rule": "`mikolov`", "after": "`plateau`"}),
    ]
    return "\n".join(lines) + "\n"


def rows(kinds: dict[str, str]) -> list[str]:
    heads = [f"{words} | epochs | minutes | commit" for words in kinds.values()]
    lines = [f"| set | figure | {' | '.join(heads)} |", f"|---|---|{'---|' * 4 * len(kinds)}"]
    for name, each in SETS.items():
        cells = [cell for kind in kinds for cell in cells_of(read(kind, name), each.figure)]
        lines.append(f"| {name} | {each.figure} | {' | '.join(cells)} |")
    return lines


def cells_of(runs: list[dict[str, Any]], figure: str) -> tuple[str, str, str, str]:
    """The figure, epochs, minutes and commit of the runs of a set, one for each seed."""
    if not runs:
        return "", "", "", ""
    digits = 1 if figure == "bleu" else 3
    values = [f"{run['figure']:.{digits}f}" for run in runs]
    mean = f"{np.mean([run['figure'] for run in runs]):.{digits}f}"
    shown = mean if len(runs) == 1 else f"{mean} ({', '.join(values)})"
    epochs = ", ".join(str(run["epochs"]) for run in runs)
    minutes = ", ".join(f"{run['minutes']:.1f}" for run in runs)
    return shown, epochs, minutes, ", ".join(sorted({run["commit"] for run in runs}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    training = actions.add_parser("train")
    training.add_argument("name", choices=SETS)
    training.add_argument("kind")
    training.add_argument("shared", type=pathlib.Path)
    training.add_argument("--seed", type=int, default=1)
    actions.add_parser("table")
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    given = parser.parse_args(words[:end])
    if given.action == "train":
        train(given.name, given.kind, given.shared.resolve(), given.seed, words[end + 1 :])
    else:
        text = table()
        HERE.with_suffix(".md").write_text(text, encoding="utf-8")
        print(text)


if __name__ == "__main__":
    main()
