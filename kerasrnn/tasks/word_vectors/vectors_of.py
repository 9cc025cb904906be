"""The word vectors of a run or of a file."""

from __future__ import annotations

import pathlib
from typing import Any

import keras

from kerasrnn.checks import UserError
from kerasrnn.embeddings import WordVectors, read_vectors
from kerasrnn.tasks.loading import load
from kerasrnn.tasks.tag.task import Tagger
from kerasrnn.vocabulary import RESERVED

__all__ = ["vectors_of"]

LAYER = "token_embedding"


def vectors_of(path: str) -> WordVectors:
    """Returns the vectors of all words that a run or a file has.

    Args:
        path: The folder of a run whose model reads tokens by a table of vectors, such as one of
            word-vectors, classify, tag or language-model; or a file that
            `embeddings.read_vectors` reads.

    Raises:
        ValueError: For a run that has no such table.
    """
    if not pathlib.Path(path).is_dir():
        return read_vectors(path)
    task: Any = load(path)
    tokenizer = task.words if isinstance(task, Tagger) else getattr(task, "tokenizer", None)
    layers = {layer.name: layer for layer in task.model.layers}
    layer: Any = layers.get(LAYER)
    if tokenizer is None or not isinstance(layer, keras.layers.Embedding):
        raise UserError(
            f"Expected a run whose model has a vector of each token. Received: {path}, {task.name}"
        )
    return WordVectors(tokenizer.vocabulary.tokens, layer.get_weights()[0][len(RESERVED) :])
