"""What a model still knows of the first symbol, D steps later: accuracy and gradient.

Run `python benchmarks/recall_probe.py`. It prints a Markdown table, writes it beside itself and
draws `docs/recall_probe.png`. A sequence is one of 8 symbols and then D random fillers; asked for
is the symbol. The gradient is the norm of ∂h_T/∂h_1: h_1 is the state behind the symbol, h_T the
output behind the last filler; the state of an LSTM is h and c together. `--models lstm --keep`
measures that model alone, the others are as in the table; `--models --keep` draws it again.
"""

from __future__ import annotations

import argparse
import functools
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from kerasrnn.layers import MinGRU
from kerasrnn.models import fixed_window_language_model, many_to_one
from kerasrnn.vocabulary import RESERVED

# What the picture calls each model.
MODELS = {
    "fixed_window": "fixed window of {window}",
    "simple_rnn": "SimpleRNN, orthogonal start (Keras)",
    "simple_rnn_uniform": "SimpleRNN, uniform start",
    "lstm": "LSTM, forget bias 1 (Keras)",
    "lstm_forget_bias": "LSTM, forget bias ln D",
    "gru": "GRU",
    "min_gru": "MinGRU",
    "min_gru_memory": "MinGRU, memories of 2 to 2 D steps",
    "min_lstm": "MinLSTM",
    "sru": "SRU",
}
CAPTION = (
    "It is the start that decides how far back a cell learns here. Keras begins a SimpleRNN with "
    "an orthogonal recurrent matrix, which shortens no gradient; with the uniform start of the "
    "textbooks it vanishes. With Keras' forget bias of 1 an LSTM keeps sigmoid(1) = 73 % of its "
    "cell at each step; with ln D it keeps D/(D + 1), about a third over D steps. MinGRU, MinLSTM "
    "and SRU keep half of theirs at first, and their gates read the input alone."
)
SYMBOLS, FILLERS = 8, 8
FIRST = len(RESERVED)
VOCABULARY_SIZE = FIRST + SYMBOLS + FILLERS
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
JACOBIAN_ROWS, JUDGED_ROWS = 8, 1024
# Keras begins with an orthogonal recurrent matrix, which shortens no vector; the older way is to
# draw its entries from ±1/√U, which shortens them to 0.58 at each step.
UNIFORM = keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform", seed=1)
CELLS = {
    "simple_rnn_uniform": lambda units: keras.layers.SimpleRNN(units, recurrent_initializer=UNIFORM)
}


def draw(rng: np.random.Generator, distance: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws tokens `(B, D + 1)`, a symbol and D fillers, and which symbol it was, `(B,)`."""
    symbols = rng.integers(SYMBOLS, size=rows)
    fillers = rng.integers(SYMBOLS, SYMBOLS + FILLERS, size=(rows, distance))
    tokens = FIRST + np.concatenate([symbols[:, None], fillers], axis=1)
    return tokens.astype("int32"), symbols.astype("int32")


def build(kind: str, units: int, window: int, distance: int = 1) -> keras.Model:
    """Builds a model from `tokens` `(B, T)` to the logits of the symbols, `(B, 8)`."""
    if kind == "lstm_forget_bias":
        model = many_to_one(VOCABULARY_SIZE, SYMBOLS, cell="lstm", units=units)
        bias = model.get_layer("recurrent").rnn_layers[0].cell.bias  # of i, f, c and o
        bias.assign(np.repeat([0, np.log(distance), 0, 0], units))
        return model
    if kind == "min_gru_memory":
        cell = functools.partial(MinGRU, memory=2 * distance)
        return many_to_one(VOCABULARY_SIZE, SYMBOLS, cell=cell, units=units)
    if kind != "fixed_window":
        return many_to_one(VOCABULARY_SIZE, SYMBOLS, cell=CELLS.get(kind, kind), units=units)
    model = fixed_window_language_model(VOCABULARY_SIZE, window=window, units=units)
    logits = model.output[:, -1, FIRST : FIRST + SYMBOLS]  # what its last step says
    return keras.Model(model.input, logits, name=kind)


def train(model: keras.Model, distance: int, steps: int, batch_size: int, rate: float) -> None:
    """Trains on fresh sequences; those of each model are the same."""
    rng = np.random.default_rng(distance)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), LOSS)
    for _ in range(steps):
        model.train_on_batch(*draw(rng, distance, batch_size))


def accuracy(model: keras.Model, distance: int) -> float:
    """Returns the share of right answers on sequences that were not trained on."""
    tokens, symbols = draw(np.random.default_rng(1000 + distance), distance, JUDGED_ROWS)
    return float(np.mean(np.argmax(model.predict_on_batch(tokens), axis=-1) == symbols))


def jacobian_norm(model: keras.Model, tokens: np.ndarray) -> float:
    """Returns the spectral norm of ∂h_T/∂h_1, its geometric mean over the rows.

    The Jacobian is the product of those of the single steps, in float64, for it may be tiny.
    """
    stack = model.get_layer("recurrent")
    vectors = model.get_layer("token_embedding")(tokens)
    states = [tf.concat(stack.initial_state(len(tokens)), -1)]
    for step in range(tokens.shape[1]):
        states.append(_step(stack, vectors[:, step], states[-1]))
    inputs = tf.reshape(vectors[:, 1:], [-1, vectors.shape[-1]])
    before = tf.reshape(tf.stack(states[1:-1], axis=1), [-1, states[0].shape[-1]])
    steps = _step_jacobians(stack, inputs, before).numpy().astype("float64")
    steps = steps.reshape(len(tokens), -1, *steps.shape[1:])
    product = steps[:, -1, : stack.units]  # h comes first in the state
    for step in range(steps.shape[1] - 2, -1, -1):
        product = product @ steps[:, step]
    norms = np.linalg.norm(product, 2, axis=(1, 2))
    return float(np.exp(np.mean(np.log(np.maximum(norms, np.finfo("float64").tiny)))))


def _step(stack, inputs, state):
    """Makes one step, `(B, S)` to `(B, S)`: all states of the stack as one vector."""
    states = tf.split(state, len(stack.state_names), axis=-1)
    _, *states = stack(inputs, initial_state=states)
    return tf.concat(states, axis=-1)


def _step_jacobians(stack, inputs, states):
    @tf.function
    def jacobians(inputs, states):
        with tf.GradientTape() as tape:
            tape.watch(states)
            after = _step(stack, inputs, states)
        return tape.batch_jacobian(after, states)

    return jacobians(inputs, states)


def measure(kind: str, distance: int, sizes) -> dict:
    """Trains one model for one distance and measures it, before and after."""
    keras.utils.set_random_seed(1)
    start = time.perf_counter()
    model = build(kind, sizes.units, sizes.window, distance)
    tokens, _ = draw(np.random.default_rng(1), distance, JACOBIAN_ROWS)
    recurrent = kind != "fixed_window"
    before = jacobian_norm(model, tokens) if recurrent else None
    train(model, distance, sizes.steps, sizes.batch_size, sizes.learning_rate)
    row = {
        "model": kind,
        "distance": distance,
        "accuracy": accuracy(model, distance),
        "norm_before": before,
        "norm_after": jacobian_norm(model, tokens) if recurrent else None,
        "seconds": time.perf_counter() - start,
    }
    print(row, flush=True)
    return row


def table(rows: list[dict], sizes) -> str:
    """Writes a line for each model and distance."""
    lines = [
        f"{sizes.units} units, {sizes.steps} steps of Adam at {sizes.learning_rate:g} on "
        f"{sizes.batch_size} fresh sequences each, a window of {sizes.window}; chance is "
        f"{1 / SYMBOLS:.3f}. Keras {keras.__version__}, {sum(r['seconds'] for r in rows):.0f} s "
        f"for {', '.join(dict.fromkeys(r['model'] for r in rows if r['seconds']))}.",
        "",
        "| model | D | accuracy | norm before training | norm after |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        norms = (row["norm_before"], row["norm_after"])
        cells = ["–" if norm is None else f"{norm:.1e}" for norm in norms]
        lines.append(
            f"| {row['model']} | {row['distance']} | {row['accuracy']:.3f} | {' | '.join(cells)} |"
        )
    return "\n".join(lines) + "\n"


def kept(path: pathlib.Path, measured: list[str]) -> list[dict]:
    """Reads the rows of the other models from a table that `table` wrote."""
    rows = []
    for line in path.read_text().splitlines():
        model, *cells = (cell.strip() for cell in line.strip("| ").split("|"))
        if model in MODELS and model not in measured:
            distance, accuracy, *norms = cells
            before, after = (None if norm == "–" else float(norm) for norm in norms)
            row = {"model": model, "distance": int(distance), "accuracy": float(accuracy)}
            rows.append(row | {"norm_before": before, "norm_after": after, "seconds": 0.0})
    return rows


def main() -> None:
    from kerasrnn.plotting import recall_curves

    here = pathlib.Path(__file__)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--distances", type=int, nargs="+", default=[5, 10, 20, 50, 100])
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=MODELS)
    parser.add_argument("--keep", action="store_true", help="other models as the table has them")
    parser.add_argument("--units", type=int, default=64)
    parser.add_argument("--window", type=int, default=10)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.003)
    parser.add_argument("--output", type=pathlib.Path, default=here.with_suffix(".md"))
    parser.add_argument(
        "--picture", type=pathlib.Path, default=here.parent.parent / "docs" / "recall_probe.png"
    )
    sizes = parser.parse_args()
    tf.get_logger().setLevel("ERROR")  # it warns of many models in one process
    rows = kept(sizes.output, sizes.models) if sizes.keep else []
    rows += [
        measure(kind, distance, sizes) for kind in sizes.models for distance in sizes.distances
    ]
    rows.sort(key=lambda row: list(MODELS).index(row["model"]))
    text = table(rows, sizes)
    sizes.output.write_text(text)
    words = {kind: words.format(window=sizes.window) for kind, words in MODELS.items()}
    drawn = [row | {"model": words[row["model"]]} for row in rows]
    recall_curves(drawn, 1 / SYMBOLS, CAPTION).savefig(sizes.picture)
    print(text)


if __name__ == "__main__":
    main()
