"""Text to any number of labels: topics, tags of a question, kinds of abuse."""

from __future__ import annotations

import copy
import dataclasses
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_share
from kerasrnn.datasets import multi_labelled_texts
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.losses import WeighedLabels  # noqa: F401 (registers the loss of a saved model)
from kerasrnn.options import Source
from kerasrnn.tasks.classify.multi_label_signatures import MultiLabelSignatures
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.tallies.label_tally import label_figures, label_report, label_tally, places_of
from kerasrnn.tasks.tallies.tallied import Tallied
from kerasrnn.tasks.texts.tokenized import Tokenized
from kerasrnn.text import Tokenizer
from kerasrnn.views.logits import check_logits

__all__ = ["LabelSet", "MultiLabelClassifier", "read_texts"]

MIDDLE = 0.5
# Between the labels of an answer that is written as a text.
SEPARATOR = "|"


@dataclasses.dataclass(frozen=True)
class LabelSet:
    """The labels of a text and how sure the model is of each.

    Attributes:
        labels: Those whose probabilities reach their thresholds, in the order of the task's.
        probabilities: That of every label, by name; each by itself, they do not sum up to 1.
        tokens: The T tokens of the text; `None` without attention pooling.
        attention: `(T,)` float32 weights of the tokens; `None` without attention pooling.
    """

    labels: list[str]
    probabilities: dict[str, float]
    tokens: list[str] | None = None
    attention: np.ndarray | None = None


class MultiLabelClassifier(Tokenized, Tallied):
    """A `many_to_one` with its tokenizer, the names of its labels, and a threshold for each.

    Args:
        model: What `many_to_one` returned for token ids, trained or not.
        tokenizer: Tokenizer of the texts.
        labels: Names of the L labels, in the order of the model's outputs.
        max_length: Maximum number of tokens of a text; the first ones stay.
        settings: What the training was told, for the record.
        thresholds: The probability from which on each label is answered; one half by default.

    Raises:
        ValueError: Where the vocabulary or the labels are not those that the model was built for.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary("abc"))
    >>> model = many_to_one(len(tokenizer.vocabulary), 3, units=5)
    >>> task = MultiLabelClassifier(model, tokenizer, ["toxic", "insult", "threat"])
    >>> task.with_thresholds([1e-6, 1e-6, 1.0]).predict(["cab"])
    [['toxic', 'insult']]
    """

    name = "classify-labels"
    options_class = options.Classify
    served_answer = "chosen"

    def __init__(
        self,
        model: keras.Model,
        tokenizer: Tokenizer,
        labels: Sequence[str],
        max_length: int | None = None,
        settings: Mapping[str, Any] | None = None,
        thresholds: Sequence[float] | None = None,
    ):
        super().__init__(model, settings)
        check_logits(model, one_class=False)
        self.set_labels(tokenizer, max_length, labels)
        given = [MIDDLE] * len(labels) if thresholds is None else [*thresholds]
        if len(given) != len(labels):
            raise UserError(
                f"Expected a threshold for each of {len(labels)} labels. Received: {len(given)}"
            )
        self.thresholds = tuple(check_share("thresholds", each) for each in given)

    def with_thresholds(self, thresholds: Sequence[float]) -> Self:
        """Returns the same task with other thresholds.

        Args:
            thresholds: For each label the probability, above 0, from which on it is answered.

        Returns:
            A task over the same model, which is not copied.

        Raises:
            ValueError: For another number of them, or one that is no probability.
        """
        other = copy.copy(self)
        vars(other).pop("signatures", None)  # they answer by the thresholds of this task
        parts = self.model, self.tokenizer, self.labels, self.max_length, self.settings
        other.thresholds = type(self)(*parts, thresholds).thresholds
        return other

    def new_signatures(self) -> MultiLabelSignatures:
        return MultiLabelSignatures(
            self.model, self.tokenizer, self.labels, self.thresholds, self.max_length
        )

    def predict(self, inputs: Iterable[str], batch_size: int = 256) -> list[list[str]]:
        """Names the labels of each text.

        Args:
            inputs: Texts, in any number.
            batch_size: Texts in a batch; like lengths go together, the order stays.

        Returns:
            For each text the labels whose probabilities reach their thresholds, perhaps none.
        """
        return [each.labels for each in self.classify(inputs, batch_size)]

    def classify(self, inputs: Iterable[str], batch_size: int = 256) -> list[LabelSet]:
        """Labels texts and tells all probabilities, and with attention pooling the weights.

        Args:
            inputs: Texts.
            batch_size: Texts in a batch.

        Returns:
            A `LabelSet` for each.
        """
        outputs = self.call("serving_default", inputs, batch_size)
        rows = zip(*outputs.values(), strict=True)
        return [self._label_set(dict(zip(outputs, row, strict=True))) for row in rows]

    def read_source(self, source: Source) -> Any:
        """Reads texts with their labels, see `datasets.multi_labelled_texts`."""
        return read_texts(source, self.options)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(text, labels)`, see `datasets.multi_labelled_texts`.

        Args:
            examples: Such a data set; or a list, a table or a generator of texts with a list of
                labels each.
        """
        return as_dataset(examples, ("text", "labels"), ranks={"labels": 1})

    def evaluate(self, examples: Any, batch_size: int = 256) -> dict[str, Any]:
        """Measures on texts with their labels.

        Args:
            examples: As in `raw`.
            batch_size: Texts in a batch.

        Returns:
            `micro_f1`, `macro_f1`, `mean_average_precision`, `subset_accuracy` and `examples`, see
            `tallies.label_tally.label_figures`.

        Raises:
            ValueError: Where no right label was seen in training.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        texts, right = _columns(rows)
        return label_tally(right, self.probabilities(texts, batch_size), self.labels)

    def probabilities(self, inputs: Iterable[str], batch_size: int = 256) -> np.ndarray:
        """Returns the probabilities of all labels.

        Args:
            inputs: Texts.
            batch_size: Texts in a batch.

        Returns:
            `(N, L)` float32.
        """
        found = self.call("serving_default", inputs, batch_size).get("probabilities", [])
        return np.stack(found) if found else np.zeros((0, len(self.labels)), "float32")

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return label_figures(tallies, self.labels, self.thresholds)

    def report(self, examples: Any) -> dict[str, dict[str, float]]:
        """Measures each label, see `tallies.label_tally.label_report`."""
        return self.report_of(self.tallies(examples))

    def report_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
        """Sums up what `tally` returned for each piece, as `report` does."""
        return label_report(tallies, self.labels, self.thresholds)

    def mistakes(self, examples: Any) -> list[dict[str, Any]]:
        """Lists the texts that have not exactly the right labels.

        Returns:
            For each `input`, `target` and `answer`, the labels with `|` between them, and
            `probability`, that of the surest of its wrong decisions; the surest first. A label that
            no training has seen is a wrong decision that the model is sure of.
        """
        texts, right = _columns(list(self.rows_of(examples)))
        found = self.probabilities(texts)
        answered = found >= np.asarray(self.thresholds, "float32")
        wrong = answered != places_of(right, self.labels)
        sure = np.where(wrong, np.where(answered, found, 1 - found), 0).max(axis=1, initial=0)
        rows = []
        for i, (text, names) in enumerate(zip(texts, right, strict=True)):
            unseen = set(names) - set(self.labels)
            if wrong[i].any() or unseen:
                answer = [self.labels[j] for j in np.flatnonzero(answered[i])]
                row = {"input": text, "target": _joined(names), "answer": _joined(answer)}
                rows.append({**row, "probability": 1.0 if unseen else float(sure[i])})
        return sorted(rows, key=lambda row: -row["probability"])

    def line_of(self, answer: Iterable[str]) -> str:
        """The labels of a text with `|` between them; empty where it has none."""
        return _joined(filter(None, answer))

    def records(
        self, inputs: Iterable[str], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        inputs = self.checked(inputs)
        answers = zip(inputs, self.classify(inputs), strict=True)
        records = [({"text": text, "labels": each.labels}, each) for text, each in answers]
        if not probabilities:
            return [record for record, _ in records]
        return [{**record, "probabilities": each.probabilities} for record, each in records]

    def decision_parts(self) -> dict[str, Any]:
        """Returns what `config.json` holds of the thresholds."""
        return {"thresholds": list(self.thresholds)}

    def described(self) -> dict[str, Any]:
        return {"thresholds": dict(zip(self.labels, self.thresholds, strict=True))}

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        parts = {"labels": list(self.labels), **super().save_parts(folder)}
        return {**parts, **self.decision_parts()}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> MultiLabelClassifier:
        length, settings = config["max_length"], config["settings"]
        parts = config["labels"], length, settings, config["thresholds"]
        return cls(model, load_tokenizer(folder, config), *parts)

    def _label_set(self, row: dict[str, Any]) -> LabelSet:
        return LabelSet(
            labels=[label.decode("utf-8") for label in row["chosen"]],
            probabilities=dict(zip(self.labels, row["probabilities"].tolist(), strict=True)),
            **self.attended(row),
        )


def read_texts(source: Source, options: options.Classify) -> Any:
    """Reads texts with several labels."""
    own = {"bad_rows": options.bad_rows, "label_separator": options.label_separator}
    return multi_labelled_texts(*source.place, **own, **source.form)


def _columns(rows: list[Any]) -> tuple[list[str], list[list[str]]]:
    """The texts of raw examples, and their labels."""
    texts = [text.decode("utf-8") for text, _ in rows]
    return texts, [[label.decode("utf-8") for label in labels] for _, labels in rows]


def _joined(labels: Iterable[str]) -> str:
    return SEPARATOR.join(labels)
