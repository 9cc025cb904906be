"""Vectors of the words of a text."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["word_vectors"]


def word_vectors() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.word_vectors.job import WordVectorsJob
    from kerasrnn.tasks.word_vectors.task import WordEmbedder

    return TaskParts((WordEmbedder,), WordVectorsJob)


register(
    options.WordVectors,
    word_vectors,
    figures=(MainFigure("pair_loss", lower=True),),
    alike=(
        *("whole_file", "level", "min_count", "max_vocabulary_size", "normalization", "lowercase"),
        *("architecture", "window", "negatives", "subsample"),
    ),
)
