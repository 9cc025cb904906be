"""A user's error stays one wherever it is raised."""

import pytest
import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.text import split


def test_within_a_graph_too():
    texts = tf.data.Dataset.from_tensors(["a b"])
    with pytest.raises(UserError, match="Expected `level`.*'syllable'"):
        texts.map(lambda batch: split(batch, "syllable"))
