"""Word lattices: many hypotheses in one graph, the best of them and the least wrong one."""

from __future__ import annotations

import dataclasses
import heapq
import itertools
from collections.abc import Collection, Iterator, Sequence

from kerasrnn.checks import UserError, check_integer
from kerasrnn.language_modeling.next_token_model import tokens_of
from kerasrnn.language_modeling.rescoring.hypotheses import SILENT, Hypothesis, NBestList
from kerasrnn.language_modeling.rescoring.lattice_oracle import least_wrong_path

__all__ = ["Arc", "Lattice"]


@dataclasses.dataclass(frozen=True)
class Arc:
    """One step of a lattice.

    Attributes:
        start: The node that it leaves.
        end: The node that it leads to.
        word: What is said on it, or `None`.
        acoustic: The acoustic score, a natural logarithm.
        language: The score of the recogniser's language model, likewise.
    """

    start: int
    end: int
    word: str | None = None
    acoustic: float = 0.0
    language: float = 0.0


class Lattice:
    """A directed graph without cycles, of which each path from start to end is a hypothesis.

    Args:
        utterance: Its name.
        arcs: The arcs, in any order.
        start: The node where all paths begin; by default the only one that no arc leads to.
        end: The node where they end; by default the only one that no arc leaves.
        acoustic_scale: Weight of acoustic scores, for `nbest`.
        lm_scale: Weight of language scores.
        word_penalty: What each word adds.
        times: The time of nodes, in seconds, where it is known.
        silent: Words that count for nothing.

    Attributes:
        nodes: The nodes, so that each arc leads from an earlier to a later one.
        arcs_into: The arcs that lead to each node.

    Raises:
        ValueError: For a cycle, more or less than one start or end, or an end that cannot be
            reached.

    Example:

    >>> lattice = Lattice("1", [Arc(0, 1, "a", -1.0), Arc(0, 1, "the", -2.0), Arc(1, 2, "cat")])
    >>> [" ".join(hypothesis.words) for hypothesis in lattice.nbest(5).hypotheses]
    ['a cat', 'the cat']
    >>> lattice.oracle("the cat sat")
    (('the', 'cat'), 1)
    """

    def __init__(
        self,
        utterance: str,
        arcs: Sequence[Arc],
        start: int | None = None,
        end: int | None = None,
        acoustic_scale: float = 1.0,
        lm_scale: float = 1.0,
        word_penalty: float = 0.0,
        times: dict[int, float] | None = None,
        silent: Collection[str] = SILENT,
    ):
        self.utterance, self.arcs = utterance, tuple(arcs)
        self.acoustic_scale, self.lm_scale = acoustic_scale, lm_scale
        self.word_penalty, self.times = word_penalty, dict(times or {})
        self.silent = frozenset(silent)
        nodes = dict.fromkeys(node for arc in self.arcs for node in (arc.start, arc.end))
        left, reached = ({getattr(a, side) for a in self.arcs} for side in ("start", "end"))
        self.start = _only("start", start, [node for node in nodes if node not in reached])
        self.end = _only("end", end, [node for node in nodes if node not in left])
        self.arcs_into = {node: [] for node in nodes}
        for arc in self.arcs:
            self.arcs_into[arc.end].append(arc)
        self.nodes = _sorted_nodes(list(nodes), self.arcs)
        if self.end not in self._reachable():
            raise UserError(
                f"Expected a path from node {self.start} to node {self.end}. Received: none"
            )

    def nbest(self, size: int, distinct: bool = True) -> NBestList:
        """Finds the best paths, exactly.

        A path's score is the sum over its arcs of `acoustic_scale` x acoustic score + `lm_scale`
        x language score, and `word_penalty` for each word that is not silent.

        Args:
            size: Maximum number of hypotheses.
            distinct: Whether of paths with the same words the best alone counts.

        Returns:
            An `NBestList`, the best first, with the unscaled scores of the paths.

        Raises:
            ValueError: For a size below 1.
        """
        check_integer("size", size)
        # The k best of a node are among the k best of those before it, each gone on: also those
        # with different words, since what differs at a node still differs at the end.
        best: dict[int, list[_Path]] = {self.start: [_Path(0.0, (), 0.0, 0.0)]}
        for node in self.nodes:
            if node != self.start:
                candidates = [
                    self._along(arc, best.get(arc.start, ())) for arc in self.arcs_into[node]
                ]
                merged = heapq.merge(*candidates, key=lambda path: -path.score)
                best[node] = list(itertools.islice(_new(merged) if distinct else merged, size))
        paths = best[self.end]
        return NBestList(
            self.utterance,
            tuple(Hypothesis(path.words, path.acoustic, path.language) for path in paths),
        )

    def oracle(self, reference: str | Sequence[str]) -> tuple[tuple[str, ...], int]:
        """Finds a path with the fewest word errors.

        Args:
            reference: What was said.

        Returns:
            The words of the path, and the number of its errors.
        """
        steps_into = {
            node: [(arc.start, self.word_of(arc)) for arc in self.arcs_into[node]]
            for node in self.nodes
        }
        return least_wrong_path(steps_into, self.start, self.end, tokens_of(reference))

    def _along(self, arc: Arc, paths: Sequence[_Path]) -> Iterator[_Path]:
        word = self.word_of(arc)
        scores = ((self.acoustic_scale, arc.acoustic), (self.lm_scale, arc.language))
        gain = sum(scale * score for scale, score in scores if scale)
        gain, said = (gain, ()) if word is None else (gain + self.word_penalty, (word,))
        for path in paths:
            yield _Path(
                path.score + gain,
                path.words + said,
                path.acoustic + arc.acoustic,
                path.language + arc.language,
            )

    def word_of(self, arc: Arc) -> str | None:
        """Returns what is said on an arc, `None` for what counts for nothing."""
        return None if arc.word in self.silent else arc.word

    def _reachable(self) -> set[int]:
        found = {self.start}
        for node in self.nodes:
            if any(arc.start in found for arc in self.arcs_into[node]):
                found.add(node)
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class _Path:
    score: float
    words: tuple[str, ...]
    acoustic: float
    language: float


def _new(paths: Iterator[_Path]) -> Iterator[_Path]:
    """Passes over paths whose words there were before."""
    seen = set()
    for path in paths:
        if path.words not in seen:
            seen.add(path.words)
            yield path


def _only(which: str, given: int | None, found: Sequence[int]) -> int:
    if given is not None:
        return given
    if len(found) != 1:
        raise UserError(f"Expected one {which} node. Received: {len(found)}")
    return found[0]


def _sorted_nodes(nodes: Sequence[int], arcs: Sequence[Arc]) -> list[int]:
    """Sorts nodes so that each arc leads from an earlier to a later one."""
    missing, out = dict.fromkeys(nodes, 0), {node: [] for node in nodes}
    for arc in arcs:
        missing[arc.end] += 1
        out[arc.start].append(arc.end)
    ready, found = [node for node in nodes if not missing[node]], []
    for node in ready:  # which grows
        found.append(node)
        for other in out[node]:
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    if len(found) < len(nodes):
        cyclic = next(node for node in nodes if missing[node])
        raise UserError(f"Expected a lattice without cycles. Received: one at node {cyclic}")
    return found
