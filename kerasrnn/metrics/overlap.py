"""How much a text has in common with its reference: BLEU and chrF, counted by sacreBLEU."""

from __future__ import annotations

from collections.abc import Sequence

from kerasrnn.checks import UserError, check_texts

__all__ = ["text_overlap"]


def text_overlap(references: Sequence[str], answers: Sequence[str]) -> dict[str, float | str]:
    """Measures BLEU and chrF of whole texts, as they are written, not of their tokens.

    Both count over all texts together, so that their order and batches do not matter (Papineni et
    al. 2002; Popović 2015; Post 2018, for what has to be said with a BLEU).

    Args:
        references: The N reference texts.
        answers: The N texts that a model wrote.

    Returns:
        A dictionary of `bleu` and `chrf`, 0 to 100, and `bleu_signature` and `chrf_signature`,
        which say how sacreBLEU counted; NaN and no signature for no text.

    Raises:
        ValueError: Where sacreBLEU is not installed, or for other numbers of texts.

    Example:

    >>> found = text_overlap(["the cat sat on the mat"], ["the cat sat on a mat"])
    >>> round(found["bleu"], 2), found["bleu_signature"].split("|version")[0]
    (53.73, 'nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp')
    """
    try:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
    except ImportError as error:
        raise UserError(
            "Expected sacreBLEU, which counts BLEU and chrF: pip install 'kerasrnn[translation]'"
        ) from error
    references = check_texts("references", references)
    answers = check_texts("answers", answers)
    if len(references) != len(answers):
        raise UserError(
            f"Expected as many answers as references, {len(references)}. Received: {len(answers)}"
        )
    if not references:
        return {"bleu": float("nan"), "chrf": float("nan")}
    found = {}
    for name, metric in (("bleu", BLEU()), ("chrf", CHRF())):
        found[name] = float(metric.corpus_score(list(answers), [list(references)]).score)
        found[f"{name}_signature"] = str(metric.get_signature())
    return {name: found[name] for name in ("bleu", "chrf", "bleu_signature", "chrf_signature")}
