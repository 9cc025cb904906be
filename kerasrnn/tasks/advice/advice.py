"""Sentences about what does not suit: a vocabulary, rare classes, a small validation split."""

from __future__ import annotations

import dataclasses
import importlib.util
import math
from collections.abc import Mapping, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.options import Options
from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import Lowercase, Text, Vocabulary
from kerasrnn.options.tag import Tag
from kerasrnn.tasks.advice.batch_counts import BatchCounts

__all__ = ["FEW_ROWS", "advice"]

# The fraction of validation tokens from which a vocabulary misses too many.
MOST_UNKNOWN = 0.15
# The fraction of known ones from which a script without spaces is named, and most of them.
NAMED_SCRIPT, MOSTLY = 0.01, 0.5
# With fewer rows the standard error of a fraction of 0.8 is above 0.04.
FEW_ROWS, EXAMPLE = 100, 0.8
NAMED = 5  # classes


def advice(
    options: Options,
    counts: BatchCounts,
    labels: Mapping[str, int] | None = None,
    *,
    rows: str | None = "examples",
) -> list[str]:
    """Says what does not suit the data, and which option may.

    Args:
        options: Those of the training.
        counts: What was counted in the validation split.
        labels: How often each label occurs in training, where there are labels.
        rows: What a row of a batch is; `None` where the rows are no examples but cut from a text.

    Returns:
        Sentences, in any number.

    Example:

    >>> classify = options.Classify(data="languages", level="character", min_count=1)
    >>> advice(classify, BatchCounts({"tokens": (1, 99)}, 500), {"no": 300, "yes": 1})[0][:44]
    'A class of one training example: yes. A mode'
    """
    said = []
    for name, (unknown, spoken) in counts.unknown.items():
        scripts = counts.scripts.get(name, {})
        shares = {each: number / (spoken - unknown) for each, number in scripts.items()}
        if name != "characters" and unknown > MOST_UNKNOWN * spoken:
            said.append(_of_vocabulary(options, name, unknown, spoken, shares))
        said += _of_scripts(options, name, spoken - unknown, shares)
    single = [label for label, number in (labels or {}).items() if number == 1]
    if single:
        said.append(_of_single(single))
    in_folds = isinstance(options, Folded) and options.folds is not None
    if rows is not None and counts.rows < FEW_ROWS and not in_folds:
        said.append(_of_few(options, counts.rows, rows))
    return said


def _of_scripts(options: Options, name: str, known: int, shares: Mapping[str, float]) -> list[str]:
    """Says that a level of words has none of a script that writes no spaces."""
    unspaced = {each: share for each, share in shares.items() if each != "Hangul"}
    share = sum(unspaced.values())
    if not isinstance(options, Text) or options.level != "word" or share < NAMED_SCRIPT:
        return []
    return [
        f"{name}: {share:.1%} of {known:,} known validation tokens are single characters of "
        f"{' and '.join(sorted(unspaced))}, which is written without spaces between words. What "
        "may suit better: --level character, or, with much text, --level subword, which learns "
        "words of several."
    ]


def _of_vocabulary(
    options: Options, name: str, unknown: int, spoken: int, shares: Mapping[str, float]
) -> str:
    start = f"{name}: {unknown / spoken:.1%} of {spoken:,} validation tokens are out of vocabulary"
    remedies = _remedies(options, shares)
    if not remedies:
        return f"{start}: the training split is too small for them, or of another kind."
    return f"{start}. What may help: {', '.join(remedies)}."


def _remedies(options: Options, shares: Mapping[str, float]) -> list[str]:
    """Names options that leave fewer tokens out of the vocabulary."""
    remedies = []
    if isinstance(options, Text) and options.level in ("word", "whitespace"):
        installed = importlib.util.find_spec("tokenizers") is not None
        needs = "" if installed else ' (which needs pip install "kerasrnn[subwords]")'
        remedies.append(f"--level subword{needs}, which reads rare words in pieces")
        if shares.get("Hangul", 0) >= MOSTLY:
            remedies[0] = remedies[0].replace("rare words", "Korean words with their endings")
        if sum(shares.values()) >= MOSTLY:
            remedies.insert(0, "--level character, for few or short texts")
        return remedies
    if isinstance(options, Tag):
        if not options.characters:
            remedies.append("--characters, which reads what is in a word")
        if not options.lowercase and isinstance(options, Lowercase):
            remedies.append("--lowercase")
    if isinstance(options, Vocabulary):
        if options.min_count > 1:
            remedies.append("--min-count 1, which keeps tokens that training has once")
        if options.max_vocabulary_size is not None:
            remedies.append("a larger --max-vocabulary-size")
    if isinstance(options, Tag) and options.vectors is None:
        remedies.append("--vectors of words from more text")
    return remedies


def _of_single(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:NAMED])
    if len(labels) > NAMED:
        shown += f" and {len(labels) - NAMED:,} more"
    kind = "A class" if len(labels) == 1 else f"{len(labels):,} classes"
    return (
        f"{kind} of one training example: {shown}. A model learns that example rather than the "
        "class; more examples, or a class that joins several, help."
    )


def _of_few(options: Any, number: int, rows: str) -> str:
    width = 2 * math.sqrt(EXAMPLE * (1 - EXAMPLE) / max(number, 1))
    if _takes_folds(options):
        more = "--folds 5 gives figures of all rows, and a model of all."
    else:
        more = "More validation data would tell more."
    return (
        f"Validation has {number:,} {rows}: an accuracy of {EXAMPLE} of them is known to "
        f"± {width:.2f} only (two standard errors), too little to choose options by. {more}"
    )


def _takes_folds(options: Any) -> bool:
    """Whether these options could have `folds`: those of a task that has them, of a file."""
    if not isinstance(options, Folded):
        return False
    try:
        dataclasses.replace(options, folds=5).check_paths()
    except UserError:
        return False
    return True
