"""Image to text: captions, names of digits."""

from __future__ import annotations

import dataclasses
import math
import os
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from kerasrnn import options
from kerasrnn.checks import UserError, check_length, check_list
from kerasrnn.datasets import captioned_image_examples, captioned_images
from kerasrnn.datasets.loaders.caption_examples import start_token
from kerasrnn.datasets.readers.image_decoding import encode_png, image_array
from kerasrnn.datasets.sources.raw_examples import as_dataset
from kerasrnn.decoding import Search
from kerasrnn.files import found_in
from kerasrnn.options import Source
from kerasrnn.tasks.answering import Answering
from kerasrnn.tasks.batching import run_in_batches, without_padding
from kerasrnn.tasks.caption.caption_text import Caption
from kerasrnn.tasks.caption.signatures import CaptionSignatures, check_search
from kerasrnn.tasks.image_paths import image_inputs
from kerasrnn.tasks.loading import load_tokenizer
from kerasrnn.tasks.mistakes import mistakes_of
from kerasrnn.tasks.records import named, no_classes, text_records
from kerasrnn.tasks.tallies.text_tally import text_figures, text_tally
from kerasrnn.tasks.text_metrics import comparable
from kerasrnn.text import Tokenizer
from kerasrnn.views.logits import check_logits
from kerasrnn.vocabulary import BEGIN, RESERVED

__all__ = ["Caption", "Captioner", "read_images"]


class Captioner(Answering):
    """A `one_to_many` of images with the tokenizer of its texts.

    Args:
        model: What `one_to_many` returned for images, trained or not; or several of them, whose
            probabilities are averaged.
        tokenizer: Tokenizer of the texts; its first tokens are those of the starts, as
            `datasets.caption_tokenizer` makes it.
        starts: What a text can be asked for by, such as languages; none by default.
        max_length: Maximum number of tokens of a text, the end token included.
        settings: What the training was told, for the record.
        search: How texts are searched for; greedily by default.

    Raises:
        ValueError: Where the vocabulary is not that of the model, or lacks the starts.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary("abc"))
    >>> size = len(tokenizer.vocabulary)
    >>> model = one_to_many((8, 8, 1), size, units=5, encoder="convolutional")
    >>> texts = Captioner(model, tokenizer, max_length=7).predict([np.zeros((8, 8, 1), "uint8")])
    """

    name = "caption"
    options_class = options.Caption

    def __init__(
        self,
        model: keras.Model | Sequence[keras.Model],
        tokenizer: Tokenizer,
        starts: Sequence[str] = (),
        max_length: int = 200,
        settings: Mapping | None = None,
        search: Search | None = None,
    ):
        self.models = [model] if isinstance(model, keras.Model) else list(model)
        for each in self.models:
            check_logits(each, one_class=True)
        super().__init__(self.models[0], settings)
        size = self.model.output_shape[-1]
        if size != len(tokenizer.vocabulary):
            raise UserError(
                f"Expected a vocabulary of {size} ids, as the model has. "
                f"Received: {len(tokenizer.vocabulary)}"
            )
        wanted = tuple(start_token(start) for start in starts)
        if tokenizer.vocabulary.tokens[: len(wanted)] != wanted:
            raise UserError(
                f"Expected a vocabulary that begins with {', '.join(wanted)}. "
                f"Received: {', '.join(tokenizer.vocabulary.tokens[: len(wanted)])}"
            )
        check_length("max_length", max_length)
        self.tokenizer = tokenizer
        self.starts = tuple(starts)
        self.max_length = max_length
        self.image_shape = next(t.shape[1:] for t in self.model.inputs if t.name == "features")
        self.search = Search() if search is None else search
        check_search(self.search, self.models)

    def new_signatures(self) -> CaptionSignatures:
        return CaptionSignatures(
            self.models, self.tokenizer, self.starts, self.max_length, self.search
        )

    def _with(self, **changes) -> Captioner:
        models = changes.get("models", self.models)
        parts = self.tokenizer, self.starts, self.max_length, self.settings
        return Captioner(models, *parts, changes.get("search", self.search))

    def _inventory(self) -> tuple:
        return self.tokenizer.key(), self.starts, self.image_shape

    def predict(self, inputs: Iterable, batch_size: int = 256) -> list[str]:
        """Writes a text for each image.

        Args:
            inputs: Images, or pairs of an image and a start where the model has starts. An image
                is a `(H, W, C)` uint8 array, the bytes of an image file, or its path.
            batch_size: Images in a batch.

        Returns:
            The texts, as many as there are inputs.

        Raises:
            ValueError: For something that is no image of the model's size, or an unknown start.
        """
        return [text.decode("utf-8") for text in self._written(inputs, batch_size)["text"]]

    def caption(self, inputs: Iterable, batch_size: int = 256) -> list[Caption]:
        """Writes texts and tells the score, the tokens and the attention of each.

        Args:
            inputs: As in `predict`.
            batch_size: Images in a batch.

        Returns:
            A `Caption` for each.
        """
        outputs = self._written(inputs, batch_size)
        return [
            Caption.of({name: rows[i] for name, rows in outputs.items()})
            for i in range(len(outputs["text"]))
        ]

    def read_source(self, source: Source) -> Any:
        """Reads images with texts, see `datasets.captioned_images`."""
        return read_images(source, self.image_shape)

    def evaluate(self, examples: Any, batch_size: int = 256) -> dict:
        """Measures on images with texts.

        Args:
            examples: A `tf.data.Dataset` of `(image, start, text)`, see
                `datasets.captioned_images`; or a list, a table or a generator of them.
            batch_size: Images in a batch.

        Returns:
            `exact_match`, the share of texts that equal the right one; `perplexity` and
            `token_accuracy` under teacher forcing, end token included; `bleu` and `chrf` of the
            texts with their signatures, see `metrics.text_overlap`, or a `note` where sacreBLEU
            is not installed; `examples`.
        """
        return self.figures_of(self.tallies(examples, batch_size))

    def raw(self, examples: Any) -> Any:
        return as_dataset(examples, ("image", "start", "text"), ranks={"image": 3})

    def tally(self, rows: list[Any], batch_size: int) -> dict[str, Any]:
        encoded = captioned_image_examples(self.raw(rows), self.tokenizer, self.starts)
        batches = (
            (*each, self.log_probs_on_batch(each[0])) for each in encoded.batches(batch_size)
        )
        inputs = [(image, s.decode("utf-8")) if self.starts else image for image, s, _ in rows]
        right = comparable([text.decode("utf-8") for _, _, text in rows], self.tokenizer)
        return text_tally(batches, right, self.predict(inputs, batch_size))

    def figures_of(self, tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        return text_figures(tallies)

    def read_inputs(self, source: Source) -> Iterator[Any]:
        return image_inputs(source, self.parse_lines)

    def records(self, inputs: Iterable, *, probabilities: bool = False) -> list[dict]:
        no_classes(probabilities, "texts")
        inputs = self.checked(inputs)
        names = named([each[0] if isinstance(each, tuple) else each for each in inputs])
        records = text_records("image", names, self.caption(inputs))
        if self.starts:
            pairs = zip(records, inputs, strict=True)
            return [{"image": r["image"], "start": each[1], **r} for r, each in pairs]
        return records

    def mistakes(self, examples: Any) -> list[dict]:
        """Lists the images whose text is wrong, by their number; see `mistakes.mistakes_of`."""
        inputs, targets = [], []
        for image, start, text in self.rows_of(examples):
            inputs.append((image, start.decode("utf-8")) if self.starts else image)
            targets.append(text.decode("utf-8"))
        found = self.caption(inputs)
        answers, probabilities = [a.text for a in found], [math.exp(a.log_prob) for a in found]
        targets = comparable(targets, self.tokenizer)
        return mistakes_of(range(1, len(found) + 1), targets, answers, probabilities)

    def parse_lines(self, lines: Sequence[str], folder: str | os.PathLike = ".") -> list:
        """Reads images: a line is the path of an image, with a start behind a tab."""
        inputs = []
        for line in lines:
            path, _, start = line.partition("\t")
            path = found_in(folder, path)
            inputs.append((path, start) if self.starts else path)
        return inputs

    def checked(self, inputs: Iterable) -> list:
        return check_list("inputs", inputs, "images")

    def served_inputs(self, inputs: Sequence) -> dict:
        images, starts = self._images_and_starts(inputs)
        served = {"image_bytes": [encode_png(image) for image in images]}
        return {**served, "start": starts} if self.starts else served

    def default_inputs(self) -> list:
        black = np.zeros(self.image_shape, "uint8")
        return [(black, start) for start in self.starts] or [black]

    def _images_and_starts(self, inputs: Sequence) -> tuple[list[np.ndarray], list[str | None]]:
        pairs = [each if isinstance(each, tuple) else (each, None) for each in inputs]
        wrong = [start for _, start in pairs if start not in (self.starts or (None,))]
        if wrong:
            choice = f"pairs of an image and one of {self.starts}" if self.starts else "images only"
            raise UserError(f"Expected {choice}. Received: start {wrong[0]!r}")
        images = [image_array(image, self.image_shape) for image, _ in pairs]
        return images, [start for _, start in pairs]

    def _written(self, inputs: Iterable, batch_size: int) -> dict[str, list]:
        images, starts = self._images_and_starts(self.checked(inputs))
        first = {start: i for i, start in enumerate(self.starts, start=len(RESERVED))}

        def write(chosen):
            features = np.stack([image for image, _ in chosen]).astype("float32") / 255
            ids = np.array([first.get(start, BEGIN) for _, start in chosen], "int32")
            return self.signatures.write(features, ids)

        pairs = list(zip(images, starts, strict=True))
        outputs = run_in_batches(write, pairs, [0] * len(pairs), batch_size) or {"text": []}
        return without_padding(outputs, self.signatures.lengths["serving_default"])

    def save_parts(self, folder: pathlib.Path) -> dict:
        self.tokenizer.save(folder)
        return {
            "starts": list(self.starts),
            "max_length": self.max_length,
            "search": dataclasses.asdict(self.search),
        }

    @classmethod
    def load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict) -> Captioner:
        tokenizer = load_tokenizer(folder, config, level=config.get("level"))
        starts, max_length, settings = (config[n] for n in ("starts", "max_length", "settings"))
        search = Search(**config.get("search", {}))
        return cls(model, tokenizer, starts, max_length, settings, search)


def read_images(source: Source, image_shape: Sequence[int] | None = None) -> Any:
    """Reads images with texts, all of one shape."""
    return captioned_images(*source.place, image_shape=image_shape, **source.form)
