"""Callbacks for training recurrent models."""

from kerasrnn.callbacks.learning_rate_halving import LearningRateHalving

__all__ = ["LearningRateHalving"]
