"""Other models over the layers of a model: a step, a stream, attention, gates, one vector,
all log-probabilities, forecasts step by step."""

from kerasrnn.views.attention_scores import attention_scores
from kerasrnn.views.gates import gates
from kerasrnn.views.gradient_norms import gradient_norms
from kerasrnn.views.log_probs import log_probs
from kerasrnn.views.rollout import rollout
from kerasrnn.views.segment import segment
from kerasrnn.views.step import encode, initial_states, step
from kerasrnn.views.stream import stream
from kerasrnn.views.vector import vector

__all__ = [
    "attention_scores",
    "encode",
    "gates",
    "gradient_norms",
    "initial_states",
    "log_probs",
    "rollout",
    "segment",
    "step",
    "stream",
    "vector",
]
