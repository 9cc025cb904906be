"""ARPA files: hand-made ones scored by hand, and ours as KenLM scores them."""

import gzip
import pathlib

import numpy as np
import pytest

from kerasrnn.language_modeling import add_k, good_turing, kneser_ney, read_arpa, write_arpa
from kerasrnn.vocabulary import BEGIN, END, UNKNOWN, Vocabulary

PTB = pathlib.Path(__file__).parents[3] / "shared" / "data" / "ptb"

# As SRILM writes it: no back-off weight where it is 0, none of the highest order.
SRILM = """
Made by hand.

\\data\\
ngram 1=5
ngram 2=4
ngram 3=2

\\1-grams:
-0.8\t</s>
-99\t<s>\t-0.5
-1.0\t<unk>
-0.6\ta\t-0.2
-0.5\tb\t-0.3

\\2-grams:
-0.3\t<s> a\t-0.1
-0.4\ta b
-0.2\tb a\t-0.6
-0.7\tb </s>

\\3-grams:
-0.05\ta b </s>
-0.15\t<s> a b

\\end\\
"""


def written(tmp_path, text, name="hand.arpa"):
    path = tmp_path / name
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("name", ["hand.arpa", "hand.arpa.gz", "named_otherwise"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "dos"])
def test_a_file_made_elsewhere_scores_as_by_hand(tmp_path, name, ends):
    model = read_arpa(written(tmp_path, SRILM.replace("\n", ends), name))
    assert model.vocabulary.tokens == ("a", "b") and model.sizes == (5, 4, 2)
    wanted = {
        "a b": [-0.3, -0.15, -0.05],
        "a a": [-0.3, -0.1 - 0.2 - 0.6, -0.2 - 0.8],
        "b": [-0.5 - 0.5, -0.7],
        "new a": [-0.5 - 1.0, -0.6, -0.2 - 0.8],
        "b a b": [-0.5 - 0.5, -0.2, -0.6 - 0.4, -0.05],
        "": [-0.5 - 0.8],
    }
    found = model.token_log_probs(list(wanted))
    for scores, logs in zip(found, wanted.values(), strict=True):
        np.testing.assert_allclose(scores / np.log(10), logs)


def test_an_ngram_that_is_missing_although_longer_ones_start_with_it(tmp_path):
    text = SRILM.replace("ngram 3=2", "ngram 3=3\nngram 4=1")
    text = text.replace("-0.15\t<s> a b", "-0.15\t<s> a b\t-0.7\n-0.11\tb b a")
    text = text.replace("\n\\end", "\n\\4-grams:\n-0.01\ta a b b\n\n\\end")
    model = read_arpa(written(tmp_path, text))
    assert model.sizes == (5, 6, 4, 1)  # b b, a a and a a b are added
    wanted = {
        "b b a": [-1.0, -0.3 - 0.5, -0.11, -0.6 - 0.2 - 0.8],
        "a a b b": [-0.3, -0.1 - 0.2 - 0.6, -0.4, -0.01, -0.7],
        "b a a b": [-1.0, -0.2, -0.6 - 0.2 - 0.6, -0.4, -0.05],
    }
    found = model.token_log_probs(list(wanted))
    for scores, logs in zip(found, wanted.values(), strict=True):
        np.testing.assert_allclose(scores / np.log(10), logs)


def test_a_closed_vocabulary_has_almost_nothing_for_unknown_words(tmp_path):
    text = SRILM.replace("-1.0\t<unk>\n", "").replace("ngram 1=5", "ngram 1=4")
    with pytest.warns(UserWarning, match="hand.arpa has no <unk>: .* -100") as caught:
        model = read_arpa(written(tmp_path, text))
    assert caught[0].filename == __file__
    np.testing.assert_allclose(model.next_log_probs("a")[UNKNOWN] / np.log(10), -100.3)


def test_unknown_in_capitals(tmp_path):
    model = read_arpa(written(tmp_path, SRILM.replace("<unk>", "<UNK>")))
    np.testing.assert_allclose(model.log_probs[0][UNKNOWN] / np.log(10), -1)
    assert "<UNK>" not in model.vocabulary


BROKEN = {
    "no numbers": ("\\data\\\nngram 1=5\nngram 2=4\nngram 3=2", "\\data\\", 6, "ngram 1="),
    "number of no order": ("ngram 2=4", "ngram 3=4", 6, "ngram 2="),
    "no section": ("\\2-grams:", "\\4-grams:", 16, r"expected \\2-grams:. Received: '.*4-grams:'"),
    "a missing n-gram": ("-0.2\tb a\t-0.6\n", "", 20, "at most 0, 2 words"),
    "an n-gram too many": ("-0.2\tb a", "-0.2\ta a\n-0.2\tb a", 21, r"expected \\3-grams:"),
    "no number": ("-0.4\ta b", "x\ta b", 18, "Received: 'x\\\\ta b'"),
    "not a number": ("-0.4\ta b", "nan\ta b", 18, "log-probability of at most 0"),
    "a probability above 1": ("-0.4\ta b", "0.4\ta b", 18, "log-probability of at most 0"),
    "a wrong weight": ("<s> a\t-0.1", "<s> a\t-0.1x", 17, "perhaps a back-off weight"),
    "too few words": ("-0.05\ta b </s>", "-0.05\tb </s>", 23, "3 words"),
    "too many words": ("-0.05\ta b </s>", "-0.05\ta a a b </s>", 23, "3 words"),
    "a new word": ("-0.05\ta b </s>", "-0.05\ta c </s>", 23, "that are 1-grams"),
    "the same twice": ("-0.2\tb a", "-0.2\ta b", 19, "each n-gram once. Received: 'a b' again"),
    "a word twice": ("-0.5\tb", "-0.5\ta", 14, "each word once. Received: 'a'"),
    "no end of a sentence": ("</s>", "</S>", 14, "a 1-gram </s>"),
    "no end": ("\\end\\\n", "", 25, "Received: 'the end of the file'"),
    "cut off": ("-0.15\t<s> a b\n\n\\end\\\n", "", 23, "2 3-grams. Received: 1, then"),
    "no file at all": (SRILM, "some text\n", 1, r"expected \\data\\"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_line_is_named(tmp_path, case):
    old, new, line, message = BROKEN[case]
    assert old in SRILM
    path = written(tmp_path, SRILM.replace(old, new))
    with pytest.raises(ValueError, match=message) as error:
        read_arpa(path)
    assert str(error.value).startswith(f"{path}, line {line}: expected ")


def test_bytes_that_are_no_text(tmp_path):
    path = written(tmp_path, SRILM.encode().replace(b"\tb", b"\t\xff"))
    with pytest.raises(ValueError, match=r"line 14: expected .* UTF-8.*\\xff"):
        read_arpa(path)
    path.write_bytes(gzip.compress(SRILM.encode())[:-40])
    with pytest.raises(ValueError, match="expected a file that is not damaged"):
        read_arpa(path)


LINES = ["the cat sat", "the <unk> sat on the mat", "a <unk> ran", "é ß", ""] * 3


@pytest.mark.parametrize("name", ["model.arpa", "model.arpa.gz"])
@pytest.mark.parametrize("lines", [LINES, [line.replace("<unk>", "dog") for line in LINES]])
def test_what_is_written_reads_the_same(tmp_path, name, lines):
    model = kneser_ney(lines, 3, discounts=[(0.5, 1, 1.5)] * 3)
    write_arpa(model, tmp_path / name)
    again = read_arpa(tmp_path / name)
    assert again.vocabulary == model.vocabulary and again.sizes == model.sizes
    for context in ("", "the", "the <unk>", "new the cat"):
        one, other = (np.exp(each.next_log_probs(context)) for each in (model, again))
        np.testing.assert_allclose(one, other, rtol=1e-7)
    first = (tmp_path / name).read_bytes()
    write_arpa(again, tmp_path / name)
    assert (tmp_path / name).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.filterwarnings("ignore:The text has too little")
@pytest.mark.parametrize("estimate", [kneser_ney, good_turing, add_k])
def test_orders_that_no_sentence_is_long_enough_for(tmp_path, estimate):
    model, same = estimate(["a", "b"], 7), estimate(["a", "b"], 3)
    assert model.sizes == (5, 4, 2, 0, 0, 0, 0)
    write_arpa(model, tmp_path / "model.arpa")
    again, texts = read_arpa(tmp_path / "model.arpa"), ["a", "", "b a b", "new a b a b a b"]
    assert again.sizes == (5, 4, 2)
    assert_same_scores(again, kenlm_model(tmp_path / "model.arpa"), texts)
    if estimate is not add_k:  # whose highest order alone counts
        for one, other in zip(*(m.token_log_probs(texts) for m in (model, same)), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
    for one, other in zip(*(m.token_log_probs(texts) for m in (model, again)), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7)
    rows = np.exp(np.concatenate(list(model.distributions(texts))))
    np.testing.assert_allclose(rows.sum(axis=1), 1)


def test_the_impossible_is_written_too(tmp_path):
    model = add_k(LINES, 2, k=0)
    write_arpa(model, tmp_path / "model.arpa")
    again = read_arpa(tmp_path / "model.arpa")
    np.testing.assert_allclose(again.next_log_probs("cat"), model.next_log_probs("cat"), atol=1e-7)


@pytest.mark.parametrize("token", ["<s>", "</s>", "<unknown>", "a b", "\n", "a\t"])
def test_tokens_that_the_file_has_no_room_for(tmp_path, token):
    model = add_k([["a", token]], 2)
    with pytest.raises(ValueError, match="Expected tokens without white space"):
        write_arpa(model, tmp_path / "model.arpa")
    assert not list(tmp_path.iterdir())


def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "model.arpa"
    path.write_text("before")
    model = add_k(["a b"], 2)
    model.backoffs[0] = model.backoffs[0][:3]
    with pytest.raises(IndexError):
        write_arpa(model, path)
    assert path.read_text() == "before" and list(tmp_path.iterdir()) == [path]


def kenlm_model(path):
    kenlm = pytest.importorskip("kenlm", reason="needs the kenlm package, built by a C++ compiler")
    return kenlm.Model(str(path))


def assert_same_scores(model, other, lines):
    scores = model.token_log_probs(lines)
    for line, each in zip(lines, scores, strict=True):
        line = line.strip()
        np.testing.assert_allclose(each.sum() / np.log(10), other.score(line), atol=1e-4)
        tokens = [score for score, _, _ in other.full_scores(line)]
        np.testing.assert_allclose(each / np.log(10), tokens, atol=2e-5)


ESTIMATES = {
    "kneser_ney": lambda lines: kneser_ney(lines, 4, discounts=[(0.5, 1, 1.5)] * 4),
    "cut": lambda lines: kneser_ney(lines, 3, discounts=[(0.5, 1, 1.5)] * 3, min_counts=(1, 1, 4)),
    "vocabulary": lambda lines: kneser_ney(
        lines, 2, Vocabulary(["the", "never", "sat"]), [(0.5, 1, 1.5)] * 2
    ),
    "add_k": lambda lines: add_k(lines, 3, k=0.1),
}


@pytest.mark.parametrize("kind", ESTIMATES)
@pytest.mark.parametrize("lines", [LINES, [line.replace("<unk>", "dog") for line in LINES]])
def test_kenlm_scores_the_same(tmp_path, kind, lines):
    model = ESTIMATES[kind](lines)
    write_arpa(model, tmp_path / "model.arpa")
    other = kenlm_model(tmp_path / "model.arpa")
    texts = [*lines, "the cat ran on on on the the", "sat sat", "<unk> cat"]
    known = [text for text in texts if set(text.split()) <= set(model.vocabulary.tokens)]
    assert_same_scores(model, other, known)
    if "<unk>" not in model.vocabulary:  # or KenLM takes an unknown word for that one
        assert_same_scores(model, other, ["new the cat", "the new", "the é new cat", "new"])


def test_a_file_made_by_hand_scores_as_kenlm_has_it(tmp_path):
    path = written(tmp_path, SRILM.lstrip().removeprefix("Made by hand.\n\n"))
    texts = ["a b", "a a", "b", "new a", "b a b", "", "a new b b a a b"]
    assert_same_scores(read_arpa(path), kenlm_model(path), texts)


@pytest.mark.slow
@pytest.mark.skipif(not PTB.exists(), reason="the Penn Treebank text is not at hand")
def test_penn_treebank_as_kenlm_scores_it(tmp_path):
    lines = {
        split: (PTB / f"ptb.{split}.txt").read_text(encoding="utf-8").splitlines()
        for split in ("train", "test")
    }
    model = kneser_ney(lines["train"])
    assert "<unk>" in model.vocabulary
    write_arpa(model, tmp_path / "kn5.arpa")
    other = kenlm_model(tmp_path / "kn5.arpa")
    assert_same_scores(model, other, lines["test"])
    again = read_arpa(tmp_path / "kn5.arpa")
    assert again.vocabulary == model.vocabulary
    assert_same_scores(again, other, lines["test"][:100])


@pytest.mark.filterwarnings("ignore:The text has too little")
def test_ids_of_the_reserved_words(tmp_path):
    model = good_turing(LINES, 2)
    write_arpa(model, tmp_path / "model.arpa")
    lines = (tmp_path / "model.arpa").read_text(encoding="utf-8").splitlines()
    names = [line.split("\t")[1] for line in lines[5:8]]
    assert names == ["<unknown>", "<s>", "</s>"] and lines[6].startswith("-99\t")
    again = read_arpa(tmp_path / "model.arpa")
    np.testing.assert_allclose(again.log_probs[0][[UNKNOWN, BEGIN, END]], model.log_probs[0][1:4])
