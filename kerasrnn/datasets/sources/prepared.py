"""The data sets that need no download: the embedded ones and the prepared ones."""

from __future__ import annotations

import dataclasses
import os
import pathlib

import tensorflow_datasets as tfds

from kerasrnn.checks import UserError
from kerasrnn.datasets.sources.builders import EMBEDDED

__all__ = ["PreparedDataset", "embedded_datasets", "prepared_datasets"]

# A data set is at NAME/VERSION, or with a configuration at NAME/CONFIGURATION/VERSION.
DEPTHS = ("*/*", "*/*/*")


@dataclasses.dataclass(frozen=True)
class PreparedDataset:
    """A data set and its size.

    Attributes:
        name: What `--data` takes.
        task: The task that an embedded data set is for; `None` for another one.
        splits: By split the number of its examples; `{}` where it is not prepared yet.
        size: Bytes on the disk; 0 where it is not prepared yet.
    """

    name: str
    task: str | None
    splits: dict[str, int]
    size: int


def embedded_datasets(data_dir: str | os.PathLike[str] | None = None) -> list[PreparedDataset]:
    """Lists the data sets that this package can make without a network.

    Args:
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.

    Returns:
        A `PreparedDataset` for each.
    """
    return [_described(name, f"kerasrnn_{name}", data_dir, EMBEDDED[name]) for name in EMBEDDED]


def prepared_datasets(data_dir: str | os.PathLike[str] | None = None) -> list[PreparedDataset]:
    """Lists the data sets of tensorflow-datasets that are prepared in a folder.

    Args:
        data_dir: The folder; theirs by default.

    Returns:
        A `PreparedDataset` for each, sorted by name; the embedded ones are not among them.

    Raises:
        ValueError: Where there is no such folder.
    """
    folder = pathlib.Path(data_dir or tfds.core.constants.DATA_DIR).expanduser()
    if data_dir is not None and not folder.is_dir():
        raise UserError(f"Expected a folder of data sets. Received: {str(folder)!r}")
    found = []
    for path in (path for depth in DEPTHS for path in folder.glob(f"{depth}/dataset_info.json")):
        name = "/".join(path.relative_to(folder).parts[:-2])
        if not name.startswith("kerasrnn_"):
            found.append(_described(name, name, folder))
    return sorted({each.name: each for each in found}.values(), key=lambda each: each.name)


def _described(name: str, registered: str, data_dir, task: str | None = None) -> PreparedDataset:
    try:
        info = tfds.builder(registered, data_dir=data_dir).info
    except (ValueError, ImportError, tfds.core.DatasetNotFoundError):
        return PreparedDataset(name, task, {}, 0)
    splits = {split: info.splits[split].num_examples for split in info.splits}
    return PreparedDataset(name, task, splits, int(info.dataset_size or 0))
