"""Lists of n-grams, in any order and with gaps, as the sorted tables of a model."""

from __future__ import annotations

import dataclasses

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.language_modeling.ngrams.backoff import BackoffModel
from kerasrnn.language_modeling.ngrams.flat_ids import rows_of
from kerasrnn.vocabulary import Vocabulary

__all__ = ["Ngrams", "model_of"]


@dataclasses.dataclass
class Ngrams:
    """The n-grams of one order.

    Attributes:
        ids: `(R, n)` int32.
        log_probs: `(R,)` float64, natural logarithms.
        backoffs: `(R,)` float64, natural logarithms.
        place: Where they come from, with `{}` for the number of a line.
        first: The number of the line of the first one.
    """

    ids: np.ndarray
    log_probs: np.ndarray
    backoffs: np.ndarray
    place: str = "n-gram {}"
    first: int = 1


def model_of(vocabulary: Vocabulary, orders: list[Ngrams]) -> BackoffModel:
    """Makes a model of lists of n-grams.

    Args:
        vocabulary: The `Vocabulary`.
        orders: The `Ngrams` of each order; those of order 1 are all ids, in their order.

    Returns:
        A `BackoffModel`. An n-gram that is missing although a longer one starts with it is added,
        with the probability that backing off gives it.

    Raises:
        ValueError: For an n-gram that is there twice.
    """
    orders, keys, n = list(orders), [], 2
    while n <= len(orders):
        grams = orders[n - 1]
        contexts = _numbers(grams.ids[:, :-1], keys, len(vocabulary))
        missing = np.unique(grams.ids[contexts < 0, :-1], axis=0)
        if len(missing):
            # The order below is made again, and may in its turn lack some of their contexts.
            orders[n - 2] = _with(orders[n - 2], missing)
            n -= 1
            del keys[n - 2 :]
            continue
        wanted = contexts * len(vocabulary) + grams.ids[:, -1]
        order = np.argsort(wanted, kind="stable")
        table = wanted[order]
        _check_distinct(vocabulary, grams, table, order)
        orders[n - 1] = dataclasses.replace(
            grams,
            ids=grams.ids[order],
            log_probs=grams.log_probs[order],
            backoffs=grams.backoffs[order],
        )
        keys.append(table)
        n += 1
    for n in range(2, len(orders)):
        _fill(orders, keys, n, len(vocabulary))
    log_probs, backoffs = ([getattr(each, name) for each in orders] for name in _COLUMNS)
    return BackoffModel(vocabulary, keys, log_probs, backoffs[:-1])


_COLUMNS = ("log_probs", "backoffs")


def _numbers(ids: np.ndarray, keys: list[np.ndarray], size: int) -> np.ndarray:
    """Returns the row of each n-gram, `(R,)` int64, in the table of its order, or −1."""
    found = ids[:, 0].astype("int64")
    for column in range(1, ids.shape[1]):
        found = rows_of(keys[column - 1], np.where(found < 0, -size, found * size) + ids[:, column])
    return found


def _with(grams: Ngrams, missing: np.ndarray) -> Ngrams:
    """Adds n-grams whose probability is still to be found."""
    return dataclasses.replace(
        grams,
        ids=np.concatenate([grams.ids, missing]),
        log_probs=np.append(grams.log_probs, np.full(len(missing), np.nan)),
        backoffs=np.append(grams.backoffs, np.zeros(len(missing))),
    )


def _check_distinct(vocabulary, grams: Ngrams, table: np.ndarray, order: np.ndarray) -> None:
    repeated = np.flatnonzero(table[1:] == table[:-1])
    if len(repeated):
        row = order[repeated + 1].min()
        words = " ".join(map(vocabulary.token_of, grams.ids[row].tolist()))
        place = grams.place.format(grams.first + row)
        raise UserError(f"{place}: expected each n-gram once. Received: {words!r} again")


def _fill(orders: list[Ngrams], keys: list[np.ndarray], n: int, size: int) -> None:
    """Gives the n-grams that were missing what backing off gives: the orders below are whole."""
    grams = orders[n - 1]
    gaps = np.flatnonzero(np.isnan(grams.log_probs))
    ids = grams.ids[gaps]
    scores, found = np.zeros(len(gaps)), np.zeros(len(gaps), bool)
    for start in range(n):
        if start:
            rows = _numbers(ids[:, start:], keys, size)
            new = (rows >= 0) & ~found
            scores[new] += orders[n - start - 1].log_probs[rows[new]]
            found |= new
        if start < n - 1:
            rows = _numbers(ids[:, start:-1], keys, size)
            new = (rows >= 0) & ~found
            scores[new] += orders[n - start - 2].backoffs[rows[new]]
    grams.log_probs[gaps] = scores
