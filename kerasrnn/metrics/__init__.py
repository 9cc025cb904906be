"""Metrics over tokens: each weighs tokens, not batches, and never counts padding."""

from kerasrnn.metrics.perplexity import Perplexity
from kerasrnn.metrics.token_accuracy import SequenceExactMatch, TokenAccuracy

__all__ = ["Perplexity", "SequenceExactMatch", "TokenAccuracy"]
