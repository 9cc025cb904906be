"""Tasks: a model with its vocabularies and settings, from raw input to raw output."""

from kerasrnn.tasks.answering import Answer, Answering
from kerasrnn.tasks.captioner import Caption, Captioner
from kerasrnn.tasks.classifier import Classification, Classifier
from kerasrnn.tasks.forecaster import Forecaster
from kerasrnn.tasks.frame_labeler import FrameLabeler, FrameLabels
from kerasrnn.tasks.image_classifier import ImageClassifier
from kerasrnn.tasks.language_model import LanguageModel
from kerasrnn.tasks.loading import load
from kerasrnn.tasks.next_token_models import (
    over_one_vocabulary,
    read_next_token_models,
    read_tokens,
)
from kerasrnn.tasks.scored_part import scored_part
from kerasrnn.tasks.tagger import Entity, Tagger, Tagging
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.translator import Translation, Translator

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
