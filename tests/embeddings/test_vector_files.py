"""Files of word vectors, written here byte by byte: every form, every quirk, every fault."""

import gzip
import re
import struct
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerasrnn.embeddings import WordVectors, read_vectors, vector_files, vector_rows, write_vectors
from kerasrnn.vocabulary import Vocabulary

# All of them are exact in float32 and in decimals.
WORDS = ("the", "naïve", "a\u00a0b", "\u2028", "￭,")
ROWS = [[0.5, -1.25, 3.0], [0.0, 2.0, -0.125], [7.5, 8.0, 9.0], [1.0, 0.25, -4.0], [6, 5, 4]]


def text(header=True, end="\n", between=" ", tail="", rows=ROWS, words=WORDS):
    lines = [f"{len(words)} {len(rows[0])}{tail}{end}"] if header else []
    for word, row in zip(words, rows, strict=True):
        lines.append(between.join([word, *map(str, row)]) + tail + end)
    return "".join(lines).encode()


def binary(end=b"\n", rows=ROWS, words=WORDS, count=None):
    content = b"%d %d\n" % (len(words) if count is None else count, len(rows[0]))
    for word, row in zip(words, rows, strict=True):
        word = word if isinstance(word, bytes) else word.encode()
        content += word + b" " + struct.pack(f"<{len(row)}f", *row) + end
    return content


FORMS = {
    "word2vec": text(),
    "word2vec, trailing spaces": text(tail=" "),
    "no last line end": text().rstrip(b"\n"),
    "line ends of Windows": text(end="\r\n"),
    "spaces before line ends of Windows": text(end="\r\n", tail=" "),
    "byte order mark": b"\xef\xbb\xbf" + text(),
    "tabs": text(between="\t"),
    "two spaces": text(between="  "),
    "empty lines": text().replace(b"\n", b"\n\n") + b"\n \n",
    "GloVe": text(header=False),
    "GloVe, trailing spaces, line ends of Windows": text(header=False, end="\r\n", tail=" "),
    "GloVe, tabs": text(header=False, between="\t"),
    "binary of word2vec": binary(),
    "binary of gensim": binary(end=b""),
    "binary, more line ends": binary(end=b"\n\n"),
}


def put(tmp_path, content, name="vectors.any"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same(tmp_path, form, zipped):
    content = gzip.compress(FORMS[form]) if zipped else FORMS[form]
    # The suffix says nothing, and a wrong one misleads nobody.
    vectors = read_vectors(put(tmp_path, content, "vectors.bin"))
    assert vectors.words == WORDS
    assert vectors.vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors.vectors, ROWS)
    assert len(vectors) == len(WORDS)
    assert "5 words, 3 numbers" in repr(vectors)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "wanted",
    [{"\u2028", "the", "absent"}, ["the", "\u2028", "the"], Vocabulary(["x", "\u2028", "the"])],
    ids=["set", "list", "vocabulary"],
)
def test_wanted_words_alone_are_kept_in_the_order_of_the_file(tmp_path, form, wanted):
    vectors = read_vectors(put(tmp_path, FORMS[form]), wanted)
    assert vectors.words == ("the", "\u2028")
    np.testing.assert_array_equal(vectors.vectors, [ROWS[0], ROWS[3]])


@pytest.mark.parametrize("form", FORMS)
def test_no_wanted_word_gives_an_empty_table_of_the_right_width(tmp_path, form):
    assert read_vectors(put(tmp_path, FORMS[form]), ()).vectors.shape == (0, 3)
    assert tuple(vector_files.iterate_words(tmp_path / "vectors.any")) == WORDS


@pytest.mark.parametrize("header", [False, True])
def test_words_may_hold_spaces(tmp_path, header):
    """As those of GloVe's file of 840 billion words do."""
    words = ("the", ". . .", "at name@domain.com", "a  b", "2005", "\x0b", "nan")
    rows = np.arange(14).reshape(7, 2) / 8
    content = text(header, words=words, rows=rows.tolist())
    vectors = read_vectors(put(tmp_path, content))
    assert vectors.words == words
    np.testing.assert_array_equal(vectors.vectors, rows)


@pytest.mark.parametrize("word", ["\x0b", "\x01", "é", "日本", "1", "\u3000"])
@pytest.mark.parametrize("write", [text, binary, lambda **given: text(False, **given)])
@pytest.mark.parametrize("size", [1, 2, 300])
def test_a_single_row_of_any_word(tmp_path, write, word, size, rng):
    row = np.float32(rng.normal(size=size)).tolist()
    vectors = read_vectors(put(tmp_path, write(rows=[row], words=[word])))
    assert vectors.words == (word,)
    np.testing.assert_array_equal(vectors.vectors, np.float32([row]))


def test_numbers_that_look_like_line_ends_and_spaces_are_numbers(tmp_path):
    """A binary float may hold any byte, those of white space and digits among them."""
    numbers = b"\n\n\n\n" + b"    " + b"0.5 " + b"\x00\x00\x80\x3f"
    content = b"2 4\nthe " + numbers + b"\ncat " + numbers
    vectors = read_vectors(put(tmp_path, content))
    assert vectors.words == ("the", "cat")
    np.testing.assert_array_equal(vectors.vectors, [struct.unpack("<4f", numbers)] * 2)


def test_a_header_without_words(tmp_path):
    assert read_vectors(put(tmp_path, b"0 5\n")).vectors.shape == (0, 5)


@pytest.mark.parametrize("write", [text, binary])
def test_the_first_of_repeated_words_stays(tmp_path, write):
    content = write(words=["a", "b", "a"], rows=ROWS[:3])
    vectors = read_vectors(put(tmp_path, content))
    assert vectors.words == ("a", "b")
    np.testing.assert_array_equal(vectors.vectors, ROWS[:2])


def test_a_binary_word_that_was_cut_within_a_letter(tmp_path):
    content = binary(words=[b"caf\xc3", b"the"], rows=ROWS[:2])
    assert read_vectors(put(tmp_path, content)).words == ("caf\ufffd", "the")


@pytest.mark.parametrize("head", [70, 71, 97, 256])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_binary_records_over_the_ends_of_what_is_read_at_once(tmp_path, monkeypatch, head, end):
    rows = np.float32(np.random.default_rng(1).normal(size=(211, 5)))
    words = [f"w{i}" * (i % 13 + 1) for i in range(len(rows))]
    path = put(tmp_path, binary(end, rows.tolist(), words))
    recognised = vector_rows.recognise
    monkeypatch.setattr(vector_rows, "LONGEST_WORD", 70)

    def with_a_small_head(path, file):
        form = recognised(path, file)
        monkeypatch.setattr(vector_rows, "HEAD", head)
        return form

    monkeypatch.setattr(vector_files, "recognise", with_a_small_head)
    vectors = read_vectors(path)
    assert vectors.words == tuple(words)
    np.testing.assert_array_equal(vectors.vectors, rows)


MALFORMED_TEXT = {
    "a number too few": (b"dog 1 2", "Received: 'dog 1 2', 3 columns"),
    "a number too many": (b"dog 1 2 3 4", "Received: 'dog 1 2 3 4', 5 columns"),
    "a small number too many": (b"dog .5 -1e-3 3 4", "5 columns"),
    "tabs, a number too many": (b"dog\t1\t2\t3\t4", "5 columns"),
    "a word alone": (b"dog", "Received: 'dog', 1 columns"),
    "no word": (b"1 2 3", "Received: '1 2 3', 3 columns"),
    "a space for a word": (b"  1 2 3", "expected a word and 3 numbers"),
    "no number": (b"dog 1 x 3", "Received: 'dog 1 x 3'"),
}


@pytest.mark.parametrize("form", ["header", "GloVe"])
@pytest.mark.parametrize("fault", MALFORMED_TEXT)
def test_a_malformed_line_is_named(tmp_path, fault, form):
    line, received = MALFORMED_TEXT[fault]
    head = [b"3 3"] if form == "header" else []
    path = put(tmp_path, b"\n".join([*head, b"the 1 2 3", b"", line, b"cat 4 5 6"]) + b"\n")
    expected = f"{path}, line {len(head) + 3}: expected a word and 3 numbers. "
    with pytest.raises(ValueError, match=re.escape(expected)) as error:
        read_vectors(path)
    assert received in str(error.value)


@pytest.mark.parametrize("fault", MALFORMED_TEXT)
def test_a_malformed_line_behind_the_header_is_taken_for_text(tmp_path, fault):
    line, _ = MALFORMED_TEXT[fault]
    path = put(tmp_path, b"1 3\n" + line + b"\n")
    with pytest.raises(ValueError, match=r"line 2: expected a word and 3 numbers"):
        read_vectors(path)


def test_a_long_line_is_shortened_and_one_dimension_is_one_number(tmp_path):
    path = put(tmp_path, b"the 0.5\n" + b"x" * 5000 + b"\n")
    with pytest.raises(ValueError, match=r"a word and 1 number\. Received: 'x{50} …', 1 columns"):
        read_vectors(path)


def test_numbers_of_unwanted_words_are_passed_over_but_counted(tmp_path):
    path = put(tmp_path, b"the 1 2\ncat x nan\n")
    assert read_vectors(path, {"the"}).words == ("the",)
    put(tmp_path, b"the 1 2\ncat 1\n")
    with pytest.raises(ValueError, match="line 2: expected a word and 2 numbers"):
        read_vectors(path, {"the"})


INFINITE = {"nan": "nan", "-inf": "-inf", "1e300": "inf"}  # the last one in float32


@pytest.mark.parametrize("number", INFINITE)
@pytest.mark.parametrize("line", [1, 2, 3])
def test_a_number_that_is_not_finite_names_its_line(tmp_path, number, line):
    rows = [[1, 2], [3, 4], [5, 6]]
    rows[line - 1][1] = number
    words = ["a", "b", "c"]
    tail = f"expected finite numbers. Received: {INFINITE[number]} as number 2$"
    with pytest.raises(ValueError, match=rf"line {line + 1}: {tail}"):
        read_vectors(put(tmp_path, text(rows=rows, words=words)))
    with pytest.raises(ValueError, match=f"line {line}: {tail}"):
        read_vectors(put(tmp_path, text(False, rows=rows, words=words)))
    if number != "1e300":
        rows[line - 1][1] = float(number)
        with pytest.raises(ValueError, match=f"record {line}: {tail}"):
            read_vectors(put(tmp_path, binary(rows=rows, words=words)))


@pytest.mark.parametrize("header", [False, True])
def test_text_that_is_not_utf8_names_its_line(tmp_path, header):
    content = text(header, words=["the", "caf€"], rows=ROWS[:2])
    path = put(tmp_path, content.replace("€".encode(), b"\xe9"))
    with pytest.raises(ValueError, match=f"line {2 + header}: expected UTF-8"):
        read_vectors(path)


@pytest.mark.parametrize("count", [4, 6, 1000])
@pytest.mark.parametrize("write", [text, binary])
def test_a_header_that_counts_wrong_names_both_numbers(tmp_path, write, count):
    path = put(tmp_path, write().replace(b"5 3", b"%d 3" % count, 1))
    with pytest.raises(ValueError, match=rf"{count} words, as its header says\. Received: 5"):
        read_vectors(path, {"the"})


@pytest.mark.parametrize("lost", [1, 11, 12, 13, 14])
def test_a_cut_binary_file_names_its_record(tmp_path, lost):
    content = binary(end=b"", words=["the", "of"], rows=ROWS[:2])
    with pytest.raises(ValueError, match="record 2: expected a word and 3 numbers. Received: "):
        read_vectors(put(tmp_path, content[:-lost]))


def test_binary_records_without_a_word_are_named(tmp_path):
    content = binary(words=["the", "", "of"], rows=ROWS[:3])
    with pytest.raises(ValueError, match="record 2: expected a word"):
        read_vectors(put(tmp_path, content))
    path = put(tmp_path, binary(words=["the"], rows=ROWS[:1], count=2) + b"\x00" * 10_000)
    with pytest.raises(ValueError, match="record 2: expected a word"):
        read_vectors(path)


@pytest.mark.parametrize(
    "content, received",
    [
        (b"", "Received: an empty file"),
        (b"\n\n", "Received: ''"),
        (b"hello\n", "Received: 'hello'"),
        (b"a text of words\n", "Received: 'a text of words'"),
        (b"3 0\n", "at least one number. Received: 0"),
    ],
)
def test_other_files_are_refused_at_their_first_line(tmp_path, content, received):
    path = put(tmp_path, content)
    for wanted in (None, {"absent"}):
        with pytest.raises(ValueError, match=re.escape(f"{path}, line 1: expected")) as error:
            read_vectors(path, wanted)
        assert received in str(error.value)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"PK\x03\x04 and so on", "a zip archive; unpack it first"),
        (gzip.compress(text(), mtime=0)[:-9], "a whole gzip file"),
        (gzip.compress(text(), mtime=0)[:20] + b"\xff" * 40, "a whole gzip file"),
        (b"\x1f\x8bno gzip at all", "a whole gzip file"),
    ],
)
def test_files_of_other_kinds(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_vectors(put(tmp_path, content))


def test_wrong_arguments_of_read_vectors(tmp_path):
    with pytest.raises(ValueError, match="absent.txt', which is not there"):
        read_vectors(tmp_path / "absent.txt")
    with pytest.raises(ValueError, match="collection of words. Received: 'the'"):
        read_vectors(put(tmp_path, text()), "the")


# Every finite float32, and words of whatever is no ASCII white space.
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
TOKENS = st.text(
    st.characters(exclude_characters=" \t\n\r\v\f", exclude_categories=["Cs"]), min_size=1
)


@given(st.data(), st.lists(TOKENS, unique=True, max_size=7), st.integers(1, 5))
def test_what_is_written_is_read_bit_for_bit(tmp_path_factory, data, words, size):
    rows = [data.draw(st.lists(FLOATS, min_size=size, max_size=size)) for _ in words]
    vectors = np.float32(rows).reshape(len(words), size)
    path = tmp_path_factory.mktemp("vectors") / "vectors.txt"
    write_vectors(path, words, vectors)
    table = read_vectors(path)
    assert table.words == tuple(words)
    assert table.vectors.tobytes() == vectors.tobytes()


def test_random_bits_survive_the_file(tmp_path, rng):
    bits = rng.integers(0, 2**32, (1009, 7), dtype=np.uint32)
    vectors = bits.view(np.float32)
    vectors = vectors[np.isfinite(vectors).all(axis=1)]
    words = [str(i) for i in range(len(vectors))]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_vectors(tmp_path / "vectors.txt", words, vectors)
        table = read_vectors(tmp_path / "vectors.txt")
    assert table.vectors.tobytes() == vectors.tobytes()
    lines = (tmp_path / "vectors.txt").read_text().splitlines()
    assert lines[0] == f"{len(words)} 7"
    assert len(lines) == len(words) + 1


@pytest.mark.parametrize(
    "words, vectors, message",
    [
        (["a", ""], [[1], [2]], "without white space. Received: ''"),
        (["a", "b c"], [[1], [2]], "without white space. Received: 'b c'"),
        (["a", "b\n"], [[1], [2]], "without white space. Received: 'b\\n'"),
        (["a", "b\f"], [[1], [2]], "without white space. Received: 'b\\x0c'"),
        (["a", "b\r"], [[1], [2]], "without white space. Received: 'b\\r'"),
        (["a", "\ud800"], [[1], [2]], "that UTF-8 can write. Received: '\\ud800'"),
        (["a", "a"], [[1], [2]], "distinct words. Received 'a' more than once"),
        (["a", "b"], [[1], [np.nan]], "finite numbers. Received: 'b'"),
        (["a", "b"], [[1], [1e300]], "finite numbers. Received: 'b'"),
        (["a"], [[1], [2]], "a row for each of 1 words. Received: shape (2, 1)"),
        (["a"], [1], "a row for each of 1 words. Received: shape (1,)"),
        (["a"], [[]], "at least one number"),
    ],
)
def test_what_cannot_be_written_leaves_no_file(tmp_path, words, vectors, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        write_vectors(tmp_path / "vectors.txt", words, vectors)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_stays_as_it_is(tmp_path):
    path = put(tmp_path, b"mine")
    with pytest.raises(ValueError, match="Expected a new file"):
        write_vectors(path, ["a"], [[1.0]])
    assert path.read_bytes() == b"mine"
    with pytest.raises(ValueError, match="Expected a folder"):
        write_vectors(tmp_path / "absent" / "vectors.txt", ["a"], [[1.0]])


def test_a_failed_writing_leaves_nothing(tmp_path, monkeypatch):
    at_the_end = []

    def stop(*paths):
        at_the_end.append((tmp_path / "vectors.txt").exists())
        raise KeyboardInterrupt

    monkeypatch.setattr(vector_files.os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_vectors(tmp_path / "vectors.txt", ["a"], [[1.0]])
    assert at_the_end == [False]
    assert list(tmp_path.iterdir()) == []


def test_word_vectors_take_what_is_in_memory():
    vectors = WordVectors(["a", "b"], np.float64([[1, 2], [3, 4]]))
    assert vectors.words == ("a", "b")
    assert vectors.vectors.dtype == np.float32
    with pytest.raises(AttributeError):
        vectors.words = ()
