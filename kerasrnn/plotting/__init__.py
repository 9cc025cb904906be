"""Pictures of what was learned. Importing this package loads matplotlib."""

from kerasrnn.plotting.attention import attention_heatmaps, can_show
from kerasrnn.plotting.learning_curve import learning_curve
from kerasrnn.plotting.recall import recall_curves

__all__ = ["attention_heatmaps", "can_show", "learning_curve", "recall_curves"]
