"""Pairs of texts: one encoder for both, both texts glued into one, and words alone.

    python benchmarks/compare.py [--scan FOLDER] [--only NAME …]

`paraphrases` needs no network. With `--scan`, a folder that holds `simple.train.tsv.gz` and
`simple.test.tsv.gz` (Lake and Baroni 2018), the pairs of commands are measured too: of each
command, half of the pairs are with another one that asks for the same actions, half with one that
has the words of such a command, in another order, and asks for others. Each row is a process of
its own on one core. The table is `compare.md`; rows that are not measured stay.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile

import numpy as np
from results import commit

ROOT = pathlib.Path(__file__).parents[1]
TABLE = ROOT / "benchmarks" / "compare.md"
ONE_CORE = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
HEADER = (
    "| pairs | model | accuracy on test | F1 | minutes of one core | commit |\n"
    "|---|---|---|---|---|---|"
)
SCAN = ["--min-count", "1", "--dropout", "0.1", "--epochs", "10", "--batch-size", "64"]
SCAN += ["--positive", "same", "--learning-rate", "0.002"]
GLUED = ["--units", "128", "--pooling", "max", "--dropout", "0.1", "--word-dropout", "0"]
GLUED += ["--label-smoothing", "0", "--learning-rate", "0.002", "--batch-size", "64"]
GLUED += ["--min-count", "1", "--threshold", "0.5"]
# By name the pairs, the model in words, and what is trained.
ROWS = {
    "paraphrases-words": ("paraphrases", "words alone: logistic regression", None),
    "paraphrases-glued": (
        *("paraphrases", "`classify`: both texts as one"),
        ["classify", "--data", "paraphrases", "--epochs", "14", *GLUED],
    ),
    "paraphrases-ordered": (
        *("paraphrases", "`compare`, the recipe"),
        ["compare", "--config", "paraphrases"],
    ),
    "paraphrases-symmetric": (
        *("paraphrases", "`compare --join symmetric`"),
        ["compare", "--config", "paraphrases", "--join", "symmetric"],
    ),
    "scan-words": ("commands of SCAN", "words alone: logistic regression", None),
    "scan-glued": (
        *("commands of SCAN", "`classify`: both texts as one"),
        ["classify", "--features", "text=1+2,label=3", "--epochs", "10", *GLUED],
    ),
    "scan-symmetric": (
        *("commands of SCAN", "`compare --join symmetric`"),
        ["compare", "--join", "symmetric", *SCAN],
    ),
}
POSITIVE = {"paraphrases": "paraphrase", "commands of SCAN": "same"}


def scan_pairs(source: pathlib.Path, folder: pathlib.Path) -> None:
    """Writes `train`, `validation` and `test` of pairs of commands."""
    generator = random.Random(1)
    commands: dict[str, list[tuple[str, str]]] = {}
    for split in ("train", "test"):
        with gzip.open(source / f"simple.{split}.tsv.gz", "rt", encoding="utf-8") as file:
            commands[split] = [tuple(line.rstrip("\n").split("\t")) for line in file]
    test = sorted(commands["test"])
    generator.shuffle(test)
    half = len(test) // 2
    firsts = {"train": commands["train"], "validation": test[:half], "test": test[half:]}
    for split, some in firsts.items():
        # What is held out is only ever one side of pairs of its own split.
        known = commands["train"] if split == "train" else [*commands["train"], *some]
        lines = _pairs(some, known, generator)
        text = "".join("\t".join(line) + "\n" for line in lines)
        (folder / f"{split}.tsv").write_text(text, encoding="utf-8")
        print(f"{split}: {len(lines):,} pairs")


def _pairs(firsts, known, generator: random.Random) -> list[tuple[str, str, str]]:
    by_actions, by_words = collections.defaultdict(list), collections.defaultdict(list)
    for command, actions in known:
        by_actions[actions].append(command)
        by_words[tuple(sorted(command.split()))].append((command, actions))
    lines = []
    for command, actions in firsts:
        same = [each for each in by_actions[actions] if each != command]
        if not same:
            continue
        partner = generator.choice(same)
        words = by_words[tuple(sorted(partner.split()))]
        others = [each for each, wanted in words if wanted != actions]
        if not others:
            continue
        label = generator.random() < 0.5
        second = partner if label else generator.choice(others)
        lines.append((command, second, "same" if label else "other"))
    return lines


def words_alone(data: str) -> tuple[float, float]:
    """Classifies by which words differ and which are common, with no order at all."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import accuracy_score, f1_score

    from kerasrnn.datasets import labelled_pairs

    read = {
        split: [tuple(cell.decode() for cell in row) for row in rows.as_numpy_iterator()]
        for split, rows in ((each, labelled_pairs(data, each)) for each in ("train", "test"))
    }
    count = CountVectorizer(token_pattern=r"[\w-]+")
    count.fit(text for row in read["train"] for text in row[:2])

    def features(rows):
        a, b = (count.transform([row[i] for row in rows]) for i in (0, 1))
        return np.hstack([abs(a - b).toarray(), a.multiply(b).toarray()])

    right = {split: [row[2] for row in rows] for split, rows in read.items()}
    model = LogisticRegression(max_iter=300).fit(features(read["train"]), right["train"])
    answers = model.predict(features(read["test"]))
    positive = next(each for each in POSITIVE.values() if each in right["train"])
    return accuracy_score(right["test"], answers), f1_score(
        right["test"], answers, pos_label=positive
    )


def search(run: str) -> None:
    """Prints how well cosines of single vectors, and of counted words, tell paraphrases."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.metrics import roc_auc_score

    import kerasrnn
    from kerasrnn.datasets import labelled_pairs

    rows = labelled_pairs("paraphrases", "test").as_numpy_iterator()
    first, second, labels = zip(*([cell.decode() for cell in row] for row in rows), strict=True)
    same = np.array([label == POSITIVE["paraphrases"] for label in labels])
    count = CountVectorizer(token_pattern=r"[\w-]+").fit(first)
    ways = {
        "words": lambda texts: count.transform(texts).toarray().astype("float64"),
        "encode": kerasrnn.load(run).encode,
    }
    for name, vectors_of in ways.items():
        a, b = (_directions(vectors_of(side)) for side in (first, second))
        area = roc_auc_score(same, (a * b).sum(axis=1))
        found = np.argmax(a[same] @ b.T, axis=1) == np.flatnonzero(same)
        print(f"{name}: area under the ROC curve {area:.3f}, nearest of all {found.mean():.3f}")


def _directions(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def measured(name: str, scan: str) -> str:
    """Measures one row in a process of its own and returns it."""
    pairs, model, training = ROWS[name]
    data = "paraphrases" if pairs == "paraphrases" else scan
    environment = {**os.environ, **dict.fromkeys(ONE_CORE, "1")}
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        if training is None:
            code = f"import compare; print(*compare.words_alone({data!r}))"
            command = [sys.executable, "-c", code]
            done = subprocess.run(
                command, cwd=TABLE.parent, env=environment, check=True, stdout=subprocess.PIPE
            )
            accuracy, f1 = map(float, done.stdout.split()[-2:])
        else:
            given = [] if pairs == "paraphrases" else ["--data", data]
            output = f"{folder}/run"
            command = [sys.executable, "-m", "kerasrnn", "train", *training, *given]
            subprocess.run([*command, "--output", output], cwd=ROOT, env=environment, check=True)
            report = [sys.executable, "-m", "kerasrnn", "evaluate", output, "--report"]
            done = subprocess.run(
                report, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE
            )
            figures = json.loads(done.stdout.splitlines()[-1])
            accuracy = figures["accuracy"]
            f1 = figures["report"][POSITIVE[pairs]]["f1"]
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    minutes = (end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime) / 60
    line = f"| {pairs} | {model} | {accuracy:.3f} | {f1:.3f} | {minutes:.1f} | {commit()} |"
    print(line, flush=True)
    return line


def main(only: list[str], scan: str | None) -> None:
    unknown = sorted(set(only) - set(ROWS))
    if unknown:
        raise SystemExit(f"Expected names of {', '.join(ROWS)}. Received: {', '.join(unknown)}")
    names = only or [name for name in ROWS if scan or not name.startswith("scan")]
    with tempfile.TemporaryDirectory() as folder:
        if scan:
            scan_pairs(pathlib.Path(scan), pathlib.Path(folder))
        for name in names:
            line = measured(name, folder)
            text = TABLE.read_text(encoding="utf-8")
            before = re.search(f"{BEGIN}\n(.*?){END}", text, re.S)[1].splitlines()
            starts = {each: "| {} | {} |".format(*ROWS[each]) for each in ROWS}
            rows = {
                each: row for each in ROWS for row in before if row.startswith(starts[each])
            } | {name: line}
            table = "\n".join([HEADER, *(rows[each] for each in ROWS if each in rows)])
            block = f"{BEGIN}\n{table}\n{END}"
            text = re.sub(f"{BEGIN}\n.*?{END}", lambda _, block=block: block, text, flags=re.S)
            TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--scan", help="folder of the commands of SCAN")
    parser.add_argument("--search", metavar="RUN", help="measure only the vectors of a run")
    given = parser.parse_args()
    if given.search:
        search(given.search)
    else:
        main(given.only, given.scan)
