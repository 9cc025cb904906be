"""Beam search: the most likely sequences rather than the most likely tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from keras import ops

from kerasrnn.checks import UserError, check_integer, check_number
from kerasrnn.decoding.constraints import FORBIDDEN, ban, forbid
from kerasrnn.layers.empty_batches import greatest
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

__all__ = ["beam_search", "length_normalised"]

DEAD = FORBIDDEN / 2  # what is below is no hypothesis


def beam_search(
    step: Callable,
    states: Mapping,
    *,
    width: int,
    max_length: int,
    best: int = 1,
    length_penalty: float = 0.0,
    coverage_penalty: float = 0.0,
    banned: tuple[int, ...] = (PADDING, UNKNOWN, BEGIN),
    constraints: Sequence[Callable] = (),
    first=None,
) -> dict:
    r"""Searches with `width` open hypotheses for each source.

    Each step continues every open hypothesis by every token. Of the `width` best continuations
    those that end are put aside, never to change again, and the best of the others are the open
    hypotheses of the next step. A source is done as soon as `width` hypotheses have ended, or when
    none of its open ones can still come among the `best`. At `max_length` the open hypotheses count
    as ended. Width 1 is greedy search; with a width of at least the number of all sequences the
    result is that of trying them all.

    Hypotheses are ranked by the score of Wu et al. (2016), equation 14,
    $\log P(Y | X) / ((5 + |Y|) / 6)^\alpha + \beta \sum_i \log \min(\sum_j p_{ij}, 1)$, with the
    end token counted in $|Y|$ and $p_{ij}$ the attention of target token j to source token i.

    Args:
        step: `step(tokens, states) -> logits, states`, see `step_function`.
        states: The first states, a dictionary of `(B × width, …)` tensors: the rows of a source
            side by side, as `step_function(…, copies=width)` gives them. With a coverage penalty
            `coverage` is among them.
        width: Number K of open hypotheses of a source.
        max_length: The greatest number of tokens, end included.
        best: Number N of hypotheses to return, up to `width`.
        length_penalty: α; 0 ranks by probability alone, which favours short answers.
        coverage_penalty: β; above 0 it favours answers that have attended to the whole source.
        banned: Ids that are never drawn, but by a constraint that forces them.
        constraints: What else may not be drawn; they see `(B × width, …)` rows.
        first: `(B × width,)` int32, the ids before the first drawn ones; the begin id by default.

    Returns:
        A dictionary of `ids` `(B, N, T)` int32, the end token included, 0 after it; `score`
        `(B, N)` float32, best first; `log_prob` `(B, N)` float32, the natural logarithm of the
        model's probability of these ids; `lengths` `(B, N)` int32, the end token counted. Where
        there are fewer than N hypotheses, the rest have length 0, and −1e9 as both figures.

    Raises:
        ValueError: For a width below 1, more results than `width`, or a penalty below 0.
    """
    _check(width, best, length_penalty, coverage_penalty, states)
    states = dict(states)
    names = sorted(states)
    constraints = (ban(*banned), *constraints)
    rows = ops.cast(states[names[0]][:, 0] * 0, "int32")  # (B K,)
    zeros = ops.reshape(rows, (-1, width))  # (B, K)
    positions = ops.reshape(ops.arange(max_length, dtype="int32"), (1, 1, -1))
    no_ids = ops.expand_dims(zeros, -1) + positions * 0
    nothing = ops.cast(zeros, "float32") + FORBIDDEN
    first_row = ops.reshape(ops.arange(width, dtype="int32"), (1, -1)) == 0

    def normalised(log_prob, length, coverage):
        score = length_normalised(log_prob, length, length_penalty)
        if coverage is not None:
            covered = ops.log(ops.clip(coverage, 1e-6, 1.0))
            score = score + coverage_penalty * ops.sum(covered, axis=-1)
        return ops.where(log_prob > DEAD, score, FORBIDDEN)

    def coverage_of(states):
        if not coverage_penalty:
            return None
        coverage = states["coverage"]
        return ops.reshape(coverage, (-1, width, ops.shape(coverage)[-1]))

    def done(log_prob, ended):
        # What is still to come makes no hypothesis more likely, and no longer than `max_length`.
        bound = normalised(greatest(log_prob, axis=1), max_length, None)
        return ops.logical_or(ended["score"][:, best - 1] >= bound, ended["score"][:, -1] > DEAD)

    def unfinished(t, tokens, log_prob, ids, ended, *states):
        waiting = ops.logical_not(ops.all(done(log_prob, ended)))
        return ops.logical_and(t < max_length, ops.logical_or(t < 1, waiting))

    def next_tokens(t, tokens, log_prob, ids, ended, *states):
        logits, new_states = step(tokens, dict(zip(names, states, strict=True)))
        logits = ops.cast(logits, "float32")
        flat_ids = ops.reshape(ids, (-1, ops.shape(ids)[-1]))
        allowed = forbid(logits, constraints, flat_ids, t)
        gains = ops.where(allowed > DEAD, ops.log_softmax(logits, axis=-1), FORBIDDEN)
        size = logits.shape[-1]
        totals = ops.expand_dims(log_prob, -1) + ops.reshape(gains, (-1, width, size))
        totals, places = ops.top_k(ops.reshape(totals, (-1, width * size)), 2 * width)
        parents, drawn = places // size, ops.cast(places % size, "int32")
        ends = drawn == END
        parents = ops.cast(parents, "int32")

        # Those that end, among the best `width`, join those that have ended.
        coverage = coverage_of(new_states)
        if coverage is not None:
            coverage = _pick(coverage, parents)
        score = normalised(totals, t + 1, coverage)
        among_best = ops.arange(2 * width, dtype="int32") < width
        score = ops.where(ops.logical_and(ends, among_best), score, FORBIDDEN)
        longer = ops.where(positions == t, ops.expand_dims(drawn, -1), _pick(ids, parents))
        now_ended = _best_of(ended, {"score": score, "log_prob": totals, "ids": longer}, width)
        # A source that is done stays as it is, whatever else is in the batch.
        is_done = ops.expand_dims(done(log_prob, ended), 1)
        ended = {
            name: ops.where(ops.expand_dims(is_done, -1) if name == "ids" else is_done, old, new)
            for (name, old), new in zip(ended.items(), now_ended.values(), strict=True)
        }

        # The others go on.
        log_prob, chosen = ops.top_k(ops.where(ends, FORBIDDEN, totals), width)
        chosen = ops.cast(chosen, "int32")
        log_prob = ops.where(log_prob > DEAD, log_prob, FORBIDDEN)
        drawn, parents = _pick(drawn, chosen), _pick(parents, chosen)
        ids = _pick(longer, chosen)
        base = ops.reshape(ops.arange(ops.shape(zeros)[0], dtype="int32") * width, (-1, 1))
        flat = ops.reshape(base + parents, (-1,))
        new_states = [ops.take(new_states[name], flat, axis=0) for name in names]
        return t + 1, ops.reshape(drawn, (-1,)), log_prob, ids, ended, *new_states

    t, _, log_prob, ids, ended, *last = ops.while_loop(
        unfinished,
        next_tokens,
        (
            ops.convert_to_tensor(0, dtype="int32"),
            rows + BEGIN if first is None else first,
            ops.where(first_row, 0.0, nothing),
            no_ids,
            {"ids": no_ids, "log_prob": nothing, "score": nothing},
            *(states[name] for name in names),
        ),
    )
    # Where time was up, what is open counts as ended; `ids` of a done source are of no interest.
    coverage = coverage_of(dict(zip(names, last, strict=True)))
    score = normalised(log_prob, t, coverage)
    score = ops.where(ops.expand_dims(done(log_prob, ended), 1), FORBIDDEN, score)
    ended = _best_of(ended, {"ids": ids, "log_prob": log_prob, "score": score}, best)
    real = ended["score"] > DEAD
    ids = ops.where(ops.expand_dims(real, -1), ended["ids"], 0)[:, :, :t]
    return {
        "ids": ids,
        "score": ops.where(real, ended["score"], FORBIDDEN),
        "log_prob": ops.where(real, ended["log_prob"], FORBIDDEN),
        "lengths": ops.sum(ops.cast(ids != PADDING, "int32"), axis=-1),
    }


def length_normalised(log_prob, length, length_penalty: float):
    """Divides log-probabilities by `((5 + length) / 6) ** length_penalty` (Wu et al. 2016)."""
    return log_prob / ((5.0 + ops.cast(length, "float32")) / 6.0) ** length_penalty


def _check(width, best, length_penalty, coverage_penalty, states) -> None:
    check_integer("width", width)
    check_integer("best", best, most=width)
    check_number("length_penalty", length_penalty)
    check_number("coverage_penalty", coverage_penalty)
    if coverage_penalty and "coverage" not in states:
        raise UserError(
            "Expected `coverage` among the states, as `step_function(…, coverage=True)` gives it. "
            f"Received: {sorted(states)}"
        )


def _pick(values, places):
    """Takes of each row of `(B, K, …)` those at `places` `(B, M)`: `(B, M, …)`."""
    rank = len(values.shape)
    for _ in range(rank - 2):
        places = ops.expand_dims(places, -1)
    if rank > 2:
        shape = ops.shape(values)
        places = ops.broadcast_to(places, (*ops.shape(places)[:2], *shape[2:]))
    return ops.take_along_axis(values, places, axis=1)


def _best_of(some: Mapping, others: Mapping, number: int) -> dict:
    """Returns the `number` hypotheses of the best scores, the first of equals first."""
    joined = {name: ops.concatenate([some[name], others[name]], axis=1) for name in some}
    _, places = ops.top_k(joined["score"], number)
    places = ops.cast(places, "int32")
    return {name: _pick(value, places) for name, value in joined.items()}
