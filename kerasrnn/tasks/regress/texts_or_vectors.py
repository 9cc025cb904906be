"""What numbers are about: texts, or sequences of vectors."""

from __future__ import annotations

from kerasrnn.datasets import has_vectors
from kerasrnn.options import Regress
from kerasrnn.tasks.regress.job import RegressionJob
from kerasrnn.tasks.regress.number_job import NumberJob
from kerasrnn.tasks.regress.vector_regression_job import VectorRegressionJob

__all__ = ["regression_job"]


def regression_job(options: Regress) -> NumberJob:
    """Makes the job of `kerasrnn train regress`, after a look at what there is to answer.

    Args:
        options: The options of the training.

    Returns:
        A `VectorRegressionJob` for sequences of vectors, which are arrays or a table whose ids are
        named, otherwise a `RegressionJob`.

    Raises:
        ValueError: For a file that is not there.
    """
    vectors = has_vectors(options.data, options.features)
    return (VectorRegressionJob if vectors else RegressionJob)(options)
