"""The paraphrases that a grammar makes: what is the same, what is not, and what does not tell."""

import collections
import random

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from kerasrnn.datasets.embedded import paraphrase_rules as rules
from kerasrnn.datasets.embedded import paraphrases


@pytest.fixture(scope="module")
def splits():
    return paraphrases.paraphrases()


def test_sizes_labels_and_no_pair_twice(splits):
    assert {split: len(rows) for split, rows in splits.items()} == paraphrases.SPLITS
    rows = [row for each in splits.values() for row in each]
    assert len({row[:2] for row in rows}) == len(rows)
    assert all(row.sentence1 != row.sentence2 for row in rows)
    for each in splits.values():
        counts = collections.Counter(row.label for row in each)
        assert counts.keys() == {"different", "paraphrase"}
        assert counts["paraphrase"] / len(each) == pytest.approx(0.5, abs=0.05)


def test_another_seed_makes_others(splits):
    assert paraphrases.paraphrases(1) == splits
    other = {row[:2] for row in paraphrases.paraphrases(2)["test"]}
    assert len(other - {row[:2] for row in splits["test"]}) > 990


def meaning(sentence):
    """Reads a sentence back into what it says, by its words alone: another grammar than its own."""
    text = sentence.lower().rstrip(".")
    negated = "not true" in text or " not " in text or " never " in text
    for meanings in (rules.NOUNS, rules.ADJECTIVES, rules.TIMES, rules.PLACES):
        for words in meanings:
            for word in sorted(words[1:], key=len, reverse=True):
                text = text.replace(word, words[0])
    people, verb = {}, None
    for number, forms in enumerate(rules.VERBS):
        for form in {word for each in forms for word in each}:
            if f" {form} " in f" {text} ":
                verb, spoken = number, form
    for noun, *_ in rules.NOUNS:
        for adjective, *_ in rules.ADJECTIVES:
            place = text.find(f"{adjective} {noun}")
            if place >= 0:
                people[place] = f"{adjective} {noun}"
    first, second = (people[place] for place in sorted(people))
    passive = f"was {spoken} by" in text or f"was not {spoken} by" in text
    last = text.startswith("the one who")
    if passive or last:
        first, second = second, first
    time = [words[0] for words in rules.TIMES if words[0] in text]
    place = [words[0] for words in rules.PLACES if words[0] in text]
    return first, second, verb, negated, tuple(time), tuple(place)


def test_labels_are_what_the_sentences_say(splits):
    for row in splits["test"]:
        same = meaning(row.sentence1) == meaning(row.sentence2)
        assert row.label == ("paraphrase" if same else "different"), row


def test_what_is_said_comes_in_all_forms():
    generator = random.Random(3)
    event = paraphrases.Event((0, 1), (12, 3), 3, False, None, None)
    said = {paraphrases.said(event, generator) for _ in range(500)}
    assert "The young doctor chased the clever farmer." in said and len(said) > 20
    assert len({meaning(each) for each in said}) == 1


def test_a_bag_of_words_cannot_tell(splits):
    """A linear model that sees which words differ and which are common stays below 0.7."""
    count = CountVectorizer(token_pattern=r"[\w-]+", binary=True)
    count.fit(row.sentence1 for row in splits["train"])

    def features(rows):
        a, b = (count.transform([row[i] for row in rows]) for i in (0, 1))
        return np.hstack([abs(a - b).toarray(), a.multiply(b).toarray()])

    train, test = splits["train"][:4000], splits["test"]
    model = LogisticRegression(max_iter=300).fit(features(train), [row.label for row in train])
    assert 0.5 < model.score(features(test), [row.label for row in test]) < 0.7
