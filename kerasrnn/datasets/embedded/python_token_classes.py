"""What each token of a Python source file is there, from its syntax tree."""

import ast
import builtins
import io
import keyword
import re
import token
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

# Of a name, the first that fits.
CLASSES = {
    "keyword": "a reserved word, and `match`, `case` and `type` where they act as one",
    "constant": "True, False, None",
    "operator": "an operator, bracket or other sign",
    "number": "a number",
    "docstring": "a string that documents a module, class or function",
    "f_string": "an f-string, as one token",
    "string": "another string, of text or bytes",
    "function": "the name after `def`",
    "class": "the name after `class`",
    "module": "a name in the path of a module in an import",
    "imported": "what is imported from a module, and the name after `as` in an import",
    "decorator": "a name of the dotted name after `@`",
    "parameter": "a parameter where a function or lambda lists it",
    "argument": "the name before `=` in a call or in the bases of a class",
    "method": "what is called after a dot",
    "attribute": "what stands after a dot and is not called",
    "variable": "a name that is set or deleted, or listed after `global` or `nonlocal`",
    "builtin": "a name of `builtins` that is read, whatever it was replaced by",
    "call": "another name that is called",
    "name": "another name that is read",
}
SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.INDENT, tokenize.DEDENT}
# From Python 3.12 an f-string is many tokens, from 3.14 also a t-string.
STARTS, ENDS = (
    {getattr(token, name + end) for name in ("FSTRING", "TSTRING") if hasattr(token, name + end)}
    for end in ("_START", "_END")
)

# A line, from 1, and a column in characters.
Place = tuple[int, int]

# Those of the language and of the module `site`; a session adds names of its own, such as `_`.
_MORE = "Ellipsis NotImplemented copyright credits exit help license open quit".split()
_MORE += [f"__{name}__" for name in "debug doc loader name package spec".split()]
BUILTINS = frozenset(
    name
    for name, value in vars(builtins).items()
    if name in _MORE or (name != "_" and getattr(value, "__module__", None) == "builtins")
)


class Token(NamedTuple):
    """A token's type, text and beginning; an f-string is one token in every version of Python."""

    type: int
    text: str
    place: Place


def _lines(source: bytes) -> list[str]:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    with io.TextIOWrapper(io.BytesIO(source), encoding) as file:
        return file.readlines()


def _between(lines: list[str], start: Place, end: Place) -> str:
    """The text of a file from one place to another."""
    inside = lines[start[0] - 1 : end[0]]
    inside[-1] = inside[-1][: end[1]]
    inside[0] = inside[0][start[1] :]
    return "".join(inside)


def logical_lines(source: bytes) -> Iterator[list[Token]]:
    """The tokens of each logical line, without comments, indentation and ends of lines.

    Args:
        source: A Python source file.

    Yields:
        A list of tokens, not empty.

    Example:

    >>> [[token.text for token in line] for line in logical_lines(b"if x:  # why\\n    y(\\n)")]
    [['if', 'x', ':'], ['y', '(', ')']]
    """
    lines = _lines(source)
    line: list[Token] = []
    open_strings: list[Place] = []
    for item in tokenize.tokenize(io.BytesIO(source).readline):
        if item.type in STARTS:
            open_strings.append(item.start)
        elif item.type in ENDS:
            start = open_strings.pop()
            if not open_strings:
                line.append(Token(token.STRING, _between(lines, start, item.end), start))
        elif item.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
            if line:
                yield line
            line = []
        elif not open_strings and item.type not in SKIPPED:
            line.append(Token(item.type, item.string, item.start))


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Documented = Definition | ast.Module


class _Places(ast.NodeVisitor):
    """Collects what the syntax tree tells of names, docstrings and imports, by their places.

    Where two visits tell of the same place, the first counts.
    """

    def __init__(self, source: bytes):
        self.classes: dict[Place, str] = {}
        self.imports: dict[Place, Place] = {}
        self.lines = _lines(source)
        self.visit(ast.parse(source))

    def _place(self, line: Any, offset: Any) -> Place:
        """The tree counts bytes of UTF-8."""
        return line, len(self.lines[line - 1].encode()[:offset].decode())

    def _put(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword, label: str) -> None:
        self.classes.setdefault(self._place(node.lineno, node.col_offset), label)

    def _put_attribute(self, node: ast.Attribute, label: str) -> None:
        offset = (node.end_col_offset or 0) - len(node.attr.encode())
        self.classes.setdefault(self._place(node.end_lineno, offset), label)

    def visit_Name(self, node: ast.Name) -> None:
        label = "builtin" if node.id in BUILTINS else "name"
        self._put(node, label if isinstance(node.ctx, ast.Load) else "variable")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._put_attribute(node, "attribute")
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            self._put_attribute(node.func, "method")
        elif isinstance(node.func, ast.Name) and node.func.id not in BUILTINS:
            self._put(node.func, "call")
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        self._put(node, "parameter")
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg:
            self._put(node, "argument")
        self.generic_visit(node)

    def _visit_import(self, node: ast.Import | ast.ImportFrom) -> None:
        end = self._place(node.end_lineno, node.end_col_offset)
        self.imports[self._place(node.lineno, node.col_offset)] = end

    def _visit_documented(self, node: Documented) -> None:
        if ast.get_docstring(node, clean=False) is not None:
            self._put(node.body[0], "docstring")
        self.generic_visit(node)

    def _visit_definition(self, node: Definition) -> None:
        for decorator in node.decorator_list:
            name = decorator.func if isinstance(decorator, ast.Call) else decorator
            while isinstance(name, ast.Attribute):
                self._put_attribute(name, "decorator")
                name = name.value
            if isinstance(name, ast.Name):
                self._put(name, "decorator")
        self._visit_documented(node)

    visit_Import = visit_ImportFrom = _visit_import
    visit_Module = _visit_documented
    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _visit_definition


def _import_classes(line: Sequence[Token], imports: Mapping[Place, Place]) -> dict[Place, str]:
    """The classes of the names in the imports of a logical line."""
    classes: dict[Place, str] = {}
    end, first, label = (0, 0), "", ""
    for item in line:
        if item.place in imports:
            end, first, label = imports[item.place], item.text, "module"
        elif item.text == "as" or (item.text, first) == ("import", "from"):
            label = "imported"
        elif (item.text, first) == (",", "import"):
            label = "module"
        if item.type == token.NAME and item.place < end:
            classes[item.place] = label
    return classes


def _token_class(item: Token, before: str, told: str | None) -> str:
    """The class of a token, by the text before it in its line and by what the tree tells of it."""
    if item.type == token.NUMBER:
        return "number"
    if item.type == token.STRING:
        prefix = re.sub("(?s)[^A-Za-z].*", "", item.text)
        return "f_string" if "f" in prefix.lower() else told or "string"
    if item.type != token.NAME:
        return "operator"
    if keyword.iskeyword(item.text):
        return "constant" if item.text in ("True", "False", "None") else "keyword"
    if before in ("def", "class"):
        return "function" if before == "def" else "class"
    if told is None and not before and keyword.issoftkeyword(item.text):
        return "keyword"
    # The tree has no place for what follows `except … as`, `global`, `nonlocal`, nor in patterns.
    return told or "variable"


def classify(source: bytes) -> Iterator[tuple[list[Token], list[str]]]:
    """The tokens of each logical line of a file, and what they are.

    Args:
        source: A Python source file.

    Yields:
        The tokens of a line, and as many names of `CLASSES`.

    Raises:
        SyntaxError: Where the file is no Python of the version that runs.

    Example:

    >>> list(classify(b"x = len(y)"))[0][1]
    ['variable', 'operator', 'builtin', 'operator', 'name', 'operator']
    """
    places = _Places(source)
    for line in logical_lines(source):
        imports = _import_classes(line, places.imports)
        before = ["", *(item.text for item in line)]
        labels = [
            _token_class(item, previous, imports.get(item.place, places.classes.get(item.place)))
            for item, previous in zip(line, before, strict=False)
        ]
        yield line, labels
