"""Text to text: translation, normalisation, dialogue."""

from __future__ import annotations

import dataclasses
import math
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_length, check_texts
from kerasrnn.datasets import dialogue_pairs, pair_batches, text_inputs, text_pairs
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.decoding import Search
from kerasrnn.models.wiring import embedding_of, layers_by_name
from kerasrnn.options import Source
from kerasrnn.tasks.answering import Answer, Answering
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.mistakes import mistakes_of
from kerasrnn.tasks.records import no_classes, text_records
from kerasrnn.tasks.tallies.text_tally import text_figures, text_tally
from kerasrnn.tasks.text_metrics import comparable
from kerasrnn.tasks.translate.signatures import TranslationSignatures, check_search
from kerasrnn.text import Tokenizer
from kerasrnn.views.logits import check_logits

__all__ = ["Translation", "Translator", "read_pairs"]

SIDES = ("source", "target")


@dataclasses.dataclass(frozen=True)
class Translation(Answer):
    """An answer and where it came from.

    Attributes:
        source_tokens: The S tokens of the input, as the model saw them.
        target_tokens: The T tokens of the answer; the last is `<end>` unless it was cut.
        attention: `(T, S)` float32 weights, row t for target token t; `None` without attention.
    """

    source_tokens: list[str]
    target_tokens: list[str]
    attention: np.ndarray | None


class Translator(Answering):
    """An encoder-decoder with the tokenizers of both sides.

    Args:
        model: What `encoder_decoder` returned, trained or not; or several of them, whose
            probabilities are averaged.
        source: Tokenizer of the source.
        target: Tokenizer of the target.
        max_length: Maximum number of tokens of an answer, the end token included.
        settings: What the training was told, for the record.
        search: How answers are searched for; greedily by default.

    Raises:
        ValueError: Where the vocabularies are not those that the model was built for.

    Example:

    >>> source, target = Tokenizer(Vocabulary("abc")), Tokenizer(Vocabulary("0123"))
    >>> model = encoder_decoder(len(source.vocabulary), len(target.vocabulary), units=5)
    >>> answers = Translator(model, source, target, max_length=7).predict(["cab", "b"])
    """

    name = "translate"
    options_class = options.Translate

    def __init__(
        self,
        model: keras.Model | Sequence[keras.Model],
        source: Tokenizer,
        target: Tokenizer,
        max_length: int = 200,
        settings: Mapping[str, Any] | None = None,
        search: Search | None = None,
    ):
        self.models = [model] if isinstance(model, keras.Model) else list(model)
        super().__init__(self.models[0], settings)
        received = len(source.vocabulary), len(target.vocabulary)
        for each in self.models:
            check_logits(each, one_class=True)
            embedding = embedding_of(layers_by_name(each), "source")
            sizes = embedding.input_dim, each.output_shape[-1]
            if sizes != received:
                raise UserError(
                    f"Expected vocabularies of {sizes[0]} and {sizes[1]} ids, as the model has. "
                    f"Received: {received[0]} and {received[1]}"
                )
        check_length("max_length", max_length)
        self.source = source
        self.target = target
        self.max_length = max_length
        self.search = Search() if search is None else search
        check_search(self.search, self.models)

    def new_signatures(self) -> TranslationSignatures:
        parts = self.source, self.target, self.max_length, self.search
        return TranslationSignatures(self.models, *parts)

    def _with(self, **changes) -> Translator:
        models = changes.get("models", self.models)
        parts = self.source, self.target, self.max_length, self.settings
        return Translator(models, *parts, changes.get("search", self.search))

    def _inventory(self) -> tuple:
        sides = self.source, self.target
        return tuple(side.key() for side in sides)

    def predict(self, inputs: Iterable[str], batch_size: int = 256) -> list[str]:
        """Translates texts.

        Args:
            inputs: Texts, in any number.
            batch_size: Texts in a batch; like lengths go together, the order stays.

        Returns:
            The answers, as many as there are inputs.
        """
        outputs = self.call("serving_default", inputs, batch_size)
        return [text.decode("utf-8", "replace") for text in outputs.get("text", [])]

    def translate(self, inputs: Iterable[str], batch_size: int = 256) -> list[Translation]:
        """Translates texts and tells the score, the tokens and the attention of each.

        Args:
            inputs: Texts.
            batch_size: Texts in a batch.

        Returns:
            A `Translation` for each.
        """
        outputs = self.call("serving_default", inputs, batch_size)
        return [
            _translation(dict(zip(outputs, row, strict=True)))
            for row in zip(*outputs.values(), strict=True)
        ]

    def complete(self, inputs: Sequence[str], prefixes: Sequence[str]) -> list[str]:
        """Translates texts with answers whose beginnings are given.

        Args:
            inputs: Texts.
            prefixes: What each answer begins with.

        Returns:
            The answers, their beginnings included.
        """
        prefixes = check_texts("prefixes", prefixes)
        outputs = self.call("complete", inputs, prefix=prefixes)
        return [text.decode("utf-8", "replace") for text in outputs.get("text", [])]

    def read_source(self, source: Source) -> Any:
        """Reads pairs of texts, or dialogues where it was trained on some; see `datasets`."""
        return read_pairs(source, self.options)

    def evaluate(self, pairs: Any, batch_size: int = 256) -> dict[str, Any]:
        """Measures on pairs of texts.

        Args:
            pairs: A `tf.data.Dataset` of `(source, target)` strings, see `datasets.text_pairs`; or
                a list, a table or a generator of them.
            batch_size: Pairs in a batch.

        Returns:
            `exact_match`, the share of answers that equal the target; `perplexity` and
            `token_accuracy` under teacher forcing, end token included; `bleu` and `chrf` of the
            texts with their signatures, see `metrics.text_overlap`, or a `note` where sacreBLEU
            is not installed; `examples`.
        """
        return self.figures_of(self.tallies(pairs, batch_size))

    def raw(self, examples: Any) -> Any:
        return as_dataset(examples, SIDES)

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        encoded = pair_batches(self.raw(rows), self.source, self.target, batch_size)
        batches = ((*each, self.log_probs_on_batch(each[0])) for each in encoded)
        sources, targets = ([row[side].decode("utf-8") for row in rows] for side in (0, 1))
        answers = self.predict(sources, batch_size)
        return text_tally(batches, comparable(targets, self.target), answers)

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return text_figures(tallies)

    def read_inputs(self, source: Source) -> Iterator[Any]:
        if self.options.turns and form_of(source.data) == ".tsv":
            pairs = dialogue_pairs(source.data, None, self.options.turns, **source.form)
            return (text.decode("utf-8") for text, _ in pairs.as_numpy_iterator())
        return text_inputs(source.data, "source", **source.form)

    def records(
        self, inputs: Iterable[str], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        no_classes(probabilities, "texts")
        inputs = self.checked(inputs)
        return text_records("source", inputs, self.translate(inputs))

    def mistakes(self, examples: Any) -> list[dict[str, Any]]:
        """Lists the texts whose answer is not the target, see `mistakes.mistakes_of`."""
        rows = self.rows_of(examples)
        pairs = [tuple(text.decode("utf-8") for text in pair) for pair in rows]
        sources, targets = ([pair[side] for pair in pairs] for side in (0, 1))
        found = self.translate(sources)
        answers, probabilities = [a.text for a in found], [math.exp(a.log_prob) for a in found]
        return mistakes_of(sources, comparable(targets, self.target), answers, probabilities)

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        for side in SIDES:
            getattr(self, side).save(folder, f"{side}_vocabulary")
        return {"max_length": self.max_length, "search": dataclasses.asdict(self.search)}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> Translator:
        source, target = (
            load_tokenizer(folder, config, f"{side}_vocabulary", level=config.get(f"{side}_level"))
            for side in SIDES
        )
        search = Search(**config.get("search", {}))
        return cls(model, source, target, config["max_length"], config["settings"], search)


def _translation(row: dict[str, Any]) -> Translation:
    return Translation(
        text=row["text"].decode("utf-8", "replace"),
        log_prob=float(row["log_prob"]),
        score=float(row["score"]),
        source_tokens=[token.decode("utf-8", "replace") for token in row["source_tokens"] if token],
        target_tokens=[token.decode("utf-8", "replace") for token in row["target_tokens"]],
        attention=row.get("attention"),
    )


def read_pairs(source: options.Source, options: options.Translate) -> Any:
    """Reads pairs of texts, or of turns of a dialogue and their answers."""
    if options.turns:
        data, split, data_dir = source.place
        return dialogue_pairs(data, split, options.turns, data_dir, **source.form)
    return text_pairs(*source.place, **source.form)
