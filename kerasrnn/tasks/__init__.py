"""Tasks: a model with its vocabularies and settings, from raw input to raw output."""

from kerasrnn.tasks.task import Task, load
from kerasrnn.tasks.translator import Translation, Translator

__all__ = ["Task", "Translation", "Translator", "load"]
