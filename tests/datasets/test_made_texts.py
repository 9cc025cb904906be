"""What a grammar of this package makes: messages that are spam or not, and small talk."""

import hashlib
import itertools
import os
import pathlib
import random
import re
import subprocess
import sys
from collections import Counter

import pytest
import tensorflow_datasets as tfds

from kerasrnn.datasets import labelled_texts, text_pairs
from kerasrnn.datasets.embedded import message_rules, messages, small_talk, small_talk_rules
from kerasrnn.datasets.embedded.grammar import choose, expand, shuffled

MADE = {"messages": messages.messages, "small_talk": small_talk.exchanges}
DIGEST = """
import hashlib
from kerasrnn.datasets.embedded import messages, small_talk
for rows in (messages.messages(), small_talk.exchanges()):
    listed = repr([[tuple(row) for row in rows[split]] for split in rows])
    print(hashlib.sha256(listed.encode()).hexdigest())
"""


@pytest.fixture(scope="module", params=MADE)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def splits(name):
    return MADE[name]()


def words(text):
    return tuple(re.sub(r"[^a-z0-9 ]", "", text.lower().replace("-", " ")).split())


def test_no_text_is_in_two_splits_nor_twice(splits):
    texts = [words(row[0]) for row in itertools.chain(*splits.values())]
    assert [len(rows) for rows in splits.values()][1:] in ([800, 800], [500, 500])
    assert len(set(texts)) == len(texts) and all(texts)


def test_texts_have_no_gap_and_no_odd_space(splits):
    for row in itertools.chain(*splits.values()):
        assert not re.search(r"[{}|_]", row[0] + row[1])
        assert all(each == " ".join(each.split()) for each in row)


def test_another_seed_makes_others(name, splits):
    assert MADE[name](1) == splits
    other = {row[0] for row in MADE[name](2)["test"]}
    assert len(other - {row[0] for row in splits["test"]}) > len(other) / 2


def test_the_share_of_spam_is_that_of_real_collections():
    for rows in messages.messages().values():
        counts = Counter(row.label for row in rows)
        assert set(counts) == {"ham", "spam"}
        assert counts["spam"] / counts.total() == pytest.approx(0.13, abs=0.001)


def test_some_patterns_have_both_labels():
    rows = list(itertools.chain(*messages.messages().values()))
    told = Counter(row.label for row in rows if "new voicemails" in row.text)
    assert min(told["ham"], told["spam"]) >= 3
    # The words that give spam away are in ham too, and the other way round.
    for word in ("free", "won", "call", "urgent", "hi", "phone", "you"):
        found = Counter(row.label for row in rows if word in words(row.text))
        assert min(found["ham"], found["spam"]) >= 5, word


def test_one_word_does_not_tell_spam():
    """The best rule of one word leaves spam undetected or takes ham for it."""
    rows = messages.messages()["train"]
    spam = sum(row.label == "spam" for row in rows)
    right, wrong = Counter(), Counter()
    for row in rows:
        (right if row.label == "spam" else wrong).update(set(words(row.text)))
    best = max(2 * right[w] / (right[w] + wrong[w] + spam) for w in right)
    assert best < 0.7


def test_sums_and_neighbours_are_right():
    numbers = small_talk_rules.NUMBERS
    asked = 0
    for question, answer in itertools.chain(*small_talk.exchanges().values()):
        found = re.search(r"what is (\w+) plus (\w+)\?", question, re.I)
        if found:
            asked += 1
            total = numbers.index(found[1]) + numbers.index(found[2])
            assert words(answer)[-1] == numbers[total]
    assert asked > 50
    after = {each["NOW"]: each["NEXT"] for each in small_talk_rules.AFTER}
    assert after["Sunday"] == "Monday" and after["December"] == "January"
    assert all(after[each["BEFORE"]] == each["NOW"] for each in small_talk_rules.AFTER)


def test_all_topics_are_in_all_splits():
    names = {each["COUNTRY"] for each in small_talk_rules.CAPITALS}
    for rows in small_talk.exchanges().values():
        said = " ".join(row.question for row in rows).lower()
        for part in ("capital of", "colour", "plus", "opposite", "i feel", "legs", "thank"):
            assert part in said
        assert any(name.lower() in said for name in names)


def test_each_gap_has_a_rule():
    for rules, texts in (
        (message_rules.RULES, [*message_rules.HAM, *message_rules.SPAM, *message_rules.DOUBTFUL]),
        (small_talk_rules.RULES, []),
    ):
        gaps = re.findall(r"\{(\w+)\}", " ".join([*texts, *itertools.chain(*rules.values())]))
        assert set(gaps) <= set(rules)
    for topic in small_talk_rules.TOPICS:
        gaps = re.findall(r"\{(\w+)\}", " ".join([*topic.questions, *topic.answers]))
        assert {gap for gap in gaps if gap.islower()} <= set(small_talk_rules.RULES)
        for facts in topic.facts:
            assert {gap for gap in gaps if gap.isupper()} <= set(facts)


def test_chance_is_even():
    generator = random.Random(5)
    counts = Counter(choose("abc", generator) for _ in range(6_000))
    assert set(counts) == set("abc") and max(abs(n - 2_000) for n in counts.values()) < 200
    orders = Counter(tuple(shuffled("abc", generator)) for _ in range(6_000))
    assert len(orders) == 6 and max(abs(n - 1_000) for n in orders.values()) < 150
    assert expand("{a}{a}", {"a": ["{b}!"]}, generator, {"b": "x"}) == "x!x!"


def test_prepared_data_are_what_is_made(name, splits, tmp_path):
    builder = tfds.builder(f"kerasrnn_{name}", data_dir=tmp_path)
    builder.download_and_prepare()
    assert "grammar" in builder.info.description
    read = labelled_texts if name == "messages" else text_pairs
    for split, rows in splits.items():
        got = [
            tuple(part.decode() for part in row)
            for row in read(name, split, data_dir=tmp_path).as_numpy_iterator()
        ]
        assert sorted(got) == sorted(map(tuple, rows))


@pytest.mark.slow
def test_another_process_makes_the_same():
    other = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=pathlib.Path(messages.__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    for made, digest in zip(MADE.values(), other.stdout.split(), strict=True):
        rows = made()
        listed = repr([[tuple(row) for row in rows[split]] for split in rows])
        assert hashlib.sha256(listed.encode()).hexdigest() == digest
