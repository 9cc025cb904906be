"""Tasks: a model with its vocabularies and settings, from raw input to raw output."""

from kerasrnn.tasks.answering import Answer, Answering
from kerasrnn.tasks.caption.task import Caption, Captioner
from kerasrnn.tasks.classify.image_task import ImageClassifier
from kerasrnn.tasks.classify.task import Classification, Classifier
from kerasrnn.tasks.forecast.task import Forecaster
from kerasrnn.tasks.frames.task import FrameLabeler, FrameLabels
from kerasrnn.tasks.language_model.next_token_models import (
    over_one_vocabulary,
    read_next_token_models,
    read_tokens,
)
from kerasrnn.tasks.language_model.task import LanguageModel
from kerasrnn.tasks.loading import load
from kerasrnn.tasks.scored_part import scored_part
from kerasrnn.tasks.tag.task import Entity, Tagger, Tagging
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.translate.task import Translation, Translator

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
    "LanguageModel",
    "Tagger",
    "Tagging",
    "Task",
    "Translation",
    "Translator",
    "load",
    "over_one_vocabulary",
    "read_next_token_models",
    "read_tokens",
    "scored_part",
]
