"""Lattices in HTK's standard lattice format."""

from __future__ import annotations

import functools
import math
import os
import pathlib
import re
from collections.abc import Callable, Collection
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.files import WHITE_SPACE, numbered_lines, wrong_line
from kerasrnn.language_modeling.rescoring.hypotheses import SILENT, read_score
from kerasrnn.language_modeling.rescoring.lattice import Arc, Lattice

__all__ = ["read_slf"]

_FIELD = re.compile(r"""([A-Za-z]+)=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S*)(?:\s+|$)""")
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
# The long names that the format allows for the fields that are read here.
_SHORT = {
    "NODES": "N",
    "LINKS": "L",
    "UTTERANCE": "U",
    "WORD": "W",
    "START": "S",
    "END": "E",
    "time": "t",
    "acoustic": "a",
    "language": "l",
}


def read_slf(path: str | os.PathLike[str], silent: Collection[str] = SILENT) -> Lattice:
    """Reads a lattice of HTK's standard lattice format, plain or gzipped.

    The HTK Book describes it in its chapter on lattices. Words stand on links, or on nodes, then
    they belong to the links that lead to the node. Of the header `base` (the base of the
    logarithms, e by default; 0: scores are no logarithms), `acscale`, `lmscale` and `wdpenalty`
    are used, `start` and `end`, `UTTERANCE`, and the numbers of nodes and links, which must be
    right. Other fields, such as pronunciations, durations and posteriors, are skipped;
    sub-lattices are refused.

    Args:
        path: The file.
        silent: Words that count for nothing.

    Returns:
        A `Lattice`, with natural logarithms. Without a name of the utterance it has the file's.

    Raises:
        ValueError: For a line that is broken or speaks of a node that is not there, which is
            named with its file; for a cycle, no single start or end, or other numbers of nodes or
            links than the header says.
    """
    header, nodes, links = _read_lines(path)
    for name, found in (("N", nodes), ("L", links)):
        if header.get(name, len(found)) != len(found):
            raise UserError(
                f"{path}: expected {name}={header[name]}, as its header says. "
                f"Received: {len(found)}"
            )
    base, arcs = header.get("base", math.e), []
    for number, link in links:
        missing = [link[end] for end in "SE" if link[end] not in nodes]
        if missing:
            raise wrong_line(path, number, "a link between nodes of the file", f"node {missing[0]}")
        try:
            scores = [_natural(link[name], base) if name in link else 0.0 for name in "al"]
        except ValueError as error:
            raise wrong_line(path, number, "probabilities, since base=0", repr(link)) from error
        word = link.get("W", nodes[link["E"]].get("W"))
        arcs.append(Arc(link["S"], link["E"], word, *scores))
    name = pathlib.Path(path).name.removesuffix(".gz").removesuffix(".lat").removesuffix(".slf")
    try:
        lattice = functools.partial(
            Lattice,
            header.get("U", name),
            end=header.get("end"),
            acoustic_scale=header.get("acscale", 1.0),
            lm_scale=header.get("lmscale", 1.0),
            word_penalty=_natural(header["wdpenalty"], base) if "wdpenalty" in header else 0.0,
            times={node: fields["t"] for node, fields in nodes.items() if "t" in fields},
            silent=silent,
        )
        found = lattice(arcs, header.get("start"))
        first = nodes[found.start].get("W")
        # No link leads to the first node, whose word must be said too.
        return lattice([Arc(-1, found.start, first), *arcs], -1) if first else found
    except ValueError as error:
        message = str(error)
        raise UserError(f"{path}: {message[0].lower()}{message[1:]}") from error


def _read_lines(
    path: str | os.PathLike[str],
) -> tuple[dict, dict[int, dict], list[tuple[int, dict]]]:
    """Reads the header, the nodes by their numbers, and the links with their lines' numbers."""
    header, nodes, links = {}, {}, []
    for number, line in numbered_lines(path):
        line = line.strip(WHITE_SPACE)
        if not line or line.startswith("#"):
            continue
        fields = _fields(path, number, line)
        if "I" in fields:
            if fields["I"] in nodes or "L" in fields:
                raise wrong_line(path, number, "a new node, no sub-lattice", repr(line))
            nodes[fields["I"]] = fields
        elif "J" in fields:
            if "S" not in fields or "E" not in fields:
                raise wrong_line(path, number, "a link with S= and E=", repr(line))
            links.append((number, fields))
        else:
            if "SUBLAT" in fields or fields.get("base", 2) < 0 or fields.get("base") == 1:
                raise wrong_line(path, number, "one lattice, with a base above 1 or 0", repr(line))
            header.update(fields)
    return header, nodes, links


def _fields(path: str | os.PathLike[str], number: int, line: str) -> dict[str, Any]:
    """Reads `name=value` pairs; numbers where the name means one."""
    fields: dict[str, Any] = {}
    place = 0
    while place < len(line):
        match = _FIELD.match(line, place)
        if match is None:
            raise wrong_line(path, number, "`name=value` fields", repr(line[place:]))
        name, value = _SHORT.get(match[1], match[1]), match[2]
        sublattice = name == "L" and "I" in fields
        try:
            fields[name] = (_text if sublattice else _READERS.get(name, _text))(value)
        except ValueError as error:
            raise wrong_line(path, number, f"a number behind {match[1]}=", repr(value)) from error
        place = match.end()
    return fields


def _text(value: str) -> str:
    """Takes quotes and escapes, a character or three octal digits, from a value."""
    if value[:1] in ('"', "'") and value[:1] == value[-1:] and len(value) > 1:
        value = value[1:-1]
    return _ESCAPE.sub(lambda m: chr(int(m[1], 8)) if len(m[1]) == 3 else m[1], value)


def _natural(score: float, base: float) -> float:
    """Turns a score to the base of a file into a natural logarithm."""
    if base:
        return score * math.log(base)
    return math.log(score) if score else -math.inf


_READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("I", "J", "S", "E", "N", "L", "start", "end"), int),
    **dict.fromkeys(("t", "a", "l", "base", "acscale", "lmscale", "wdpenalty"), read_score),
}
