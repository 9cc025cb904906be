"""The files that a user names on the command line: paths, and patterns that the shell has left."""

from __future__ import annotations

import collections
import glob
import os
from collections.abc import Sequence

from kerasrnn.checks import UserError

__all__ = ["given_files"]


def given_files(words: Sequence[str]) -> list[str]:
    """Finds the files that are meant, in the order of their names.

    Their order is that of the names, however they were given, so that it does not depend on a
    shell or its language: `part-10` comes before `part-9`.

    Args:
        words: Paths, which need not be there; or patterns, such as `"part-*.jsonl.gz"`, in which
            `**` stands for any folders. A file whose name looks like a pattern is a file.

    Returns:
        The paths.

    Raises:
        UserError: For a pattern that no file matches, or a file that is named twice.

    Example:

    >>> given_files(["b.txt", "a.txt"])
    ['a.txt', 'b.txt']
    """
    found: list[str] = []
    for word in words:
        if os.path.lexists(word) or not glob.has_magic(word):
            found.append(word)
            continue
        there = [path for path in glob.glob(word, recursive=True) if not os.path.isdir(path)]
        if not there:
            raise UserError(f"Expected a file. Received: {word!r}, a pattern that none matches")
        found += there
    twice = [path for path, number in collections.Counter(found).items() if number > 1]
    if twice:
        raise UserError(f"Expected each file once. Received: {twice[0]!r} twice")
    return sorted(found)
