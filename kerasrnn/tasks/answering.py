"""What the tasks that write a text share: how it is searched for, n-best lists, samples, scores."""

from __future__ import annotations

import abc
import dataclasses
import math
import os
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasrnn.checks import UserError, check_texts
from kerasrnn.decoding import Search
from kerasrnn.options.fields import check_value
from kerasrnn.options.ranges import Natural, NonNegative, Part, Seed
from kerasrnn.tasks.tallies.tallied import Tallied
from kerasrnn.typing import Tensor

__all__ = ["Answer", "Answering"]


@dataclasses.dataclass(frozen=True)
class Answer:
    """A text and how likely it is.

    Attributes:
        text: The text.
        log_prob: Natural logarithm of the probability that the model gives to it, the end token
            included.
        score: What answers are ranked by: `log_prob` divided by `((5 + length) / 6) ** α`, plus the
            coverage penalty; see `decoding.beam_search`.
    """

    text: str
    log_prob: float
    score: float


class Answering(Tallied):
    """A task whose answers are searched for, token by token."""

    search: Search
    models: list[keras.Model]

    def ensemble_with(self, *others: Answering) -> Answering:
        """Returns a task that averages the probabilities of several models at each token.

        Args:
            *others: Tasks of the same kind, with the same vocabularies.

        Returns:
            A task that predicts, evaluates and exports; to save are its members.

        Raises:
            ValueError: For no other task, another kind of task, or other vocabularies.
        """
        if not others:
            raise UserError("Expected at least one other task. Received: none")
        for other in others:
            if type(other) is not type(self) or other._inventory() != self._inventory():
                raise UserError(
                    f"Expected another {type(self).__name__} with the same vocabularies. "
                    f"Received: {type(other).__name__}"
                )
        models = [model for each in (self, *others) for model in each.models]
        return self._with(models=models)

    @abc.abstractmethod
    def _with(self, **changes) -> Answering:
        """Returns the same task with other `models` or another `search`."""

    @abc.abstractmethod
    def _inventory(self) -> tuple:
        """Returns what the members of an ensemble have to share."""

    def with_search(self, search: Search | None = None, **options: Any) -> Answering:
        """Returns the same task with another way to search.

        Args:
            search: The whole of it; that of this task by default.
            **options: Of these the ones that differ, such as `beam_width=5`; see
                `decoding.Search`.

        Returns:
            A task over the same model, which is not copied.

        Raises:
            ValueError: For an option that the model cannot serve.
        """
        return self._with(search=dataclasses.replace(search or self.search, **options))

    def log_probs_on_batch(self, x: Any) -> Tensor:
        """Returns the log-probabilities `(B, T, V)` under teacher forcing, all models averaged."""
        each = [ops.log_softmax(model.predict_on_batch(x)) for model in self.models]
        return ops.logsumexp(ops.stack(each), axis=0) - math.log(len(each))

    def save(self, folder: str | os.PathLike[str]) -> None:
        if len(self.models) > 1:
            raise UserError("Expected one model: the members of an ensemble are saved one by one")
        super().save(folder)

    def nbest(self, inputs: Iterable[Any], batch_size: int = 64) -> list[list[Answer]]:
        """Finds the five best answers to each input, by beam search.

        Args:
            inputs: As those of `predict`.
            batch_size: Inputs in a batch.

        Returns:
            A list for each input, the best answer first; shorter where there are fewer.
        """
        outputs = self.call("nbest", inputs, batch_size)
        return [
            [
                Answer(text.decode("utf-8", "replace"), float(log_prob), float(score))
                for text, log_prob, score, length in zip(*row, strict=True)
                if length > 0
            ]
            for row in zip(
                *(outputs.get(name, []) for name in ("texts", "log_probs", "scores", "lengths")),
                strict=True,
            )
        ]

    def sample(
        self,
        inputs: Iterable[Any],
        *,
        seed: int = 0,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        batch_size: int = 256,
        **columns: Any,
    ) -> list[str]:
        """Draws an answer to each input at random.

        Args:
            inputs: As those of `predict`.
            seed: That of the first input; each further one has the next number. The same seed
                gives the same answer to the same input, whatever else is asked with it.
            temperature: 1 for the probabilities of the model, less for more likely answers, 0 for
                the most likely token each time.
            top_k: How many of the most likely tokens may be drawn; 0 for all.
            top_p: Which share of the probability may be drawn from.
            batch_size: Inputs in a batch.
            **columns: Further inputs of the signature.

        Returns:
            The answers, as many as there are inputs. Reserved tokens are never drawn.

        Raises:
            ValueError: For options out of their range.
        """
        check_value("seed", Seed, seed)
        check_value("temperature", NonNegative, temperature)
        check_value("top_k", Natural, top_k)
        check_value("top_p", Part, top_p)
        inputs = self.checked(inputs)
        options = {
            "seed": np.arange(len(inputs), dtype="int64") + seed,
            "temperature": np.full(len(inputs), temperature, "float32"),
            "top_k": np.full(len(inputs), top_k, "int32"),
            "top_p": np.full(len(inputs), top_p, "float32"),
        }
        outputs = self.call("sample", inputs, batch_size, **options, **columns)
        return [text.decode("utf-8", "replace") for text in outputs.get("text", [])]

    def score(
        self, inputs: Sequence[Any], answers: Sequence[str], batch_size: int = 256
    ) -> list[float]:
        """Gives the natural log-probability of given answers, end tokens included.

        Args:
            inputs: As those of `predict`.
            answers: A text for each.
            batch_size: Inputs in a batch.

        Returns:
            A number for each.

        Raises:
            ValueError: For another number of answers than of inputs.
        """
        inputs, answers = self.checked(inputs), check_texts("answers", answers)
        if len(inputs) != len(answers):
            raise UserError(
                f"Expected an answer for each of {len(inputs)} inputs. Received: {len(answers)}"
            )
        outputs = self.call("score", inputs, batch_size, answer=answers)
        return [float(each) for each in outputs.get("log_prob", [])]
