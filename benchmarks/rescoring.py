"""Rescoring of simulated 100-best lists over sentences of the Penn Treebank.

    python benchmarks/rescoring.py DATA RUN [RUN …]

DATA is a folder with ptb.train.txt, ptb.valid.txt and ptb.test.txt; a RUN is a folder of a language
model that was trained on it. No speech was recognised: the lists are made from the text by words
that are spelled alike and noisy acoustic scores. Weights are tuned on lists over the validation
text; word error rates are those of lists over the test text, with bootstrap intervals.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import kerasrnn
from kerasrnn import language_modeling as lm

HERE = pathlib.Path(__file__)
SHARES = [0.75, 0.25]  # of networks and counts, as in Mikolov et al. (2010)
# Longer than any hypothesis: weights stand still within one.
SEGMENT = 200


def systems(data: pathlib.Path, runs: list[str]) -> dict:
    """Reads and estimates all models, under the names of the table."""
    counted = lm.kneser_ney(lm.read_sentences(data / "ptb.train.txt"), order=5)
    networks = [kerasrnn.load(run).next_token_model() for run in runs]
    for network in networks:
        # The sentences of a list are no stream: each stands for itself.
        network.context = "sentence"
    first, rate = networks[0], 0.1
    learning = lm.DynamicModel(first, rate, SEGMENT)
    together = lm.Mixture(networks, [1 / len(networks)] * len(networks))
    name = pathlib.Path(runs[0]).name
    return {
        "uniform": lm.UniformModel(counted.vocabulary),
        "KN5": counted,
        "KN5 + cache": lm.Mixture([counted, lm.Cache(counted.vocabulary)], [0.85, 0.15]),
        name: first,
        f"{name} + KN5": lm.Mixture([first, counted], SHARES),
        f"{name}, dynamic": learning,
        f"{name}, dynamic, + KN5": lm.Mixture([learning, counted], SHARES),
        f"{len(networks)} networks": together,
        f"{len(networks)} networks + KN5": lm.Mixture([together, counted], SHARES),
    }


def rates(lists: list, said: dict) -> lm.WordErrors:
    answers = lists if isinstance(lists, dict) else lm.first_best(lists)
    return lm.word_errors(list(said.values()), [answers[name] for name in said])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--development", type=int, default=300, help="sentences to tune on")
    parser.add_argument("--test", type=int, default=600, help="sentences to measure on")
    parser.add_argument("--output", type=pathlib.Path, default=HERE.with_suffix(".md"))
    words = parser.parse_args()
    models = systems(words.data, words.runs)
    confusions = lm.SpellingConfusions(models["KN5"].vocabulary.tokens)

    def lists(name, number, seed):
        sentences = list(lm.read_sentences(words.data / name))[:number]
        return lm.simulate_nbest(sentences, confusions, 100, seed)

    tuning, tuning_said = lists("ptb.valid.txt", words.development, 1)
    heard, said = lists("ptb.test.txt", words.test, 2)
    first = rates(heard, said)
    lines = [
        f"Simulated 100-best lists over the first {words.test} sentences of the test text, "
        f"{int(first.words.sum()):,} words; weights tuned on lists over the first "
        f"{words.development} of the validation text. Intervals: 95 %, bootstrap over sentences.",
        "",
        "| system | word error rate | interval | change against KN5 | seconds |",
        "|---|---|---|---|---|",
    ]

    def row(name, found, base, seconds):
        low, high = lm.bootstrap_interval(found)
        change = ""
        if base is not None:
            by = lm.compare(base, found)
            change = f"{by.difference:+.2%} ({by.low:+.2%} to {by.high:+.2%})"
        lines.append(
            f"| {name} | {found.rate:.2%} | {low:.2%}–{high:.2%} | {change} | {seconds:.0f} |"
        )
        print(lines[-1], flush=True)

    row("first-best", first, None, 0)
    row("oracle", rates(lm.oracle(heard, said), said), None, 0)
    base = None
    for name, model in models.items():
        begin = time.perf_counter()
        weights, _ = lm.tune_rescoring(tuning, lm.score_nbest(model, tuning), tuning_said)
        if model.carries_state:  # its answers were those of other weights
            scores = lm.score_nbest(model, tuning, weights)
            weights, _ = lm.tune_rescoring(tuning, scores, tuning_said)
        found = rates(lm.rescore(heard, model, weights), said)
        row(name, found, base, time.perf_counter() - begin)
        base = found if name == "KN5" else base
    words.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
