"""A class for a text, or for an image."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["classify"]


def classify() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.classify.image_task import ImageClassifier
    from kerasrnn.tasks.classify.job import classification_job
    from kerasrnn.tasks.classify.task import Classifier

    return TaskParts((Classifier, ImageClassifier), classification_job)


register(
    options.Classify,
    classify,
    saved_as=("classify", "classify-images"),
    figures=(MainFigure("accuracy"),),
)
