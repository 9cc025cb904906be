"""Word vectors made here beside gensim's: speed, and whether nearest words are of one kind.

    python benchmarks/word_vectors.py ../shared/data/ptb ../shared/tfds [--gensim PYTHON]

The first folder holds ptb.train.txt, ptb.valid.txt and ptb.test.txt; the second one the prepared
universal_dependencies/en_ewt. Both architectures are trained with the defaults, in
batches of 1,000 words. Then, for each word
that en_ewt's training split has too, it is asked whether the nearest one of these words has the
same most frequent part of speech (UPOS). PYTHON is that of an environment with gensim, whose
vectors of the same settings, of one thread, are asked the same; without it these rows are left out.
It prints a Markdown table and the neighbours of some words, and writes them beside itself.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

from kerasrnn.embeddings import WordVectors, nearest_words, read_vectors

HERE = pathlib.Path(__file__).resolve().parent
SHOWN = (
    *("company", "monday", "million", "bank", "president"),
    *("said", "japan", "increased", "good", "california"),
)
GENSIM = """
import sys, time
from gensim.models import Word2Vec
text, out, kind, rate = sys.argv[1:]
lines = [line.split() for line in open(text, encoding="utf-8")]
begin = time.perf_counter()
model = Word2Vec(lines, vector_size=100, window=5, min_count=5, sg=int(kind == "skip_gram"),
                 negative=5, sample=1e-3, epochs=5, alpha=float(rate), workers=1, seed=1)
print(time.perf_counter() - begin)
model.wv.save_word2vec_format(out)
"""


def parts_of_speech(data_dir: str) -> dict[str, str]:
    """Returns the most frequent UPOS tag of each lower-case word of en_ewt's training split."""
    import tensorflow_datasets as tfds

    builder = tfds.builder("universal_dependencies/en_ewt", data_dir=data_dir)
    counts: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    for example in builder.as_dataset(split="train").as_numpy_iterator():
        for token, tag in zip(example["tokens"], example["upos"], strict=True):
            counts[token.decode("utf-8").lower()][int(tag)] += 1
    return {word: str(each.most_common(1)[0][0]) for word, each in counts.items()}


def same_kind(vectors: WordVectors, kinds: dict[str, str]) -> tuple[float, float, int]:
    """Returns how often the nearest word is of the same kind, by chance too, and of how many."""
    places = [i for i, word in enumerate(vectors.words) if word in kinds]
    tags = np.array([kinds[vectors.words[i]] for i in places])
    rows = vectors.vectors[places]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -2)
    shares = np.unique(tags, return_counts=True)[1] / len(tags)
    return float((tags[cosines.argmax(axis=1)] == tags).mean()), float((shares**2).sum()), len(tags)


def train(data: str, output: pathlib.Path, kind: str) -> float:
    """Trains, and returns the seconds of the epochs."""
    words = ("train", "word-vectors", "--data", data, "--output", str(output))
    options = ("--level", "whitespace", "--architecture", kind, "--batch-size", "1000")
    command = [sys.executable, "-m", "kerasrnn", *words, *options]
    subprocess.run(command, check=True)
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    return float(metrics["training_seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("data_dir")
    parser.add_argument("--gensim")
    given = parser.parse_args()
    kinds, text = parts_of_speech(given.data_dir), given.data / "ptb.train.txt"
    running = len(text.read_text(encoding="utf-8").split())
    rows, shown, chance = [], [], (0.0, 0)
    with tempfile.TemporaryDirectory() as folder:
        for kind, rate in (("skip_gram", 0.025), ("cbow", 0.05)):
            output, begin = pathlib.Path(folder, kind), time.perf_counter()
            seconds = train(str(given.data), output, kind)
            minutes = (time.perf_counter() - begin) / 60
            vectors = read_vectors(output / "vectors.txt")
            share, by_chance, number = same_kind(vectors, kinds)
            chance = by_chance, number
            rows.append((f"kerasrnn, {kind}", 5 * running / seconds, minutes, share))
            if not shown:
                for word in SHOWN:
                    near = ", ".join(each for each, _ in nearest_words(vectors, word, 5))
                    shown.append(f"| {word} | {near} |")
            if given.gensim:
                out, begin = str(output / "gensim.txt"), time.perf_counter()
                command = [given.gensim, "-c", GENSIM, str(text), out, kind, str(rate)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                minutes = (time.perf_counter() - begin) / 60
                share, *_ = same_kind(read_vectors(out), kinds)
                speed = 5 * running / float(done.stdout)
                rows.append((f"gensim, {kind}", speed, minutes, share))
    lines = [
        f"The training text of the Penn Treebank, {running:,} running words, read five times; 100 "
        "numbers a word, windows of 5, 5 drawn words, in batches of 1,000 words; gensim with one "
        f"thread and the learning rates of word2vec. Of {chance[1]:,} words that en_ewt "
        "has too: how often the nearest one "
        f"has the same part of speech; two words at random have it in {chance[0]:.1%}.",
        "",
        "| vectors | words a second | minutes in all | nearest word of the same part of speech |",
        "|---|---|---|---|",
        *(
            f"| {name} | {speed:,.0f} | {time_:.1f} | {share:.1%} |"
            for name, speed, time_, share in rows
        ),
        "",
        "| word | nearest words (kerasrnn, skip_gram) |",
        "|---|---|",
        *shown,
    ]
    table = "\n".join(lines) + "\n"
    print(table)
    (HERE / "word_vectors.md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
