"""Losses of models whose normaliser is part of the work, and of smoothed labels."""

from kerasrnn.losses.crf import CRF
from kerasrnn.losses.negative_log_probability import NegativeLogProbability
from kerasrnn.losses.smoothed_cross_entropy import SmoothedCrossEntropy

__all__ = ["CRF", "NegativeLogProbability", "SmoothedCrossEntropy"]
