"""Subwords: equal to the library that learned them, lossless, the same in a graph."""

import collections
import gzip
import json
import pathlib
import sys
import unicodedata

import numpy as np
import pytest
import tensorflow as tf
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasrnn.text import Tokenizer, join
from kerasrnn.text.learn_subwords import learn_subwords
from kerasrnn.text.subwords import LONGEST, SubwordSplitter, words_with_spaces
from kerasrnn.vocabulary import UNKNOWN, Vocabulary

MULTI30K = pathlib.Path(__file__).parents[3] / "shared" / "data" / "multi30k"
HARD = [
    *("", " ", "   ", "a", " a ", "  so  many   spaces ", "one\ntwo\r\n\t three\u2028\u3000four"),
    *(
        "NUL \x00 here",
        "😀👩‍👩‍👧 so 😀😀 good",
        "שלום, עולם! مرحبا",
        "e\u0301te\u0301 हिन्दी",
        "naïve Straße",
    ),
    *(
        "snake_case x2 (yes)... 3.14!?",
        "<end> <padding>",
        "l" * 71 + "!" * 40,
        "日本語のテキスト、です。",
    ),
]
ENGLISH = "the lower and the lowest of the newest; it is wider, so widest — the end of it."


def words_by_hand(text):
    """The same words, letter by letter, from Unicode's categories."""
    words, kind = [], None
    for i, letter in enumerate(" " + text if text else ""):
        category = unicodedata.category(letter)[0]
        now = (
            "space" if letter == " " else "letter" if category in "LMN" or letter == "_" else "sign"
        )
        joins = kind == "space" if i else False
        long = words and len(words[-1]) == LONGEST
        if now != "space" and words and (kind == now or joins) and not long:
            words[-1] += letter
        else:
            words.append("▁" if now == "space" else letter)
        kind = now
    return words


def reference(words, **options):
    """What HuggingFace's tokenizers learns, and a splitter that knows the unknown too."""
    learner = tokenizers.Tokenizer(tokenizers.models.BPE())
    trainer = tokenizers.trainers.BpeTrainer(show_progress=False, **options)
    learner.pre_tokenizer = tokenizers.pre_tokenizers.Split("\x02", "removed")
    learner.train_from_iterator(["\x02".join(words)], trainer)
    model = json.loads(learner.to_str())["model"]
    ids, merges = model["vocab"], [tuple(merge) for merge in model["merges"]]
    unknown = {"\x01": len(ids)}
    splitter = tokenizers.models.BPE({**ids, **unknown}, merges, unk_token="\x01")
    return sorted(ids, key=ids.get), merges, tokenizers.Tokenizer(splitter)


def reference_split(learner, word):
    """The library shows each unknown character as one unknown token; here it is itself."""
    if not word:
        return []
    return [word[a:b] for a, b in learner.encode(word).offsets]


def split_words(vocabulary, words):
    pieces = SubwordSplitter(vocabulary).split(tf.constant(words, tf.string)).to_list()
    return [[piece.decode() for piece in row] for row in pieces]


@pytest.mark.parametrize("text", HARD)
def test_words_against_unicode_categories(text):
    words = words_with_spaces([text]).to_list()[0]
    assert [word.decode() for word in words] == words_by_hand(text)


def test_learns_and_splits_as_the_library_does():
    text = " ".join([ENGLISH] * 3 + [HARD[7], HARD[8], *HARD[10:14]])
    words = words_by_hand(text)
    tokens, _, library = reference(words, vocab_size=150, min_frequency=1)
    vocabulary = learn_subwords(collections.Counter(words), max_size=154)
    assert list(vocabulary.tokens) == tokens and len(vocabulary) == 154
    others = [
        word for text in [*HARD, "newer lowerest unwidened ж 한국"] for word in words_by_hand(text)
    ]
    for word, received in zip(
        [*words, *others], split_words(vocabulary, [*words, *others]), strict=True
    ):
        assert received == reference_split(library, word) and "".join(received) == word


@pytest.mark.parametrize("alphabet, pieces", [("a", 9), ("ab", 40), ("ab", 150), ("abc", 300)])
def test_few_letters_that_repeat(alphabet, pieces, rng):
    """Where pairs overlap and every piece can be cut in many ways."""

    def random_words(number, longest):
        sizes = rng.integers(1, longest + 1, number)
        return ["".join(rng.choice(list(alphabet), size)) for size in sizes]

    words = random_words(97, 13)
    _, merges, library = reference(words, vocab_size=pieces)
    vocabulary = learn_subwords(collections.Counter(words), max_size=pieces + 4)
    assert len({"".join(merge) for merge in merges}) == len(merges)  # no piece is made in two ways
    others = [*words, *random_words(997, 29), ""]
    for word, received in zip(others, split_words(vocabulary, others), strict=True):
        assert received == reference_split(library, word)


@pytest.mark.skipif(not MULTI30K.is_dir(), reason="the real texts are not on this machine")
@pytest.mark.parametrize("language", ["en", "de"])
def test_real_text(language):
    lines = {
        name: gzip.decompress((MULTI30K / f"{name}.{language}.gz").read_bytes())
        .decode()
        .split("\n")
        for name in ("train", "val")
    }
    train = lines["train"][:2_000]
    tokenizer = Tokenizer.train([train], "subword", max_size=1_504)
    *_, library = reference([w for line in train for w in words_by_hand(line)], vocab_size=1_500)
    for text, row in zip(lines["val"], tokenizer.split(lines["val"]).to_list(), strict=True):
        expected = [p for word in words_by_hand(text) for p in reference_split(library, word)]
        assert [piece.decode() for piece in row] == expected
    decoded = join(tokenizer.split(lines["val"]), "subword").numpy()
    assert [text.decode() for text in decoded] == lines["val"]


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.train([[ENGLISH, *HARD]], "subword", max_size=173, normalization="none")


@settings(max_examples=50)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁\ue000")))
)
def test_join_is_the_inverse_of_split(tokenizer, texts):
    pieces = tokenizer.split(tf.constant(texts, tf.string))
    assert [text.decode() for text in join(pieces, "subword").numpy()] == texts


def test_ids_come_back_as_the_text(tokenizer):
    ids = tokenizer.encode([*HARD, "the newer"])
    assert [row for row in ids.to_list() if UNKNOWN in row] == [[UNKNOWN]]  # the empty text
    decoded = [text.decode() for text in tokenizer.decode(tokenizer.pad(ids)).numpy()]
    assert decoded == ["<unknown>", *HARD[1:], "the newer"]


def test_unseen_characters_and_the_two_marks(tokenizer):
    assert tokenizer.encode(["ж"]).to_list()[0][1:] == [UNKNOWN]
    assert (
        tokenizer.decode(tokenizer.encode(["the ж!"]).to_tensor()).numpy()[0] == b"the <unknown>!"
    )
    pieces = tokenizer.split(["a▁b\ue000c", b"a\xffb"])
    assert [text.decode() for text in join(pieces, "subword").numpy()] == ["a b c", "a\ufffdb"]


def test_vocabulary_alone_holds_it(tokenizer, tmp_path):
    tokenizer.vocabulary.save(tmp_path / "vocabulary.txt")
    other = Tokenizer(Vocabulary.load(tmp_path / "vocabulary.txt"), "subword")
    texts = [*HARD, ENGLISH, "other words"]
    assert other.encode(texts).to_list() == tokenizer.encode(texts).to_list()


def test_counts_are_those_of_the_training_text(tokenizer):
    pieces = [piece for row in tokenizer.split([ENGLISH, *HARD]).to_list() for piece in row]
    counts = collections.Counter(piece.decode() for piece in pieces)
    expected = tuple(counts[token] for token in tokenizer.vocabulary.tokens)
    assert tokenizer.vocabulary.counts == expected


def test_rare_characters_are_unknown_and_merge_with_nothing():
    vocabulary = learn_subwords({"axb": 1, "ab": 3, "xyab": 1}, min_count=2)
    assert "y" not in vocabulary and {"a", "b", "x", "ab"} <= set(vocabulary.tokens)
    few = learn_subwords({"▁the": 9, "▁q": 1, "z": 2}, max_size=8)  # room for four characters
    assert set(few.tokens) == set("▁the")


def test_same_in_tf_data_and_in_a_saved_model(tokenizer, tmp_path):
    expected = tokenizer.encode(HARD).to_list()
    data = tf.data.Dataset.from_tensor_slices(HARD).batch(5).map(tokenizer.encode)
    assert [row for batch in data for row in batch.to_list()] == expected

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.tokenizer = tokenizer

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        def encode(self, texts: tf.Tensor):
            return self.tokenizer.pad(self.tokenizer.encode(texts))

    tf.saved_model.save(Module(), str(tmp_path / "export"))
    encode = tf.saved_model.load(str(tmp_path / "export")).encode
    tf.debugging.assert_equal(encode(HARD), tokenizer.pad(tokenizer.encode(HARD)))
    assert encode(tf.constant([], tf.string)).shape == (0, 1)


def test_without_the_library_the_hint_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ValueError, match=r'pip install "kerasrnn\[subwords\]"'):
        Tokenizer.train([["a b"]], "subword")
    assert Tokenizer(Vocabulary(["▁", "a"]), "subword").encode(["a"]).to_list() == [[4, 5]]


@pytest.mark.parametrize(
    "options, message", [({"min_count": 0}, "min_count"), ({"max_size": 4}, "max_size")]
)
def test_wrong_numbers(options, message):
    with pytest.raises(ValueError, match=message):
        learn_subwords({"a": 1}, **options)


def test_nothing_to_learn_from():
    tokenizer = Tokenizer.train([[""]], "subword")
    assert np.size(tokenizer.vocabulary.tokens) == 0
    assert tokenizer.encode(["ab", ""]).to_list() == [[UNKNOWN] * 3, [UNKNOWN]]
