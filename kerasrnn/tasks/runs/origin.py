"""Where a task comes from: its date, its data, what they chose; for the record alone."""

from __future__ import annotations

import contextlib
import datetime
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.options import Options
from kerasrnn.options.groups import NamedData

__all__ = ["CHOSEN", "check_unchanged", "data_digests", "origin_of", "utc_date"]

# The time that is recorded instead of the clock's, in seconds since 1970, such that what is made
# twice is equal to the byte: https://reproducible-builds.org/docs/source-date-epoch/.
CLOCK = "SOURCE_DATE_EPOCH"
# Under which a run names the options that were left out and have followed the data.
CHOSEN = "chosen"


def utc_date(environment: Mapping[str, str] = os.environ) -> str:
    """Returns what time it is, to the second, in the form of ISO 8601.

    Args:
        environment: Where `SOURCE_DATE_EPOCH` may stand; that of the process by default.

    Example:

    >>> utc_date({"SOURCE_DATE_EPOCH": "86399"})
    '1970-01-01T23:59:59Z'
    """
    given = environment.get(CLOCK, "")
    seconds = int(given) if given.isdecimal() else int(time.time())
    date = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return date.isoformat().replace("+00:00", "Z")


def data_digests(
    options: Options, sources: Sequence[str] | None = None, data_dir: str | None = None
) -> dict[str, str]:
    """Returns the digest of each data set or file that options name.

    Args:
        options: Those of a training, which has found its data.
        sources: Data sets or files, if not those of the options.
        data_dir: Folder of prepared data sets, if not that of the options.

    Returns:
        By the name of a source its digest, see `datasets.source_digest`; what a task reads in a way
        of its own has none.
    """
    from kerasrnn.datasets import source_digest

    folder = data_dir or (options.data_dir if isinstance(options, NamedData) else None)
    found = {}
    for source in options.sources() if sources is None else sources:
        with contextlib.suppress(UserError):
            found[source] = source_digest(source, folder, record=True)
    return found


def origin_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Takes out of a run's `config.json` what it says of its origin; older ones say nothing."""
    return {name: config[name] for name in ("date", "digests", CHOSEN) if name in config}


def check_unchanged(
    folder: str | os.PathLike[str], origin: Mapping[str, Any], now: Mapping[str, str]
) -> None:
    """Raises a `UserError` where data are not those that a run was begun with.

    Args:
        folder: The folder of the run.
        origin: What the run says of its origin; what it does not say is not compared.
        now: Today's digests.

    Example:

    >>> check_unchanged("run", {"digests": {"a.csv": "01"}}, {"a.csv": "01"})
    """
    before = origin.get("digests", {})
    changed = [name for name, digest in now.items() if before.get(name, digest) != digest]
    if changed:
        raise UserError(
            f"Expected the data that {folder} was begun with. Received: {', '.join(changed)}, "
            "whose contents are others now"
        )
