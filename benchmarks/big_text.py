"""Memory and time of a word language model on a text that is larger than the memory it may use.

    python benchmarks/big_text.py                     # 3 GB of text, in a temporary folder
    python benchmarks/big_text.py --megabytes 200

Lines are drawn from a seed text (Python's documentation by default), their words shuffled. A child
process counts the vocabulary, encodes the text, and trains some steps on its stream; what it needed
at most is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

POOL = 200_000  # lines that are drawn from
SETTINGS = {
    "data_dir": None,
    "features": None,
    "whole_file": False,
    "level": "word",
    "normalization": "none",
    "min_count": 2,
    "max_vocabulary_size": 20_000,
    "model": "recurrent",
    "cell": "lstm",
    "units": 200,
    "num_layers": 1,
    "dropout": 0.0,
    "variational": False,
    "window": 4,
    "embedding": None,
    "output_layer": "adaptive",
    "length": 35,
    "max_length": 200,
    "epochs": 1,
    "batch_size": 64,
    "optimizer": "adam",
    "learning_rate": 0.003,
    "clipnorm": 1.0,
    "seed": 1,
}


def seed_lines(path: str | None) -> list[str]:
    if path is not None:
        return pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    from kerasrnn import datasets

    texts = datasets.texts("python_docs").as_numpy_iterator()
    return [line for text in texts for line in text.decode("utf-8").splitlines()]


def write_text(path: pathlib.Path, lines: list[str], megabytes: int) -> None:
    """Writes lines of shuffled words until the file has its size."""
    rng = np.random.default_rng(1)
    words = [line.split() for line in lines]
    words = [line for line in words if line]
    pool = [" ".join(rng.permutation(words[i])) + "\n" for i in rng.integers(0, len(words), POOL)]
    with open(path, "w", encoding="utf-8") as file:
        while file.tell() < megabytes * 10**6:
            file.write("".join(pool[i] for i in rng.integers(0, POOL, POOL)))


def train(path: str, context: str, cache: str | None, steps: int) -> dict:
    """Does what `kerasrnn train language-model` does, for some steps; runs in the child."""
    from kerasrnn.options import LanguageModel
    from kerasrnn.tasks.language_model.job import LanguageModelJob

    job = LanguageModelJob(LanguageModel(**SETTINGS, data=path, context=context, cache=cache))
    times = [time.perf_counter()]
    raw = {split: job.read(split) for split in ("train", "validation")}
    task = job.new_task(raw["train"])
    times.append(time.perf_counter())
    batches, number, _ = job.streams(task, raw, 0)
    times.append(time.perf_counter())
    model = job.fitted_model(task)
    model.compile(job.optimizer(number), job.loss())
    model.fit(batches, steps_per_epoch=steps, epochs=1, shuffle=False, verbose=0)
    times.append(time.perf_counter())
    names = ("vocabulary and model", "encoding", f"{steps} steps")
    return {
        "seconds": dict(zip(names, np.diff(times).round(1).tolist(), strict=True)),
        "steps of an epoch": number,
        "vocabulary": len(task.tokenizer.vocabulary),
        "greatest resident memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=3000)
    parser.add_argument("--seed-text", help="a text file; Python's documentation by default")
    parser.add_argument("--context", choices=("stream", "sentence"), default="stream")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--cache", action="store_true", help="keep the ids in a cache folder")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        path, cache = options.child
        print(json.dumps(train(path, options.context, cache or None, options.steps)))
        return
    with tempfile.TemporaryDirectory(prefix="kerasrnn-big-text-") as folder:
        path = pathlib.Path(folder) / "text.txt"
        write_text(path, seed_lines(options.seed_text), options.megabytes)
        cache = str(pathlib.Path(folder) / "cache") if options.cache else ""
        words = ["--context", options.context, "--steps", str(options.steps)]
        command = [sys.executable, __file__, *words, "--child", str(path), cache]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            sys.exit(result.stderr)
        found = json.loads(result.stdout.splitlines()[-1])
        print(json.dumps({"text, MB": path.stat().st_size // 10**6, **found}, indent=1))


if __name__ == "__main__":
    main()
