"""Sources of plain texts, for language models: an embedded data set, a tfds name, or a file."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator

import tensorflow as tf
import tensorflow_datasets as tfds

from kerasrnn.datasets.sources import SPLIT_NAMES, features_of_kind, open_split
from kerasrnn.datasets.tab_separated import PERIOD, PLACES

__all__ = ["texts"]


def texts(
    data: str | os.PathLike,
    split: str | None = "train",
    data_dir: str | os.PathLike | None = None,
    *,
    whole_file: bool = False,
) -> tf.data.Dataset:
    """Reads plain texts.

    Args:
        data: An embedded data set (`"python_docs"`), a tensorflow-datasets name whose examples
            have one text, or one named `text` (`"tiny_shakespeare"`, `"imdb_reviews"`), a `.txt`
            file, or a folder with a file for each split: `train.txt` or `….train.txt`, likewise
            `validation` (or `valid`, `val`, `dev`) and `test`.
        split: `"train"`, `"validation"` or `"test"`. Of each twenty lines of a single file the
            last two are for validation and test. A tensorflow-datasets name without one of the
            two lends the last tenth of its training split to them. `None` reads all of a file.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        whole_file: Whether a file is one running text, line ends included. Its first 90 % are then
            for training, the next 5 % for validation and the last 5 % for test, cut at line ends
            where some are near, so that each split runs on without a gap. Otherwise each line is
            a text, and lines of white space are none.

    Returns:
        A `tf.data.Dataset` of scalar strings, in the order of the source.

    Raises:
        ValueError: For an unknown data set or split, examples without a text, or a file that is
            not there, is not UTF-8 (naming the line) or is too short for three splits.

    Example:

    >>> speeches = texts("tiny_shakespeare", "validation")  # doctest: +SKIP
    """
    path = pathlib.Path(data)
    if split is None and path.suffix != ".txt":
        raise ValueError(f"Expected a .txt file, of which to read all. Received: {str(data)!r}")
    if split is not None and split not in SPLIT_NAMES:
        raise ValueError(f"Expected `split` to be one of {tuple(SPLIT_NAMES)}. Received: {split!r}")
    if path.is_dir():
        return _from_lines(_file_of(path, split), None, whole_file)
    if path.suffix == ".txt":
        return _from_lines(path, split, whole_file)
    builder, examples = open_split(data, split, data_dir)
    name = _text_feature(builder)
    return examples().map(lambda example: example[name])


def _text_feature(builder: tfds.core.DatasetBuilder) -> str:
    """Names the only text feature, or the one that is named `text`."""
    features = builder.info.features
    if "text" in features and isinstance(features["text"], tfds.features.Text):
        return "text"
    return features_of_kind(builder, tfds.features.Text, "one text, or one named 'text'")


def _file_of(folder: pathlib.Path, split: str) -> pathlib.Path:
    """Finds the file of a split in a folder."""
    names = SPLIT_NAMES[split]
    files = [path for name in names for path in sorted(folder.glob(f"*{name}.txt"))]
    files = [path for path in files if path.stem.split(".")[-1] in names]
    if len(files) != 1:
        raise ValueError(
            f"Expected one file of the {split} split in {folder}, such as {split}.txt. "
            f"Received: {', '.join(path.name for path in files) or 'none'}"
        )
    return files[0]


def _from_lines(path: pathlib.Path, split: str | None, whole_file: bool) -> tf.data.Dataset:
    """Reads the texts of a split of a file, or of all of it where that is `None`."""
    if not path.is_file():
        raise ValueError(f"Expected a file. Received: {str(path)!r}, which is not there")
    number = sum(1 for line in _lines(path) if whole_file or line.strip())
    if number == 0 or (split and number < PERIOD and not whole_file):
        least = f"{PERIOD} lines, for there to be a training, a validation and a test split"
        raise ValueError(f"{path}: expected at least {least if split else 'a line'}")
    if whole_file:
        return tf.data.Dataset.from_tensors(tf.constant(_running_text(path, split), tf.string))

    def lines() -> Iterator[str]:
        written = (line for line in _lines(path) if line.strip())
        for i, line in enumerate(written):
            if split is None or i % PERIOD in PLACES[split]:
                yield line.rstrip("\r\n")

    return tf.data.Dataset.from_generator(lines, output_signature=tf.TensorSpec((), tf.string))


def _running_text(path: pathlib.Path, split: str | None) -> str:
    """Cuts the file in three, each time behind the first line that ends after the share."""
    text = "".join(_lines(path))
    if split is None:
        return text
    cuts = [0, _cut(text, 0.9), _cut(text, 0.95), len(text)]
    place = list(PLACES).index(split)
    piece = text[cuts[place] : cuts[place + 1]]
    if not piece:
        raise ValueError(
            f"{path}: expected a text that is long enough for a training, a validation and a test "
            f"split. Received: {len(text)} characters"
        )
    return piece


def _cut(text: str, share: float) -> int:
    """Returns the place of a share of a text, moved behind the next line end where one is near."""
    place = int(len(text) * share)
    line_end = text.find("\n", place, place + len(text) // 50)
    return place if line_end < 0 else line_end + 1


def _lines(path: pathlib.Path) -> Iterator[str]:
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(f"{path}, line {number}: expected UTF-8. {error}") from error
