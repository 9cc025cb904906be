"""Raw text to token ids and back, as core TensorFlow string operations."""

from kerasrnn.text.counting import count_tokens
from kerasrnn.text.scripts import of_many_scripts, script
from kerasrnn.text.segmentation import LEVELS, SUBWORD, join, lower, split
from kerasrnn.text.tokenizer import Tokenizer

__all__ = [
    "LEVELS",
    "SUBWORD",
    "Tokenizer",
    "count_tokens",
    "join",
    "lower",
    "of_many_scripts",
    "script",
    "split",
]
