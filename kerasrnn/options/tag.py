"""The options of `kerasrnn train tag`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar

from kerasrnn.options.data_size import DataSize
from kerasrnn.options.fields import FOLLOWS, Unrecorded
from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import (
    Bidirectional,
    Cached,
    ClassWeights,
    Embedded,
    Encoded,
    LabelSmoothing,
    Lowercase,
    MaxLength,
    Vocabulary,
    WordDropout,
)
from kerasrnn.options.heads.text_head import SizedData
from kerasrnn.options.pretrained_vectors import PretrainedVectors
from kerasrnn.options.ranges import Count, Order, Share, Size
from kerasrnn.options.words import Scheme, TagOutput

__all__ = ["Tag"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tag(
    SizedData,
    Vocabulary,
    Lowercase,
    MaxLength,
    Bidirectional,
    Embedded,
    PretrainedVectors,
    WordDropout,
    LabelSmoothing,
    ClassWeights,
    Cached,
    Encoded,
    Folded,
):
    """Train a many-to-many model that labels each token of a sentence.

    Args:
        data: `python_tokens`, a tensorflow-datasets name of tokens with a class each, a .tsv,
            .conll or .txt file (a token, a tab or a space, and a label on each line, an empty line
            between sentences), a .conllu or .jsonl file, or a folder with such a file for each
            split. Of each twenty sentences of a file the 19th is for validation and the 20th for
            test; likewise of the training file of a folder that has no file for one of these.
        features: Features of the data set or columns of the file to read, such as
            tokens=tokens,tags=upos, or tokens=1,tags=4 for columns by number; found by their kinds,
            usual names or places by default.
        scheme: How labels mark entities; auto finds it out. IOB1 becomes IOB2, BILUO and BMES
            become BIOES; labels that break the rules are repaired as the evaluation script of CoNLL
            reads them, and counted. none takes labels as they are.
        min_count: Tokens, and characters, that occur less often in training become one unknown.
        max_vocabulary_size: Maximum number of ids of tokens.
        lowercase: Whether tokens are looked up in lower case; their characters keep their case.
        max_length: Longer sentences, in tokens, are left out of the training.
        characters: Whether the characters of each token are read too.
        character_filters: Features of each token's characters; without pretrained vectors a hundred
            or more tell more.
        character_width: How many characters each of them sees at a time.
        embedding: Size of the token vectors; that of `vectors` where there are some, otherwise 100
            by default.
        output_layer: `crf` for a conditional random field, which weighs whole sequences of labels
            and, where labels are such as B-PER, keeps to those that mark entities; the default
            for such labels, `softmax` for others and with weighed classes or smoothed labels.
        label_smoothing: Fraction of each label that is divided among all classes; 0.1 by default,
            and 0 with a `crf`, which has no such labels.
        batch_size: Sentences in a batch; by default 32, and 64 from 15,000 sentences on.
        epochs: Maximum number of epochs; by default as many as show 600,000 sentences in all, or 45
            million tokens, but 5 to 30.

    Example:

    >>> options.Tag(data="python_tokens", output_layer="crf").units
    100
    """

    task: ClassVar[str] = "tag"
    embedded: ClassVar[tuple[str, ...]] = ("python_tokens",)
    prepared: ClassVar[tuple[str, ...]] = (
        "universal_dependencies/en_ewt",
        "conll2003",
        "wikiann/en",
    )

    # None, as older runs: labels as they are, and each line is a token, -DOCSTART- too.
    scheme: Annotated[Scheme | None, Unrecorded(None)] = "auto"
    lowercase: Annotated[bool, Unrecorded(False)] = True
    characters: bool = True
    character_filters: Annotated[Size, Unrecorded(30)] = 100
    character_width: Order = 3
    units: Size = 100
    dropout: Annotated[Share, Unrecorded(0.3)] = 0.5
    embedding: Annotated[Size | None, Unrecorded(64)] = None
    word_dropout: Annotated[Share, Unrecorded(0.0)] = 0.1
    label_smoothing: Annotated[Share | None, Unrecorded(0.0)] = None
    output_layer: Annotated[TagOutput | None, FOLLOWS, Unrecorded("softmax")] = None
    batch_size: Annotated[Count | None, Unrecorded(64)] = None
    epochs: Annotated[Count | None, Unrecorded(10)] = None

    def chosen(self, size: DataSize) -> dict[str, Any]:
        plain = self.class_weights is not None or self.label_smoothing
        found = self.output_layer or ("crf" if size.entities and not plain else "softmax")
        return {
            **super().chosen(size),
            "output_layer": found,
            "embedding": 100,
            "label_smoothing": 0.1 if found == "softmax" else 0.0,
        }

    def model_options(self) -> dict[str, Any]:
        return {
            **super().model_options(),
            "embedding": self.embedding,
            "character_filters": self.character_filters,
            "character_width": self.character_width,
        }
