"""A class for a text, an image or a sequence of vectors; or several labels for a text."""

from kerasrnn import options
from kerasrnn.tasks.registry import MainFigure, TaskParts, register

__all__ = ["classify"]


def classify() -> TaskParts:
    """Imports what belongs to the task."""
    from kerasrnn.tasks.classify.chosen_job import classification_job
    from kerasrnn.tasks.classify.image_task import ImageClassifier
    from kerasrnn.tasks.classify.multi_label_task import MultiLabelClassifier
    from kerasrnn.tasks.classify.task import Classifier
    from kerasrnn.tasks.classify.vector_task import VectorClassifier

    return TaskParts(
        (Classifier, ImageClassifier, MultiLabelClassifier, VectorClassifier), classification_job
    )


register(
    options.Classify,
    classify,
    saved_as=("classify", "classify-images", "classify-labels", "classify-vectors"),
    figures=(MainFigure("accuracy"), MainFigure("micro_f1")),
)
