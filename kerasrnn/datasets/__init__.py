"""Data: the embedded sets, tensorflow-datasets names and files, and the way into batches.

Importing this package registers the embedded data sets with tensorflow-datasets.
"""

from kerasrnn.datasets.batches.example_cache import check_cache
from kerasrnn.datasets.batches.examples import Examples
from kerasrnn.datasets.batches.padding import padding_waste
from kerasrnn.datasets.batches.validate import validate
from kerasrnn.datasets.batches.word_dropout import drop_words
from kerasrnn.datasets.contexts.noise import Noise, keep_probabilities
from kerasrnn.datasets.contexts.running_words import RunningWords, running_words
from kerasrnn.datasets.contexts.word_contexts import WordContexts
from kerasrnn.datasets.embedded import (
    dates,  # noqa: F401 (registers kerasrnn_dates)
    digits,  # noqa: F401 (registers kerasrnn_digits)
    languages,  # noqa: F401 (registers kerasrnn_languages)
    messages,  # noqa: F401 (registers kerasrnn_messages)
    moving_digits,  # noqa: F401 (registers kerasrnn_moving_digits)
    paraphrases,  # noqa: F401 (registers kerasrnn_paraphrases)
    python_docs,  # noqa: F401 (registers kerasrnn_python_docs)
    python_tokens,  # noqa: F401 (registers kerasrnn_python_tokens)
    small_talk,  # noqa: F401 (registers kerasrnn_small_talk)
)
from kerasrnn.datasets.loaders.caption_examples import caption_tokenizer, captioned_image_examples
from kerasrnn.datasets.loaders.cbow_examples import cbow_examples
from kerasrnn.datasets.loaders.class_weights import (
    class_weights,
    count_labels,
    label_weights,
    weigh_classes,
)
from kerasrnn.datasets.loaders.forecast_examples import (
    WindowScale,
    forecast_examples,
    forecast_windows,
    root_mean_square,
)
from kerasrnn.datasets.loaders.frame_examples import frame_examples
from kerasrnn.datasets.loaders.image_examples import labelled_image_examples
from kerasrnn.datasets.loaders.labelled_pair_examples import labelled_pair_examples
from kerasrnn.datasets.loaders.labelled_text_examples import labelled_text_examples
from kerasrnn.datasets.loaders.labelled_vectors import (
    as_vectors,
    has_vectors,
    labelled_vectors,
    read_sequences,
    vector_columns,
)
from kerasrnn.datasets.loaders.labels import (
    check_labels,
    check_repeating,
    label_names,
    with_known_labels,
)
from kerasrnn.datasets.loaders.multi_label_examples import multi_label_examples
from kerasrnn.datasets.loaders.numbered_vectors import (
    numbered_vector_examples,
    numbered_vectors,
    vector_targets,
)
from kerasrnn.datasets.loaders.pair_examples import (
    longest_target,
    pair_batches,
    pair_examples,
    train_tokenizers,
)
from kerasrnn.datasets.loaders.panel_examples import (
    fit_panel_scale,
    panel_examples,
    scaled_window,
    unscaled_forecast,
)
from kerasrnn.datasets.loaders.regression_examples import regression_examples
from kerasrnn.datasets.loaders.stream_batches import stream_batches
from kerasrnn.datasets.loaders.tagged_examples import tagged_examples
from kerasrnn.datasets.loaders.text_examples import next_tokens, text_examples
from kerasrnn.datasets.loaders.token_vocabularies import character_tokenizer, token_tokenizer
from kerasrnn.datasets.loaders.vector_examples import VectorScale, vector_examples
from kerasrnn.datasets.panels.baselines import baselines, naive_errors, value_deviations
from kerasrnn.datasets.panels.calendar_graph import calendar_waves
from kerasrnn.datasets.panels.panel import Panel, TimeSeries
from kerasrnn.datasets.panels.panel_parts import PanelPart, check_changes, split_panel
from kerasrnn.datasets.panels.panel_scale import PanelScale
from kerasrnn.datasets.panels.panel_windows import PanelWindows, WindowBatch, WindowTable
from kerasrnn.datasets.panels.read_panel import read_panel
from kerasrnn.datasets.panels.time_steps import TimeStep
from kerasrnn.datasets.readers.reader_notes import note, notes_to, without_notes
from kerasrnn.datasets.readers.times import following_times
from kerasrnn.datasets.sources.builders import EMBEDDED
from kerasrnn.datasets.sources.captioned_images import caption_texts, captioned_images
from kerasrnn.datasets.sources.dialogues import dialogue_pairs, joined_turns
from kerasrnn.datasets.sources.digests import source_digest
from kerasrnn.datasets.sources.labelled_frames import labelled_frames
from kerasrnn.datasets.sources.labelled_images import has_images, labelled_images
from kerasrnn.datasets.sources.labelled_pairs import labelled_pairs, pair_inputs
from kerasrnn.datasets.sources.labelled_texts import labelled_texts
from kerasrnn.datasets.sources.multi_labelled_texts import (
    has_several_labels,
    multi_labelled_texts,
)
from kerasrnn.datasets.sources.series import Series, read_series
from kerasrnn.datasets.sources.tagged_counts import TaggedCounts, count_tagged
from kerasrnn.datasets.sources.tagged_inputs import tagged_inputs
from kerasrnn.datasets.sources.tagged_split import TaggedSplit
from kerasrnn.datasets.sources.tagged_tokens import tagged_tokens
from kerasrnn.datasets.sources.text_inputs import text_inputs
from kerasrnn.datasets.sources.text_pairs import text_pairs
from kerasrnn.datasets.sources.texts import texts
from kerasrnn.datasets.sources.texts_with_numbers import number_names, texts_with_numbers

__all__ = [
    "EMBEDDED",
    "Examples",
    "Noise",
    "Panel",
    "PanelPart",
    "PanelScale",
    "PanelWindows",
    "RunningWords",
    "Series",
    "TaggedCounts",
    "TaggedSplit",
    "TimeSeries",
    "TimeStep",
    "VectorScale",
    "WindowBatch",
    "WindowScale",
    "WindowTable",
    "WordContexts",
    "as_vectors",
    "baselines",
    "calendar_waves",
    "caption_texts",
    "caption_tokenizer",
    "captioned_image_examples",
    "captioned_images",
    "cbow_examples",
    "character_tokenizer",
    "check_cache",
    "check_changes",
    "check_labels",
    "check_repeating",
    "class_weights",
    "count_labels",
    "count_tagged",
    "dialogue_pairs",
    "drop_words",
    "fit_panel_scale",
    "following_times",
    "forecast_examples",
    "forecast_windows",
    "frame_examples",
    "has_images",
    "has_several_labels",
    "has_vectors",
    "joined_turns",
    "keep_probabilities",
    "label_names",
    "label_weights",
    "labelled_frames",
    "labelled_image_examples",
    "labelled_images",
    "labelled_pair_examples",
    "labelled_pairs",
    "labelled_text_examples",
    "labelled_texts",
    "labelled_vectors",
    "longest_target",
    "multi_label_examples",
    "multi_labelled_texts",
    "naive_errors",
    "next_tokens",
    "note",
    "notes_to",
    "number_names",
    "numbered_vector_examples",
    "numbered_vectors",
    "padding_waste",
    "pair_batches",
    "pair_examples",
    "pair_inputs",
    "panel_examples",
    "read_panel",
    "read_sequences",
    "read_series",
    "regression_examples",
    "root_mean_square",
    "running_words",
    "scaled_window",
    "source_digest",
    "split_panel",
    "stream_batches",
    "tagged_examples",
    "tagged_inputs",
    "tagged_tokens",
    "text_examples",
    "text_inputs",
    "text_pairs",
    "texts",
    "texts_with_numbers",
    "token_tokenizer",
    "train_tokenizers",
    "unscaled_forecast",
    "validate",
    "value_deviations",
    "vector_columns",
    "vector_examples",
    "vector_targets",
    "weigh_classes",
    "with_known_labels",
    "without_notes",
]
