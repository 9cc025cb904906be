"""Text to probabilities, and text that goes on: language models."""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import export, options
from kerasrnn.checks import UserError, check_integer, check_length, check_texts
from kerasrnn.datasets import next_tokens, text_inputs
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.decoding import Search
from kerasrnn.language_modeling import NeuralModel
from kerasrnn.language_modeling.neural.neural_model import check_context
from kerasrnn.options.words import Context
from kerasrnn.tasks.answering import Answering
from kerasrnn.tasks.language_model.signatures import LanguageModelSignatures
from kerasrnn.tasks.language_model.text_counts import report_of_counts, text_counts
from kerasrnn.tasks.language_model.text_sources import read_texts, source_of
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.records import no_classes
from kerasrnn.text import Tokenizer
from kerasrnn.views.logits import check_logits

__all__ = ["LanguageModel"]

ENCODED_AT_ONCE = 1024
STREAM = "'stream', in which the score of a text depends on all texts before it"


class LanguageModel(Answering):
    """A language model with its tokenizer.

    Probabilities are over the open vocabulary: the unknown token, which stands for all that the
    vocabulary lacks, and the end token are in it, padding and begin are not.

    Args:
        model: What `language_model` or `fixed_window_language_model` returned, trained or not.
        tokenizer: Tokenizer of the texts.
        context: What the model knows where a text begins: `"sentence"`, nothing; `"stream"`, the
            texts before, as it was trained with `datasets.stream_batches`.
        max_length: Maximum number of tokens of a continuation, the end token included.
        settings: What the training was told, for the record.
        search: How continuations are searched for; greedily by default.

    Raises:
        ValueError: For a model that sees more of a text than what is before each token, or a
            vocabulary that is not the one it was built for.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary("abc"))
    >>> task = LanguageModel(language_model(len(tokenizer.vocabulary), units=5), tokenizer)
    >>> [log_probs.shape for log_probs in task.token_log_probs(["cab", ""])]
    [(4,), (1,)]
    """

    name = "language-model"
    options_class = options.LanguageModel
    served_answer = "perplexity"
    tally_batch = 64

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        context: Context = "sentence",
        max_length: int = 200,
        settings: Mapping | None = None,
        search: Search | None = None,
    ):
        super().__init__(model, settings)
        check_logits(model, one_class=True)
        self.models = [model]
        if any(tensor.name == "context" for tensor in model.inputs):
            raise UserError(
                "Expected a model that sees only what is before each token. Received: "
                f"{model.name!r}, which sees what follows too, so that the product of its "
                "probabilities is not the probability of a sentence"
            )
        self.search = Search() if search is None else search
        if self.search.coverage_penalty or self.search.replace_unknown:
            raise UserError(
                "Expected neither `coverage_penalty` nor `replace_unknown`: a language model has "
                f"no source. Received: {self.search}"
            )
        self._neural = NeuralModel(model, tokenizer.vocabulary, context)
        check_length("max_length", max_length)
        self.tokenizer, self.max_length = tokenizer, max_length
        self.context: Context = context

    def new_signatures(self) -> LanguageModelSignatures:
        return LanguageModelSignatures(self.model, self.tokenizer, self.max_length, self.search)

    def predict(self, inputs: Iterable[str], batch_size: int = 256) -> list[str]:
        """Continues each text with what the search finds most likely, up to its end.

        Args:
            inputs: Texts, which may be empty, in any number.
            batch_size: Texts in a batch; like lengths go together, the order stays.

        Returns:
            The continuations, as many as there are inputs; each is what is to be put behind the
            text, with the space in front that a word needs.
        """
        outputs = self.call("continue", inputs, batch_size)
        return [text.decode("utf-8", "replace") for text in outputs.get("text", [])]

    def _with(self, **changes) -> LanguageModel:
        models = changes.get("models", self.models)
        if len(models) > 1:
            raise UserError("Expected one model: language models are mixed, not joined")
        parts = self.tokenizer, self.context, self.max_length, self.settings
        return LanguageModel(models[0], *parts, changes.get("search", self.search))

    def _inventory(self) -> tuple:
        return self.tokenizer.key()

    def generate(
        self, inputs: Iterable[str], *, max_length: int | None = None, **options: Any
    ) -> list[str]:
        """Continues each text with tokens that are drawn at random.

        Args:
            inputs: Texts, which may be empty.
            max_length: Maximum number of tokens, the end token included; that of the task,
                the greatest possible one, by default.
            **options: `seed`, `temperature`, `top_k`, `top_p`: see `sample`.

        Returns:
            The continuations, as those of `predict`. The unknown token is never drawn.

        Raises:
            ValueError: For options out of their range.
        """
        length = self.max_length if max_length is None else max_length
        check_integer("max_length", length, most=self.max_length)
        inputs = self.checked(inputs)
        return self.sample(inputs, max_length=np.full(len(inputs), length, "int32"), **options)

    def score(self, inputs: Sequence[str], answers: Sequence[str], batch_size: int = 256) -> list:
        """Gives the natural log-probability of given continuations, end tokens included.

        Args:
            inputs: Texts.
            answers: What follows each.
            batch_size: Texts in a batch.

        Returns:
            A number for each: the log-probability of all of it less that of the text alone, which
            is not over yet.
        """
        inputs, answers = self.checked(inputs), check_texts("answers", answers)
        if len(inputs) != len(answers):
            raise UserError(
                f"Expected an answer for each of {len(inputs)} inputs. Received: {len(answers)}"
            )
        log_probs = self.token_log_probs(
            [a + b for a, b in zip(inputs, answers, strict=True)], batch_size, context="sentence"
        )
        before = [len(row) - 1 for row in self._encode(inputs)]
        return [float(row[n:].sum()) for row, n in zip(log_probs, before, strict=True)]

    def token_log_probs(
        self, inputs: Iterable[str], batch_size: int = 64, *, context: Context | None = None
    ) -> list[np.ndarray]:
        """Gives the natural log-probability of each token of each text, given those before it.

        Args:
            inputs: Texts, in any number, in their order where the context is a stream.
            batch_size: Texts in a batch; a stream has one row.
            context: `"sentence"` or `"stream"`, see the class; that of the task by default.

        Returns:
            For each text of n tokens `(n + 1,)` float64: its tokens, and the end token, which is
            scored too; their sum is the natural logarithm of the text's probability.
        """
        return self._log_probs(self._encode(self.checked(inputs)), batch_size, context)[0]

    def next_token_model(self) -> NeuralModel:
        """Returns the model under the contract of all language models.

        Its sentences are sequences of the tokenizer's tokens; a string is one of words between
        spaces, which are the tokens where `level` is `"whitespace"`.
        """
        return self._neural

    def read_source(self, source: options.Source) -> Any:
        """Reads texts, see `datasets.texts`; a file as the training read it."""
        if source.data == self.options.data:
            data, split = source_of(self.options, source.split)
            source = dataclasses.replace(source, data=data, split=split)
        return read_texts(source, self.options)

    def evaluate(
        self, examples: Any, batch_size: int = 64, *, context: Context | None = None
    ) -> dict:
        """Measures on texts; every token weighs the same, the end tokens are counted.

        Args:
            examples: A `tf.data.Dataset` of scalar strings, see `datasets.texts`; or texts as a
                list, a column of a table or a generator.
            batch_size: Texts in a batch; a stream has one row.
            context: `"sentence"`, each text for itself, or `"stream"`, each with all before it;
                that of the task by default.

        Returns:
            The parts of a `language_modeling.TextReport`, as `kerasrnn perplexity` gives them:
            `perplexity`, `bits_per_token`, `bits_per_character`, `log_prob`, `tokens`,
            `out_of_vocabulary` and others; and `examples`, the number of texts.
        """
        return self.figures_of(self.tallies(examples, batch_size, context=context))

    def raw(self, examples: Any) -> Any:
        return as_dataset(examples, ("text",))

    def tallies(
        self,
        examples: Any,
        batch_size: int | None = None,
        rows: range | None = None,
        *,
        context: Context | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Counts piece by piece, a stream only as a whole; `context` as in `evaluate`."""
        if rows is not None:
            self.check_pieces()
        states, batch_size = None, self.tally_batch if batch_size is None else batch_size
        texts = (text.decode("utf-8", "replace") for text in self.rows_of(examples, rows))
        while inputs := list(itertools.islice(texts, self.evaluated_at_once)):
            ids = self._encode(inputs)
            log_probs, states = self._log_probs(ids, batch_size, context, states)
            yield text_counts(ids, log_probs)

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return report_of_counts(tallies, self.tokenizer.vocabulary)

    def check_pieces(self) -> None:
        if self.context == "stream":
            raise UserError(f"Expected the context 'sentence' for shards. Received: {STREAM}")

    def read_inputs(self, source: options.Source) -> Iterator[Any]:
        return text_inputs(source.data, "text", **source.form)

    def records(self, inputs: Iterable[str], *, probabilities: bool = False) -> list[dict]:
        no_classes(probabilities, "texts")
        inputs = self.checked(inputs)
        outputs = self.call("continue", inputs)
        found = zip(inputs, outputs.get("text", []), outputs.get("log_prob", []), strict=True)
        return [
            {"text": each, "continuation": text.decode("utf-8", "replace"), "log_prob": float(prob)}
            for each, text, prob in found
        ]

    def served_perplexities(self, inputs: Sequence[str]) -> list[float]:
        """Gives the perplexity of each text for itself, as an export says it."""
        outputs = self.call("serving_default", inputs)
        return [float(each) for each in outputs.get("perplexity", [])]

    def _encode(self, inputs: list[str]) -> list[np.ndarray]:
        """Gives for each text its ids and the end id."""
        rows = []
        for start in range(0, len(inputs), ENCODED_AT_ONCE):
            batch = export.as_text(inputs[start : start + ENCODED_AT_ONCE])
            _, labels = next_tokens(batch, self.tokenizer)
            rows += np.split(labels.flat_values.numpy(), labels.row_splits.numpy()[1:-1])
        return rows

    def _log_probs(
        self, rows: list, batch_size: int, context: Context | None, states: dict | None = None
    ) -> tuple[list[np.ndarray], dict | None]:
        """Scores rows; with the states behind the last one where they are a stream."""
        reader = self._neural.reader
        if check_context(context or self.context) == "stream":
            readings, states = reader.stream(rows, states or reader.states(1))
        else:
            readings = reader.sentences(rows, batch_size)
        return [reading.log_probs for reading in readings], states

    def save_parts(self, folder: pathlib.Path) -> dict:
        self.tokenizer.save(folder)
        return {
            "context": self.context,
            "max_length": self.max_length,
            "search": dataclasses.asdict(self.search),
        }

    @classmethod
    def load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict) -> LanguageModel:
        tokenizer = load_tokenizer(folder, config, level=config.get("level"))
        parts = config["context"], config["max_length"], config["settings"]
        return cls(model, tokenizer, *parts, Search(**config.get("search", {})))
