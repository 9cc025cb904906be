"""Encoded examples in memory, in files and in a cache: what goes in comes out."""

import gc
import io
import json
import os
import pathlib
import re
import shutil
import tempfile

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn import Tokenizer, Vocabulary
from kerasrnn.datasets import labelled_text_examples, source_digest, stream_batches
from kerasrnn.datasets.batches import store as store_module
from kerasrnn.datasets.batches.store import Store
from kerasrnn.datasets.readers.reader_notes import notes_to
from kerasrnn.datasets.sources import digests

NUMBER = 23
KINDS = ["memory", "files", "spilled"]


def rows(rng):
    """Examples of every kind: a number, a fixed shape, a sequence, vectors, sequences of those."""
    sizes = rng.integers(0, 5, NUMBER)
    inner = [rng.integers(0, 4, size) for size in sizes]
    return {
        "number": rng.integers(0, 9, NUMBER).astype("int32"),
        "image": rng.integers(0, 256, (NUMBER, 2, 3)).astype("uint8"),
        "ids": [rng.integers(1, 9, size).astype("int32") for size in sizes],
        "frames": [rng.random((size, 2, 1)).astype("float32") for size in sizes],
        "mask": [np.ones(size, bool) for size in sizes],
        "letters": [[rng.integers(1, 9, size).astype("int32") for size in each] for each in inner],
    }


def encoded(parts, at_once=7):
    def batches():
        for start in range(0, NUMBER, at_once):
            some = slice(start, start + at_once)
            yield (
                parts["number"][some],
                parts["image"][some],
                *(ragged(parts[name][some]) for name in ("ids", "frames", "mask")),
                tf.ragged.stack(
                    [
                        tf.ragged.constant([list(w) for w in s], tf.int32, 1)
                        for s in parts["letters"][some]
                    ]
                ),
            )

    def ragged(arrays):
        sizes = [len(each) for each in arrays]
        return tf.RaggedTensor.from_row_lengths(np.concatenate(arrays), sizes)

    def spec(*shape, kind, ranks=1):
        return tf.RaggedTensorSpec([None, *shape], kind, ranks)

    return tf.data.Dataset.from_generator(
        batches,
        output_signature=(
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([None, 2, 3], tf.uint8),
            spec(None, kind=tf.int32),
            spec(None, 2, 1, kind=tf.float32),
            spec(None, kind=tf.bool),
            spec(None, None, kind=tf.int32, ranks=2),
        ),
    )


def padded(arrays, *inner):
    """An independent padding, one example at a time."""
    width = max((len(each) for each in arrays), default=0)
    result = np.zeros((len(arrays), width, *inner))
    for row, each in zip(result, arrays, strict=True):
        row[: len(each)] = each
    return result


@pytest.fixture(params=KINDS)
def store(request, rng, tmp_path, monkeypatch):
    parts = rows(rng)
    if request.param == "spilled":
        monkeypatch.setattr(store_module, "MEMORY", 100)
        monkeypatch.setattr(store_module, "BUFFER", 100)
    folder = tmp_path if request.param == "files" else None
    return Store.build(encoded(parts), folder), parts


def test_examples_come_back_padded(store):
    store, parts = store
    assert len(store) == NUMBER
    for indices in ([0, 1, 2], [22, 5, 5, 11], list(range(NUMBER)), [4]):
        number, image, ids, frames, mask, letters = store.take(np.array(indices))
        np.testing.assert_array_equal(number, parts["number"][indices])
        np.testing.assert_array_equal(image, parts["image"][indices])
        chosen = {name: [each[i] for i in indices] for name, each in parts.items()}
        np.testing.assert_array_equal(ids, padded(chosen["ids"]))
        np.testing.assert_array_equal(mask, padded(chosen["mask"]))
        np.testing.assert_array_equal(frames, padded(chosen["frames"], 2, 1))
        width = max((len(w) for s in chosen["letters"] for w in s), default=0)
        words = [
            np.array([np.pad(w, (0, width - len(w))) for w in s]).reshape(len(s), width)
            for s in chosen["letters"]
        ]
        np.testing.assert_array_equal(letters, padded(words, width))
        kinds = [part.dtype.name for part in (number, image, ids, frames, mask, letters)]
        assert kinds == ["int32", "uint8", "int32", "float32", "bool", "int32"]


def test_lengths_and_widths(store):
    store, parts = store
    lengths = [column.lengths() for column in store.columns]
    assert (lengths[0], lengths[1]) == (1, 2)
    for each, name in zip(lengths[2:], ("ids", "frames", "mask", "letters"), strict=True):
        assert each.tolist() == [len(row) for row in parts[name]]
    _, _, ids, frames, _, letters = store.take(np.array([3, 4]), 13)
    greatest = max(len(w) for s in parts["letters"] for w in s)
    assert (ids.shape, frames.shape) == ((2, 13), (2, 13, 2, 1))
    assert letters.shape == (2, 13, greatest)


def test_nothing_is_a_table_too():
    ids = tf.data.Dataset.from_tensors(tf.ragged.constant([[1]])).take(0)
    store = Store.build(ids)
    assert len(store) == 0 and store.columns[0].lengths().tolist() == []


def test_a_temporary_folder_goes_with_its_table(rng, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(store_module, "MEMORY", 100)
    store = Store.build(encoded(rows(rng)))
    assert len(os.listdir(tmp_path)) == 1
    assert store.take(np.array([1]))[0].shape == (1,)
    del store
    gc.collect()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("break_it", ["shorter", "missing", "other"])
def test_a_folder_that_is_not_whole_is_refused(rng, tmp_path, break_it):
    Store.build(encoded(rows(rng)), tmp_path)
    if break_it == "shorter":
        (tmp_path / "2-1").write_bytes(b"123")
    elif break_it == "missing":
        (tmp_path / "2-1").unlink()
    else:
        (tmp_path / "content.json").write_text("[]")
    with pytest.raises(ValueError, match=f"Expected encoded examples in {tmp_path}. Received: "):
        Store.open(tmp_path)


TEXTS = [("a b", "x"), ("b", "y"), ("c a a", "x")]


def examples(folder, source="here", words="ab", labels="xy", calls=None):
    def texts():
        if calls is not None:
            calls.append(source)
        yield from TEXTS

    data = tf.data.Dataset.from_generator(
        texts, output_signature=(tf.TensorSpec((), tf.string),) * 2
    )
    tokenizer = Tokenizer(Vocabulary(words), "whitespace")
    return labelled_text_examples(data, tokenizer, list(labels)).cached(folder, source)


def content(examples):
    return [
        tuple(part.tolist() for part in batch) for batch in examples.batches(2).as_numpy_iterator()
    ]


def test_a_cache_is_read_and_never_taken_for_another(tmp_path):
    calls = []
    first = content(examples(tmp_path, calls=calls))
    assert len(calls) == 1
    assert content(examples(tmp_path, calls=calls)) == first
    assert len(calls) == 1 and len(os.listdir(tmp_path)) == 1
    # By hand: ids from 4, unknown 1; the shortest first.
    assert first[0][0] == [[5]] or first[0][0] == [[4, 5], [5, 0]]
    for change in ({"words": "ba"}, {"labels": "yx"}, {"source": "there"}):
        other = content(examples(tmp_path, calls=calls, **change))
        assert (other == first) == ("source" in change)
    assert len(calls) == 4 and len(os.listdir(tmp_path)) == 4


def test_a_stopped_run_leaves_no_part_of_a_cache(tmp_path):
    def texts():
        yield TEXTS[0]
        raise KeyboardInterrupt

    data = tf.data.Dataset.from_generator(
        texts, output_signature=(tf.TensorSpec((), tf.string),) * 2
    )
    tokenizer = Tokenizer(Vocabulary("ab"), "whitespace")
    broken = labelled_text_examples(data, tokenizer, ["x", "y"]).cached(tmp_path / "new", "s")
    with pytest.raises(BaseException):  # noqa: B017 (TensorFlow wraps it)
        broken.batches()
    assert os.listdir(tmp_path / "new") == []


def test_a_cache_in_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="Expected a folder for the cache .* Received: .*file"):
        examples(tmp_path / "file").batches()


@pytest.mark.parametrize("file", ["0-0", "0-1", "1-0", "content.json"])
@pytest.mark.parametrize("kind", ["flipped", "cut", "empty", "gone"])
def test_a_damaged_cache_is_named_and_encoded_again(file, kind, tmp_path):
    first = content(examples(tmp_path))
    (name,) = os.listdir(tmp_path)
    path, calls, said = tmp_path / name / file, [], io.StringIO()
    before = path.read_bytes()
    flipped = bytes([*before[:-7], before[-7] ^ 1, *before[-6:]])
    path.write_bytes({"flipped": flipped, "cut": before[:-7]}.get(kind, b""))
    if kind == "gone":
        path.unlink()
    with notes_to(said):
        assert content(examples(tmp_path, calls=calls)) == first
    assert re.fullmatch(
        rf"Expected encoded examples in \S*{name}\. Received: .*; they are encoded again\n",
        said.getvalue(),
    )
    assert len(calls) == 1 and os.listdir(tmp_path) == [name] and path.read_bytes() == before
    assert content(examples(tmp_path, calls=calls)) == first and len(calls) == 1


def test_a_stream_is_cached_too(tmp_path):
    tokenizer = Tokenizer(Vocabulary("abc"))
    texts = tf.data.Dataset.from_tensor_slices(["abc", "", "cab" * 7])

    def arrays(tokenizer, texts, **options):
        batches = stream_batches(texts, tokenizer, 3, 4, **options)
        return [tuple(part.tolist() for part in batch) for batch in batches.as_numpy_iterator()]

    expected = arrays(tokenizer, texts)
    assert arrays(tokenizer, texts, cache=(tmp_path, "a")) == expected
    nothing = tf.data.Dataset.from_tensor_slices(["?"])
    assert arrays(tokenizer, nothing, cache=(tmp_path, "a")) == expected
    changed = Tokenizer(Vocabulary("cab"))
    assert arrays(changed, texts, cache=(tmp_path, "a")) == arrays(changed, texts) != expected


def test_a_digest_changes_with_the_data(tmp_path):
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("abc")
    two.write_text("xyz")
    stamp = os.stat(one).st_mtime_ns
    found = [source_digest(one), source_digest(f"{one},{two}"), source_digest(tmp_path)]
    one.write_text("abd")  # of the same size, and of the same time
    os.utime(one, ns=(stamp, stamp))
    found += [source_digest(one), source_digest(f"{one},{two}"), source_digest(tmp_path)]
    assert len(set(found)) == 6
    one.write_text("abc")
    assert source_digest(one) == found[0]
    with pytest.raises(ValueError, match="Expected a file or a data set. Received: .*nowhere.txt"):
        source_digest(tmp_path / "nowhere.txt")


def test_the_digest_of_a_record_reads_pieces_of_a_large_file(tmp_path, monkeypatch):
    """Of 23 bytes here pieces of 2 at 0, 10 and 21, as of ever so many in earnest."""
    monkeypatch.setattr(digests, "PIECE", 2)
    monkeypatch.setattr(digests, "FOR_A_RECORD", 6)
    text, path = "abcdefghijklmnopqrstuvw", tmp_path / "text.txt"

    def digest(text):
        path.write_text(text)
        return source_digest(path, record=True)

    other = {i for i in range(23) if digest(f"{text[:i]}!{text[i + 1 :]}") != digest(text)}
    assert other == {0, 1, 10, 11, 21, 22}
    assert digest(f"{text}x") != digest(text)  # its size counts too
    assert len({digest(f"abcde{end}") for end in "fg"}) == 2  # a small one is read whole


def test_copies_of_a_prepared_data_set_are_the_same_in_a_record(prepared, tmp_path):
    folder = pathlib.Path(prepared("dates"))
    shutil.copytree(folder / "kerasrnn_dates", tmp_path / "kerasrnn_dates")
    for path in (tmp_path / "kerasrnn_dates").rglob("*"):
        os.utime(path, (7, 7))
    assert source_digest("dates", tmp_path) != source_digest("dates", folder)
    both = [source_digest("dates", each, record=True) for each in (tmp_path, folder)]
    assert both[0] == both[1]
    # Other contents of the same size are others.
    record = next((tmp_path / "kerasrnn_dates").rglob("*-train.*"))
    content = bytearray(record.read_bytes())
    content[-1] ^= 1
    record.write_bytes(content)
    assert source_digest("dates", tmp_path, record=True) != both[0]


def test_a_prepared_data_set_has_a_digest(prepared):
    folder = prepared("dates")
    assert source_digest("dates") == source_digest("dates", folder)
    assert json.dumps(source_digest("dates")) and pathlib.Path(folder).is_dir()
