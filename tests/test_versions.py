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


def imported_packages():
    for path in (ROOT / "kerasrnn").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                yield str(node.module).partition(".")[0]


def test_what_is_imported_is_required_or_in_all():
    """What the type checker, which looks at a machine that has nothing else, resolves."""
    extras = options()["options.extras_require"]
    texts = [options()["options"]["install_requires"], *(extras[name] for name in extras_of_all())]
    required = {canonicalize_name(each.name) for text in texts for each in listed(text)}
    imported = set(imported_packages()) - sys.stdlib_module_names - {"kerasrnn"}
    imported -= {"google", "h11"}  # of TensorFlow and of uvicorn, which cannot be without them
    of_module = importlib.metadata.packages_distributions()
    assert {"gensim", "keras", "sklearn"} <= imported
    assert [
        name
        for name in sorted(imported)
        if not required & {canonicalize_name(each) for each in of_module[name]}
    ] == []


@pytest.mark.parametrize("target", ["user", "lint", "bench"])
def test_make_installs_every_extra_of_users(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (installed,) = re.findall(rf"/\.{target}: .*\n\t\$\(INSTALL\) -e \"\.\[(.*)\]\"", makefile)
    assert "all" in installed.split(",")
