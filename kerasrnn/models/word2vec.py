"""Skip-gram and the continuous bag of words, trained by negative sampling."""

from __future__ import annotations

import keras

from kerasrnn.checks import check_integer, check_size
from kerasrnn.layers import DotProducts, SequencePooling
from kerasrnn.models.arguments import check_vocabulary_size
from kerasrnn.models.precision import functional_model

__all__ = ["word2vec"]


def word2vec(
    vocabulary_size: int,
    *,
    window: int | None = None,
    negatives: int = 5,
    embedding: int = 100,
    name: str = "word2vec",
) -> keras.Model:
    """Builds the model that word vectors are learned with, by telling words from drawn ones.

    Skip-gram tells a word's neighbours from drawn words by the vector of the word; the continuous
    bag of words tells the word itself, by the mean of the vectors around it (Mikolov et al. 2013a,
    section 3, with the negative sampling of 2013b, section 2.2). `datasets.WordContexts` makes the
    batches, `losses.NegativeSampling` is the loss. `cbow` has the full softmax.

    Args:
        vocabulary_size: Number of ids V, the reserved ones included.
        window: Number W of words on each side that are averaged; `None` for skip-gram.
        negatives: Number K of drawn words for each right one.
        embedding: Size D of the vectors.
        name: Name of the model.

    Returns:
        An uncompiled `keras.Model` from `context` `(B, 2 * W)` int32, in which 0 stands for no
        word, or `(B, 1)` of skip-gram, and `candidates` `(B, 1 + K)` int32, to the logits
        `(B, 1 + K)` of the candidates. Layers: `token_embedding`, whose weights `(V, D)` are the
        word vectors, uniform in ± 1 / (2 D) at first as in word2vec's program; `pooling`, or
        `reshape` of skip-gram; `candidate_embedding`, zeros at first; `output`.

    Raises:
        ValueError: For a size out of range.

    Example:

    >>> word2vec(11, window=2, negatives=7, embedding=5).output_shape
    (None, 8)
    """
    check_vocabulary_size("vocabulary_size", vocabulary_size)
    check_integer("negatives", negatives)
    check_size("embedding", embedding)
    number = 1 if window is None else 2 * check_size("window", window)
    context = keras.Input((number,), dtype="int32", name="context")
    candidates = keras.Input((1 + negatives,), dtype="int32", name="candidates")
    vectors = keras.layers.Embedding(
        vocabulary_size,
        embedding,
        mask_zero=window is not None,
        embeddings_initializer=keras.initializers.RandomUniform(-0.5 / embedding, 0.5 / embedding),
        name="token_embedding",
    )(context)
    others = keras.layers.Embedding(
        vocabulary_size, embedding, embeddings_initializer="zeros", name="candidate_embedding"
    )(candidates)
    if window is None:
        vector = keras.layers.Reshape((embedding,), name="reshape")(vectors)
    else:
        vector = SequencePooling("mean", name="pooling")(vectors)
    logits = DotProducts(name="output")([vector, others])
    return functional_model([context, candidates], logits, name)
