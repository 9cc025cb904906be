"""Options of word vectors that a training starts from."""

from __future__ import annotations

import dataclasses
from typing import Annotated, ClassVar

from kerasrnn.checks import UserError
from kerasrnn.files import check_file
from kerasrnn.options.fields import Unrecorded
from kerasrnn.options.options import Options
from kerasrnn.options.ranges import Natural

__all__ = ["FrozenVectors", "PairVectors", "PretrainedVectors"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class FrozenVectors(Options):
    """Vectors that stay as they are at first.

    Args:
        freeze_vectors: For how many epochs, the first ones, pretrained vectors stay as they are,
            while all else is trained; those of words without a vector in the file too.
    """

    freeze_vectors: Annotated[Natural, Unrecorded(0)] = 0

    def vector_files(self) -> dict[str, str]:
        """Returns the files of word vectors, by the names of the embeddings that they begin."""
        return {}

    def check_paths(self) -> None:
        super().check_paths()
        for path in self.vector_files().values():
            check_file(path)
        if self.freeze_vectors and not self.vector_files():
            raise UserError(
                "Expected a file of word vectors beside `freeze_vectors`. "
                f"Received: freeze_vectors={self.freeze_vectors} and none"
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class PretrainedVectors(FrozenVectors):
    """Token vectors that are there before the training.

    Args:
        vectors: File of word vectors that the training starts from, in the format of word2vec,
            GloVe or fastText; a model of fastText, .bin, which composes vectors of words that it
            has not seen, needs `pip install "kerasrnn[fasttext]"`.
    """

    embedding_name: ClassVar[str] = "token_embedding"

    vectors: Annotated[str | None, Unrecorded(None)] = None

    def vector_files(self) -> dict[str, str]:
        return {} if self.vectors is None else {self.embedding_name: self.vectors}


@dataclasses.dataclass(frozen=True, kw_only=True)
class PairVectors(FrozenVectors):
    """Vectors of source and target that are there before the training.

    Args:
        source_vectors: File of word vectors that those of the source start from, in the format of
            word2vec, GloVe or fastText; a model of fastText, .bin, which composes vectors of words
            that it has not seen, needs `pip install "kerasrnn[fasttext]"`.
        target_vectors: Likewise for the target.
    """

    source_vectors: Annotated[str | None, Unrecorded(None)] = None
    target_vectors: Annotated[str | None, Unrecorded(None)] = None

    def vector_files(self) -> dict[str, str]:
        sides = {"source_embedding": self.source_vectors, "target_embedding": self.target_vectors}
        return {name: path for name, path in sides.items() if path is not None}
