"""One recurrent layer in Keras' loop and in a compiled one, by cell, rows and units.

    taskset -c 0 python benchmarks/faster_way.py

What `--recurrence` is by default stands in a table, `kerasrnn/layers/recurrence/faster_way.py`,
which was made from this. It prints a Markdown table and writes it beside itself: a training step of
a layer alone (forward and gradient, with a mask), in milliseconds of the processor, the least of
seven turns; what a step of the loop saves; and how much longer the first step took, which compiles.
"""

from __future__ import annotations

import argparse
import itertools
import os
import pathlib
import time
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from results import commit

from kerasrnn.layers import RecurrentStack

HERE = pathlib.Path(__file__)
CELLS = ("lstm", "gru", "simple_rnn", "elman", "min_gru", "min_lstm", "sru")
ROWS = (20, 32, 64, 96, 128, 192, 1024)
SIZES = ((48, 64), (48, 128), (24, 256))  # steps and units
FEATURES, TURNS, STEPS_OF_A_TURN = 64, 7, 3


def measure(cell: str, rows: int, steps: int, units: int) -> dict[str, float]:
    """Returns milliseconds of both ways, and the seconds that compiling took."""
    keras.utils.set_random_seed(1)
    stack = RecurrentStack(cell, units, 1)
    random = np.random.default_rng(1)
    x = tf.constant(random.normal(size=(rows, steps, FEATURES)), tf.float32)
    real = np.arange(steps) < np.where(np.arange(rows) % 3, steps, steps * 3 // 4)[:, None]
    mask = tf.constant(real)
    stack(x, mask=mask)
    made = {way: step(stack, way) for way in ("keras", "compiled")}
    first, least = {}, {way: float("inf") for way in made}
    for way, each in made.items():
        start = time.process_time()
        each(x, mask)
        first[way] = time.process_time() - start
    for _, (way, each) in itertools.product(range(TURNS), made.items()):
        start = time.process_time()
        for _ in range(STEPS_OF_A_TURN):
            each(x, mask)
        taken = (time.process_time() - start) / STEPS_OF_A_TURN
        least[way] = min(least[way], 1000 * taken)
    return {**least, "first": first["compiled"] - first["keras"]}


def step(stack: RecurrentStack, way: Any) -> Any:
    """Returns a training step of a stack, as a graph for batches of all shapes."""

    def gradient(x, mask):
        stack.recurrence = way
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(stack(x, mask=mask, training=True) ** 2)
        return tape.gradient(loss, [x, *stack.trainable_variables])

    signature = [tf.TensorSpec((None, None, FEATURES)), tf.TensorSpec((None, None), tf.bool)]
    return tf.function(gradient, input_signature=signature, autograph=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("cells", nargs="*", default=CELLS, help="some of them, e.g. lstm gru")
    lines = [
        "| cell | B, T, U | Keras' loop, ms | compiled, ms | × | μs less a step | first, s |",
        "|---|---|---|---|---|---|---|",
    ]
    print(*lines, sep="\n")
    for cell, rows, (steps, units) in itertools.product(parser.parse_args().cells, ROWS, SIZES):
        ms = measure(cell, rows, steps, units)
        lines.append(
            f"| {cell} | {rows}, {steps}, {units} | {ms['keras']:.1f} | {ms['compiled']:.1f} | "
            f"{ms['keras'] / ms['compiled']:.2f} | "
            f"{1000 * (ms['keras'] - ms['compiled']) / steps:.0f} | {ms['first']:.1f} |"
        )
        print(lines[-1], flush=True)
    head = f"Written by `python benchmarks/faster_way.py` on one CPU core; commit {commit()}.\n"
    HERE.with_suffix(".md").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
