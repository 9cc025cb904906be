"""What all exports that write a text share: searching, drawing at random, scoring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from kerasrnn.decoding import Search, decode, ensemble, sampling, search, step_function
from kerasrnn.decoding.ranking import length_normalised
from kerasrnn.text import Tokenizer
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

__all__ = [
    "ANSWERS",
    "Answers",
    "beginning",
    "chances",
    "last_state",
    "sampling_inputs",
    "target_scores",
    "token_counts",
]

ANSWERS = 5  # the answers of an n-best list


class Answers:
    """Decodes answers in a graph and turns their ids into texts.

    Args:
        tokenizer: Tokenizer of the answers.
        max_length: Maximum number of tokens of an answer, the end token included.
        options: A `Search`.
        banned: Ids that never come out, beside the reserved ones.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        max_length: int,
        options: Search,
        banned: tuple[int, ...] = (),
    ):
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.options = options
        self.banned = banned

    def search(
        self,
        begin: Callable[..., Any],
        best: int = 1,
        prefix: Tensor | None = None,
        first: Tensor | None = None,
    ) -> dict[str, Any]:
        """Searches; see `decoding.search`, whose result it returns, ids of `(B, N, T)`."""
        return search(
            begin,
            self.options,
            max_length=self.max_length,
            best=best,
            banned=self.banned,
            prefix=prefix,
            first=first,
        )

    def draw(
        self,
        begin: Callable[..., Any],
        seed: Tensor,
        temperature: Tensor,
        top_k: Tensor,
        top_p: Tensor,
        first: Tensor | None = None,
        limit: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Draws at random; see `decoding.sampling`. The first four are `(B,)` tensors."""
        longest = self.max_length if limit is None else tf.reduce_max(limit)
        step, states = begin(1, False)
        return decode(
            step,
            states,
            max_length=self.max_length if limit is None else limit,
            draw=sampling(chances(seed, longest), temperature, top_k, top_p),
            banned=(*self.options.banned, *self.banned),
            constraints=self.options.constraints(),
            first=first,
        )

    def nbest(
        self,
        begin: Callable[..., Any],
        first: Tensor | None = None,
        replacements: Callable[..., Any] | None = None,
    ) -> dict[str, Any]:
        """Makes the outputs of an `nbest` signature.

        Args:
            begin: As in `search`.
            first: As in `search`.
            replacements: From ids `(B × N, T)` to what replaces unknown ones.
        """
        found = self.search(begin, ANSWERS, first=first)
        ids = tf.reshape(found["ids"], [-1, tf.shape(found["ids"])[2]])
        texts = self.texts(ids, replacements(ids) if replacements else None)
        return {
            "texts": tf.reshape(texts, [-1, ANSWERS]),
            "scores": found["score"],
            "log_probs": found["log_prob"],
            "lengths": found["lengths"],
        }

    def sample(
        self,
        begin: Callable[..., Any],
        *options: Tensor,
        first: Tensor | None = None,
        replacements: Any = None,
    ) -> dict[str, Any]:
        """Makes the outputs of a `sample` signature; arguments as those of `draw` and `nbest`."""
        found = self.draw(begin, *options, first=first)
        return {
            "text": self.texts(found["ids"], replacements(found["ids"]) if replacements else None),
            "log_prob": found["log_prob"],
            "length": found["lengths"],
        }

    def words(self, ids: Tensor, replacements: Any = None) -> Tensor:
        """Turns ids `(B, T)` into tokens `(B, T)`, unknown ones into `replacements` `(B, T)`."""
        tokens = self.tokenizer.tokens(ids)
        return tokens if replacements is None else tf.where(ids == UNKNOWN, replacements, tokens)

    def texts(self, ids: Tensor, replacements: Any = None) -> Tensor:
        """Turns ids `(B, T)` into texts `(B,)`, unknown ones into `replacements` `(B, T)`."""
        spoken = (ids != PADDING) & (ids != BEGIN) & (ids != END)
        words = tf.where(spoken, self.words(ids, replacements), "")
        return self.tokenizer.join(words)

    def normalised(self, log_prob: Tensor, length: Tensor) -> Tensor:
        """The score of a log-probability, without the coverage penalty."""
        return length_normalised(log_prob, length, self.options.length_penalty)


def beginning(encoded: Sequence[tuple]) -> Callable[..., Any]:
    """Makes the `begin` of `decoding.search` for one model or an ensemble.

    Args:
        encoded: For each model its step view, and what its `views.encode` gave.
    """

    def begin(copies, coverage):
        members = [
            step_function(step, states, copies=copies, coverage=coverage)
            for step, states in encoded
        ]
        return members[0] if len(members) == 1 else ensemble(members)

    return begin


def sampling_inputs() -> list[tf.TensorSpec]:
    """Returns the further inputs of a `sample` signature, one for each row."""
    return [
        tf.TensorSpec((None,), tf.int64, name="seed"),
        tf.TensorSpec((None,), tf.float32, name="temperature"),
        tf.TensorSpec((None,), tf.int32, name="top_k"),
        tf.TensorSpec((None,), tf.float32, name="top_p"),
    ]


def chances(seed: Tensor, length: Tensor) -> Tensor:
    """Makes uniform numbers that depend on nothing but the seed of their own row.

    Args:
        seed: `(B,)` int64.
        length: Number of numbers of a row, an int or a scalar tensor.

    Returns:
        `(B, length)` float32 from 0 to below 1.
    """

    def of_one(number):
        seeds = tf.stack([number, tf.zeros([], tf.int64)])
        return tf.random.stateless_uniform([length], seeds, alg="philox")

    return tf.map_fn(of_one, seed, fn_output_signature=tf.TensorSpec([None], tf.float32))


def target_scores(
    answers: Answers, answer: Tensor, logits_of: Callable[..., Any], first: Tensor | None = None
) -> dict[str, Any]:
    """Scores given answers under teacher forcing.

    Args:
        answers: What knows the tokenizer and the score.
        answer: `(B,)` string.
        logits_of: From the decoder's input `(B, T)` int32 to a list of logits `(B, T, V)`, those
            of each model.
        first: `(B,)` int32, what the decoder reads first; the begin id by default.

    Returns:
        The outputs of a `score` signature.
    """
    ids = answers.tokenizer.ids_of(answers.tokenizer.split(answer))
    ends = tf.ones([ids.nrows(), 1], tf.int32)
    labels = tf.concat([ids, ends * END], axis=1)
    first = ends * BEGIN if first is None else first[:, tf.newaxis]
    target = tf.concat([first, ids], axis=1)
    labels, target = (each.to_tensor(PADDING) for each in (labels, target))
    log_probs = [tf.nn.log_softmax(logits) for logits in logits_of(target)]
    mean = tf.reduce_logsumexp(tf.stack(log_probs), axis=0) - tf.math.log(float(len(log_probs)))
    chosen = tf.gather(mean, labels, batch_dims=2)
    chosen = tf.where(labels == PADDING, 0.0, chosen)
    log_prob, length = tf.reduce_sum(chosen, axis=1), token_counts(labels)
    return {
        "log_prob": log_prob,
        "score": answers.normalised(log_prob, length),
        "length": length,
        "token_log_probs": chosen,
    }


def last_state(encoded: Mapping[str, Tensor]) -> Tensor:
    """The hidden state of the last layer among the states that `views.encode` gives, `(B, U)`."""
    names = [name for name in encoded if name.endswith("_h")]
    return encoded[max(names, key=lambda name: int(name.split("_")[1]))]


def token_counts(ids: Tensor) -> Tensor:
    """Number of ids in each row `(B, T)` that are no padding, `(B,)` int32."""
    return tf.reduce_sum(tf.cast(ids != PADDING, tf.int32), axis=1)
