"""What a training prints: lines of at most 80 columns."""

from __future__ import annotations

import textwrap

__all__ = ["WIDTH", "print_wrapped"]

WIDTH = 80


def print_wrapped(text: str, indent: str = "  ") -> None:
    """Prints a text in lines of at most 80 columns; longer words, such as paths, stay whole.

    Args:
        text: The text.
        indent: What the lines after the first begin with.

    Example:

    >>> print_wrapped("perplexity " * 8)
    perplexity perplexity perplexity perplexity perplexity perplexity perplexity
      perplexity
    """
    wrapped = textwrap.fill(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    print(wrapped, flush=True)
