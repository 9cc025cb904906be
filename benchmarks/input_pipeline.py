"""Throughput of the input pipeline alone against that of the training, in one run.

    python benchmarks/input_pipeline.py ../shared/tfds ../shared/data/multi30k

It prints a Markdown table and writes it beside itself. Tokens are those of the texts, both sides of
pairs counted, padding not.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import pathlib
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf

from kerasrnn import Tokenizer, datasets, encoder_decoder, language_model, many_to_one, views
from kerasrnn.vocabulary import PADDING


@dataclasses.dataclass
class Case:
    """A task: its batches, made anew by each call, its model, and what was measured before."""

    name: str
    batches: Callable[[], tf.data.Dataset]
    model: keras.Model
    encoding: float  # tokens a second, the first time
    waste: float


def classify(sizes) -> Case:
    texts = datasets.labelled_texts("imdb_reviews", "train", sizes.tfds)
    texts = texts.take(sizes.examples)
    tokenizer = Tokenizer.train((each for each, _ in texts.batch(1024)), "word", 2, 20_000)
    examples = datasets.labelled_text_examples(texts, tokenizer, ["neg", "pos"])
    model = many_to_one(
        len(tokenizer.vocabulary), 2, cell="gru", units=64, bidirectional=True, pooling="max"
    )
    return _case("imdb_reviews, classify", examples, model, sizes)


def translate(sizes) -> Case:
    pairs = datasets.text_pairs(sizes.multi30k, features="source=en,target=de")
    pairs = pairs.take(sizes.examples)
    source, target = datasets.train_tokenizers(pairs, "word", min_count=2)
    examples = datasets.pair_examples(pairs, source, target)
    vocabularies = len(source.vocabulary), len(target.vocabulary)
    model = encoder_decoder(
        *vocabularies, cell="gru", units=128, bidirectional=True, attention="dot", embedding=128
    )
    return _case("multi30k en→de, translate", examples, model, sizes)


def stream(sizes) -> Case:
    texts = datasets.texts("tiny_shakespeare", "train", sizes.tfds)
    tokenizer = Tokenizer.train(texts.batch(1), "character")
    start = time.perf_counter()
    batches = datasets.stream_batches(texts, tokenizer, 64, 100)
    seconds = time.perf_counter() - start
    model = language_model(len(tokenizer.vocabulary), cell="lstm", units=256, embedding=64)
    tokens = sum(map(_tokens, batches))
    return Case(
        "tiny_shakespeare, language model of a stream of characters",
        lambda: batches,
        _compiled(views.stream(model, 64)),
        tokens / seconds,
        datasets.padding_waste(batches),
    )


def _case(name: str, examples: datasets.Examples, model: keras.Model, sizes) -> Case:
    start = time.perf_counter()
    tokens = int(examples.lengths().sum())
    seconds = time.perf_counter() - start
    options = {"batch_size": 64, "seed": 1}
    return Case(
        name,
        lambda: examples.batches(**options),
        _compiled(model),
        tokens / seconds,
        datasets.padding_waste(examples.batches(**options)),
    )


def _compiled(model: keras.Model) -> keras.Model:
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    model.compile(keras.optimizers.Adam(1e-3), loss)
    return model


def _tokens(batch) -> int:
    x, y, _ = batch
    ids = [x["source"], y] if isinstance(x, dict) else [x]
    return sum(int(tf.math.count_nonzero(each != PADDING)) for each in ids)


def pipeline_rate(case: Case, number: int) -> float:
    """Tokens a second of the pipeline alone, its start included."""
    start = time.perf_counter()
    kept = list(case.batches().take(number))
    seconds = time.perf_counter() - start
    return sum(map(_tokens, kept)) / seconds


def training_rate(case: Case, kept: list) -> float:
    """Tokens a second of training steps on batches that are at hand."""
    start = time.perf_counter()
    for x, y, weights in kept:
        case.model.train_on_batch(x, y, weights)
    return sum(map(_tokens, kept)) / (time.perf_counter() - start)


def measure(case: Case, sizes) -> tuple[list[float], list[float]]:
    """Measures both in turns, so that what else the machine does hits both."""
    kept = list(case.batches().take(sizes.training_steps))
    training_rate(case, kept)  # traces the step, and each length once
    rates = [
        (pipeline_rate(case, sizes.batches), training_rate(case, kept)) for _ in range(sizes.rounds)
    ]
    return tuple(list(column) for column in zip(*rates, strict=True))


def row(case: Case, sizes) -> str:
    alone, training = measure(case, sizes)
    ratios = [one / other for one, other in zip(alone, training, strict=True)]
    cells = [case.name, f"{case.encoding:,.0f}", *(_spread(each) for each in (alone, training))]
    ratio = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})"
    return f"| {' | '.join([*cells, ratio, f'{case.waste:.1%}'])} |"


def _spread(rates: list[float]) -> str:
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tfds", type=pathlib.Path, help="folder of prepared tensorflow-datasets")
    parser.add_argument("multi30k", type=pathlib.Path, help="folder with train.en and train.de")
    parser.add_argument("--examples", type=int, default=-1, help="of each data set; all by default")
    parser.add_argument("--batches", type=int, default=200, help="of the pipeline in a round")
    parser.add_argument("--training-steps", type=int, default=20, help="in a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--output", type=pathlib.Path, default=pathlib.Path(__file__).with_suffix(".md")
    )
    sizes = parser.parse_args()
    lines = [
        f"Batches of 64; {sizes.rounds} rounds in turns of {sizes.batches} batches of the pipeline "
        f"alone and {sizes.training_steps} training steps on {os.cpu_count()} CPU cores; median "
        "(least–most), in tokens a second. Encoding happens once.",
        "",
        "| data, task | encoding | pipeline | training | pipeline / training | padding |",
        "|---|---|---|---|---|---|",
    ]
    lines += [row(make(sizes), sizes) for make in (classify, translate, stream)]
    text = "\n".join(itertools.chain(lines, [""]))
    sizes.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
