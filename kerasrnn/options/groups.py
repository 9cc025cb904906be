"""Groups of options that mean the same for all tasks that have them."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from kerasrnn.files import check_encoding
from kerasrnn.options.fields import FOLLOWS, FREE, OF_DATA, Unrecorded
from kerasrnn.options.options import Options
from kerasrnn.options.ranges import Count, Layers, Share, Size, VocabularySize
from kerasrnn.options.source import Source
from kerasrnn.options.words import Attention, Cell, DType, Level, Normalization, Pooling, Recurrence

__all__ = [
    "Attending",
    "Batches",
    "Bidirectional",
    "Cached",
    "ClassWeights",
    "Data",
    "Embedded",
    "Encoded",
    "LabelSmoothing",
    "Lowercase",
    "MaxLength",
    "NamedData",
    "Pooled",
    "Recurrent",
    "Text",
    "Vocabulary",
    "WordDropout",
]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Data(Options):
    """What is trained on.

    Args:
        data: A data set's name or a file.
    """

    data: str

    def sources(self) -> list[str]:
        return [self.data] if self.data else []  # a task made in Python has none


@dataclasses.dataclass(frozen=True, kw_only=True)
class NamedData(Data):
    """Data of tensorflow-datasets, or of files with columns.

    Args:
        data_dir: Folder of prepared tensorflow-datasets.
        features: Features of the data set or columns of the file to read; found by their kinds and
            usual names by default.
    """

    data_dir: Annotated[str | None, FREE] = None
    features: Annotated[str | None, OF_DATA] = None

    def source(self, data: str, split: str | None) -> Source:
        found = super().source(data, split)
        return dataclasses.replace(found, data_dir=self.data_dir, features=self.features)

    def reading(self) -> dict[str, Any]:
        return {"features": self.features, "turns": None, "whole_file": None, **super().reading()}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Encoded(Options):
    """How files are read.

    Args:
        encoding: Encoding of the files, such as latin-1 or cp949.
    """

    encoding: Annotated[str, Unrecorded("utf-8")] = "utf-8"

    def source(self, data: str, split: str | None) -> Source:
        return dataclasses.replace(super().source(data, split), encoding=self.encoding)

    def reading(self) -> dict[str, Any]:
        # What is newer than the cache is named where it says something, so that older ones hold.
        newer = {} if self.encoding == "utf-8" else {"encoding": self.encoding}
        return {**super().reading(), **newer}

    def check_paths(self) -> None:
        super().check_paths()
        check_encoding(self.encoding)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Vocabulary(Options):
    """Which tokens a model knows.

    Args:
        min_count: Tokens that occur less often in training become one unknown token.
        max_vocabulary_size: Maximum number of ids; of subwords 8,000 by default.
        normalization: nfc reads a letter and its mark as one character where there is one, so that
            texts that look alike are alike; nfc_width also reads full-width and half-width forms
            as the usual ones, and no invisible ones; none reads texts as they are.
    """

    min_count: Count = 2
    max_vocabulary_size: VocabularySize | None = None
    normalization: Annotated[Normalization, Unrecorded("none")] = "nfc"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Text(Vocabulary):
    """How a text becomes tokens.

    Args:
        level: What a token is; subword, pieces of words learned from the training split, needs
            `pip install "kerasrnn[subwords]"` for training only.
    """

    level: Annotated[Level | None, FOLLOWS] = "word"

    def tokenizer_options(self) -> dict[str, Any]:
        """Returns the keyword arguments of `text.Tokenizer.train` that these options are."""
        return {
            "level": self.level,
            "min_count": self.min_count,
            "max_size": self.max_vocabulary_size,
            "normalization": self.normalization,
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lowercase(Options):
    """Case.

    Args:
        lowercase: Whether texts are lower-cased.
    """

    lowercase: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class MaxLength(Options):
    """Long texts.

    Args:
        max_length: Maximum number of tokens of a text; the first ones stay.
    """

    max_length: Count | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recurrent(Options):
    """The recurrent layers.

    Args:
        cell: Recurrent cell.
        units: Units of each layer and direction.
        num_layers: Recurrent layers.
        dropout: Fraction of the inputs of each layer that is dropped.
        recurrence: How the layers are computed on a CPU: by the loops of Keras, or by compiled
            ones, which are faster, but take seconds to compile for each new shape of a batch; by
            default compiled where the training is so long that this pays.
        dtype: What the layers compute in: 16 bits, with weights and answers of 32, are faster on
            GPUs; mixed_float16 is for those without bfloat16.
    """

    cell: Cell = "lstm"
    units: Annotated[Size | None, FOLLOWS] = 64
    num_layers: Layers = 1
    dropout: Share = 0.0
    recurrence: Annotated[Recurrence | None, FOLLOWS, Unrecorded("keras")] = None
    dtype: Annotated[DType, Unrecorded("float32")] = "float32"

    def model_options(self) -> dict[str, Any]:
        """Returns the keyword arguments of the task's factory that these options are."""
        return {
            "cell": self.cell,
            "units": self.units,
            "num_layers": self.num_layers,
            "dropout": self.dropout,
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bidirectional(Recurrent):
    """Recurrent layers that may read both ways.

    Args:
        bidirectional: Whether each layer also reads from the end.
    """

    bidirectional: bool = True

    def model_options(self) -> dict[str, Any]:
        return {**super().model_options(), "bidirectional": self.bidirectional}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pooled(Recurrent):
    """How a sequence is summed up.

    Args:
        pooling: What sums up the sequence.
    """

    pooling: Pooling = "attention"

    def model_options(self) -> dict[str, Any]:
        return {**super().model_options(), "pooling": self.pooling}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Attending(Recurrent):
    """Attention of a decoder.

    Args:
        attention: Score of the attention.
        input_feeding: Whether each step also reads the attention vector of the step before; slower.
    """

    attention: Attention = "dot"
    input_feeding: bool = False

    def model_options(self) -> dict[str, Any]:
        attention = None if self.attention == "none" else self.attention
        options = {"attention": attention, "input_feeding": self.input_feeding}
        return {**super().model_options(), **options}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Embedded(Options):
    """Token vectors.

    Args:
        embedding: Size of the token vectors.
    """

    embedding: Annotated[Size | None, FOLLOWS] = 64


@dataclasses.dataclass(frozen=True, kw_only=True)
class WordDropout(Options):
    """Words that are dropped.

    Args:
        word_dropout: Fraction of the tokens read in training that become the unknown one.
    """

    word_dropout: Share = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelSmoothing(Options):
    """Smoothed labels.

    Args:
        label_smoothing: Fraction of each label that is divided among all classes.
    """

    label_smoothing: Annotated[Share | None, FOLLOWS] = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassWeights(Options):
    """Weighed classes.

    Args:
        class_weights: balanced, for rare labels to weigh as much as frequent ones together, or
            weights such as yes=3,no=1.
    """

    class_weights: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Batches(Options):
    """How examples become batches.

    Args:
        batch_tokens: Instead of `batch_size`, the maximum number of tokens of a batch, padding
            included; of pairs, those of the longer side.
        static_shapes: Whether batches have few different shapes, for XLA and TPUs.
    """

    batch_tokens: Count | None = None
    static_shapes: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cached(Batches):
    """Batches of examples that are kept.

    Args:
        cache: Folder that keeps the encoded examples for later runs.
    """

    cache: Annotated[str | None, FREE] = None
