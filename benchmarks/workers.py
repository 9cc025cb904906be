"""Two workers of a core each beside one worker of one core: tokens a second, and bytes on the wire.

    python benchmarks/workers.py

A word model is trained by `kerasrnn.distribute.fit`: by one worker, by two that have the same batch
together, and by two that have as many rows each as the one. The ways take turns. It counts what
passes the loopback interface while steps are timed, and compares it with the formula of
`docs/scaling.md`. It prints a Markdown table and writes it beside itself.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time
from typing import Any

from results import ROOT, commit

HERE = pathlib.Path(__file__)
VOCABULARY, LENGTH, WARM, STEPS = 1000, 35, 3, 8
WAYS = ((1, 1), (2, 1), (2, 2))  # workers, and how many times the rows all together have
MODELS = ((1, 512, 64), (1, 512, 256), (2, 512, 64))  # layers, units, rows


def loopback_bytes() -> int:
    """What the loopback interface has sent since the machine started."""
    for line in pathlib.Path("/proc/net/dev").read_text(encoding="utf-8").splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == "lo":
            return int(numbers.split()[8])
    raise SystemExit("Expected an interface lo in /proc/net/dev. Received: none")


def work(units: int, layers: int, rows: int) -> None:
    """What each worker does; the first one prints seconds and bytes of a step as JSON."""
    import contextlib

    import keras
    import numpy as np
    import tensorflow as tf

    import kerasrnn
    from kerasrnn import distribute
    from kerasrnn.losses import CrossEntropy
    from kerasrnn.optimizers import FusedAdam

    several = bool(os.environ.get("TF_CONFIG"))
    with distribute.scope("multi-worker") if several else contextlib.nullcontext():
        keras.utils.set_random_seed(1)
        model = kerasrnn.language_model(
            VOCABULARY, cell="lstm", units=units, num_layers=layers, dropout=0
        )
        for layer in model.layers:
            if isinstance(layer, kerasrnn.layers.RecurrentStack):
                layer.recurrence = "compiled"
        model.compile(FusedAdam(0.001, global_clipnorm=1.0), CrossEntropy(), jit_compile=False)
    ids = np.random.default_rng(1).integers(4, VOCABULARY, (rows, LENGTH + 1)).astype("int32")
    batch = ids[:, :-1], ids[:, 1:], np.ones((rows, LENGTH), "float32")
    data = tf.data.Dataset.from_tensors(batch).repeat()
    marks: list[tuple[float, int]] = []

    def mark(batch: int, logs: Any) -> None:
        marks.append((time.perf_counter(), loopback_bytes()))

    note = keras.callbacks.LambdaCallback(on_train_batch_end=mark)
    distribute.fit(model, data, steps_per_epoch=WARM + STEPS, callbacks=[note], verbose=0)
    if distribute.is_chief():
        (begun, before), (ended, after) = marks[WARM - 1], marks[-1]
        dense = model.count_params() - VOCABULARY * units
        result = [(ended - begun) / STEPS, (after - before) / STEPS, dense]
        print(json.dumps(result))


def run(workers: int, rows: int, units: int, layers: int) -> list[float]:
    """Starts workers on a core each; returns what the first one says."""
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        hosts = [f"127.0.0.1:{each.getsockname()[1]}" for each in (one, two)]
    processes = []
    for index in range(workers):
        settings: dict[str, Any] = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT)}
        if workers > 1:
            task = {"type": "worker", "index": index}
            settings["TF_CONFIG"] = json.dumps({"cluster": {"worker": hosts}, "task": task})
        command = [sys.executable, HERE, "--work", "--units", str(units), "--layers", str(layers)]
        command += ["--rows", str(rows)]
        processes.append(
            subprocess.Popen(
                ["taskset", "-c", str(index), *command],
                env={**os.environ, **settings},
                stdout=subprocess.PIPE,
            )
        )
    said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise SystemExit("a worker has failed")
    return json.loads(said[0].decode().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--units", type=int)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--work", action="store_true", help="be a worker")
    given = parser.parse_args()
    if given.work:
        return work(given.units, given.layers, given.rows)
    lines = [
        "| LSTM: layers, units, B | a core, tokens a second | two workers, the same batch | × "
        "| two workers, as many rows each | × | MB a step that a worker sends | computed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for layers, units, batch in MODELS:
        turns = [
            [run(workers, times * batch, units, layers) for workers, times in WAYS]
            for _ in range(given.rounds)
        ]
        cells = [f"{layers}, {units}, {batch}"]
        for i, (_, times) in enumerate(WAYS):
            each = [times * batch * LENGTH / turn[i][0] for turn in turns]
            cells.append(f"{statistics.median(each):,.0f}")
            if i:
                ratios = sorted(times * turn[0][0] / turn[i][0] for turn in turns)
                spread = f"({ratios[0]:.2f}–{ratios[-1]:.2f})"
                cells.append(f"{statistics.median(ratios):.2f} {spread}")
        cells.append(f"{statistics.median(turn[1][1] for turn in turns) / 2 / 1e6:.1f}")
        dense = turns[0][0][2]
        cells.append(f"{(4 * dense + batch * LENGTH * (4 * units + 8) / 2) / 1e6:.1f}")
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    head = (
        "# Two workers\n\nWritten by `python benchmarks/workers.py`: B "
        f"rows of the one worker, T {LENGTH}, V {VOCABULARY:,}, full softmax, Adam, {STEPS} steps, "
        f"{given.rounds} rounds in turns; commit {commit()}.\n"
    )
    text = "\n".join([head, *lines]) + "\n"
    HERE.with_suffix(".md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
