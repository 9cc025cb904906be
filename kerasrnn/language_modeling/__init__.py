"""Language models of all kinds under one contract, and what is done with their probabilities."""

import importlib

from kerasrnn.language_modeling.next_token_model import NextTokenModel

# Resolved on first use, so that counted models need no Keras: name → module.
_NEURAL = {
    "ContinuousCacheModel": "continuous_cache",
    "DynamicEvaluation": "dynamic",
    "DynamicModel": "dynamic",
    "NeuralModel": "neural",
}

__all__ = [
    "ContinuousCacheModel",
    "DynamicEvaluation",
    "DynamicModel",
    "NeuralModel",
    "NextTokenModel",
]


def __getattr__(name):
    if name not in _NEURAL:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_NEURAL[name]}")
    globals()[name] = getattr(module, name)
    return globals()[name]
