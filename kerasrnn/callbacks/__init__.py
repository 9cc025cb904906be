"""Callbacks: the learning-rate rule of the RNNLM paper, averages, and the states of a stream."""

from kerasrnn.callbacks.average_weights import AverageWeights
from kerasrnn.callbacks.learning_rate_halving import LearningRateHalving
from kerasrnn.callbacks.reset_states import ResetStates

__all__ = ["AverageWeights", "LearningRateHalving", "ResetStates"]
