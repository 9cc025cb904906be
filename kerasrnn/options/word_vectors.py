"""The options of `kerasrnn train word-vectors`."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Annotated, Any, ClassVar

from kerasrnn.checks import check_integer
from kerasrnn.options.data_size import DataSize
from kerasrnn.options.fields import FOLLOWS
from kerasrnn.options.groups import Encoded, Lowercase, NamedData, Text
from kerasrnn.options.ranges import Count, Positive, Share, Size
from kerasrnn.options.words import Architecture

__all__ = ["WordVectors"]

MOST_WINDOW, MOST_NEGATIVES = 1_000, 10_000
MOST_WORDS = 1_000  # of a batch, if nobody says how many
Window = Annotated[int, partial(check_integer, most=MOST_WINDOW)]
Negatives = Annotated[int, partial(check_integer, most=MOST_NEGATIVES)]


@dataclasses.dataclass(frozen=True, kw_only=True)
class WordVectors(NamedData, Text, Lowercase, Encoded):
    """Train vectors of the words of a text, as word2vec does.

    Args:
        data: `python_docs`, a tensorflow-datasets name of texts, a .txt, .csv or .jsonl file, or a
            folder with a train.txt, a validation.txt and a test.txt. Of each twenty lines of a file
            the 19th is for validation and the 20th for test, with --whole-file its last tenth in
            order; likewise of the training file of a folder that has no file for one of these.
        features: Features of the data set or columns of the file to read, such as text=body; found
            by their kinds and usual names by default.
        whole_file: Whether a file is one running text; otherwise each line is a text, beyond which
            no word has neighbours.
        min_count: Words that occur less often in training are left out, as if they were not in the
            text.
        architecture: skip_gram learns to tell the neighbours of a word by its vector, cbow to tell
            a word by the mean of the vectors around it, which is faster.
        window: Maximum number of words on each side that are neighbours of a word; for each word a
            number up to it is drawn.
        embedding: Size of the word vectors.
        negatives: Number of drawn words that each word is told from.
        subsample: Words above this fraction of the text are left out at random; 0 leaves none out.
        epochs: Number of epochs, over which the learning rate falls to 0.
        batch_size: Running words in a batch, whose changes add up; by default 1,000, or less for
            a small vocabulary, whose words would occur too often in it.
        learning_rate: Learning rate at the start; 0.025 for skip_gram by default, 0.1 for cbow.

    Example:

    >>> options.WordVectors(data="reviews.csv", architecture="cbow").window
    5
    """

    task: ClassVar[str] = "word-vectors"
    embedded: ClassVar[tuple[str, ...]] = ()
    prepared: ClassVar[tuple[str, ...]] = ()
    # It is steered by nothing, and what is validated and saved are the weights of the last epoch.
    without: ClassVar[tuple[str, ...]] = (
        *("clipnorm", "ema_momentum", "ema_epochs"),
        *("schedule", "min_improvement", "patience"),
    )

    whole_file: bool = False
    min_count: Count = 5
    architecture: Architecture = "skip_gram"
    window: Window = 5
    embedding: Size = 100
    negatives: Negatives = 5
    subsample: Share = 1e-3
    epochs: Count = 5
    batch_size: Annotated[Count | None, FOLLOWS] = None
    learning_rate: Annotated[Positive | None, FOLLOWS] = None

    def chosen(self, size: DataSize) -> dict[str, Any]:
        # The gradient of a mean is divided among all words that are in it.
        rate = 0.1 if self.architecture == "cbow" else 0.025
        return {"learning_rate": rate, "batch_size": MOST_WORDS}

    def reading(self) -> dict[str, Any]:
        return {**super().reading(), "whole_file": self.whole_file}
