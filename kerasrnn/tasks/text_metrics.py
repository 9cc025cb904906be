"""What is measured where answers are texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasrnn.metrics import text_overlap
from kerasrnn.text import Tokenizer, normalize

__all__ = ["comparable", "text_metrics"]

NOTE = "BLEU and chrF are left out: they need pip install 'kerasrnn[translation]'"


def comparable(texts: Sequence[str], tokenizer: Tokenizer) -> list[str]:
    """Gives right answers the normal form that those of a model have, where it has one.

    Args:
        texts: The right answers.
        tokenizer: Tokenizer of the answers.

    Returns:
        The texts, normalised as the tokenizer does.
    """
    return [text.decode("utf-8") for text in normalize(texts, tokenizer.normalization).numpy()]


def text_metrics(references: Sequence[str], answers: Sequence[str]) -> dict[str, Any]:
    """Measures BLEU and chrF where sacreBLEU is installed; a training is not lost without it.

    Args:
        references: The N right texts.
        answers: The N texts that a model wrote.

    Returns:
        What `metrics.text_overlap` returns, or `note`, which says what is missing.
    """
    try:
        import sacrebleu  # noqa: F401
    except ImportError:
        return {"note": NOTE}
    return text_overlap(references, answers)
