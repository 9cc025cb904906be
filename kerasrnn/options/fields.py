"""What a field of options says of itself: type, range, default, help, and what old runs meant."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import os
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from kerasrnn.checks import UserError, check_choice

__all__ = [
    "FOLLOWS",
    "FREE",
    "OF_DATA",
    "Field",
    "Unrecorded",
    "check_fields",
    "check_recorded",
    "check_value",
    "fields_of",
]

# A mark of options that may differ between a run and its continuation.
FREE = "free"
# A mark of options that say something of their data alone, and nothing of others.
OF_DATA = "of data"
# A mark of options that are chosen by the size of the training data where they are `None`.
FOLLOWS = "follows the data"


@dataclasses.dataclass(frozen=True)
class Unrecorded:
    """The value that a run went by which is older than the option, and has not recorded it.

    Args:
        value: The value.
    """

    value: Any


@dataclasses.dataclass(frozen=True)
class Field:
    """One option.

    Args:
        name: Its name.
        type: Its type, such as `int`, `str | None` or a `Literal`, without marks.
        check: Returns a value of it as it is kept, or raises a `UserError`.
        default: Its default, `dataclasses.MISSING` where it is required.
        help: What it means, in a sentence or some.
        unrecorded: The value where a run has not recorded it: its default, unless it says another.
        says_unrecorded: Whether it says so.
        free: Whether it may differ between a run and its continuation.
        of_data: Whether it says something of its data alone.
        follows: Whether `None` is for a value that is chosen by the size of the training data.
    """

    name: str
    type: Any
    check: Callable[[Any], Any]
    default: Any
    help: str
    unrecorded: Any
    says_unrecorded: bool
    free: bool
    of_data: bool
    follows: bool

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is dataclasses.MISSING


@functools.cache
def fields_of(cls: type) -> tuple[Field, ...]:
    """Reads the fields of a dataclass: those of its first base, its own, those of other bases.

    What the last base but `object` has belongs to all classes over it, and stands at the end. A
    field whose default a class overrides keeps the marks that it has in a base.
    """
    bases = [base for base in reversed(cls.__bases__) if dataclasses.is_dataclass(base)]
    before = {field.name: field for base in bases for field in fields_of(base)}
    hints = typing.get_type_hints(cls, include_extras=True)
    texts = _texts(cls)
    by_name = {each.name: each for each in dataclasses.fields(cls)}
    return tuple(
        _field(by_name[name], hints[name], texts.get(name, ""), before.get(name))
        for name in _order(cls)
    )


def check_fields(instance: Any) -> None:
    """Checks the values of a dataclass by the types of its fields, and puts them into one form.

    Raises:
        UserError: For a value of another type, or out of its range.
    """
    for field in fields_of(type(instance)):
        checked = field.check(getattr(instance, field.name))
        object.__setattr__(instance, field.name, checked)  # it is frozen for everybody else


def check_value(name: str, hint: Any, value: Any) -> Any:
    """Returns a value as an option of some type keeps it.

    Args:
        name: The option, for the error.
        hint: Its type, with a range or without.
        value: The value.

    Raises:
        UserError: For a value of another type, or out of its range.

    Example:

    >>> check_value("columns", tuple[str, ...] | None, ["level", "moon"])
    ('level', 'moon')
    """
    plain, marks = _without_marks(hint)
    choices = _members(plain)
    if value is None and type(None) in choices:
        return None
    for mark in marks:
        if callable(mark):
            return mark(name, value)
    (kind,) = [each for each in choices if each is not type(None)]
    if typing.get_origin(kind) is Literal:
        return check_choice(name, value, typing.get_args(kind))
    if typing.get_origin(kind) is tuple:
        return _check_names(name, value)
    if kind is str and isinstance(value, os.PathLike):
        return os.fspath(value)
    if not isinstance(value, kind):
        expected = {str: "a string", bool: "True or False"}.get(kind, f"of {kind}")
        raise UserError(f"Expected `{name}` to be {expected}. Received: {value!r}")
    return value


def check_recorded(field: Field, value: Any) -> Any:
    """Returns the value of an option that a run has recorded, whose range counts no longer.

    Args:
        field: The option.
        value: What JSON held.

    Raises:
        UserError: For a value of another type.

    Example:

    >>> by_name = {field.name: field for field in options.Forecast.fields()}
    >>> check_recorded(by_name["columns"], ["level", "moon"])
    ('level', 'moon')
    """
    for kind in _members(field.type):
        if typing.get_origin(kind) is Literal:
            kind = str  # a word may have been one
        if typing.get_origin(kind) is tuple and isinstance(value, (list, tuple)):
            return _check_names(field.name, value)
        if isinstance(kind, type) and isinstance(value, (int, float) if kind is float else kind):
            return value
    kinds = " or ".join(getattr(kind, "__name__", "str") for kind in _members(field.type))
    raise UserError(
        f"Expected `{field.name}` as a run records it, {kinds.replace('NoneType', 'null')}. "
        f"Received: {value!r:.60}"
    )


def _check_names(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
        raise UserError(f"Expected `{name}` to be a list of strings. Received: {value!r}")
    return tuple(value)


def _field(field: dataclasses.Field, hint: Any, text: str, before: Field | None) -> Field:
    plain, marks = _without_marks(hint)
    older = [mark.value for mark in marks if isinstance(mark, Unrecorded)]
    if before is not None and before.says_unrecorded:
        older.append(before.unrecorded)
    return Field(
        field.name,
        plain,
        functools.partial(check_value, field.name, hint),
        field.default,
        text,
        older[0] if older else field.default,
        bool(older),
        FREE in marks or (before is not None and before.free),
        OF_DATA in marks or (before is not None and before.of_data),
        FOLLOWS in marks or (before is not None and before.follows),
    )


def _without_marks(hint: Any) -> tuple[Any, list]:
    """Takes `Annotated` off a type, and off the members of a union."""
    marks = []
    while typing.get_origin(hint) is Annotated:
        marks += hint.__metadata__
        hint = hint.__origin__
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = [_without_marks(each) for each in typing.get_args(hint)]
        marks += [mark for _, some in members for mark in some]
        hint = typing.Union[tuple(plain for plain, _ in members)]  # noqa: UP007
    return hint, marks


def _members(plain: Any) -> tuple:
    union = typing.get_origin(plain) in (typing.Union, types.UnionType)
    return typing.get_args(plain) if union else (plain,)


def _order(cls: type) -> Iterator[str]:
    *_, root, _ = cls.__mro__
    seen = set()
    names = [*_own_and_inherited(cls, root), *inspect.get_annotations(root)]
    known = {field.name for field in dataclasses.fields(cls)}
    for name in names:
        if name in known and name not in seen:
            seen.add(name)
            yield name


def _own_and_inherited(cls: type, root: type) -> Iterator[str]:
    if cls is root:
        return
    first, *others = cls.__bases__
    inherited = {field.name for base in cls.__bases__ for field in dataclasses.fields(base)}
    yield from _own_and_inherited(first, root)
    yield from (name for name in inspect.get_annotations(cls) if name not in inherited)
    for base in others:
        yield from _own_and_inherited(base, root)


def _texts(cls: type) -> Mapping[str, str]:
    """The texts of the fields, those of a class in place of those of its bases."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__):
        found |= _texts_of(vars(each).get("__doc__") or "")
    return found


def _texts_of(docstring: str) -> dict[str, str]:
    """Reads the section `Args:` of a docstring."""
    lines = inspect.cleandoc(docstring).splitlines()
    if "Args:" not in lines:
        return {}
    found: dict[str, str] = {}
    name = ""
    for line in lines[lines.index("Args:") + 1 :]:
        if line and not line.startswith(" "):
            break
        entry = re.match(r" {4}(\w+): (.*)", line)
        if entry:
            name, found[entry[1]] = entry[1], entry[2].strip()
        elif name and line:
            found[name] += f" {line.strip()}"
    return found
