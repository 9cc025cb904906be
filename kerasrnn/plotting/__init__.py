"""Pictures of what was learned. Importing this package loads matplotlib."""

from kerasrnn.plotting.attention_heatmap import attention_heatmaps, can_show
from kerasrnn.plotting.confusion_heatmap import confusion_matrix
from kerasrnn.plotting.learning_curve import learning_curve
from kerasrnn.plotting.recall import recall_curves

__all__ = [
    "attention_heatmaps",
    "can_show",
    "confusion_matrix",
    "learning_curve",
    "recall_curves",
]
