"""The options of `kerasrnn train translate`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar

from kerasrnn.checks import UserError
from kerasrnn.options.data_size import DataSize
from kerasrnn.options.fields import FOLLOWS, Unrecorded
from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import (
    Attending,
    Bidirectional,
    Cached,
    Embedded,
    Encoded,
    LabelSmoothing,
    Text,
    WordDropout,
)
from kerasrnn.options.heads.text_head import SizedData
from kerasrnn.options.pretrained_vectors import PairVectors
from kerasrnn.options.ranges import Count, Share, Size, VocabularySize
from kerasrnn.options.words import DecoderCell, Level

__all__ = ["Translate"]

# A vocabulary of characters, or of the few words of commands, has at most so many ids.
CLOSED = 1000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Translate(
    SizedData,
    Text,
    Bidirectional,
    Attending,
    Embedded,
    PairVectors,
    WordDropout,
    LabelSmoothing,
    Cached,
    Encoded,
    Folded,
):
    """Train an encoder-decoder that turns a text into another one.

    Args:
        data: `dates`, `small_talk` (questions and answers), a tensorflow-datasets name of text
            pairs, a .tsv file (a source, a tab and a target on each line), a .csv or .jsonl file,
            two files of the same lines with a comma between them (train.en,train.de), or a folder
            with such files for each split. Of each twenty rows of a file the 19th is for validation
            and the 20th for test; likewise of the training file of a folder that has no file for
            one of these.
        features: Features of the data set or columns of the file to read, such as
            source=en,target=de; found by their kinds and usual names by default.
        turns: For dialogues: the source is this many of the last turns. The file holds a turn, a
            tab and the answer on each line, and an empty line between dialogues.
        level: What a token is; subword, pieces of words learned from the training split, needs
            `pip install "kerasrnn[subwords]"` for training only. By default characters where both
            sides have at most 30 of them on average; words where nearly all words of later pairs
            occur in earlier ones, as in commands; otherwise subwords, where they can be learned.
        max_vocabulary_size: Maximum number of ids of either side; of subwords 8,000 by default, and
            4,000 where the level is not given.
        units: Units of each encoder layer and direction; 128 by default, and 200 with more than
            1,000 ids.
        num_layers: Layers of the encoder and of the decoder.
        bidirectional: Whether the encoder also reads from the end.
        attention: Score of the attention over all encoder states.
        share_embeddings: Whether source and target have one vocabulary and the same token vectors.
        tie_output: Whether the target vectors are the weights of the output layer too.
        embedding: Size of the token vectors; that of a file of them where there is one, otherwise
            64 by default, and 200 with more than 1,000 ids.
        label_smoothing: Fraction of each label that is divided among all classes; 0 by default, and
            0.1 with more than 1,000 ids.
        batch_size: Pairs in a batch; by default 32, and 64 from 15,000 pairs on.
        epochs: Maximum number of epochs; by default as many as show 600,000 pairs in all, or 45
            million tokens, but 5 to 30.

    Example:

    >>> options.Translate(data="dates", units=96).attention
    'dot'
    """

    task: ClassVar[str] = "translate"
    embedded: ClassVar[tuple[str, ...]] = ("dates", "small_talk")
    prepared: ClassVar[tuple[str, ...]] = ("ted_hrlr_translate/pt_to_en", "wmt16_translate/de-en")

    turns: Count | None = None
    level: Annotated[Level | None, Unrecorded("character")] = None
    min_count: Count = 1
    cell: DecoderCell = "gru"
    max_vocabulary_size: Annotated[VocabularySize | None, FOLLOWS] = None
    units: Annotated[Size | None, Unrecorded(64)] = None
    embedding: Annotated[Size | None, Unrecorded(64)] = None
    dropout: Annotated[Share, Unrecorded(0.0)] = 0.2
    label_smoothing: Annotated[Share | None, Unrecorded(0.0)] = None
    batch_size: Annotated[Count | None, Unrecorded(64)] = None
    epochs: Annotated[Count | None, Unrecorded(10)] = None
    share_embeddings: bool = False
    tie_output: bool = False

    def vector_files(self) -> dict[str, str]:
        files = super().vector_files()
        if self.share_embeddings and files:
            return {"embedding": next(iter(files.values()))}
        return files

    def check_paths(self) -> None:
        super().check_paths()
        if self.share_embeddings and len(set(super().vector_files().values())) > 1:
            raise UserError(
                "Expected one file of word vectors with `share_embeddings`, for both sides. "
                f"Received: {self.source_vectors} and {self.target_vectors}"
            )

    def chosen(self, size: DataSize) -> dict[str, Any]:
        closed = size.vocabulary <= CLOSED
        return {
            "level": "character",  # for checks; a training looks at its pairs before they are sized
            **super().chosen(size),
            "units": 128 if closed else 200,
            "embedding": 64 if closed else 200,
            "label_smoothing": 0.0 if closed else 0.1,
        }

    def reading(self) -> dict[str, Any]:
        return {**super().reading(), "turns": self.turns}
