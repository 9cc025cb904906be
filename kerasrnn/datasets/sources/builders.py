"""Splits of embedded data sets and of tensorflow-datasets names."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import pathlib
import shutil
import socket
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.features import Feature
from kerasrnn.datasets.readers.reader_notes import note
from kerasrnn.datasets.readers.splits import SPLIT_NAMES, check_split
from kerasrnn.files import one_at_a_time
from kerasrnn.options.source import Split

__all__ = ["EMBEDDED", "is_known", "open_split"]

# What `kerasrnn_<name>` is for.
EMBEDDED = {
    "dates": "translate",
    "digits": "caption",
    "languages": "classify",
    "messages": "classify",
    "moving_digits": "frames",
    "paraphrases": "compare",
    "python_docs": "language-model",
    "python_tokens": "tag",
    "small_talk": "translate",
}
# Where a data set has no validation or test split, so many percent of its training split stand in.
CUT = 5
LOOKED_AT = 100
# tensorflow-datasets knows its own mirror here; where its name means nothing there is no network.
HOST = "storage.googleapis.com"


def is_known(name: str) -> bool:
    """Whether a name is that of a data set, with or without a configuration behind a slash."""
    registered = f"kerasrnn_{name}" if name in EMBEDDED else name
    return registered.split("/")[0] in tfds.list_builders(with_community_datasets=False)


def open_split(
    data: str | os.PathLike[str], split: Split, data_dir: str | os.PathLike[str] | None = None
) -> tuple[tfds.core.DatasetBuilder, Callable[..., tf.data.Dataset]]:
    """Opens a split of an embedded data set or of a tensorflow-datasets name.

    Args:
        data: The name.
        split: `"train"`, `"validation"` or `"test"`. For each of the last two that a data set has
            not, it gives up a twentieth of its training split, from the end.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.

    Returns:
        The builder, for its features to be looked at, and a function that prepares the data set
        and gives the `tf.data.Dataset` of its examples. Where it is told which feature is the
        class, a split whose classes are hidden, as -1, counts as one that is not there. Of the
        features that are told as `only`, nothing else is decoded.

    Raises:
        ValueError: For an unknown data set or split; the function, for one that is neither
            prepared nor can be.
    """
    check_split(split)
    builder = _builder(str(data), data_dir)

    def examples(label: Feature | None = None, only: Sequence[Feature] = ()) -> tf.data.Dataset:
        _prepare(builder, str(data))
        there = _splits(builder, label)[str(split)]
        if not only:
            return builder.as_dataset(split=there)
        wanted: dict[str, Any] = {}
        for feature in only:
            place = wanted
            for key in feature.keys[:-1]:
                place = place.setdefault(key, {})
            place[feature.keys[-1]] = True
        return builder.as_dataset(split=there, decoders=tfds.decode.PartialDecoding(wanted))

    return builder, examples


def _builder(name: str, data_dir) -> tfds.core.DatasetBuilder:
    if not is_known(name):
        close = difflib.get_close_matches(name, [*EMBEDDED, *tfds.list_builders()], n=3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise UserError(
            f"Expected a data set: one of the embedded ones ({', '.join(EMBEDDED)}), a name of "
            "tensorflow-datasets, or a file or folder that is there, of one of the forms that "
            f"`kerasrnn train TASK --help` lists. Received: {name!r}.{hint}"
        )
    registered = f"kerasrnn_{name}" if name in EMBEDDED else name
    try:
        return tfds.builder(registered, data_dir=data_dir)
    except (ValueError, ImportError, tfds.core.DatasetNotFoundError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"Data set {name!r} cannot be opened: {reason}") from error


def _prepare(builder: tfds.core.DatasetBuilder, name: str) -> None:
    """Prepares a data set unless it is prepared; a second process waits for the first one."""
    root = pathlib.Path(builder._data_dir_root)
    if not builder.data_path.exists():
        # Each download would be tried for minutes.
        if not _is_embedded(builder) and not (root / "downloads").exists() and _needs(builder):
            raise _cannot_be(builder, name, ConnectionError("there is no network"))
        said = f"Waiting for another process that prepares data set {name!r} in {root}"
        with one_at_a_time(root / f".{builder.name}.lock", lambda: note(said)):
            if not builder.data_path.exists():
                _prepare_alone(builder, name)
    if not builder.info.splits:  # another one has prepared it since it was opened
        builder.info.read_from_directory(builder.data_path)


def _prepare_alone(builder: tfds.core.DatasetBuilder, name: str) -> None:
    """Prepares a data set; where that fails, nothing is left of the attempt."""
    if _is_embedded(builder):
        for path in builder.data_path.parent.glob(f"incomplete.*_{builder.data_path.name}"):
            path.rmtree()  # a dead process has left it
        _download_and_prepare(builder, f"Preparing data set {name!r}")
        return
    root = pathlib.Path(builder._data_dir_root)
    new = [path for path in (root / builder.name, root / "downloads") if not path.exists()]
    try:
        _download_and_prepare(builder, f"Downloading and preparing data set {name!r}")
    except Exception as error:
        for path in new:
            shutil.rmtree(path, ignore_errors=True)
        raise _cannot_be(builder, name, error) from error


def _is_embedded(builder: tfds.core.DatasetBuilder) -> bool:
    return builder.name.startswith(tuple(f"kerasrnn_{each}" for each in EMBEDDED))


def _download_and_prepare(builder: tfds.core.DatasetBuilder, what: str) -> None:
    """Does it in one line, where theirs are long and many."""
    note(f"{what} in {builder._data_dir_root}")
    with contextlib.redirect_stdout(io.StringIO()):
        builder.download_and_prepare()


def _needs(builder: tfds.core.DatasetBuilder) -> bool:
    """Whether a data set is to be downloaded and there is no network to do so."""
    # Some of theirs do not list what they download; builders of others may need nothing.
    theirs = type(builder).__module__.startswith("tensorflow_datasets.")
    if not (theirs or builder.url_infos) or urllib.request.getproxies():
        return False
    try:
        socket.getaddrinfo(HOST, 443)
    except OSError:
        return True
    return False


def _cannot_be(builder: tfds.core.DatasetBuilder, name: str, error: Exception) -> UserError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    return UserError(
        f"Data set {name!r} is not prepared in {builder._data_dir_root} and cannot be prepared "
        f"here ({reason}); "
        'where it can be, run python -c "import tensorflow_datasets as tfds; '
        f"tfds.builder('{name}', data_dir='prepared').download_and_prepare()\", bring the folder "
        "`prepared` here and name it with --data-dir (`data_dir`)"
    )


def _splits(builder: tfds.core.DatasetBuilder, label: Feature | None) -> dict[str, str]:
    there = builder.info.splits
    splits: dict[str, Any] = {
        split: next((name for name in names if name in there), None)
        for split, names in SPLIT_NAMES.items()
    }
    if splits["train"] is None:
        raise UserError(
            f"Expected a data set with a training split. Received: {builder.name!r} with "
            f"{', '.join(there) or 'none'}"
        )
    for split in ("validation", "test"):
        if splits[split] and label is not None and _is_hidden(builder, splits[split], label):
            splits[split] = None
    train, missing = splits["train"], [split for split, name in splits.items() if name is None]
    kept = 100 - CUT * len(missing)
    if missing:
        splits["train"] = f"{train}[:{kept}%]"
    for i, split in enumerate(missing):
        splits[split] = f"{train}[{kept + CUT * i}%:{kept + CUT * (i + 1)}%]"
    return splits


def _is_hidden(builder: tfds.core.DatasetBuilder, split: str, label: Feature) -> bool:
    if not _is_class(label):
        return False
    # Of some data sets a few examples have no class, of which one may be the first.
    first = builder.as_dataset(split=split).take(LOOKED_AT).as_numpy_iterator()
    hidden = [label.value(example) == -1 for example in first]
    return bool(hidden) and all(hidden)


def _is_class(label: Feature) -> bool:
    return isinstance(label.kind, tfds.features.ClassLabel)
