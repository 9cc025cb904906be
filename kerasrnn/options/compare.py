"""The options of `kerasrnn train compare`."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import Cached, ClassWeights, Encoded, LabelSmoothing, WordDropout
from kerasrnn.options.heads.text_head import SizedData, TextHead
from kerasrnn.options.ranges import Natural, Positive, Share, Size, Threshold
from kerasrnn.options.words import BadRows, Join, Pooling

__all__ = ["Compare"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Compare(
    SizedData,
    TextHead,
    WordDropout,
    LabelSmoothing,
    ClassWeights,
    Cached,
    Encoded,
    Folded,
):
    """Train a model that reads two texts by one encoder and names how they relate.

    Whether they mean the same, whether the second follows from the first, whether one answers the
    other. The vectors of single texts are there to search with.

    Args:
        data: `paraphrases`, a tensorflow-datasets name of two texts with a class, a .tsv file (a
            text, a tab, another text, a tab and a label on each line), a .csv or .jsonl file
            (columns first, second and label, or such as sentence1 and sentence2; so may a .tsv file
            name them in its first line), or a folder with such a file for each split. Of each
            twenty rows of a file the 19th is for validation and the 20th for test; likewise of the
            training file of a folder that has no file for one of these.
        features: Features of the data set or columns of the file to read, such as
            first=premise,second=hypothesis,label=gold, or numbers of columns from 1 where a file
            has no header. Found by usual names by default.
        bad_rows: What to do with a row of a file whose label is missing, that is empty, NaN, None,
            null or a dash: refuse names the first one, skip leaves them out and counts them, keep
            takes what each cell holds, blanks included, as the label.
        join: What the classifier reads of the vectors a and b of both texts: ordered joins a, b,
            abs(a - b) and a * b; symmetric joins abs(a - b) and a * b, so that the answer is the
            same when the texts change places.
        hidden_units: Units of a layer with relu between the joined vector and the output; 0 for
            none.
        positive: With two labels the one whose F1 is measured, and that `threshold` is about; by
            default F1 is measured with a threshold only, of the rarer one in training.
        threshold: With two classes the probability from which on the class of `positive` is
            answered; f1 chooses the threshold by which that class has its maximum F1 on the
            validation split, once the training has ended. By default the more likely class is
            answered.
        batch_size: Pairs in a batch; by default 32, and 64 from 15,000 pairs on.
        epochs: Maximum number of epochs; by default as many as show 600,000 pairs in all, or 45
            million tokens of their longer sides, but 5 to 30.

    Example:

    >>> options.Compare(data="paraphrases", join="symmetric").pooling
    'max'
    """

    task: ClassVar[str] = "compare"
    embedded: ClassVar[tuple[str, ...]] = ("paraphrases",)
    prepared: ClassVar[tuple[str, ...]] = ("glue/mrpc", "glue/qqp", "snli", "paws_wiki")

    bad_rows: BadRows = "refuse"
    units: Size = 128
    dropout: Share = 0.3
    pooling: Pooling = "max"
    label_smoothing: Share = 0.0
    join: Join = "ordered"
    hidden_units: Natural = 128
    positive: str | None = None
    threshold: Threshold = 0.5
    learning_rate: Positive = 0.002

    def reading(self) -> dict[str, Any]:
        return {**super().reading(), "bad_rows": self.bad_rows}

    def model_options(self) -> dict[str, Any]:
        """Returns the keyword arguments of `siamese` that these options are."""
        return {
            **super().model_options(),
            "embedding": self.embedding,
            "join": self.join,
            "hidden_units": self.hidden_units or None,
        }
