"""Which hypotheses of a beam come first, and picking them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from keras import ops

from kerasrnn.decoding.constraints import FORBIDDEN
from kerasrnn.layers.empty_batches import greatest
from kerasrnn.typing import Tensor

__all__ = ["DEAD", "Ranking", "best_of", "length_normalised", "pick"]

DEAD = FORBIDDEN / 2  # what is below is no hypothesis


@dataclasses.dataclass(frozen=True)
class Ranking:
    """The score of Wu et al. (2016), equation 14, in a beam of K hypotheses for each source.

    Args:
        width: Number K of open hypotheses of a source.
        best: Number N of hypotheses that are asked for.
        max_length: Maximum number of tokens, end included.
        length_penalty: α, see `beam_search`.
        coverage_penalty: β, see `beam_search`.
    """

    width: int
    best: int
    max_length: int
    length_penalty: float
    coverage_penalty: float

    def score(
        self, log_prob: Tensor, length: int | Tensor, coverage: Tensor | None = None
    ) -> Tensor:
        """Scores hypotheses.

        Args:
            log_prob: Their log-probabilities, such as `(B, K)` float32.
            length: Their number of tokens, end included, a number or a scalar.
            coverage: `(…, S)` float32, what they have attended to; or `None`.

        Returns:
            A tensor of the shape of `log_prob`, with `FORBIDDEN` where there is no hypothesis.
        """
        score = length_normalised(log_prob, length, self.length_penalty)
        if coverage is not None:
            covered = ops.log(ops.clip(coverage, 1e-6, 1.0))
            score = score + self.coverage_penalty * ops.sum(covered, axis=-1)
        return ops.where(log_prob > DEAD, score, FORBIDDEN)

    def coverage(self, states: Mapping[str, Tensor]) -> Tensor | None:
        """Returns what each hypothesis has attended to, `(B, K, S)`; `None` where it is not asked.

        Args:
            states: The states by their names, `(B × K, …)`.
        """
        if not self.coverage_penalty:
            return None
        coverage = states["coverage"]
        return ops.reshape(coverage, (-1, self.width, ops.shape(coverage)[-1]))

    def done(self, log_prob: Tensor, ended: Mapping[str, Tensor]) -> Tensor:
        """Tells of which sources no open hypothesis can still come among the best, `(B,)` bool.

        Args:
            log_prob: `(B, K)` float32 of the open hypotheses.
            ended: Those that have ended; their `score` is `(B, K)`, best first.
        """
        # What is still to come makes no hypothesis more likely, and no longer than `max_length`.
        bound = self.score(greatest(log_prob, axis=1), self.max_length)
        last, score = self.best - 1, ended["score"]
        return ops.logical_or(score[:, last] >= bound, score[:, -1] > DEAD)


def length_normalised(log_prob: Tensor, length: int | Tensor, length_penalty: float) -> Tensor:
    """Divides log-probabilities by `((5 + length) / 6) ** length_penalty` (Wu et al. 2016)."""
    return log_prob / ((5.0 + ops.cast(length, "float32")) / 6.0) ** length_penalty


def pick(values: Tensor, places: Tensor) -> Tensor:
    """Takes of each row of `(B, K, …)` those at `places` `(B, M)`: `(B, M, …)`."""
    rank = len(values.shape)
    for _ in range(rank - 2):
        places = ops.expand_dims(places, -1)
    if rank > 2:
        shape = ops.shape(values)
        places = ops.broadcast_to(places, (*ops.shape(places)[:2], *shape[2:]))
    return ops.take_along_axis(values, places, axis=1)


def best_of(
    some: Mapping[str, Tensor], others: Mapping[str, Tensor], number: int
) -> dict[str, Tensor]:
    """Returns the `number` hypotheses of the best scores, the first of equals first."""
    joined = {name: ops.concatenate([some[name], others[name]], axis=1) for name in some}
    _, places = ops.top_k(joined["score"], number)
    places = ops.cast(places, "int32")
    return {name: pick(value, places) for name, value in joined.items()}
