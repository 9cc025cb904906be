"""What options mean to runs that are older than they are."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["UNRECORDED", "with_unrecorded"]

# By option the value that a run went by which has not recorded it. Each option that is added gets
# a line here, so that its default never changes a run that was begun without it.
UNRECORDED: dict[str, object] = {
    "bad_rows": "keep",
    "encoding": "utf-8",
    "header": None,  # guessed
    "normalization": "none",
    "scheme": None,  # labels as they are, and each line a token, `-DOCSTART-` too
}


def with_unrecorded(settings: Mapping, before: Mapping) -> dict:
    """Returns the settings with which a run goes on that was begun with others.

    Args:
        settings: The options of today's command line.
        before: Those that the run recorded.

    Returns:
        The settings, where an option that the run has not recorded has the value of `UNRECORDED`.

    Example:

    >>> with_unrecorded({"units": 5}, {"units": 5})
    {'units': 5}
    """
    older = {name: value for name, value in UNRECORDED.items() if name not in before}
    return {name: older.get(name, value) for name, value in settings.items()}
