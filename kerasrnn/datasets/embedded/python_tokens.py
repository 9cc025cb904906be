"""The data set `kerasrnn_python_tokens`: tokens of Python's own source, to what they are there."""

from __future__ import annotations

import platform
import sysconfig
import token
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import tensorflow_datasets as tfds

from kerasrnn.datasets.embedded.python_docs import source_files
from kerasrnn.datasets.embedded.python_token_classes import CLASSES, Token, classify

# These exist in Python 3.11, 3.12 and 3.13. A package counts as one module.
MODULES = {
    "train": (
        "ast asyncio bdb calendar cmd code codecs collections contextlib copy cProfile csv "
        "dataclasses dis enum filecmp fileinput fnmatch fractions functools getopt gettext glob "
        "gzip heapq hmac html inspect json linecache locale logging lzma mimetypes netrc numbers "
        "pathlib pdb pkgutil platform poplib pprint pstats queue quopri random re reprlib runpy "
        "sched selectors shelve shlex signal smtplib socketserver sqlite3 ssl stat statistics "
        "string subprocess symtable tempfile textwrap timeit token tokenize tomllib traceback "
        "types uuid warnings wave weakref wsgiref zipapp"
    ).split(),
    "validation": "bz2 configparser ipaddress plistlib shutil trace".split(),
    "test": "argparse base64 difflib socket threading".split(),
}
MAX_TOKENS = 48
MAX_STRING = 20  # characters of a string that are kept, with its prefix and quotes


class TokenExample(NamedTuple):
    """The tokens of a logical line, their classes, and where the line begins."""

    tokens: tuple[str, ...]
    labels: tuple[str, ...]
    place: str


def shown(item: Token) -> str:
    """The text of a token; of a string, its beginning on one line.

    Args:
        item: The token.

    Returns:
        The text, of a string at most 20 characters with its prefix and quotes.

    Example:

    >>> shown(Token(token.STRING, "'the beginning and the rest'", (1, 0)))
    "'the beginning and t"
    """
    if item.type != token.STRING:
        return item.text
    return " ".join(item.text.split())[:MAX_STRING].rstrip()


def token_examples() -> dict[str, list[TokenExample]]:
    """The logical lines of the modules of each split, no two of them with the same tokens.

    Lines of more than 48 tokens are left out, most of them tables.

    Returns:
        The examples of `"train"`, `"validation"` and `"test"`.

    Raises:
        FileNotFoundError: Where the standard library has no source files.
    """
    seen: set[tuple[str, ...]] = set()
    splits: dict[str, list[TokenExample]] = {}
    for split, modules in MODULES.items():
        splits[split] = list(_new_lines(modules, seen))
        if not splits[split]:
            root = sysconfig.get_path("stdlib")
            raise FileNotFoundError(f"Expected Python's standard library as source in {root}.")
    return splits


def _new_lines(modules: Iterable[str], seen: set[tuple[str, ...]]) -> Iterator[TokenExample]:
    for path in (path for module in modules for path in source_files(module)):
        file = path.relative_to(sysconfig.get_path("stdlib")).as_posix()
        for line, labels in classify(path.read_bytes()):
            tokens = tuple(shown(item) for item in line)
            if len(tokens) <= MAX_TOKENS and tokens not in seen:
                seen.add(tokens)
                number, column = line[0].place
                yield TokenExample(tokens, tuple(labels), f"{file}:{number}:{column}")


class KerasrnnPythonTokens(tfds.core.GeneratorBasedBuilder):
    """Lines of Python's standard library and the class of each token, `kerasrnn_python_tokens`.

    They are those of the Python that prepares the data set, without a download. The
    description tells what the classes mean. Importing this module registers the data set.

    Example:

    >>> tfds.load("kerasrnn_python_tokens", split="train")  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": f"{len(CLASSES)} classes."}

    def _info(self) -> tfds.core.DatasetInfo:
        meanings = "; ".join(f"{name}: {meaning}" for name, meaning in CLASSES.items())
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Logical lines of Python's standard library, in the version that prepared the "
                "data, and what each token is. No module is in two splits, and no line comes "
                f"twice. Strings are cut to {MAX_STRING} characters. The classes are {meanings}."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "tokens": tfds.features.Sequence(tfds.features.Text()),
                    "labels": tfds.features.Sequence(tfds.features.ClassLabel(names=CLASSES)),
                }
            ),
            supervised_keys=("tokens", "labels"),
            homepage="https://docs.python.org/3",
            metadata=tfds.core.MetadataDict(python_version=platform.python_version()),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {
            split: self._generate_examples(examples) for split, examples in token_examples().items()
        }

    def _generate_examples(
        self, examples: Iterable[TokenExample]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for example in examples:
            yield example.place, {"tokens": example.tokens, "labels": example.labels}
