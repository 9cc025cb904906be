"""A word model of the Penn Treebank, two LSTM layers: training steps of each kind of softmax.

The cheaper softmaxes are compared with what rivals have: the full one, and the adaptive of PyTorch.
"""

from __future__ import annotations

import collections
import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from recurrence import with_recurrence

from bench.subjects import JAX, LOOP, OURS, STOCK, TORCH, Subject, Timed

FIRST_ID = 5  # after the reserved ones
ROWS, STEPS, BATCHES, RATE, CLIPPED = 20, 20, 8, 1.0, 0.25
OUTPUTS = ("full", "class", "adaptive")
# The vocabulary, and the units of each layer.
SIZES = ((10_000, 200), (10_000, 650), (200_000, 200))


def subjects(quick: bool = False, data: pathlib.Path | None = None, **_: Any) -> Iterator[Subject]:
    text = data and data / "data" / "ptb" / "ptb.train.txt"
    for vocabulary, units in [(101, 5)] if quick else SIZES:
        sizes = {"vocabulary": vocabulary, "units": units, "rows": 3 if quick else ROWS}
        real = text is not None and vocabulary == 10_000
        sizes |= {"steps": 7 if quick else STEPS, "text": str(text) if real else None}
        yield Subject(
            "penn_treebank",
            f"V {vocabulary:,}, U {units}, two LSTM layers",
            sizes,
            (*OURS, LOOP, STOCK[-1], JAX, TORCH),
            against={"class": "full", "adaptive": "full"},
        )


def batches(vocabulary: int, rows: int, steps: int, text: str | None) -> np.ndarray:
    """Returns ids by frequency, one step more than is read: of a text, or drawn as words are."""
    size = (BATCHES, rows, steps + 1)
    if text is None:
        weights = 1 / np.arange(1, vocabulary - FIRST_ID + 1)
        random = np.random.default_rng(1)
        ids = random.choice(len(weights), size, p=weights / weights.sum())
        return (ids + FIRST_ID).astype("int32")
    words = pathlib.Path(text).read_text(encoding="utf-8").replace("\n", " </s> ").split()
    ranks = [word for word, _ in collections.Counter(words).most_common(vocabulary - FIRST_ID)]
    number = {word: FIRST_ID + rank for rank, word in enumerate(ranks)}
    ids = [number.get(word, FIRST_ID - 1) for word in words[: np.prod(size)]]
    return np.array(ids, "int32").reshape(size)


def make(rival: str, sizes: dict[str, Any]) -> dict[str, Timed]:
    words = {name: sizes[name] for name in ("vocabulary", "rows", "steps", "text")}
    ids, tokens = batches(**words), sizes["rows"] * sizes["steps"]
    if rival in OURS:
        steps = {each: of_ours(rival, sizes, each, ids) for each in OUTPUTS}
    elif rival == TORCH:
        steps = {each: of_torch(sizes, each, ids) for each in ("full", "adaptive")}
    else:
        steps = {"full": of_stock(rival, sizes, ids)}
    return {output: Timed(step, tokens) for output, step in steps.items()}


def of_ours(rival: str, sizes: dict[str, Any], output: str, ids: np.ndarray) -> Any:
    from kerasrnn import language_model
    from kerasrnn.losses import CrossEntropy, NegativeLogProbability
    from kerasrnn.optimizers import FusedSGD

    model = language_model(
        sizes["vocabulary"], cell="lstm", units=sizes["units"], num_layers=2, output=output
    )
    with_recurrence(model, rival.partition(", ")[2])
    sgd = FusedSGD(RATE, global_clipnorm=CLIPPED)  # what the trainings of this package have
    if output == "full":
        return step_of(model, pairs(ids), CrossEntropy(), sgd)
    both = [({"tokens": x, "targets": y}, y) for x, y in pairs(ids)]
    return step_of(model, both, NegativeLogProbability(), sgd)


def of_stock(rival: str, sizes: dict[str, Any], ids: np.ndarray) -> Any:
    import keras

    tokens = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(sizes["vocabulary"], sizes["units"])(tokens)
    for _ in range(2):
        x = keras.layers.LSTM(sizes["units"], return_sequences=True)(x)
    model = keras.Model(tokens, keras.layers.Dense(sizes["vocabulary"])(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    sgd = keras.optimizers.SGD(RATE, global_clipnorm=CLIPPED)
    return step_of(model, pairs(ids), loss, sgd, xla=rival != LOOP)


def pairs(ids: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each batch, what is read and what follows."""
    return [(x[:, :-1], x[:, 1:]) for x in ids]


def step_of(model: Any, batches: list, loss: Any, optimizer: Any, xla: bool = False) -> Any:
    model.compile(optimizer, loss, jit_compile=xla)
    turns = itertools.cycle(batches)
    return lambda: model.train_on_batch(*next(turns))


def of_torch(sizes: dict[str, Any], output: str, ids: np.ndarray) -> Any:
    import torch

    vocabulary, units = sizes["vocabulary"], sizes["units"]
    embedding = torch.nn.Embedding(vocabulary, units, sparse=False)
    recurrent = torch.nn.LSTM(units, units, 2, batch_first=True)
    if output == "full":
        last = torch.nn.Linear(units, vocabulary)
    else:
        cutoffs = [vocabulary // 25, vocabulary // 5]  # as ours
        last = torch.nn.AdaptiveLogSoftmaxWithLoss(units, vocabulary, cutoffs)
    parameters = list(torch.nn.ModuleList([embedding, recurrent, last]).parameters())
    sgd = torch.optim.SGD(parameters, RATE)
    turns = itertools.cycle(torch.tensor(ids).long())

    def step():
        x = next(turns)
        sgd.zero_grad()
        hidden = recurrent(embedding(x[:, :-1]))[0].flatten(0, 1)
        targets = x[:, 1:].flatten()
        if output == "full":
            loss = torch.nn.functional.cross_entropy(last(hidden), targets)
        else:
            loss = last(hidden, targets).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIPPED)
        sgd.step()
        return loss.item()

    return step
