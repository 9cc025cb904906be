"""Training a `WordEmbedder` from a data set's name or a file to a folder with everything."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from kerasrnn.checks import UserError, first_of
from kerasrnn.datasets import RunningWords, WordContexts
from kerasrnn.datasets.contexts.running_words import running_words
from kerasrnn.embeddings import WordVectors, write_vectors
from kerasrnn.files import WHITE_SPACE, FolderLock, write_beside
from kerasrnn.losses import NegativeSampling
from kerasrnn.metrics import PairLoss, TokenAccuracy
from kerasrnn.models import word2vec
from kerasrnn.optimizers import FusedSGD
from kerasrnn.options import DataSize
from kerasrnn.options import WordVectors as Options
from kerasrnn.plotting import word_vectors
from kerasrnn.tasks.folds.given_rates import GivenRates
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.printing import print_wrapped
from kerasrnn.tasks.task import Task
from kerasrnn.tasks.training import Fitted
from kerasrnn.tasks.word_vectors.linear_decay import LinearDecay
from kerasrnn.tasks.word_vectors.step_size import most_words
from kerasrnn.tasks.word_vectors.task import WordEmbedder, read_running_texts
from kerasrnn.tasks.workers.devices import ONE_DEVICE
from kerasrnn.text import Tokenizer

__all__ = ["VECTORS", "WordVectorsJob"]

# The file in the folder of a run that other programs read.
VECTORS = "vectors.txt"
READ_AT_ONCE = 1024
NO_SIZE = DataSize(examples=1, length=1)  # on which nothing depends
FEWEST = 2  # words
SHOWN, DRAWN = 3, 60


class WordVectorsJob(Job):
    """Trains and evaluates word vectors: `kerasrnn train word-vectors`.

    The learning rate falls by itself, and nothing is validated: what is kept are the weights of the
    last epoch, as in word2vec's program.
    """

    options: Options

    monitor, curve = "pair_loss", "pair_loss"
    unit, rows = "texts", "running words"
    shows_targets = advises = False

    def __init__(self, options: Options):
        super().__init__(options)
        self._running: dict[str, tuple[Any, RunningWords]] = {}
        self._decay = LinearDecay(1.0, 1)

    def check(self) -> None:
        if self.options.level == "character":
            raise UserError(
                "Expected `level` to be word, whitespace or subword. Received: character"
            )
        if self.devices != ONE_DEVICE:
            raise UserError(
                "Expected word-vectors on one device, without `strategy` and `accumulate`. "
                "Received: others"
            )
        self._new_model(5)

    def fit(
        self, lock: FolderLock, rates: GivenRates | None = None, *, tensorboard: bool = False
    ) -> tuple[Task, dict[str, Any], Fitted]:
        self._decay = LinearDecay(1.0, self.options.epochs)
        return super().fit(lock, rates or self._decay, tensorboard=tensorboard)

    def read(self, split: str) -> Any:
        return read_running_texts(self.source(split), self.options)

    def new_task(self, train: Any) -> WordEmbedder:
        tokenizer = Tokenizer.train(
            train.batch(READ_AT_ONCE),
            lowercase=self.options.lowercase,
            **self.options.tokenizer_options(),
        )
        number, least = len(tokenizer.vocabulary.tokens), self.options.min_count
        if number < FEWEST:
            raise UserError(
                f"Expected a text with at least {FEWEST} words that occur {least} times or more. "
                f"Received: {self.options.data} with {number}"
            )
        model = self._new_model(len(tokenizer.vocabulary))
        chosen = self.options.following(NO_SIZE)
        most = most_words(tokenizer.vocabulary.counts or (), chosen)
        values = {"learning_rate": chosen.learning_rate, "batch_size": most}
        self.choose(values, f"for {chosen.architecture} of {number:,} words")
        task = WordEmbedder(model, tokenizer, self.options.record())
        running = self._running_words(task, train, "train")
        total = len(running.ids) + running.left_out
        print_wrapped(
            f"vocabulary: {number:,} words of level {self.options.level}; {running.left_out:,} of "
            f"{total:,} running words ({running.left_out / total:.2%}) occur fewer than {least} "
            "times and are left out"
        )
        return task

    def examples(self, task: WordEmbedder, raw: Any) -> Any:
        return task.contexts(running_words(raw, task.tokenizer))

    def streams(
        self, task: WordEmbedder, raw: Mapping[str, Any], done: int
    ) -> tuple[Any, int, Any]:
        train, validation = (
            self._contexts(task, raw[split], split) for split in ("train", "validation")
        )
        size, seed = self._batch_size, self.options.seed
        stream = train.epochs(size, seed=seed, first_epoch=done)
        return stream, train.steps(size), validation.once(size)

    def padding_in_words(self, task: WordEmbedder, raw: Mapping[str, Any]) -> str:
        return f"each of {self.options.batch_size:,} running words"

    def sizes_of_batches(
        self, task: WordEmbedder, raw: Mapping[str, Any]
    ) -> Iterable[tuple[int, list[int]]]:
        pairs = 2 * self.options.window if self.options.architecture == "skip_gram" else 1
        return [(pairs * self._batch_size, [])]

    def first_batches(self, task: WordEmbedder, raw: Mapping[str, Any], number: int) -> Any:
        return self._contexts(task, raw["train"], "train").once(self._batch_size).take(1)

    @property
    def _batch_size(self) -> int:
        """What was given, or chosen once the words were counted."""
        return int(self.options.batch_size or 1)

    @property
    def _learning_rate(self) -> float:
        return float(self.options.learning_rate or 1.0)

    def names(self, task: WordEmbedder) -> dict[str, Any]:
        return dict.fromkeys(("context", "candidates"), task.tokenizer.vocabulary)

    def counted_names(self, task: WordEmbedder) -> dict[str, Any]:
        return {}

    def compiled_model(self, task: Task, steps_per_epoch: int) -> keras.Model:
        self._decay.begin(self._learning_rate, steps_per_epoch)
        return super().compiled_model(task, steps_per_epoch)

    def optimizer(self, steps_per_epoch: int) -> keras.optimizers.Optimizer:
        return FusedSGD(self._learning_rate)

    def loss(self) -> keras.losses.Loss:
        return NegativeSampling()

    def metrics(self, task: Task) -> list[keras.metrics.Metric]:
        return [PairLoss(), TokenAccuracy("accuracy", ignore_class=None)]

    def report(
        self, task: WordEmbedder, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        vectors = task.vectors
        (folder / VECTORS).unlink(missing_ok=True)  # of the run before it went on
        _write(folder / VECTORS, vectors)
        picture = word_vectors(vectors.words[:DRAWN], vectors.vectors[:DRAWN])
        write_beside(folder / "word_vectors.png", picture.savefig)
        words = vectors.words[:SHOWN]
        nearest = {word: " ".join(each for each, _ in task.neighbors(word)) for word in words}
        return task.evaluate(test), nearest

    def _contexts(self, task: WordEmbedder, raw: Any, split: str) -> WordContexts:
        return task.contexts(self._running_words(task, raw, split))

    def _running_words(self, task: WordEmbedder, raw: Any, split: str) -> RunningWords:
        texts, running = self._running.get(split, (None, None))
        if texts is not raw or running is None:  # which is encoded once, whoever asks
            running = running_words(raw, task.tokenizer)
            self._running[split] = raw, running
        return running

    def _new_model(self, vocabulary_size: int) -> keras.Model:
        window = self.options.window if self.options.architecture == "cbow" else None
        return word2vec(
            vocabulary_size,
            window=window,
            negatives=self.options.negatives,
            embedding=self.options.embedding,
        )


def _write(path: pathlib.Path, vectors: WordVectors) -> None:
    """Writes the vectors of all tokens but those of white space, which separates a word from its
    numbers: the tabs and line ends of texts."""
    spaces = set(WHITE_SPACE)
    kept = [i for i, word in enumerate(vectors.words) if spaces.isdisjoint(word)]
    if len(kept) < len(vectors.words):
        left = [repr(word) for word in vectors.words if not spaces.isdisjoint(word)]
        print_wrapped(f"{path.name}: without {first_of(left, 3)}: white space ends a word there")
    write_vectors(path, [vectors.words[i] for i in kept], vectors.vectors[kept])
