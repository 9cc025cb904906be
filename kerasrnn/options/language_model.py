"""The options of `kerasrnn train language-model`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, ClassVar

from kerasrnn.checks import UserError
from kerasrnn.options.fields import OF_DATA
from kerasrnn.options.folds import Folded
from kerasrnn.options.groups import Cached, Encoded, NamedData, Recurrent, Text, WordDropout
from kerasrnn.options.pretrained_vectors import PretrainedVectors
from kerasrnn.options.ranges import Count, Length, Size
from kerasrnn.options.words import Context, LanguageModelKind, Optimizer, Schedule, Softmax

__all__ = ["LanguageModel"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class LanguageModel(
    NamedData, Text, Recurrent, PretrainedVectors, WordDropout, Cached, Encoded, Folded
):
    """Train a model that predicts the next character or word of a text.

    Args:
        data: `python_docs`, a tensorflow-datasets name of texts, a .txt, .csv or .jsonl file, or a
            folder with a train.txt, a validation.txt and a test.txt. Of each twenty lines of a file
            the 19th is for validation and the 20th for test, with --whole-file its last tenth in
            order; likewise of the training file of a folder that has no file for one of these.
        validation_data: A .txt file for validation; all of the file of --data is trained on then.
        test_data: A .txt file for test, beside one for validation; that one by default.
        features: Features of the data set or columns of the file to read, such as text=body; found
            by their kinds and usual names by default.
        whole_file: Whether a file is one running text; otherwise each line is a text.
        context: What the model knows where a text begins: nothing (sentence), or the texts before
            (stream).
        model: A recurrent model, or a baseline: the last tokens only, in their order or their mean.
        cell: Recurrent cell; elman is the network of the RNNLM paper.
        units: Units of each layer.
        variational: Whether one draw of the dropout holds for all steps. On a GPU it is slower, for
            cuDNN has no such dropout.
        window: Number of tokens that a model of the last tokens sees.
        embedding: Size of the token vectors; that of `vectors` where there are some, otherwise that
            of the units by default.
        output_layer: The softmax: full, with the token vectors as its weights (tied), or one of
            those that cost less for a large vocabulary.
        length: Tokens that the gradient runs back; a longer sentence is cut.
        max_length: Maximum number of tokens of a continuation.
        batch_size: Rows in a batch.
        optimizer: What changes the weights; lazy_adam leaves the vectors of tokens alone that are
            not in the batch, which is faster for a large vocabulary.

    Example:

    >>> options.LanguageModel(data="python_docs", level="character").context
    'stream'
    """

    task: ClassVar[str] = "language-model"
    embedded: ClassVar[tuple[str, ...]] = ("python_docs",)
    prepared: ClassVar[tuple[str, ...]] = ("tiny_shakespeare", "lm1b", "wiki40b/en")

    validation_data: Annotated[str | None, OF_DATA] = None
    test_data: Annotated[str | None, OF_DATA] = None
    whole_file: bool = False
    context: Context = "stream"
    model: LanguageModelKind = "recurrent"
    units: Size = 256
    variational: bool = False
    window: Count = 4
    embedding: Size | None = None
    output_layer: Softmax = "full"
    length: Count = 50
    max_length: Length = 200
    batch_size: Count = 64
    optimizer: Optimizer = "adam"
    schedule: Schedule = "mikolov"

    def model_options(self) -> dict[str, Any]:
        options = {"variational": self.variational, "embedding": self.embedding}
        return {**super().model_options(), **options}

    def sources(self) -> list[str]:
        others = (data for data in (self.validation_data, self.test_data) if data)
        return [*super().sources(), *others]

    def check_paths(self) -> None:
        super().check_paths()
        if self.folds is not None and (self.whole_file or self.validation_data):
            what = "validation_data" if self.validation_data else "whole_file"
            raise UserError(
                "Expected a file of lines, and no other one, for `folds`, whose lines are held out "
                f"in turn. Received: {what}={getattr(self, what)!r}"
            )

    def reading(self) -> dict[str, Any]:
        return {**super().reading(), "whole_file": self.whole_file}
