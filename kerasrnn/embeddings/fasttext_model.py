"""Models of fastText, whose n-grams compose vectors of words that they have not seen."""

from __future__ import annotations

import os
import struct
from collections.abc import Collection
from typing import Any

import numpy as np

from kerasrnn.checks import UserError, check_memory
from kerasrnn.files import open_bytes

__all__ = ["is_fasttext_model", "model_dimensions", "read_model_vectors"]

MAGIC = b"\xba\x16\x4f\x2f"
HEADER = struct.Struct("<4sii")  # the magic number, the version, the size of the vectors


def is_fasttext_model(path: str | os.PathLike[str]) -> bool:
    """Tells by its first bytes whether a file is a model of fastText, a `.bin`."""
    with open_bytes(path) as file:
        return file.peek(len(MAGIC))[: len(MAGIC)] == MAGIC


def model_dimensions(path: str | os.PathLike[str]) -> int:
    """Reads the size of the vectors of a model, without the model.

    Args:
        path: A file for which `is_fasttext_model` is true.
    """
    _loader()  # who is not told now is told after the data are read
    with open_bytes(path) as file:
        head = file.read(HEADER.size)
    dimensions = HEADER.unpack(head)[-1] if len(head) == HEADER.size else 0
    if dimensions < 1:
        raise UserError(f"{path}: expected a whole fastText model. Received: vectors of no number")
    return dimensions


def read_model_vectors(
    path: str | os.PathLike[str], wanted: Collection[str] | None
) -> tuple[list[str], np.ndarray, Any]:
    """Reads a model of fastText, by gensim.

    The vector of a word that the model has seen is the mean of its own row and those of its
    n-grams; that of another word is the mean of the rows of its n-grams (Bojanowski et al. 2017,
    "Enriching word vectors with subword information", section 3.2, up to the number of rows, as
    the authors' program does it). The whole model is in memory while it is read.

    Args:
        path: A file for which `is_fasttext_model` is true.
        wanted: The words to keep; `None` keeps all.

    Returns:
        The N words; their vectors `(N, D)` float32; and a function from any word to its vector
        `(D,)` float32, composed of n-grams where it has to be, or to `None` where there are none.
        A model without a capital letter is asked in lower case.

    Raises:
        ValueError: Where gensim is not installed, the file is damaged or a model of labels, or this
            machine has too little memory.
    """
    load = _loader()
    check_memory("the fastText model", os.path.getsize(path), f"{path}")
    try:
        keyed = load(os.fspath(path))
    except Exception as error:  # whatever gensim, struct and NumPy say of what is no model
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"{path}: expected a whole fastText model of words, not of labels. "
            f"Received: {reason:.200}"
        ) from error
    all_words: list[str] = list(keyed.index_to_key)
    rows = [i for i, word in enumerate(all_words) if wanted is None or word in wanted]
    has_capitals = any(word != word.lower() for word in all_words)

    def composed(word: str) -> np.ndarray | None:
        word = word if has_capitals else word.lower()
        if not word or not keyed.bucket:
            return None
        vector = np.asarray(keyed.get_vector(word), np.float32)
        return vector if vector.any() else None  # no n-gram is short enough

    vectors = np.asarray(keyed.vectors, np.float32)[rows]
    return [all_words[i] for i in rows], vectors, composed


def _loader() -> Any:
    try:
        from gensim.models.fasttext import load_facebook_vectors
    except ImportError:
        raise UserError(
            'Expected the package gensim, which reads models of fastText: pip install "kerasrnn['
            'fasttext]"; the .vec file beside a model needs none. Received: it is not installed'
        ) from None
    return load_facebook_vectors
