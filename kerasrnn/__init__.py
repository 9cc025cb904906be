"""Recurrent sequence models on Keras 3: factories, data, training, decoding, serving.

Public names are resolved on first use, so that `import kerasrnn` alone loads neither
tensorflow-datasets nor matplotlib, nor TensorFlow where Keras runs on another backend.
"""

import importlib

__version__ = "0.1.0"

# Public name → the module that has it; a module stands for itself.
_PUBLIC = {
    "Task": "kerasrnn.tasks",
    "Tokenizer": "kerasrnn.text",
    "Translation": "kerasrnn.tasks",
    "Translator": "kerasrnn.tasks",
    "Vocabulary": "kerasrnn.vocabulary",
    "callbacks": "kerasrnn.callbacks",
    "datasets": "kerasrnn.datasets",
    "decoding": "kerasrnn.decoding",
    "encoder_decoder": "kerasrnn.models",
    "export": "kerasrnn.export",
    "layers": "kerasrnn.layers",
    "load": "kerasrnn.tasks",
    "metrics": "kerasrnn.metrics",
    "models": "kerasrnn.models",
    "plotting": "kerasrnn.plotting",
    "tasks": "kerasrnn.tasks",
    "text": "kerasrnn.text",
    "views": "kerasrnn.views",
    "vocabulary": "kerasrnn.vocabulary",
}

__all__ = [
    "Task",
    "Tokenizer",
    "Translation",
    "Translator",
    "Vocabulary",
    "callbacks",
    "datasets",
    "decoding",
    "encoder_decoder",
    "export",
    "layers",
    "load",
    "metrics",
    "models",
    "plotting",
    "tasks",
    "text",
    "views",
    "vocabulary",
]


def __getattr__(name):
    if name not in _PUBLIC:
        raise AttributeError(f"module 'kerasrnn' has no attribute {name!r}")
    module = importlib.import_module(_PUBLIC[name])
    value = module if module.__name__ == f"kerasrnn.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])
