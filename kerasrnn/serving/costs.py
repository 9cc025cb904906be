"""What an input costs, in tokens, before anything is computed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.image_sizes import pixels
from kerasrnn.serving.json_tensors import Spec

__all__ = ["Reading", "check_instances", "check_tokens", "reading_of", "token_counts"]

# Words and signs, as the tokenizers of this package count them.
_WORD = re.compile(r"\w+|[^\w\s]")
# Since version 2 of their splitting, with each letter of a script that writes no spaces, by blocks.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3031-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f"
    "\U0001aff0-\U0001b16f\U00020000-\U0003cfff"
)
_SPLIT_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]")
# Splitting a text costs something too where the model then reads its beginning alone.
_LEAST_TOKENS = 16
# Subwords are shorter than words; how many there are only the vocabulary knows.
_SUBWORD = 3
# Decoding and resizing an image takes its time and memory too.
_PIXELS = 2**13


@dataclasses.dataclass(frozen=True)
class Reading:
    """How a model reads texts.

    Attributes:
        level: `"character"`, `"word"`, `"whitespace"` or `"subword"`.
        kept: Number of tokens behind which it reads nothing, where it has one.
        splitting: The version of the splitting.
    """

    level: str = "character"
    kept: int | None = None
    splitting: int = 1

    def tokens(self, text: bytes) -> int:
        """Returns about how many tokens of a text the model reads.

        Args:
            text: UTF-8.

        Example:
            >>> Reading("word").tokens(b"Hi, you!"), Reading("character").tokens(b"Hi, you!")
            (4, 8)
        """
        characters = text.decode("utf-8", "replace")
        count = len(characters)
        if self.level == "subword":
            count = max(count // _SUBWORD, len(_WORD.findall(characters)))
        elif self.level != "character":
            pattern = _WORD if self.splitting == 1 else _SPLIT_WORD
            count = len(pattern.findall(characters))
        if self.kept is not None:
            count = min(count, self.kept)
        return max(count, len(characters) // _LEAST_TOKENS)


def reading_of(notes: Mapping[str, Any]) -> Reading:
    """Returns how an export reads texts; one that does not say so counts as reading characters.

    Args:
        notes: What `notes.read_notes` gave.
    """
    settings, task = notes.get("settings"), notes.get("task")
    settings = settings if isinstance(settings, Mapping) else {}
    level = settings.get("level", "word" if task == "tag" else "character")
    kept = settings.get("max_length") if task == "classify" else None
    splitting = 1 if notes.get("splitting", 1) == 1 else 2
    return Reading(str(level), kept if isinstance(kept, int) and kept > 0 else None, splitting)


def token_counts(
    inputs: Mapping[str, np.ndarray], specs: Mapping[str, Spec], reading: Reading
) -> np.ndarray:
    """Returns the tokens of each row, `(rows,)` int64, those of all inputs together.

    Args:
        inputs: An array for each input; those without rows cost nothing.
        specs: What the signature takes. Steps of an input of numbers are its sizes that may vary;
            8,192 pixels of an image are a token.
        reading: How texts are read.
    """
    arrays = {name: array for name, array in inputs.items() if array.ndim}
    counts = np.zeros(max(map(len, arrays.values()), default=0), np.int64)
    for name, array in arrays.items():
        shape = specs[name].shape or (None,) * array.ndim
        pairs = list(zip(shape, array.shape, strict=True))[1:]
        steps = int(np.prod([size for own, size in pairs if own is None], dtype=object))
        if array.dtype == object:
            count = _of_image if name.endswith("_bytes") else reading.tokens
            rows = array.reshape(len(array), int(np.prod(array.shape[1:], dtype=object)))
            values = [sum(map(count, row)) for row in rows]
            counts[: len(array)] += np.maximum(values, steps if pairs else 0)
        elif pairs:
            counts[: len(array)] += steps
    return counts


def _of_image(content: bytes) -> int:
    return pixels(content) // _PIXELS


def check_instances(count: int, most: int) -> None:
    """Refuses a request of too many rows.

    Args:
        count: Number of rows.
        most: Maximum number.

    Raises:
        RequestError: With 413.
    """
    if count > most:
        raise RequestError(
            f"Expected at most {most} instances; --max-instances allows more. Received: {count}",
            413,
        )


def check_tokens(counts: np.ndarray, most: int) -> None:
    """Refuses a request with a row that is too long.

    Args:
        counts: What `token_counts` gave.
        most: Maximum number of tokens.

    Raises:
        RequestError: With 413.
    """
    if len(counts) and counts.max() > most:
        raise RequestError(
            f"Expected at most {most} tokens in an instance; --max-tokens allows more. "
            f"Received: {counts.max()} in instance {counts.argmax()}",
            413,
        )
