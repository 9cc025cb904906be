"""Training a `LanguageModel` from a data set's name or a file to a folder with everything."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from kerasrnn import views
from kerasrnn.callbacks import ResetStates
from kerasrnn.checks import UserError
from kerasrnn.datasets import stream_batches, text_examples
from kerasrnn.files import WHITE_SPACE, number_text
from kerasrnn.losses import NegativeLogProbability
from kerasrnn.metrics import BitsPerToken, Perplexity
from kerasrnn.models import fixed_window_language_model, language_model
from kerasrnn.optimizers import FusedAdam, FusedSGD, LazyAdam
from kerasrnn.options import LanguageModel as Options
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.language_model.task import LanguageModel
from kerasrnn.tasks.language_model.text_sources import read_texts, source_of
from kerasrnn.tasks.pretrained.starting_vectors import starting_embedding
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.text import Tokenizer

__all__ = ["LanguageModelJob"]

SHOWN, LONGEST, READ_AT_ONCE = 3, 60, 1024
COMBINE = {"fixed_window": "concatenate", "mean_window": "mean"}
OPTIMIZERS = {"adam": FusedAdam, "lazy_adam": LazyAdam, "sgd": FusedSGD}


class LanguageModelJob(Job):
    """Trains and evaluates a language model: `kerasrnn train language-model`.

    A recurrent model of a stream is trained through its stateful twin, `views.stream`. One of a
    fixed window reads the batches of a stream too, each as if nothing had been before it.
    """

    options: Options

    unit, rows = "texts", "rows"
    shows_targets = False  # but what this model says of the texts

    def __init__(self, options: Options):
        super().__init__(options)
        self._streams: dict[str, tuple[Any, Any]] = {}

    def check(self) -> None:
        if self.options.batch_tokens and self.options.context == "stream":
            raise UserError(
                "Expected `batch_tokens` with context='sentence' alone: a batch of a stream has "
                f"batch_size * length. Received: {self.options.batch_tokens}"
            )
        if self.options.test_data and not self.options.validation_data:
            raise UserError("Expected `validation_data` beside `test_data`. Received: none")
        if self.options.cell == "elman" and self.options.vectors is not None:
            raise UserError(
                "Expected no `vectors` for Elman's network, which has no embedding. "
                f"Received: {self.options.vectors}"
            )
        self._new_model(5)

    def read(self, split: str) -> Any:
        source = self.options.source(*source_of(self.options, split))
        return read_texts(source, self.options)

    def new_task(self, train: Any) -> LanguageModel:
        tokenizer = Tokenizer.train(train.batch(READ_AT_ONCE), **self.options.tokenizer_options())
        output = self.options.output_layer
        embedding = starting_embedding(self.options, tokenizer.vocabulary, output=output)
        model = self._new_model(len(tokenizer.vocabulary), embedding)
        context, max_length = self.options.context, self.options.max_length
        task = LanguageModel(model, tokenizer, context, max_length, self.options.record())
        if self.options.context == "stream":
            # Is it long enough for a batch?
            self._stream(task, self.read("validation"), "validation")
        return task

    def examples(self, task: LanguageModel, raw: Any) -> Any:
        length, with_targets = self.options.length, self._gives_log_prob()
        return text_examples(raw, task.tokenizer, length, targets_as_input=with_targets)

    def streams(
        self, task: LanguageModel, raw: Mapping[str, Any], done: int
    ) -> tuple[Any, int, Any]:
        if self.options.context == "sentence":
            return super().streams(task, raw, done)
        train, validation = (
            self._stream(task, raw[split], split) for split in ("train", "validation")
        )
        return train.repeat(), int(train.cardinality()), validation

    def padding_in_words(self, task: LanguageModel, raw: Mapping[str, Any]) -> str:
        if self.options.context == "sentence":
            return super().padding_in_words(task, raw)
        return "rows run on from batch to batch, without padding"

    def sizes_of_batches(
        self, task: LanguageModel, raw: Mapping[str, Any]
    ) -> Iterable[tuple[int, list[int]]]:
        if self.options.context == "sentence":
            return super().sizes_of_batches(task, raw)
        size = self.options.batch_size, [self.options.length]
        return [size] * int(self._stream(task, raw["train"], "train").cardinality())

    def fitted_model(self, task: LanguageModel) -> keras.Model:
        if self.carries_states():
            return views.stream(task.model, self.options.batch_size // self.devices.replicas)
        return task.model

    def callbacks(self) -> list[keras.callbacks.Callback]:
        return [*super().callbacks(), *([ResetStates()] if self.carries_states() else [])]

    def optimizer_kind(self) -> type[keras.optimizers.Optimizer]:
        return OPTIMIZERS[self.options.optimizer]

    def loss(self) -> keras.losses.Loss:
        return NegativeLogProbability() if self._gives_log_prob() else super().loss()

    def metrics(self, task: LanguageModel) -> list[keras.metrics.Metric]:
        given = self._gives_log_prob()
        return [Perplexity(from_log_prob=given), BitsPerToken(from_log_prob=given)]

    def names(self, task: LanguageModel) -> dict[str, Any]:
        return {"tokens": task.tokenizer.vocabulary, "labels": task.tokenizer.vocabulary}

    def first_batches(self, task: LanguageModel, raw: Mapping[str, Any], number: int) -> Any:
        if self.options.context == "sentence":
            return super().first_batches(task, raw, number)
        return self._stream(task, raw["train"], "train").take(number)

    def report(
        self, task: LanguageModel, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        metrics = task.evaluate(test)
        self._print_policy(task, metrics)
        texts = (text.decode("utf-8") for text in test.as_numpy_iterator())
        lines = (text.strip(WHITE_SPACE).split("\n")[0] for text in texts)
        chosen = list(itertools.islice((line for line in lines if 0 < len(line) <= LONGEST), SHOWN))
        answers = task.served_perplexities(chosen) if chosen else []
        return metrics, {
            line: number_text(value, 6) for line, value in zip(chosen, answers, strict=True)
        }

    def _stream(self, task: LanguageModel, raw, split: str):
        texts, stream = self._streams.get(split, (None, None))
        if texts is not raw:  # which is read and encoded once, whoever asks
            stream = stream_batches(
                raw,
                task.tokenizer,
                self.options.batch_size,
                self.options.length,
                targets_as_input=self._gives_log_prob(),
                cache=self.cache(split),
                static_shapes=self.batching()["static_shapes"],
            )
            self._streams[split] = raw, stream
        return stream

    def _print_policy(self, task: LanguageModel, metrics: Mapping[str, Any]) -> None:
        """Prints what a perplexity means nothing without."""
        size, merged = len(task.tokenizer.vocabulary), self.options.min_count
        level = self.options.level
        rare = f"; tokens that occur fewer than {merged} times are <unknown>" if merged > 1 else ""
        alone = task.context == "sentence"
        known = "each text is scored by itself" if alone else "the model has read the texts before"
        print_wrapped(
            f"vocabulary: {size:,} ids of level {level} from the training split alone{rare}"
        )
        print_wrapped(
            f"perplexity: over {metrics['tokens']:,} tokens, end tokens included; "
            f"out-of-vocabulary rate {metrics['out_of_vocabulary']:.4%}; {known}"
        )

    def carries_states(self) -> bool:
        return self.options.context == "stream" and self.options.model == "recurrent"

    def _gives_log_prob(self) -> bool:
        return self.options.output_layer in ("class", "adaptive", "tied_adaptive")

    def _new_model(self, vocabulary_size: int, embedding: Any = None) -> keras.Model:
        embedding = embedding or self.options.embedding
        kind, output = self.options.model, self.options.output_layer
        if kind == "recurrent":
            options = {**self.options.model_options(), "embedding": embedding}
            return language_model(vocabulary_size, output=output, **options)
        return fixed_window_language_model(
            vocabulary_size,
            combine=COMBINE[kind],
            output=output,
            window=self.options.window,
            units=self.options.units,
            dropout=self.options.dropout,
            embedding=embedding,
        )
