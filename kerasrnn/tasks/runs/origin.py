"""Where a task comes from: its date, its data, what they chose; for the record alone."""

from __future__ import annotations

import contextlib
import datetime
import os
import time
from collections.abc import Mapping
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.options import Options
from kerasrnn.options.groups import NamedData

__all__ = ["CHOSEN", "changed_sources", "data_digests", "origin_of", "utc_date"]

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


def data_digests(options: Options) -> dict[str, str]:
    """Returns the digest of each data set or file that options name.

    Args:
        options: Those of a training, which has found its data.

    Returns:
        By the name of a source its digest, see `datasets.source_digest`; what a task reads in a way
        of its own has none.
    """
    from kerasrnn.datasets import source_digest

    folder = options.data_dir if isinstance(options, NamedData) else None
    found = {}
    for source in options.sources():
        with contextlib.suppress(UserError):
            found[source] = source_digest(source, folder, record=True)
    return found


def origin_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Takes out of a run's `config.json` what it says of its origin; older ones say nothing."""
    return {name: config[name] for name in ("date", "digests", CHOSEN) if name in config}


def changed_sources(origin: Mapping[str, Any], now: Mapping[str, str]) -> list[str]:
    """Lists the sources whose contents are not those that were recorded.

    Args:
        origin: What a run says of its origin.
        now: Today's digests.

    Example:

    >>> changed_sources({"digests": {"a.csv": "01", "b.csv": "02"}}, {"a.csv": "01", "b.csv": "03"})
    ['b.csv']
    """
    before = origin.get("digests", {})
    return [name for name, digest in now.items() if before.get(name, digest) != digest]
