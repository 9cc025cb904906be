"""Recurrent sequence models on Keras 3: factories, data, training, decoding, serving.

Public names are resolved on first use, so that `import kerasrnn` alone loads neither
tensorflow-datasets nor matplotlib, nor TensorFlow where Keras runs on another backend.

`keras.models.load_model` knows the layers, losses, metrics and optimizers of saved models as soon
as `kerasrnn` was imported after `keras`, or any of its public names was used, or `kerasrnn.layers`
was imported.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from kerasrnn.lazy_names import resolver

if TYPE_CHECKING:  # Editors and type checkers do not run `__getattr__`.
    from kerasrnn import (
        callbacks,
        datasets,
        decoding,
        distribute,
        embeddings,
        export,
        language_modeling,
        layers,
        losses,
        metrics,
        models,
        optimizers,
        options,
        plotting,
        tasks,
        text,
        views,
        vocabulary,
    )
    from kerasrnn.layers import Attention
    from kerasrnn.models import (
        cbow,
        encoder_decoder,
        fixed_window_language_model,
        language_model,
        many_to_many,
        many_to_one,
        one_to_many,
        one_to_one,
        siamese,
    )
    from kerasrnn.tasks import (
        Caption,
        Captioner,
        Classification,
        Classifier,
        Forecaster,
        FrameLabeler,
        FrameLabels,
        ImageClassifier,
        LanguageModel,
        MultiLabelClassifier,
        PairClassifier,
        Regressor,
        SeriesForecaster,
        Tagger,
        Tagging,
        Task,
        Translation,
        Translator,
        VectorClassifier,
        VectorLabeler,
        VectorRegressor,
        WordEmbedder,
        load,
        train,
    )
    from kerasrnn.text import Tokenizer
    from kerasrnn.vocabulary import Vocabulary

__version__ = "0.1.0"

# Public name → the module that has it; a module stands for itself.
_PUBLIC = {
    "Attention": "kerasrnn.layers",
    "Caption": "kerasrnn.tasks",
    "Captioner": "kerasrnn.tasks",
    "Classification": "kerasrnn.tasks",
    "Classifier": "kerasrnn.tasks",
    "Forecaster": "kerasrnn.tasks",
    "FrameLabeler": "kerasrnn.tasks",
    "FrameLabels": "kerasrnn.tasks",
    "ImageClassifier": "kerasrnn.tasks",
    "LanguageModel": "kerasrnn.tasks",
    "MultiLabelClassifier": "kerasrnn.tasks",
    "PairClassifier": "kerasrnn.tasks",
    "Regressor": "kerasrnn.tasks",
    "SeriesForecaster": "kerasrnn.tasks",
    "Tagger": "kerasrnn.tasks",
    "Tagging": "kerasrnn.tasks",
    "Task": "kerasrnn.tasks",
    "Tokenizer": "kerasrnn.text",
    "Translation": "kerasrnn.tasks",
    "Translator": "kerasrnn.tasks",
    "VectorClassifier": "kerasrnn.tasks",
    "VectorLabeler": "kerasrnn.tasks",
    "VectorRegressor": "kerasrnn.tasks",
    "Vocabulary": "kerasrnn.vocabulary",
    "WordEmbedder": "kerasrnn.tasks",
    "callbacks": "kerasrnn.callbacks",
    "cbow": "kerasrnn.models",
    "datasets": "kerasrnn.datasets",
    "decoding": "kerasrnn.decoding",
    "distribute": "kerasrnn.distribute",
    "embeddings": "kerasrnn.embeddings",
    "encoder_decoder": "kerasrnn.models",
    "export": "kerasrnn.export",
    "fixed_window_language_model": "kerasrnn.models",
    "language_model": "kerasrnn.models",
    "language_modeling": "kerasrnn.language_modeling",
    "layers": "kerasrnn.layers",
    "load": "kerasrnn.tasks",
    "losses": "kerasrnn.losses",
    "many_to_many": "kerasrnn.models",
    "many_to_one": "kerasrnn.models",
    "metrics": "kerasrnn.metrics",
    "models": "kerasrnn.models",
    "one_to_many": "kerasrnn.models",
    "one_to_one": "kerasrnn.models",
    "optimizers": "kerasrnn.optimizers",
    "options": "kerasrnn.options",
    "plotting": "kerasrnn.plotting",
    "siamese": "kerasrnn.models",
    "tasks": "kerasrnn.tasks",
    "text": "kerasrnn.text",
    "train": "kerasrnn.tasks",
    "views": "kerasrnn.views",
    "vocabulary": "kerasrnn.vocabulary",
}

__all__ = [
    "Attention",
    "Caption",
    "Captioner",
    "Classification",
    "Classifier",
    "Forecaster",
    "FrameLabeler",
    "FrameLabels",
    "ImageClassifier",
    "LanguageModel",
    "MultiLabelClassifier",
    "PairClassifier",
    "Regressor",
    "SeriesForecaster",
    "Tagger",
    "Tagging",
    "Task",
    "Tokenizer",
    "Translation",
    "Translator",
    "VectorClassifier",
    "VectorLabeler",
    "VectorRegressor",
    "Vocabulary",
    "WordEmbedder",
    "callbacks",
    "cbow",
    "datasets",
    "decoding",
    "distribute",
    "embeddings",
    "encoder_decoder",
    "export",
    "fixed_window_language_model",
    "language_model",
    "language_modeling",
    "layers",
    "load",
    "losses",
    "many_to_many",
    "many_to_one",
    "metrics",
    "models",
    "one_to_many",
    "one_to_one",
    "optimizers",
    "options",
    "plotting",
    "siamese",
    "tasks",
    "text",
    "train",
    "views",
    "vocabulary",
]


def _register() -> None:
    """Makes known to Keras what saved models need, where Keras is loaded anyway."""
    if sys.modules.get("keras") is not None:
        importlib.import_module("kerasrnn.layers")


if not TYPE_CHECKING:  # or any name would count as a public one
    __getattr__ = resolver(__name__, _PUBLIC, _register)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


_register()
