"""Tokens to a label each: word classes, entities."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_sentences, check_texts
from kerasrnn.datasets import TaggedSplit, tagged_inputs
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.files import split_words
from kerasrnn.layers.bio import mark_entities
from kerasrnn.losses import CRF  # noqa: F401 (registers the loss that a saved model may have)
from kerasrnn.metrics import class_report
from kerasrnn.metrics.class_report import entity_counts, scores_of_counts
from kerasrnn.options import Source
from kerasrnn.tasks.batching import run_in_batches, without_padding
from kerasrnn.tasks.class_metrics import class_metrics
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.mistakes import mistakes_of_steps
from kerasrnn.tasks.tag.own_scheme import in_own_scheme, own_scheme, read_in_own_scheme
from kerasrnn.tasks.tag.signatures import TaggingSignatures, as_tokens
from kerasrnn.tasks.tag.tagged_sentence import Entity, Tagging
from kerasrnn.tasks.tallies.entity_totals import entity_totals, scores_of_all
from kerasrnn.tasks.tallies.pair_counts import confusion_of, pair_counts
from kerasrnn.tasks.tallies.tallied import Tallied
from kerasrnn.text import Tokenizer
from kerasrnn.views.logits import check_logits

__all__ = ["Entity", "Tagger", "Tagging"]

WORDS, CHARACTERS = "vocabulary", "characters"  # names of files
STEPS = ("tokens", "labels", "confidences")


class Tagger(Tallied):
    """A `many_to_many` with the vocabulary of its tokens and the names of its labels.

    Args:
        model: What `many_to_many` returned for token ids, trained or not.
        words: Tokenizer whose vocabulary has the tokens, of the level `"whitespace"`.
        labels: Names of the L labels, in the order of the model's outputs.
        characters: Tokenizer of the level `"character"`, for a model that reads characters too.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the vocabularies or the labels are not those that the model was built
            for.

    Example:

    >>> words = Tokenizer(Vocabulary(["the", "cat"]), "whitespace")
    >>> model = many_to_many(len(words.vocabulary), 2, units=5)
    >>> tagger = Tagger(model, words, ["DET", "NOUN"])
    >>> [len(labels) for labels in tagger.predict([["the", "cat"], "the cat sleeps", ""])]
    [2, 3, 0]
    """

    name = "tag"
    options_class = options.Tag
    served_answer = "labels"
    unit = "sentence"
    steps = {**{name: name.removesuffix("s") for name in STEPS}, "probabilities": "probability"}

    def __init__(
        self,
        model: keras.Model,
        words: Tokenizer,
        labels: Sequence[str],
        characters: Tokenizer | None = None,
        settings: Mapping | None = None,
    ):
        super().__init__(model, settings)
        check_logits(model, one_class=True)
        labels = check_texts("labels", labels, "labels")
        expected = _sizes(model)
        letters = None if characters is None else len(characters.vocabulary)
        received = len(words.vocabulary), len(labels), letters
        if expected != received:
            raise UserError(
                "Expected the numbers of tokens, labels and characters that the model has, "
                f"{expected}. Received: {received}"
            )
        if len(set(labels)) != len(labels) or "" in labels:
            raise UserError(f"Expected distinct labels with a name. Received: {list(labels)}")
        self.words = words
        self.labels = tuple(labels)
        self.characters = characters

    def new_signatures(self) -> TaggingSignatures:
        return TaggingSignatures(self.model, self.words, self.labels, self.characters)

    def predict(self, inputs: Iterable, batch_size: int = 256) -> list[list[str]]:
        """Labels the tokens of each sentence.

        Args:
            inputs: Sentences, each a list of tokens, or a text with white space between them.
            batch_size: Sentences in a batch; like lengths go together, the order stays.

        Returns:
            A list of labels for each sentence, as many as it has tokens.
        """
        return [tagging.labels for tagging in self.tag(inputs, batch_size)]

    def tag(self, inputs: Iterable, batch_size: int = 256) -> list[Tagging]:
        """Labels sentences and tells how sure it is, and which entities there are.

        Args:
            inputs: Sentences, as above.
            batch_size: Sentences in a batch.

        Returns:
            A `Tagging` for each.
        """
        sentences = [_tokens(sentence) for sentence in self.checked(inputs)]
        outputs = run_in_batches(
            lambda chosen: self.signatures.functions["tokens"](*as_tokens(chosen)),
            sentences,
            [len(tokens) for tokens in sentences],
            batch_size,
        )
        outputs = without_padding(outputs, self.signatures.lengths["tokens"])
        with_entities = mark_entities(self.labels)
        return [
            Tagging.of({name: rows[i] for name, rows in outputs.items()}, with_entities)
            for i in range(len(sentences))
        ]

    def read_source(self, source: Source) -> Any:
        """Reads sentences with a label for each token, see `datasets.tagged_tokens`.

        Labels that mark entities by another scheme than that of the task become its own.
        """
        # A run that is older than schemes reads its own data as it did in training.
        other = str(source.data) != self.options.data
        guess = other or self.options.scheme is not None
        found = TaggedSplit(*source.place, **source.form, guess=guess)
        return read_in_own_scheme(found, own_scheme(self.labels, self.options.scheme))

    def raw(self, examples: Any) -> Any:
        return as_dataset(examples, ("tokens", "labels"), ranks={"tokens": 1, "labels": 1})

    def rows_of(self, examples: Any, rows: range | None = None) -> Iterator[Any]:
        """Yields the tokens and the true labels of sentences, in the scheme of this task.

        The scheme is that of all labels there are, whichever rows are meant.
        """
        data, own = self.raw(examples), own_scheme(self.labels, self.options.scheme)
        rewrite = in_own_scheme((_texts(labels) for _, labels in data.as_numpy_iterator()), own)
        for tokens, labels in super().rows_of(data, rows):
            yield tokens, rewrite(_texts(labels))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        true = [labels for _, labels in rows]
        answers = self.predict([tokens for tokens, _ in rows], batch_size)
        flat, found = ([label for labels in each for label in labels] for each in (true, answers))
        tally = {"pairs": pair_counts(flat, found), "examples": len(rows)}
        marked = mark_entities(self.labels)
        return {**tally, "entities": entity_counts(true, answers)} if marked else tally

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        tallies = list(tallies)
        metrics = class_metrics(confusion_of(tallies, self.labels), self.labels)
        if mark_entities(self.labels):
            del metrics["macro_f1"]
            metrics |= scores_of_all(tallies)
        return {**metrics, "examples": sum(tally["examples"] for tally in tallies)}

    def evaluate(self, examples: Any, batch_size: int = 256) -> dict[str, float]:
        """Measures on sentences with their right labels.

        Args:
            examples: A `tf.data.Dataset` of `(tokens, labels)`, `(T,)` string each, see
                `datasets.tagged_tokens`; or a list, a table or a generator of them.
            batch_size: Sentences in a batch.

        Returns:
            `accuracy` over tokens; where the labels mark entities, their `precision`, `recall`
            and `f1`, elsewhere `macro_f1`, the mean of the labels' F1; `unseen_labels`, where there
            are right labels that no training has seen, which count as errors; `examples`, the
            number of sentences.

        Raises:
            ValueError: Where no right label was seen in training.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def confusion(self, examples: Any, batch_size: int = 256) -> np.ndarray:
        """Counts which label is answered where which is right, see `metrics.confusion_counts`.

        Args:
            examples: As in `evaluate`.
            batch_size: Sentences in a batch.

        Returns:
            `(L, L)` int64, a row for each right label and a column for each answer.
        """
        return confusion_of(self.tallies(examples, batch_size), self.labels)

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return tagged_inputs(source.data, **source.form)

    def records(self, inputs: Iterable, *, probabilities: bool = False) -> list[dict]:
        found = self.tag(inputs)
        records = []
        for each in found:
            record: dict[str, Any] = {"tokens": each.tokens, "labels": each.labels}
            record |= {"confidences": each.confidences.tolist()}
            if each.entities is not None:
                record["entities"] = [dataclasses.asdict(entity) for entity in each.entities]
            records.append(record)
        if probabilities:
            for record, rows in zip(records, self._marginals(found), strict=True):
                named = [dict(zip(self.labels, row.tolist(), strict=True)) for row in rows]
                record["probabilities"] = named
        return records

    def report(self, examples: Any) -> dict[str, dict[str, float]]:
        """Measures each type of entity, or each label where labels mark none.

        Args:
            examples: As in `evaluate`.

        Returns:
            What `metrics.entity_report` or `metrics.class_report` returns.
        """
        return self.report_of(self.tallies(examples))

    def report_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        """Sums up what `tally` returned for each piece, as `report` does."""
        if not mark_entities(self.labels):
            return class_report(confusion_of(tallies, self.labels), self.labels)
        totals = entity_totals(tallies).items()
        return {kind: scores_of_counts(*counts) for kind, counts in totals}

    def mistakes(self, examples: Any) -> list[dict]:
        """Lists the tokens whose label is wrong, see `mistakes.mistakes_of_steps`."""
        pairs = list(self.rows_of(examples))
        targets = [labels for _, labels in pairs]
        found = self.tag([tokens for tokens, _ in pairs])
        parts = ([getattr(each, name) for each in found] for name in STEPS)
        tokens, answers, confidences = parts
        return mistakes_of_steps("sentence", tokens, targets, answers, confidences)

    def _marginals(self, found: Sequence[Tagging]) -> list[np.ndarray]:
        """`(T, L)` for each sentence: the probability of each label at each token."""
        for token in (token for each in found for token in each.tokens):
            if len(split_words(token)) != 1:
                raise UserError(
                    f"Expected tokens without white space for probabilities. Received: {token!r}"
                )
        return self.call("marginals", [each.tokens for each in found]).get("probabilities", [])

    def checked(self, inputs: Iterable) -> list:
        return list(check_sentences("inputs", inputs, token=(str, bytes)))

    def served_inputs(self, inputs: Sequence) -> dict:
        """Turns sentences into lines of text; white space within a token would split it."""
        lines = [one if isinstance(one, str) else " ".join(one) for one in inputs]
        return {"text": lines}

    def save_parts(self, folder: pathlib.Path) -> dict:
        self.words.save(folder, WORDS)
        if self.characters is not None:
            self.characters.save(folder, CHARACTERS)
        return {"labels": list(self.labels), "characters": self.characters is not None}

    @classmethod
    def load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict) -> Tagger:
        before = {"level": "whitespace", "lowercase": config.get("lowercase", False)}
        words, characters = load_tokenizer(folder, config, WORDS, **before), None
        if config["characters"]:
            characters = load_tokenizer(folder, config, CHARACTERS, level="character")
        return cls(model, words, config["labels"], characters, config["settings"])


def _texts(labels: Iterable[bytes]) -> list[str]:
    return [label.decode("utf-8") for label in labels]


def _tokens(sentence) -> list:
    """The tokens of a text, split as the exported function does, or of a list."""
    return sentence.encode("utf-8", "replace").split() if isinstance(sentence, str) else [*sentence]


def _sizes(model: keras.Model) -> tuple[int, int, int | None]:
    layers = {layer.name: layer for layer in model.layers}
    letters = layers.get("character_features")
    return (
        layers["token_embedding"].input_dim,
        model.output_shape[-1],
        None if letters is None else letters.vocabulary_size,
    )
