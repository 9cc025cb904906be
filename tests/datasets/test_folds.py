"""The folds of a cross-validation: over all of them each row of a file is tested once."""

import pathlib
import re
from collections import Counter

import numpy as np
import pytest

from kerasrnn import datasets, options
from kerasrnn.checks import UserError
from kerasrnn.datasets import TaggedSplit
from kerasrnn.options import FoldSplit
from kerasrnn.options.source import FEWEST_FOLDS

SPLITS = ("train", "validation", "test")
ROWS = 17
DIGITS = pathlib.Path(__file__).parents[1] / "fixtures" / "format_1" / "data" / "digits"
# A file of so many rows, by what reads it: the name, a row, and what is between rows.
FILES = {
    "texts": ("a.txt", "row {}\n"),
    "labelled_texts": ("a.tsv", "row {}\tx\n"),
    "text_pairs": ("a.csv", "row {0},{0}\n"),
    "tagged_tokens": ("a.conll", "row\tA\n{}\tB\n\n"),
    "dialogue_pairs": ("a.tsv", "Hi!\tHello.\nrow {}\tYes.\n\n"),
    "two files": ("a.txt", "row {}\n"),
}


def written(name, folder):
    """Writes a file, and returns what reads a split of it: the number of each row."""
    file, row = FILES[name]
    path = folder / file
    head = "source,target\n" if file.endswith("csv") else ""
    path.write_text(head + "".join(row.format(i) for i in range(ROWS)))
    data = f"{path},{path}" if name == "two files" else path
    read = getattr(datasets, "text_pairs" if name == "two files" else name)
    more = {"turns": 3} if name == "dialogue_pairs" else {}

    def numbers(split):
        examples = read(data, split, **more).as_numpy_iterator()
        texts = (
            b" ".join(np.ravel(each[0] if isinstance(each, tuple) else each)) for each in examples
        )
        return [int(found[1]) for text in texts if (found := re.search(rb"row (\d+)", text))]

    return numbers


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("folds", [3, 5])
def test_each_row_is_tested_once_and_by_a_model_that_has_not_seen_it(name, folds, tmp_path):
    numbers, tested, validated = written(name, tmp_path), Counter(), Counter()
    for fold in range(1, folds + 1):
        train, validation, test = (numbers(FoldSplit(split, fold, folds)) for split in SPLITS)
        assert sorted(train + validation + test) == list(range(ROWS))  # none is in two of them
        assert train and validation and test
        tested.update(test)
        validated.update(validation)
        assert {row % folds for row in test} == {fold - 1}
        assert {row % folds for row in validation} == {fold % folds}
    assert tested == validated == Counter(range(ROWS))
    assert numbers(None) == list(range(ROWS))


def test_images_of_a_table_too():
    path = DIGITS / "labels.tsv"
    rows = [line.split("\t")[1] for line in path.read_text().splitlines()]
    for fold in (1, 2, 3):
        found = datasets.labelled_images(path, FoldSplit("test", fold, 3))
        assert [label.decode() for _, label in found.as_numpy_iterator()] == rows[fold - 1 :: 3]


def test_a_wrong_label_of_a_fold_is_named_by_its_line(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("".join(f"a\tA\n{i}\tB\n\n" for i in range(ROWS)))
    # The third sentence of the test of fold 2 of 5 is the twelfth one, three lines each.
    assert TaggedSplit(path, FoldSplit("test", 2, 5)).place(2, 1) == f"{path}, line 35"


def test_what_is_held_out_is_said(tmp_path, capsys):
    import sys

    numbers = written("texts", tmp_path)
    with datasets.notes_to(sys.stdout):
        numbers(FoldSplit("train", 5, 5))
    assert capsys.readouterr().out == (
        f"{tmp_path / 'a.txt'}: fold 5 of 5: of each 5 lines number 5 is for test and number 1 for "
        "validation\n"
    )


@pytest.mark.parametrize("fold, folds", [(0, 5), (6, 5), (1, 2), (1.0, 5), (True, 5)])
def test_folds_that_there_are_none_of(fold, folds):
    with pytest.raises(UserError, match=r"Expected `folds?` to be an integer"):
        FoldSplit("test", fold, folds)
    assert FEWEST_FOLDS == 3


def test_what_has_splits_of_its_own_has_no_folds(tmp_path):
    split = FoldSplit("test", 1, 3)
    with pytest.raises(UserError, match="Expected a file, of which to make folds"):
        datasets.text_pairs("dates", split)
    (tmp_path / "train.tsv").write_text("a\tb\n" * 20)
    with pytest.raises(UserError, match="Expected one file, of which to make folds.*a folder"):
        datasets.labelled_texts(tmp_path, split)
    with pytest.raises(UserError, match=r"one of \('train'"):
        datasets.labelled_texts(tmp_path / "train.tsv", FoldSplit("dev", 1, 3))
    (tmp_path / "train.tsv").write_text("a\tb\n" * 2)
    with pytest.raises(UserError, match="at least 3 lines.*Received: 2"):
        datasets.labelled_texts(tmp_path / "train.tsv", split)
    (tmp_path / "a.txt").write_text("a\nb\n" * 20)
    with pytest.raises(UserError, match="Expected rows, of which to make folds"):
        datasets.texts(tmp_path / "a.txt", split, whole_file=True)


def test_options_say_which_rows_are_read():
    whole = options.Tag(data="a.conll", folds=5)
    third = options.Tag(data="a.conll", folds=5, fold=3)
    for split in SPLITS:
        assert third.source("a.conll", split).split == FoldSplit(split, 3, 5)
        assert whole.source("a.conll", split).split is None  # all of them train
        for each in (whole, third):
            assert each.source("b.conll", split).split == split
    assert third.source("a.conll", None).split is None
    assert third.reading() != whole.reading() != options.Tag(data="a.conll").reading()


def test_what_a_model_was_trained_on_is_not_evaluated():
    whole = options.Classify(data="a.tsv", folds=3)
    for split in ("validation", "test"):
        with pytest.raises(UserError, match="trained on all of its rows"):
            whole.check_held_out("a.tsv", split)
        whole.check_held_out("b.tsv", split)
        options.Classify(data="a.tsv", folds=3, fold=1).check_held_out("a.tsv", split)
        options.Classify(data="a.tsv").check_held_out("a.tsv", split)
    whole.check_held_out("a.tsv", "train")
    whole.check_held_out("a.tsv", None)


@pytest.mark.parametrize(
    "of, changes, said",
    [
        (options.Translate, {"data": "dates", "folds": 3}, "a file for `folds`.*Received: 'dates'"),
        (options.Classify, {"folds": 3}, "a file for `folds`"),
        (options.Caption, {"fold": 1}, "one of the `folds`.*fold=1, folds=None"),
        (options.Caption, {"fold": 4, "folds": 3}, "one of the `folds`.*fold=4, folds=3"),
    ],
)
def test_options_of_folds_that_cannot_be(of, changes, said, tmp_path):
    with pytest.raises(UserError, match=said):
        of(**{"data": str(tmp_path), **changes}).check_paths()


@pytest.mark.parametrize("change", [{"whole_file": True}, {"validation_data": "a.txt"}])
def test_a_language_model_has_folds_of_the_lines_of_one_file(change, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pathlib.Path("a.txt").write_text("a\n" * 20)
    options.LanguageModel(data="a.txt", folds=3).check_paths()
    with pytest.raises(UserError, match=f"a file of lines.*Received: {next(iter(change))}="):
        options.LanguageModel(data="a.txt", folds=3, **change).check_paths()
