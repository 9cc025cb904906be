"""Losses of models whose normaliser is part of the work."""

from kerasrnn.losses.crf import CRF
from kerasrnn.losses.negative_log_probability import NegativeLogProbability

__all__ = ["CRF", "NegativeLogProbability"]
