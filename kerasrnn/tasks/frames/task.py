"""Video to labels: one for each frame."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_list, check_texts
from kerasrnn.datasets import labelled_frames
from kerasrnn.datasets.readers.feature_names import feature_names
from kerasrnn.datasets.readers.image_decoding import encode_png, image_array
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.readers.table_rows import PLAIN
from kerasrnn.datasets.sources.labelled_frames import films_with_labels
from kerasrnn.datasets.videos.video_file import is_animation, read_frames
from kerasrnn.datasets.videos.video_sources import VIDEO_FILES, video_inputs
from kerasrnn.files import found_in
from kerasrnn.options import Source
from kerasrnn.options.frames import height_and_width
from kerasrnn.tasks.batching import run_in_batches, without_padding
from kerasrnn.tasks.class_metrics import class_metrics
from kerasrnn.tasks.frames.signatures import FrameSignatures
from kerasrnn.tasks.labelled import Labelled, distinct_labels
from kerasrnn.tasks.mistakes import mistakes_of_steps
from kerasrnn.tasks.records import named, no_classes
from kerasrnn.tasks.tallies.pair_counts import confusion_of, pair_counts
from kerasrnn.views.logits import check_logits

__all__ = ["FrameLabeler", "FrameLabels", "read_videos"]


@dataclasses.dataclass(frozen=True)
class FrameLabels:
    """The labels of a video.

    Attributes:
        labels: One for each of T frames.
        probabilities: `(T,)` float32, that of each label.
    """

    labels: list[str]
    probabilities: np.ndarray


class FrameLabeler(Labelled):
    """A `many_to_many` of frames with the names of its classes.

    Args:
        model: What `many_to_many` returned for frames, with a softmax, trained or not.
        labels: Names of the L classes, in the order of the model's outputs.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the labels are not those that the model was built for.

    Example:

    >>> model = many_to_many((8, 8, 1), 2, units=5)
    >>> films = [np.zeros((3, 8, 8, 1), "uint8"), np.zeros((7, 8, 8, 1), "uint8")]
    >>> [len(labels) for labels in FrameLabeler(model, ["off", "on"]).predict(films)]
    [3, 7]
    """

    name = "frames"
    options_class = options.Frames
    served_answer = "labels"
    unit = "film"
    tally_batch = 64
    steps = {"labels": "label", "probabilities": "probability"}

    def __init__(
        self, model: keras.Model, labels: Sequence[str], settings: Mapping[str, Any] | None = None
    ):
        super().__init__(model, settings)
        check_logits(model, one_class=True)
        labels = check_texts("labels", labels, "labels")
        if len(model.output_shape) != 3 or model.output_shape[-1] != len(labels):
            raise UserError(
                f"Expected as many labels as the model's outputs {model.output_shape} have. "
                f"Received: {len(labels)}"
            )
        self.labels = distinct_labels(labels)
        self.frame_shape = next(t.shape[2:] for t in model.inputs if t.name == "features")

    def new_signatures(self) -> FrameSignatures:
        return FrameSignatures(self.model, self.labels)

    def predict(self, inputs: Iterable[Any], batch_size: int = 64) -> list[list[str]]:
        """Labels each frame of each video.

        Args:
            inputs: Videos: a `(T, H, W, C)` uint8 array, or a sequence of frames, each an array,
                the bytes of an image file, or its path; or the path of a folder of image files,
                which are taken in the natural order of their names, or of an animated GIF.
            batch_size: Videos in a batch; like lengths go together, the order stays.

        Returns:
            A list of labels for each video.

        Raises:
            ValueError: For a video without frames, or frames that are no images.
        """
        return [each.labels for each in self.label(inputs, batch_size)]

    def label(self, inputs: Iterable[Any], batch_size: int = 64) -> list[FrameLabels]:
        """Labels each frame and tells how sure the model is of it.

        Args:
            inputs: As in `predict`.
            batch_size: Videos in a batch.

        Returns:
            `FrameLabels` for each video.
        """
        films = self._films(inputs)
        outputs = run_in_batches(self._label_batch, films, list(map(len, films)), batch_size)
        outputs = without_padding(outputs, self.signatures.lengths["serving_default"])
        return [
            FrameLabels(
                labels=[name.decode("utf-8") for name in outputs["labels"][i]],
                probabilities=outputs["probability"][i],
            )
            for i in range(len(films))
        ]

    def read_source(self, source: Source) -> Any:
        """Reads videos with labels, see `datasets.labelled_frames`."""
        return read_videos(source, self.options, self.frame_shape)

    def evaluate(self, examples: Any, batch_size: int = 64) -> dict[str, float]:
        """Measures on videos with labels.

        Args:
            examples: A `tf.data.Dataset` of `(frames, labels)`, see `datasets.labelled_frames`; or
                a list, a table or a generator of them, `(T, H, W, C)` uint8 and T labels.
            batch_size: Videos in a batch.

        Returns:
            `accuracy`, the share of frames with the right label; `macro_f1`, the mean of the
            labels' F1; `unseen_labels`, where there are right labels that no training has seen,
            which count as errors; `frames`; `examples`, the number of videos.

        Raises:
            ValueError: Where no right label was seen in training.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def raw(self, examples: Any) -> Any:
        return films_with_labels(examples)

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        right = [label.decode("utf-8") for _, labels in rows for label in labels]
        answers = self.predict([film for film, _ in rows], batch_size)
        found = [label for labels in answers for label in labels]
        return {"pairs": pair_counts(right, found), "examples": len(rows)}

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        tallies = list(tallies)
        counts = confusion_of(tallies, self.labels)
        figures = {**class_metrics(counts, self.labels), "frames": int(counts.sum())}
        return {**figures, "examples": sum(tally["examples"] for tally in tallies)}

    def records(
        self, inputs: Iterable[Any], *, probabilities: bool = False
    ) -> list[dict[str, Any]]:
        no_classes(probabilities, "the probability of the label of each frame alone")
        inputs = self.checked(inputs)
        return [
            {"film": name, "labels": each.labels, "probabilities": each.probabilities.tolist()}
            for name, each in zip(named(inputs), self.label(inputs), strict=True)
        ]

    def mistakes(self, examples: Any) -> list[dict[str, Any]]:
        """Lists the frames whose label is wrong, see `mistakes.mistakes_of_steps`."""
        pairs = list(films_with_labels(examples).as_numpy_iterator())
        targets = [[label.decode("utf-8") for label in labels] for _, labels in pairs]
        found = self.label([film for film, _ in pairs])
        numbers = [range(1, len(each.labels) + 1) for each in found]
        answers, probabilities = [f.labels for f in found], [f.probabilities for f in found]
        return mistakes_of_steps("film", numbers, targets, answers, probabilities)

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike[str] = ".") -> list[Any]:
        """Reads films: a line is the path of a folder of image files, or of an animated GIF."""
        return [found_in(folder, line) for line in lines]

    def read_inputs(self, source: Source) -> Iterator[Any]:
        """Reads films: a folder or a GIF is one, a table or arrays hold several."""
        if os.path.isdir(source.data) or is_animation(source.data):
            yield pathlib.Path(source.data)
        elif form_of(source.data) in VIDEO_FILES and form_of(source.data) not in PLAIN:
            names = feature_names(source.features, ("frames", "lengths", "label", "video", "frame"))
            yield from video_inputs(source.data, names, source.encoding, self.frame_shape)
        else:
            yield from super().read_inputs(source)

    def checked(self, inputs: Iterable[Any]) -> list[Any]:
        return check_list("inputs", inputs, "films")

    def served_inputs(self, inputs: Sequence[Any]) -> dict[str, Any]:
        films = [[encode_png(frame) for frame in film] for film in self._films(inputs)]
        longest = max(map(len, films), default=0)
        return {"frames_bytes": [film + [b""] * (longest - len(film)) for film in films]}

    def default_inputs(self) -> list[Any]:
        black = np.zeros((3, *self.frame_shape), "uint8")
        return [black, black[:1]]

    def _films(self, inputs: Iterable[Any]) -> list[np.ndarray]:
        films = []
        for film in self.checked(inputs):
            if isinstance(film, (str, os.PathLike)):
                films.append(read_frames(film, self.frame_shape)[0])
                continue
            frames = film
            if len(frames) == 0:
                raise UserError(f"Expected at least one frame in a film. Received: {film!r}")
            films.append(np.stack([image_array(frame, self.frame_shape) for frame in frames]))
        return films

    def _label_batch(self, films: Sequence[np.ndarray]) -> dict[str, Any]:
        longest = max(map(len, films))
        features = np.zeros((len(films), longest, *self.frame_shape), "float32")
        mask = np.zeros((len(films), longest), bool)
        for i, film in enumerate(films):
            features[i, : len(film)], mask[i, : len(film)] = film.astype("float32") / 255, True
        return self.signatures.label(features, mask)

    def save_parts(self, folder: pathlib.Path) -> dict[str, Any]:
        return {"labels": list(self.labels)}

    @classmethod
    def load_parts(
        cls, folder: pathlib.Path, model: keras.Model, config: dict[str, Any]
    ) -> FrameLabeler:
        return cls(model, config["labels"], config["settings"])


def read_videos(
    source: Source, options: options.Frames, frame_shape: Sequence[int] | None = None
) -> Any:
    """Reads videos with labels, all frames of one shape."""
    shape, size = frame_shape, height_and_width(options.image_size)
    return labelled_frames(*source.place, frame_shape=shape, image_size=size, **source.form)
