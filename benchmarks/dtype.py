"""A training step of a word model with the full softmax, in float32 and in mixed_bfloat16.

Run `python benchmarks/dtype.py`. It prints a Markdown table and writes it into `dtype.md`. Whether
products are in bfloat16 is up to oneDNN, which TensorFlow has off on some processors: each table is
made in two processes, with and without it.
"""

from __future__ import annotations

import argparse
import itertools
import os
import pathlib
import re
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

DTYPES = ("float32", "mixed_bfloat16")
ROUNDS, STEPS = 9, 3
BATCH, LENGTH, VOCABULARY = 20, 20, 10_000
UNITS = (200, 650)
BEGIN, END = "<!-- steps -->", "<!-- end of steps -->"


def product(units: int, dtype: str):
    """Makes a function that multiplies hidden states by the matrix of the output layer."""
    import keras
    import numpy as np
    import tensorflow as tf

    rng, dtype = np.random.default_rng(1), keras.DTypePolicy(dtype).compute_dtype
    sizes = (BATCH * LENGTH, units), (units, VOCABULARY)
    hidden, kernel = (tf.Variable(tf.cast(rng.normal(size=each), dtype)) for each in sizes)
    return tf.function(lambda: hidden @ kernel, autograph=False)


def softmax_step(units: int, dtype: str):
    """Makes a function that runs output layer and loss forwards and backwards."""
    import keras
    import numpy as np
    import tensorflow as tf

    from kerasrnn.layers import AsFloat32

    rng = np.random.default_rng(1)
    hidden = rng.uniform(-1, 1, (BATCH, LENGTH, units))
    hidden = tf.constant(hidden, keras.DTypePolicy(dtype).compute_dtype)
    labels = tf.constant(rng.integers(1, VOCABULARY, (BATCH, LENGTH)), "int32")
    layer = keras.layers.Dense(VOCABULARY, dtype=dtype)
    layer.build(hidden.shape)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    weights = [weight.value for weight in layer.trainable_weights]

    @tf.function(autograph=False)
    def step():
        with tf.GradientTape() as tape:
            tape.watch(hidden)
            value = loss(labels, AsFloat32()(layer(hidden)))
        return tape.gradient(value, [hidden, *weights])

    return step


def model_steps(units: int, dtype: str) -> dict:
    """Makes functions that train and that predict a batch."""
    import keras
    import numpy as np

    import kerasrnn

    keras.config.set_dtype_policy(dtype)
    model = kerasrnn.language_model(VOCABULARY, units=units)
    keras.config.set_dtype_policy("float32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, jit_compile=False)
    ids = np.random.default_rng(1).integers(1, VOCABULARY, (BATCH, LENGTH + 1)).astype("int32")
    return {
        "training step, one LSTM": lambda: model.train_on_batch(ids[:, :-1], ids[:, 1:]),
        "prediction, one LSTM": lambda: model.predict_on_batch(ids[:, :-1]),
    }


def seconds(step) -> float:
    begin = time.process_time()
    for _ in range(STEPS):
        step()
    return (time.process_time() - begin) / STEPS


def rows(units: int) -> list[str]:
    """Times the two dtypes in turns, so that what else the machine does hits both."""
    steps = {
        (name, dtype): step
        for dtype in DTYPES
        for name, step in {
            "product of the output layer": product(units, dtype),
            "output layer and loss, with gradients": softmax_step(units, dtype),
            **model_steps(units, dtype),
        }.items()
    }
    times: dict = {key: [] for key in steps}
    for step in steps.values():
        step()
    for _, (key, step) in itertools.product(range(ROUNDS), steps.items()):
        times[key].append(seconds(step))
    names = dict.fromkeys(name for name, _ in steps)
    found = []
    for name in names:
        before, after = (1e3 * min(times[name, dtype]) for dtype in DTYPES)
        found.append(f"| {units} | {name} | {before:.1f} | {after:.1f} | {before / after:.2f} |")
    return found


def table(with_onednn: bool) -> str:
    """Measures in a process of its own."""
    env = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": str(int(with_onednn))}
    lines = []
    for units in UNITS:
        command = [sys.executable, __file__, "--units", str(units)]
        done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        lines += [line for line in done.stdout.splitlines() if line.startswith("|")]
    title = "With oneDNN" if with_onednn else "Without oneDNN (`TF_ENABLE_ONEDNN_OPTS=0`)"
    head = "| units | what | ms in float32 | ms in mixed_bfloat16 | times as fast |"
    return "\n".join([f"{title}:", "", head, "|---|---|---|---|---|", *lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, help="print the rows of this width alone")
    units = parser.parse_args().units
    if units is not None:
        print("\n".join(rows(units)))
        return
    text = "\n".join(table(with_onednn) for with_onednn in (True, False))
    path = pathlib.Path(__file__).with_suffix(".md")
    block = f"{BEGIN}\n{text}{END}"
    before = path.read_text(encoding="utf-8")
    after = re.sub(f"{BEGIN}\n.*?{END}", lambda _: block, before, flags=re.S)
    path.write_text(after, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
