"""Dialogues from a file: what was said before, and the answer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

import tensorflow as tf

from kerasrnn.datasets.tab_separated import PERIOD, PLACES

__all__ = ["dialogue_pairs", "joined_turns"]

# Between two turns of a source; no line of a file contains it.
BORDER = "\n"


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


def dialogue_pairs(path: str | os.PathLike, split: str, turns: int) -> tf.data.Dataset:
    """Streams what was said last and the answer to it, from a UTF-8 file.

    A line holds a turn, a tab and the answer; an empty line ends a dialogue. In a file without
    empty lines each line is a dialogue of its own.

    Args:
        path: The file. Of each twenty dialogues, the last two are for validation and test.
        split: `"train"`, `"validation"` or `"test"`.
        turns: How many of the last turns, answers among them, the source holds.

    Returns:
        A `tf.data.Dataset` of `(source, target)`, scalar strings.

    Raises:
        ValueError: For a number of turns below 1, a file that is not there or has fewer than
            twenty dialogues, or, naming the line, one that is not UTF-8 or has not two columns;
            all before the first pair.
    """
    if turns < 1:
        raise ValueError(f"Expected `turns` of at least 1. Received: {turns}")
    if not os.path.isfile(path):
        raise ValueError(f"Expected a file. Received: {str(path)!r}, which is not there")
    if sum(1 for _ in _dialogues(path)) < PERIOD:
        raise ValueError(
            f"{path}: expected at least {PERIOD} dialogues, for there to be a training, a "
            "validation and a test split"
        )

    def pairs() -> Iterator[tuple[str, str]]:
        for number, dialogue in enumerate(_dialogues(path)):
            if number % PERIOD in PLACES[split]:
                said: list[str] = []
                for turn, answer in dialogue:
                    said.append(turn)
                    yield joined_turns(said, turns), answer
                    said.append(answer)

    text = tf.TensorSpec((), tf.string)
    return tf.data.Dataset.from_generator(pairs, output_signature=(text, text))


def _dialogues(path) -> Iterator[list[tuple[str, str]]]:
    lines = list(_rows(path))
    if None not in lines:
        yield from ([line] for line in lines)
        return
    dialogue: list[tuple[str, str]] = []
    for line in [*lines, None]:
        if line is not None:
            dialogue.append(line)
        elif dialogue:
            yield dialogue
            dialogue = []


def _rows(path) -> Iterator[tuple[str, str] | None]:
    """Gives the two columns of each line, `None` for an empty one."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise ValueError(f"{path}, line {number}: expected UTF-8. {error}") from error
            columns = text.split("\t")
            if text and len(columns) != 2:
                raise ValueError(
                    f"{path}, line {number}: expected a turn, a tab and an answer, or an empty "
                    f"line. Received: {len(columns)} columns"
                )
            yield (columns[0], columns[1]) if text else None
