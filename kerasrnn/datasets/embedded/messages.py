"""The data set `kerasrnn_messages`: short messages, some of them spam, made by a grammar."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import tensorflow_datasets as tfds

from kerasrnn.datasets.embedded.grammar import choose, expand, folded, shuffled
from kerasrnn.datasets.embedded.message_rules import ABBREVIATIONS, DOUBTFUL, HAM, RULES, SPAM

LABELS = ("ham", "spam")
SPLITS = {"train": 4_000, "validation": 800, "test": 800}
SPAM_SHARE = 0.13
# Of so many messages of each label nobody could tell by the text which it is: about 1 in 20 of all.
DOUBTS = {"ham": 0.03, "spam": 0.2}
# How often a message is written in capitals, in small letters, with abbreviations, with a slip.
CAPITALS = {"ham": 0.015, "spam": 0.08}
SMALL = {"ham": 0.3, "spam": 0.15}
SHORTENED = {"ham": 0.25, "spam": 0.25}
SLIPS = 0.12


class Message(NamedTuple):
    """A message, and whether it is spam."""

    text: str
    label: str


def written(label: str, generator: random.Random) -> str:
    """Writes a message.

    Args:
        label: `"ham"` or `"spam"`.
        generator: Where chance comes from.

    Returns:
        The text.

    Example:

    >>> written("ham", random.Random(1)) == written("ham", random.Random(1))
    True
    """
    templates = {"ham": HAM, "spam": SPAM}[label]
    if generator.random() < DOUBTS[label]:
        templates = DOUBTFUL
    text = " ".join(expand(choose(templates, generator), RULES, generator).split())
    text = text[:1].upper() + text[1:]
    if generator.random() < SHORTENED[label]:
        text = _shortened(text, generator)
    if generator.random() < SLIPS:
        text = _with_slip(text, generator)
    if generator.random() < SMALL[label]:
        text = text.lower().rstrip(".")
    elif generator.random() < CAPITALS[label]:
        text = text.upper()
    return text


def messages(seed: int = 1) -> dict[str, list[Message]]:
    """Writes the messages of all splits, no two of which are the same but for signs and capitals.

    Args:
        seed: Decides what is written.

    Returns:
        The messages of `"train"`, `"validation"` and `"test"`, 13 % of each of them spam.

    Example:

    >>> splits = messages()
    >>> len(splits["test"]), sum(message.label == "spam" for message in splits["test"])
    (800, 104)
    """
    generator = random.Random(seed)
    seen: set[str] = set()
    pools: dict[str, Iterator[Message]] = {}
    total = sum(SPLITS.values())
    for label, share in zip(LABELS, (1 - SPAM_SHARE, SPAM_SHARE), strict=True):
        texts = _different(label, round(total * share), seen, generator)
        # The later a text is found, the more of those that are easily made are there already.
        pools[label] = iter([Message(text, label) for text in shuffled(texts, generator)])
    splits = {}
    for split, size in SPLITS.items():
        spam = round(size * SPAM_SHARE)
        taken = [next(pools["spam"]) for _ in range(spam)]
        taken += [next(pools["ham"]) for _ in range(size - spam)]
        splits[split] = shuffled(taken, generator)
    return splits


def _different(label: str, number: int, seen: set[str], generator: random.Random) -> list[str]:
    """Writes messages that are not among those that were seen, and adds them."""
    texts: list[str] = []
    while len(texts) < number:
        text = written(label, generator)
        if folded(text) not in seen:
            seen.add(folded(text))
            texts.append(text)
    return texts


def _shortened(text: str, generator: random.Random) -> str:
    """Abbreviates about half of the words that people abbreviate."""

    def shorten(word: re.Match[str]) -> str:
        short = ABBREVIATIONS.get(word[0].lower())
        return short if short and generator.random() < 0.5 else word[0]

    return re.sub(r"(?<![\w.-])[A-Za-z]+(?![\w.-])", shorten, text)


def _with_slip(text: str, generator: random.Random) -> str:
    """Exchanges two letters of a word, or leaves one out."""
    places = [match.start() for match in re.finditer(r"(?<=[a-z])[a-z](?=[a-z])", text)]
    if not places:
        return text
    place = choose(places, generator)
    if generator.random() < 0.5:
        return text[:place] + text[place + 1 :]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


class KerasrnnMessages(tfds.core.GeneratorBasedBuilder):
    """Short messages that are spam or not, `kerasrnn_messages`, made without a download.

    Nobody sent them: a grammar of this package made them, to learn with. What a model reaches on
    them says nothing about real messages. Importing this module registers the data set.

    Example:

    >>> tfds.load("kerasrnn_messages", split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "5,600 messages, 13 % of them spam."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "English text messages, 13 % of them spam, which is as many as in collections of "
                "real ones. They are not real: a grammar of "
                f"{len(HAM) + len(SPAM) + len(DOUBTFUL)} patterns made them by chance, with "
                "abbreviations and slips of the pen. Some ham has the words of spam and some spam "
                "those of a friend; about 1 in 20 messages is of a pattern that both labels have, "
                "so that no model is right about all. No two texts are the same, but all splits "
                "have messages of all patterns: figures on them are for lessons, and say nothing "
                "about real messages."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=LABELS),
                }
            ),
            supervised_keys=("text", "label"),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {split: self._generate_examples(rows) for split, rows in messages().items()}

    def _generate_examples(self, rows: Iterable[Message]) -> Iterator[tuple[str, dict[str, Any]]]:
        for row in rows:
            yield row.text, row._asdict()
