"""The options of `kerasrnn train classify`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar

from kerasrnn.options.data_size import DataSize
from kerasrnn.options.fields import FOLLOWS, OF_DATA, Unrecorded
from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import Cached, ClassWeights, Encoded, LabelSmoothing, WordDropout
from kerasrnn.options.heads.text_head import SizedData, TextHead
from kerasrnn.options.own_encoder import OwnEncoder
from kerasrnn.options.ranges import Count, Natural, Positive, Share, Size, Threshold
from kerasrnn.options.words import BadRows, Cell

__all__ = ["Classify"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Classify(
    SizedData,
    TextHead,
    OwnEncoder,
    WordDropout,
    LabelSmoothing,
    ClassWeights,
    Cached,
    Encoded,
    Folded,
):
    """Train a many-to-one model that names the class of a text, an image or a series of vectors.

    An image is read row by row from the top, or, with an `encoder`, place by place of its grid;
    options about tokens do not apply to images, nor to vectors.

    Args:
        data: `languages`, `messages` (spam or not), a tensorflow-datasets name of texts or images
            with a class each, a .tsv file (a text or the path of an image, a tab and a label on
            each line), a .csv or .jsonl file (columns text or image, and label; so may a .tsv file
            name them in its first line), a .npz file of vectors (arrays features, labels and
            lengths), a .csv file of vectors with a row for each step, whose ids `features` names,
            or a folder with such a file for each split. Of each twenty rows (of vectors, sequences)
            of a file the 19th is for validation and the 20th for test; likewise of the training
            file of a folder that has no file for one of these.
        features: Features of the data set or columns of the file to read, such as
            text=title+body,label=stars or image=file,label=digit, or numbers of columns from 1
            where a file has no header; a name with commas or plus signs stands between double
            quotes. Found by their kinds and usual names by default. Of vectors in a table
            id=run,time=t,label=class, perhaps with values=x+y, of which the id is needed.
        bad_rows: What to do with a row of a file whose label is missing, that is empty, NaN, None
            or null: refuse names the first one, skip leaves them out and counts them, keep takes
            what each cell holds, blanks included, as the label.
        label_separator: For texts that have several labels, or none: what stands between the labels
            in a cell, such as "|". Labels with a column each, of 0 and 1, need none: features such
            as label=toxic+insult name these.
        segment_length: For long texts: this many tokens are read at a time, all segments of a text
            side by side, which is faster; not with the pooling last. 0 for none; by default 50
            where texts have more than 100 tokens on average.
        threshold: With two classes the probability from which on the rarer one in training, the
            second one of two as frequent, is answered; f1 chooses the threshold by which that class
            has its maximum F1 on the validation split, once the training has ended. By default the
            more likely class is answered. With several labels a text the probability from which on
            each is answered; by default f1, by which each label has a threshold of its own.
        units: Units of each layer and direction; 64 by default.
        word_dropout: Fraction of the tokens read in training that become the unknown one; 0.2 by
            default, and 0 of characters and images.
        batch_size: Texts in a batch; by default 32, and 64 from 15,000 texts on.
        epochs: Maximum number of epochs; by default as many as show 600,000 texts in all, or 45
            million tokens, but 5 to 30.

    Example:

    >>> options.Classify(data="languages", cell="lstm").pooling
    'attention'
    """

    task: ClassVar[str] = "classify"
    embedded: ClassVar[tuple[str, ...]] = ("languages", "messages")
    prepared: ClassVar[tuple[str, ...]] = ("imdb_reviews", "ag_news_subset", "glue/sst2", "mnist")

    bad_rows: Annotated[BadRows, Unrecorded("keep")] = "refuse"
    lowercase: Annotated[bool, Unrecorded(False)] = True
    cell: Annotated[Cell, Unrecorded("lstm")] = "gru"
    dropout: Annotated[Share, Unrecorded(0.2)] = 0.5
    units: Annotated[Size | None, Unrecorded(64)] = None
    embedding: Annotated[Size | None, Unrecorded(64)] = None
    word_dropout: Annotated[Share | None, FOLLOWS, Unrecorded(0.0)] = None
    label_smoothing: Annotated[Share, Unrecorded(0.0)] = 0.1
    label_separator: Annotated[str | None, OF_DATA, Unrecorded(None)] = None
    segment_length: Annotated[Natural | None, FOLLOWS, Unrecorded(0)] = None
    batch_size: Annotated[Count | None, Unrecorded(64)] = None
    epochs: Annotated[Count | None, Unrecorded(10)] = None
    learning_rate: Annotated[Positive, Unrecorded(0.003)] = 0.002
    threshold: Annotated[Threshold | None, Unrecorded(0.5)] = None

    def reading(self) -> dict[str, Any]:
        newer: dict[str, Any] = {} if self.bad_rows == "keep" else {"bad_rows": self.bad_rows}
        if self.label_separator is not None:
            newer["label_separator"] = self.label_separator
        return {**super().reading(), **newer}

    def model_options(self) -> dict[str, Any]:
        return {**super().model_options(), "segment_length": self.segment_length or None}

    def chosen(self, size: DataSize) -> dict[str, Any]:
        return {
            **super().chosen(size),
            "units": 64,
            "word_dropout": 0.0 if self.level == "character" else 0.2,
            "segment_length": 50 if size.length > 100 and self.pooling != "last" else 0,
        }
