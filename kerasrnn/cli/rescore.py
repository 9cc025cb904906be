"""`kerasrnn rescore`: n-best lists in the order that language models give them."""

from __future__ import annotations

import dataclasses
import os
import sys
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from kerasrnn.checks import UserError
from kerasrnn.cli.memory import keep_freed_memory
from kerasrnn.cli.model_options import (
    Paths,
    check_models,
    check_new_file,
    dynamic_models,
    mixture_weights,
)
from kerasrnn.cli.quiet import quiet_stderr, say
from kerasrnn.files import check_file, json_text
from kerasrnn.options.ranges import NonNegative, Weight

__all__ = ["rescore"]


@dataclasses.dataclass(frozen=True)
class WeightOptions:
    """Weights of the scores, where no development lists tune them.

    Args:
        acoustic_scale: Weight of the acoustic score.
        lm_weight: Weight of the language models' log-probability.
        word_insertion_penalty: Score added for each word; below 0, fewer words are preferred.
        first_pass_weight: Weight of the language model score that the list came with.
    """

    acoustic_scale: Weight = 1.0
    lm_weight: Weight = 1.0
    word_insertion_penalty: Weight = 0.0
    first_pass_weight: Weight = 0.0


@dataclasses.dataclass(frozen=True)
class ListOptions:
    """Where the scores of n-best lists are.

    Args:
        form: Format of the lists; recognised by the first line by default.
        acoustic: Acoustic costs of the lists, a file in Kaldi's format.
        language: Costs of the recogniser's language model, in the same format.
        tune_acoustic: Acoustic costs of the development lists.
        tune_language: Costs of the recogniser's language model for the development lists.
        encoding: Encoding of all these files, such as latin-1 or cp949.
    """

    form: Literal["kaldi", "srilm", "rnnlm"] | None = None
    acoustic: str | None = None
    language: str | None = None
    tune_acoustic: str | None = None
    tune_language: str | None = None
    encoding: str = "utf-8"


FLAT = Parameter(name="*")
WEIGHTS, LISTS = WeightOptions(), ListOptions()
# Tokens between two steps of learning: within a hypothesis the weights stand still.
LONGEST = 200
ROUNDS = 3  # of tuning for a model whose scores depend on the answers before


def rescore(
    nbest: str,
    /,
    *,
    models: Paths,
    weights: str | None = None,
    tune_on: str | None = None,
    references: str | None = None,
    output: str | None = None,
    dynamic: NonNegative | None = None,
    cache: float | None = None,
    scores: Annotated[WeightOptions, FLAT] = WEIGHTS,
    lists: Annotated[ListOptions, FLAT] = LISTS,
) -> None:
    """Rescore n-best lists with language models; the last line is one JSON object.

    Args:
        nbest: The lists: a file, or a folder with a file for each utterance.
        models: Folders of runs of language models, and ARPA files.
        weights: Weight of each model in the linear mixture, such as 0.75,0.25; equal weights by
            default.
        tune_on: Development lists on which the weights of the scores are tuned for the fewest
            word errors.
        references: What was said, `utterance word word ...` on each line, for the lists and for
            those of --tune-on.
        output: File for the chosen answers, `utterance word word ...` on each line; printed by
            default.
        dynamic: Dynamic evaluation: the learning rate with which neural models learn from the
            chosen answers. The run folders stay as they are.
        cache: Weight of a cache of the chosen answers in the mixture.
    """
    shares = mixture_weights(len(models), weights, None, cache)
    if tune_on is not None and references is None:
        raise UserError("Expected --references, what was said, for --tune-on. Received: none")
    if output is not None:
        check_new_file(output)
    check_models(models)
    files = (references, lists.acoustic, lists.language, lists.tune_acoustic, lists.tune_language)
    folders = [each for each in (nbest, tune_on) if each is None or os.path.isdir(each)]
    for path in {nbest, tune_on, *files} - {None, *folders}:
        check_file(path)
    say(f"Reading {nbest}")
    keep_freed_memory()
    with quiet_stderr():
        from kerasrnn import language_modeling as lm
        from kerasrnn.tasks import read_next_token_models
    heard = _read(nbest, lists, lists.acoustic, lists.language)
    said = None if references is None else lm.read_texts(references, lists.encoding)
    parts, _ = read_next_token_models(models)
    if dynamic is not None:
        parts = dynamic_models(parts, dynamic, LONGEST)
    if cache is not None:
        parts.append(lm.Cache(parts[0].vocabulary))
    model = lm.Mixture(parts, shares) if len(parts) > 1 else parts[0]
    chosen = lm.RescoringWeights(**dataclasses.asdict(scores))
    if tune_on is not None:
        tuning = _read(tune_on, lists, lists.tune_acoustic, lists.tune_language)
        chosen = _tuned(model, tuning, said, chosen)
    answers = lm.first_best(lm.rescore(heard, model, chosen))
    if output is None:
        for utterance, words in answers.items():
            print(" ".join([utterance, *words]))
    else:
        lm.write_texts(output, answers)
    found = {"utterances": len(heard), "weights": dataclasses.asdict(chosen)}
    if said is not None:
        found |= _errors(heard, answers, said)
    print(json_text(found))


def _read(path: str, lists: ListOptions, acoustic: str | None, language: str | None) -> list[Any]:
    """Reads n-best lists, and says what their form was taken for."""
    from kerasrnn import language_modeling as lm

    form, scored = lists.form, acoustic is not None or language is not None
    if form is None:
        form = "kaldi" if scored else lm.nbest_form(path, lists.encoding)
    found = lm.read_nbest(path, form, acoustic, language, encoding=lists.encoding)
    longest = max((len(each.hypotheses) for each in found), default=0)
    guessed = "" if lists.form or scored else " (--form names another)"
    print(
        f"{path}: lists of the form {form}, {len(found):,} utterances of up to {longest:,} "
        f"hypotheses{guessed}",
        file=sys.stderr,
    )
    return found


def _tuned(model, lists, said, chosen):
    from kerasrnn.language_modeling import score_nbest, tune_rescoring

    for _ in range(ROUNDS if model.carries_state else 1):
        chosen, _ = tune_rescoring(lists, score_nbest(model, lists, chosen), said)
    return chosen


def _errors(heard, answers, said) -> dict[str, Any]:
    """Word error rates of the first answers, of the best ones possible and of those chosen."""
    from kerasrnn import language_modeling as lm

    best = lm.oracle(heard, said)  # which says where a reference is missing
    spoken = [said[each.utterance] for each in heard]

    def errors(answers):
        return lm.word_errors(spoken, [answers[each.utterance] for each in heard])

    before, after = errors(lm.first_best(heard)), errors(answers)
    low, high = lm.bootstrap_interval(after)
    return {
        "wer": after.rate,
        "wer_interval": [low, high],
        "first_best_wer": before.rate,
        "oracle_wer": errors(best).rate,
    }
