"""Callbacks: rules that halve the learning rate, averages, frozen embeddings, streams, saving."""

from kerasrnn.callbacks.average_weights import AverageWeights
from kerasrnn.callbacks.freeze_embeddings import FreezeEmbeddings
from kerasrnn.callbacks.learning_rate_halving import LearningRateHalving
from kerasrnn.callbacks.plateau_halving import PlateauHalving
from kerasrnn.callbacks.reset_states import ResetStates
from kerasrnn.callbacks.save_training import SaveTraining

__all__ = [
    "AverageWeights",
    "FreezeEmbeddings",
    "LearningRateHalving",
    "PlateauHalving",
    "ResetStates",
    "SaveTraining",
]
