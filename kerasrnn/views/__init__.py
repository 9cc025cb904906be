"""Other models over the layers of a model: one step with the states as inputs and outputs."""

from kerasrnn.views.attention_scores import attention_scores
from kerasrnn.views.step import encode, step

__all__ = ["attention_scores", "encode", "step"]
