"""Layers that recurrent models need beside Keras' own."""

import importlib

from kerasrnn.layers.adaptive_embedding import AdaptiveEmbedding
from kerasrnn.layers.adaptive_softmax import AdaptiveSoftmax
from kerasrnn.layers.as_float32 import AsFloat32
from kerasrnn.layers.attach_mask import AttachMask
from kerasrnn.layers.attention import Attention
from kerasrnn.layers.bio import bio_constraints
from kerasrnn.layers.cells import CELLS
from kerasrnn.layers.character_features import CharacterFeatures
from kerasrnn.layers.class_softmax import ClassSoftmax
from kerasrnn.layers.crf import CRF
from kerasrnn.layers.elman import Elman, ElmanCell
from kerasrnn.layers.empty_batches import CutToBatch, PadEmptyBatch
from kerasrnn.layers.horizon.non_crossing import NonCrossingQuantiles
from kerasrnn.layers.horizon.patch_queries import PatchQueries
from kerasrnn.layers.horizon.patch_recurrence import PatchRecurrence
from kerasrnn.layers.horizon.split_patches import SplitPatches
from kerasrnn.layers.initial_state import InitialState
from kerasrnn.layers.input_feeding import InputFeedingDecoder
from kerasrnn.layers.left_window import LeftWindow
from kerasrnn.layers.linear.min_gru import MinGRU, MinGRUCell
from kerasrnn.layers.linear.min_lstm import MinLSTM, MinLSTMCell
from kerasrnn.layers.linear.sru import SRU, SRUCell
from kerasrnn.layers.per_frame import PerFrame
from kerasrnn.layers.pooling import AttentionPooling, SequencePooling
from kerasrnn.layers.recurrent_stack import RecurrentStack
from kerasrnn.layers.sampled.dot_products import DotProducts
from kerasrnn.layers.segmented_stack import SegmentedStack
from kerasrnn.layers.stream import Stream

__all__ = [
    "CELLS",
    "CRF",
    "SRU",
    "AdaptiveEmbedding",
    "AdaptiveSoftmax",
    "AsFloat32",
    "AttachMask",
    "Attention",
    "AttentionPooling",
    "CharacterFeatures",
    "ClassSoftmax",
    "CutToBatch",
    "DotProducts",
    "Elman",
    "ElmanCell",
    "InitialState",
    "InputFeedingDecoder",
    "LeftWindow",
    "MinGRU",
    "MinGRUCell",
    "MinLSTM",
    "MinLSTMCell",
    "NonCrossingQuantiles",
    "PadEmptyBatch",
    "PatchQueries",
    "PatchRecurrence",
    "PerFrame",
    "RecurrentStack",
    "SRUCell",
    "SegmentedStack",
    "SequencePooling",
    "SplitPatches",
    "Stream",
    "bio_constraints",
]

# Beside layers a compiled model needs its loss, metrics and optimizer, which Keras finds by their
# names where their modules have been imported.
importlib.import_module("kerasrnn.losses")
importlib.import_module("kerasrnn.metrics")
importlib.import_module("kerasrnn.optimizers")
