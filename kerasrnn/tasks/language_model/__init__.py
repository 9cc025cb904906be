"""The next character or word of a text."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["language_model"]


def language_model() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.language_model.job import LanguageModelJob
    from kerasrnn.tasks.language_model.task import LanguageModel

    return TaskParts((LanguageModel,), LanguageModelJob)


register(
    options.LanguageModel,
    language_model,
    figures=(MainFigure("perplexity", lower=True),),
    alike=("whole_file", "level", "min_count", "max_vocabulary_size", "normalization"),
)
