"""Which classification is meant: of texts, images or vectors, by one label or by several."""

from __future__ import annotations

from kerasrnn.datasets import has_images, has_several_labels, has_vectors
from kerasrnn.options import Classify
from kerasrnn.tasks.classify.image_job import ImageClassificationJob
from kerasrnn.tasks.classify.job import ClassificationJob
from kerasrnn.tasks.classify.multi_label_job import MultiLabelJob
from kerasrnn.tasks.classify.vector_job import VectorClassificationJob
from kerasrnn.tasks.job import Job

__all__ = ["classification_job"]


def classification_job(options: Classify) -> Job:
    """Makes the job of `kerasrnn train classify`, after a look at what there is to classify.

    Args:
        options: The options of the training.

    Returns:
        A `VectorClassificationJob` for sequences of vectors, which are arrays or a table whose ids
        are named, an `ImageClassificationJob` for images, a `MultiLabelJob` for texts with several
        labels each, otherwise a `ClassificationJob`.

    Raises:
        ValueError: For an unknown data set, or a file that is not there.
    """
    if has_vectors(options.data, options.features):
        return VectorClassificationJob(options)
    reading = {"features": options.features, "encoding": options.encoding}
    if has_images(options.data, options.data_dir, **reading):
        return ImageClassificationJob(options)
    reading["label_separator"] = options.label_separator
    several = has_several_labels(options.data, options.data_dir, **reading)
    return (MultiLabelJob if several else ClassificationJob)(options)
