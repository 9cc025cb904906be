"""Training a `PairClassifier` from a data set's name or a file."""

from __future__ import annotations

import itertools
import pathlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from kerasrnn.checks import check_choice
from kerasrnn.datasets import labelled_pair_examples
from kerasrnn.models import siamese
from kerasrnn.options import Compare
from kerasrnn.tasks.classify.class_job import READ_AT_ONCE, ClassJob
from kerasrnn.tasks.compare.task import PairClassifier, read_labelled_pairs
from kerasrnn.tasks.texts.text_job import LONGEST, SHOWN, TextJob

__all__ = ["ComparisonJob"]


class ComparisonJob(TextJob, ClassJob):
    """Trains and evaluates a classifier of pairs: `kerasrnn train compare`."""

    options: Compare

    unit = rows = "pairs"
    factory = staticmethod(siamese)
    naming = "first=2,second=3,label=1 or first=NAME,second=NAME,label=NAME"

    def check(self) -> None:
        self.new_model(5, 2)

    def read(self, split: str) -> Any:
        return read_labelled_pairs(self.source(split), self.options)

    def positive(self) -> str | None:
        return self.options.positive

    def new_task(self, train: Any) -> PairClassifier:
        counts: Counter[bytes] = Counter()

        def texts() -> Iterator[Any]:
            for sides, names, *_ in train.batch(READ_AT_ONCE):
                counts.update(names.numpy().tolist())
                yield from sides

        tokenizer = self.tokenizer_of(texts())
        labels = self.names_of_classes(counts)
        if self.options.positive is not None:
            check_choice("positive", self.options.positive, labels)
        examples = labelled_pair_examples(train, tokenizer, labels, self.options.max_length)
        model = self.model_of(examples, tokenizer, len(labels))
        record = self.options.record()
        task = PairClassifier(model, tokenizer, labels, self.options.max_length, record)
        return self.with_positive(task)

    def examples(self, task: PairClassifier, raw: Any) -> Any:
        return labelled_pair_examples(raw, task.tokenizer, task.labels, task.max_length)

    def names(self, task: PairClassifier) -> dict[str, Any]:
        vocabulary = task.tokenizer.vocabulary
        return {"first": vocabulary, "second": vocabulary, "labels": task.labels}

    def report(
        self, task: PairClassifier, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        rows = (
            ([text.decode("utf-8") for text in pair], label.decode("utf-8"))
            for pair, label in test.as_numpy_iterator()
        )
        lines = (("\t".join(pair), label) for pair, label in rows if all(map(_is_short, pair)))
        return self.measure(task, test, folder), dict(itertools.islice(lines, SHOWN))


def _is_short(text: str) -> bool:
    return 0 < len(text) <= LONGEST and "\t" not in text and len(text.splitlines()) == 1
