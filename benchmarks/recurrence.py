"""A training step and a prediction of recurrent models: ours, Keras' own layers, PyTorch's.

    python benchmarks/recurrence.py --cells lstm gru --rounds 7

All run in turns in one process, on the same ids. Beside `min_gru`, `min_lstm` and `sru`, which only
this package has, stands the LSTM of the others. It prints a Markdown table of tokens a second and
of their ratios to those of stock Keras; the time to compile, which each new shape of a batch takes,
stands in a column of its own. PyTorch is left out where it is not installed. Its build for CPUs is
the one to take: that for GPUs does not live with TensorFlow in one process.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import importlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

if TYPE_CHECKING:
    import keras

# `make bench` takes these models too, each in a process that imports its own library alone.
CLASSES = 2


@dataclasses.dataclass(frozen=True)
class Shape:
    """Sizes of a model and of its batches; `last` is a model of the last output alone."""

    rows: int
    steps: int
    vocabulary: int
    units: int
    layers: int
    last: bool

    def __str__(self) -> str:
        kind = "last output" if self.last else "every output"
        return f"{self.rows}, {self.steps}, {self.vocabulary}, {self.units}, {self.layers}; {kind}"


SHAPES = [
    Shape(32, 100, 5000, 128, 1, True),
    Shape(64, 100, 65, 256, 1, False),
    Shape(20, 35, 65, 200, 2, False),
]
KERAS_LAYERS = {"lstm": "LSTM", "gru": "GRU", "simple_rnn": "SimpleRNN"}
TORCH_LAYERS = {"lstm": "LSTM", "gru": "GRU", "simple_rnn": "RNN"}
# Cells that Keras and PyTorch do not have: their LSTM stands beside them.
RIVALS = {"min_gru": "lstm", "min_lstm": "lstm", "sru": "lstm"}
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


@dataclasses.dataclass
class Subject:
    """What trains on a batch and predicts it, and what that took."""

    train: Callable[[], object]
    predict: Callable[[], object]
    first: float = 0.0
    times: dict[str, list[float]] = dataclasses.field(
        default_factory=lambda: {"train": [], "predict": []}
    )


def stock(cell: str, shape: Shape, unroll: bool = False, mask: bool = False) -> keras.Model:
    """The model in plain Keras; with a mask the id 0 is padding."""
    import keras

    layer = getattr(keras.layers, KERAS_LAYERS[RIVALS.get(cell, cell)])
    tokens = keras.Input((shape.steps if unroll else None,), dtype="int32")
    x = keras.layers.Embedding(shape.vocabulary, shape.units, mask_zero=mask)(tokens)
    for i in range(shape.layers):
        every = not shape.last or i + 1 < shape.layers
        x = layer(shape.units, return_sequences=every, unroll=unroll)(x)
    return keras.Model(tokens, keras.layers.Dense(CLASSES if shape.last else shape.vocabulary)(x))


def ours(cell: str, shape: Shape, way: str) -> keras.Model:
    """The model of this package; no id is that of padding."""
    import kerasrnn

    sizes: dict[str, Any] = {"cell": cell, "units": shape.units, "embedding": shape.units}
    sizes["num_layers"] = shape.layers
    if shape.last:
        model = kerasrnn.many_to_one(shape.vocabulary, CLASSES, **sizes)
    else:
        model = kerasrnn.language_model(shape.vocabulary, **sizes)
    return with_recurrence(model, way)


def our_adam() -> keras.optimizers.Optimizer:
    """The Adam that the trainings of this package have."""
    from kerasrnn.optimizers import FusedAdam

    return FusedAdam()


def with_recurrence(model: keras.Model, way: str) -> keras.Model:
    """Makes the recurrent layers of a model of this package run in one way."""
    import kerasrnn

    for layer in model.layers:
        if isinstance(layer, kerasrnn.layers.RecurrentStack):
            layer.recurrence = way
    return model


def of_keras(
    model: keras.Model, x: np.ndarray, y: np.ndarray, xla: bool = False, adam: Any = None
) -> Subject:
    """A model with an optimizer, Keras' Adam by default."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(adam or keras.optimizers.Adam(), loss, jit_compile=xla)
    return Subject(lambda: model.train_on_batch(x, y), lambda: model.predict_on_batch(x))


def of_torch(cell: str, shape: Shape, x: np.ndarray, y: np.ndarray) -> Subject:
    """The model in PyTorch.

    Raises:
        ImportError: Where it is not installed.
    """
    torch = importlib.import_module("torch")
    kind = getattr(torch.nn, TORCH_LAYERS[RIVALS.get(cell, cell)])
    embedding = torch.nn.Embedding(shape.vocabulary, shape.units)
    recurrent = kind(shape.units, shape.units, shape.layers, batch_first=True)
    output = torch.nn.Linear(shape.units, CLASSES if shape.last else shape.vocabulary)
    model = torch.nn.ModuleList([embedding, recurrent, output])
    adam = torch.optim.Adam(model.parameters())
    ids, targets = torch.tensor(x).long(), torch.tensor(y).long()

    def logits():
        states, _ = recurrent(embedding(ids))
        return output(states[:, -1] if shape.last else states)

    def train():
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(logits().flatten(0, -2), targets.flatten())
        loss.backward()
        adam.step()
        return loss.item()

    def predict():
        with torch.no_grad():
            return logits().numpy()

    return Subject(train, predict)


def batch(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Draws ids and what is to be predicted of them."""
    random = np.random.default_rng(1)
    x = random.integers(5, shape.vocabulary, (shape.rows, shape.steps)).astype("int32")
    return x, random.integers(0, CLASSES, shape.rows) if shape.last else np.roll(x, -1, axis=1)


def subjects(cell: str, shape: Shape) -> Iterator[tuple[str, Subject]]:
    x, y = batch(shape)
    yield "Keras", of_keras(stock(cell, shape), x, y)
    for way in ("keras", "compiled"):
        yield f"ours, {way}", of_keras(ours(cell, shape, way), x, y, adam=our_adam())
    with contextlib.suppress(ImportError):
        yield "PyTorch", of_torch(cell, shape, x, y)


def measure(measured: dict[str, Subject], rounds: int, repeats: int, clock: str) -> None:
    now = CLOCKS[clock]
    for each in measured.values():
        start = time.perf_counter()
        each.train()
        each.predict()
        each.first = time.perf_counter() - start
    for _ in range(rounds):
        for each in measured.values():
            for kind, function in (("train", each.train), ("predict", each.predict)):
                function()  # after another one: its data is not in the caches any more
                start = now()
                for _ in range(repeats):
                    function()
                each.times[kind].append((now() - start) / repeats)


def rows(cell: str, shape: Shape, measured: dict[str, Subject]) -> Iterator[str]:
    base = {kind: statistics.median(each) for kind, each in measured["Keras"].times.items()}
    tokens = shape.rows * shape.steps
    for name, each in measured.items():
        cells = []
        for kind, times in each.times.items():
            median = statistics.median(times)
            fastest, slowest = tokens / min(times) / 1000, tokens / max(times) / 1000
            cells.append(f"{tokens / median / 1000:.0f}k ({slowest:.0f}–{fastest:.0f})")
            cells.append(f"{base[kind] / median:.2f}")
        yield f"| {shape} | {cell} | {name} | {' | '.join(cells)} | {each.first:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed of recurrent models.")
    parser.add_argument(
        "--cells", nargs="+", default=list(KERAS_LAYERS), choices=[*KERAS_LAYERS, *RIVALS]
    )
    parser.add_argument("--shapes", nargs="+", type=int, default=range(len(SHAPES)))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--clock", default="wall", choices=CLOCKS)
    given = parser.parse_args()
    print("| B, T, V, U, layers | cell | model | training | × | predicting | × | first call, s |")
    print("|---|---|---|---|---|---|---|---|")
    for number in given.shapes:
        for cell in given.cells:
            measured = dict(subjects(cell, SHAPES[number]))
            measure(measured, given.rounds, given.repeats, given.clock)
            print(*rows(cell, SHAPES[number], measured), sep="\n", flush=True)


if __name__ == "__main__":
    main()
