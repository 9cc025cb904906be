"""Where labelled pairs come from: tfds builders of the known features, tables, and wrong ones."""

import gzip
import io
import json

import numpy as np
import pytest
import tensorflow_datasets as tfds

from kerasrnn.datasets import (
    labelled_pair_examples,
    labelled_pairs,
    labelled_texts,
    notes_to,
    pair_inputs,
)
from kerasrnn.text import Tokenizer

# The features of the real builders, in their order.
FEATURES = {
    "mrpc": ("sentence1", "sentence2", ("not_equivalent", "equivalent")),
    "snli": ("hypothesis", "premise", ("entailment", "neutral", "contradiction")),
    "qqp": ("question1", "question2", ("not_duplicate", "duplicate")),
    "odd": ("left", "right", ("no", "yes")),
    "hidden": ("sentence1", "sentence2", ("no", "yes")),
}


class KerasrnnTestComparisons(tfds.core.GeneratorBasedBuilder):
    """Small data sets whose features are those of known ones."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=name) for name in FEATURES]

    def _info(self):
        *texts, classes = FEATURES[self.builder_config.name]
        features = {name: tfds.features.Text() for name in texts}
        features["label"] = tfds.features.ClassLabel(names=list(classes))
        if self.builder_config.name in ("mrpc", "qqp"):
            features["idx"] = np.int32
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in ("train", "validation", "test")}

    def _generate_examples(self, split):
        name = self.builder_config.name
        *texts, classes = FEATURES[name]
        for i in range(40):
            row = {text: f"{split} {text} {i}" for text in texts}
            row["label"] = i % len(classes)
            if name == "snli" and i % 7 == 0:
                row["label"] = -1  # the annotators did not agree
            if (name in ("mrpc", "qqp") and split == "test") or name == "hidden":
                row["label"] = -1  # as GLUE hides them
            yield i, {**row, **({"idx": i} if name in ("mrpc", "qqp") else {})}


def read(data, split="train", **options):
    rows = labelled_pairs(data, split, **options).as_numpy_iterator()
    return [tuple(cell.decode() for cell in row) for row in rows]


def test_mrpc_has_two_sentences_and_a_hidden_test(tmp_path):
    train, validation, test = (
        read("kerasrnn_test_comparisons/mrpc", split, data_dir=tmp_path)
        for split in ("train", "validation", "test")
    )
    assert [len(each) for each in (train, validation, test)] == [38, 40, 2]
    row = next(row for row in validation if row[0] == "validation sentence1 3")
    assert row == ("validation sentence1 3", "validation sentence2 3", "equivalent")
    assert not set(train) & set(test) and all(row[0].startswith("train") for row in test)


@pytest.mark.parametrize("split", ["train", "test"])
def test_snli_reads_the_premise_first_and_counts_what_has_no_label(split, tmp_path):
    said = io.StringIO()
    with notes_to(said):
        rows = read("kerasrnn_test_comparisons/snli", split, data_dir=tmp_path)
    expected = [i for i in range(40) if i % 7]
    assert sorted(int(row[0].split()[-1]) for row in rows) == expected
    assert all("premise" in row[0] and "hypothesis" in row[1] for row in rows)
    names = FEATURES["snli"][2]
    assert all(row[2] == names[int(row[0].split()[-1]) % 3] for row in rows)
    assert "left out 6 of 40 examples, which have no class (-1)" in said.getvalue()


def test_glued_texts_of_snli_leave_out_the_same(tmp_path):
    data = "kerasrnn_test_comparisons/snli"
    rows = list(labelled_texts(data, "train", tmp_path).as_numpy_iterator())
    assert len(rows) == 34


def test_texts_of_other_names_are_to_be_named(tmp_path):
    data, options = "kerasrnn_test_comparisons/odd", {"data_dir": tmp_path}
    with pytest.raises(ValueError, match="first=NAME,second=NAME tells which"):
        read(data, **options)
    rows = read(data, features="first=right,second=left", **options)
    assert rows[0][0].split()[1] == "right" and rows[0][1].split()[1] == "left"
    assert read(data, features="first=right", **options) == rows
    with pytest.raises(ValueError, match="Expected `features` to name a first text"):
        read(data, features="first=label,second=left", **options)


def test_a_set_without_any_label_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Expected examples with a class in the train split"):
        read("kerasrnn_test_comparisons/hidden", data_dir=tmp_path)


def test_what_has_no_two_texts_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Expected a data set of two texts and one class"):
        read("imdb_reviews", data_dir=tmp_path)


ROWS = [(f"text {i}", f"other {i}", "yes" if i % 3 else "no") for i in range(40)]


def written(path, rows=ROWS, header=None):
    separator = "," if path.name.startswith("c") else "\t"
    lines = [separator.join(row) for row in ([header] if header else []) + list(rows)]
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize(
    "name, header, features",
    [
        ("a.tsv", None, None),
        ("a.tsv.gz", ("premise", "hypothesis", "gold_label"), None),
        ("c.csv", ("sentence1", "sentence2", "label"), None),
        ("c.csv", ("a", "b", "c"), "first=a,second=b,label=c"),
        ("a.txt", None, "first=1,second=2,label=3"),
    ],
)
def test_tables(name, header, features, tmp_path):
    path = written(tmp_path / name, header=header)
    assert read(path, None, features=features) == ROWS
    parts = [read(path, split, features=features) for split in ("train", "validation", "test")]
    assert [len(each) for each in parts] == [36, 2, 2]
    inputs = pair_inputs(path, features=features)
    assert list(inputs) == [row[:2] for row in ROWS]


def test_json_lines_and_other_orders(tmp_path):
    path = tmp_path / "a.jsonl"
    lines = [{"gold_label": row[2], "sentence2": row[1], "sentence1": row[0]} for row in ROWS]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read(path, None) == ROWS
    swapped = written(tmp_path / "b.tsv", [(c, b, a) for a, b, c in ROWS])
    assert read(swapped, None, features="first=3,second=2,label=1") == ROWS
    without = written(tmp_path / "d.tsv", [(b, a) for a, b, _ in ROWS])
    found = list(pair_inputs(without, features="label=1,second=2,first=3"))
    assert found == [row[:2] for row in ROWS]


def test_pairs_without_labels(tmp_path):
    expected = [row[:2] for row in ROWS]
    assert list(pair_inputs(written(tmp_path / "a.tsv", expected))) == expected
    header = written(tmp_path / "c.csv", expected, ("first", "second"))
    assert list(pair_inputs(header)) == expected
    assert list(pair_inputs(written(tmp_path / "c2.csv", expected))) == expected
    assert list(pair_inputs(written(tmp_path / "a", expected))) == expected


def test_rows_without_a_gold_label(tmp_path):
    rows = [*ROWS, ("x", "y", "-"), ("x", "y", ""), ("x", "y", "nan")]
    path = written(tmp_path / "a.tsv", rows)
    with pytest.raises(ValueError, match=r"a\.tsv, line 41: expected a label\. Received: '-'"):
        read(path, None)
    said = io.StringIO()
    with notes_to(said):
        assert read(path, None, bad_rows="skip") == ROWS
    assert "skipped 3 of 43 rows" in said.getvalue()
    assert len(read(path, None, bad_rows="keep")) == 43


@pytest.mark.parametrize(
    "rows, said",
    [
        ([("only one", "yes")], "line 1: expected a first text, a tab and a second text, a tab "),
        ([*ROWS, ("a", "b", "c", "d")], "line 41: expected .* Received: 4 columns"),
    ],
)
def test_rows_of_other_columns(rows, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        read(written(tmp_path / "a.tsv", rows), None)


def test_a_missing_column_by_name(tmp_path):
    path = written(tmp_path / "c.csv", header=("sentence1", "other", "label"))
    with pytest.raises(ValueError, match="expected a header with the column second"):
        read(path, None)
    with pytest.raises(ValueError, match="expected a first text, a tab and a second text, or "):
        list(pair_inputs(written(tmp_path / "b.tsv", [("only one",)])))


def test_an_empty_side_is_one_unknown_token_and_noted(tmp_path):
    rows = [*ROWS, ("", "y", "no"), ("x", " ", "no")]
    said = io.StringIO()
    with notes_to(said):
        read(written(tmp_path / "a.tsv", rows), None)
    for side in ("first", "second"):
        assert f"whose {side} is empty: read as one unknown token" in said.getvalue()


PAIRS = [("a b c", "b", "x"), ("c", "a a a b", "y"), ("", "c", "x"), ("a", "?", "y")]


def test_batches_have_both_sides_and_go_by_the_longer_one():
    tokenizer = Tokenizer.train([["a b c"]], "word")
    examples = labelled_pair_examples(PAIRS, tokenizer, ["x", "y"], max_length=3)
    assert examples.lengths().tolist() == [[3, 1], [1, 3], [1, 1], [1, 1]]
    ids = {token: tokenizer.vocabulary.id_of(token) for token in "abc"}
    rows = {}
    for x, y, weights in examples.batches(2).as_numpy_iterator():
        longer = (x["first"] != 0).sum(1), (x["second"] != 0).sum(1)
        assert len(set(np.max(longer, axis=0))) == 1  # like lengths are together
        for i in range(2):
            rows[tuple(x["first"][i]), tuple(x["second"][i])] = y[i], weights[i]
    first = ids["a"], ids["b"], ids["c"]
    assert rows[first, (ids["b"], 0, 0)] == (0, 1.0)
    assert rows[(ids["c"], 0, 0), (ids["a"],) * 3] == (1, 1.0)
    assert rows[(1,), (ids["c"],)] == (0, 1.0)


def test_weights_of_ones_own():
    tokenizer = Tokenizer.train([["a b c"]], "word")
    pairs = [(*row, float(i)) for i, row in enumerate(PAIRS)]
    examples = labelled_pair_examples(pairs, tokenizer, ["x", "y"])
    _, _, weights = next(examples.batches(4).as_numpy_iterator())
    assert sorted(weights.tolist()) == [0.0, 1.0, 2.0, 3.0]
