"""Word error rates by jiwer, their confidence intervals, and whether one is better than another."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from kerasrnn.checks import UserError, check_integer, check_number
from kerasrnn.language_modeling.next_token_model import token_lists

__all__ = ["Comparison", "WordErrors", "bootstrap_interval", "compare", "word_errors"]

# Rows of drawn utterances that are in memory at once.
DRAWN_AT_ONCE = 1 << 22


@dataclasses.dataclass(frozen=True, eq=False)
class WordErrors:
    """What is wrong in the answers to N utterances.

    Attributes:
        substitutions: `(N,)` int64, words that are others.
        deletions: `(N,)` int64, words that are missing.
        insertions: `(N,)` int64, words too many.
        words: `(N,)` int64, the words of the references.
    """

    substitutions: np.ndarray
    deletions: np.ndarray
    insertions: np.ndarray
    words: np.ndarray

    @property
    def errors(self) -> np.ndarray:
        """The errors of each utterance, `(N,)` int64: the least edits that make it right."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """The word error rate: all errors over all words of the references."""
        return float(self.errors.sum() / self.words.sum())


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two systems' word error rates on the same utterances.

    Attributes:
        difference: The second one's rate less the first one's; below 0 is an improvement.
        low: Lower bound of the difference.
        high: Upper bound of the difference.
        probability_of_improvement: The fraction of samples in which the second one makes fewer
            errors; an equal number is half an improvement.
    """

    difference: float
    low: float
    high: float
    probability_of_improvement: float


def word_errors(
    references: Sequence[str | Sequence[str]], answers: Sequence[str | Sequence[str]]
) -> WordErrors:
    """Counts the errors of answers.

    Args:
        references: What was said: N texts, of which not all are empty. A string is split at white
            space.
        answers: What was understood: N texts.

    Returns:
        `WordErrors`.

    Raises:
        ValueError: Where jiwer is not installed, for another number of answers than of
            references, and for references without a word.

    Example:

    >>> found = word_errors(["the cat sat", "yes"], ["the cats sat down", ""])
    >>> found.rate, found.errors.tolist()
    (0.75, [2, 1])
    """
    try:
        import jiwer
    except ImportError as error:
        raise UserError(
            "Expected jiwer, which counts word errors: pip install 'kerasrnn[rescoring]'"
        ) from error
    references = list(token_lists(references, "references"))
    answers = list(token_lists(answers, "answers"))
    if len(references) != len(answers):
        raise UserError(
            f"Expected an answer for each of {len(references)} references. "
            f"Received: {len(answers)} answers"
        )
    words = np.array([len(each) for each in references], "int64")
    if not words.sum():
        raise UserError(
            f"Expected references with at least one word. Received: {len(words)} without any"
        )
    # Numbers instead of words, which may hold what jiwer would take for a space.
    numbers: dict[str, str] = {}
    right, found = (
        [" ".join(numbers.setdefault(word, str(len(numbers))) for word in each) for each in texts]
        for texts in (references, answers)
    )
    aligned = jiwer.process_words(right, found).alignments
    substituted, deleted, inserted = (
        np.array(
            [sum(_length(chunk) for chunk in chunks if chunk.type == kind) for chunks in aligned],
            "int64",
        )
        for kind in ("substitute", "delete", "insert")
    )
    return WordErrors(substituted, deleted, inserted, words)


def bootstrap_interval(
    found: WordErrors, confidence: float = 0.95, samples: int = 10_000, seed: int = 1
) -> tuple[float, float]:
    """Estimates between which bounds the word error rate lies.

    Utterances are drawn anew with replacement, as many as there are; the bounds are percentiles
    of the rates of these samples (Bisani and Ney 2004, "Bootstrap estimates for confidence
    intervals in ASR performance evaluation").

    Args:
        found: Errors, by utterance.
        confidence: The fraction of samples within the bounds.
        samples: Number of samples.
        seed: The seed of the drawing.

    Returns:
        The lower and the upper bound.

    Raises:
        ValueError: For a confidence that is not between 0 and 1, or less than one sample.
    """
    rates = _sampled_rates(found.errors, found.words, confidence, samples, seed)
    return _bounds(rates, confidence)


def compare(
    first: WordErrors,
    second: WordErrors,
    confidence: float = 0.95,
    samples: int = 10_000,
    seed: int = 1,
) -> Comparison:
    """Estimates whether the second system makes fewer errors than the first.

    Both are judged on the same drawn utterances, so that what makes an utterance hard for both
    does not hide the difference (Bisani and Ney 2004, section 4).

    Args:
        first: Errors of the first system, by utterance.
        second: Errors of the second one on the same utterances.
        confidence: The fraction of samples within the bounds.
        samples: Number of samples.
        seed: The seed of the drawing.

    Returns:
        A `Comparison`.

    Raises:
        ValueError: As `bootstrap_interval`, and for errors on other utterances.
    """
    if not np.array_equal(first.words, second.words):
        raise UserError(
            "Expected the errors of two systems on the same utterances. "
            f"Received: {len(first.words)} utterances of {first.words.sum()} words and "
            f"{len(second.words)} of {second.words.sum()}"
        )
    change = second.errors - first.errors
    rates = _sampled_rates(change, first.words, confidence, samples, seed)
    low, high = _bounds(rates, confidence)
    improved = float((rates < 0).mean() + (rates == 0).mean() / 2)
    return Comparison(second.rate - first.rate, low, high, improved)


def _sampled_rates(
    counts: np.ndarray, words: np.ndarray, confidence: float, samples: int, seed: int
) -> np.ndarray:
    """Returns the rate of each drawn sample that has a word."""
    check_number("confidence", confidence, below=1, above=True)
    check_integer("samples", samples)
    rng, number = np.random.default_rng(seed), len(words)
    shares, found = np.full(number, 1 / number), []
    at_once = max(1, DRAWN_AT_ONCE // number)
    for done in range(0, samples, at_once):
        drawn = rng.multinomial(number, shares, size=min(at_once, samples - done))
        total = drawn @ words
        found.append((drawn @ counts)[total > 0] / total[total > 0])
    return np.concatenate(found)


def _bounds(rates: np.ndarray, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    low, high = np.quantile(rates, [tail, 1 - tail])
    return float(low), float(high)


def _length(chunk) -> int:
    """Returns the number of words of a piece of an alignment: an insertion has none on the left."""
    return max(chunk.ref_end_idx - chunk.ref_start_idx, chunk.hyp_end_idx - chunk.hyp_start_idx)
