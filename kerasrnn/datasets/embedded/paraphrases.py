"""The data set `kerasrnn_paraphrases`: pairs of sentences that mean the same, or nearly do not."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import tensorflow_datasets as tfds

from kerasrnn.datasets.embedded.grammar import choose, expand
from kerasrnn.datasets.embedded.paraphrase_rules import (
    ADJECTIVES,
    FORMS,
    NEGATED,
    NOUNS,
    PLACES,
    TIMES,
    VERBS,
)

LABELS = ("different", "paraphrase")
SPLITS = {"train": 16_000, "validation": 1_000, "test": 1_000}
# How often an event is said not to have happened, and how often it has a time, and a place.
NOT, TIMED, PLACED = 0.25, 0.6, 0.4
# What is another one in a pair that differs, as often as each of them stands here.
CHANGES = ("roles",) * 8 + ("adjectives",) * 4 + ("negation",) * 3 + ("verb",) * 2
CHANGES += ("noun",) * 2 + ("time",)


class Event(NamedTuple):
    """What a sentence says: numbers of meanings, None for what it does not say."""

    who: tuple[int, int]  # a noun and its adjective
    whom: tuple[int, int]
    verb: int
    negated: bool
    time: int | None
    place: int | None


class Pair(NamedTuple):
    """Two sentences, and whether they mean the same."""

    sentence1: str
    sentence2: str
    label: str


def event(generator: random.Random) -> Event:
    """Makes up what a sentence says.

    Args:
        generator: Where chance comes from.
    """
    who, whom = _two(len(NOUNS), generator)
    first, second = _two(len(ADJECTIVES), generator)
    return Event(
        who=(who, first),
        whom=(whom, second),
        verb=_number(VERBS, generator),
        negated=generator.random() < NOT,
        time=_number(TIMES, generator) if generator.random() < TIMED else None,
        place=_number(PLACES, generator) if generator.random() < PLACED else None,
    )


def changed(before: Event, generator: random.Random) -> Event:
    """Makes an event of the same kind that is another one: mostly who did it to whom.

    Args:
        before: The event.
        generator: Where chance comes from.

    Example:

    >>> before = event(random.Random(1))
    >>> changed(before, random.Random(2)) != before
    True
    """
    what = choose(CHANGES, generator)
    (who, first), (whom, second) = before.who, before.whom
    if what == "adjectives":
        return before._replace(who=(who, second), whom=(whom, first))
    if what == "negation":
        return before._replace(negated=not before.negated)
    if what == "verb":
        return before._replace(verb=_other(before.verb, VERBS, generator))
    if what == "noun":
        others = [i for i in range(len(NOUNS)) if i not in (who, whom)]
        return before._replace(whom=(choose(others, generator), second))
    if what == "time" and before.time is not None:
        return before._replace(time=_other(before.time, TIMES, generator))
    return before._replace(who=before.whom, whom=before.who)


def said(what: Event, generator: random.Random) -> str:
    """Says an event in one of many ways.

    Args:
        what: The event.
        generator: Where chance comes from.

    Example:

    >>> said(Event((0, 0), (12, 3), 3, False, 3, None), random.Random(5))
    'It was the elderly physician who pursued the smart farmer on Monday.'
    """
    base, past, participle = choose(VERBS[what.verb], generator)
    when, where = (
        "" if number is None else f" {choose(meanings[number], generator)}"
        for number, meanings in ((what.time, TIMES), (what.place, PLACES))
    )
    parts = {
        "who": _person(what.who, generator),
        "whom": _person(what.whom, generator),
        "base": base,
        "past": past,
        "participle": participle,
        "rest": choose((where + when, when + where), generator),
    }
    text = expand(choose(NEGATED if what.negated else FORMS, generator), {}, generator, parts)
    return f"{text[0].upper()}{text[1:]}."


def paraphrases(seed: int = 1) -> dict[str, list[Pair]]:
    """Makes the pairs of all splits; what the pair of one split is about, no other pair is.

    Args:
        seed: Decides what is written.

    Returns:
        The pairs of `"train"`, `"validation"` and `"test"`, about half of which mean the same.

    Example:

    >>> splits = paraphrases()
    >>> len(splits["test"]), splits["test"][0].label in LABELS
    (1000, True)
    """
    generator = random.Random(seed)
    seen: set[tuple] = set()
    return {
        split: [_pair(_new(seen, generator), generator) for _ in range(size)]
        for split, size in SPLITS.items()
    }


def _new(seen: set[tuple], generator: random.Random) -> Event:
    while True:
        found = event(generator)
        # Who did it to whom, and whether, does not make another one.
        key = (frozenset((found.who[0], found.whom[0])), found.verb, found.time, found.place)
        key = (*key, frozenset((found.who[1], found.whom[1])))
        if key not in seen:
            seen.add(key)
            return found


def _pair(what: Event, generator: random.Random) -> Pair:
    label = choose(LABELS, generator)
    first = said(what, generator)
    other = what if label == "paraphrase" else changed(what, generator)
    second = said(other, generator)
    while second == first:
        second = said(other, generator)
    return Pair(first, second, label)


def _person(person: tuple[int, int], generator: random.Random) -> str:
    noun, adjective = person
    return f"the {choose(ADJECTIVES[adjective], generator)} {choose(NOUNS[noun], generator)}"


def _number(items: Sequence[Any], generator: random.Random) -> int:
    return choose(range(len(items)), generator)


def _other(number: int, items: Sequence[Any], generator: random.Random) -> int:
    return choose([i for i in range(len(items)) if i != number], generator)


def _two(number: int, generator: random.Random) -> tuple[int, int]:
    first = choose(range(number), generator)
    return first, _other(first, range(number), generator)


class KerasrnnParaphrases(tfds.core.GeneratorBasedBuilder):
    """Pairs of English sentences, `kerasrnn_paraphrases`, made by a grammar without a download.

    Two sentences that have the same words mean the same or not by who did it to whom, as in PAWS
    (Zhang et al. 2019). Importing this module registers the data set.

    Example:

    >>> tfds.load("kerasrnn_paraphrases", split="train")  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "18,000 pairs."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Pairs of English sentences on who did what to whom, about half of which mean the "
                "same. They are in the active, in the passive or cleft, and words have synonyms, "
                "so that few pairs have all words in common. In three fifths of the pairs that "
                "differ, two persons or their adjectives have changed places, so that no model "
                "that counts words can tell; in the others there is a negation more, or another "
                "verb, noun or time. A grammar made them: figures on them are for lessons, and "
                "say nothing about real sentences."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "sentence1": tfds.features.Text(),
                    "sentence2": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=LABELS),
                }
            ),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {split: self._generate_examples(rows) for split, rows in paraphrases().items()}

    def _generate_examples(self, rows: Iterable[Pair]) -> Iterator[tuple[str, dict[str, Any]]]:
        for row in rows:
            yield f"{row.sentence1} {row.sentence2}", row._asdict()
