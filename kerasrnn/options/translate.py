"""The options of `kerasrnn train translate`."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import (
    Attending,
    Bidirectional,
    Cached,
    Embedded,
    Encoded,
    LabelSmoothing,
    NamedData,
    Text,
    WordDropout,
)
from kerasrnn.options.ranges import Count
from kerasrnn.options.words import DecoderCell, Level

__all__ = ["Translate"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Translate(
    NamedData,
    Text,
    Bidirectional,
    Attending,
    Embedded,
    WordDropout,
    LabelSmoothing,
    Cached,
    Encoded,
    Folded,
):
    """Train an encoder-decoder that turns a text into another one.

    Args:
        data: `dates`, a tensorflow-datasets name of text pairs, a .tsv file (a source, a tab and a
            target on each line), a .csv or .jsonl file, two files of the same lines with a comma
            between them (train.en,train.de), or a folder with such files for each split. Of each
            twenty rows of a file the 19th is for validation and the 20th for test; likewise of the
            training file of a folder that has no file for one of these.
        features: Features of the data set or columns of the file to read, such as
            source=en,target=de; found by their kinds and usual names by default.
        turns: For dialogues: the source is this many of the last turns. The file holds a turn, a
            tab and the answer on each line, and an empty line between dialogues.
        max_vocabulary_size: Maximum number of ids of either side; of subwords 8,000 by default.
        units: Units of each encoder layer and direction.
        num_layers: Layers of the encoder and of the decoder.
        bidirectional: Whether the encoder also reads from the end.
        attention: Score of the attention over all encoder states.
        share_embeddings: Whether source and target have one vocabulary and the same token vectors.
        tie_output: Whether the target vectors are the weights of the output layer too.
        batch_size: Pairs in a batch.

    Example:

    >>> options.Translate(data="dates", units=96).attention
    'dot'
    """

    task: ClassVar[str] = "translate"
    embedded: ClassVar[str | None] = "dates"
    prepared: ClassVar[tuple[str, ...]] = ("ted_hrlr_translate/pt_to_en", "wmt16_translate/de-en")

    turns: Count | None = None
    level: Level = "character"
    min_count: Count = 1
    cell: DecoderCell = "gru"
    share_embeddings: bool = False
    tie_output: bool = False

    def reading(self) -> dict[str, Any]:
        return {**super().reading(), "turns": self.turns}
