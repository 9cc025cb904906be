"""Texts of real lengths, those of film reviews: an epoch over them, with a mask.

Ours makes batches of like lengths, as its tasks do; plain Keras pads the texts of a batch as they
come; PyTorch packs them. Keras on JAX would compile each of its batches anew, so it is left out.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from recurrence import CLASSES, KERAS_LAYERS, TORCH_LAYERS, Shape, our_adam, ours, stock

from bench.recurrence import cells, title
from bench.subjects import LOOP, OURS, TORCH, Subject, Timed

# Words of 512 training reviews of imdb_reviews, drawn at random.
LENGTHS = pathlib.Path(__file__).with_name("review_lengths.txt")
ROWS, UNITS, VOCABULARY = 32, 128, 5000
FIRST_ID = 5  # after the reserved ones


def subjects(quick: bool = False, **_: Any) -> Iterator[Subject]:
    number, units = (7, 5) if quick else (None, UNITS)
    for cell in ["gru"] if quick else cells():
        sizes = {"cell": cell, "number": number, "units": units, "rows": 3 if quick else ROWS}
        rivals = (*OURS, LOOP, TORCH) if cell in KERAS_LAYERS else (*OURS, TORCH)
        yield Subject("padding", f"{title(cell)}: imdb_reviews' lengths", sizes, rivals, rounds=3)


def lengths(number: int | None) -> np.ndarray:
    """The lengths of the first texts; of fewer than all, shortened."""
    all_of_them = np.loadtxt(LENGTHS, dtype=int).ravel()
    return all_of_them if number is None else all_of_them[:number] // 20 + 1


def texts(number: int | None) -> tuple[list[np.ndarray], np.ndarray]:
    """Draws the ids of each text, and its class."""
    random = np.random.default_rng(1)
    ids = [random.integers(FIRST_ID, VOCABULARY, length) for length in lengths(number)]
    return [each.astype("int32") for each in ids], random.integers(0, CLASSES, len(ids))


def make(rival: str, sizes: dict[str, Any]) -> dict[str, Timed]:
    ids, classes = texts(sizes["number"])
    make_one = of_torch if rival == TORCH else of_keras
    train, predict = make_one(rival, sizes, ids, classes)
    tokens = int(sum(map(len, ids)))
    return {"training": Timed(train, tokens), "predicting": Timed(predict, tokens)}


def of_keras(rival: str, sizes: dict[str, Any], ids: list, classes: np.ndarray) -> tuple:
    import keras

    shape = Shape(sizes["rows"], 0, VOCABULARY, sizes["units"], 1, True)
    if rival in OURS:
        model = ours(sizes["cell"], shape, rival.partition(", ")[2])
        batches, adam = by_length(ids, classes).batches(shape.rows, seed=1), our_adam()
    else:
        model, batches = stock(sizes["cell"], shape, mask=True), padded(ids, classes, shape.rows)
        adam = keras.optimizers.Adam()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(adam, loss, jit_compile=False)
    return lambda: model.fit(batches, verbose=0), lambda: model.predict(batches, verbose=0)


def by_length(ids: list, classes: np.ndarray) -> Any:
    """Examples of this package."""
    import tensorflow as tf

    from kerasrnn.datasets import Examples

    encoded = tf.data.Dataset.from_tensors((tf.ragged.constant(ids), classes))
    return Examples(encoded, (0,), lambda x, y: (x, y, tf.ones_like(y, tf.float32)))


def padded(ids: list, classes: np.ndarray, rows: int) -> Any:
    """Batches as the guides of Keras and TensorFlow make them."""
    import tensorflow as tf

    pairs = tf.data.Dataset.from_generator(
        lambda: zip(ids, classes, strict=True),
        output_signature=(tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int64)),
    )
    return pairs.cache().padded_batch(rows).prefetch(tf.data.AUTOTUNE)


def of_torch(rival: str, sizes: dict[str, Any], ids: list, classes: np.ndarray) -> tuple:
    import torch
    from torch.nn.utils.rnn import pack_sequence

    units = sizes["units"]
    embedding = torch.nn.Embedding(VOCABULARY, units)
    recurrent = getattr(torch.nn, TORCH_LAYERS.get(sizes["cell"], "LSTM"))(units, units)
    output = torch.nn.Linear(units, CLASSES)
    adam = torch.optim.Adam(torch.nn.ModuleList([embedding, recurrent, output]).parameters())
    targets = torch.tensor(classes)
    starts = range(0, len(ids), sizes["rows"])

    def logits(start):
        rows = [torch.from_numpy(each) for each in ids[start : start + sizes["rows"]]]
        packed = pack_sequence(rows, enforce_sorted=False)
        _, state = recurrent(packed._replace(data=embedding(packed.data)))
        return output((state[0] if isinstance(state, tuple) else state)[-1])

    def train():
        for start in starts:
            adam.zero_grad()
            loss = torch.nn.functional.cross_entropy(
                logits(start), targets[start : start + sizes["rows"]]
            )
            loss.backward()
            adam.step()

    def predict():
        with torch.no_grad():
            return [logits(start).numpy() for start in starts]

    return train, predict
