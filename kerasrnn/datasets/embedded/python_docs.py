"""The data set `kerasrnn_python_docs`: what `help` says of Python and its standard library."""

from __future__ import annotations

import ast
import inspect
import pathlib
import platform
import random
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable, Iterator
from pydoc_data.topics import topics
from typing import Any, NamedTuple

import tensorflow_datasets as tfds

SHARES = {"test": 0.05, "validation": 0.05}
# Tests are written for a machine, and what pip installs is not the standard library.
SKIPPED = frozenset(("__phello__", "__pycache__", "idle_test", "site-packages", "test", "tests"))
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)
# Shorter paragraphs are phrases that many docstrings have: "Raise ValueError if not found."
LONG_PARAGRAPH = 80


class DocExample(NamedTuple):
    """A text, the topic or the module that it documents, and where it begins."""

    text: str
    source: str
    place: str


def source_files(module: str) -> list[pathlib.Path]:
    """The source files of a module of the standard library, those of its tests left out.

    Args:
        module: The name of a module or package, without a dot.

    Returns:
        The files in the order of their names; none for a module that is not written in Python.

    Example:

    >>> [path.name for path in source_files("json")]
    ['__init__.py', 'decoder.py', 'encoder.py', 'scanner.py', 'tool.py']
    """
    root = pathlib.Path(sysconfig.get_path("stdlib"))
    if (root / f"{module}.py").is_file():
        return [root / f"{module}.py"]
    paths = (root / module).rglob("*.py")
    return sorted(path for path in paths if SKIPPED.isdisjoint(path.relative_to(root).parts))


def docstrings(source: str | bytes) -> Iterator[tuple[int, str]]:
    """Every docstring of a Python source file, without its indentation.

    Args:
        source: The text of the file.

    Yields:
        The line where the docstring begins, from 1, and the docstring.

    Example:

    >>> list(docstrings("def f():\\n    '''One.\\n\\n    Two.'''"))
    [(2, 'One.\\n\\nTwo.')]
    """
    yield from _docstrings(ast.parse(source))


def _docstrings(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, DOCUMENTED) and (text := _clean(ast.get_docstring(node, False) or "")):
        yield node.body[0].lineno, text
    for child in ast.iter_child_nodes(node):
        if isinstance(child, STATEMENTS):  # no expression holds a docstring
            yield from _docstrings(child)


def _clean(text: str) -> str:
    return "\n".join(line.rstrip() for line in inspect.cleandoc(text).split("\n")).strip()


def doc_texts() -> Iterator[DocExample]:
    """Every topic of `help`, and every docstring of the standard library.

    Yields:
        The examples, topics first, in the order of their names.

    Example:

    >>> next(doc_texts()).text.splitlines()[0]
    'The "assert" statement'
    """
    for topic in sorted(topics):
        yield DocExample(_clean(topics[topic]), f"topic:{topic}", f"topic:{topic}")
    for module in sorted(sys.stdlib_module_names - SKIPPED):
        for path in source_files(module):
            for line, text in docstrings(path.read_bytes()):
                place = f"{path.relative_to(sysconfig.get_path('stdlib')).as_posix()}:{line}"
                yield DocExample(text, f"module:{module}", place)


def assign_sources(sizes: dict[str, int], seed: int = 1) -> dict[str, str]:
    """Assigns whole sources to splits, in an order decided by a seed, as long as they fit.

    Args:
        sizes: The number of characters of each source.
        seed: Decides the order.

    Returns:
        The name of the split of each source.

    Example:

    >>> splits = assign_sources({f"module:{n}": 10 for n in range(100)})
    >>> Counter(splits.values())
    Counter({'train': 90, 'test': 5, 'validation': 5})
    """
    # Python promises the same numbers in every version for `random` alone, not for `shuffle`.
    generator = random.Random(seed)
    room = {split: share * sum(sizes.values()) for split, share in SHARES.items()}
    splits = {}
    for source in sorted(sorted(sizes), key=lambda _: generator.random()):
        split = next((split for split in room if sizes[source] <= room[split]), "train")
        splits[source] = split
        if split in room:
            room[split] -= sizes[source]
    return splits


def long_paragraphs(text: str) -> set[str]:
    """The paragraphs of a text that are too long to be met twice by chance.

    Args:
        text: A text with empty lines between its paragraphs.

    Returns:
        The paragraphs of 80 characters or more, each on one line.

    Example:

    >>> long_paragraphs("Short.\\n\\n" + "long\\n" * 16)
    {'long long long long long long long long long long long long long long long long'}
    """
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return {paragraph for paragraph in paragraphs if len(paragraph) >= LONG_PARAGRAPH - 1}


def distinct_texts(examples: Iterable[DocExample]) -> list[DocExample]:
    """Leaves out texts that were there before, and those that longer ones quote in full.

    Args:
        examples: The examples, in any order.

    Returns:
        Those that say something new, in their order, without those with control characters.

    Example:

    >>> examples = [DocExample(text, "module:m", "m.py:1") for text in ("Same.", "Same.", "New.")]
    >>> [example.text for example in distinct_texts(examples)]
    ['Same.', 'New.']
    """
    kept: dict[str, DocExample] = {}
    quoted: set[str] = set()
    examples = list(examples)
    for example in sorted(examples, key=lambda example: -len(example.text)):
        words, paragraphs = " ".join(example.text.split()), long_paragraphs(example.text)
        if words.isprintable() and words not in kept and not (paragraphs and paragraphs <= quoted):
            kept[words] = example
            quoted |= paragraphs
    return [example for example in examples if kept.get(" ".join(example.text.split())) is example]


def split_texts(examples: Iterable[DocExample], seed: int = 1) -> dict[str, list[DocExample]]:
    """Splits texts by topic and module, so that no two splits have a long paragraph in common.

    A text of the other splits with a paragraph that the training split has too is left out.

    Args:
        examples: The examples, none of them twice.
        seed: Decides the split of each topic and module.

    Returns:
        The examples of `"train"`, `"validation"` and `"test"`.

    Example:

    >>> texts = [DocExample(f"Text {n}", f"module:m{n}", f"m{n}.py:1") for n in range(40)]
    >>> {split: len(examples) for split, examples in split_texts(texts).items()}
    {'train': 36, 'validation': 2, 'test': 2}
    """
    examples = list(examples)
    split_of: dict[str, str] = {}
    for kind in ("topic", "module"):
        sizes: Counter[str] = Counter()
        for example in examples:
            if example.source.startswith(kind):
                sizes[example.source] += len(example.text)
        split_of |= assign_sources(sizes, seed)
    splits: dict[str, list[DocExample]] = {}
    used: set[str] = set()
    for split in ("train", "validation", "test"):
        own = [example for example in examples if split_of[example.source] == split]
        splits[split] = [
            example for example in own if used.isdisjoint(long_paragraphs(example.text))
        ]
        used.update(*(long_paragraphs(example.text) for example in splits[split]))
    return splits


class KerasrnnPythonDocs(tfds.core.GeneratorBasedBuilder):
    """The topics of Python's `help` and the docstrings of its standard library, a text each.

    They are those of the Python that prepares the data set, `kerasrnn_python_docs`, without a
    download. Importing this module registers the data set.

    Example:

    >>> tfds.load("kerasrnn_python_docs", split="train")  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "About 2 million characters."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "The help topics of Python and the docstrings of its standard library, in the "
                "version that prepared the data. No topic and no module is in two splits, nor is "
                f"a paragraph of {LONG_PARAGRAPH} characters or more."
            ),
            features=tfds.features.FeaturesDict(
                {"text": tfds.features.Text(), "source": tfds.features.Text()}
            ),
            homepage="https://docs.python.org/3",
            metadata=tfds.core.MetadataDict(python_version=platform.python_version()),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {
            split: self._generate_examples(examples)
            for split, examples in split_texts(distinct_texts(doc_texts())).items()
        }

    def _generate_examples(
        self, examples: Iterable[DocExample]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for example in examples:
            yield example.place, {"text": example.text, "source": example.source}
