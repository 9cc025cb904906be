"""Layers that recurrent models need beside Keras' own."""

from kerasrnn.layers.attention import Attention
from kerasrnn.layers.cells import CELLS
from kerasrnn.layers.recurrent_stack import RecurrentStack

__all__ = ["CELLS", "Attention", "RecurrentStack"]
