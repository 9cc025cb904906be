"""Words to vectors, and to the words that are nearest."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasrnn import options
from kerasrnn.checks import UserError
from kerasrnn.datasets import RunningWords, WordContexts, text_inputs, texts
from kerasrnn.datasets.contexts.running_words import running_words
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.embeddings import WordVectors, nearest_words
from kerasrnn.losses import NegativeSampling
from kerasrnn.options import Source
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.records import no_classes
from kerasrnn.tasks.tallies.sums import exact, exact_sum
from kerasrnn.tasks.tallies.tallied import Tallied
from kerasrnn.tasks.word_vectors.signatures import WordVectorSignatures
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import RESERVED

__all__ = ["WordEmbedder", "read_running_texts"]

WORDS_AT_ONCE = 1000


class WordEmbedder(Tallied):
    """Vectors of words with the tokenizer that finds the words in a text.

    Args:
        model: What `word2vec` returned, trained or not.
        tokenizer: Tokenizer of the texts, whose vocabulary has counts.
        settings: What the training was told, for the record.

    Raises:
        ValueError: For a vocabulary that is not the one the model was built for.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary(["king", "queen"], [3, 2]), "word")
    >>> task = WordEmbedder(kerasrnn.models.word2vec(6, embedding=5), tokenizer)
    >>> [vector.shape for vector in task.predict(["king", "unheard"])]
    [(5,), (5,)]
    """

    name = "word-vectors"
    options_class = options.WordVectors
    served_answer = "vector"
    unit = "text"
    steps = {"vector": "number"}

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        settings: Mapping[str, Any] | None = None,
    ):
        super().__init__(model, settings)
        size, known = model.get_layer("token_embedding").input_dim, len(tokenizer.vocabulary)
        if size != known:
            raise UserError(
                f"Expected a vocabulary of {size} ids, as the model has. Received: {known}"
            )
        self.tokenizer = tokenizer

    @property
    def vectors(self) -> WordVectors:
        """The vectors of all words, the most frequent one first."""
        weights = self.model.get_layer("token_embedding").get_weights()[0]
        return WordVectors(self.tokenizer.vocabulary.tokens, weights[len(RESERVED) :])

    def neighbors(self, word: str, number: int = 10) -> list[tuple[str, float]]:
        """Finds the nearest words, see `embeddings.nearest_words`.

        Args:
            word: A word of the vocabulary.
            number: How many.

        Returns:
            Words with the cosine of the angle between their vectors and that of the word.
        """
        return nearest_words(self.vectors, word, number)

    @property
    def shown_output(self) -> tuple[str, str]:
        return "neighbors", "words"

    def new_signatures(self) -> WordVectorSignatures:
        return WordVectorSignatures(self.model, self.tokenizer)

    def predict(self, inputs: Iterable[str], batch_size: int = 256) -> list[np.ndarray]:
        """Looks up vectors.

        Args:
            inputs: Words; of a text of several the answer is the mean of their vectors.
            batch_size: Inputs in a batch.

        Returns:
            `(D,)` float32 for each; zeros where no word has a vector.
        """
        return self.call("serving_default", inputs, batch_size).get("vector", [])

    def records(self, inputs: Iterable[str], *, probabilities: bool = False) -> list[dict]:
        no_classes(probabilities, "vectors")
        inputs = self.checked(inputs)
        outputs = self.call("serving_default", inputs)
        found = zip(inputs, outputs.get("known", []), outputs.get("vector", []), strict=True)
        return [
            {"text": text, "known": int(known), "vector": vector.tolist()}
            for text, known, vector in found
        ]

    def read_source(self, source: Source) -> Any:
        """Reads texts, see `datasets.texts`."""
        return read_running_texts(source, self.options)

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return text_inputs(source.data, "text", **source.form)

    def evaluate(self, examples: Any, batch_size: int = 256) -> dict[str, Any]:
        """Measures how well right words are told from drawn ones in texts.

        Windows, drawn words and what is left out of frequent words are drawn as in training, with
        a seed that is always the same.

        Args:
            examples: A `tf.data.Dataset` of scalar strings, see `datasets.texts`; or texts as a
                list, a column of a table or a generator.
            batch_size: As in all tasks, without an effect: 1,000 running words are a batch.

        Returns:
            `pair_loss`, the mean of `losses.NegativeSampling` over the examples that are made of
            the texts; `accuracy`, how often the right word has the greatest logit; `pairs`, their
            number; `tokens` and `out_of_vocabulary`, the number of running words and the fraction
            of them that is left out; `examples`, the number of texts.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def raw(self, examples: Any) -> Any:
        return as_dataset(examples, ("text",))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        written = [row.decode("utf-8", "replace") for row in rows]
        running = running_words(self.raw(written), self.tokenizer)
        loss, losses, right = NegativeSampling(None), [], 0
        for x, y, weights in self.contexts(running).epoch(WORDS_AT_ONCE, [0]):
            real = weights > 0
            logits = self.model(x, training=False)
            losses.append(np.asarray(loss(y, logits))[real])
            best = ops.convert_to_numpy(ops.argmax(logits, axis=-1))
            right += int((best == y)[real].sum())
        return {
            "loss": exact(math.fsum(float(each.sum(dtype=np.float64)) for each in losses)),
            "pairs": sum(map(len, losses)),
            "right": right,
            "tokens": len(running.ids) + running.left_out,
            "left_out": running.left_out,
            "examples": len(rows),
        }

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        tallies = list(tallies)
        counted = ("pairs", "right", "tokens", "left_out", "examples")
        total = {name: sum(tally[name] for tally in tallies) for name in counted}
        pairs, tokens = max(total["pairs"], 1), max(total["tokens"], 1)
        return {
            "pair_loss": exact_sum(tally["loss"] for tally in tallies) / pairs,
            "accuracy": total["right"] / pairs,
            "pairs": total["pairs"],
            "tokens": total["tokens"],
            "out_of_vocabulary": total["left_out"] / tokens,
            "examples": total["examples"],
        }

    def contexts(self, running: RunningWords) -> WordContexts:
        """Makes of running words what the training made of its own."""
        width, candidates = (tensor.shape[1] for tensor in self.model.inputs)
        return WordContexts(
            running,
            _counts_of(self.tokenizer),
            "skip_gram" if width == 1 else "cbow",
            self.options.window if width == 1 else width // 2,
            candidates - 1,
            self.options.subsample,
        )

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        self.tokenizer.save(folder)
        return {}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> WordEmbedder:
        return cls(model, load_tokenizer(folder, config), config["settings"])


def _counts_of(tokenizer: Tokenizer) -> Sequence[int]:
    """Returns how often each id occurs in training, 0 for the reserved ones."""
    vocabulary = tokenizer.vocabulary
    return [0] * len(RESERVED) + list(vocabulary.counts or [1] * len(vocabulary.tokens))


def read_running_texts(source: Source, given: options.WordVectors) -> Any:
    """Reads texts as a training does."""
    return texts(*source.place, whole_file=given.whole_file, **source.form)
