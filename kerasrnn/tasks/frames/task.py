"""Video to labels: one for each frame."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_list
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
from kerasrnn.tasks.frames.signatures import FrameSignatures
from kerasrnn.tasks.frames.step_labeler import FrameLabels, StepLabeler

__all__ = ["FrameLabeler", "FrameLabels", "read_videos"]


class FrameLabeler(StepLabeler):
    """A `many_to_many` of frames with the names of its classes.

    An input of `predict` is a video: a `(T, H, W, C)` uint8 array, or a sequence of frames, each an
    array, the bytes of an image file, or its path; or the path of a folder of image files, which
    are taken in the natural order of their names, or of an animated GIF.

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
    unit = "film"
    counted = "frames"

    def __init__(
        self, model: keras.Model, labels: Sequence[str], settings: Mapping[str, Any] | None = None
    ):
        super().__init__(model, labels, settings)
        self.frame_shape = next(t.shape[2:] for t in model.inputs if t.name == "features")

    def new_signatures(self) -> FrameSignatures:
        return FrameSignatures(self.model, self.labels)

    def read_source(self, source: Source) -> Any:
        """Reads videos with labels, see `datasets.labelled_frames`."""
        return read_videos(source, self.options, self.frame_shape)

    def raw(self, examples: Any) -> Any:
        """Returns a `tf.data.Dataset` of `(frames, labels)`, see `datasets.labelled_frames`.

        Args:
            examples: Such a data set; or a list, a table or a generator of them.
        """
        return films_with_labels(examples)

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
        films = [[encode_png(frame) for frame in film] for film in self.arrays(inputs)]
        longest = max(map(len, films), default=0)
        return {"frames_bytes": [film + [b""] * (longest - len(film)) for film in films]}

    def default_inputs(self) -> list[Any]:
        black = np.zeros((3, *self.frame_shape), "uint8")
        return [black, black[:1]]

    def arrays(self, inputs: Iterable[Any]) -> list[np.ndarray]:
        """Makes a `(T, H, W, C)` uint8 array of each video.

        Raises:
            ValueError: For a video without frames, or frames that are no images.
        """
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

    def label_batch(self, films: Sequence[np.ndarray]) -> dict[str, Any]:
        longest = max(map(len, films), default=1)  # recurrent layers need a step
        features = np.zeros((len(films), longest, *self.frame_shape), "float32")
        mask = np.zeros((len(films), longest), bool)
        for i, film in enumerate(films):
            features[i, : len(film)], mask[i, : len(film)] = film.astype("float32") / 255, True
        return self.signatures.label(features, mask)

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
