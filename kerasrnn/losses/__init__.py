"""Losses that share their work with metrics, whose normaliser is the work, of smoothed labels, of
several labels with weights, of quantiles."""

from kerasrnn.losses.crf import CRF
from kerasrnn.losses.cross_entropy import CrossEntropy
from kerasrnn.losses.negative_log_probability import NegativeLogProbability
from kerasrnn.losses.negative_sampling import NegativeSampling
from kerasrnn.losses.pinball import Pinball
from kerasrnn.losses.smoothed_cross_entropy import SmoothedCrossEntropy
from kerasrnn.losses.weighed_labels import WeighedLabels

__all__ = [
    "CRF",
    "CrossEntropy",
    "NegativeLogProbability",
    "NegativeSampling",
    "Pinball",
    "SmoothedCrossEntropy",
    "WeighedLabels",
]
