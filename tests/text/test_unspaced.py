"""Scripts without spaces at the level of words, against the properties that Unicode gives."""

import functools
import sys
import unicodedata

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasrnn import Tokenizer, Vocabulary
from kerasrnn.text import join, split
from kerasrnn.text.unspaced import unspaced_script
from kerasrnn.vocabulary import UNKNOWN

regex = pytest.importorskip("regex")

SCRIPTS = ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar")
OF_SCRIPT = {
    each: regex.compile(rf"(?V1)[\p{{Script={each}}}--\p{{M}}]").fullmatch for each in SCRIPTS
}
# Signs of several scripts that stand within words.
SHARED = {"〆": "Han", "〼": "Han", "ー": "Katakana", "ｰ": "Katakana", "ﾞ": "Katakana"}
SHARED |= {"ﾟ": "Katakana", **dict.fromkeys("〱〲〳〴〵", "Hiragana")}
ALL = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
KNOWN = [letter for letter in ALL if not regex.match(r"\p{Cn}", letter)]


@functools.cache
def script(letter):
    found = (each for each, matches in OF_SCRIPT.items() if matches(letter))
    return SHARED.get(letter) or next(found, "")


def kind(letter):
    if script(letter):
        return "unspaced"
    if letter == " ":
        return "space"
    return "word" if unicodedata.category(letter)[0] in "LMN" or letter == "_" else "symbol"


def is_mark(letter):
    return unicodedata.category(letter)[0] == "M" or letter in "ﾞﾟ"


def words_by_hand(text):
    """Pieces of a text and their kinds, then the marks that say where no space stood."""
    pieces = []
    for letter in text:
        now = kind(letter)
        before = pieces[-1][1] if pieces else None
        if (before == "unspaced" and is_mark(letter)) or (before == now == "word"):
            pieces[-1] = pieces[-1][0] + letter, before
        else:
            pieces.append((letter, now))
    kinds = ["end", *(now for _, now in pieces), "end"]
    plain, after_space = [], False
    for i, (piece, now) in enumerate(pieces):
        before, after = kinds[i], kinds[i + 2]
        # A space is left out where it stands alone between two pieces that need one.
        if now == "space" and {before, after} <= {"word", "symbol"} and not after_space:
            plain.append(None)
            continue
        after_space = now == "space"
        plain.append(("▁", "symbol") if now == "space" else (piece, now))
    return _with_joiners(plain)


def _with_joiners(pieces):
    tokens = []
    for i, each in enumerate(pieces):
        if each is None:
            continue
        token, now = each
        before = pieces[i - 1] if i else None
        after = pieces[i + 1] if i + 1 < len(pieces) else None
        if now == "symbol":
            left = before is not None and before[1] != "unspaced"
            right = after is not None and after[1] == "word"
            token = "￭" * left + token + "￭" * right
        tokens.append(token)
    return tokens


def found(texts, **options):
    return [[token.decode() for token in row] for row in split(texts, "word", **options).to_list()]


def test_every_code_point_has_the_script_of_the_unicode_standard():
    assert [each for each in KNOWN if unspaced_script(each) != script(each)] == []


def test_every_code_point_of_these_scripts_is_a_token():
    letters = [letter for letter in KNOWN if script(letter) and letter not in "ﾞﾟ"]
    assert len(letters) > 90_000
    rows = split(["".join(letters[i : i + 97]) for i in range(0, len(letters), 97)], "word")
    assert [token.decode() for token in rows.flat_values.numpy()] == letters


@pytest.mark.parametrize(
    "text, expected",
    [
        ("我爱北京", "我 爱 北 京"),
        ("𠀀𮯰𲎯㐀豈〇々", "𠀀 𮯰 𲎯 㐀 豈 〇 々"),
        ("東京タワーへ行く。", "東 京 タ ワ ー へ 行 く 。"),
        ("ｶﾞｷﾞｸﾞﾊﾟｰ", "ｶﾞ ｷﾞ ｸﾞ ﾊﾟ ｰ"),
        ("か\u3099葛\U000e0100", "か\u3099 葛\U000e0100"),
        ("我在2021年学NLP。", "我 在 2021 年 学 NLP ￭。"),
        ("用 Python 编程", "用 ▁￭ Python ￭▁ 编 程"),
        ("กี่โมง 5", "กี่ โ ม ง ▁￭ 5"),
        ("ຂ້ອຍ", "ຂ້ ອ ຍ"),
        ("ភ្នំពេញ", "ភ្ នំ ពេ ញ"),
        ("မြန်မာ", "မြ န် မာ"),
        ("한국어를 大學", "한국어를 ￭▁ 大 學"),
        ("你好, world (我)!", "你 好 , world ( 我 ) ￭!"),
        ("a,b c", "a ￭,￭ b c"),
    ],
)
def test_words_of_these_scripts(text, expected):
    assert found([text]) == [expected.split(" ")] == [words_by_hand(text)]


PIECES = [
    *"我爱々〇ー東カかｶﾞﾟกี่ເຈົ້ាខ្មែမြன한국",
    *"ab1_é\u0301 \u3000\u200b,.。，(—\n\t￥😀\ufe0f\u200d",
    *"   ",
    "\U00020000",
    "\U000323af",
]
ANY = st.one_of(
    st.sampled_from(PIECES),
    st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="￭▁\ue000"),
)
TEXTS = st.lists(st.lists(ANY, max_size=11).map("".join), min_size=23, max_size=31)


@settings(max_examples=60)
@given(texts=TEXTS)
def test_mixed_scripts_against_the_same_rules_in_python(texts):
    # The newest letters may be unknown to one of two versions of Unicode: those of Python's.
    assert found(texts) == [words_by_hand(text) for text in texts]
    assert [text.decode() for text in join(split(texts, "word"), "word").numpy()] == texts


@settings(max_examples=20)
@given(texts=st.lists(st.binary(max_size=7).map(lambda raw: raw + "我 ก".encode() + raw)))
def test_invalid_bytes_are_replaced_before(texts):
    whole = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace").numpy()
    assert split(texts, "word").to_list() == split(list(whole), "word").to_list()


@settings(max_examples=20)
@given(texts=TEXTS)
def test_the_first_version_joins_what_it_split(texts):
    tokens = split(texts, "word", 1)
    assert [text.decode() for text in join(tokens, "word", 1).numpy()] == texts


def test_texts_of_other_scripts_have_the_tokens_that_they_had():
    texts = ["Hello, world (yes)!", "  a  b\t\t c ", "naïve שלום हिन्दी 한국어 😀", ""]
    assert found(texts) == found(texts, splitting=1)
    # Also beside one of these scripts, which makes a batch go the long way.
    assert found([*texts, "我"]) == [*found(texts, splitting=1), ["我"]]


def test_the_first_version_is_that_of_what_was_saved_without_one(tmp_path):
    tokenizer = Tokenizer.train(["我爱 北京"], "word")
    old = Tokenizer.from_config({"level": "word"}, Vocabulary(["我爱", "北京"]))
    assert (tokenizer.splitting, old.splitting) == (2, 1)
    assert old.encode(["北京 我爱"]).to_list() == [[5, 4]]
    assert old.decode([[5, 4]]).numpy()[0].decode() == "北京 我爱"
    assert old.key() != Tokenizer(old.vocabulary, "word").key()
    old.save(tmp_path)
    assert Tokenizer.load(tmp_path).encode(["北京 我爱"]).to_list() == [[5, 4]]
    for level in ("character", "whitespace", "subword"):
        assert Tokenizer(Vocabulary("a"), level).splitting == 1
    for splitting in (0, 3, "2"):
        with pytest.raises(ValueError, match="splitting of words from 1 to 2"):
            Tokenizer(old.vocabulary, "word", splitting=splitting)


@pytest.mark.parametrize("splitting", [1, 2])
def test_same_in_tf_data_and_in_a_saved_model(tmp_path, splitting):
    texts = ["我在2021年学 NLP。", "กี่โมง 5", "plain, text", "", b"\xff\xe6 \xe4\xba\xac", "北京 a"]
    vocabulary = Tokenizer.train(texts, "word").vocabulary
    tokenizer = Tokenizer(vocabulary, "word", splitting=splitting)
    expected = tokenizer.encode(texts).to_list()
    data = tf.data.Dataset.from_tensor_slices(texts).batch(5).map(tokenizer.encode)
    assert [row for batch in data for row in batch.to_list()] == expected
    assert (UNKNOWN in expected[0]) is (splitting == 1)

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.tokenizer = tokenizer

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
        def round_trip(self, texts: tf.Tensor):
            ids = self.tokenizer.pad(self.tokenizer.encode(texts))
            return {"ids": ids, "texts": self.tokenizer.decode(ids)}

    tf.saved_model.save(Module(), str(tmp_path))
    served = tf.saved_model.load(str(tmp_path)).round_trip(tf.constant(texts))
    ids = tokenizer.pad(tokenizer.encode(texts))
    tf.debugging.assert_equal(served["ids"], ids)
    tf.debugging.assert_equal(served["texts"], tokenizer.decode(ids))
    if splitting == 2:
        assert served["texts"].numpy()[0].decode() == texts[0]
