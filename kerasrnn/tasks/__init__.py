"""Tasks: a model with its vocabularies and options, from raw input to raw output.

Public names are resolved on first use, so that the registry answers before Keras is loaded.
"""

import importlib

# Public name → the module that has it.
_PUBLIC = {
    "Answer": "answering",
    "Answering": "answering",
    "Caption": "caption.task",
    "Captioner": "caption.task",
    "Classification": "classify.task",
    "Classifier": "classify.task",
    "Entity": "tag.task",
    "Forecaster": "forecast.task",
    "FrameLabeler": "frames.task",
    "FrameLabels": "frames.task",
    "ImageClassifier": "classify.image_task",
    "Job": "job",
    "LanguageModel": "language_model.task",
    "Room": "registry",
    "Tagger": "tag.task",
    "Tagging": "tag.task",
    "Task": "task",
    "Translation": "translate.task",
    "Translator": "translate.task",
    "load": "loading",
    "over_one_vocabulary": "language_model.next_token_models",
    "read_next_token_models": "language_model.next_token_models",
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
    "LanguageModel",
    "Room",
    "Tagger",
    "Tagging",
    "Task",
    "Translation",
    "Translator",
    "load",
    "over_one_vocabulary",
    "read_next_token_models",
    "read_tokens",
    "register",
    "registered",
    "scored_part",
    "train",
]


def __getattr__(name):
    if name not in _PUBLIC:
        raise AttributeError(f"module 'kerasrnn.tasks' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"kerasrnn.tasks.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])
