"""The data set `kerasrnn_small_talk`: short exchanges, a question and an answer, from a grammar."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import tensorflow_datasets as tfds

from kerasrnn.datasets.embedded.grammar import choose, expand, folded, shuffled
from kerasrnn.datasets.embedded.small_talk_rules import RULES, TOPICS

SPLITS = {"train": 4_500, "validation": 500, "test": 500}


class Exchange(NamedTuple):
    """What is said, and what is answered."""

    question: str
    answer: str


def exchange(generator: random.Random) -> Exchange:
    """Says something on a topic and answers.

    Args:
        generator: Where chance comes from.

    Returns:
        An `Exchange`.

    Example:

    >>> exchange(random.Random(3)) == exchange(random.Random(3))
    True
    """
    topic = choose(TOPICS, generator)
    facts = choose(topic.facts, generator)
    question = "{opener}" + choose(topic.questions, generator)
    said, answer = (
        expand(template, RULES, generator, facts)
        for template in (question, choose(topic.answers, generator))
    )
    return Exchange(_sentence(said), _sentence(answer))


def exchanges(seed: int = 1) -> dict[str, list[Exchange]]:
    """Makes the exchanges of all splits, no two of which begin with the same question.

    Args:
        seed: Decides what is said.

    Returns:
        Those of `"train"`, `"validation"` and `"test"`.

    Example:

    >>> [len(rows) for rows in exchanges().values()]
    [4500, 500, 500]
    """
    generator = random.Random(seed)
    found: dict[str, Exchange] = {}
    while len(found) < sum(SPLITS.values()):
        each = exchange(generator)
        found.setdefault(folded(each.question), each)
    # Small topics are used up first: without the shuffle they would all be in one split.
    rows = iter(shuffled(list(found.values()), generator))
    return {split: [next(rows) for _ in range(size)] for split, size in SPLITS.items()}


def _sentence(text: str) -> str:
    """Begins a text with a capital and ends it with a sign."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


class KerasrnnSmallTalk(tfds.core.GeneratorBasedBuilder):
    """Questions and answers, greetings, small talk, `kerasrnn_small_talk`, without a download.

    Nobody said them: a grammar of this package made them, to learn with. Importing this module
    registers the data set.

    Example:

    >>> tfds.load("kerasrnn_small_talk", split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": f"5,500 exchanges on {len(TOPICS)} topics."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Short English exchanges, a sentence and an answer to it: greetings, names, "
                "feelings, sums, capitals, opposites, colours. Nobody said them: a grammar of "
                f"{len(TOPICS)} topics made them by chance. Most questions have several good "
                "answers, of which an example has one, so that no model gives just these. No "
                "question is in two splits, nor twice, whatever its capitals and signs; answers "
                "come again, and all splits have questions of all patterns: figures on them are "
                "for lessons."
            ),
            features=tfds.features.FeaturesDict(
                {name: tfds.features.Text() for name in Exchange._fields}
            ),
            supervised_keys=("question", "answer"),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {split: self._generate_examples(rows) for split, rows in exchanges().items()}

    def _generate_examples(self, rows: Iterable[Exchange]) -> Iterator[tuple[str, dict[str, Any]]]:
        for row in rows:
            yield row.question, row._asdict()
