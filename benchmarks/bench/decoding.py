"""A batch of texts translated, with a model of the size of that of multi30k and random weights.

No answer ends before its last step, so that all do the same work. The loop that tutorials show
calls `predict` for each token; a better one calls a graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bench.subjects import TORCH, Subject, Timed

BY_PREDICT, BY_GRAPH = "Keras-TF, predict in a loop", "Keras-TF, graph in a loop"
OURS = "ours, loop in the graph"
WORDS, ROWS, READ, STEPS, UNITS = 4000, 64, 13, 20, 200
FIRST_ID = 5  # after the reserved ones
BEAM = 5


def subjects(quick: bool = False, **_: Any) -> Iterator[Subject]:
    sizes = {"words": WORDS, "rows": ROWS, "read": READ, "steps": STEPS, "units": UNITS}
    if quick:
        sizes = {"words": 23, "rows": 3, "read": 7, "steps": 5, "units": 11}
    name = "{rows} texts of {read} words, answers of {steps}".format(**sizes)
    yield Subject("decoding", name, sizes, (OURS, BY_PREDICT, BY_GRAPH, TORCH))


def texts(sizes: dict[str, Any]) -> list[str]:
    random = np.random.default_rng(1)
    ids = random.integers(0, sizes["words"], (sizes["rows"], sizes["read"]))
    return [" ".join(f"w{each}" for each in row) for row in ids]


def make(rival: str, sizes: dict[str, Any]) -> dict[str, Timed]:
    given, tokens = texts(sizes), sizes["rows"] * sizes["steps"]
    if rival == TORCH:
        from bench.torch_translator import TorchTranslator

        numbers = {f"w{each}": FIRST_ID + each for each in range(sizes["words"])}
        made = TorchTranslator(numbers, sizes["units"], sizes["steps"])
        ways = {1: made.greedy, BEAM: lambda given: made.beam(given, BEAM)}
    else:
        ways = of_keras(rival, sizes)
    return {
        "greedy" if width == 1 else f"beam of {width}": Timed(lambda way=way: way(given), tokens)
        for width, way in ways.items()
    }


def of_keras(rival: str, sizes: dict[str, Any]) -> dict[int, Any]:
    """By width of the beam, what translates."""
    import tensorflow as tf
    from decoding import by_hand, predicted

    import kerasrnn

    side = kerasrnn.Tokenizer(kerasrnn.Vocabulary([f"w{i}" for i in range(sizes["words"])]), "word")
    model = kerasrnn.encoder_decoder(
        len(side.vocabulary), len(side.vocabulary), cell="gru", units=sizes["units"],
        bidirectional=True, attention="dot",
    )  # fmt: skip
    task = kerasrnn.Translator(model, side, side, max_length=sizes["steps"])

    def in_graph(model):
        graph = tf.function(lambda inputs: model(inputs, training=False), reduce_retracing=True)

        def call(inputs):
            return {name: each.numpy() for name, each in graph(inputs).items()}

        return call

    if rival == OURS:
        searches = {
            width: task.with_search(beam_width=width, min_length=sizes["steps"])
            for width in (1, BEAM)
        }
        return {width: each.predict for width, each in searches.items()}
    return {1: by_hand(task, predicted if rival == BY_PREDICT else in_graph)}
