"""Training steps of a language model of a large vocabulary, by output layer and optimizer.

    python benchmarks/optimizers.py

Keras' optimizers and those of `kerasrnn.optimizers` train in turns on the same batches, with the
global norm of the gradient limited as every training of this package limits it. Time is that of the
processor, the least of all steps; on one core (`taskset -c 0`) it is what a quiet one takes. It
writes a Markdown table beside itself.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from kerasrnn.losses import CrossEntropy, NegativeLogProbability
from kerasrnn.models import language_model
from kerasrnn.optimizers import FusedAdam, FusedSGD, LazyAdam

OUTPUTS = ("full", "class", "adaptive")
KINDS = {
    "Keras' SGD": keras.optimizers.SGD,
    "FusedSGD": FusedSGD,
    "Keras' Adam": keras.optimizers.Adam,
    "FusedAdam": FusedAdam,
    "LazyAdam": LazyAdam,
}


def batches(sizes, count: int = 2) -> list[np.ndarray]:
    """Draws tokens as words are distributed: frequency 1 / rank (Zipf)."""
    rng = np.random.default_rng(1)
    weights = 1 / np.arange(1, sizes.vocabulary_size)
    shape = (count, sizes.batch_size, sizes.steps + 1)
    return list(1 + rng.choice(len(weights), size=shape, p=weights / weights.sum()).astype("int32"))


def least_milliseconds(output: str, sizes) -> dict[str, float]:
    """Returns the least time of a step with each optimizer, which take turns."""
    models, times, data = {}, {name: [] for name in KINDS}, batches(sizes)
    for name, kind in KINDS.items():
        model = language_model(sizes.vocabulary_size, units=sizes.units, output=output)
        loss = CrossEntropy() if output == "full" else NegativeLogProbability()
        model.compile(kind(1e-3, global_clipnorm=1.0), loss, jit_compile=False)
        models[name] = model
    for _ in range(sizes.rounds + 1):  # the first one traces
        for name, model in models.items():
            for ids in data:
                x = {"tokens": ids[:, :-1], "targets": ids[:, 1:]}
                start = time.process_time()
                model.train_on_batch(x["tokens"] if output == "full" else x, x["targets"])
                times[name].append(time.process_time() - start)
    return {name: 1000 * min(each[len(data) :]) for name, each in times.items()}


def table(found: dict[str, dict[str, float]], sizes) -> str:
    lines = [
        f"V {sizes.vocabulary_size}, U {sizes.units}, B {sizes.batch_size}, T {sizes.steps}, one "
        f"LSTM, `global_clipnorm=1.0`; ms of the processor a step, the least of "
        f"{2 * sizes.rounds}.",
        "",
        "| output | " + " | ".join(KINDS) + " | FusedSGD × | FusedAdam × | LazyAdam × |",
        "|---" * (len(KINDS) + 4) + "|",
    ]
    for output, times in found.items():
        pairs = [("SGD", "FusedSGD"), ("Adam", "FusedAdam"), ("Adam", "LazyAdam")]
        ratios = [times[f"Keras' {old}"] / times[new] for old, new in pairs]
        cells = [*(f"{each:.0f}" for each in times.values()), *(f"{each:.1f}" for each in ratios)]
        lines.append(f"| {output} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vocabulary-size", type=int, default=50_000)
    parser.add_argument("--units", type=int, default=256)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--outputs", nargs="+", choices=OUTPUTS, default=OUTPUTS)
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path(__file__).with_suffix(".md")
    )
    sizes = parser.parse_args()
    text = table({output: least_milliseconds(output, sizes) for output in sizes.outputs}, sizes)
    sizes.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
