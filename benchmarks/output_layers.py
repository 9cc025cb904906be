"""Training steps of a language model with the three output layers, at a large vocabulary.

Run `python benchmarks/output_layers.py`. It prints a Markdown table and writes it beside itself.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from kerasrnn.losses import NegativeLogProbability
from kerasrnn.models import language_model

OUTPUTS = ("full", "class", "adaptive")
OPTIMIZERS = {
    "SGD": lambda: keras.optimizers.SGD(0.1),
    "Adam": lambda: keras.optimizers.Adam(1e-3),
}


def compiled_model(output: str, optimizer: str, sizes) -> keras.Model:
    model = language_model(sizes.vocabulary_size, units=sizes.units, output=output)
    if output == "full":
        loss = keras.losses.SparseCategoricalCrossentropy(
            from_logits=True, reduction="mean_with_sample_weight"
        )
    else:
        loss = NegativeLogProbability()
    model.compile(OPTIMIZERS[optimizer](), loss)
    return model


def batches(sizes, count: int) -> list:
    """Draws tokens as words are distributed: frequency 1 / rank (Zipf)."""
    rng = np.random.default_rng(1)
    weights = 1 / np.arange(1, sizes.vocabulary_size)
    ids = 1 + rng.choice(
        len(weights), size=(count, sizes.batch_size, sizes.steps + 1), p=weights / weights.sum()
    ).astype("int32")
    return [{"tokens": rows[:, :-1], "targets": rows[:, 1:]} for rows in ids]


def milliseconds(model: keras.Model, output: str, data: list) -> float:
    """Returns the mean time of a step over the batches."""
    start = time.perf_counter()
    for x in data:
        model.train_on_batch(x["tokens"] if output == "full" else x, x["targets"])
    return (time.perf_counter() - start) / len(data) * 1e3


def measure(optimizer: str, sizes) -> dict[str, list[float]]:
    """Times the outputs in turns, so that what else the machine does hits all of them."""
    data = batches(sizes, sizes.steps_per_round)
    models = {output: compiled_model(output, optimizer, sizes) for output in OUTPUTS}
    for output, model in models.items():
        milliseconds(model, output, data[:2])  # traces the step
    times = {output: [] for output in OUTPUTS}
    for _ in range(sizes.rounds):
        for output, model in models.items():
            times[output].append(milliseconds(model, output, data))
    return times


def table(times: dict[str, dict[str, list[float]]], sizes) -> str:
    tokens = sizes.batch_size * sizes.steps
    lines = [
        f"V {sizes.vocabulary_size}, U {sizes.units}, B {sizes.batch_size}, T {sizes.steps}, one "
        f"LSTM; {sizes.rounds} rounds in turns of {sizes.steps_per_round} steps on "
        f"{os.cpu_count()} CPU cores; Keras {keras.__version__} on {keras.backend.backend()}.",
        "",
        "| optimizer | output | ms a step: median (least–most) | tokens a second | × full |",
        "|---|---|---|---|---|",
    ]
    for optimizer, by_output in times.items():
        for output, values in by_output.items():
            median = statistics.median(values)
            pairs = zip(by_output["full"], values, strict=True)
            ratio = statistics.median(full / own for full, own in pairs)
            lines.append(
                f"| {optimizer} | {output} | {median:.0f} ({min(values):.0f}–{max(values):.0f}) "
                f"| {tokens / median * 1e3:,.0f} | {ratio:.1f} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary-size", type=int, default=50_000)
    parser.add_argument("--units", type=int, default=256)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps-per-round", type=int, default=5)
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path(__file__).with_suffix(".md")
    )
    sizes = parser.parse_args()
    text = table({optimizer: measure(optimizer, sizes) for optimizer in OPTIMIZERS}, sizes)
    sizes.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
