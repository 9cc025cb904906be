"""Text to text: translation, normalisation, dialogue."""

from kerasrnn import options
from kerasrnn.tasks.registry import TEXT_FIGURES, TaskParts, register

__all__ = ["translate"]


def translate() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.translate.job import TranslationJob
    from kerasrnn.tasks.translate.task import Translator

    return TaskParts((Translator,), TranslationJob)


register(options.Translate, translate, figures=TEXT_FIGURES)
