"""What is measured where answers are texts."""

from __future__ import annotations

from collections.abc import Sequence

from kerasrnn.metrics import text_overlap

__all__ = ["text_metrics"]

NOTE = "BLEU and chrF are left out: they need pip install 'kerasrnn[translation]'"


def text_metrics(references: Sequence[str], answers: Sequence[str]) -> dict:
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
