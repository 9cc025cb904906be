"""The options of `kerasrnn train regress`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar

from kerasrnn.options.data_size import DataSize
from kerasrnn.options.fields import FOLLOWS
from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import Cached, Encoded, WordDropout
from kerasrnn.options.heads.text_head import SizedData, TextHead
from kerasrnn.options.ranges import Positive, Share, Size
from kerasrnn.options.words import BadNumbers, RegressionLoss

__all__ = ["Regress"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Regress(SizedData, TextHead, WordDropout, Cached, Encoded, Folded):
    """Train a many-to-one model that answers a text, or a series of vectors, with numbers.

    A rating, a price, the load of the next day. Options about tokens do not apply to vectors.

    Args:
        data: A .csv, .tsv or .jsonl file with a column of texts and one or several of numbers, a
            folder with such a file for each split, a tensorflow-datasets name of texts with a
            number each, a .npz file of vectors (arrays features, numbers and lengths), or a .csv
            file of vectors with a row for each step, whose ids `features` names. Of each twenty
            rows (of vectors, sequences) of a file the 19th is for validation and the 20th for test;
            likewise of the training file of a folder that has no file for one of these.
        features: Features of the data set or columns of the file to read, such as
            text=review,number=stars+price, or numbers of columns from 1 where a file has no
            header. Found by their kinds and usual names by default. Of vectors in a table
            id=day,time=hour,number=load+oil, perhaps with values=x+y, of which the id is needed.
        bad_rows: What to do with a row, or a sequence, of a file that lacks a number, whose cell is
            empty, NaN, None or null: refuse names the first one, skip leaves them out and counts
            them.
        loss: What is minimised, of numbers in standard deviations of the training: the squared
            error, whose best answer is the mean; the absolute one, whose best answer is the median;
            or Huber's, squared up to one deviation and absolute beyond, for data with outliers.
        units: Units of each layer and direction; 64 by default.
        word_dropout: Fraction of the tokens read in training that become the unknown one; 0.1 by
            default, and 0 of characters and vectors.
        batch_size: Texts in a batch; by default 32, and 64 from 15,000 texts on.
        epochs: Maximum number of epochs; by default as many as show 600,000 texts in all, or 45
            million tokens, but 5 to 30.

    Example:

    >>> options.Regress(data="reviews.csv", features="text=review,number=stars+price").loss
    'mse'
    """

    task: ClassVar[str] = "regress"

    bad_rows: BadNumbers = "refuse"
    loss: RegressionLoss = "mse"
    dropout: Share = 0.2
    units: Size | None = None
    word_dropout: Annotated[Share | None, FOLLOWS] = None
    learning_rate: Positive = 0.002

    def reading(self) -> dict[str, Any]:
        return {**super().reading(), "bad_rows": self.bad_rows}

    def chosen(self, size: DataSize) -> dict[str, Any]:
        return {
            **super().chosen(size),
            "units": 64,
            "word_dropout": 0.0 if self.level == "character" else 0.1,
        }
