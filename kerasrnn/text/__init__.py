"""Raw text to token ids and back, as core TensorFlow string operations."""

from kerasrnn.text.counting import count_tokens
from kerasrnn.text.learn_vocabulary import learn_vocabularies
from kerasrnn.text.levels import LEVELS, SUBWORD, join, split
from kerasrnn.text.normalization import NORMALIZATIONS, lower, normalize, prepare
from kerasrnn.text.scripts import of_many_scripts, script
from kerasrnn.text.tokenizer import Tokenizer

__all__ = [
    "LEVELS",
    "NORMALIZATIONS",
    "SUBWORD",
    "Tokenizer",
    "count_tokens",
    "join",
    "learn_vocabularies",
    "lower",
    "normalize",
    "of_many_scripts",
    "prepare",
    "script",
    "split",
]
