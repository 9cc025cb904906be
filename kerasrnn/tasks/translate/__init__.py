"""Text to text: translation, normalisation, dialogue."""

from kerasrnn import options
from kerasrnn.tasks.registry import Room, register

__all__ = ["translate"]


def translate() -> Room:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.translate.job import TranslationJob
    from kerasrnn.tasks.translate.task import Translator

    return Room((Translator,), TranslationJob)


register(options.Translate, translate)
