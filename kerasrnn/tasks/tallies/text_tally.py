"""What is counted where answers are texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.tasks.tallies.sums import exact, exact_sum
from kerasrnn.tasks.text_metrics import text_metrics
from kerasrnn.typing import Tensor

__all__ = ["text_figures", "text_tally"]


def text_tally(
    batches: Iterable[tuple[Any, Tensor, Tensor, Tensor]],
    targets: Sequence[str],
    answers: Sequence[str],
) -> dict[str, Any]:
    """Counts what there is to count of texts and of their tokens under teacher forcing.

    The texts stay: BLEU is not a mean over texts, and sacreBLEU counts them all at once.

    Args:
        batches: Of the inputs of a model, the right tokens, their weights, and the
            log-probabilities that the model gives.
        targets: The N right texts.
        answers: The N texts that a model wrote.
    """
    perplexity, accuracy = metrics = Perplexity(), TokenAccuracy()
    for _, tokens, weights, log_probs in batches:
        for metric in metrics:
            metric.update_state(tokens, log_probs, weights)
    return {
        "targets": list(targets),
        "answers": list(answers),
        "tokens": exact(perplexity.count),
        "loss": exact(perplexity.total),
        "right_tokens": exact(accuracy.total),
    }


def text_figures(tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Sums up what `text_tally` returned.

    Returns:
        `exact_match`, `perplexity`, `token_accuracy`, what `text_metrics` returns, and `examples`.
    """
    tallies = list(tallies)
    targets, answers = (
        [text for tally in tallies for text in tally[name]] for name in ("targets", "answers")
    )
    tokens, loss, right = (
        exact_sum(tally[name] for tally in tallies) for name in ("tokens", "loss", "right_tokens")
    )
    same = sum(answer == target for answer, target in zip(answers, targets, strict=True))
    with np.errstate(over="ignore"):
        perplexity = float(np.exp(np.float64(loss / tokens if tokens else 0.0)))
    return {
        "exact_match": same / len(targets) if targets else float("nan"),
        "perplexity": perplexity,
        "token_accuracy": right / tokens if tokens else 0.0,
        **text_metrics(targets, answers),
        "examples": len(targets),
    }
