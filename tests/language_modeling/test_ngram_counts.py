"""N-gram counts against counting in dictionaries."""

import collections

import numpy as np
import pytest

from kerasrnn.language_modeling import count_ngrams, read_sentences
from kerasrnn.language_modeling.ngrams import flat_ids
from kerasrnn.vocabulary import BEGIN, END, UNKNOWN, Vocabulary

LINES = ["a b a b c", "", "b a b", "a", "c c c c c c c", "a b a b c"]


def by_hand(lines, order, vocabulary):
    """For each order a dictionary from n-grams of ids to how often they occur."""
    counts = [collections.Counter() for _ in range(order)]
    for line in lines:
        ids = (BEGIN, *map(vocabulary.id_of, line.split()), END)
        for n in range(1, order + 1):
            counts[n - 1].update(ids[i : i + n] for i in range(len(ids) - n + 1))
    return counts


def unpacked(counts):
    """The same of `NgramCounts`."""
    size, grams = len(counts.vocabulary), [(i,) for i in range(len(counts.vocabulary))]
    found = [dict(zip(grams, counts.counts[0].tolist(), strict=True))]
    for keys, numbers in zip(counts.keys, counts.counts[1:], strict=True):
        grams = [(*grams[key // size], key % size) for key in keys.tolist()]
        found.append(dict(zip(grams, numbers.tolist(), strict=True)))
    return found


@pytest.mark.parametrize("order", [1, 2, 3, 5, 9, 11])
@pytest.mark.parametrize("tokens", [None, ["b", "x", "a"]], ids=["built", "given"])
def test_counts_are_those_of_dictionaries(order, tokens):
    vocabulary = None if tokens is None else Vocabulary(tokens)
    counts = count_ngrams(LINES, order, vocabulary)
    found, wanted = unpacked(counts), by_hand(LINES, order, counts.vocabulary)
    assert counts.order == order
    assert [{g: c for g, c in each.items() if c} for each in found] == wanted
    preceding = [collections.defaultdict(set) for _ in wanted]
    for grams in wanted[1:]:
        for gram in grams:
            preceding[len(gram) - 2][gram[1:]].add(gram[0])
    for n, numbers in enumerate(counts.continuation_counts(), start=1):
        for gram, number in zip(found[n - 1], numbers.tolist(), strict=True):
            keeps = n == order or gram[0] == BEGIN
            assert number == (found[n - 1][gram] if keeps else len(preceding[n - 1][gram]))
    for suffixes, grams, lower in zip(counts.suffixes, found[1:], found, strict=False):
        lower = list(lower)
        assert [lower[i] for i in suffixes] == [gram[1:] for gram in grams]


def test_many_sentences_are_read_once_and_the_vocabulary_is_that_of_build(rng, monkeypatch):
    monkeypatch.setattr(flat_ids, "BATCH", 7)  # several batches, the last one not full
    lines = [" ".join(map(str, rng.zipf(1.5, rng.integers(0, 9)))) for _ in range(101)]
    counts = count_ngrams((line for line in lines), 3)
    vocabulary = Vocabulary.build(token for line in lines for token in line.split())
    assert counts.vocabulary == vocabulary and counts.vocabulary.counts == vocabulary.counts
    wanted = by_hand(lines, 3, vocabulary)
    assert [{g: c for g, c in each.items() if c} for each in unpacked(counts)] == wanted


def test_keys_do_not_overflow():
    # 40,009² × 40,009 would not fit 32 bits, nor would five words packed side by side fit 64.
    tokens = [str(i) for i in range(40_009)]
    counts = count_ngrams([tokens, tokens[::-1]], 5)
    assert [len(each) for each in counts.keys] == [
        2 * 40_010,
        *[2 * (40_011 - n) for n in (2, 3, 4)],
    ]


def test_sentences_as_tokens_and_as_strings():
    one, other = (count_ngrams(lines, 3) for lines in (LINES, [line.split() for line in LINES]))
    assert unpacked(one) == unpacked(other)
    spaces = count_ngrams([["a b", " "], [" ", "a b"]], 2)
    assert spaces.vocabulary.tokens == (" ", "a b")


@pytest.mark.parametrize("lines", [[], [""], ["", " "]])
def test_no_text(lines):
    with pytest.raises(ValueError, match="words of the vocabulary. Received: no words"):
        count_ngrams(lines, 2)


def test_unknown_words_alone():
    with pytest.raises(ValueError, match="Received: unknown words alone"):
        count_ngrams(["a b", "b"], 2, Vocabulary(["c"]))
    counts = count_ngrams(["a b", "b c"], 2, Vocabulary(["c"]))
    assert counts.counts[0][UNKNOWN] == 3


def test_no_order():
    with pytest.raises(ValueError, match="`order` to be an integer of at least 1. Received: 0"):
        count_ngrams(LINES, 0)


@pytest.mark.parametrize("name", ["text.txt", "text.txt.gz"])
def test_lines_of_a_file(tmp_path, name):
    import gzip

    opened = gzip.open if name.endswith(".gz") else open
    path = tmp_path / name
    with opened(path, "wb") as file:
        file.write("é b\r\n\nc\u2028d\nlast".encode())
    assert list(read_sentences(path)) == ["é b", "", "c\u2028d", "last"]
    with opened(path, "wb") as file:
        file.write("é b\n".encode() + b"a\xffb\n")
    with pytest.raises(ValueError, match=rf"{name}, line 2: expected UTF-8.*0xff"):
        list(read_sentences(path))


def test_arrays_are_small():
    counts = count_ngrams(LINES, 3)
    assert all(each.dtype == np.int32 for each in counts.suffixes)
    assert all(each.dtype == np.int64 for each in counts.keys)
