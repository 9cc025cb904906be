"""How fast texts become ids, level by level, and beside the library that learned the subwords.

    python benchmarks/token_levels.py imdb_reviews --data-dir ../shared/tfds

It prints a Markdown table. All levels read the same texts, in turns, in one process; the library
gets them split into words already, which is work that the others do too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from tokenizers import Tokenizer as Library
from tokenizers import models

from kerasrnn.datasets import labelled_texts
from kerasrnn.text import Tokenizer
from kerasrnn.text.subwords import words_with_spaces

AT_ONCE = 1024
LEVELS = ("character", "word", "subword")


def library(tokenizer: Tokenizer) -> Library:
    """The same pieces and merges, for HuggingFace's tokenizers."""
    ids = {token: i for i, token in enumerate(tokenizer.vocabulary.tokens)}
    merges = [_last_merge(token, ids) for token in ids if len(token) > 1]
    return Library(models.BPE({**ids, "\x01": len(ids)}, merges, unk_token="\x01"))


def _last_merge(token: str, ids: dict[str, int]) -> tuple[str, str]:
    """The two pieces that a piece was made of: what the pieces learned before it leave of it."""
    parts = list(token)
    while len(parts) > 2:
        joint = [ids.get(a + b, len(ids)) for a, b in zip(parts, parts[1:], strict=False)]
        i = joint.index(min(joint))
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return tuple(parts)


def seconds(encode, batches) -> float:
    start = time.perf_counter()
    for batch in batches:
        encode(batch)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    parser.add_argument("--data-dir")
    parser.add_argument("--texts", type=int, default=10 * AT_ONCE)
    parser.add_argument("--size", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    texts = labelled_texts(options.data, "train", options.data_dir).take(options.texts)
    batches = [texts for texts, _ in texts.batch(AT_ONCE)]
    letters = sum(len(text) for batch in batches for text in batch.numpy())
    ways, numbers, signature = {}, {}, [tf.TensorSpec([None], tf.string)]
    for level in LEVELS:
        tokenizer = Tokenizer.train(batches, level, max_size=options.size)
        ways[level] = tf.function(tokenizer.encode, input_signature=signature, autograph=False)
        numbers[level] = sum(int(ways[level](each).flat_values.shape[0]) for each in batches)
    other = library(tokenizer)
    words = [
        [[word.decode("utf-8") for word in row] for row in words_with_spaces(each).to_list()]
        for each in batches
    ]

    def by_library(rows):
        return [other.encode(row, is_pretokenized=True).ids for row in rows]

    numbers["library"] = sum(len(ids) for rows in words for ids in by_library(rows))
    if numbers["library"] != numbers["subword"]:
        raise ValueError(f"Expected the same pieces. Received: {numbers}")
    times = {name: [] for name in (*ways, "library")}
    for _ in range(options.rounds):
        for name, encode in ways.items():
            times[name].append(seconds(encode, batches))
        times["library"].append(seconds(by_library, words))
    print(f"{len(batches)} batches of {AT_ONCE} texts, {letters / 1e6:.1f} MB")
    print("\n| level | MB a second: median (least–most) | tokens a second |\n|---|---|---|")
    for name, found in times.items():
        rates = sorted(letters / 1e6 / each for each in found)
        tokens = numbers[name] / statistics.median(found)
        print(
            f"| {name} | {statistics.median(rates):.2f} ({rates[0]:.2f}–{rates[-1]:.2f}) "
            f"| {tokens:,.0f} |"
        )


if __name__ == "__main__":
    main()
