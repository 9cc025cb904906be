"""What the house keeps: sizes, one meaning for each name, no circles, options read as attributes.

An allowance names what is still too large, with its size of today. It only shrinks: what is smaller
again has to leave it, and nothing is added.
"""

import ast
import io
import pathlib
import tokenize

import pytest

import kerasrnn
from kerasrnn.layers import CELLS
from kerasrnn.options import words
from kerasrnn.text import LEVELS, SUBWORD

PACKAGE = pathlib.Path(kerasrnn.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = sorted({path.parent for path in FILES})

LINES_OF_A_FILE, LINES_OF_A_FUNCTION, FILES_OF_A_ROOM = 300, 60, 25
LONG_FILES = {}
LARGE_ROOMS = {}

LAYOUT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def relative(path):
    return path.relative_to(PACKAGE).as_posix()


def lines_of_code(source):
    """Returns the number of lines of code of each function, those inside it included.

    Blank lines, comments and the docstrings of functions do not count; of functions of one name
    the longest does.
    """
    tree = ast.parse(source)
    functions = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    code = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in functions:
        if ast.get_docstring(node, clean=False) is not None:
            code.difference_update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    sizes = {}
    for node in functions:
        size = len(code.intersection(range(node.lineno, node.end_lineno + 1)))
        sizes[node.name] = max(size, sizes.get(node.name, 0))
    return sizes


HOLDERS, READS = {"options", "settings"}, {"get", "pop", "setdefault"}


def options_by_string(source):
    """Lists the names that are read as keys of `options` or `settings`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr not in READS:
                continue
            holder, key = node.func.value, node.args[0]
        else:
            continue
        if isinstance(holder, ast.Subscript):
            named = getattr(holder.slice, "value", None)
        else:
            named = getattr(holder, "attr", getattr(holder, "id", None))
        if named in HOLDERS and isinstance(getattr(key, "value", None), str):
            found.append(key.value)
    return found


def too_large(sizes, most, allowed):
    """Lists what is larger than it may be, and what is allowed to be though it no longer is."""
    wrong = [name for name, size in sizes.items() if size > max(most, allowed.get(name, 0))]
    return wrong + [name for name in allowed if sizes.get(name, 0) <= most]


def test_files_are_short():
    sizes = {relative(path): len(path.read_text().splitlines()) for path in FILES}
    assert too_large(sizes, LINES_OF_A_FILE, LONG_FILES) == []


def test_functions_are_short():
    sizes = {
        f"{relative(path)}: {name}": size
        for path in FILES
        for name, size in lines_of_code(path.read_text()).items()
    }
    assert too_large(sizes, LINES_OF_A_FUNCTION, {}) == []


def test_rooms_are_small():
    sizes = {relative(room): len(list(room.glob("*.py"))) for room in ROOMS}
    assert too_large(sizes, FILES_OF_A_ROOM, LARGE_ROOMS) == []


def test_options_are_attributes():
    """A task's options are fields of a class of `kerasrnn.options`."""
    read = [
        f"{relative(path)}: {name}"
        for path in FILES
        if relative(path).startswith(("tasks/", "cli/"))
        for name in options_by_string(path.read_text())
    ]
    assert read == []


def word_lists(source):
    """Lists the sets of strings that tuples, lists, sets and `Literal`s hold."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            found = {getattr(each, "value", None) for each in node.elts}
            if len(found) > 1 and all(isinstance(each, str) for each in found):
                yield found


def repeated(source):
    """Lists the aliases of `options.words` whose words a source lists again."""
    aliases = {name: set(words.words(getattr(words, name))) for name in words.__all__[:-1]}
    found = list(word_lists(source))
    return [name for name, members in aliases.items() if members in found]


def test_words_of_options_are_listed_once():
    """Checks, messages and factories take them from there: `words(Cell)`."""
    paths = [path for path in FILES if relative(path) != "options/words.py"]
    found = {relative(path): repeated(path.read_text()) for path in paths}
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source, names",
    [
        ('POOLINGS = ("last", "mean", "max", "attention")', ["Pooling"]),
        ('def f(context: Literal["stream", "sentence"]): ...', ["Context"]),
        ('("mean", "max"), {"lstm": 1, "gru": 2}, words(Pooling), ["a", 3]', []),
    ],
)
def test_a_list_of_words_is_found(source, names):
    assert repeated(source) == names


def strings(source):
    """Returns all strings of a source but its docstrings."""
    docstrings = set()
    for node in ast.walk(tree := ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node, clean=False) is not None:
                docstrings.add(node.body[0].value)
    values = (
        node.value for node in ast.walk(tree) if node not in docstrings and hasattr(node, "value")
    )
    return {value for value in values if isinstance(value, str)}


@pytest.mark.parametrize(
    "word, place",
    [
        ("simple_rnn", "layers/cells.py"),
        ("general", "layers/attention.py"),
        ("scaled_dot", "layers/attention.py"),
    ],
)
def test_a_cell_or_a_score_is_named_where_it_is_made_and_in_its_alias(word, place):
    """No factory, task, command or check has to learn of a new one."""
    found = {relative(path) for path in FILES if word in strings(path.read_text())}
    assert found == {place, "options/words.py"}


def test_strings_of_a_source_are_found():
    source = '"""Of gru."""\ndef f(cell="lstm"):\n    """elman"""\n    return {"dot": cell}'
    assert strings(source) == {"lstm", "dot"}


def test_each_word_means_something():
    assert set(CELLS) == set(words.words(words.Cell))
    assert {*LEVELS, SUBWORD} == set(words.words(words.Level))


FUNCTION = '''
def outer(
    number,
):
    """One line
    and another."""

    def inner():
        """A docstring."""
        # A comment.
        return """a text
        of two lines"""

    return inner


class Other:
    def inner(self): ...
'''


def test_lines_of_code_are_counted():
    assert lines_of_code(FUNCTION) == {"outer": 7, "inner": 3}
    long = "def f():\n" + "    x = 1\n\n" * LINES_OF_A_FUNCTION
    assert too_large(lines_of_code(long), LINES_OF_A_FUNCTION, {}) == ["f"]


@pytest.mark.parametrize(
    "sizes, allowed, wrong",
    [
        ({"a": 4, "b": 3}, {}, ["a"]),
        ({"a": 4, "b": 3}, {"a": 4}, []),
        ({"a": 5, "b": 3}, {"a": 4}, ["a"]),
        ({"a": 3, "b": 3}, {"a": 4}, ["a"]),
        ({"b": 3}, {"a": 4}, ["a"]),
    ],
)
def test_what_is_too_large_is_found(sizes, allowed, wrong):
    assert too_large(sizes, 3, allowed) == wrong


@pytest.mark.parametrize(
    "source, names",
    [
        ('settings["units"]', ["units"]),
        ('self.settings.get("cell", 3)', ["cell"]),
        ('job.options.pop("data")', ["data"]),
        ('config["settings"]["seed"]', ["seed"]),
        ("settings[name], options.units, options[0], rows['units'], settings.get(name)", []),
    ],
)
def test_an_option_by_string_is_found(source, names):
    assert options_by_string(source) == names


# Files that mean the same thing in each room; a plural counts as the same name.
ONE_MEANING = {
    "crf": "the layer, its loss and its decoding",
    "job": "data to trained task, of each task",
    "language_model": "the factory, the options of the task and the commands",
    "next_token_model": "the contract, and the tasks' way to models that keep it",
    "signature": "of each task, and as the server reads them",
    "stream": "the layer, and the view that is made of it",
    "task": "raw in, raw out, of each task",
}


def same_names(paths):
    """Lists names of modules that there are twice, a plural counting as its singular."""
    names = [path.stem.removesuffix("s") for path in paths if not path.stem.startswith("__")]
    return {name for name in names if names.count(name) > 1}


def test_names_of_modules_have_one_meaning():
    assert same_names(FILES) == set(ONE_MEANING)


def test_a_name_with_two_meanings_is_found():
    paths = ["a/__init__.py", "b/__init__.py", "a/language.py", "b/languages.py", "b/c/words.py"]
    assert same_names(map(pathlib.Path, paths)) == {"language"}


MODULES = {
    ".".join(["kerasrnn", *path.relative_to(PACKAGE).with_suffix("").parts]): path.read_text()
    for path in FILES
    if path.stem != "__init__"
}


def nodes_that_run(node):
    """Yields the nodes of a tree, those inside of functions too, but not those for types alone."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield child
            yield from nodes_that_run(child)


def imports_of(modules):
    """Returns for each module the others that it imports; packages are none of them."""
    found = {}
    for name, source in modules.items():
        names = set()
        for node in nodes_that_run(ast.parse(source)):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                names.update({node.module, *(f"{node.module}.{each.name}" for each in node.names)})
        found[name] = names & set(modules)
    return found


def circles(imports):
    """Lists what imports itself, if only by way of others."""
    reached = {name: set(others) for name, others in imports.items()}
    for between in imports:
        for others in reached.values():
            if between in others:
                others |= reached[between]
    return sorted(name for name, others in reached.items() if name in others)


def test_no_module_imports_itself_by_way_of_others():
    assert circles(imports_of(MODULES)) == []


@pytest.mark.parametrize("room", ["datasets", "language_modeling"])
def test_inner_rooms_do_not_import_each_other_in_circles(room):
    inner = {}
    for name, others in imports_of(MODULES).items():
        rooms = {each: each.rpartition(".")[0] for each in (name, *others)}
        if name.startswith(f"kerasrnn.{room}."):
            there = {rooms[each] for each in others if each.startswith(f"kerasrnn.{room}.")}
            inner.setdefault(rooms[name], set()).update(there - {rooms[name]})
    inner.pop(f"kerasrnn.{room}", None)  # what all inner rooms share
    kept = {name: others & set(inner) for name, others in inner.items()}
    assert len(kept) > 3 and circles(kept) == []


@pytest.mark.parametrize(
    "last, found",
    [
        ("", []),
        ("from p.a import f", ["p.a", "p.b", "p.c"]),
        ("from p import b", ["p.b", "p.c"]),
        ("def f():\n    import p.a", ["p.a", "p.b", "p.c"]),
        ("if TYPE_CHECKING:\n    from p.a import f", []),
    ],
)
def test_a_circle_is_found(last, found):
    modules = {"p.a": "import p.b", "p.b": "from p import c, other", "p.c": last}
    assert circles(imports_of(modules)) == found
