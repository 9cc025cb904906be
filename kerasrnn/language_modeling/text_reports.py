"""Reports of a model on a text: perplexity, and what it was taken over."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence

import numpy as np

from kerasrnn.checks import UserError, check_sentences
from kerasrnn.language_modeling.mixing.log_prob_streams import token_stream
from kerasrnn.language_modeling.next_token_model import NextTokenModel, token_lists
from kerasrnn.language_modeling.uniform import open_size
from kerasrnn.vocabulary import Vocabulary

__all__ = ["TextReport", "rank", "sentence_log_probs", "stream_report", "text_report"]


@dataclasses.dataclass(frozen=True)
class TextReport:
    """The perplexity of a text, and what it was taken over.

    Attributes:
        perplexity: exp(-log_prob / tokens); infinite where a token is impossible.
        bits_per_token: The base-2 logarithm of the perplexity.
        bits_per_character: Where each token of the vocabulary is one character, all bits, those of
            the ends of sentences too, by the number of characters; `None` for words.
        log_prob: Natural logarithm of the probability of the whole text.
        tokens: What was scored: the words and the end of each sentence.
        words: The tokens without the ends of sentences.
        sentences: Number of sentences.
        impossible_sentences: Number of sentences of probability 0.
        unknown_words: Number of words that the vocabulary lacks.
        out_of_vocabulary: The out-of-vocabulary rate, their fraction of the words.
        vocabulary: The vocabulary policy in words.
    """

    perplexity: float
    bits_per_token: float
    bits_per_character: float | None
    log_prob: float
    tokens: int
    words: int
    sentences: int
    impossible_sentences: int
    unknown_words: int
    out_of_vocabulary: float
    vocabulary: str

    def __str__(self) -> str:
        each = self.bits_per_character
        characters = "" if each is None else f", {each:.4f} per character"
        impossible = f", {self.impossible_sentences:,} of them impossible"
        return (
            f"perplexity {self.perplexity:.3f} ({self.bits_per_token:.4f} bits per token"
            f"{characters}) over "
            f"{self.tokens:,} tokens of {self.sentences:,} sentences"
            f"{impossible * bool(self.impossible_sentences)}; {self.unknown_words:,} of "
            f"{self.words:,} words unknown ({self.out_of_vocabulary:.2%}); {self.vocabulary}"
        )

    @classmethod
    def of(
        cls,
        log_prob: float,
        vocabulary: Vocabulary,
        *,
        words: int,
        sentences: int,
        unknown_words: int,
        impossible_sentences: int = 0,
    ) -> TextReport:
        """Makes the report of what was counted: the one definition of each figure.

        Args:
            log_prob: Natural logarithm of the probability of the whole text, its ends included.
            vocabulary: That of the model.
            words: Tokens without the ends of sentences.
            sentences: Number of sentences.
            unknown_words: Words that the vocabulary lacks.
            impossible_sentences: Sentences of probability 0.
        """
        tokens, bits = words + sentences, -log_prob / math.log(2)
        characters = bool(vocabulary.tokens) and all(len(each) == 1 for each in vocabulary.tokens)
        with np.errstate(over="ignore"):
            perplexity = float(np.exp(np.float64(_ratio(-log_prob, tokens))))
        return cls(
            perplexity=perplexity,
            bits_per_token=_ratio(bits, tokens),
            bits_per_character=_ratio(bits, words) if characters else None,
            log_prob=log_prob,
            tokens=tokens,
            words=words,
            sentences=sentences,
            impossible_sentences=impossible_sentences,
            unknown_words=unknown_words,
            out_of_vocabulary=_ratio(unknown_words, words),
            vocabulary=(
                f"open vocabulary of {open_size(vocabulary):,} tokens: "
                f"{len(vocabulary.tokens):,} known ones, the unknown token, which stands for all "
                "others, and the end of a sentence"
            ),
        )


def _ratio(numerator: float, denominator: int) -> float:
    return float(numerator / denominator) if denominator else math.nan


def text_report(model: NextTokenModel, sentences: Iterable[str | Sequence[str]]) -> TextReport:
    """Scores a text and reports its perplexity.

    Args:
        model: A model of the contract.
        sentences: The sentences, in their order.

    Returns:
        A `TextReport`.

    Raises:
        ValueError: For a text without sentences, or of unknown words only: a model that knows no
            word of a text says nothing about it.

    Example:

    >>> from kerasrnn.language_modeling import UniformModel
    >>> from kerasrnn.vocabulary import Vocabulary
    >>> print(text_report(UniformModel(Vocabulary(["the", "cat"])), ["the dog", "the cat"]))
    perplexity 4.000 (2.0000 bits per token) over 6 tokens of 2 sentences; 1 of 4 words unknown \
(25.00%); open vocabulary of 4 tokens: 2 known ones, the unknown token, which stands for all \
others, and the end of a sentence
    """
    sentences = list(token_lists(sentences))
    _check(sentences, model.vocabulary)
    return stream_report(token_stream(model, sentences), sentences, model.vocabulary)


def stream_report(
    stream: np.ndarray, sentences: Iterable[str | Sequence[str]], vocabulary: Vocabulary
) -> TextReport:
    """Reports the perplexity of a text that was scored before.

    Args:
        stream: `(N,)` float64, what `token_stream` or `mix_streams` gave for the text.
        sentences: The text.
        vocabulary: The `Vocabulary` of the model.

    Returns:
        A `TextReport`.

    Raises:
        ValueError: As `text_report`, and for a stream that is not as long as the text.
    """
    sentences = list(token_lists(sentences))
    unknown = _check(sentences, vocabulary)
    lengths = [len(sentence) + 1 for sentence in sentences]
    stream = np.asarray(stream, "float64")
    if stream.shape != (sum(lengths),):
        raise UserError(
            f"Expected a log-probability for each of {sum(lengths):,} tokens. "
            f"Received: shape {stream.shape}"
        )
    impossible = np.add.reduceat(np.isneginf(stream), np.cumsum([0, *lengths[:-1]])) > 0
    return TextReport.of(
        float(stream.sum()),
        vocabulary,
        words=len(stream) - len(sentences),
        sentences=len(sentences),
        unknown_words=unknown,
        impossible_sentences=int(impossible.sum()),
    )


def sentence_log_probs(
    model: NextTokenModel, sentences: Iterable[str | Sequence[str]]
) -> np.ndarray:
    """Gives the log-probability of each sentence of a text, its end included.

    Args:
        model: A model of the contract.
        sentences: N sentences, in their order.

    Returns:
        `(N,)` float64, natural logarithms.
    """
    scores = model.token_log_probs(sentences)
    return np.array([score.sum() for score in scores], "float64")


def rank(
    model: NextTokenModel,
    candidates: Iterable[str | Sequence[str]],
    before: Iterable[str | Sequence[str]] = (),
    per_token: bool = False,
) -> list[tuple[str | Sequence[str], float]]:
    """Orders candidate sentences by their probability.

    Args:
        model: A model of the contract.
        candidates: Sentences, each of which could come next.
        before: The sentences before them, for a model that carries state.
        per_token: Whether to rank by the mean log-probability of a token, which does not favour
            short sentences.

    Returns:
        Each candidate with its natural log-probability, or the mean of its tokens', the best
        first, equal ones in the order in which they came.

    Example:

    >>> from kerasrnn.language_modeling import UniformModel
    >>> from kerasrnn.vocabulary import Vocabulary
    >>> model = UniformModel(Vocabulary(["the", "cat"]))
    >>> [sentence for sentence, _ in rank(model, ["the cat", "cat"])]
    ['cat', 'the cat']
    """
    candidates = list(check_sentences("candidates", candidates))
    with model.session() as session:
        for sentence in check_sentences("before", before):
            session.accept(sentence)
        scores = session.score(candidates)
    values = [float(score.mean() if per_token else score.sum()) for score in scores]
    return sorted(zip(candidates, values, strict=True), key=lambda pair: -pair[1])


def _check(sentences: Sequence[Sequence[str]], vocabulary: Vocabulary) -> int:
    """Returns the number of unknown words of a text that says something about a model."""
    if not sentences:
        raise UserError("Expected a text of at least one sentence. Received: an empty one")
    words = sum(map(len, sentences))
    unknown = sum(token not in vocabulary for sentence in sentences for token in sentence)
    if words and unknown == words:
        first = next(token for sentence in sentences for token in sentence)
        raise UserError(
            f"Expected a text with words of the vocabulary. Received: {words:,} unknown words "
            f"and no other, the first of which is {first!r}"
        )
    return unknown
