"""The options of `kerasrnn train caption`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar

from kerasrnn.options.data_size import DataSize
from kerasrnn.options.fields import Unrecorded
from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import Attending, Batches, Embedded, Encoded, NamedData, Text
from kerasrnn.options.own_encoder import OwnEncoder
from kerasrnn.options.pretrained_vectors import PretrainedVectors
from kerasrnn.options.ranges import Count, Size
from kerasrnn.options.words import Attention, Cell

__all__ = ["Caption"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Caption(
    NamedData,
    Text,
    Attending,
    Embedded,
    PretrainedVectors,
    OwnEncoder,
    Batches,
    Encoded,
    Folded,
):
    """Train a one-to-many model that writes a text about an image.

    Args:
        data: `digits`, a tensorflow-datasets name of images with a text each, a .tsv file (the path
            of an image, a tab and a text on each line), a .csv or .jsonl file (columns image and
            text), or a folder with such a file for each split. Of each twenty rows of a file the
            19th is for validation and the 20th for test; likewise of the training file of a folder
            that has no file for one of these.
        features: Features of the data set or columns of the file to read, such as
            image=file,text=caption; found by their kinds and usual names by default.
        units: Units of each decoder layer.
        num_layers: Layers of the decoder.
        embedding: Size of the token vectors; that of `vectors` where there are some, otherwise 64
            by default.
        attention: Score of the attention over the places of the image.
        input_feeding: Whether each step reads the attention vector of the step before.
        batch_size: Images in a batch.

    Example:

    >>> options.Caption(data="digits", units=32).cell
    'gru'
    """

    task: ClassVar[str] = "caption"
    embedded: ClassVar[tuple[str, ...]] = ("digits",)
    prepared: ClassVar[tuple[str, ...]] = ("coco_captions",)

    embedding_name: ClassVar[str] = "target_embedding"

    min_count: Count = 1
    cell: Cell = "gru"
    units: Size = 128
    embedding: Annotated[Size | None, Unrecorded(64)] = None
    attention: Attention = "additive"

    def chosen(self, size: DataSize) -> dict[str, Any]:
        return {"embedding": 64}

    def model_options(self) -> dict[str, Any]:
        return {**super().model_options(), "embedding": self.embedding}
