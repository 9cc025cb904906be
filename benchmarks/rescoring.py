"""Rescoring of simulated 100-best lists over sentences of the Penn Treebank.

    python benchmarks/rescoring.py DATA RUN [RUN …]

DATA is a folder with ptb.train.txt, ptb.valid.txt and ptb.test.txt; a RUN is a folder of a language
model that was trained on it. No speech was recognised: the lists are made from the text by words
that are spelled alike and noisy acoustic scores. Weights are tuned on lists over the validation
text; word error rates are those of lists over the test text, with bootstrap intervals.
"""

from __future__ import annotations

import argparse
import copy
import os
import pathlib
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import kerasrnn
from kerasrnn import language_modeling as lm

HERE = pathlib.Path(__file__)
SHARES = [0.75, 0.25]  # of networks and counts, as in Mikolov et al. (2010)
# The rate that was best on the Penn Treebank; longer than any hypothesis, so that weights stand
# still within one.
RATE, SEGMENT = 0.03, 200


def static_systems(counted, networks: dict, tuning: list, heard: list) -> dict:
    """Scores the lists by each model once; returns the scores of both under the table's names."""
    first, names = next(iter(networks)), [*networks, "KN5"]
    models = {**networks, "KN5": counted, "uniform": lm.UniformModel(counted.vocabulary)}
    found = {}
    for name, model in models.items():
        begin = time.perf_counter()
        found[name] = [lm.score_nbest(model, lists) for lists in (tuning, heard)]
        print(f"{name}: scored in {time.perf_counter() - begin:.0f} s", flush=True)

    def mixed(parts: list[str], weights: list[float]) -> list:
        return [mix([found[part][i] for part in parts], weights) for i in (0, 1)]

    systems = {name: found[name] for name in ("uniform", "KN5", *networks)}
    systems[f"{first} + KN5"] = mixed([first, "KN5"], SHARES)
    if len(networks) > 1:
        equal = [1 / len(networks)] * len(networks)
        systems[f"{len(networks)} networks"] = mixed(names[:-1], equal)
        shares = [SHARES[0] * share for share in equal] + SHARES[1:]
        systems[f"{len(networks)} networks + KN5"] = mixed(names, shares)
    return systems


def mix(scores: list, weights: list[float]) -> list:
    """Mixes what several models said of the tokens of each hypothesis."""
    return [
        [lm.mix_streams(tokens, weights) for tokens in zip(*rows, strict=True)]
        for rows in zip(*scores, strict=True)
    ]


def learning_systems(counted, networks: dict) -> dict:
    """Models that know their own answers, each with the static one of its weights."""
    carried = {}
    for name, network in networks.items():
        carried[name] = copy.copy(network)
        carried[name].context = "stream"
    name, network = next(iter(carried.items()))
    learning = lm.DynamicModel(network, RATE, SEGMENT)
    cache = lm.Mixture([counted, lm.Cache(counted.vocabulary)], [0.85, 0.15])
    systems = {
        "KN5 + cache": ("KN5", cache),
        f"{name}, state carried": (name, network),
        f"{name}, dynamic": (name, learning),
        f"{name} + KN5, state carried": (f"{name} + KN5", lm.Mixture([network, counted], SHARES)),
        f"{name}, dynamic, + KN5": (f"{name} + KN5", lm.Mixture([learning, counted], SHARES)),
    }
    if len(networks) > 1:
        static = f"{len(networks)} networks + KN5"
        shares = [SHARES[0] / len(networks)] * len(networks) + SHARES[1:]
        joined = lm.Mixture([*carried.values(), counted], shares)
        systems[f"{static}, state carried"] = (static, joined)
    return systems


def rates(lists: list, said: dict) -> lm.WordErrors:
    answers = lists if isinstance(lists, dict) else lm.first_best(lists)
    return lm.word_errors(list(said.values()), [answers[name] for name in said])


def read_networks(runs: list[str]) -> dict:
    networks = {pathlib.Path(run).name: kerasrnn.load(run).next_token_model() for run in runs}
    for network in networks.values():
        # The sentences of a list are no stream: each stands for itself.
        network.context = "sentence"
    return networks


def table_row(name: str, found: lm.WordErrors, base: lm.WordErrors | None = None) -> str:
    low, high = lm.bootstrap_interval(found)
    change = ""
    if base is not None:
        by = lm.compare(base, found)
        change = f"{by.difference:+.2%} ({by.low:+.2%} to {by.high:+.2%})"
    return f"| {name} | {found.rate:.2%} | {low:.2%}–{high:.2%} | {change} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--development", type=int, default=200, help="sentences to tune on")
    parser.add_argument("--test", type=int, default=500, help="sentences to measure on")
    parser.add_argument("--output", type=pathlib.Path, default=HERE.with_suffix(".md"))
    words = parser.parse_args()
    counted = lm.kneser_ney(lm.read_sentences(words.data / "ptb.train.txt"), order=5)
    networks = read_networks(words.runs)
    confusions = lm.SpellingConfusions(counted.vocabulary.tokens)

    def lists(name, number, seed):
        sentences = list(lm.read_sentences(words.data / name))[:number]
        return lm.simulate_nbest(sentences, confusions, 100, seed)

    tuning, tuning_said = lists("ptb.valid.txt", words.development, 1)
    heard, said = lists("ptb.test.txt", words.test, 2)
    first = rates(heard, said)
    lines = [
        f"Simulated 100-best lists over the first {words.test} sentences of the test text, "
        f"{int(first.words.sum()):,} words; weights tuned on lists over the first "
        f"{words.development} of the validation text. Networks are mixed with equal weights, with "
        f"KN5 as {SHARES[0]} and {SHARES[1]}; a dynamic one learns with a rate of {RATE} from its "
        "own answers; where it or the state is carried on, the answers before are known, else each "
        "sentence stands for itself. Intervals: 95 %, bootstrap over sentences.",
        "",
        "| system | word error rate | interval | change against KN5 |",
        "|---|---|---|---|",
    ]

    def row(name, found, base=None):
        lines.append(table_row(name, found, base))
        print(lines[-1], flush=True)
        return found

    row("first-best", first)
    row("oracle", rates(lm.oracle(heard, said), said))
    base, weights = None, {}
    for name, scores in static_systems(counted, networks, tuning, heard).items():
        weights[name], _ = lm.tune_rescoring(tuning, scores[0], tuning_said)
        found = row(name, rates(lm.reorder(heard, scores[1], weights[name]), said), base)
        base = found if name == "KN5" else base
    for name, (static, model) in learning_systems(counted, networks).items():
        scores = lm.score_nbest(model, tuning, weights[static])
        tuned, _ = lm.tune_rescoring(tuning, scores, tuning_said)
        row(name, rates(lm.rescore(heard, model, tuned), said), base)
    words.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
