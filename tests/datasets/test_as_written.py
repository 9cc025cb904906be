"""No function of a data pipeline is translated by AutoGraph, which takes seconds."""

import inspect

import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Vocabulary
from kerasrnn.datasets import pair_examples, tagged_examples, text_examples
from kerasrnn.text.as_written import as_written

WORDS = Tokenizer(Vocabulary("abc"), "word")
PAIRS = tf.data.Dataset.from_tensor_slices((["a b", "c"], ["b", "a c a"]))
SENTENCES = tf.data.Dataset.from_tensor_slices([["a", "b"], ["c", "a"]])
MAKE = {
    "pairs": lambda: pair_examples(PAIRS, WORDS, WORDS),
    "texts": lambda: text_examples(tf.data.Dataset.from_tensor_slices(["a b", "c"]), WORDS, 5),
    "tags": lambda: tagged_examples(
        tf.data.Dataset.zip((SENTENCES, SENTENCES)), WORDS, ("a", "b", "c")
    ),
}


@pytest.fixture
def files(monkeypatch):
    """The files whose functions have called for ids."""
    found = []
    for name in ("encode", "ids_of"):
        method = getattr(Tokenizer, name)

        def noted(self, *args, method=method):
            found.extend(frame.filename for frame in inspect.stack(context=0))
            return method(self, *args)

        monkeypatch.setattr(Tokenizer, name, noted)
    return found


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_encoding_is_as_written(make, files):
    batches = list(make().batches(2))
    assert batches and any(name.endswith("_examples.py") for name in files)
    assert not [name for name in files if "autograph_generated" in name]


def test_what_depends_on_a_tensor_is_refused():
    with pytest.raises(TypeError, match="symbolic"):
        tf.data.Dataset.range(3).map(as_written(lambda x: 1 if x > 1 else 2))
