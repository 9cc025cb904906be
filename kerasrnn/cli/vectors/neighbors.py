"""`kerasrnn neighbors`: the words whose vectors are nearest to a word, or to a sum of words."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from kerasrnn.checks import UserError
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.files import check_file, check_run, json_text
from kerasrnn.options.ranges import Several

__all__ = ["neighbors"]

SIGNS = {"+": 1.0, "-": -1.0}


def neighbors(
    run: str,
    /,
    *words: Annotated[str, Parameter(allow_leading_hyphen=True)],
    number: Several = 10,
    json: bool = False,
) -> None:
    """Print the words whose vectors are nearest, by the cosine of the angle between them.

    Args:
        run: Folder of a run whose model reads tokens, such as one of word-vectors, classify, tag or
            language-model; or a file of word vectors of word2vec, fastText or GloVe.
        words: Words, each for itself; or a sum of words such as king - man + woman, with spaces,
            whose nearest words are none of its own.
        number: How many of the nearest words.
        json: Print a JSON object for each instead.
    """
    sums = sums_of(words)
    if pathlib.Path(run).is_dir():
        check_run(run)
    else:
        check_file(run)
    say(f"Reading {run}")
    with quiet_stderr():
        from kerasrnn.embeddings import nearest_to_sum
        from kerasrnn.tasks.word_vectors.vectors_of import vectors_of
    vectors = vectors_of(run)
    answers = [nearest_to_sum(vectors, terms, number) for terms in sums]
    for terms, found in zip(sums, answers, strict=True):
        said = _written(terms)
        if json:
            near = [{"word": word, "similarity": similarity} for word, similarity in found]
            print(json_text({"words": said, "neighbors": near}))
            continue
        if len(sums) > 1:
            print(f"{said}:")
        for word, similarity in found:
            print(f"{similarity:7.4f}  {word}")


def sums_of(words: Sequence[str]) -> list[list[tuple[str, float]]]:
    """Groups the words of a command line: those with a sign between them belong together.

    Args:
        words: Words and signs.

    Returns:
        For each sum its words with their factors, 1 or -1.

    Raises:
        UserError: For no word, or a sign that does not stand between two.

    Example:

    >>> sums_of(["red", "king", "-", "man", "+", "woman"])
    [[('red', 1.0)], [('king', 1.0), ('man', -1.0), ('woman', 1.0)]]
    """
    if not words:
        raise UserError("Expected a word, or a sum such as king - man + woman. Received: none")
    sums: list[list[tuple[str, float]]] = []
    sign = None
    for place, word in enumerate(words):
        is_sign = word in SIGNS
        if is_sign and (sign is not None or not sums or place == len(words) - 1):
            raise UserError(f"Expected {word} between two words. Received: {' '.join(words)}")
        if is_sign:
            sign = SIGNS[word]
        elif sign is not None:
            sums[-1].append((word, sign))
            sign = None
        else:
            sums.append([(word, 1.0)])
    return sums


def _written(terms: Sequence[tuple[str, float]]) -> str:
    first, *others = terms
    return first[0] + "".join(f" {'+' if sign > 0 else '-'} {word}" for word, sign in others)
