"""Metrics over tokens: each weighs tokens, not batches, and never counts padding."""

from kerasrnn.metrics.average_precision import average_precision
from kerasrnn.metrics.best_threshold import best_threshold
from kerasrnn.metrics.class_report import class_report, entity_report
from kerasrnn.metrics.confusion import confusion_counts, macro_f1
from kerasrnn.metrics.entities import EntityF1, entities, entity_scores
from kerasrnn.metrics.label_f1 import LabelF1
from kerasrnn.metrics.overlap import text_overlap
from kerasrnn.metrics.pair_loss import PairLoss
from kerasrnn.metrics.perplexity import BitsPerToken, Perplexity
from kerasrnn.metrics.regression import TargetScale
from kerasrnn.metrics.token_accuracy import SequenceExactMatch, TokenAccuracy

__all__ = [
    "BitsPerToken",
    "EntityF1",
    "LabelF1",
    "PairLoss",
    "Perplexity",
    "SequenceExactMatch",
    "TargetScale",
    "TokenAccuracy",
    "average_precision",
    "best_threshold",
    "class_report",
    "confusion_counts",
    "entities",
    "entity_report",
    "entity_scores",
    "macro_f1",
    "text_overlap",
]
