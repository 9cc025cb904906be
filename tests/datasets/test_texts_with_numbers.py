"""Texts with numbers of every form of file, and sentences about what is none."""

import json

import pytest

from kerasrnn.checks import UserError
from kerasrnn.datasets import number_names, texts_with_numbers
from kerasrnn.datasets.readers.feature_names import feature_names
from kerasrnn.datasets.readers.features import KINDS, NAMED, find_features

ROWS = [("good, really", 4.5, 100), ("bad", -1, 20.25), ("so so", 2, 3e3)]


def written(path, form):
    if form == "jsonl":
        rows = ({"review": text, "stars": a, "price": b} for text, a, b in ROWS)
        content = "\n".join(map(json.dumps, rows))
    elif form == "tsv":
        content = "\n".join(["review\tstars\tprice", *(f"{t}\t{a}\t{b}" for t, a, b in ROWS)])
    else:
        comma = {"csv": ",", "semicolons": ";"}[form]
        rows = (f'"{t}"{comma}{a}{comma}{b}' for t, a, b in ROWS)
        content = "\n".join([f"review{comma}stars{comma}price", *rows])
        if form == "semicolons":  # as spreadsheets of many countries write numbers
            content = content.replace("4.5", "4,5").replace("20.25", "20,25")
        form = "csv"
    path = path / f"a.{form}"
    path.write_text(content + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["csv", "semicolons", "tsv", "jsonl"])
def test_texts_and_numbers_are_those_of_the_file(form, tmp_path):
    path = written(tmp_path, form)
    form = {"features": "text=review,number=price+stars"}
    found = list(texts_with_numbers(path, None, **form).as_numpy_iterator())
    assert [text.decode() for text, _ in found] == [text for text, *_ in ROWS]
    assert [numbers.tolist() for _, numbers in found] == [[b, a] for _, a, b in ROWS]
    assert number_names(path, **form) == ("price", "stars")


def test_columns_are_found_by_their_usual_names_or_by_their_numbers(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,Review,Rating\n1,good,5\n2,bad,1\n")
    assert number_names(path) == ("Rating",)
    ((text, numbers), _) = texts_with_numbers(path, None).as_numpy_iterator()
    assert text == b"good" and numbers.tolist() == [5.0]
    bare = tmp_path / "b.tsv"
    bare.write_text("good\t5\t7\nbad\t1\t3\n")
    columns = {"features": "text=1,number=3+2"}
    assert number_names(bare, **columns) == ("3", "2")
    (first, _) = texts_with_numbers(bare, None, **columns).as_numpy_iterator()
    assert first[1].tolist() == [7.0, 5.0]


def test_rows_without_a_number_are_left_out_on_request(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,number\ngood,5\nbad,\nodd,NaN\nfine,4\n")
    rows = texts_with_numbers(path, None, bad_rows="skip").as_numpy_iterator()
    assert [text for text, _ in rows] == [b"good", b"fine"]
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "number": null}\n{"text": "b", "number": 2}\n')
    rows = texts_with_numbers(path, None, bad_rows="skip").as_numpy_iterator()
    assert [numbers.tolist() for _, numbers in rows] == [[2.0]]


@pytest.mark.parametrize(
    "content, features, sentence",
    [
        ("text,number\ngood,5\nbad,\n", None, "line 3: expected a number. Received: an empty cell"),
        ("text,number\ngood,five\n", None, "a number in the column number. Received: 'five'"),
        ("text,number\ngood,inf\n", None, "a number in the column number. Received: 'inf'"),
        ("text,stars\ngood,1;5\n", None, "a number in the column stars. Received: '1;5'"),
        ("text,x\ngood,1\n", None, "expected a header with the column number"),
        ("text,a\ngood,1\n", "text=text,number=a+a", "distinct columns of numbers. Received: a, a"),
        ("text,a\ngood,1\n", "text=text,stars=a", "one of ('text', 'number')"),
        ("text,number\n", None, "expected lines. Received: none"),
    ],
)
def test_bad_files_end_in_a_sentence(content, features, sentence, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(UserError) as error:
        list(texts_with_numbers(path, None, features=features))
        number_names(path, features=features)
    assert sentence in str(error.value)


def test_numbers_among_features_of_a_data_set():
    import tensorflow as tf
    import tensorflow_datasets as tfds

    features = tfds.features.FeaturesDict(
        {
            "text": tfds.features.Text(),
            "stars": tfds.features.Scalar(tf.float32),
            "votes": tf.int64,
            "class": tfds.features.ClassLabel(names=["1", "2"]),
            "many": tfds.features.Sequence(tf.float32),
        }
    )
    there = find_features(features).values()
    assert [each.name for each in there if KINDS["number"](each)] == ["stars", "votes"]
    named = {each.name for each in there if NAMED["number"](each)}
    assert named == {"class", "stars", "votes"}
    assert feature_names("number=stars", ("text", "number")) == {"number": ["stars"]}
