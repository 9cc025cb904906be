"""Which rows of which data an evaluation scores."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.options import Options
from kerasrnn.tasks.runs.origin import check_unchanged, data_digests

__all__ = ["scored_part"]


def scored_part(
    options: Options,
    data: str | None,
    split: str | None,
    origin: Mapping[str, Any] | None = None,
    folder: str | os.PathLike[str] = "the run",
    data_dir: str | None = None,
) -> tuple[str, str | None, str]:
    """Says what is scored: all of a file that is named, unless the run was trained on it.

    Args:
        options: Those that the run has recorded.
        data: The data set or file that was named, if any.
        split: The split that was named, if any.
        origin: What the run says of its origin, by which its data are known whatever they are
            called now.
        folder: The folder of the run, for errors.
        data_dir: Folder of prepared data sets, if not that of the run.

    Returns:
        The data; the split, `None` for all of a file; and both in words.

    Raises:
        ValueError: Where neither the user nor the run says which data, or a split is to be that of
            the training whose data have changed since.

    Example:

    >>> scored_part(options.Translate(data="dates"), None, None)
    ('dates', 'test', 'the test split of dates')
    """
    own = next(iter(options.sources()), None)
    named = own if data is None else data
    if named is None:
        raise UserError("Expected --data, since the run does not say what it was trained on")
    now = data_digests(options, [named], data_dir)
    if data is None or split is not None:
        split = split or "test"
        check_unchanged(folder, origin or {}, now)
        return named, split, f"the {split} split of {named}"
    recorded = (origin or {}).get("digests", {}).get(own)
    if now.get(named, "") == recorded:
        return named, "test", f"the test split of {data}, on which the run was trained"
    if own is not None and same_files(data, own):
        check_unchanged(folder, origin or {}, {own: now.get(named, "")})
        return own, "test", f"the test split of {data}, on which the run was trained"
    if all(map(os.path.isfile, paths_of(data))):
        return data, None, f"all of {data}{_doubt(data, own)}"
    return data, "test", f"the test split of {data}"


def _doubt(data: str, own: str | None) -> str:
    """Says so where it cannot be known that a run was not trained on a file: its name is alike."""
    names, others = (
        [os.path.basename(path) for path in paths_of(str(each))] for each in (data, own)
    )
    if own is None or names != others or any(map(os.path.exists, paths_of(own))):
        return ""
    return f" (if it is {own}, on which the run was trained, rows of the training are among them)"


def paths_of(data: str) -> list[str]:
    """Returns the paths that a user named: one, or two with a comma between them."""
    if "," not in data or os.path.exists(data):
        return [data]
    return [part.strip() for part in data.split(",")]


def same_files(data: str, other: str) -> bool:
    """Whether two data are the same ones, however their paths are written."""
    ours, theirs = paths_of(data), paths_of(other)
    pairs = list(zip(ours, theirs, strict=False))
    return len(ours) == len(theirs) and all(
        one == two or (os.path.exists(one) and os.path.exists(two) and os.path.samefile(one, two))
        for one, two in pairs
    )
