"""Text to probabilities, and text that goes on: language models."""

from __future__ import annotations

import dataclasses
import math
import pathlib
from collections.abc import Iterable, Mapping, Sequence

import keras
import numpy as np

from kerasrnn import export, views
from kerasrnn.datasets import next_tokens, texts
from kerasrnn.decoding import Search
from kerasrnn.tasks.answering import Answering
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import END, PADDING, UNKNOWN, Vocabulary

__all__ = ["LanguageModel"]

CONTEXTS = ("sentence", "stream")
ENCODED_AT_ONCE = 1024
# The greatest number of logits in memory, about 32 MB.
LOGITS_AT_ONCE = 2**22


class LanguageModel(Answering):
    """A language model with its tokenizer.

    Probabilities are over the open vocabulary: the unknown token, which stands for all that the
    vocabulary lacks, and the end token are in it, padding and begin are not.

    Args:
        model: What `language_model` or `fixed_window_language_model` returned, trained or not.
        tokenizer: Tokenizer of the texts.
        context: What the model knows where a text begins: `"sentence"`, nothing; `"stream"`, the
            texts before, as it was trained with `datasets.stream_batches`.
        max_length: The greatest number of tokens of a continuation, the end token included.
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
    served_answer = "perplexity"

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        context: str = "sentence",
        max_length: int = 200,
        settings: Mapping | None = None,
        search: Search | None = None,
    ):
        super().__init__(model, settings)
        self.models = [model]
        if any(tensor.name == "context" for tensor in model.inputs):
            raise ValueError(
                "Expected a model that sees only what is before each token. Received: "
                f"{model.name!r}, which sees what follows too, so that the product of its "
                "probabilities is not the probability of a sentence"
            )
        self.search = Search() if search is None else search
        self._function = export.LanguageModelFunction(model, tokenizer, max_length, self.search)
        size = model.get_layer("token_embedding").input_dim
        if size != len(tokenizer.vocabulary):
            raise ValueError(
                f"Expected a vocabulary of {size} ids, as the model has. "
                f"Received: {len(tokenizer.vocabulary)}"
            )
        if max_length < 1:
            raise ValueError(f"Expected `max_length` of at least 1. Received: {max_length}")
        self.tokenizer = tokenizer
        self.context = _checked(context)
        self.max_length = max_length

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
            raise ValueError("Expected one model: language models are mixed, not joined")
        parts = self.tokenizer, self.context, self.max_length, self.settings
        return LanguageModel(models[0], *parts, changes.get("search", self.search))

    def _inventory(self) -> tuple:
        return self.tokenizer.vocabulary.tokens, self.tokenizer.level

    def generate(self, inputs: Iterable[str], *, max_length: int | None = None, **options):
        """Continues each text with tokens that are drawn at random.

        Args:
            inputs: Texts, which may be empty.
            max_length: The greatest number of tokens, the end token included; that of the task,
                the greatest possible one, by default.
            **options: `seed`, `temperature`, `top_k`, `top_p`: see `sample`.

        Returns:
            The continuations, as those of `predict`. The unknown token is never drawn.

        Raises:
            ValueError: For options out of their range.
        """
        length = self.max_length if max_length is None else max_length
        if not 1 <= length <= self.max_length:
            raise ValueError(
                f"Expected `max_length` from 1 to {self.max_length}. Received: {length}"
            )
        inputs = list(inputs)
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
        log_probs = self.token_log_probs(
            [a + b for a, b in zip(inputs, answers, strict=True)], batch_size, context="sentence"
        )
        before = [len(ids) - 1 for ids, _ in self._encode(list(inputs))]
        return [float(row[n:].sum()) for row, n in zip(log_probs, before, strict=True)]

    def token_log_probs(
        self, inputs: Iterable[str], batch_size: int = 64, *, context: str | None = None
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
        pairs = self._encode(list(inputs))
        return self._log_probs(pairs, batch_size, _checked(context or self.context))

    def read(self, data: str, split: str, data_dir: str | None = None):
        """Reads texts, see `datasets.texts`; a file as the training read it."""
        whole_file = bool(self.settings.get("whole_file", False))
        if data == self.settings.get("data"):
            data, split = source_of(self.settings, split)
        return texts(data, split, data_dir, whole_file=whole_file)

    def evaluate(self, examples, batch_size: int = 64, *, context: str | None = None) -> dict:
        """Measures on texts; every token weighs the same, the end tokens are counted.

        Args:
            examples: A `tf.data.Dataset` of scalar strings, see `datasets.texts`.
            batch_size: Texts in a batch; a stream has one row.
            context: `"sentence"`, each text for itself, or `"stream"`, each with all before it;
                that of the task by default.

        Returns:
            `perplexity`; its binary logarithm `bits_per_token`; for characters also
            `bits_per_character`, all bits, those of the end tokens too, by the number of
            characters without them; `out_of_vocabulary`, the share of the texts' tokens that are
            the unknown one for the model; `tokens`, the number of those scored, end tokens
            included; `examples`.
        """
        inputs = [text.decode("utf-8", "replace") for text in examples.as_numpy_iterator()]
        pairs = self._encode(inputs)
        log_probs = self._log_probs(pairs, batch_size, _checked(context or self.context))
        labels = np.concatenate([labels for _, labels in pairs]) if pairs else np.zeros(0)
        bits = -sum(float(each.sum()) for each in log_probs) / math.log(2)
        spoken = labels[labels != END]
        metrics = {
            "perplexity": 2 ** _ratio(bits, len(labels)),
            "bits_per_token": _ratio(bits, len(labels)),
        }
        if self.tokenizer.level == "character":
            metrics["bits_per_character"] = _ratio(bits, len(spoken))
        return {
            **metrics,
            "out_of_vocabulary": _ratio(np.count_nonzero(spoken == UNKNOWN), len(spoken)),
            "tokens": len(labels),
            "examples": len(inputs),
        }

    def served_perplexities(self, inputs: Sequence[str]) -> list[float]:
        """Gives the perplexity of each text for itself, as an export says it."""
        outputs = self.call("serving_default", inputs)
        return [float(each) for each in outputs.get("perplexity", [])]

    def _encode(self, inputs: list[str]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Gives for each text the ids to read and those to predict."""
        pairs = []
        for start in range(0, len(inputs), ENCODED_AT_ONCE):
            batch = export.as_text(inputs[start : start + ENCODED_AT_ONCE])
            rows = [
                np.split(ids.flat_values.numpy(), ids.row_splits.numpy()[1:-1])
                for ids in next_tokens(batch, self.tokenizer)
            ]
            pairs += zip(*rows, strict=True)
        return pairs

    def _log_probs(self, pairs: list, batch_size: int, context: str) -> list[np.ndarray]:
        if not pairs:
            return []
        lengths = [len(labels) for _, labels in pairs]
        if context == "stream":
            joined = tuple(np.concatenate([pair[i] for pair in pairs]) for i in (0, 1))
            (scores,) = self._rows_log_probs([joined])
            return np.split(scores, np.cumsum(lengths)[:-1])
        order = sorted(range(len(pairs)), key=lambda i: lengths[i])
        log_probs: list = [None] * len(pairs)
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            rows = self._rows_log_probs([pairs[i] for i in chosen])
            for i, row in zip(chosen, rows, strict=True):
                log_probs[i] = row
        return log_probs

    def _rows_log_probs(self, pairs: list) -> list[np.ndarray]:
        """Scores the rows of a batch, a piece at a time, so that any length will do."""
        length = max(len(labels) for _, labels in pairs)
        tokens, labels = (_padded([pair[i] for pair in pairs], length) for i in (0, 1))
        states = views.initial_states(self.model, len(pairs))
        piece = max(1, LOGITS_AT_ONCE // (len(pairs) * len(self.tokenizer.vocabulary)))
        log_probs = []
        for start in range(0, length, piece):
            columns = np.s_[:, start : start + piece]
            scores, states = self._function.score(tokens[columns], labels[columns], states)
            log_probs.append(scores.numpy())
        log_probs = np.concatenate(log_probs, axis=1)
        return [row[: len(pair[1])] for row, pair in zip(log_probs, pairs, strict=True)]

    def _save_parts(self, folder: pathlib.Path) -> dict:
        self.tokenizer.vocabulary.save(folder / "vocabulary.txt")
        return {
            "level": self.tokenizer.level,
            "context": self.context,
            "max_length": self.max_length,
            "search": dataclasses.asdict(self.search),
        }

    @classmethod
    def _load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict) -> LanguageModel:
        tokenizer = Tokenizer(Vocabulary.load(folder / "vocabulary.txt"), config["level"])
        options = (config[name] for name in ("context", "max_length", "settings"))
        return cls(model, tokenizer, *options, Search(**config.get("search", {})))


def source_of(settings: Mapping, split: str) -> tuple[str, str | None]:
    """Says where a training reads a split: the data set or file, and the split of it."""
    validation = settings.get("validation_data")
    if validation is None:
        return settings["data"], split
    test = settings.get("test_data") or validation
    return {"train": settings["data"], "validation": validation, "test": test}[split], None


def _checked(context: str) -> str:
    if context not in CONTEXTS:
        raise ValueError(f"Expected `context` to be one of {CONTEXTS}. Received: {context!r}")
    return context


def _ratio(numerator: float, denominator: int) -> float:
    return float(numerator / denominator) if denominator else float("nan")


def _padded(rows: list[np.ndarray], length: int) -> np.ndarray:
    padded = np.full((len(rows), length), PADDING, "int32")
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return padded
