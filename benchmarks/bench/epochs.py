"""An epoch from raw text to validated weights: one command of ours, and scripts of plain users."""

from __future__ import annotations

import csv
import gzip
import importlib
import json
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.processes import environment
from bench.subjects import OURS, TORCH, Subject, Timed

STOCK = "Keras-TF"
SCRIPTS = pathlib.Path(__file__).with_name("scripts")
HELD_OUT, TESTED = 10, 20  # one validation text for so many; texts that end the command of ours
COMMON = "--epochs 1 --cell gru --bidirectional --dropout 0.3 --learning-rate 0.002 --clipnorm 1 "
COMMON += "--word-dropout 0 --label-smoothing 0 --ema-epochs 0 --min-count 1 --level word"
COMMANDS = {
    "reviews": "classify --units 64 --embedding 100 --pooling max --max-vocabulary-size 10000 "
    "--segment-length 0 --batch-size 32 --lowercase",
    "captions": "translate --units 200 --embedding 200 --attention dot --batch-size 64 "
    "--max-vocabulary-size 6000 --no-share-embeddings --no-tie-output "
    "--features source=en,target=de",
}
FIGURES = {"reviews": ("val_accuracy", "accuracy"), "captions": ("val_loss", "loss")}


def subjects(
    quick: bool = False,
    data: pathlib.Path | None = None,
    folder: Any = None,
    examples: int | None = None,
) -> Iterator[Subject]:
    """Both need data, but for a few rows of no meaning where it is quick."""
    for kind, write in (("reviews", write_reviews), ("captions", write_captions)):
        if quick:
            examples, texts = 40, folder / kind
            write_nonsense(texts, kind, examples)
        elif data:
            texts = folder / f"{kind}_{examples or 'all'}"
            texts.mkdir(parents=True, exist_ok=True)
            write(data, texts, examples)
        else:
            print(f"epochs: {kind} need --data", file=sys.stderr)
            continue
        ours = [*OURS, *([f"{OURS[-1]}, in segments"] if kind == "reviews" else [])]
        ours = ours[:1] if quick else ours
        title = {"reviews": "imdb_reviews", "captions": "multi30k"}[kind]
        name = f"{title}, {f'{examples:,}' if examples else 'all'} texts"
        sizes = {"kind": kind, "texts": str(texts)}
        yield Subject("epochs", name, sizes, (*ours, STOCK, TORCH), rounds=1 if quick else 2)


def write_reviews(data: pathlib.Path, folder: pathlib.Path, examples: int | None) -> None:
    program = "from bench.epochs import read_reviews as read; import sys; read(*sys.argv[1:])"
    if not (folder / "test.tsv").is_file():
        words = [str(data / "tfds"), str(folder), str(examples or 25_000)]
        command = [sys.executable, "-c", program, *words]
        subprocess.run(command, check=True, env=environment("tensorflow"))


def read_reviews(data: str, folder: str, examples: str) -> None:
    """Writes the reviews of a prepared data set as lines, in a process that has TensorFlow."""
    from kerasrnn import datasets

    for split in ("train", "validation"):
        number = int(examples) if split == "train" else int(examples) // HELD_OUT
        pairs = datasets.labelled_texts("imdb_reviews", split, data).take(number)
        lines = [
            f"{' '.join(text.decode().split())}\t{label.decode()}\n"
            for text, label in pairs.as_numpy_iterator()
        ]
        write_lines(pathlib.Path(folder), split, ".tsv", lines)


def write_captions(data: pathlib.Path, folder: pathlib.Path, examples: int | None) -> None:
    for split, held_out in (("train", 1), ("val", HELD_OUT)):
        number = examples // held_out if examples else None
        for side in ("en", "de"):
            with gzip.open(
                data / "data" / "multi30k" / f"{split}.{side}.gz", "rt", encoding="utf-8"
            ) as file:
                lines = list(file)[:number]
            write_lines(folder, {"val": "validation"}.get(split, split), f".{side}", lines)


def write_nonsense(folder: pathlib.Path, kind: str, examples: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "validation"):
        if kind == "reviews":
            labels = ("neg", "pos")
            lines = [f"word{i % 7} word{i % 5}\t{labels[i % 2]}\n" for i in range(examples)]
            write_lines(folder, split, ".tsv", lines)
        else:
            for side in ("en", "de"):
                lines = [f"word{i % 7} {side} word{i % 5}\n" for i in range(examples)]
                write_lines(folder, split, f".{side}", lines)


def write_lines(folder: pathlib.Path, split: str, ending: str, lines: list[str]) -> None:
    (folder / f"{split}{ending}").write_text("".join(lines), encoding="utf-8")
    if split == "validation":
        (folder / f"test{ending}").write_text("".join(lines[:TESTED]), encoding="utf-8")


def make(rival: str, sizes: dict[str, Any]) -> dict[str, Timed]:
    kind, folder = sizes["kind"], pathlib.Path(sizes["texts"])
    if rival in (STOCK, TORCH):
        library = {STOCK: "keras", TORCH: "torch"}[rival]
        importlib.import_module(library)  # where it is missing, that is said
        command = [sys.executable, str(SCRIPTS / f"{kind}_{library}.py"), str(folder)]

        def call():
            result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            return json.loads(result.stdout.splitlines()[-1])

    else:
        call = of_ours(rival, kind, folder)
    return {"seconds": Timed(call, begins=True)}


def of_ours(rival: str, kind: str, folder: pathlib.Path) -> Any:
    way = rival.split(", ")[1]
    words = [*COMMANDS[kind].split(), *COMMON.split(), "--recurrence", way]
    if rival.endswith("in segments"):
        words[words.index("--segment-length") + 1] = "50"
    run = folder / "run"
    command = [sys.executable, "-m", "kerasrnn", "train", *words, "--data", str(folder)]

    def call():
        shutil.rmtree(run, ignore_errors=True)
        subprocess.run([*command, "--output", str(run)], check=True, stdout=sys.stderr)
        with open(run / "history.csv", encoding="utf-8") as file:
            (row,) = csv.DictReader(file)
        column, name = FIGURES[kind]
        return {name: float(row[column])}

    return call
