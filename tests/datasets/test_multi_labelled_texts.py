"""Texts with several labels of every form of file, and sentences about what is none."""

import json

import pytest
import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets import has_several_labels, multi_label_examples, multi_labelled_texts
from kerasrnn.datasets.readers.features import KINDS, NAMED, find_features
from kerasrnn.text import Tokenizer

EXPECTED = [("well, done", ["praise", "work"]), ("hm", []), ("go", ["order"])]


def write(folder, form):
    path = folder / {"list": "a.jsonl", "columns of JSON": "b.jsonl"}.get(form, f"{form}.csv")
    contents = {
        "one": 'text,label\n"well, done", praise |work\nhm,\ngo,order\n',
        "several": 'text,praise,work,order\n"well, done",1,true,0\nhm,0,False,0.0\ngo,0,0,1\n',
        "list": "\n".join(json.dumps({"text": t, "label": labels}) for t, labels in EXPECTED),
        "columns of JSON": "\n".join(
            json.dumps({"text": t, **{n: n in labels for n in ("praise", "work", "order")}})
            for t, labels in EXPECTED
        ),
    }
    path.write_text(contents[form])
    options = {"label_separator": "|"} if form == "one" else {}
    if form not in ("one", "list"):
        options = {"features": "text=text,label=praise+work+order"}
    return path, options


@pytest.mark.parametrize("form", ["one", "several", "list", "columns of JSON"])
def test_labels_are_those_of_the_file(form, tmp_path):
    path, options = write(tmp_path, form)
    found = multi_labelled_texts(path, None, **options).as_numpy_iterator()
    found = [(text.decode(), [each.decode() for each in labels]) for text, labels in found]
    assert found == EXPECTED
    assert has_several_labels(path, **options)


def test_one_label_is_one_label(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\ngood,a|b\n")
    assert not has_several_labels(path) and not has_several_labels("languages")
    with pytest.raises(UserError, match="expected several columns of labels"):
        list(multi_labelled_texts(path, None))


def test_rows_without_a_value_are_left_out_on_request(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,x\nb,NaN\nc,\n")
    rows = multi_labelled_texts(path, None, label_separator="|", bad_rows="skip")
    assert [text for text, _ in rows.as_numpy_iterator()] == [b"a", b"c"]
    path.write_text("text,x,y\na,1,0\nb,1,\n")
    columns = {"features": "label=x+y", "bad_rows": "skip"}
    (row,) = multi_labelled_texts(path, None, **columns).as_numpy_iterator()
    assert row[1].tolist() == [b"x"]


@pytest.mark.parametrize(
    "content, options, sentence",
    [
        ("text,label\na,NaN\n", {"label_separator": "|"}, "line 2: expected labels"),
        ("text,x,y\na,1,0\nb,1,2\n", {}, "line 3: expected 0 or 1 in the column y. Received: '2'"),
        ("text,x,y\na,1,0\nb,1,\n", {}, "line 3: expected labels. Received: a cell without"),
        ("text,x\na,1\n", {}, "expected a header with the column x+y"),
    ],
)
def test_bad_files_end_in_a_sentence(content, options, sentence, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(content)
    options = options or {"features": "label=x+y"}
    with pytest.raises(UserError) as error:
        list(multi_labelled_texts(path, None, **options))
    assert sentence in str(error.value)


def test_a_sequence_of_classes_is_found_by_its_kind():
    import tensorflow_datasets as tfds

    features = tfds.features.FeaturesDict(
        {
            "text": tfds.features.Text(),
            "topics": tfds.features.Sequence(tfds.features.ClassLabel(names=["a", "b"])),
            "stars": tf.int64,
            "toxic": tf.float32,
        }
    )
    there = find_features(features).values()
    assert [each.name for each in there if KINDS["labels"](each)] == ["topics"]
    assert {each.name for each in there if NAMED["labels"](each)} >= {"topics", "stars", "toxic"}
    assert not any(KINDS["label"](each) for each in there)


def test_labels_become_zeros_and_ones():
    texts = [("ab", ["z", "x"]), ("a", []), ("abba", ["z", "z"])]
    tokenizer = Tokenizer.train(["ab"])
    examples = multi_label_examples(texts, tokenizer, ["x", "y", "z"])
    (tokens, y, weights), *others = examples.batches(3)
    assert not others and tokens.shape == (3, 4)
    rows = {
        tuple(ids): row
        for ids, row in zip(tokens.numpy().tolist(), y.numpy().tolist(), strict=True)
    }
    by_length = {sum(each > 0 for each in ids): row for ids, row in rows.items()}
    assert by_length == {2: [1.0, 0.0, 1.0], 1: [0.0, 0.0, 0.0], 4: [0.0, 0.0, 1.0]}
    assert weights.numpy().tolist() == [1.0] * 3
    with pytest.raises(tf.errors.InvalidArgumentError, match="one of the 1 of the training split"):
        next(iter(multi_label_examples(texts, tokenizer, ["x"]).batches(3)))
