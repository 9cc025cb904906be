"""What an editor shows: every public function says what it takes and what it gives."""

import ast
import pathlib

import pytest

import kerasrnn

PACKAGE = pathlib.Path(kerasrnn.__file__).parent
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef


def public_functions(body, prefix=""):
    """Yields the name and the node of each function and method without an underscore before it.

    What an underscore before and behind it names, such as `__init__`, is public too.
    """
    for node in body:
        name = getattr(node, "name", "")
        if name.startswith("_") and not (name.startswith("__") and name.endswith("__")):
            continue
        if isinstance(node, ast.ClassDef):
            yield from public_functions(node.body, f"{prefix}{name}.")
        elif isinstance(node, FUNCTIONS):
            yield prefix + name, node
        elif isinstance(node, ast.If):
            yield from public_functions([*node.body, *node.orelse], prefix)


def unannotated(source):
    """Lists the parameters, and results, of public functions that have no annotation."""
    found = []
    for name, node in public_functions(ast.parse(source).body):
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args]
        static = any(ast.unparse(each) == "staticmethod" for each in node.decorator_list)
        if "." in name and not static:
            named = named[1:]
        rest = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        every = [*named, *arguments.kwonlyargs, *rest]
        found += [f"{name}: {each.arg}" for each in every if each.annotation is None]
        if node.returns is None and node.name != "__init__":
            found.append(f"{name} ->")
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_public_functions_are_annotated(path):
    assert unannotated(path.read_text()) == []


@pytest.mark.parametrize(
    "source, names",
    [
        ("def f(a, b: int): ...", ["f: a", "f ->"]),
        ("def f(*some, key=1, **rest) -> None: ...", ["f: key", "f: some", "f: rest"]),
        ("class C:\n    def __init__(self, a): ...", ["C.__init__: a"]),
        ("class C:\n    @staticmethod\n    def f(a) -> int: ...", ["C.f: a"]),
        ("if True:\n    def f(): ...", ["f ->"]),
        ("def _f(a): ...\nclass _C:\n    def f(self): ...\ndef f() -> int:\n    def g(a): ...", []),
    ],
)
def test_what_is_missing_is_found(source, names):
    assert unannotated(source) == names
