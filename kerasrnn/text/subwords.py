"""Byte-pair encoding: words to the pieces of a vocabulary, as core TensorFlow operations."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from kerasrnn.text.levels import BLANK, BOUNDARY
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import UNKNOWN, Vocabulary

__all__ = ["LONGEST", "SubwordSplitter", "lookup_table", "words_with_spaces"]

LONGEST = 32  # characters of a word; a longer one is taken for several
# A word is a run of letters and digits, or one of other signs, with the space before it; a space
# that no word follows stands alone.
_WORD = rf"({BLANK}?[\pL\pM\pN_]+|{BLANK}?[^\pL\pM\pN_{BLANK}]+|{BLANK})"
_LONG = rf"([^{BOUNDARY}]{{{LONGEST}}})"
_NEVER = tf.int32.max


def words_with_spaces(texts: Tensor) -> tf.RaggedTensor:
    """Splits texts into words that hold the space before them as `▁`.

    Args:
        texts: `(B,)` string tensor, UTF-8; an invalid byte becomes U+FFFD, and the two marks
            U+2581 and U+E000 become a space.

    Returns:
        `(B, None)` ragged string tensor. The first word of a text has a `▁` too, so that it is
        the same word as within a text.

    Example:

    >>> words_with_spaces(tf.constant(["so, so", ""])).to_list() == [
    ...     ["▁so".encode(), b",", "▁so".encode()], []]
    True
    """
    texts = tf.convert_to_tensor(texts, tf.string)
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    texts = tf.where(texts == "", texts, tf.strings.join([" ", texts]))
    texts = tf.strings.regex_replace(texts, f"[ {BOUNDARY}]", BLANK)
    texts = tf.strings.regex_replace(texts, _WORD, rf"{BOUNDARY}\1")
    texts = tf.strings.regex_replace(texts, _LONG, rf"\1{BOUNDARY}")
    words = tf.strings.split(texts, BOUNDARY)
    # One "" before the first word, and others where a long word was cut. (`tf.ragged.boolean_mask`
    # is slow.)
    kept = words.flat_values != ""
    sizes = tf.reduce_sum(words.with_flat_values(tf.cast(kept, tf.int64)), axis=1)
    found = tf.boolean_mask(words.flat_values, kept)
    return tf.RaggedTensor.from_row_lengths(found, sizes, validate=False)


class SubwordSplitter(tf.Module):
    r"""Splits words into the pieces of a vocabulary, by byte-pair encoding.

    A word begins as its characters. At each step the two neighbours merge whose joint piece
    has the lowest id, the leftmost first, until no two neighbours form a piece
    (Sennrich et al. 2016, algorithm 1, with ids in the order in which the pieces were learned).

    The list of merges need not be kept. Say a piece x was learned as the merge of a and b. All
    merges learned before x that happen within the characters of x depend on these alone, as long
    as none crosses their ends. So wherever x can arise, it is from a and b; any other split
    of x into two pieces never stands in a word when x is the piece of lowest id.

    Args:
        vocabulary: Characters and pieces, each after those that it was merged from.
    """

    def __init__(self, vocabulary: Vocabulary):
        super().__init__(name="subword_splitter")
        self._vocabulary = vocabulary
        self._size = len(vocabulary)
        keys, merged = _merges(vocabulary)
        tokens = ["", *vocabulary.tokens]
        ids = [UNKNOWN, *map(vocabulary.id_of, vocabulary.tokens)]
        with tf.init_scope():
            self._ids = lookup_table(tf.constant(tokens, tf.string), ids, UNKNOWN)
            self._merges = lookup_table(tf.constant(keys, tf.int64), merged, _NEVER)

    def split(self, words: Tensor) -> tf.RaggedTensor:
        """Splits words.

        Args:
            words: `(N,)` string tensor.

        Returns:
            `(N, None)` ragged string tensor of pieces, which joined are the words; a character
            that the vocabulary lacks is a piece of its own.

        Example:

        >>> splitter = SubwordSplitter(Vocabulary(["a", "b", "c", "ab", "abc"]))
        >>> splitter.split(tf.constant(["abcab", "a?b"])).to_list()
        [[b'abc', b'ab'], [b'a', b'?', b'b']]
        """
        different, places = tf.unique(words)  # most words of a text occur again
        characters = tf.strings.unicode_split(different, "UTF-8")
        letters = characters.flat_values
        rows = tf.cast(characters.value_rowids(), tf.int32)
        ids, rows, starts = self._merge_all(self._ids.lookup(letters), rows, tf.size(different))
        names = tf.constant(["", "", "", "", *self._vocabulary.tokens])
        pieces = tf.where(ids == UNKNOWN, tf.gather(letters, starts), tf.gather(names, ids))
        number = tf.size(different, out_type=tf.int64)
        pieces = tf.RaggedTensor.from_value_rowids(pieces, tf.cast(rows, tf.int64), number)
        return tf.gather(pieces, places)

    def _merge_all(self, ids, rows, number):
        """Merges within each of `number` rows until nothing merges.

        Args:
            ids: `(M,)` int32, the characters of all rows, one row after the other.
            rows: `(M,)` int32, which row each belongs to.

        Returns:
            The ids and the rows of the pieces that are left, and the place of the first character
            of each.
        """

        def merge_once(ids, rows, starts, _):
            joint = self._joint_pieces(ids, rows)
            before = rows[: tf.size(joint)]
            best = tf.gather(tf.math.unsorted_segment_min(joint, before, number), before)
            there = tf.range(tf.size(joint))
            wanted = tf.where((joint == best) & (joint != _NEVER), there, _NEVER)
            first = tf.gather(tf.math.unsorted_segment_min(wanted, before, number), before)
            merges = tf.concat([there == first, tf.fill([tf.size(ids) - tf.size(joint)], False)], 0)
            ids = tf.where(merges, tf.pad(joint, [[0, tf.size(ids) - tf.size(joint)]]), ids)
            kept = ~tf.roll(merges, 1, 0)  # what stood behind is in the piece now
            parts = (tf.boolean_mask(each, kept) for each in (ids, rows, starts))
            return *parts, tf.reduce_any(merges)

        vector = tf.TensorShape([None])
        ids, rows, starts, _ = tf.while_loop(
            lambda ids, rows, starts, changed: changed,
            merge_once,
            (ids, rows, tf.range(tf.size(ids)), tf.size(ids) > 1),
            shape_invariants=(vector, vector, vector, tf.TensorShape([])),
        )
        return ids, rows, starts

    def _joint_pieces(self, ids, rows):
        """Looks up what each but the last would give with its right neighbour, `(M - 1,)`."""
        keys = tf.cast(ids[:-1], tf.int64) * self._size + tf.cast(ids[1:], tf.int64)
        return tf.where(rows[:-1] == rows[1:], self._merges.lookup(keys), _NEVER)


def _merges(vocabulary: Vocabulary) -> tuple[list[int], list[int]]:
    """Lists all pairs of pieces that make a piece: `left * size + right`, and the id of it."""
    keys, merged = [-1], [_NEVER]  # a table of nothing is none
    for token in vocabulary.tokens:
        for cut in range(1, len(token)):
            left, right = vocabulary.id_of(token[:cut]), vocabulary.id_of(token[cut:])
            if UNKNOWN not in (left, right):
                keys.append(left * len(vocabulary) + right)
                merged.append(vocabulary.id_of(token))
    return keys, merged


def lookup_table(keys: Tensor, values: Sequence[int], default: int) -> tf.lookup.StaticHashTable:
    """Makes a table from keys, a string or int64 tensor, to int32 values."""
    ids = tf.constant(values, tf.int32)
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, ids), default)
