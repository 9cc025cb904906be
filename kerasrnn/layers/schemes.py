"""Schemes of labels that mark entities: which one a file follows, and how to convert it."""

from __future__ import annotations

import collections
import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping, Sequence

from kerasrnn.checks import UserError
from kerasrnn.layers.bio import continues, split_label
from kerasrnn.options.words import EntityScheme, words

__all__ = ["SCHEMES", "Scheme", "label_pairs", "recognized_scheme", "stray_labels"]

SCHEMES = words(EntityScheme)
# How a label is written: its letter and its type. A type may also be missing behind a letter.
FORMS = {
    "B-PER": re.compile(r"(?P<letter>[BIESLUM])(?:-(?P<type>.+))?", re.DOTALL),
    "B_PER": re.compile(r"(?P<letter>[BIESLUM])_(?P<type>.+)", re.DOTALL),
    "PER-B": re.compile(r"(?P<type>.+)-(?P<letter>[BIESLUM])", re.DOTALL),
    "PER_B": re.compile(r"(?P<type>.+)_(?P<letter>[BIESLUM])", re.DOTALL),
}
# Last and unit of BILUO are end and single of BIOES, the middle of BMES is inside.
LETTERS = {"L": "E", "U": "S", "M": "I"}
OWN = {"biluo": "LU", "bmes": "M"}
# Where labels mark entities, of so many that do fewer than one is another, by mistake.
STRAY = 10
Pair = tuple[str | None, str | None]


@dataclasses.dataclass(frozen=True)
class Scheme:
    """How labels mark entities.

    Whatever the scheme is, labels are read by the rule of conlleval: an I-, E-, L- or M- goes on
    with the B-, I- or M- of its type before it, and begins an entity where there is none. IOB1
    and IOB2 so become IOB2, and the others, where entities have ends of their own, BIOES.

    Attributes:
        name: One of `SCHEMES`.
        form: How labels are written, such as `"B-PER"`.

    Example:

    >>> Scheme("iob1").rewrite(["I-PER", "I-PER", "B-PER", "O", "I-LOC"])
    ['B-PER', 'I-PER', 'B-PER', 'O', 'B-LOC']
    >>> Scheme("biluo", "PER-B").rewrite(["PER-B", "PER-L", "LOC-U"])
    ['B-PER', 'E-PER', 'S-LOC']
    """

    name: str
    form: str = "B-PER"

    @property
    def target(self) -> str:
        """What labels become: `"iob2"` or `"bioes"`."""
        return "iob2" if self.name.startswith("iob") else "bioes"

    def rewrite(self, labels: Sequence[str], target: str | None = None) -> list[str]:
        """Marks the same entities in one of the two schemes that models know.

        Args:
            labels: The labels of a sentence.
            target: `"iob2"` or `"bioes"`; by default what belongs to this scheme.

        Raises:
            ValueError: For a label of another form.
        """
        around = [None, *labels, None]
        closed = (target or self.target) == "bioes"
        return [_rewritten(self.form, closed, *around[i : i + 3]) for i in range(len(labels))]

    def repairs(self, labels: Sequence[str]) -> list[int]:
        """Returns the places of labels that break the rules of the scheme, as `rewrite` has them.

        Example:

        >>> Scheme("iob2").repairs(["O", "I-PER", "I-PER"]), Scheme("iob1").repairs(["O", "I-PER"])
        ([1], [])
        """
        if self.name == "iob1":  # there an I- begins an entity as a B- does
            return [i for i, label in enumerate(labels) if self.parts(label)[0] not in "OBI"]
        right = zip(labels, self.rewrite(labels), strict=True)
        return [i for i, (label, other) in enumerate(right) if self._renamed(label) != other]

    def parts(self, label: str) -> tuple[str, str]:
        """Splits a label into its letter, as it is written, and its type."""
        return _parts(self.form, label)

    def _renamed(self, label: str) -> str:
        letter, kind = self.parts(label)
        return _joined(LETTERS[letter] if letter in OWN.get(self.name, "") else letter, kind)

    def completed(self, labels: Iterable[str]) -> list[str]:
        """Adds to labels of `target` those that their types have too, and sorts them.

        Example:

        >>> Scheme("iob1").completed(["O", "B-PER"])
        ['B-PER', 'I-PER', 'O']
        """
        labels = set(labels)
        kinds = {kind for letter, kind in map(split_label, labels) if letter != "O"}
        letters = "BI" if self.target == "iob2" else "BIES"
        return sorted(labels | {_joined(letter, kind) for letter in letters for kind in kinds})


@functools.cache
def _rewritten(form: str, closed: bool, before: str | None, label: str, after: str | None) -> str:
    before, label, after = (_standard(form, each) for each in (before, label, after))
    letter, kind = split_label(label)
    if letter == "O":
        return "O"
    begins, ends = not continues(before, label), not continues(label, after)
    if begins:
        return _joined("S" if ends and closed else "B", kind)
    return _joined("E" if ends and closed else "I", kind)


def _standard(form: str, label: str | None) -> str:
    letter, kind = _parts(form, label or "O")
    return _joined(LETTERS.get(letter, letter), kind)


def _joined(letter: str, kind: str) -> str:
    return f"{letter}-{kind}" if kind else letter


@functools.cache
def _parts(form: str, label: str) -> tuple[str, str]:
    found = FORMS[form].fullmatch(label)
    if label == "O":
        return "O", ""
    if found is None:
        raise UserError(f"Expected O or a label such as {form}. Received: {label!r}")
    return found["letter"], found["type"] or ""


def label_pairs(sentences: Iterable[Sequence[str]]) -> collections.Counter[Pair]:
    """Counts which labels follow each other; `None` stands before and behind a sentence."""
    pairs: collections.Counter[Pair] = collections.Counter()
    for labels in sentences:
        pairs.update(zip([None, *labels], [*labels, None], strict=True))
    return pairs


def recognized_scheme(pairs: Mapping[Pair, int]) -> Scheme | None:
    """Finds out how labels mark entities.

    - Labels mark entities where all but O are a letter (B, I, E, S, L, U, M), a hyphen and a type;
      or where O is among them and all others have an underscore instead, or the letter behind the
      type; or where they are letters alone, and B is among them. Where O is among them, up to a
      tenth of the others may have no such form: `stray_labels` finds these mistakes.
    - If most entities end with E, S, L or U, the scheme is BIOES; BILUO where L and U are more
      than E and S; BMES where M is more than I.
    - Otherwise it is IOB1 if entities begin with I more often than with a B that IOB1 would not
      need, since no entity of the same type ends before it; else IOB2.

    Args:
        pairs: What `label_pairs` returned, of a whole training split.

    Returns:
        The scheme; `None` for labels that mark no entities.

    Example:

    >>> recognized_scheme(label_pairs([["O", "I-PER", "I-PER"], ["B-LOC"], ["I-LOC", "O"]]))
    Scheme(name='iob1', form='B-PER')
    >>> recognized_scheme(label_pairs([["DET", "NOUN"]]))
    """
    form = _form(pairs)
    if form is None:
        return None
    stray = stray_labels(pairs, form)
    letters: collections.Counter[str] = collections.Counter()
    open_ends = needed = needless = 0
    for pair, number in pairs.items():
        if stray.intersection(pair):
            continue
        letters[_parts(form, pair[1] or "O")[0]] += number
        before, label = (_standard(form, each) for each in pair)
        (last, last_kind), (first, kind) = split_label(before), split_label(label)
        goes_on = continues(before, label)
        open_ends += number * (last in "BI" and not goes_on)
        needed += number * (first == "I" and not goes_on)
        needless += number * (first == "B" and (last == "O" or last_kind != kind))
    if sum(letters[letter] for letter in "ESLU") > open_ends:
        if letters["L"] + letters["U"] > letters["E"] + letters["S"]:
            return Scheme("biluo", form)
        return Scheme("bmes" if letters["M"] > letters["I"] else "bioes", form)
    return Scheme("iob1" if needed > needless else "iob2", form)


def stray_labels(pairs: Mapping[Pair, int], form: str) -> set[str]:
    """Returns the labels that are neither O nor of a form, such as `"B-PER"`.

    Example:

    >>> stray_labels(label_pairs([["O", "0", "B-PER"]]), "B-PER")
    {'0'}
    """
    names = {label for _, label in pairs if label is not None} - {"O"}
    return {name for name in names if not FORMS[form].fullmatch(name)}


def _form(pairs: Mapping[Pair, int]) -> str | None:
    counts: collections.Counter[str] = collections.Counter()
    for (_, label), number in pairs.items():
        counts.update({label: number} if label not in (None, "O") else {})
    outside = any(label == "O" for _, label in pairs)
    for form in FORMS if counts else ():
        stray = stray_labels(pairs, form)
        right = counts.keys() - stray
        typed = any(len(name) > 1 for name in right)
        if not stray and (typed or "B" in right) and (outside or form == "B-PER"):
            return form
        mistakes = sum(counts[name] for name in stray)
        if outside and typed and mistakes * STRAY < counts.total() - mistakes:
            return form
    return None
