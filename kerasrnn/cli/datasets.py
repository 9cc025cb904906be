"""`kerasrnn datasets`: the data sets that `--data` takes without a download."""

from __future__ import annotations

import os

from kerasrnn.checks import UserError
from kerasrnn.cli.quiet import quiet_stderr, say

__all__ = ["datasets"]


def datasets(*, data_dir: str | None = None) -> None:
    """List the embedded data sets and those that are prepared, with their sizes.

    Args:
        data_dir: Folder of prepared tensorflow-datasets.
    """
    if data_dir is not None and not os.path.isdir(data_dir):
        raise UserError(f"Expected a folder of data sets. Received: {data_dir!r}")
    say("Looking for data sets")
    with quiet_stderr():
        from kerasrnn.datasets.sources.prepared import embedded_datasets, prepared_datasets
    prepared = prepared_datasets(data_dir)
    rows = [("name", "task", "size", "examples")]
    rows += [_row(each) for each in (*embedded_datasets(data_dir), *prepared)]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    for *cells, last in rows:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        print("  ".join([*padded, last]))


def _row(each) -> tuple[str, str, str, str]:
    splits = ", ".join(f"{split} {number:,}" for split, number in each.splits.items())
    size = f"{each.size / 1e6:.1f} MB" if each.splits else "-"
    return each.name, each.task or "-", size, splits or "made when it is first used"
