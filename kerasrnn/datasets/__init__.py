"""Data: the embedded sets, tensorflow-datasets names and files, and the way into batches.

Importing this package registers the embedded data sets with tensorflow-datasets.
"""

from kerasrnn.datasets import (
    dates,  # noqa: F401 (registers kerasrnn_dates)
    digits,  # noqa: F401 (registers kerasrnn_digits)
    languages,  # noqa: F401 (registers kerasrnn_languages)
    moving_digits,  # noqa: F401 (registers kerasrnn_moving_digits)
    python_docs,  # noqa: F401 (registers kerasrnn_python_docs)
    python_tokens,  # noqa: F401 (registers kerasrnn_python_tokens)
)
from kerasrnn.datasets.builders import EMBEDDED
from kerasrnn.datasets.cache import check_cache, source_digest
from kerasrnn.datasets.captions import caption_tokenizer, captioned_image_examples, captioned_images
from kerasrnn.datasets.class_weights import class_weights, count_labels, weigh_classes
from kerasrnn.datasets.classification import labelled_text_examples
from kerasrnn.datasets.dialogues import dialogue_pairs, joined_turns
from kerasrnn.datasets.examples import Examples
from kerasrnn.datasets.forecasting import (
    WindowScale,
    forecast_examples,
    forecast_windows,
    root_mean_square,
)
from kerasrnn.datasets.frames import frame_examples, labelled_frames
from kerasrnn.datasets.labelled_images import (
    has_images,
    labelled_image_examples,
    labelled_images,
)
from kerasrnn.datasets.labels import check_labels, check_repeating, label_names
from kerasrnn.datasets.language import next_tokens, text_examples
from kerasrnn.datasets.notes import note, notes_to
from kerasrnn.datasets.padding import padding_waste
from kerasrnn.datasets.pairs import (
    longest_target,
    pair_batches,
    pair_examples,
    train_tokenizers,
)
from kerasrnn.datasets.series import Series, read_series
from kerasrnn.datasets.sources import labelled_texts, text_pairs
from kerasrnn.datasets.streams import stream_batches
from kerasrnn.datasets.tagged_inputs import tagged_inputs
from kerasrnn.datasets.tagged_split import TaggedSplit
from kerasrnn.datasets.tagged_tokens import tagged_tokens
from kerasrnn.datasets.tagging import tagged_examples
from kerasrnn.datasets.text_inputs import text_inputs
from kerasrnn.datasets.texts import texts
from kerasrnn.datasets.times import following_times
from kerasrnn.datasets.validate import validate
from kerasrnn.datasets.word_dropout import drop_words

__all__ = [
    "EMBEDDED",
    "Examples",
    "Series",
    "TaggedSplit",
    "WindowScale",
    "caption_tokenizer",
    "check_cache",
    "captioned_image_examples",
    "captioned_images",
    "check_labels",
    "check_repeating",
    "class_weights",
    "count_labels",
    "following_times",
    "forecast_examples",
    "forecast_windows",
    "root_mean_square",
    "dialogue_pairs",
    "drop_words",
    "frame_examples",
    "has_images",
    "joined_turns",
    "label_names",
    "labelled_frames",
    "labelled_image_examples",
    "labelled_images",
    "labelled_text_examples",
    "labelled_texts",
    "longest_target",
    "note",
    "notes_to",
    "next_tokens",
    "padding_waste",
    "pair_batches",
    "pair_examples",
    "source_digest",
    "stream_batches",
    "tagged_examples",
    "tagged_inputs",
    "tagged_tokens",
    "text_examples",
    "read_series",
    "text_inputs",
    "text_pairs",
    "texts",
    "train_tokenizers",
    "validate",
    "weigh_classes",
]
