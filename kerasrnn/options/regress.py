"""The options of `kerasrnn train regress`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar

from kerasrnn.options.data_size import DataSize, chosen_batch_size, chosen_epochs
from kerasrnn.options.fields import FOLLOWS
from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import (
    Bidirectional,
    Cached,
    Embedded,
    Encoded,
    Lowercase,
    MaxLength,
    NamedData,
    Pooled,
    Text,
    WordDropout,
)
from kerasrnn.options.pretrained_vectors import PretrainedVectors
from kerasrnn.options.ranges import Count, NonNegative, Positive, Share, Size, VocabularySize
from kerasrnn.options.words import BadNumbers, Cell, RegressionLoss

__all__ = ["Regress"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Regress(
    NamedData,
    Text,
    Lowercase,
    MaxLength,
    Bidirectional,
    Pooled,
    Embedded,
    PretrainedVectors,
    WordDropout,
    Cached,
    Encoded,
    Folded,
):
    """Train a many-to-one model that answers a text with numbers: a rating, a price.

    Args:
        data: A .csv, .tsv or .jsonl file with a column of texts and one or several of numbers, a
            folder with such a file for each split, or a tensorflow-datasets name of texts with a
            number each. Of each twenty rows of a file the 19th is for validation and the 20th for
            test; likewise of the training file of a folder that has no file for one of these.
        features: Features of the data set or columns of the file to read, such as
            text=review,number=stars+price, or numbers of columns from 1 where a file has no
            header. Found by their kinds and usual names by default.
        bad_rows: What to do with a row of a file that lacks a number, whose cell is empty, NaN,
            None or null: refuse names the first one, skip leaves them out and counts them.
        loss: What is minimised, of numbers in standard deviations of the training: the squared
            error, whose best answer is the mean; the absolute one, whose best answer is the median;
            or Huber's, squared up to one deviation and absolute beyond, for data with outliers.
        max_vocabulary_size: Maximum number of ids; of words 20,000 by default, of subwords 8,000.
        units: Units of each layer and direction; 64 by default.
        word_dropout: Fraction of the tokens read in training that become the unknown one; 0.1 by
            default, and 0 of characters.
        embedding: Size of the token vectors; that of `vectors` where there are some, otherwise 100
            by default.
        batch_size: Texts in a batch; by default 32, and 64 from 15,000 texts on.
        epochs: Maximum number of epochs; by default as many as show 600,000 texts in all, or 45
            million tokens, but 5 to 30.
        ema_epochs: About how many epochs the average of the weights goes back that is validated,
            tested and saved; 1 by default, unless there is an `ema_momentum`. 0 for none.

    Example:

    >>> options.Regress(data="reviews.csv", features="text=review,number=stars+price").loss
    'mse'
    """

    task: ClassVar[str] = "regress"

    bad_rows: BadNumbers = "refuse"
    loss: RegressionLoss = "mse"
    lowercase: bool = True
    cell: Cell = "gru"
    dropout: Share = 0.2
    max_vocabulary_size: Annotated[VocabularySize | None, FOLLOWS] = None
    units: Size | None = None
    embedding: Annotated[Size | None, FOLLOWS] = None
    word_dropout: Annotated[Share | None, FOLLOWS] = None
    batch_size: Count | None = None
    epochs: Count | None = None
    ema_epochs: NonNegative | None = None
    learning_rate: Positive = 0.002

    def reading(self) -> dict[str, Any]:
        return {**super().reading(), "bad_rows": self.bad_rows}

    def chosen(self, size: DataSize) -> dict[str, Any]:
        return {
            "batch_size": chosen_batch_size(size),
            "epochs": chosen_epochs(size),
            "ema_epochs": 0.0 if self.ema_momentum else 1.0,
            "embedding": 100,
            "units": 64,
            "word_dropout": 0.0 if self.level == "character" else 0.1,
        }
