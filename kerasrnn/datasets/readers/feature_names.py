"""What a user wrote of features and columns: `text=title+body,label=stars`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from kerasrnn.checks import UserError
from kerasrnn.files import WHITE_SPACE

__all__ = ["feature_names"]

# A name between quotes, with perhaps quotes or backslashes in it that have one before them; or one
# without any, in which a backslash takes the next sign for a letter.
_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*(?=[,+]|$)')
_BARE = re.compile(r"((?:[^,+\\]|\\[,+=\"\\ ]|\\)*)")
_ESCAPED = re.compile(r"\\([,+=\"\\ ])")


def feature_names(
    features: Mapping[str, str | Sequence[str]] | str | None, roles: Sequence[str]
) -> dict[str, list[str]]:
    r"""Reads the names of features or columns that a user gave.

    Args:
        features: By role the name of the feature or the column, several with a `+` between them;
            or a text such as `"tokens=tokens,tags=upos"`. A name with commas or plus signs stands
            between double quotes, or has a backslash before each of them; plus signs at its end,
            as in `C++`, are part of it anyway. In a dictionary a list holds names as they are.
        roles: The roles that the task knows.

    Returns:
        By role the names; none of the roles that are not there.

    Raises:
        ValueError: For a text of another form, or a role that the task does not know.

    Example:

    >>> from kerasrnn.datasets.readers.features import feature_names
    >>> feature_names("label=stars,text=title+body", ("text", "label"))
    {'label': ['stars'], 'text': ['title', 'body']}
    >>> feature_names('text="title, body",label=C++', ("text", "label"))
    {'text': ['title, body'], 'label': ['C++']}
    """
    if isinstance(features, str):
        named = _read_pairs(features, roles)
    else:
        named = {
            role: _read_names(names, 0)[0] if isinstance(names, str) else [str(n) for n in names]
            for role, names in (features or {}).items()
        }
    unknown = [role for role in named if role not in roles]
    if unknown:
        raise UserError(
            f"Expected `features` to name one of {tuple(roles)}. Received: {unknown[0]!r}"
        )
    if not all(names and all(names) for names in named.values()):
        raise _wrong(features, roles)
    return named


def _wrong(features, roles: Sequence[str]) -> UserError:
    return UserError(
        f"Expected `features` such as {roles[0]}=NAME,{roles[-1]}=NAME. Received: {features!r} "
        f'(a name with commas stands between quotes: {roles[0]}="a, b")'
    )


def _read_pairs(text: str, roles: Sequence[str]) -> dict[str, list[str]]:
    named, place = {}, 0
    while place < len(text):
        pair = re.compile(r"[\s,]*([^=,]*)=").match(text, place)
        if pair is None:
            if text[place:].strip(WHITE_SPACE + ","):
                raise _wrong(text, roles)
            break
        names, place = _read_names(text, pair.end())
        named[pair[1].strip(WHITE_SPACE)] = names
    return named


def _read_names(text: str, place: int) -> tuple[list[str], int]:
    """Reads names with a `+` between them; returns them and the place of the comma behind."""
    names, start = [], place
    while True:
        quoted = _QUOTED.match(text, place)
        found = cast(re.Match, quoted or _BARE.match(text, place))  # which matches anything
        name = _ESCAPED.sub(r"\1", found[1])
        names.append(name if quoted else name.strip(WHITE_SPACE))
        place = found.end()
        if text[place : place + 1] != "+":
            break
        place += 1
    if not all(names):  # plus signs with nothing on one side
        names = [_ESCAPED.sub(r"\1", text[start:place]).strip(WHITE_SPACE)]
    return names, place
