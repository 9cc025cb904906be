"""Scripts without spaces at the level of words: before and after their characters were tokens.

    python benchmarks/scripts.py --speed-data imdb_reviews --data-dir ../shared/tfds

It writes `scripts.md`. Before is version 1 of the splitting, in which a run of such a script is
one word. The names are those of the Unicode CLDR in the package Babel; what one is called in any
language is in the same split.
"""

from __future__ import annotations

import argparse
import datetime
import os
import pathlib
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import babel
import babel.dates
import tensorflow as tf

import kerasrnn
from kerasrnn import datasets, options
from kerasrnn.text import Tokenizer, levels

HERE = pathlib.Path(__file__)
KINDS = ("territories", "currencies", "languages", "scripts")
UNSPACED = ("zh", "ja", "th", "lo", "km", "my")
SPLITS = {"test": (9,), "validation": (8,), "train": range(8)}
PAIRS = 4_000
AT_ONCE = 1024


def names(languages: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Names and what kind of thing they name, by split."""
    found: dict[str, list[tuple[str, str]]] = {split: [] for split in SPLITS}
    split_of = {place: split for split, places in SPLITS.items() for place in places}
    for kind in KINDS:
        tables = [getattr(babel.Locale.parse(language), kind) for language in languages]
        keys = sorted({key for table in tables for key in table})
        for place, key in enumerate(keys):
            rows = {(" ".join(table[key].split()), kind) for table in tables if key in table}
            found[split_of[place % 10]] += sorted(rows)
    return found


def dates(seed: int = 1) -> dict[str, list[tuple[str, str]]]:
    """Dates in English and in Chinese, each day once."""
    first = datetime.date(1950, 1, 1)
    days = random.Random(seed).sample(range(36_525), PAIRS)
    found: dict[str, list[tuple[str, str]]] = {split: [] for split in SPLITS}
    split_of = {place: split for split, places in SPLITS.items() for place in places}
    for place, day in enumerate(days):
        date = first + datetime.timedelta(days=day)
        pair = [babel.dates.format_date(date, "full", locale) for locale in ("en", "zh")]
        found[split_of[place % 10]].append((pair[0], pair[1]))
    return found


def write(rows: Mapping[str, list[tuple[str, str]]], folder: pathlib.Path) -> str:
    folder.mkdir()
    for split, pairs in rows.items():
        lines = "".join(f"{a}\t{b}\n" for a, b in pairs)
        (folder / f"{split}.tsv").write_text(lines, encoding="utf-8")
    return str(folder)


def unknown(tokenizer: Tokenizer, texts: Sequence[str]) -> float:
    """The share of tokens that the vocabulary lacks."""
    ids = tokenizer.encode(list(texts)).flat_values
    return float(tf.reduce_mean(tf.cast(ids == kerasrnn.vocabulary.UNKNOWN, tf.float64)))


def trained(given: Any, folder: pathlib.Path, splitting: int) -> tuple[Any, float]:
    """Trains as a new run did at a version of the splitting; returns the task and minutes."""
    latest = levels.SPLITTING["word"]
    levels.SPLITTING["word"] = splitting
    start = time.perf_counter()
    try:
        return kerasrnn.train(given, folder), (time.perf_counter() - start) / 60
    finally:
        levels.SPLITTING["word"] = latest


def classified(folder: pathlib.Path) -> list[str]:
    lines = ["| names | level | out of vocabulary (validation) | accuracy (test) | minutes |"]
    lines.append("|---|---|---|---|---|")
    cases = [
        (UNSPACED, "word", 1),
        (UNSPACED, "word", 2),
        (UNSPACED, "character", 2),
        (UNSPACED, "subword", 2),
        (("ko",), "word", 2),
        (("ko",), "character", 2),
        (("ko",), "subword", 2),
    ]
    for i, (languages, level, splitting) in enumerate(cases):
        rows = names(languages)
        given = options.Classify(
            data=write(rows, folder / f"names_{i}"), level=level, min_count=1, epochs=8, seed=1
        )
        task, minutes = trained(given, folder / f"classify_{i}", splitting)
        rate = unknown(task.tokenizer, [text for text, _ in rows["validation"]])
        accuracy = task.evaluate(rows["test"])["accuracy"]
        label = f"`{level}`" + (", before" if splitting == 1 else "")
        lines.append(
            f"| {', '.join(languages)} | {label} | {rate:.1%} | {accuracy:.4f} | {minutes:.1f} |"
        )
    for languages in (UNSPACED, ("ko",)):
        kinds = [kind for _, kind in names(languages)["test"]]
        most, train = max(map(kinds.count, KINDS)) / len(kinds), len(names(languages)["train"])
        lines.append(
            f"\n{', '.join(languages)}: {train:,} names train, {len(kinds):,} test, of which the "
            f"most frequent kind is {most:.4f}."
        )
    lines.append(
        "\nOne seed. The names are few and short, so that most subwords occur once: characters "
        "are better here. With much text subwords may be."
    )
    return lines


def translated(folder: pathlib.Path) -> list[str]:
    rows = dates()
    data = write(rows, folder / "dates")
    lines = ["| level `word` | out of vocabulary (validation, Chinese) | exact match | minutes |"]
    lines.append("|---|---|---|---|")
    said = []
    for name, splitting in (("before", 1), ("now", 2)):
        given = options.Translate(data=data, level="word", units=64, epochs=12, seed=1)
        task, minutes = trained(given, folder / name, splitting)
        rate = unknown(task.target, [answer for _, answer in rows["validation"]])
        exact = task.evaluate(rows["test"])["exact_match"]
        lines.append(f"| {name} | {rate:.1%} | {exact:.4f} | {minutes:.1f} |")
        source, answer = rows["test"][0]
        said.append(f"`{source}` → `{task.predict([source])[0]}` {name}; right is `{answer}`.")
    return [*lines, "", *said]


def speed(data: str, data_dir: str | None, rounds: int = 7) -> list[str]:
    texts = datasets.labelled_texts(data, "train", data_dir).take(6 * AT_ONCE)
    batches = [some for some, _ in texts.batch(AT_ONCE)]
    vocabulary = Tokenizer.train(batches, "word", max_size=8_000).vocabulary
    signature = [tf.TensorSpec([None], tf.string)]
    ways, times = {}, {}
    for splitting in (1, 2):
        tokenizer = Tokenizer(vocabulary, "word", normalization="nfc", splitting=splitting)
        ways[splitting] = tf.function(tokenizer.encode, input_signature=signature, autograph=False)
        tokens = sum(int(ways[splitting](each).flat_values.shape[0]) for each in batches)
        times[splitting] = []
    for _ in range(rounds):
        for splitting, encode in ways.items():
            start = time.process_time()
            for batch in batches:
                encode(batch)
            times[splitting].append(time.process_time() - start)
    before, now = (tokens / statistics.median(times[splitting]) for splitting in (1, 2))
    return [
        f"{data}, {tokens:,} tokens to ids in turns: {before:,.0f} tokens a second of a core "
        f"before, {now:,.0f} now ({now / before - 1:+.1%})."
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--speed-data", default="imdb_reviews")
    parser.add_argument("--data-dir")
    given = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        parts = {
            "English, which has none of these scripts": speed(given.speed_data, given.data_dir),
            "English dates to Chinese ones": translated(folder),
            "What a name names": classified(folder),
        }
    lines = [
        "What `python benchmarks/scripts.py` measures of scripts that write no spaces between "
        "words; before, a run of them was one word.",
    ]
    for title, found in parts.items():
        lines += ["", f"## {title}", "", *found]
    minutes = (time.perf_counter() - start) / 60
    lines += ["", f"{minutes:.1f} minutes in all, Python {platform.python_version()}."]
    HERE.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
