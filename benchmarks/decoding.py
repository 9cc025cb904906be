"""How fast, and how well, a trained translator decodes.

    python benchmarks/decoding.py runs/dates

Batches of 64 sentences of the test split are decoded by the graph that `predict` and the export
run, greedily and with beams, and as one does by hand: `predict` of the step view for each token.
All ways take turns in one process. Then beams are compared with greedy search over the whole split.
It prints two Markdown tables and writes them beside itself.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

import kerasrnn
from kerasrnn import views
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

BATCH, SHOWN = 64, (1, 2, 5, 10)


def predicted(model):
    """The function that tutorials call."""
    return lambda inputs: model.predict(inputs, verbose=0)


def by_hand(task: kerasrnn.Translator, called=predicted):
    """Greedy decoding in a Python loop, by default with `model.predict`, as tutorials have it."""
    encode, step = called(views.encode(task.model)), called(views.step(task.model))

    def run(texts):
        states = encode(task.source.pad(task.source.encode(texts)))
        tokens = np.full(len(texts), BEGIN, "int32")
        finished, answers = np.zeros(len(texts), bool), []
        while not finished.all() and len(answers) < task.max_length:
            outputs = step({"tokens": tokens, **states})
            outputs["logits"][:, [PADDING, UNKNOWN, BEGIN]] = -np.inf
            tokens = np.where(finished, PADDING, outputs["logits"].argmax(-1)).astype("int32")
            states |= {name: outputs[name] for name in states if name in outputs}
            finished |= tokens == END
            answers.append(tokens)
        return [text.decode() for text in task.target.decode(np.stack(answers, 1)).numpy()]

    return run


def speed(task: kerasrnn.Translator, texts: list[str], rounds: int) -> list[str]:
    beams = {width: task.with_search(beam_width=width) for width in SHOWN}
    ways = {
        "`predict` of the step view, token by token": by_hand(task),
        "greedy, in the graph": beams[1].predict,
        **{f"beam {width}, in the graph": beams[width].predict for width in SHOWN[1:]},
    }
    batches = [texts[i : i + BATCH] for i in range(0, rounds * BATCH, BATCH)]
    times = {name: [] for name in ways}
    for way in ways.values():  # compile
        way(batches[0])
    for batch in batches:
        answers = {}
        for name, way in ways.items():
            begin = time.perf_counter()
            answers[name] = way(batch)
            times[name].append(1000 * (time.perf_counter() - begin))
        hand, greedy = list(answers.values())[:2]
        assert hand == greedy, "both ways must give the same answers"
    greedy = statistics.median(times["greedy, in the graph"])
    rows = ["| way | ms a batch: median (least–most) | × greedy |", "|---|---|---|"]
    for name, each in times.items():
        median = statistics.median(each)
        spread = f"{min(each):.0f}–{max(each):.0f}"
        rows.append(f"| {name} | {median:.0f} ({spread}) | {median / greedy:.1f} |")
    graph = beams[1]._function.signatures["serving_default"]
    rows += ["", f"The graph was traced {graph.experimental_get_tracing_count()} time."]
    return rows


def quality(task: kerasrnn.Translator, texts: list[str], answers: list[str]) -> list[str]:
    rows = [
        "| beam | exact match | mean log-probability | mean score | better / worse than greedy |",
        "|---|---|---|---|---|",
    ]
    greedy = None
    for width in SHOWN:
        found = task.with_search(beam_width=width).translate(texts)
        scores = np.array([each.score for each in found])
        greedy = scores if greedy is None else greedy
        exact = np.mean([each.text == answer for each, answer in zip(found, answers, strict=True)])
        log_prob = np.mean([each.log_prob for each in found])
        better, worse = (scores > greedy + 1e-4).sum(), (scores < greedy - 1e-4).sum()
        rows.append(
            f"| {width} | {exact:.5f} | {log_prob:.6f} | {scores.mean():.6f} | {better} / {worse} |"
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("run", help="folder of a run of `kerasrnn train translate`")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    task = kerasrnn.load(options.run)
    data, folder = task.options.data, task.options.data_dir
    pairs = list(task.read(data, "test", folder).as_numpy_iterator())
    texts, answers = ([text.decode() for text in side] for side in zip(*pairs, strict=True))
    lines = [
        f"{data}: batches of {BATCH} of the test split, {options.rounds} rounds in turns, "
        f"{os.cpu_count()} CPU cores, TensorFlow {tf.__version__}.",
        "",
        *speed(task, texts, options.rounds),
        "",
        f"The whole test split, {len(texts)} texts, length penalty {task.search.length_penalty}:",
        "",
        *quality(task, texts, answers),
    ]
    print("\n".join(lines))
    path = pathlib.Path(__file__).with_suffix(".md")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
