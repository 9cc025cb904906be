"""The hypotheses of a recogniser, rescored by a language model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.language_modeling.next_token_model import NextTokenModel, tokens_of
from kerasrnn.language_modeling.rescoring.hypotheses import NBestList
from kerasrnn.language_modeling.rescoring.word_errors import word_errors

__all__ = [
    "RescoringWeights",
    "first_best",
    "hypothesis_errors",
    "oracle",
    "reorder",
    "rescore",
    "score_nbest",
    "total_scores",
]


@dataclasses.dataclass(frozen=True)
class RescoringWeights:
    """How much each score of a hypothesis counts.

    The total is `acoustic_scale` x acoustic score + `lm_weight` x log-probability of the language
    model + `word_insertion_penalty` x number of words + `first_pass_weight` x score of the
    recogniser's own language model. A penalty below 0 makes for fewer words.

    Attributes:
        acoustic_scale: Weight of the acoustic score.
        lm_weight: Weight of the language model that rescores.
        word_insertion_penalty: What is added for each word.
        first_pass_weight: Weight of the language score that the list came with.
    """

    acoustic_scale: float = 1.0
    lm_weight: float = 1.0
    word_insertion_penalty: float = 0.0
    first_pass_weight: float = 0.0


def rescore(
    lists: Sequence[NBestList], model: NextTokenModel, weights: RescoringWeights
) -> list[NBestList]:
    """Orders each list anew, the best hypothesis first.

    Args:
        lists: The lists, in the order of the utterances where the model carries state.
        model: A model of the contract. One that carries state, or adapts, goes on from the
            answers that it chose itself, and scores all hypotheses of an utterance alike.
        weights: The weights of the scores; `tune_rescoring` finds the best for a development list.

    Returns:
        The lists with their hypotheses in the new order; equal ones stay in the old one.

    Example:

    >>> from kerasrnn.language_modeling import Hypothesis, UniformModel
    >>> from kerasrnn.vocabulary import Vocabulary
    >>> heard = NBestList("1", (Hypothesis(("the", "cat")), Hypothesis(("cat",))))
    >>> (answer,) = rescore([heard], UniformModel(Vocabulary(["cat"])), RescoringWeights())
    >>> answer.first_best
    ('cat',)
    """
    return reorder(lists, score_nbest(model, lists, weights), weights)


def score_nbest(
    model: NextTokenModel,
    lists: Sequence[NBestList],
    weights: RescoringWeights | None = None,
) -> list[list[np.ndarray]]:
    """Scores the tokens of all hypotheses, once for whatever is done with them.

    The scores of several models can be mixed by `mix_streams`, hypothesis by hypothesis, where
    none of them carries state.

    Args:
        model: A model of the contract.
        lists: The lists.
        weights: By which a model that carries state chooses the answers it goes on from; those of
            `RescoringWeights()` by default. Other models need none.

    Returns:
        For each hypothesis of n words of each list `(n + 1,)` float64, as `token_log_probs`.
    """
    if not model.carries_state:
        scores = iter(model.token_log_probs([h.words for each in lists for h in each.hypotheses]))
        return [[next(scores) for _ in each.hypotheses] for each in lists]
    weights, found = RescoringWeights() if weights is None else weights, []
    with model.session() as session:
        for each in lists:
            found.append(session.score([hypothesis.words for hypothesis in each.hypotheses]))
            best = int(total_scores(each, found[-1], weights).argmax())
            session.accept(each.hypotheses[best].words)
    return found


def reorder(
    lists: Sequence[NBestList],
    scores: Sequence[Sequence[np.ndarray]],
    weights: RescoringWeights,
) -> list[NBestList]:
    """Orders the hypotheses of lists by scores that are there already.

    Args:
        lists: The lists.
        scores: What `score_nbest` gave for them, or the log-probability of each hypothesis.
        weights: The weights of the scores.

    Returns:
        The lists in the new order, as `rescore`.
    """
    found = []
    for each, values in zip(lists, scores, strict=True):
        order = np.argsort(-total_scores(each, values, weights), kind="stable")
        found.append(NBestList(each.utterance, tuple(each.hypotheses[i] for i in order)))
    return found


def total_scores(
    nbest: NBestList, scores: Sequence[np.ndarray], weights: RescoringWeights
) -> np.ndarray:
    """Adds the weighted scores of the hypotheses of a list.

    Args:
        nbest: A list of n hypotheses.
        scores: The language model's scores of their tokens, or the sum of each.
        weights: The weights of the scores. A score of weight 0 does not count, even if infinite.

    Returns:
        `(n,)` float64.
    """
    values = [
        (weights.acoustic_scale, [each.acoustic for each in nbest.hypotheses]),
        (weights.lm_weight, [np.sum(each) for each in scores]),
        (weights.word_insertion_penalty, [len(each.words) for each in nbest.hypotheses]),
        (weights.first_pass_weight, [each.language for each in nbest.hypotheses]),
    ]
    total = np.zeros(len(nbest.hypotheses))
    for weight, column in values:
        if weight:
            total = total + weight * np.asarray(column, "float64")
    return total


def first_best(lists: Sequence[NBestList]) -> dict[str, tuple[str, ...]]:
    """Returns the words of the first hypothesis of each utterance."""
    return {each.utterance: each.first_best for each in lists}


def oracle(
    lists: Sequence[NBestList], references: Mapping[str, str | Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Returns for each utterance the hypothesis with the fewest errors, the first of equal ones.

    No rescoring can do better: it is the bound for all.

    Args:
        lists: The lists.
        references: What was said, by utterance.
    """
    errors = hypothesis_errors(lists, references)
    return {
        each.utterance: each.hypotheses[int(wrong.argmin())].words
        for each, wrong in zip(lists, errors, strict=True)
    }


def hypothesis_errors(
    lists: Sequence[NBestList], references: Mapping[str, str | Sequence[str]]
) -> list[np.ndarray]:
    """Counts the word errors of all hypotheses.

    Args:
        lists: The lists.
        references: What was said, by utterance.

    Returns:
        For each list of n hypotheses `(n,)` int64.

    Raises:
        ValueError: For an utterance without a reference, and as `word_errors`.
    """
    missing = [each.utterance for each in lists if each.utterance not in references]
    if missing:
        raise UserError(
            f"Expected a reference for each of {len(lists)} utterances. "
            f"Received: none for {missing[0]!r} and {len(missing) - 1} others"
        )
    said = [tokens_of(references[each.utterance]) for each in lists for _ in each.hypotheses]
    found = word_errors(said, [h.words for each in lists for h in each.hypotheses]).errors
    return np.split(found, np.cumsum([len(each.hypotheses) for each in lists])[:-1])
