"""The oldest versions that are tested are what setup.cfg allows; it names all that is imported."""

import ast
import configparser
import importlib.metadata
import pathlib
import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = pathlib.Path(__file__).parents[1]


def listed(text):
    return [Requirement(line.partition("#")[0]) for line in text.splitlines() if "=" in line]


def pinned(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    found = listed("\n".join(line for line in lines if not line.startswith("#")))
    return {each.name: Version(str(each.specifier).removeprefix("==")) for each in found}


def options():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config


def lowest(requirement):
    (version,) = (each.version for each in requirement.specifier if each.operator == ">=")
    return Version(version)


def test_the_oldest_versions_are_the_lower_bounds():
    oldest = pinned(ROOT / ".ci" / "oldest.txt")
    required = listed(options()["options"]["install_requires"])
    assert len(required) > 9
    assert {each.name: oldest[each.name] for each in required} == {
        each.name: lowest(each) for each in required
    }
    extras = "\n".join(options()["options.extras_require"][name] for name in ("serve", "subwords"))
    assert {each.name: oldest[each.name] for each in listed(extras)} == {
        each.name: lowest(each) for each in listed(extras)
    }


def test_the_usual_versions_are_allowed():
    """Those of requirements/constraints.txt, which `make train` and `make test` install."""
    usual = pinned(ROOT / "requirements" / "constraints.txt")
    for name in ("install_requires", *options()["options.extras_require"]):
        section = "options" if name == "install_requires" else "options.extras_require"
        for each in listed(options()[section][name]):
            version = {name.lower(): found for name, found in usual.items()}.get(each.name.lower())
            assert version is None or version in each.specifier, each


TOOLS = {"all", "test", "bench", "lint", "docs", "notebooks"}  # extras that are for nobody's models


def extras_of_all():
    (wanted,) = options()["options.extras_require"]["all"].split()
    return Requirement(wanted).extras


def test_all_is_every_extra_of_users():
    assert extras_of_all() == set(options()["options.extras_require"]) - TOOLS


def imported_packages(folder):
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield str(node.module).partition(".")[0]


# What cannot be missing where TensorFlow, uvicorn, pytest and so on are.
PART_OF_OTHERS = {"google", "h11", "packaging"}


@pytest.mark.parametrize(
    ("folder", "extras", "some"),
    [
        ("kerasrnn", ["all"], {"gensim", "keras", "sklearn"}),
        ("tests", ["test"], {"pandas", "seqeval", "sklearn"}),
    ],
)
def test_what_is_imported_is_required(folder, extras, some):
    """So it is there on a machine that has nothing else, for the type checker too."""
    texts = options()["options.extras_require"]
    extras = [name for each in extras for name in (extras_of_all() if each == "all" else [each])]
    texts = [options()["options"]["install_requires"], *(texts[name] for name in extras)]
    required = {canonicalize_name(each.name) for text in texts for each in listed(text)}
    imported = set(imported_packages(folder)) - sys.stdlib_module_names - {"kerasrnn", "tests"}
    assert some <= imported
    of_module = importlib.metadata.packages_distributions()
    assert [
        name
        for name in sorted(imported & of_module.keys() - PART_OF_OTHERS)
        if not required & {canonicalize_name(each) for each in of_module[name]}
    ] == []


@pytest.mark.parametrize("target", ["user", "lint", "bench"])
def test_make_installs_every_extra_of_users(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (installed,) = re.findall(rf"/\.{target}: .*\n\t\$\(INSTALL\) -e \"\.\[(.*)\]\"", makefile)
    assert "all" in installed.split(",")
