"""Embeddings of a training that start from files of word vectors."""

from __future__ import annotations

from typing import Any

from kerasrnn.callbacks import FreezeEmbeddings
from kerasrnn.checks import UserError
from kerasrnn.embeddings import pretrained_weights, vector_dimensions
from kerasrnn.models.arguments import embedding_layer
from kerasrnn.options import Options
from kerasrnn.options.pretrained_vectors import FrozenVectors
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.vocabulary import Vocabulary

__all__ = ["freezing", "size_of_files", "starting_embedding"]


def size_of_files(options: Any) -> int | None:
    """Returns the one size of the vectors of all files that a training starts from.

    Args:
        options: Those of the training.

    Returns:
        The size; `None` where there are no files, or where those of both sides have two sizes.

    Raises:
        ValueError: Where the option `embedding` says another size, or a file is none of vectors.
    """
    given: Options = options
    if not isinstance(given, FrozenVectors):
        return None
    embedding = options.embedding
    sizes = {path: vector_dimensions(path) for path in given.vector_files().values()}
    for path, size in sizes.items():
        if embedding not in (None, size):
            raise UserError(
                f"Expected `embedding` to be left out or {size}, the size of those in {path}. "
                f"Received: {embedding}"
            )
    distinct = set(sizes.values())
    return distinct.pop() if len(distinct) == 1 else None


def starting_embedding(
    options: Any, vocabulary: Vocabulary, name: str = "token_embedding", *, output: Any = "full"
) -> Any:
    """Returns what a factory takes as `embedding`, and prints how many words have a vector.

    Args:
        options: Those of the training.
        vocabulary: The words.
        name: Name of the embedding in the model.
        output: The output of the model, whose weights may be the token vectors.

    Returns:
        A layer that starts from the file of that name; the option `embedding` where there is none.

    Raises:
        ValueError: As `embeddings.pretrained_weights`.
    """
    given: Options = options
    if not isinstance(given, FrozenVectors) or name not in given.vector_files():
        return options.embedding
    path = given.vector_files()[name]
    weights, coverage = pretrained_weights(path, vocabulary, seed=options.seed)
    print_wrapped(f"{path} has vectors of {coverage}")
    # Of the kind that the output wants, which may have other weights too.
    layer = embedding_layer(weights.shape[1], len(weights), name, output=output)
    layer.build()
    next(each for each in layer.weights if each.name == "embeddings").assign(weights)
    return layer


def freezing(options: Options) -> list[FreezeEmbeddings]:
    """Returns the callback that keeps the vectors as they are at first, if that is asked for.

    Args:
        options: Those of the training.
    """
    if not isinstance(options, FrozenVectors) or not options.freeze_vectors:
        return []
    return [FreezeEmbeddings(options.freeze_vectors, tuple(options.vector_files()))]
