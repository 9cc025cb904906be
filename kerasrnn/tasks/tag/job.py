"""Training a `Tagger` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import pathlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets import (
    character_tokenizer,
    tagged_examples,
    token_tokenizer,
    with_known_labels,
)
from kerasrnn.layers import CRF, bio_constraints
from kerasrnn.layers.bio import mark_entities
from kerasrnn.losses import CRF as CRFLoss
from kerasrnn.metrics import EntityF1, Perplexity, TokenAccuracy
from kerasrnn.models import many_to_many
from kerasrnn.options import DataSize, Tag
from kerasrnn.options.folds import fold_name
from kerasrnn.tasks.class_metrics import draw_confusion
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.job_batches import SPLITS
from kerasrnn.tasks.pretrained.starting_vectors import starting_embedding
from kerasrnn.tasks.tag.tagged_data import TaggedData
from kerasrnn.tasks.tag.task import Tagger
from kerasrnn.text import Tokenizer

__all__ = ["TaggingJob"]

SHOWN, LONGEST = 3, 8


class TaggingJob(Job):
    """Trains and evaluates a tagger: `kerasrnn train tag`."""

    options: Tag

    judges_rows = True

    def check(self) -> None:
        letters = 5 if self.options.characters else None
        output = self.options.output_layer
        many_to_many(5, 2, characters=letters, output=output, **self.options.model_options())
        weights, smoothing = self.options.class_weights, self.options.label_smoothing
        for name, value in (("class_weights", weights), ("label_smoothing", smoothing)):
            if self._with_field and value:
                raise UserError(
                    f"Expected no `{name}` with output_layer='crf', which gives probabilities to "
                    f"whole sequences of labels. Received: {value}"
                )

    @functools.cached_property
    def data(self) -> TaggedData:
        """The splits in one scheme."""
        return TaggedData(self.options)

    def read(self, split: str) -> Any:
        return self.data.sentences(split)

    def cache(self, split: str) -> tuple[str, dict[str, Any]] | None:
        found = super().cache(split)
        if found is None or self.data.scheme is None:
            return found
        folder, source = found
        return folder, {**source, "scheme": dataclasses.asdict(self.data.scheme)}

    def new_task(self, train: Any) -> Tagger:
        labels = self.data.labels()
        self.check_class_weights(labels)
        words, characters = self._tokenizers()
        self.follow(self._size(len(words.vocabulary), labels))
        allowed = bio_constraints(labels) if self._with_field and mark_entities(labels) else None
        for split in SPLITS:
            self.data.check_labels(split, labels, allowed)
        arguments = self.options.model_options()
        arguments["embedding"] = starting_embedding(self.options, words.vocabulary)
        arguments["output"] = (
            CRF(len(labels), allowed, name="output") if self._with_field else "softmax"
        )
        letters = None if characters is None else len(characters.vocabulary)
        model = many_to_many(len(words.vocabulary), len(labels), characters=letters, **arguments)
        return Tagger(model, words, labels, characters, self.options.record())

    def examples(self, task: Tagger, raw: Any) -> Any:
        length = self.options.max_length
        return tagged_examples(raw, task.words, task.labels, task.characters, length)

    @property
    def monitor(self) -> str:
        """The entry of the logs that the schedule compares; a field has no perplexity."""
        return "val_loss" if self._with_field else "val_perplexity"

    @property
    def _with_field(self) -> bool:
        """Whether the output is a conditional random field."""
        return self.options.output_layer == "crf"

    def curve_of(self, task: Tagger) -> str:
        if self._with_field:
            return "entity_f1" if mark_entities(task.labels) else "loss"
        return "accuracy"

    def loss(self) -> keras.losses.Loss:
        return CRFLoss() if self._with_field else super().loss()

    def metrics(self, task: Tagger) -> list[keras.metrics.Metric]:
        of_entities = [EntityF1(task.labels)] if mark_entities(task.labels) else []
        if self._with_field:
            return of_entities
        accuracy = TokenAccuracy("accuracy", ignore_class=None)
        return [Perplexity(ignore_class=None), accuracy, *of_entities]

    def names(self, task: Tagger) -> dict[str, Any]:
        names = {"tokens": task.words.vocabulary, "labels": task.labels}
        if task.characters is not None:
            names["characters"] = task.characters.vocabulary
        return names

    def report(
        self, task: Tagger, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        pairs = (
            (b" ".join(tokens).decode("utf-8"), b" ".join(labels).decode("utf-8"))
            for tokens, labels in test.as_numpy_iterator()
            if 0 < len(tokens) <= LONGEST and all(len(token.split()) == 1 for token in tokens)
        )
        if not mark_entities(task.labels):
            draw_confusion(folder, task.confusion(test), task.labels)
        return task.evaluate(test), dict(itertools.islice(pairs, SHOWN))

    def validated(self, task: Tagger, validation: Any) -> Any:
        fold = fold_name(self.options)
        return with_known_labels(validation, task.labels, fold) if fold else validation

    def label_counts(self, task: Tagger, train: Any) -> np.ndarray:
        return self.data.counts("train").labels.numbers(task.labels, self.data.scheme)

    def counted_labels(self, task: Tagger) -> dict[str, int]:
        counts = self.label_counts(task, None).tolist()
        return dict(zip(task.labels, counts, strict=True))

    def _size(self, vocabulary: int, labels: Sequence[str]) -> DataSize:
        counts = self.data.counts("train")
        sentences = counts.labels.sentences
        length = sum(counts.tokens.values()) / max(sentences, 1)
        return DataSize(sentences, length, vocabulary, mark_entities(labels))

    def _tokenizers(self) -> tuple[Tokenizer, Tokenizer | None]:
        """Builds the vocabulary of tokens, and where asked for that of characters."""
        options, tokens = self.options, self.data.counts("train").tokens
        least, normalization = options.min_count, options.normalization
        words = token_tokenizer(
            tokens,
            least,
            options.max_vocabulary_size,
            lowercase=options.lowercase,
            normalization=normalization,
        )
        # The letters that are read keep their case.
        if not options.characters:
            return words, None
        return words, character_tokenizer(tokens, least, normalization=normalization)
