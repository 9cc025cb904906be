"""The data set `kerasrnn_digits`: images of digits, and the digits' names in seven languages."""

from __future__ import annotations

import importlib.metadata
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow_datasets as tfds

from kerasrnn.checks import UserError

__all__ = [
    "DIGIT_NAMES",
    "DigitExample",
    "KerasrnnDigits",
    "digit_examples",
    "digit_images",
    "scikit_learn_version",
    "split_images",
]

DIGIT_NAMES = {
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "fi": (
        *("nolla", "yksi", "kaksi", "kolme", "neljä"),
        *("viisi", "kuusi", "seitsemän", "kahdeksan", "yhdeksän"),
    ),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    "it": ("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"),
    "pl": (
        *("zero", "jeden", "dwa", "trzy", "cztery"),
        *("pięć", "sześć", "siedem", "osiem", "dziewięć"),
    ),
}
# Of ten images of a digit, two are for the test and one is for validation.
TENTHS = {"train": range(3, 10), "validation": range(2, 3), "test": range(2)}


class DigitExample(NamedTuple):
    """An image `(8, 8, 1)` uint8, its digit, the code of a language, and the digit's name in it."""

    image: np.ndarray
    label: int
    language: str
    name: str


def scikit_learn_version() -> str:
    """The version of the installed scikit-learn, `"none"` where there is none.

    Returns:
        The version, found without importing scikit-learn.

    Example:

    >>> scikit_learn_version().count(".") > 0
    True
    """
    try:
        return importlib.metadata.version("scikit-learn")
    except importlib.metadata.PackageNotFoundError:
        return "none"


def digit_images() -> tuple[np.ndarray, np.ndarray]:
    """The handwritten digits that come with scikit-learn, the test set of UCI's "Optical
    Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998).

    Returns:
        The images `(1797, 8, 8, 1)` uint8, their 17 levels of grey spread over 0 to 255, and
        their digits `(1797,)` int64, in scikit-learn's order.

    Raises:
        ValueError: Where scikit-learn is not installed.

    Example:

    >>> images, labels = digit_images()
    >>> images.shape, labels[:5].tolist()
    ((1797, 8, 8, 1), [0, 1, 2, 3, 4])
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise UserError(
            "Expected scikit-learn, which has the images of the data sets 'digits' and "
            "'moving_digits': pip install 'kerasrnn[digits]'"
        ) from error
    levels, labels = load_digits(return_X_y=True)
    images = (levels.astype("int64") * 255 + 8) // 16  # to the nearest, halves up
    return images.reshape(-1, 8, 8, 1).astype("uint8"), labels.astype("int64")


def split_images(split: str, labels: Sequence[int] | np.ndarray, seed: int = 1) -> list[int]:
    """The images of a split: of each digit alike 7 tenths, 1 tenth or 2 tenths.

    scikit-learn's order is one writer after the other; here every split has all writers.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        labels: The digit of every image.
        seed: Decides which image is in which split, and the order within a split.

    Returns:
        Indices of images. Each image is in one split.

    Raises:
        ValueError: For an unknown split.

    Example:

    >>> [len(split_images(split, 50 * [0, 1])) for split in ("train", "validation", "test")]
    [70, 10, 20]
    """
    if split not in TENTHS:
        raise UserError(f"Expected `split` to be one of {tuple(TENTHS)}. Received: {split!r}")
    # Python promises the same numbers in every version for `random` alone, not for `shuffle`.
    generator = random.Random(seed)
    order = sorted(range(len(labels)), key=lambda _: generator.random())
    by_digit = sorted(order, key=lambda image: labels[image])
    tenth = {image: place % 10 for place, image in enumerate(by_digit)}
    return [image for image in order if tenth[image] in TENTHS[split]]


def digit_examples(split: str, seed: int = 1) -> Iterator[DigitExample]:
    """Every image of a split once in every language.

    Args:
        split: `"train"`, `"validation"` or `"test"`.
        seed: Decides which images are in the split, and their order.

    Returns:
        An iterator over the examples, an image in all languages before the next image.

    Raises:
        ValueError: For an unknown split, or where scikit-learn is not installed.

    Example:

    >>> [example.language for _, example in zip(range(8), digit_examples("test"))]
    ['de', 'en', 'es', 'fi', 'fr', 'it', 'pl', 'de']
    """
    images, labels = digit_images()
    for number in split_images(split, labels, seed):
        label = int(labels[number])
        for language, names in DIGIT_NAMES.items():
            yield DigitExample(images[number], label, language, names[label])


class KerasrnnDigits(tfds.core.GeneratorBasedBuilder):
    """Images of digits and their names in letters, `kerasrnn_digits`, made without a download.

    Needs scikit-learn to be prepared (`pip install 'kerasrnn[digits]'`), not to be read.
    Importing this module registers the data set.

    Example:

    >>> tfds.load("kerasrnn_digits", split="train")  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": f"1,797 images, each in {len(DIGIT_NAMES)} languages."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "The 1,797 handwritten digits of 8 by 8 pixels that come with scikit-learn "
                "(BSD licence), each with its name in letters in "
                f"{len(DIGIT_NAMES)} languages: {', '.join(DIGIT_NAMES)}. The images are the test "
                "set of Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI "
                "Machine Learning Repository, 1998 (CC BY 4.0), with pixels from 0 to 255. No "
                "image is in two splits; every writer is in all of them."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(8, 8, 1), encoding_format="png"),
                    "label": tfds.features.ClassLabel(num_classes=10),
                    "language": tfds.features.Text(),
                    "name": tfds.features.Text(),
                }
            ),
            supervised_keys=(("image", "language"), "name"),
            homepage="https://archive.ics.uci.edu/dataset/80",
            metadata=tfds.core.MetadataDict(scikit_learn_version=scikit_learn_version()),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {name: self._generate_examples(digit_examples(name)) for name in TENTHS}

    def _generate_examples(
        self, examples: Iterable[DigitExample]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for number, example in enumerate(examples):
            yield f"{number:05}", example._asdict()
