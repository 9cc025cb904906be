"""Training steps of a classifier of long texts, read whole and in segments.

Run `python benchmarks/segments.py`. It prints a Markdown table and writes it beside itself.
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

from kerasrnn.models import many_to_one

VOCABULARY_SIZE, UNITS, LABELS = 10_000, 64, 2
LENGTHS = (None, 100, 50, 25)


def compiled_model(length: int | None) -> keras.Model:
    model = many_to_one(
        VOCABULARY_SIZE,
        LABELS,
        cell="gru",
        units=UNITS,
        bidirectional=True,
        pooling="max",
        segment_length=length,
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def milliseconds(model: keras.Model, x: np.ndarray, y: np.ndarray, steps: int) -> float:
    start = time.perf_counter()
    for _ in range(steps):
        model.train_on_batch(x, y)
    return (time.perf_counter() - start) / steps * 1e3


def measure(batch_size: int, sizes) -> dict:
    """Times the lengths in turns, so that what else the machine does hits all of them."""
    rng = np.random.default_rng(1)
    x = rng.integers(4, VOCABULARY_SIZE, (batch_size, sizes.steps)).astype("int32")
    y = rng.integers(0, LABELS, batch_size)
    models = {length: compiled_model(length) for length in LENGTHS}
    for model in models.values():
        milliseconds(model, x, y, 2)  # traces the step
    times = {length: [] for length in LENGTHS}
    for _ in range(sizes.rounds):
        for length, model in models.items():
            times[length].append(milliseconds(model, x, y, sizes.steps_per_round))
    return times


def table(times: dict[int, dict], sizes) -> str:
    lines = [
        f"A bidirectional GRU of {UNITS} with max pooling, texts of {sizes.steps} tokens; "
        f"{sizes.rounds} rounds in turns of {sizes.steps_per_round} training steps on "
        f"{os.cpu_count()} CPU cores; Keras {keras.__version__} on {keras.backend.backend()}.",
        "",
        "| texts in a batch | tokens of a segment | ms a step: median (least–most) "
        "| times as fast as the whole: median (least–most) |",
        "|---|---|---|---|",
    ]
    for batch_size, by_length in times.items():
        for length, values in by_length.items():
            ratios = [whole / own for whole, own in zip(by_length[None], values, strict=True)]
            lines.append(
                f"| {batch_size} | {length or 'whole texts'} | {_spread(values, 0)} "
                f"| {_spread(ratios, 1)} |"
            )
    return "\n".join(lines) + "\n"


def _spread(values: list[float], digits: int) -> str:
    median, least, most = statistics.median(values), min(values), max(values)
    return f"{median:.{digits}f} ({least:.{digits}f}–{most:.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps-per-round", type=int, default=5)
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path(__file__).with_suffix(".md")
    )
    sizes = parser.parse_args()
    text = table({size: measure(size, sizes) for size in sizes.batch_sizes}, sizes)
    sizes.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
