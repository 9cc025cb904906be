"""A user's own files: each form, packed or not, in one file or one for each split; bad ones."""

import csv
import gzip
import io
import json
import pathlib
import re
import tracemalloc

import numpy as np
import pytest
import tensorflow as tf

from kerasrnn.datasets import (
    captioned_images,
    dialogue_pairs,
    labelled_texts,
    tagged_tokens,
    text_pairs,
    texts,
)
from kerasrnn.files import numbered_lines

MULTI30K = pathlib.Path(__file__).parents[3] / "shared" / "data" / "multi30k"
SPLITS = ("train", "validation", "test")
# Quotes, commas, a line end of another world and one inside of a field.
PAIRS = [(f'quelle "{i}", ü\u2028', f"source {i}") for i in range(43)]


def write(path, text):
    content = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def as_csv(rows, header=(), between=","):
    file = io.StringIO()
    csv.writer(file, delimiter=between, lineterminator="\r\n").writerows(
        [header, *rows][not header :]
    )
    return file.getvalue()


def as_tsv(rows):
    return "".join("\t".join(row) + "\n" for row in rows)


def as_json(rows, *names):
    lines = (json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
    return "\n".join(lines)


def strings(dataset):
    return [
        tuple(each.decode() for each in row) if isinstance(row, tuple) else row.decode()
        for row in dataset.as_numpy_iterator()
    ]


AS_ONE = as_json([({"de": source, "en": target},) for source, target in PAIRS], "of")
FORMS = [
    ("a.tsv", as_tsv(PAIRS), None),
    ("a.tsv.gz", as_tsv([("0", *row) for row in PAIRS]), "source=2,target=3"),
    ("a.tsv", as_tsv([("en", "de"), *(row[::-1] for row in PAIRS)]), "source=de,target=en"),
    ("a.csv", as_csv(PAIRS, ("source", "target")), None),
    ("a.csv.gz", as_csv([row[::-1] for row in PAIRS]), {"source": "2", "target": "1"}),
    ("a.csv", as_csv([(*row, "x") for row in PAIRS], ("de", "target", "more")), "source=de"),
    ("a.jsonl", as_json(PAIRS, "source", "target"), None),
    ("a.ndjson.gz", AS_ONE, "source=of/de,target=of/en"),
]


@pytest.mark.parametrize("name, content, features", FORMS)
def test_tables_of_pairs(name, content, features, tmp_path):
    path = write(tmp_path / name, content)
    got = {split: strings(text_pairs(path, split, features=features)) for split in SPLITS}
    assert got["validation"] == PAIRS[18::20] and got["test"] == PAIRS[19::20]
    assert got["train"] == [pair for i, pair in enumerate(PAIRS) if i % 20 < 18]


@pytest.mark.parametrize("end", ["", ".gz"])
def test_files_whose_lines_belong_together(end, tmp_path):
    sides = [
        write(tmp_path / f"text.{name}{end}", "".join(f"{row[side]}\r\n" for row in PAIRS))
        for side, name in enumerate(("de", "en"))
    ]
    got = {split: strings(text_pairs(f"{sides[0]},{sides[1]}", split)) for split in SPLITS}
    assert got["validation"] == PAIRS[18::20] and got["test"] == PAIRS[19::20]
    assert len(got["train"]) == 39
    write(sides[1], "just one\n")
    with pytest.raises(ValueError, match="as many lines in both of .*Received: .*text.en.* with 1"):
        text_pairs(f"{sides[0]},{sides[1]}")
    with pytest.raises(ValueError, match="a source and a target file with a comma"):
        text_pairs(f"{sides[0]},{sides[1]},{sides[1]}")


@pytest.mark.parametrize("end", [".txt", ".text", ".TSV", ".json"])
def test_other_endings_that_tell_the_form(end, tmp_path):
    content = as_json(PAIRS, "text", "label") if end == ".json" else as_tsv(PAIRS)
    path = write(tmp_path / f"train{end}", content)
    assert strings(labelled_texts(path, "test")) == PAIRS[19::20]
    assert strings(labelled_texts(tmp_path, "test")) == PAIRS[19::20]
    write(tmp_path / "train.csv", as_csv([("a", "b")] * 20, ("text", "label")))
    if end != ".TSV":  # what was not read before is read where there is nothing else
        assert strings(labelled_texts(tmp_path, "test")) == [("a", "b")]


@pytest.mark.parametrize(
    "reader, refused",
    [
        (labelled_texts, ("data.conll", "data")),
        (text_pairs, ("data.xlsx", "data.conllu.gz")),
        (texts, ("data", "data.conll")),
        (tagged_tokens, ("data.csv", "data.parquet")),
        (captioned_images, ("data.png",)),
        (lambda data: dialogue_pairs(data, "train", 2), ("data.csv", "data.jsonl")),
    ],
)
def test_a_file_of_another_ending_is_refused_by_those_that_are_taken(reader, refused, tmp_path):
    for name in refused:
        path = write(tmp_path / name, "a\tb\n" * 20)
        with pytest.raises(
            ValueError, match="^Expected a file that ends with .* Received: "
        ) as error:
            reader(path)
        taken = re.findall(r"\.[a-z]+\b", str(error.value).split("packed")[0])
        assert len(taken) > 1
        for each in taken:  # each of them is looked into at least
            path = write(tmp_path / f"other{each}", "")
            with pytest.raises(ValueError, match="other") as error:
                reader(path)
            assert "ends with" not in str(error.value)


def test_a_list_of_objects(tmp_path):
    rows = [{"text": source, "label": target} for source, target in PAIRS]
    path = write(tmp_path / "a.json", json.dumps(rows, indent=2))
    assert strings(labelled_texts(path, None)) == PAIRS
    write(path, json.dumps(rows[:3], indent=0)[:-2] + ",\n7]")
    with pytest.raises(ValueError, match="a.json, line 14: expected a JSON object. Received: 7"):
        labelled_texts(path)
    write(path, '[{"text": "a", "label": "b"},\n')
    with pytest.raises(ValueError, match="a.json, line 2: expected a JSON object"):
        labelled_texts(path)


def test_endings_and_names_of_splits_in_capitals(tmp_path):
    for name in ("TRAIN.CSV", "Dev.Csv", "test.csv.GZ"):
        content = as_csv([(name, "x")], ("source", "target"))
        path = tmp_path / name
        path.write_bytes(gzip.compress(content.encode()) if "GZ" in name else content.encode())
    for split, name in zip(SPLITS, ("TRAIN.CSV", "Dev.Csv", "test.csv.GZ"), strict=True):
        assert strings(text_pairs(tmp_path, split)) == [(name, "x")]
    for side in ("EN", "de"):
        write(tmp_path / f"train.{side}", f"{side}\n" * 20)
    got = strings(text_pairs(tmp_path, "test", features="source=en,target=DE"))
    assert got == [("EN", "de")]


def test_a_comma_in_the_name_of_a_file(tmp_path):
    path = write(tmp_path / "a,b.tsv", as_tsv(PAIRS))
    assert strings(text_pairs(path, "test")) == PAIRS[19::20]


def test_a_folder_of_files_whose_lines_belong_together(tmp_path):
    for split in ("train", "val", "test_2016"):
        for side in ("de", "en"):
            write(tmp_path / f"{split}.{side}.gz", f"{split} {side}\n")
    for split, name in zip(SPLITS, ("train", "val", "test_2016"), strict=True):
        got = strings(text_pairs(tmp_path, split, features="source=en,target=de"))
        assert got == [(f"{name} en", f"{name} de")]
    with pytest.raises(ValueError, match="which side is the source, such as source=de,target=en"):
        text_pairs(tmp_path, "test")
    with pytest.raises(ValueError, match="Received: .*'fr'.*, for train.de.gz and train.en.gz"):
        text_pairs(tmp_path, features="source=fr,target=it")
    (tmp_path / "test_2016.de.gz").unlink()
    with pytest.raises(ValueError, match="the same splits for .en and .de .* test_2016.en.gz"):
        text_pairs(tmp_path, "test", features="source=en,target=de")


@pytest.mark.skipif(not MULTI30K.is_dir(), reason="the real texts are not on this machine")
def test_real_files_whose_lines_belong_together():
    pairs = list(text_pairs(MULTI30K, "test", features="source=en,target=de"))
    assert len(pairs) == 1000


def test_a_folder_with_a_table_for_each_split(tmp_path):
    for name in ("train", "dev", "test"):
        write(tmp_path / f"{name}.csv", as_csv([(f"{name} text", "1")], ("body", "stars")))
    for split, name in zip(SPLITS, ("train", "dev", "test"), strict=True):
        got = strings(labelled_texts(tmp_path, split, features="text=body,label=stars"))
        assert got == [(f"{name} text", "1")]


def test_texts_and_labels_of_tables(tmp_path):
    rows = [(f"title {i}", f"body {i}", i % 3, i % 2 == 0) for i in range(20)]
    path = write(tmp_path / "a.jsonl", as_json(rows, "title", "body", "stars", "good"))
    got = strings(labelled_texts(path, "test", features="text=title+body,label=good"))
    assert got == [("title 19\nbody 19", "false")]
    assert strings(labelled_texts(path, "test", features="text=body,label=stars")) == [
        ("body 19", "1")
    ]
    assert strings(texts(path, "test", features="text=body")) == ["body 19"]
    assert len(strings(texts(path, None, features="text=body"))) == 20
    path = write(tmp_path / "a.txt.gz", "".join(f"{i}\n" for i in range(20)))
    assert strings(texts(path, "validation")) == ["18"]
    assert strings(texts(path, None, whole_file=True)) == ["".join(f"{i}\n" for i in range(20))]
    path = write(tmp_path / "talk.tsv.gz", as_tsv(PAIRS))
    assert strings(dialogue_pairs(path, "test", 3)) == PAIRS[19::20]


CONLLU = """# sent_id = {0}
# text = vámonos al mar
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\tVV\t_\t0\troot\t_\t_
2\tnos {0}\tnos\tPRON\tPP\t_\t1\tobj\t_\t_
2.1\tnada\t_\tX\t_\t_\t_\t_\t_\t_

"""


@pytest.mark.parametrize(
    "features, tags",
    [(None, ["VERB", "PRON"]), ("tags=xpos", ["VV", "PP"]), ("tags=5", ["VV", "PP"])],
)
def test_universal_dependencies(features, tags, tmp_path):
    path = write(tmp_path / "a.conllu.gz", "".join(CONLLU.format(i) for i in range(20)))
    ((tokens, names),) = tagged_tokens(path, "test", features=features).as_numpy_iterator()
    assert [each.decode() for each in tokens] == ["vamos", "nos 19"]
    assert [each.decode() for each in names] == tags


def test_columns_of_conll(tmp_path):
    path = write(tmp_path / "a.conll", "EU  NNP I-NP B-ORG\n# NN I-NP O\n\n" * 20)
    ((tokens, tags),) = tagged_tokens(path, "test", features="tokens=1,tags=4").as_numpy_iterator()
    assert tokens.tolist() == [b"EU", b"#"] and tags.tolist() == [b"B-ORG", b"O"]
    with pytest.raises(ValueError, match="line 1: expected at least 5 columns. Received: 'EU  NNP"):
        tagged_tokens(path, features="tokens=1,tags=5")
    with pytest.raises(ValueError, match="number of a column, .* Received: tokens=1, tags=ner"):
        tagged_tokens(path, features="tokens=1,tags=ner")


def test_tagged_json_lines(tmp_path):
    rows = [(["a", str(i)], ["X", "Y"]) for i in range(20)]
    path = write(tmp_path / "a.jsonl", as_json(rows, "words", "tags"))
    ((tokens, tags),) = tagged_tokens(path, "test", features="tokens=words").as_numpy_iterator()
    assert tokens.tolist() == [b"a", b"19"] and tags.tolist() == [b"X", b"Y"]
    for row, message in [
        (("a b", ["X"]), "line 41: expected two lists of one length"),
        ((["a"], ["X", "Y"]), "line 41: expected two lists"),
        ((["a"], [1]), "line 41: expected lists of texts"),
    ]:
        write(path, as_json([*rows, row], "tokens", "tags"))
        with pytest.raises(ValueError, match=message):
            tagged_tokens(path)


def picture(path, shape, value=7):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(tf.io.encode_png(np.full(shape, value, "uint8")).numpy())


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_images_with_a_caption_table(name, tmp_path):
    for i in range(20):
        picture(tmp_path / "images" / f"{i}.png", (5 + i, 3, 1), i)
    rows = [(f"images/{i}.png", f"caption {i}") for i in range(20)]
    content = as_csv(rows, ("file", "text")) if name == "a.csv" else as_tsv(rows)
    path = write(tmp_path / name, content)
    features = "image=file" if name == "a.csv" else None
    ((image, start, text),) = captioned_images(path, "test", features=features).as_numpy_iterator()
    assert image.shape == (5, 3, 1) and (image == 19).all()
    assert (start, text) == (b"", b"caption 19")
    (tmp_path / "images" / "19.png").write_bytes(b"\x89PNG, almost")
    captioned_images(path, "validation", features=features)
    with pytest.raises(ValueError, match="19.png: expected an image of a usual format"):
        captioned_images(path, "test", features=features)
    (tmp_path / "images" / "19.png").unlink()
    with pytest.raises(ValueError, match="19.png', which is not there"):
        captioned_images(path, "test", features=features)


GOOD = as_csv(PAIRS, ("text", "label")).encode()


@pytest.mark.parametrize(
    "name, content, features, message",
    [
        ("a.csv", GOOD + b"a,b,c\n", None, "line 45: expected 2 columns, as in the header. Rece"),
        ("a.csv", GOOD + b"a\n", "text=1,label=2", "line 45: expected at least 2 columns. Recei"),
        ("a.csv", GOOD + b'"a"b,c\n', None, "line 45: expected comma-separated values"),
        ("a.csv", GOOD + b"a,\xff\n", None, "a.csv, line 45: expected UTF-8"),
        (
            "a.csv",
            GOOD,
            "label=stars",
            "line 1: expected a header with the column stars .*: text, l",
        ),
        ("a.csv", b"", None, "expected a header with the column text .* Received: none"),
        ("a.csv", b"text,label\n", None, "a.csv: expected at least 20 lines.* Received: 0"),
        ("a.tsv", b"", None, "a.tsv: expected at least 20 lines.* Received: 0"),
        ("a.tsv", b"a\n" * 20, None, "line 1: expected a text, a tab and a label. Received: 1 col"),
        ("a.jsonl", b"\n\n{", None, "a.jsonl, line 3: expected a JSON object"),
        ("a.jsonl", b"[1]", None, r"line 1: expected a JSON object. Received: \[1\]"),
        ("a.jsonl", b'{"text": "a"}', None, "line 1: expected the field label. Received: text"),
        ("a.jsonl", b'{"text": "a"}', "label=text/b", "line 1: expected the field text/b"),
        ("a.jsonl", b'{"text": null, "label": 1}', None, "line 1: expected a text or a number. Re"),
        ("a.jsonl", b'{"text": "\\ud800", "label": 1}', None, "line 1: expected a text or a num"),
    ],
)
def test_bad_tables(name, content, features, message, tmp_path):
    path = write(tmp_path / name, content)
    with pytest.raises(ValueError, match=message):
        labelled_texts(path, features=features)


def test_packed_files_that_are_broken(tmp_path):
    path = write(tmp_path / "a.tsv.gz", as_tsv(PAIRS))
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:30] + b"0000" + whole[34:]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="a.tsv.gz: expected a whole gzip file"):
            text_pairs(path)


def test_first_bytes_tell_what_is_packed_and_not_the_name(tmp_path):
    packed = write(tmp_path / "a.tsv.gz", as_tsv(PAIRS))
    renamed = packed.rename(tmp_path / "a.tsv")
    assert strings(text_pairs(renamed, "test")) == PAIRS[19::20]
    (tmp_path / "plain.tsv.gz").write_text(as_tsv(PAIRS), encoding="utf-8")
    assert strings(text_pairs(tmp_path / "plain.tsv.gz", "test")) == PAIRS[19::20]


@pytest.mark.parametrize(
    "there, held_out",
    [
        (("test",), {"validation": 18}),
        (("dev",), {"test": 19}),
        ((), {"validation": 18, "test": 19}),
    ],
)
def test_a_folder_holds_out_of_its_training_file_what_it_lacks(tmp_path, there, held_out):
    write(tmp_path / "train.tsv", as_tsv(PAIRS))
    for name in there:
        write(tmp_path / f"{name}.tsv", as_tsv([(name, name)]))
    for split, place in held_out.items():
        assert strings(text_pairs(tmp_path, split)) == PAIRS[place::20]
    kept = [pair for i, pair in enumerate(PAIRS) if i % 20 not in held_out.values()]
    assert strings(text_pairs(tmp_path, "train")) == kept
    for name in there:
        assert strings(text_pairs(tmp_path, name.replace("dev", "validation"))) == [(name, name)]


def test_all_of_a_file_and_other_encodings(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes("für\té\n".encode("latin-1") * 7)
    assert strings(text_pairs(path, None, encoding="latin-1")) == [("für", "é")] * 7
    with pytest.raises(ValueError, match="line 1: expected UTF-8. Received: .* 0xfc .*latin-1"):
        text_pairs(path, None)
    with pytest.raises(ValueError, match="a name such as utf-8 or latin-1. Received: 'klingon'"):
        text_pairs(path, None, encoding="klingon")


def test_an_empty_file_of_a_folder(tmp_path):
    write(tmp_path / "train.tsv", "")
    with pytest.raises(ValueError, match="train.tsv: expected at least 20 lines, .* Received: 0"):
        text_pairs(tmp_path)
    write(tmp_path / "train.txt", "")
    (tmp_path / "train.tsv").unlink()
    with pytest.raises(ValueError, match="train.txt: expected a text. Received: an empty file"):
        texts(tmp_path, whole_file=True)


def test_no_folder_is_read_as_a_whole(tmp_path):
    with pytest.raises(ValueError, match="Expected a .txt file, of which to read all"):
        texts(tmp_path, None)


def test_a_folder_of_a_known_name_is_not_meant(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dates").mkdir()
    with pytest.raises(ValueError, match="Expected a data set of one text and one class"):
        labelled_texts("dates")


def test_a_large_file_is_not_kept(tmp_path):
    path = write(tmp_path / "a.tsv", "source\ttarget\n" * 100_000)
    tracemalloc.start()
    try:
        pairs = text_pairs(path)
        first = strings(pairs.take(3))
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 2
    finally:
        tracemalloc.stop()
    assert first == [("source", "target")] * 3


def test_lines_are_those_of_the_file(tmp_path):
    path = write(tmp_path / "a.txt", b"\xef\xbb\xbfa\r\n\xe2\x80\xa8\x0b\n\nb")
    assert [line for _, line in numbered_lines(path)] == ["a", "\u2028\x0b", "", "b"]
