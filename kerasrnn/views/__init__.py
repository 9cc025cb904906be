"""Other models over the layers of a model: a step, a stream, attention, one vector,
all log-probabilities."""

from kerasrnn.views.attention_scores import attention_scores
from kerasrnn.views.log_probs import log_probs
from kerasrnn.views.segment import segment
from kerasrnn.views.step import encode, initial_states, step
from kerasrnn.views.stream import stream
from kerasrnn.views.vector import vector

__all__ = [
    "attention_scores",
    "encode",
    "initial_states",
    "log_probs",
    "segment",
    "step",
    "stream",
    "vector",
]
