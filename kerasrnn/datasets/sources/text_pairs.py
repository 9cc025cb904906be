"""Where pairs of texts come from: a data set's name, a file or two, a folder."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.features import Feature, choose_feature, feature_names, text_features
from kerasrnn.datasets.readers.local_files import (
    examples_of_rows,
    file_of_split,
    files_of_split,
    form_of,
    is_local,
)
from kerasrnn.datasets.readers.splits import Part, check_split, part_of
from kerasrnn.datasets.readers.table_rows import ALL_TABLES, TABLES
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.datasets.sources.table_examples import examples_of_table
from kerasrnn.files import numbered_lines
from kerasrnn.options.source import Split
from kerasrnn.text.as_written import as_written

__all__ = ["text_pairs"]

SIDES = ("source", "target")


def text_pairs(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> tf.data.Dataset:
    """Reads pairs of texts.

    Args:
        data: An embedded data set (`"dates"`, `"small_talk"`), a tensorflow-datasets name whose
            examples are pairs of texts (`"ted_hrlr_translate/pt_to_en"`), or what follows, packed
            by gzip or not: a `.tsv` file with a source, a tab and a target on each line; a `.csv`
            or `.jsonl` file; two files whose lines belong together, with a comma between them
            (`"train.en,train.de"`); or a folder with such files for each split.
        split: `"train"`, `"validation"` or `"test"`. For each of the last two that a data set
            has not, it gives up a twentieth of its training split; of each twenty lines of a file
            outside of a folder the last two are for validation and test. `None` is all of a file,
            an `options.FoldSplit` a split of it in one of the folds of a cross-validation.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features or columns are `source` and `target`, such as
            `"source=en,target=de"`; found or expected under these names by default. In a folder
            the endings of files whose lines belong together, `train.en` and `train.de`.
        encoding: That of a file, a name that Python knows.

    Returns:
        A `tf.data.Dataset` of `(source, target)`, scalar strings.

    Raises:
        ValueError: For an unknown data set or split, or examples that are no pairs of texts; for
            a file that is not there, or, naming the line, has one that is not UTF-8 or of
            another form.

    Example:

    >>> pairs = text_pairs("dates", "validation")
    """
    check_split(split, whole=True)
    names = feature_names(features, SIDES)
    if "," in str(data) and not os.path.exists(data):
        paths = [pathlib.Path(part.strip()) for part in str(data).split(",")]
        return _parallel(paths, part_of(split), encoding)
    if is_local(data, ALL_TABLES, is_known):
        endings = [f".{names[side][0]}".lower() for side in SIDES] if len(names) == 2 else []
        if pathlib.Path(data).is_dir() and _has_ending(data, endings):
            found = [file_of_split(data, split, [each]) for each in endings]
            if len({part for _, part in found}) > 1:
                raise UserError(
                    f"Expected files of the same splits for {' and '.join(endings)} in {data}. "
                    f"Received: {' and '.join(path.name for path, _ in found)}"
                )
            return _parallel([path for path, _ in found], found[0][1], encoding)
        _check_sides_known(data, split, names)
        return examples_of_table(data, split, SIDES, names, encoding)
    builder, examples = open_split(data, split, data_dir)
    source, target = _pair_features(builder, names)
    return examples().map(as_written(lambda each: (source.text(each), target.text(each))))


def _pair_features(builder, names: Mapping[str, Sequence[str]]) -> list[Feature]:
    """Finds source and target: as named, the supervised keys, or the only two texts."""
    there = {each.name: each for each in text_features(builder)}
    for side in names:
        choose_feature(builder, side, "text pairs for translation", names)
    keys = list(builder.info.supervised_keys or there)
    named = [names[side][0] for side in SIDES if side in names]
    if len(named) == 1:
        keys = [each for each in there if each not in named]
        keys = named + keys if "source" in names else keys + named
    elif named:
        return [choose_feature(builder, side, "", names)[0] for side in SIDES]
    if len(keys) != 2 or not set(keys) <= set(there):
        raise UserError(
            "Expected a data set of text pairs for translation. Received: "
            f"{builder.name!r} with the features {', '.join(builder.info.features)} "
            "(`features` such as source=NAME,target=NAME tells which)"
        )
    return [there[key] for key in keys]


def _has_ending(folder: str | os.PathLike[str], endings: Sequence[str]) -> bool:
    return any(form_of(path) in endings for path in pathlib.Path(folder).iterdir())


def _check_sides_known(
    data: str | os.PathLike[str], split: Split, names: Mapping[str, Sequence[str]]
) -> None:
    """Raises a `ValueError` for a folder whose files are two sides, neither named as the source."""
    folder = pathlib.Path(data)
    files = files_of_split(folder, split) if folder.is_dir() else []
    endings = [form_of(path) for path in files]
    if len(files) == 2 and not set(endings) & set(TABLES):
        raise UserError(
            "Expected `features` to say which side is the source, such as "
            f"source={endings[0][1:]},target={endings[1][1:]}. "
            f"Received: {dict(names) or 'none'}, for {files[0].name} and {files[1].name}"
        )


def _parallel(paths: Sequence[pathlib.Path], part: Part | None, encoding: str) -> tf.data.Dataset:
    """Reads files whose lines belong together."""
    if len(paths) != 2:
        raise UserError(
            f"Expected a source and a target file with a comma between them. Received: {paths}"
        )
    for path in paths:
        file_of_split(path, None, ())
    name = f"{paths[0]} and {paths[1]}"

    def rows() -> Iterator[tuple[str, ...]]:
        sides = [numbered_lines(path, encoding) for path in paths]
        number = 0
        while True:
            lines = [next(side, None) for side in sides]
            there = [line for line in lines if line is not None]
            if len(there) < len(lines):
                break
            number += 1
            yield tuple(text for _, text in there)
        if lines != [None, None]:
            short = lines.index(None)
            raise UserError(
                f"Expected as many lines in both of {name}. Received: {paths[short]} with "
                f"{number}, the other one with more"
            )

    signature = (tf.TensorSpec((), tf.string),) * 2
    return examples_of_rows(rows, part, name, "lines", signature)
