"""Text to label: sentiment, spam, languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kerasrnn import options
from kerasrnn.datasets import labelled_texts
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.options import Source
from kerasrnn.tasks.classify.signatures import ClassificationSignatures
from kerasrnn.tasks.classify.text_classifier import Classification, TextClassifier
from kerasrnn.tasks.records import class_records
from kerasrnn.tasks.tallies.pair_counts import pair_counts

__all__ = ["Classifier", "read_texts"]


class Classifier(TextClassifier):
    """A `many_to_one` with its tokenizer and the names of its classes.

    Args:
        model: What `many_to_one` returned for token ids, trained or not.
        tokenizer: Tokenizer of the texts.
        labels: Names of the C classes, in the order of the model's outputs.
        max_length: Maximum number of tokens of a text; the first ones stay.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the vocabulary or the labels are not those that the model was built for.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary("abc"))
    >>> model = many_to_one(len(tokenizer.vocabulary), 2, units=5)
    >>> labels = Classifier(model, tokenizer, ["no", "yes"]).predict(["cab", "b"])
    """

    name = "classify"
    options_class = options.Classify

    def new_signatures(self) -> ClassificationSignatures:
        return ClassificationSignatures(
            self.model, self.tokenizer, self.labels, self.max_length, self.decision
        )

    def read_source(self, source: Source) -> Any:
        """Reads labelled texts, see `datasets.labelled_texts`."""
        return read_texts(source, self.options)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(text, label)` strings, see `datasets.labelled_texts`.

        Args:
            examples: Such a data set; or a list, a table or a generator of them.
        """
        return as_dataset(examples, ("text", "label"))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        texts, right = ([row[i].decode("utf-8") for row in rows] for i in (0, 1))
        return {"pairs": pair_counts(right, self.predict(texts, batch_size))}

    def records(
        self, inputs: Iterable[str], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        inputs = self.checked(inputs)
        return class_records("text", inputs, self.classify(inputs), probabilities)

    def answered(self, examples: Any) -> tuple[list[str], list[str], list[Classification]]:
        pairs = list(self.rows_of(examples))
        inputs, targets = ([pair[i].decode("utf-8") for pair in pairs] for i in (0, 1))
        return inputs, targets, self.classify(inputs)


def read_texts(source: Source, options: options.Classify) -> Any:
    """Reads labelled texts."""
    return labelled_texts(*source.place, bad_rows=options.bad_rows, **source.form)
