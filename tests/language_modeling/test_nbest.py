"""N-best lists in the forms of Kaldi, SRILM and rnnlm, written here by hand, and what is broken."""

import gzip
import math
import re

import pytest

from kerasrnn.language_modeling import (
    Hypothesis,
    NBestList,
    nbest_form,
    read_nbest,
    read_texts,
    write_nbest,
    write_texts,
)

TEN = math.log(10)
LISTS = [
    NBestList(
        "spk-1-a",
        tuple(
            Hypothesis(words, acoustic, language)
            for words, acoustic, language in [
                (("hello", "world"), -10.5, -2.25),
                ((), -11.0, 0.0),
                *(((f"w{i}", "é"), -12.0 - i, -3.5) for i in range(9)),
            ]
        ),
    ),
    NBestList("b", (Hypothesis(("yes",), 3.5, -1e-7),)),
]


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_kaldi_there_and_back(tmp_path, suffix):
    files = [tmp_path / f"{name}{suffix}" for name in ("text", "ac", "lm")]
    write_nbest(files[0], LISTS, "kaldi", files[1], files[2])
    assert read_nbest(*files[:1], "kaldi", *files[1:]) == LISTS
    assert read_nbest(files[0], acoustic=files[1], language=files[2]) == LISTS
    without = read_nbest(files[0])
    assert [h.words for h in without[0].hypotheses] == [h.words for h in LISTS[0].hypotheses]
    assert {(h.acoustic, h.language) for each in without for h in each.hypotheses} == {(0.0, 0.0)}
    with (gzip.open if suffix else open)(files[1], "rt") as file:
        assert file.readline() == "spk-1-a-1 10.5\n"  # a cost


def test_kaldi_sorted_by_keys(tmp_path):
    """As sort does it: the tenth before the second."""
    (tmp_path / "text").write_text("u-1 <s> one -pau-\nu-10 ten\nu-2 two\n\tv-1   \n")
    (tmp_path / "cost").write_text("u-10 3\nv-1 -4\nu-1 1e1\nu-2 2\n")
    one, two = read_nbest(tmp_path / "text", acoustic=tmp_path / "cost")
    assert [h.words for h in one.hypotheses] == [("one",), ("two",), ("ten",)]
    assert [h.acoustic for h in one.hypotheses] == [-10, -2, -3]
    assert two == NBestList("v", (Hypothesis((), 4.0, 0.0),))
    kept = read_nbest(tmp_path / "text", silent=())[0]
    assert kept.first_best == ("<s>", "one", "-pau-")


def test_srilm_there_and_back(tmp_path):
    write_nbest(tmp_path / "lists", LISTS, "srilm")
    found = read_nbest(tmp_path / "lists")
    assert [each.utterance for each in found] == ["b", "spk-1-a"]
    for one, other in zip(found[::-1], LISTS, strict=True):
        for here, there in zip(one.hypotheses, other.hypotheses, strict=True):
            assert here.words == there.words
            assert here.acoustic == pytest.approx(there.acoustic, rel=1e-14)
            assert here.language == pytest.approx(there.language, rel=1e-14)
    alone = read_nbest(tmp_path / "lists" / "spk-1-a.nbest.gz")
    assert alone == [found[1]]
    with pytest.raises(ValueError, match="Expected a new folder"):
        write_nbest(tmp_path / "lists", LISTS, "srilm")


def test_srilm_by_hand(tmp_path):
    path = tmp_path / "call.gz"
    path.write_bytes(gzip.compress(b"-100 -2.5 2 <s> the cat </s>\n-inf -3 0\n"))
    (found,) = read_nbest(path)
    assert found.utterance == "call"
    assert found.hypotheses[0] == Hypothesis(("the", "cat"), -100 * TEN, -2.5 * TEN)
    assert found.hypotheses[1] == Hypothesis((), -math.inf, -3 * TEN)


def test_decipher(tmp_path):
    (tmp_path / "one").write_text("NBestList1.0\n(-1000) the -pau- cat\n(-2000.5) a\n")
    (found,) = read_nbest(tmp_path / "one")
    bytelog = 1024 * math.log(1.0001)
    assert [h.words for h in found.hypotheses] == [("the", "cat"), ("a",)]
    assert [h.acoustic for h in found.hypotheses] == [-1000 * bytelog, -2000.5 * bytelog]
    # Phones within a word have no score of their own; a pause has, but is no word.
    (tmp_path / "two").write_text(
        "NBestList2.0\n"
        "(-99) the ( st: 0 et: 0.3 g: -5 a: -100 ) dh ( st: 0 et: 0.1 g: 0 a: -60 ) "
        "ax ( st: 0.1 et: 0.3 g: 0 a: -40 ) -pau- ( st: 0.3 et: 0.5 g: -1 a: -7 ) "
        "cat ( st: 0.5 et: 0.9 g: -6 a: -200 )\n(-1)\n"
    )
    (found,) = read_nbest(tmp_path / "two", "srilm")
    assert [h.words for h in found.hypotheses] == [("the", "cat"), ()]
    assert found.hypotheses[0].acoustic == pytest.approx(-307 * bytelog)
    assert found.hypotheses[0].language == pytest.approx(-12 * bytelog)


def test_rnnlm_there_and_back(tmp_path):
    write_nbest(tmp_path / "list", LISTS, "rnnlm")
    found = read_nbest(tmp_path / "list")
    assert [each.utterance for each in found] == ["spk-1-a", "b"]
    for one, other in zip(found, LISTS, strict=True):
        assert [h.words for h in one.hypotheses] == [h.words for h in other.hypotheses]
    (tmp_path / "list").write_text("1 the cat\r\n1 a cat\r\n2\r\n1 third\r\n")
    one, two = read_nbest(tmp_path / "list", "rnnlm")
    assert [h.words for h in one.hypotheses] == [("the", "cat"), ("a", "cat"), ("third",)]
    assert two.first_best == ()


def test_texts_there_and_back(tmp_path):
    texts = {"u-1": ("the", "cat"), "u-2": (), "ü": ("\u2028",)}
    write_texts(tmp_path / "text", texts)
    assert (tmp_path / "text").read_bytes().startswith(b"u-1 the cat\nu-2\n")
    assert read_texts(tmp_path / "text") == texts


BROKEN = {
    "kaldi": [
        (b"u-1 a\nu b\n", "line 2: expected `utterance-N` and the words"),
        (b"u-1 a\n\n", "line 2: expected `utterance-N`"),
        (b"u-1 a\nu-1 b\n", "line 2: expected `utterance-N` and the words of its hypothesis N"),
        (b"u-1 a\nu-2 \xff\n", "line 2: expected UTF-8. Received: the byte 0xff"),
    ],
    "srilm": [
        (b"-1 -2 1 a\n-1 x 1 b\n", "line 2: expected two base-10 logarithms"),
        (b"-1 -2 1 a\n-1 -2\n", "line 2: expected two base-10 logarithms"),
        (b"-1 -2 1.5 a\n", "line 1: expected two base-10 logarithms"),
        (b"-1 nan 1 a\n", "line 1: expected two base-10 logarithms"),
        (b"NBestList1.0\n-1 a\n", "line 2: expected `(score)` and the words"),
        (b"NBestList1.0\n(x) a\n", "line 2: expected `(score)` and the words"),
        (b"NBestList2.0\n(-1) a ( st: 0 et: 1 g: 0 )\n", "line 2: expected `(score)` and `word ("),
        (b"NBestList2.0\n(-1) a ( st: 0 et: 1 a: 0 g: 0 )\n", "line 2: expected `(score)` and"),
        (b"NBestList2.0\n", "expected a hypothesis. Received: none"),
        (b"", "expected a hypothesis. Received: none"),
    ],
    "rnnlm": [(b"u a\n\nu b\n", "line 2: expected an utterance and words. Received: ''")],
}


@pytest.mark.parametrize(
    "form, content, message",
    [(form, *each) for form, cases in BROKEN.items() for each in cases],
)
def test_broken_lines_are_named(tmp_path, form, content, message):
    (tmp_path / "broken").write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(tmp_path / "broken"))) as error:
        read_nbest(tmp_path / "broken", form)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "costs, message",
    [
        ("u-1 1\n", "Received: none of 'u-2'"),
        ("u-1 1\nu-2 x\n", "line 2: expected `utterance-N` and a cost. Received: 'u-2 x'"),
        ("u-1 1\nu-2\n", "line 2: expected `utterance-N` and a cost"),
        ("u-1 1\nu-2 2\nu-3 3\n", "line 3: expected the cost of a hypothesis"),
        ("u-1 1\nu-1 2\n", "line 2: expected the cost of a hypothesis"),
    ],
)
def test_costs_belong_to_hypotheses(tmp_path, costs, message):
    (tmp_path / "text").write_text("u-1 a\nu-2 b\n")
    (tmp_path / "cost").write_text(costs)
    with pytest.raises(ValueError, match=re.escape(str(tmp_path / "cost"))) as error:
        read_nbest(tmp_path / "text", language=tmp_path / "cost")
    assert message in str(error.value)


def test_other_faults(tmp_path):
    with pytest.raises(ValueError, match="which is not there"):
        read_nbest(tmp_path / "absent")
    (tmp_path / "list").write_text("u a\n")
    with pytest.raises(ValueError, match="forms kaldi, srilm, rnnlm. Received: 'htk'"):
        read_nbest(tmp_path / "list", "htk")
    with pytest.raises(ValueError, match="forms kaldi, srilm, rnnlm. Received: 'htk'"):
        write_nbest(tmp_path / "new", LISTS, "htk")
    with pytest.raises(ValueError, match="kaldi alone. Received: 'rnnlm'"):
        read_nbest(tmp_path / "list", "rnnlm", acoustic=tmp_path / "list")
    with pytest.raises(ValueError, match="line 2: expected a new utterance"):
        (tmp_path / "list").write_text("u a\nu b\n")
        read_texts(tmp_path / "list")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="n-best lists. Received: .*empty"):
        read_nbest(tmp_path / "folder")
    for form in ("rnnlm", "srilm"):
        with pytest.raises(ValueError, match="Expected a folder. Received"):
            write_nbest(tmp_path / "absent" / "new", LISTS, form)
    with pytest.raises(ValueError, match="a hypothesis of 'x'. Received: none"):
        NBestList("x", ())


@pytest.mark.parametrize(
    "text, form, sizes",
    [
        ("call-1 a\ncall-2 b\n", "kaldi", [2]),
        ("call-1 a\ncall-1 b\n", "rnnlm", [2]),
        ("call a\ncall b\n", "rnnlm", [2]),
        ("call-1 a\n", "kaldi", [1]),
    ],
)
def test_a_name_that_comes_again_counts_no_hypotheses(tmp_path, text, form, sizes):
    (tmp_path / "list").write_text(text)
    assert nbest_form(tmp_path / "list") == form
    assert [len(each.hypotheses) for each in read_nbest(tmp_path / "list")] == sizes


def test_lists_of_other_encodings(tmp_path):
    (tmp_path / "list").write_bytes("u ü\nu ä\n".encode("latin-1"))
    (found,) = read_nbest(tmp_path / "list", encoding="latin-1")
    assert [each.words for each in found.hypotheses] == [("ü",), ("ä",)]
    (tmp_path / "said").write_bytes("u ü\n".encode("latin-1"))
    assert read_texts(tmp_path / "said", "latin-1") == {"u": ("ü",)}
