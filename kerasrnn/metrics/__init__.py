"""Metrics over tokens: each weighs tokens, not batches, and never counts padding."""

from kerasrnn.metrics.entities import EntityF1, entities, entity_scores
from kerasrnn.metrics.perplexity import BitsPerToken, Perplexity
from kerasrnn.metrics.token_accuracy import SequenceExactMatch, TokenAccuracy

__all__ = [
    "BitsPerToken",
    "EntityF1",
    "Perplexity",
    "SequenceExactMatch",
    "TokenAccuracy",
    "entities",
    "entity_scores",
]
