"""Dialogues: what was said before, and the answer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

import tensorflow as tf

from kerasrnn.checks import UserError, check_integer
from kerasrnn.datasets.readers.features import choose_feature, feature_names
from kerasrnn.datasets.readers.local_files import (
    examples_of_rows,
    file_of_split,
    is_local,
)
from kerasrnn.datasets.readers.splits import check_split
from kerasrnn.datasets.readers.table_rows import BORDER
from kerasrnn.datasets.sources.builders import is_known, open_split
from kerasrnn.files import numbered_lines
from kerasrnn.options.source import Split

__all__ = ["dialogue_pairs", "joined_turns"]

FORMS = (".tsv",)
ALSO = (".txt", ".text")
Dialogue = list[tuple[str, str]]


def joined_turns(turns: Sequence[str], number: int) -> str:
    """Joins the last turns of a dialogue to one source.

    Args:
        turns: What was said, in order.
        number: How many of the last turns to take.

    Returns:
        The turns with a line end between them.

    Example:

    >>> joined_turns(["Hi!", "Hello. How are you?", "Fine."], 2)
    'Hello. How are you?\\nFine.'
    """
    return BORDER.join(turns[-number:])


def dialogue_pairs(
    data: str | os.PathLike[str],
    split: Split,
    turns: int,
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
) -> tf.data.Dataset:
    """Streams what was said last and the answer to it.

    A line of a file holds a turn, a tab and the answer; an empty line ends a dialogue. In a file
    without empty lines each line is a dialogue of its own. In a data set an example is a dialogue,
    a sequence of texts, of which each second one is the answer to the one before.

    Args:
        data: A `.tsv` file, a folder with one for each split, or a tensorflow-datasets name
            (`"schema_guided_dialogue"`). Of each twenty dialogues of a single file, the last two
            are for validation and test.
        split: `"train"`, `"validation"` or `"test"`; `None` is all of a file, an
            `options.FoldSplit` a split of it in one of the folds of a cross-validation.
        turns: How many of the last turns, answers among them, the source holds.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which feature is the sequence of texts, such as `"turns=utterances"`.
        encoding: That of a file, a name that Python knows.

    Returns:
        A `tf.data.Dataset` of `(source, target)`, scalar strings.

    Raises:
        ValueError: For a number of turns below 1, a file that is not there or has fewer than
            twenty dialogues, or, naming the line, one that is not UTF-8 or has not two columns;
            all before the first pair. For a data set whose examples are no dialogues.
    """
    check_split(split, whole=True)
    names = feature_names(features, ("turns",))
    check_integer("turns", turns)
    sequence = tf.TensorSpec((None,), tf.string)
    if is_local(data, (*FORMS, *ALSO), is_known):
        path, part = file_of_split(data, split, FORMS, ALSO)
        dialogues = examples_of_rows(
            lambda: map(_said, _dialogues(path, encoding)), part, path, "dialogues", sequence
        )
    else:
        builder, examples = open_split(data, split, data_dir)
        (said,) = choose_feature(builder, "turns", "dialogues, a sequence of texts each", names)
        dialogues = examples().map(said.text)

    def pairs() -> Iterator[tuple[str, str]]:
        for dialogue in dialogues.as_numpy_iterator():
            said = [text.decode("utf-8", "replace") for text in dialogue.tolist()]
            for i in range(1, len(said), 2):
                yield joined_turns(said[:i], turns), said[i]

    text = tf.TensorSpec((), tf.string)
    return tf.data.Dataset.from_generator(pairs, output_signature=(text, text))


def _said(dialogue: Dialogue) -> list[str]:
    return [text for pair in dialogue for text in pair]


def _dialogues(path, encoding: str) -> Iterator[Dialogue]:
    if None not in _rows(path, encoding):
        yield from ([line] for line in _rows(path, encoding) if line is not None)
        return
    dialogue: Dialogue = []
    for line in _rows(path, encoding):
        if line is not None:
            dialogue.append(line)
        elif dialogue:
            yield dialogue
            dialogue = []
    if dialogue:
        yield dialogue


def _rows(path, encoding: str) -> Iterator[tuple[str, str] | None]:
    """Gives the two columns of each line, `None` for an empty one."""
    for number, text in numbered_lines(path, encoding):
        columns = text.split("\t")
        if text and len(columns) != 2:
            raise UserError(
                f"{path}, line {number}: expected a turn, a tab and an answer, or an empty "
                f"line. Received: {len(columns)} columns"
            )
        yield (columns[0], columns[1]) if text else None
