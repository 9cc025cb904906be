"""Training on several devices and workers, by the strategies of TensorFlow."""

from kerasrnn.distribute.fitting import evaluate, fit
from kerasrnn.distribute.strategies import Worker, is_chief, meet, scope, this_worker

__all__ = ["Worker", "evaluate", "fit", "is_chief", "meet", "scope", "this_worker"]
