"""The data set `kerasrnn_moving_digits`: noisy videos of digits, with the digit of each frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow_datasets as tfds

from kerasrnn.datasets.embedded.digits import digit_images, scikit_learn_version, split_images

__all__ = [
    "KerasrnnMovingDigits",
    "MovingDigits",
    "bounce",
    "cover_digits",
    "moving_digits",
    "shot_lengths",
]

SIDE = 16
SPLITS = {"train": 3_000, "validation": 300, "test": 600}
LENGTHS = (8, 20)  # frames of a film, from and to
SHOTS = (4, 10)  # frames of a digit, from and to
HALF_COVERED, COVERED = 0.35, 0.2  # share of the frames between the first and last of a digit
NOISE = 32


class MovingDigits(NamedTuple):
    """Frames `(T, 16, 16, 1)` uint8, and the digit in each, `(T,)` int64."""

    frames: np.ndarray
    labels: np.ndarray


def shot_lengths(generator: np.random.RandomState, length: int) -> list[int]:
    """Cuts a number of frames into shots of 4 to 10.

    Args:
        generator: Gives the random numbers.
        length: Number of frames, 4 or more.

    Returns:
        The number of frames of each shot.

    Example:

    >>> shot_lengths(np.random.RandomState(1), 7)
    [7]
    """
    shortest, longest = SHOTS
    shots = []
    while length >= 2 * shortest:
        shots.append(generator.randint(shortest, min(longest, length - shortest) + 1))
        length -= shots[-1]
    return [*shots, length]


def bounce(start: int, velocity: int, length: int, limit: int = SIDE - 8) -> np.ndarray:
    """Positions of a point that is thrown back at both ends of a line.

    Args:
        start: The first position, from 0 to `limit`.
        velocity: Steps a frame, negative towards 0.
        length: Number of frames.
        limit: The last position of the line.

    Returns:
        The positions, `(length,)` int64.

    Example:

    >>> bounce(6, 1, 5).tolist()
    [6, 7, 8, 7, 6]
    """
    unfolded = start + velocity * np.arange(length)
    return limit - np.abs(unfolded % (2 * limit) - limit)


def cover_digits(generator: np.random.RandomState, shots: Sequence[int]) -> np.ndarray:
    """Draws what of the digit is seen in each frame: all, one half, or nothing.

    A digit is seen in full in its first and its last frame: where it is covered there, nothing
    may tell whether it has been replaced already.

    Args:
        generator: Gives the random numbers.
        shots: The number of frames of each digit.

    Returns:
        `(T, 8, 8, 1)` bool, `False` where the digit is covered.

    Example:

    >>> cover_digits(np.random.RandomState(1), [4, 5])[:, 0, 0, 0].shape
    (9,)
    """
    seen = np.ones((sum(shots), 8, 8, 1), bool)
    halves = (np.s_[:4], np.s_[4:], np.s_[:, :4], np.s_[:, 4:])
    ends = {end for last in np.cumsum(shots) for end in (last - 1, last)} | {0}
    for frame, draw in enumerate(generator.random_sample(len(seen))):
        half = halves[generator.randint(4)]
        if frame in ends:
            continue
        if draw < HALF_COVERED:
            seen[frame][half] = False
        elif draw >= 1 - COVERED:
            seen[frame] = False
    return seen


def moving_digits(
    split: str, number: int, noise: int = NOISE, covered: bool = True, seed: int = 1
) -> Iterator[MovingDigits]:
    """Videos of 8 to 20 frames in which a digit moves, bounces, and is replaced now and then.

    The digit that replaces another is of another class and goes on from the same place in the
    same direction. Digits come from the split's images of `kerasrnn_digits` alone.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        number: How many videos.
        noise: The most that is added to or taken from a pixel.
        covered: Whether digits are covered in some frames, by half or as a whole.
        seed: Decides the videos, and the images of the split. Videos with another `noise` or
            `covered` are the same otherwise.

    Returns:
        An iterator over the videos.

    Raises:
        ValueError: For an unknown split, or where scikit-learn is not installed.

    Example:

    >>> frames, labels = next(moving_digits("test", 1))
    >>> frames.shape[1:], len(frames) == len(labels)
    ((16, 16, 1), True)
    """
    images, labels = digit_images()
    own = split_images(split, labels, seed)
    for film in range(number):
        # NumPy promises the same numbers in every version for `RandomState` alone.
        generator = np.random.RandomState([seed, list(SPLITS).index(split), film])
        shots = shot_lengths(generator, generator.randint(LENGTHS[0], LENGTHS[1] + 1))
        shown = np.repeat(_unlike_neighbours(generator, own, labels, len(shots)), shots)
        rows, columns = (
            bounce(generator.randint(SIDE - 7), generator.choice([-2, -1, 1, 2]), len(shown))
            for _ in range(2)
        )
        seen = cover_digits(generator, shots) | (not covered)
        frames = np.zeros((len(shown), SIDE, SIDE, 1), "int64")
        for frame, (row, column) in enumerate(zip(rows, columns, strict=True)):
            frames[frame, row : row + 8, column : column + 8] = images[shown[frame]] * seen[frame]
        frames += generator.randint(-noise, noise + 1, frames.shape)
        yield MovingDigits(frames.clip(0, 255).astype("uint8"), labels[shown])


def _unlike_neighbours(
    generator: np.random.RandomState, own: Sequence[int], labels: np.ndarray, number: int
) -> list[int]:
    """Draws images, each with another digit than the one before it."""
    drawn: list[int] = []
    while len(drawn) < number:
        image = own[generator.randint(len(own))]
        if not drawn or labels[image] != labels[drawn[-1]]:
            drawn.append(image)
    return drawn


class KerasrnnMovingDigits(tfds.core.GeneratorBasedBuilder):
    """Videos of moving digits with a label a frame, `kerasrnn_moving_digits`, without a download.

    In some frames the digit is covered, by half or as a whole; the frames around them tell what
    it is. Needs scikit-learn to be prepared (`pip install 'kerasrnn[digits]'`), not to be read.
    Importing this module registers the data set.

    Example:

    >>> tfds.load("kerasrnn_moving_digits", split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": f"{sum(SPLITS.values()):,} films of 8 to 20 frames."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Films of 8 to 20 noisy frames of 16 by 16 pixels, in which a handwritten digit "
                "moves, bounces off the edges, and is replaced by another digit after 4 to 10 "
                "frames. The label of a frame is its digit. In some frames, never the first or "
                "last of a digit, half of it or all of it is covered. The images are those of "
                "kerasrnn_digits: scikit-learn (BSD licence), after Optical Recognition of "
                "Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, "
                "1998 (CC BY 4.0). No image is in two splits."
            ),
            features=tfds.features.FeaturesDict(
                {
                    # Bytes load faster than a list of numbers or an image a frame.
                    "frames": tfds.features.Tensor(
                        shape=(None, SIDE, SIDE, 1), dtype=np.uint8, encoding="bytes"
                    ),
                    "labels": tfds.features.Sequence(tfds.features.ClassLabel(num_classes=10)),
                }
            ),
            supervised_keys=("frames", "labels"),
            homepage="https://archive.ics.uci.edu/dataset/80",
            metadata=tfds.core.MetadataDict(scikit_learn_version=scikit_learn_version()),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {
            name: self._generate_examples(moving_digits(name, size))
            for name, size in SPLITS.items()
        }

    def _generate_examples(
        self, films: Iterable[MovingDigits]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for number, film in enumerate(films):
            yield f"{number:05}", film._asdict()
