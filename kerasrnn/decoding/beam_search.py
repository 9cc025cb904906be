"""Beam search: the most likely sequences rather than the most likely tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keras import ops

from kerasrnn.checks import UserError, check_integer, check_number
from kerasrnn.decoding.constraints import FORBIDDEN, Constraint, ban, forbid
from kerasrnn.decoding.ranking import DEAD, Ranking, best_of, pick
from kerasrnn.decoding.step_function import Step
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, END, PADDING, UNKNOWN

__all__ = ["beam_search"]


def beam_search(
    step: Step,
    states: Mapping[str, Tensor],
    *,
    width: int,
    max_length: int,
    best: int = 1,
    length_penalty: float = 0.0,
    coverage_penalty: float = 0.0,
    banned: tuple[int, ...] = (PADDING, UNKNOWN, BEGIN),
    constraints: Sequence[Constraint] = (),
    first: Tensor | None = None,
) -> dict[str, Tensor]:
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
        max_length: Maximum number of tokens, end included.
        best: Number N of hypotheses to return, up to `width`.
        length_penalty: α; 0 ranks by probability alone, which favours short answers.
        coverage_penalty: β; above 0, answers that attend to the whole source are preferred.
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
    ranking = Ranking(width, best, max_length, length_penalty, coverage_penalty)
    names = sorted(states)
    constraints = (ban(*banned), *constraints)
    rows = ops.cast(states[names[0]][:, 0] * 0, "int32")  # (B K,)
    zeros = ops.reshape(rows, (-1, width))  # (B, K)
    positions = ops.reshape(ops.arange(max_length, dtype="int32"), (1, 1, -1))
    no_ids = ops.expand_dims(zeros, -1) + positions * 0
    nothing = ops.cast(zeros, "float32") + FORBIDDEN
    first_row = ops.reshape(ops.arange(width, dtype="int32"), (1, -1)) == 0

    def unfinished(t, tokens, log_prob, ids, ended, *states):
        waiting = ops.logical_not(ops.all(ranking.done(log_prob, ended)))
        return ops.logical_and(t < max_length, ops.logical_or(t < 1, waiting))

    def next_tokens(t, tokens, log_prob, ids, ended, *states):
        logits, new_states = step(tokens, dict(zip(names, states, strict=True)))
        totals, parents, drawn = _continuations(logits, log_prob, ids, t, constraints)
        longer = ops.where(positions == t, ops.expand_dims(drawn, -1), pick(ids, parents))
        coverage = ranking.coverage(new_states)
        if coverage is not None:
            coverage = pick(coverage, parents)
        score = ranking.score(totals, t + 1, coverage)
        new = {"score": score, "log_prob": totals, "ids": longer}
        ended = _put_aside(ended, new, drawn == END, ranking.done(log_prob, ended))
        log_prob, drawn, ids, rows = _go_on(totals, drawn, longer, parents)
        new_states = [ops.take(new_states[name], rows, axis=0) for name in names]
        return t + 1, drawn, log_prob, ids, ended, *new_states

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
    score = ranking.score(log_prob, t, ranking.coverage(dict(zip(names, last, strict=True))))
    score = ops.where(ops.expand_dims(ranking.done(log_prob, ended), 1), FORBIDDEN, score)
    ended = best_of(ended, {"ids": ids, "log_prob": log_prob, "score": score}, best)
    return _answers(ended, t)


def _continuations(
    logits, log_prob, ids, t, constraints: Sequence[Constraint]
) -> tuple[Tensor, ...]:
    """Continues each open hypothesis by each token, and keeps the best 2 K of a source.

    Twice as many as are open, because one continuation of each hypothesis ends.

    Args:
        logits: `(B × K, V)` float.
        log_prob: `(B, K)` float32 of the open hypotheses.
        ids: `(B, K, T)` int32, theirs.
        t: Number of the step.
        constraints: What may not be drawn.

    Returns:
        `(B, 2 K)` each: the log-probabilities, best first; which of the K each one continues,
        int32; and the ids drawn, int32.
    """
    width = log_prob.shape[1]
    logits = ops.cast(logits, "float32")
    flat_ids = ops.reshape(ids, (-1, ops.shape(ids)[-1]))
    allowed = forbid(logits, constraints, flat_ids, t)
    gains = ops.where(allowed > DEAD, ops.log_softmax(logits, axis=-1), FORBIDDEN)
    size = logits.shape[-1]
    totals = ops.expand_dims(log_prob, -1) + ops.reshape(gains, (-1, width, size))
    totals, places = ops.top_k(ops.reshape(totals, (-1, width * size)), 2 * width)
    return totals, ops.cast(places // size, "int32"), ops.cast(places % size, "int32")


def _put_aside(
    ended: Mapping[str, Tensor], new: Mapping[str, Tensor], ends, is_done
) -> dict[str, Tensor]:
    """Lets those continuations that end, among the best K, join the hypotheses that have ended.

    Args:
        ended: `ids`, `log_prob` and `score` `(B, K, …)` of those that have ended, best first.
        new: The same of the continuations, `(B, 2 K, …)`.
        ends: `(B, 2 K)` bool, which of them end.
        is_done: `(B,)` bool. A source that is done stays as it is, whatever else is in the batch.
    """
    width = ended["score"].shape[1]
    among_best = ops.arange(2 * width, dtype="int32") < width
    score = ops.where(ops.logical_and(ends, among_best), new["score"], FORBIDDEN)
    now_ended = best_of(ended, {**new, "score": score}, width)
    is_done = ops.expand_dims(is_done, 1)
    return {
        name: ops.where(ops.expand_dims(is_done, -1) if name == "ids" else is_done, old, now)
        for (name, old), now in zip(ended.items(), now_ended.values(), strict=True)
    }


def _go_on(totals, drawn, ids, parents) -> tuple[Tensor, ...]:
    """Picks the best K continuations that do not end.

    Args:
        totals: `(B, 2 K)` float32 log-probabilities of the continuations.
        drawn: `(B, 2 K)` int32, their last ids.
        ids: `(B, 2 K, T)` int32, all their ids.
        parents: `(B, 2 K)` int32, which of the K hypotheses each one continues.

    Returns:
        Of those picked the log-probabilities `(B, K)`, the last ids `(B × K,)`, all ids
        `(B, K, T)`, and the rows `(B × K,)` of the states that they come from.
    """
    width = totals.shape[1] // 2
    log_prob, chosen = ops.top_k(ops.where(drawn == END, FORBIDDEN, totals), width)
    chosen = ops.cast(chosen, "int32")
    log_prob = ops.where(log_prob > DEAD, log_prob, FORBIDDEN)
    drawn, parents = pick(drawn, chosen), pick(parents, chosen)
    base = ops.reshape(ops.arange(ops.shape(totals)[0], dtype="int32") * width, (-1, 1))
    rows = ops.reshape(base + parents, (-1,))
    return log_prob, ops.reshape(drawn, (-1,)), pick(ids, chosen), rows


def _answers(best: Mapping[str, Tensor], t) -> dict[str, Tensor]:
    """Makes what `beam_search` returns of the best hypotheses, after `t` steps."""
    real = best["score"] > DEAD
    ids = ops.where(ops.expand_dims(real, -1), best["ids"], 0)[:, :, :t]
    return {
        "ids": ids,
        "score": ops.where(real, best["score"], FORBIDDEN),
        "log_prob": ops.where(real, best["log_prob"], FORBIDDEN),
        "lengths": ops.sum(ops.cast(ids != PADDING, "int32"), axis=-1),
    }


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
