"""Data: the embedded sets, tensorflow-datasets names and files, and the way into batches.

Importing this package registers the embedded data sets with tensorflow-datasets.
"""

from kerasrnn.datasets import dates  # noqa: F401 (registers kerasrnn_dates)
from kerasrnn.datasets.pairs import longest_target, pair_batches, pair_epochs, train_tokenizers
from kerasrnn.datasets.sources import EMBEDDED, text_pairs
from kerasrnn.datasets.validate import validate

__all__ = [
    "EMBEDDED",
    "longest_target",
    "pair_batches",
    "pair_epochs",
    "text_pairs",
    "train_tokenizers",
    "validate",
]
