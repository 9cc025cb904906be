"""Tasks: a model with its vocabularies and options, from raw input to raw output.

Public names are resolved on first use, so that the registry answers before Keras is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasrnn.lazy_names import resolver

if TYPE_CHECKING:  # Editors and type checkers do not run `__getattr__`.
    from kerasrnn.tasks.answering import Answer, Answering
    from kerasrnn.tasks.caption.task import Caption, Captioner
    from kerasrnn.tasks.classify.image_task import ImageClassifier
    from kerasrnn.tasks.classify.multi_label_task import LabelSet, MultiLabelClassifier
    from kerasrnn.tasks.classify.task import Classifier
    from kerasrnn.tasks.classify.text_classifier import Classification
    from kerasrnn.tasks.classify.vector_task import VectorClassifier
    from kerasrnn.tasks.compare.task import PairClassifier
    from kerasrnn.tasks.forecast.series_task import SeriesForecaster
    from kerasrnn.tasks.forecast.task import Forecaster
    from kerasrnn.tasks.frames.step_labeler import FrameLabels
    from kerasrnn.tasks.frames.task import FrameLabeler
    from kerasrnn.tasks.frames.vector_labeler import VectorLabeler
    from kerasrnn.tasks.job import Job
    from kerasrnn.tasks.language_model.next_token_models import (
        over_one_vocabulary,
        read_next_token_models,
        read_tokens,
    )
    from kerasrnn.tasks.language_model.task import LanguageModel
    from kerasrnn.tasks.loading import load
    from kerasrnn.tasks.registry import MainFigure, TaskParts, register, registered
    from kerasrnn.tasks.regress.task import Regressor
    from kerasrnn.tasks.regress.vector_regressor import VectorRegressor
    from kerasrnn.tasks.runs.run_list import find_runs
    from kerasrnn.tasks.runs.run_record import Run, read_run
    from kerasrnn.tasks.scored_rows import scored_part
    from kerasrnn.tasks.start import train
    from kerasrnn.tasks.tag.task import Entity, Tagger, Tagging
    from kerasrnn.tasks.task import Task
    from kerasrnn.tasks.translate.task import Translation, Translator
    from kerasrnn.tasks.word_vectors.task import WordEmbedder

# Public name → the module that has it.
_PUBLIC = {
    "Answer": "answering",
    "Answering": "answering",
    "Caption": "caption.task",
    "Captioner": "caption.task",
    "Classification": "classify.text_classifier",
    "Classifier": "classify.task",
    "Entity": "tag.task",
    "Forecaster": "forecast.task",
    "SeriesForecaster": "forecast.series_task",
    "FrameLabeler": "frames.task",
    "FrameLabels": "frames.step_labeler",
    "ImageClassifier": "classify.image_task",
    "Job": "job",
    "LabelSet": "classify.multi_label_task",
    "LanguageModel": "language_model.task",
    "MainFigure": "registry",
    "MultiLabelClassifier": "classify.multi_label_task",
    "PairClassifier": "compare.task",
    "Regressor": "regress.task",
    "Run": "runs.run_record",
    "TaskParts": "registry",
    "Tagger": "tag.task",
    "Tagging": "tag.task",
    "Task": "task",
    "Translation": "translate.task",
    "Translator": "translate.task",
    "VectorClassifier": "classify.vector_task",
    "VectorLabeler": "frames.vector_labeler",
    "VectorRegressor": "regress.vector_regressor",
    "WordEmbedder": "word_vectors.task",
    "find_runs": "runs.run_list",
    "load": "loading",
    "over_one_vocabulary": "language_model.next_token_models",
    "read_next_token_models": "language_model.next_token_models",
    "read_run": "runs.run_record",
    "read_tokens": "language_model.next_token_models",
    "register": "registry",
    "registered": "registry",
    "scored_part": "scored_rows",
    "train": "start",
}

__all__ = [
    "Answer",
    "Answering",
    "Caption",
    "Captioner",
    "Classification",
    "Classifier",
    "Entity",
    "Forecaster",
    "FrameLabeler",
    "FrameLabels",
    "ImageClassifier",
    "Job",
    "LabelSet",
    "LanguageModel",
    "MainFigure",
    "MultiLabelClassifier",
    "PairClassifier",
    "Regressor",
    "SeriesForecaster",
    "Run",
    "TaskParts",
    "Tagger",
    "Tagging",
    "Task",
    "Translation",
    "Translator",
    "VectorClassifier",
    "VectorLabeler",
    "VectorRegressor",
    "WordEmbedder",
    "find_runs",
    "load",
    "over_one_vocabulary",
    "read_next_token_models",
    "read_run",
    "read_tokens",
    "register",
    "registered",
    "scored_part",
    "train",
]


if not TYPE_CHECKING:  # or any name would count as a public one
    __getattr__ = resolver(
        __name__, {name: f"{__name__}.{place}" for name, place in _PUBLIC.items()}
    )


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
