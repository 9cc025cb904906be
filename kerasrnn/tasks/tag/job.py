"""Training a `Tagger` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets import TaggedSplit, label_names, tagged_examples
from kerasrnn.embeddings import pretrained_embedding
from kerasrnn.layers import CRF, bio_constraints
from kerasrnn.layers.bio import mark_entities
from kerasrnn.layers.schemes import Scheme
from kerasrnn.losses import CRF as CRFLoss
from kerasrnn.metrics import EntityF1, Perplexity, TokenAccuracy
from kerasrnn.models import many_to_many
from kerasrnn.options import Tag
from kerasrnn.tasks.class_metrics import draw_confusion
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.tag.task import Tagger
from kerasrnn.text import Tokenizer, prepare
from kerasrnn.vocabulary import Vocabulary

__all__ = ["TaggingJob"]

SHOWN, LONGEST, READ_AT_ONCE = 3, 8, 1024


class TaggingJob(Job):
    """Trains and evaluates a tagger: `kerasrnn train tag`."""

    options: Tag

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

    def read(self, split: str) -> Any:
        read = self._split(split)
        return read.sentences() if self._scheme is None else read.in_scheme(self._scheme)

    def _split(self, split: str) -> TaggedSplit:
        guess = self.options.scheme is not None  # else a run of an earlier version
        source = self.source(split)
        return TaggedSplit(*source.place, **source.form, guess=guess)

    @functools.cached_property
    def _scheme(self) -> Scheme | None:
        """How the labels of the training split mark entities; `None` for labels as they are."""
        wanted = self.options.scheme or "none"
        return None if wanted == "none" else self._split("train").scheme(wanted)

    def cache(self, split: str) -> tuple[str, dict[str, Any]] | None:
        found = super().cache(split)
        if found is None or self._scheme is None:
            return found
        folder, source = found
        return folder, {**source, "scheme": dataclasses.asdict(self._scheme)}

    def new_task(self, train: Any) -> Tagger:
        labels = label_names(names.flat_values for _, names in train.ragged_batch(READ_AT_ONCE))
        if len(labels) < 2:
            raise UserError(f"Expected at least two labels to tell apart. Received: {labels}")
        if self._scheme is not None:
            labels = tuple(self._scheme.completed(labels))
        self.check_class_weights(labels)
        allowed = bio_constraints(labels) if self._with_field and mark_entities(labels) else None
        for split in ("train", "validation", "test"):
            sentences = train if split == "train" else self.read(split)
            self._check_labels(split, sentences, labels, allowed)
        words, characters = self._tokenizers(train)
        arguments = self.options.model_options()
        if self.options.vectors is not None:
            arguments["embedding"], coverage = pretrained_embedding(
                self.options.vectors,
                words.vocabulary,
                trainable=True,
                seed=self.options.seed,
            )
            print_wrapped(f"{self.options.vectors} has vectors of {coverage}")
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
        """The entry of the logs that the halving rule compares; a field has no perplexity."""
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
            tuple(b" ".join(part.tolist()).decode("utf-8") for part in pair)
            for pair in test.as_numpy_iterator()
            if 0 < len(pair[0]) <= LONGEST and all(len(token.split()) == 1 for token in pair[0])
        )
        if not mark_entities(task.labels):
            draw_confusion(folder, task.confusion(test), task.labels)
        return task.evaluate(test), dict(itertools.islice(pairs, SHOWN))

    def _tokenizers(self, train) -> tuple[Tokenizer, Tokenizer | None]:
        """Builds the vocabulary of tokens, and where asked for that of characters."""
        batches = (tokens.flat_values for tokens, _ in train.ragged_batch(READ_AT_ONCE))
        least = self.options.min_count
        form = {"normalization": self.options.normalization}
        # The letters that are read keep their case.
        options = {"lowercase": self.options.lowercase, **form}
        batches = (prepare(batch, **options) for batch in batches)
        tokens = (token.decode("utf-8", "replace") for each in batches for token in each.numpy())
        vocabulary = Vocabulary.build(tokens, least, self.options.max_vocabulary_size)
        characters = None
        if self.options.characters:
            batches = (tokens.flat_values for tokens, _ in train.ragged_batch(READ_AT_ONCE))
            characters = Tokenizer.train(batches, "character", min_count=least, **form)
        return Tokenizer(vocabulary, "whitespace", **options), characters

    def _check_labels(self, split: str, sentences, names: Sequence[str], allowed) -> None:
        """Raises a `ValueError` for labels that cannot be learned, and for no sentence at all."""
        longest = self.options.max_length or math.inf
        of_test, number = split == "test", 0
        ids = {name: i for i, name in enumerate(names)}
        split_name = "training" if split == "train" else split
        for i, labels in enumerate(_labels(sentences)):
            if not of_test and not 0 < len(labels) <= longest:
                continue  # left out
            number += 1
            wrong = next((t for t, label in enumerate(labels) if label not in ids), None)
            if wrong is not None:
                raise UserError(
                    f"{self._split(split).place(i, wrong)}: expected the labels of the "
                    f"{split_name} split to be those of the training split, {first_of(names)}. "
                    f"Received: {labels[wrong]!r}"
                )
            path = [ids[label] for label in labels]
            if allowed is not None and not of_test and not _is_legal(path, allowed):
                raise UserError(
                    f"{self._split(split).place(i, 0)}: expected labels that keep to BIO, or to "
                    f"IOBES where some begin with E- or S-, in the {split_name} split "
                    "(scheme='auto' repairs them, output_layer='softmax' takes any). Received: "
                    f"{' '.join(labels)}"
                )
        if not number and not of_test:
            raise UserError(
                f"Expected sentences of 1 to {longest} tokens in the {split_name} split. "
                "Received: none"
            )


def _labels(sentences) -> Iterator[list[str]]:
    for _, batch in sentences.ragged_batch(READ_AT_ONCE):
        for row in batch.to_list():
            yield [label.decode("utf-8", "replace") for label in row]


def _is_legal(path: Sequence[int], allowed: Mapping) -> bool:
    steps = itertools.pairwise(path)
    return (
        allowed["start"][path[0]]
        and allowed["end"][path[-1]]
        and all(allowed["transition"][before][label] for before, label in steps)
    )
