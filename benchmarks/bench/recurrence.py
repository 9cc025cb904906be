"""Models of three shapes, by cell: a training step and a prediction. Their sizes do not change."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from recurrence import KERAS_LAYERS, SHAPES, Shape, batch, of_keras, of_torch, our_adam, ours, stock

from bench.subjects import JAX, OURS, STOCK, TORCH, Subject, Timed
from kerasrnn.options.words import MATRICES, Cell, words

TINY = Shape(3, 5, 17, 7, 1, False)


def subjects(quick: bool = False, **_: Any) -> Iterator[Subject]:
    """The cells that all have; those without a recurrent matrix are compared with an LSTM."""
    for shape in [TINY] if quick else SHAPES:
        for cell in ["gru"] if quick else cells():
            rivals = (*OURS, *STOCK, JAX, TORCH) if cell in KERAS_LAYERS else (*OURS, TORCH)
            sizes = {"cell": cell, "shape": dataclasses.asdict(shape)}
            yield Subject("recurrence", f"{title(cell)}: {shape}", sizes, rivals)


def cells() -> list[str]:
    """Keras' cells, and those that multiply their states by no matrix."""
    return [cell for cell in words(Cell) if cell in KERAS_LAYERS or MATRICES[cell][1] == 0]


def title(cell: str) -> str:
    """A cell, and whose it is compared with where that is another one."""
    return cell if cell in KERAS_LAYERS else f"{cell} beside lstm"


def make(rival: str, sizes: dict[str, Any]) -> dict[str, Timed]:
    cell, shape = sizes["cell"], Shape(**sizes["shape"])
    x, y = batch(shape)
    if rival == TORCH:
        made = of_torch(cell if cell in KERAS_LAYERS else "lstm", shape, x, y)
    elif rival in OURS:
        model = ours(cell, shape, rival.partition(", ")[2])
        made = of_keras(model, x, y, adam=our_adam())
    else:
        model = stock(cell, shape, unroll=rival == "Keras-TF, unrolled")
        made = of_keras(model, x, y, xla=rival in (JAX, "Keras-TF, XLA"))
    tokens = shape.rows * shape.steps
    return {"training": Timed(made.train, tokens), "predicting": Timed(made.predict, tokens)}
