"""The oldest versions that are tested are the oldest that setup.cfg allows."""

import configparser
import pathlib

from packaging.requirements import Requirement
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
