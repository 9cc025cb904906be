"""Callbacks: two rules that halve the learning rate, averages, and the states of a stream."""

from kerasrnn.callbacks.average_weights import AverageWeights
from kerasrnn.callbacks.learning_rate_halving import LearningRateHalving
from kerasrnn.callbacks.plateau_halving import PlateauHalving
from kerasrnn.callbacks.reset_states import ResetStates

__all__ = ["AverageWeights", "LearningRateHalving", "PlateauHalving", "ResetStates"]
