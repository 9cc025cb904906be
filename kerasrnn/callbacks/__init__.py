"""Callbacks: the learning-rate rule of the RNNLM paper, and the states of a stream."""

from kerasrnn.callbacks.learning_rate_halving import LearningRateHalving
from kerasrnn.callbacks.reset_states import ResetStates

__all__ = ["LearningRateHalving", "ResetStates"]
