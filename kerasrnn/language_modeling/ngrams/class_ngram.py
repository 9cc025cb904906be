"""The class-based n-gram model: n-grams of classes, and a word given its class."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from kerasrnn.checks import UserError, check_sentences
from kerasrnn.language_modeling.next_token_model import NextTokenModel
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.language_modeling.ngrams.flat_ids import flat_ids, per_sentence
from kerasrnn.language_modeling.ngrams.kneser_ney import kneser_ney
from kerasrnn.language_modeling.ngrams.ngram_counts import NgramCounts, count_ids, encode_text
from kerasrnn.language_modeling.ngrams.word_classes import exchange_classes
from kerasrnn.vocabulary import BEGIN, END, PADDING, RESERVED, UNKNOWN, Vocabulary

__all__ = ["ClassNgramModel", "class_ngram"]

KINDS = ("exchange", "frequency")


class ClassNgramModel(NextTokenModel):
    """P(w | h) = P(c(w) | the classes of h) P(w | c(w)), Brown et al. (1992), section 3.

    Args:
        vocabulary: The `Vocabulary` of V words.
        class_of: The class of each id, `(V,)` ints: an id of the class model's vocabulary. The
            reserved ids are their own classes.
        word_log_probs: `(V,)` float64, the natural log-probability of each id given its class.
        class_model: The `BackoffModel` of classes.

    Raises:
        ValueError: Where a class's probabilities do not sum to 1, or a class is none of the
            model's.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        class_of: Sequence[int] | np.ndarray,
        word_log_probs: Sequence[float] | np.ndarray,
        class_model: BackoffModel,
    ):
        self.vocabulary, self.class_model = vocabulary, class_model
        self.class_of = np.asarray(class_of, "int32")
        self.word_log_probs = np.asarray(word_log_probs, "float64")
        size = len(class_model.vocabulary)
        sums = np.bincount(self.class_of, np.exp(self.word_log_probs), size)
        if len(sums) > size or not np.allclose(sums[1:], 1):
            raise UserError(
                f"Expected words that share each of {size} classes. Received: classes up to "
                f"{self.class_of.max()}, probabilities from {sums[1:].min()} to {sums.max()}"
            )

    def __repr__(self) -> str:
        return f"<ClassNgramModel of {len(self.vocabulary)} ids over {self.class_model!r}>"

    def token_log_probs(self, sentences: Iterable[str | Sequence[str]]) -> list[np.ndarray]:
        """Scores the tokens of sentences, as `NextTokenModel` says."""
        scores = []
        for ids in flat_ids(sentences, self.vocabulary.id_of):
            flat = self.class_model.flat_log_probs(self.class_of[ids]) + self.word_log_probs[ids]
            scores += per_sentence(ids, flat)
        return scores

    def next_log_probs(
        self,
        context: str | Sequence[str] = (),
        before: Iterable[str | Sequence[str]] = (),
    ) -> np.ndarray:
        """Gives the distribution of the next token, as `NextTokenModel` says."""
        (ids,) = flat_ids([context], self.vocabulary.id_of)
        rows = self.class_model.flat_distributions(self.class_of[ids[:-1]], slice(-1, None))
        return rows[0, self.class_of] + self.word_log_probs

    def distributions(self, sentences: Iterable[str | Sequence[str]]) -> Iterator[np.ndarray]:
        """Gives the distribution at each token of sentences, as `NextTokenModel` says."""
        for sentence in check_sentences("sentences", sentences):
            (ids,) = flat_ids([sentence], self.vocabulary.id_of)
            rows = self.class_model.flat_distributions(self.class_of[ids[:-1]])
            yield rows[:, self.class_of] + self.word_log_probs


def class_ngram(
    sentences: Iterable[str | Sequence[str]],
    order: int = 5,
    vocabulary: Vocabulary | None = None,
    num_classes: int = 200,
    classes: str | Sequence[int] = "exchange",
    smoothing: Callable[[NgramCounts], BackoffModel] = kneser_ney,
) -> ClassNgramModel:
    """Estimates an n-gram model over classes of words.

    Args:
        sentences: Sentences, such as the lines of a file; they are read once.
        order: Maximum number of classes of an n-gram.
        vocabulary: The `Vocabulary`; what it lacks counts as the unknown token. `None` builds one
            of all the tokens of the text. What does not occur in the text is in one class with
            the unknown token, and counted once.
        num_classes: The number of classes.
        classes: `"exchange"`, those of `exchange_classes`; `"frequency"`, those of
            `layers.frequency_classes`, words of like frequency (Mikolov et al. 2011); or the
            class of each id, `(V,)` ints, those of the reserved ids being left out of account.
        smoothing: Makes the model of classes from counts, such as `good_turing` or
            `functools.partial(kneser_ney, discounts="single")`.

    Returns:
        A `ClassNgramModel`.

    Raises:
        ValueError: For wrong arguments, or a text without a word of the vocabulary.

    Example:

    >>> lines = ["a cat ran", "the dog ran", "a dog sat", "the cat sat"] * 5
    >>> classes = [-1, -1, -1, -1, 0, 1, 1, 2, 2, 0]  # of a, cat, dog, ran, sat and the
    >>> def smoothing(counts):
    ...     return kneser_ney(counts, discounts=[(0.5, 1, 1.5)] * 2)
    >>> model = class_ngram(lines, order=2, classes=classes, smoothing=smoothing)
    >>> np.exp(model.token_log_probs(["the cat ran"])[0]).round(2)  # which never occurs
    array([0.47, 0.47, 0.47, 0.94])
    """
    ids, vocabulary = encode_text(sentences, vocabulary)
    numbers = np.bincount(ids, minlength=len(vocabulary))
    if isinstance(classes, str):
        given = _classes(classes, ids, numbers, num_classes, vocabulary)
    else:
        given = np.asarray(classes)
    if given.shape != numbers.shape or given.dtype.kind not in "iu":
        raise UserError(
            f"Expected `classes` to be one of {', '.join(KINDS)}, or {len(numbers)} whole "
            f"numbers, one for each id. Received: {given.dtype} of shape {given.shape}"
        )
    class_of = np.full(len(numbers), UNKNOWN, "int32")
    class_of[: len(RESERVED)] = range(len(RESERVED))
    words = np.flatnonzero(numbers[len(RESERVED) :]) + len(RESERVED)
    used, class_of[words] = np.unique(given[words], return_inverse=True)
    class_of[words] += len(RESERVED)
    weights = np.where(class_of == UNKNOWN, numbers + 1.0, numbers)
    weights[[PADDING, BEGIN, END]] = 1
    word_log_probs = np.log(weights / np.bincount(class_of, weights)[class_of])
    class_vocabulary = Vocabulary([str(each) for each in used])
    counts = count_ids(class_of[ids], class_vocabulary, order)
    with warnings.catch_warnings():
        # So few classes are all frequent: fixed discounts are no loss.
        warnings.filterwarnings("ignore", "The text has too little .* of order 1:")
        class_model = smoothing(counts)
    return ClassNgramModel(vocabulary, class_of, word_log_probs, class_model)


def _classes(kind: str, ids, numbers, num_classes: int, vocabulary: Vocabulary) -> np.ndarray:
    """Returns the class of each id, `(V,)` ints."""
    if kind == "exchange":
        return exchange_classes(count_ids(ids, vocabulary, 2), num_classes)
    if kind != "frequency":
        raise UserError(
            f"Expected `classes` to be one of {', '.join(KINDS)}, or the class of each id. "
            f"Received: {kind!r}"
        )
    from kerasrnn.layers.class_softmax import (
        frequency_classes,  # loads Keras, which counting does without
    )

    words = numbers[len(RESERVED) :]
    return np.append(np.full(len(RESERVED), -1), frequency_classes(words, num_classes))
