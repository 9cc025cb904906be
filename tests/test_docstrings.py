"""The examples in docstrings run, and public things have docstrings."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest

import kerasrnn

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(kerasrnn.__path__, "kerasrnn.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, prepared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where what an example writes stays
    module = importlib.import_module(name)
    source = inspect.getsource(module)
    for data_set in set(re.findall(r">>> .*\(\"(\w+)\", \"validation\"\)\n", source)):
        prepared(data_set)  # or its progress would be taken for the output of the example
    extra = {public: getattr(kerasrnn, public) for public in kerasrnn.__all__}
    extra |= {"keras": importlib.import_module("keras"), "kerasrnn": kerasrnn}
    extra |= {"tf": importlib.import_module("tensorflow"), **vars(module)}
    assert doctest.testmod(module, globs=extra).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_public_things_are_documented(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for public in getattr(module, "__all__", ()):
        thing = getattr(module, public)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__doc__, f"{name}.{public} has no docstring"


@pytest.mark.parametrize("name", MODULES)
def test_code_in_backticks_has_no_outer_spaces(name):
    """With one it is no code on the site, and all that follows in the paragraph is."""
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", ()):
        text = inspect.getdoc(getattr(module, public)) or ""
        text = re.sub(r"^ *(>>>|\.\.\.)( .*|)$", "", text, flags=re.M)
        for code in re.findall(r"`([^`]+)`", text):
            assert code == code.strip(), f"{name}.{public}: {code!r}"


@pytest.mark.parametrize("name", MODULES)
def test_no_description_is_a_letter(name):
    """`N.` alone begins a numbered list on the site."""
    source = inspect.getsource(importlib.import_module(name))
    assert re.search(r"^ +\w+: [A-Za-z]\.$", source, flags=re.M) is None


def test_a_wrong_example_is_found():
    module = type(importlib)("wrong")
    module.__doc__ = ">>> 1 + 1\n3\n"
    assert doctest.testmod(module, verbose=False, report=False).failed == 1
