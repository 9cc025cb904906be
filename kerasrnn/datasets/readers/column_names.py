"""Which column of a table has which role: by its name, or by what it holds."""

from __future__ import annotations

from collections.abc import Sequence

from kerasrnn.files import WHITE_SPACE

__all__ = ["PAIRED", "find_names", "label_is_first", "place_of"]

# What the two texts of a pair are called, in the order of the pair.
PAIRED = (
    ("first", "second"),
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("question", "sentence"),
    ("text1", "text2"),
    ("text_a", "text_b"),
)
# What a column is called, beside its role, that is found without being named.
SYNONYMS = {
    "text": ("sentence", "review", "comment", "message", "tweet", "content", "body", "caption"),
    "first": tuple(first for first, _ in PAIRED[1:]),
    "second": tuple(second for _, second in PAIRED[1:]),
    "label": ("labels", "class", "category", "sentiment", "gold_label", "is_duplicate"),
    "source": ("src", "input"),
    "target": ("tgt", "trg", "output"),
    "image": ("image_path", "filename"),
    "tokens": ("words",),
    "number": ("score", "rating", "stars", "price", "value", "target"),
    "tags": ("labels", "ner", "ner_tags", "upos", "pos"),
}
# By fewer rows than these nothing is said of what repeats; a label is so much shorter than a text.
FEW, MANY, SHORTER = 4, 20, 2


def place_of(header: Sequence[str], parts: Sequence[str]) -> list[int] | None:
    """Finds the columns that were named.

    Args:
        header: The names of the columns.
        parts: The names to find. A column that is called by all of them, with a plus between
            them, is meant rather than several.

    Returns:
        Their places; `None` where one is not there, or there twice.
    """
    bare = [each.strip(WHITE_SPACE) for each in header]
    for names in (["+".join(parts)], [" + ".join(parts)], parts):
        for there in (list(header), bare):
            if all(there.count(name) == 1 for name in names):
                return [there.index(name) for name in names]
    return None


def find_names(header: Sequence[str], roles: Sequence[str]) -> dict[str, str]:
    """Finds columns that nobody named.

    Args:
        header: The names of the columns.
        roles: The roles to find columns for.

    Returns:
        By role the name of its column as the header writes it, which is that of the role or, where
        there is no such column, the only one of `SYNONYMS`; case does not matter.
        None of a role that is not found.

    Example:

    >>> find_names(["id", "Review", "label"], ("text", "label"))
    {'text': 'Review', 'label': 'label'}
    """
    bare = [each.strip(WHITE_SPACE).lower() for each in header]
    found = {}
    for role in roles:
        for names in ((role,), [name for name in SYNONYMS.get(role, ()) if name not in roles]):
            there = [i for i, name in enumerate(bare) if name in names]
            if len(there) == 1:
                found[role] = header[there[0]]
            if there:
                break
    return found


def label_is_first(rows: Sequence[Sequence[str]]) -> bool:
    """Whether of two columns the first is the label and the second the text.

    Args:
        rows: The first rows.

    Returns:
        Whether half of the first cells, or more, were there before, fewer of the second ones, and
        the first cells are less than half as long together. Of less than twenty rows none of the
        second cells may be there twice; of less than four nothing is said.
    """
    if len(rows) < FEW or any(len(row) != 2 for row in rows):
        return False
    first, second = zip(*rows, strict=True)
    different = len(set(second))
    texts = different == len(rows) if len(rows) < MANY else 2 * different > len(rows)
    short = SHORTER * sum(map(len, first)) < sum(map(len, second))
    return texts and short and 2 * len(set(first)) <= len(rows)
