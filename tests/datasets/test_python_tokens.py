"""The tokens data set against sources classified by hand, and counts of the syntax tree."""

import ast
import builtins
import hashlib
import itertools
import keyword
import os
import pathlib
import platform
import runpy
import subprocess
import sys
import sysconfig
from collections import Counter, defaultdict

import pytest
import tensorflow_datasets as tfds

from kerasrnn.datasets.embedded import python_token_classes, python_tokens
from kerasrnn.datasets.embedded.python_docs import source_files
from kerasrnn.datasets.embedded.python_token_classes import CLASSES, classify, logical_lines

# A logical line, then its classes; operators are not told.
WRITTEN = [
    ("x = 1", "variable number"),
    ("x == 0x1F", "name number"),
    ("x: Name = 1.5e3", "variable name number"),
    ("x += y", "variable name"),
    ("x, *y = z", "variable variable name"),
    ("del x", "keyword variable"),
    ("x[y] = z", "name name name"),
    ("x.y = z", "name attribute name"),
    ("x . y . z (w)", "name attribute method name"),
    ("x().y()", "call method"),
    ("x(y)(z)", "call name name"),
    ("(x)(y)", "call name"),
    ("len(x)", "builtin name"),
    ("len = x", "variable name"),
    ("x.len(len=len)", "name method argument builtin"),
    ("dict(x=y, **z)", "builtin argument name name"),
    ("f(*x, y=y == y)", "call name argument name name"),
    (
        "return_ = None if not x else True",
        "variable constant keyword keyword name keyword constant",
    ),
    (
        "f = lambda x, *y, z=w, **v: x",
        "variable keyword parameter parameter parameter name parameter name",
    ),
    ("for x, y in z: pass", "keyword variable variable keyword name keyword"),
    ("[x for x in y if x]", "name keyword variable keyword name keyword name"),
    ("if (x := y): pass", "keyword variable name keyword"),
    ("with x(y) as z, w: pass", "keyword call name keyword variable name keyword"),
    ("raise ValueError('x') from y", "keyword builtin string keyword name"),
    ("assert isinstance(x, y.z)", "keyword builtin name name attribute"),
    ("import x", "keyword module"),
    ("import x.y as z, w", "keyword module module keyword imported module"),
    (
        "from x.y import z as w, v",
        "keyword module module keyword imported keyword imported imported",
    ),
    ("from . import (x, y)", "keyword keyword imported imported"),
    ("from .x import *", "keyword module keyword"),
    (
        "import x; x.y(z, w); from v import u; x",
        "keyword module name method name name keyword module keyword imported name",
    ),
    ("global x, y", "keyword variable variable"),
    ("'x' 'y'", "docstring string"),
    ("x = b'y' rb'z', 'f'", "variable string string string"),
    ("x = f'{y}' + Rf'''z''' + fr'{w!r:>{v}}'", "variable f_string f_string f_string"),
    ("f'x {len(y)} {z.w()}'; u.f", "f_string name attribute"),
    ("match = case", "variable name"),
    ("match(type, _)", "call builtin name"),
    ("ä.ö(ü=é) ; ß", "name method argument name name"),
    ("print(x, y)  # print(z)", "builtin name name"),
]

SOURCE = '''\
"""A module."""
import a.b
"No docstring."
@a.b.wraps(function=a)
async def function(self, /, one: int, *args, two=len, **kwargs) -> a.b:
    r"""A docstring."""  # a comment
    await one.two(args)
    nonlocal_ = f"""{one}
    {two:{args}}""" "more"; self.x
    def one(): "Another."
@property
@a.b
class Name(a.Base, metaclass=Meta):

    "A class."
    x = y = 1
    try: x(
        y,  # a comment
    )
    except (KeyError, a.b) as error: pass
match nonlocal_:
    case Name(x=1) | [_, *rest]: print(rest)
'''
SOURCE_CLASSES = [
    "docstring",
    "keyword module module",
    "string",
    "decorator decorator decorator argument name",
    "keyword keyword function parameter parameter builtin parameter parameter builtin parameter "
    "name attribute",
    "docstring",
    "keyword name method name",
    "variable f_string string name attribute",
    "keyword function docstring",
    "decorator",
    "decorator decorator",
    "keyword class name attribute argument name",
    "docstring",
    "variable variable number",
    "keyword call name",
    "keyword builtin name attribute keyword variable keyword",
    "keyword name",
    "keyword name variable number variable variable builtin name",
]

DIGEST = """
import hashlib
from kerasrnn.datasets.embedded.python_tokens import token_examples
print(hashlib.sha256(repr(sorted(token_examples().items())).encode()).hexdigest())
"""


def words(tokens, labels):
    return " ".join(label for label in labels if label != "operator")


@pytest.fixture(scope="module")
def splits():
    return python_tokens.token_examples()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A builder of three small modules, and what is read back from it."""
    modules = {"train": ["json"], "validation": ["bisect"], "test": ["bz2"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(python_tokens, "MODULES", modules)
        builder = tfds.builder("kerasrnn_python_tokens", data_dir=tmp_path_factory.mktemp("tfds"))
        builder.download_and_prepare()
        examples = python_tokens.token_examples()
    return builder, examples


@pytest.mark.parametrize(("line", "expected"), WRITTEN)
def test_lines_classified_by_hand(line, expected):
    ((tokens, labels),) = classify(line.encode())
    assert len(tokens) == len(labels)
    assert words(tokens, labels) == expected


def test_a_source_classified_by_hand():
    assert [words(*line) for line in classify(SOURCE.encode())] == SOURCE_CLASSES


def test_operators_are_what_is_neither_a_word_nor_a_literal():
    for tokens, labels in classify(SOURCE.encode()):
        for item, label in zip(tokens, labels, strict=True):
            is_operator = item.text[0] not in "\"'" and not (
                item.text[0].isalnum() or item.text[0] == "_"
            )
            assert (label == "operator") == is_operator


def test_other_encodings_and_form_feeds():
    source = "# coding: latin-1\nä = 'ü'; ö.ß(é=1)\n\x0cx = ä\n"
    lines = [words(*line) for line in classify(source.encode("latin-1"))]
    assert lines == ["variable string name method argument number", "variable name"]


def test_an_f_string_is_one_token_as_it_is_written():
    source = b"x = (f'{ y } {{' f'''{\nz}''', w)"
    assert [item.text for item in next(logical_lines(source))] == [
        *("x", "=", "(", "f'{ y } {{'", "f'''{\nz}'''", ",", "w", ")")
    ]


@pytest.mark.parametrize("module", ["argparse", "dataclasses", "json", "asyncio"])
def test_counts_are_those_of_the_syntax_tree(module):
    for path in source_files(module):
        expected, found = Counter(), Counter()
        nodes = [ast.parse(path.read_bytes())]
        while nodes:
            node = nodes.pop()
            expected[type(node).__name__] += 1
            if isinstance(node, ast.keyword) and node.arg is None:
                expected["keyword"] -= 1
            if isinstance(node, ast.AsyncFunctionDef):
                expected["FunctionDef"] += 1
            if isinstance(node, ast.AST) and not isinstance(node, ast.JoinedStr):
                nodes += ast.iter_child_nodes(node)
        for _, labels in classify(path.read_bytes()):
            found.update(labels)
        assert found["function"] == expected["FunctionDef"]
        assert found["class"] == expected["ClassDef"]
        assert found["parameter"] == expected["arg"]
        assert found["argument"] == expected["keyword"]
        attributes = found["attribute"] + found["method"]
        assert attributes <= expected["Attribute"] <= attributes + found["decorator"]
        names = expected["Name"] + expected["Attribute"]
        assert names <= sum(
            found[name]
            for name in ("attribute", "method", "decorator", "variable", "builtin", "call", "name")
        )


def test_reserved_words_are_keywords_or_constants_and_nothing_else_is(splits):
    for example in itertools.chain(*splits.values()):
        for text, label in zip(example.tokens, example.labels, strict=True):
            if keyword.iskeyword(text):
                assert label == ("constant" if text in ("True", "False", "None") else "keyword")
            else:
                assert label != "constant"
                assert label != "keyword" or text in ("match", "case", "type")


def test_examples_are_lines_of_limited_length(splits):
    for example in itertools.chain(*splits.values()):
        assert 1 <= len(example.tokens) == len(example.labels) <= 48
        for text, label in zip(example.tokens, example.labels, strict=True):
            assert text == " ".join(text.split()) != ""
            assert len(text) <= 20 or label not in ("string", "docstring", "f_string")
    assert max(len(example.tokens) for example in splits["train"]) == 48


def test_sizes(splits):
    assert len(splits["train"]) > 20_000
    assert min(map(len, splits.values())) > 2_000
    for rows in splits.values():
        assert {label for example in rows for label in example.labels} == set(CLASSES)


def test_no_line_comes_twice(splits):
    lines = [example.tokens for example in itertools.chain(*splits.values())]
    assert len(set(lines)) == len(lines)
    places = [example.place for example in itertools.chain(*splits.values())]
    assert len(set(places)) == len(places)


def test_no_module_is_in_two_splits(splits):
    modules = [
        {example.place.split(":")[0].removesuffix(".py").split("/")[0] for example in rows}
        for rows in splits.values()
    ]
    assert len(set.union(*modules)) == sum(map(len, modules))


def test_places_tell_where_the_line_is(splits):
    root = pathlib.Path(sysconfig.get_path("stdlib"))
    for example in splits["test"][::13]:
        file, line, column = example.place.split(":")
        text = (root / file).read_text(encoding="utf-8").split("\n")[int(line) - 1]
        assert text[int(column) :].startswith(example.tokens[0].split(" ")[0])


def test_context_decides(splits):
    """Each token's commonest class, or `operator` for an unknown one, is not enough."""
    counts = defaultdict(Counter)
    for example in splits["train"]:
        for text, label in zip(example.tokens, example.labels, strict=True):
            counts[text][label] += 1
    right = [
        counts.get(text, Counter(operator=1)).most_common(1)[0][0] == label
        for example in splits["test"]
        for text, label in zip(example.tokens, example.labels, strict=True)
    ]
    assert 0.6 < sum(right) / len(right) < 0.85


def test_prepared_data_are_the_examples(prepared):
    builder, examples = prepared
    names = builder.info.features["labels"].feature.names
    assert names == list(CLASSES)
    assert builder.info.supervised_keys == ("tokens", "labels")
    for split, rows in builder.as_dataset().items():
        read_back = [
            (tuple(text.decode() for text in row["tokens"]), tuple(names[n] for n in row["labels"]))
            for row in tfds.as_numpy(rows)
        ]
        assert sorted(read_back) == sorted((row.tokens, row.labels) for row in examples[split])


def test_metadata_of_the_prepared_data_name_the_interpreter(prepared):
    read_back = tfds.builder_from_directory(prepared[0].data_path).info
    assert read_back.metadata["python_version"] == platform.python_version()
    assert all(name in read_back.description for name in CLASSES)


@pytest.mark.slow
def test_another_process_generates_the_same(splits):
    digest = hashlib.sha256(repr(sorted(splits.items())).encode()).hexdigest()
    other = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=pathlib.Path(python_tokens.__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.split() == [digest]


def test_a_standard_library_without_source_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(FileNotFoundError, match="Expected Python's standard library as source"):
        python_tokens.token_examples()


def test_names_of_a_session_are_no_builtins(monkeypatch):
    """An interactive interpreter puts `_` among the built-in names, IPython `display`."""
    for name, value in {"_": int, "display": object()}.items():
        monkeypatch.setattr(builtins, name, value, raising=False)
    fresh = runpy.run_path(python_token_classes.__file__)["BUILTINS"]
    assert {"int", "print", "Ellipsis", "__name__", "__import__", "ValueError"} <= fresh
    assert not {"_", "display"} & fresh
