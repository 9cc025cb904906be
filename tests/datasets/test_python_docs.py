"""The documentation data set against a small source and Python's own `inspect`."""

import hashlib
import inspect
import itertools
import os
import pathlib
import platform
import subprocess
import sys
import sysconfig
from collections import Counter
from pydoc_data.topics import topics

import pytest
import tensorflow_datasets as tfds

from kerasrnn.datasets.embedded import python_docs
from kerasrnn.datasets.embedded.python_docs import DocExample

SOURCE = b'''\
"""One line."""
import x
def f():
    r"""First.\\n

        Indented.\x20\x20

    Last.
    """
    "None."
    try:
        class C:
            "In a class."
            async def g(self): "In a method."
    except x:
        def h(): """  """
    return lambda: "None."
def i(): f"None."
def j(): b"None."
'''
LONG = "All of this paragraph is so long that nobody writes it twice, unless it is quoted. "

DIGEST = """
import hashlib
from kerasrnn.datasets.embedded.python_docs import distinct_texts, doc_texts, split_texts
splits = split_texts(distinct_texts(doc_texts()))
print(hashlib.sha256(repr(sorted(splits.items())).encode()).hexdigest())
"""


def example(text, source="module:m"):
    return DocExample(text, source, f"{source}:{text}")


@pytest.fixture(scope="module")
def texts():
    return list(python_docs.doc_texts())


@pytest.fixture(scope="module")
def splits(texts):
    return python_docs.split_texts(python_docs.distinct_texts(texts))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, texts):
    """A builder of every topic and a few docstrings."""
    some = [text for text in texts if text.source.startswith("topic")] + texts[1_000:1_500]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(python_docs, "doc_texts", lambda: some)
        builder = tfds.builder("kerasrnn_python_docs", data_dir=tmp_path_factory.mktemp("tfds"))
        builder.download_and_prepare()
    return builder, python_docs.split_texts(python_docs.distinct_texts(some))


def test_docstrings_of_a_source_by_hand():
    assert list(python_docs.docstrings(SOURCE)) == [
        (1, "One line."),
        (4, "First.\\n\n\n    Indented.\n\nLast."),
        (13, "In a class."),
        (14, "In a method."),
    ]


@pytest.mark.parametrize("module", ["argparse", "json", "textwrap"])
def test_docstrings_are_those_of_the_imported_module(module, texts):
    found = {text.text for text in texts if text.source == f"module:{module}"}
    imported = __import__(module)
    things = [imported, *(thing for _, thing in inspect.getmembers(imported, inspect.isfunction))]
    expected = [inspect.getdoc(thing) for thing in things if inspect.getmodule(thing) is imported]
    assert len(expected) >= 3 or module == "argparse"
    assert {text.strip() for text in expected if text} <= found


def test_topics_are_those_of_help(texts):
    found = {text.source: text.text for text in texts if text.source.startswith("topic:")}
    assert found.keys() == {f"topic:{topic}" for topic in topics}
    for topic in topics:
        assert found[f"topic:{topic}"].split() == topics[topic].split()


def test_source_files_leave_out_tests_and_what_was_installed():
    paths = [path for name in sys.stdlib_module_names for path in python_docs.source_files(name)]
    root = pathlib.Path(sysconfig.get_path("stdlib"))
    parts = {part for path in paths for part in path.relative_to(root).parts}
    assert {"argparse.py", "json", "decoder.py"} <= parts
    assert parts.isdisjoint({"test", "tests", "site-packages", "idle_test"})
    assert python_docs.source_files("sys") == []


def test_sizes(splits):
    characters = {split: sum(len(text.text) for text in splits[split]) for split in splits}
    assert characters["train"] > 1_000_000
    for split in ("validation", "test"):
        assert 0.03 < characters[split] / sum(characters.values()) < 0.07
        kinds = Counter(text.source.split(":")[0] for text in splits[split])
        assert kinds["topic"] >= 3
        assert len({text.source for text in splits[split]}) >= 10


def test_no_source_is_in_two_splits(splits):
    sources = [{text.source for text in rows} for rows in splits.values()]
    assert len(set.union(*sources)) == sum(map(len, sources))


def test_no_text_and_no_place_come_twice(splits):
    rows = list(itertools.chain(*splits.values()))
    assert len({" ".join(text.text.split()) for text in rows}) == len(rows)
    assert len({text.place for text in rows}) == len(rows)


def test_no_long_paragraph_is_in_two_splits(splits):
    paragraphs = [
        {
            " ".join(part.split())
            for text in rows
            for part in text.text.split("\n\n")
            if len(" ".join(part.split())) >= 80
        }
        for rows in splits.values()
    ]
    assert min(map(len, paragraphs)) > 50
    assert len(set.union(*paragraphs)) == sum(map(len, paragraphs))


def test_texts_are_clean(splits):
    for text in itertools.chain(*splits.values()):
        assert text.text == text.text.strip() != ""
        assert "\t" not in text.text
        assert not any(line != line.rstrip() for line in text.text.split("\n"))
        assert text.text.replace("\n", "").isprintable()
    assert any("\n\n" in text.text for text in splits["train"])


def test_characters_are_few(splits):
    counts = Counter(char for rows in splits.values() for text in rows for char in text.text)
    assert len(counts) < 150
    assert sum(n for char, n in counts.items() if char.isascii()) > 0.999 * counts.total()


def test_a_text_comes_once_whatever_its_spaces():
    rows = [example("One two."), example("One\ntwo.", "module:n"), example("One two")]
    assert {row.source for row in python_docs.distinct_texts(rows[:2])} == {"module:m"}
    assert python_docs.distinct_texts(rows) == [rows[0], rows[2]]


def test_a_text_with_control_characters_is_left_out():
    rows = [example("One\x01two."), example("Three\n\nfour.")]
    assert python_docs.distinct_texts(rows) == rows[1:]


def test_a_text_that_others_quote_is_left_out():
    other = LONG.replace("paragraph", "text")
    quoted, beside = example(f"Title\n\n{LONG}"), example(f"{LONG}\n\n{LONG}more")
    whole = example(f"A longer title\n\n{other}\n\n{LONG}\nEnd.")
    whole = whole._replace(text=f"A longer title\n\n{other}\n\n{LONG}\n\nEnd.")
    rows = [quoted, whole, beside, example("Title")]
    assert python_docs.distinct_texts(rows) == rows[1:]


def test_a_long_paragraph_of_the_training_split_is_in_no_other():
    plain = [example(f"Text {n} is here.", f"module:m{n}") for n in range(40)]
    long = [row._replace(text=f"{row.text}\n\n{LONG}") for row in plain]
    splits = python_docs.split_texts(plain + long)
    assert {split: len(splits[split]) for split in splits} == {
        "train": 72,
        "validation": 2,
        "test": 2,
    }
    assert sum(LONG in row.text for row in splits["train"]) == 36


def test_whole_sources_fill_the_splits_as_far_as_they_fit():
    sizes = {f"m{n}": 7 if n % 2 else 11 for n in range(100)}
    first, again, other = (python_docs.assign_sources(sizes, seed) for seed in (1, 1, 2))
    assert first == again == python_docs.assign_sources(dict(reversed(sizes.items())))
    assert first != other
    for split in ("test", "validation"):
        size = sum(sizes[source] for source in first if first[source] == split)
        assert 45 - 7 < size <= 45
    assert python_docs.assign_sources({"m": 100}) == {"m": "train"}


def test_prepared_data_are_the_examples(prepared):
    builder, splits = prepared
    assert set(builder.info.features) == {"text", "source"}
    for split, rows in builder.as_dataset().items():
        assert len(splits[split]) > 0
        read_back = [(row["text"].decode(), row["source"].decode()) for row in tfds.as_numpy(rows)]
        assert sorted(read_back) == sorted((row.text, row.source) for row in splits[split])


def test_metadata_of_the_prepared_data_name_the_interpreter(prepared):
    read_back = tfds.builder_from_directory(prepared[0].data_path).info.metadata
    assert read_back["python_version"] == platform.python_version()


@pytest.mark.slow
def test_another_process_generates_the_same(splits):
    digest = hashlib.sha256(repr(sorted(splits.items())).encode()).hexdigest()
    other = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=pathlib.Path(python_docs.__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.split() == [digest]
