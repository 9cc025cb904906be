"""Text to text: translation, normalisation, dialogue."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence

import keras
import numpy as np

from kerasrnn import export
from kerasrnn.datasets import dialogue_pairs, pair_batches, text_pairs
from kerasrnn.metrics import Perplexity, TokenAccuracy
from kerasrnn.tasks.batching import run_in_batches
from kerasrnn.tasks.task import Task
from kerasrnn.text import Tokenizer
from kerasrnn.views.wiring import embedding_of, layers_by_name
from kerasrnn.vocabulary import Vocabulary

__all__ = ["Translation", "Translator"]

SIDES = ("source", "target")


@dataclasses.dataclass(frozen=True)
class Translation:
    """An answer and where it came from.

    Attributes:
        text: The answer.
        score: Natural logarithm of the probability that the model gives to it.
        source_tokens: The S tokens of the input, as the model saw them.
        target_tokens: The T tokens of the answer; the last is `<end>` unless it was cut.
        attention: `(T, S)` float32 weights, row t for target token t; `None` without attention.
    """

    text: str
    score: float
    source_tokens: list[str]
    target_tokens: list[str]
    attention: np.ndarray | None


class Translator(Task):
    """An encoder-decoder with the tokenizers of both sides.

    Args:
        model: What `encoder_decoder` returned, trained or not.
        source: Tokenizer of the source.
        target: Tokenizer of the target.
        max_length: The greatest number of tokens of an answer, the end token included.
        settings: What the training was told, for the record.

    Raises:
        ValueError: Where the vocabularies are not those that the model was built for.

    Example:

    >>> source, target = Tokenizer(Vocabulary("abc")), Tokenizer(Vocabulary("0123"))
    >>> model = encoder_decoder(len(source.vocabulary), len(target.vocabulary), units=5)
    >>> answers = Translator(model, source, target, max_length=7).predict(["cab", "b"])
    """

    name = "translate"

    def __init__(
        self,
        model: keras.Model,
        source: Tokenizer,
        target: Tokenizer,
        max_length: int = 200,
        settings: Mapping | None = None,
    ):
        super().__init__(model, settings)
        embedding = embedding_of(layers_by_name(model), "source")
        sizes = embedding.input_dim, model.output_shape[-1]
        received = len(source.vocabulary), len(target.vocabulary)
        if sizes != received:
            raise ValueError(
                f"Expected vocabularies of {sizes[0]} and {sizes[1]} ids, as the model has. "
                f"Received: {received[0]} and {received[1]}"
            )
        if max_length < 1:
            raise ValueError(f"Expected `max_length` of at least 1. Received: {max_length}")
        self.source = source
        self.target = target
        self.max_length = max_length
        self._function = export.TranslationFunction(model, source, target, max_length)

    def predict(self, inputs: Iterable[str], batch_size: int = 256) -> list[str]:
        """Translates texts.

        Args:
            inputs: Texts, in any number.
            batch_size: Texts in a batch; like lengths go together, the order stays.

        Returns:
            The answers, as many as there are inputs.
        """
        outputs = self._run(inputs, batch_size, ("text",))
        return [text.decode("utf-8") for text in outputs["text"]]

    def translate(self, inputs: Iterable[str], batch_size: int = 256) -> list[Translation]:
        """Translates texts and tells the score, the tokens and the attention of each.

        Args:
            inputs: Texts.
            batch_size: Texts in a batch.

        Returns:
            A `Translation` for each.
        """
        outputs = self._run(inputs, batch_size, None)
        return [
            _translation({name: rows[i] for name, rows in outputs.items()})
            for i in range(len(outputs["text"]))
        ]

    def read(self, data: str, split: str, data_dir: str | None = None):
        """Reads pairs of texts, or dialogues where it was trained on some; see `datasets`."""
        turns = self.settings.get("turns")
        return dialogue_pairs(data, split, turns) if turns else text_pairs(data, split, data_dir)

    def evaluate(self, pairs, batch_size: int = 256) -> dict[str, float]:
        """Measures on pairs of texts.

        Args:
            pairs: A `tf.data.Dataset` of `(source, target)` strings, see `datasets.text_pairs`.
            batch_size: Pairs in a batch.

        Returns:
            `exact_match`, the share of answers that equal the target; `perplexity` and
            `token_accuracy` under teacher forcing, end token included; `examples`.
        """
        metrics = [Perplexity(), TokenAccuracy()]
        for x, y, sample_weight in pair_batches(pairs, self.source, self.target, batch_size):
            logits = self.model.predict_on_batch(x)
            for metric in metrics:
                metric.update_state(y, logits, sample_weight)
        texts = [tuple(text.decode("utf-8") for text in pair) for pair in pairs.as_numpy_iterator()]
        answers = self.predict([source for source, _ in texts], batch_size)
        right = [answer == target for answer, (_, target) in zip(answers, texts, strict=True)]
        return {
            "exact_match": float(np.mean(right)) if right else float("nan"),
            **{metric.name: float(metric.result()) for metric in metrics},
            "examples": len(right),
        }

    def export(
        self, directory: str | os.PathLike, examples: Sequence[str] = ("", "a", "0, b")
    ) -> pathlib.Path:
        """Writes `directory/<next version>/`, a SavedModel that TensorFlow Serving can serve.

        Its signature `serving_default` takes `text` `(B,)` string and gives what
        `export.TranslationFunction` says: text, score, lengths and attention.

        Args:
            directory: Folder of the versions of this model.
            examples: Texts on which the reloaded export is compared with this task.

        Returns:
            The folder of the new version.

        Raises:
            ValueError: Where `directory` cannot be written.
            RuntimeError: Where the reloaded model gives another answer.
        """
        return export.write_version(
            directory,
            {"serve": self._function.serve},
            tracked=self._function.tracked,
            example={"text": export.as_text(examples)},
        )

    def _run(self, inputs: Iterable[str], batch_size: int, names) -> dict[str, list]:
        inputs = list(inputs)

        def serve(texts):
            outputs = self._function.serve(export.as_text(texts))
            return outputs if names is None else {name: outputs[name] for name in names}

        lengths = [len(text) for text in inputs]
        return run_in_batches(serve, inputs, lengths, batch_size) or {"text": []}

    def _save_parts(self, folder: pathlib.Path) -> dict:
        for side in SIDES:
            getattr(self, side).vocabulary.save(folder / f"{side}_vocabulary.txt")
        levels = {f"{side}_level": getattr(self, side).level for side in SIDES}
        return {**levels, "max_length": self.max_length}

    @classmethod
    def _load_parts(cls, folder: pathlib.Path, model: keras.Model, config: dict) -> Translator:
        tokenizers = [
            Tokenizer(Vocabulary.load(folder / f"{side}_vocabulary.txt"), config[f"{side}_level"])
            for side in SIDES
        ]
        return cls(model, *tokenizers, config["max_length"], config["settings"])


def _translation(row: dict) -> Translation:
    rows, columns = row["target_length"], row["source_length"]
    return Translation(
        text=row["text"].decode("utf-8"),
        score=float(row["score"]),
        source_tokens=[token.decode("utf-8") for token in row["source_tokens"][:columns]],
        target_tokens=[token.decode("utf-8") for token in row["target_tokens"][:rows]],
        attention=row["attention"][:rows, :columns] if "attention" in row else None,
    )
