"""Text to tokens and back: characters, words, tokens between white space, subwords."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf

from kerasrnn.checks import UserError
from kerasrnn.options.words import Level
from kerasrnn.text.unspaced import CLUSTER, UNSPACED
from kerasrnn.typing import Tensor

__all__ = ["LEVELS", "SPLITTING", "SUBWORD", "join", "split"]

# The version of each level, to be raised where the tokens of any text change; what was saved with
# an older one keeps it. Until version 2 of words a run of Chinese, Japanese or Thai was one word.
SPLITTING: Mapping[str, int] = {"character": 1, "word": 2, "whitespace": 1, "subword": 1}
LEVELS = ("character", "word", "whitespace")
# What only a `Tokenizer` can split, because the pieces are those of its vocabulary.
SUBWORD = "subword"

# The joiner says "no space here" in a token such as `￭,`; the blank stands for a space that no
# word ends; the boundary lives only while a text is being split. All three are rare in text.
JOINER, BLANK, BOUNDARY = "￭", "▁", "\ue000"
# Whatever is neither part of a word nor a space is a token of its own: punctuation, symbols,
# emoji, line ends, tabs, NUL.
_SYMBOL = r"([^\pL\pM\pN_ ])"
_OTHER_SYMBOL = rf"([^\pL\pM\pN_ {UNSPACED}])"


def split(texts: Tensor, level: Level, splitting: int | None = None) -> tf.RaggedTensor:
    """Splits each text into tokens.

    Args:
        texts: `(B,)` string tensor, UTF-8; an invalid byte becomes U+FFFD.
        level: `"character"` (Unicode code points), `"word"` (runs of letters and digits;
            everything else is a token of its own, with a joiner `￭` where no space stood, so that
            `join` gives the same text back), or `"whitespace"` (text that is tokenised already).
            Scripts that write no spaces between words (Han, Hiragana, Katakana, Thai, Lao, Khmer,
            Myanmar) have no runs: each of their code points is a word, with the combining marks
            behind it. No space stands beside such a word, or it is a token `▁`.
        splitting: The version of the splitting; the latest one by default. In version 1 of words
            a run of these scripts was one word.

    Returns:
        `(B, None)` ragged string tensor.

    Raises:
        ValueError: For an unknown level. Subwords are split by `Tokenizer.split`.

    Example:

    >>> split(tf.constant(["Hi, you!"]), "word").to_list()
    [[b'Hi', b'\\xef\\xbf\\xad,', b'you', b'\\xef\\xbf\\xad!']]
    >>> [token.decode() for token in split(tf.constant(["我在2021年学NLP。"]), "word").to_list()[0]]
    ['我', '在', '2021', '年', '学', 'NLP', '￭。']
    """
    texts = tf.convert_to_tensor(texts, tf.string)
    if level == "character":
        return tf.strings.unicode_split(texts, "UTF-8", errors="replace")
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    if level == "whitespace":
        return tf.strings.split(texts)
    if level == "word":
        texts = _mark_words(texts, SPLITTING[level] if splitting is None else splitting)
        tokens = tf.strings.split(texts, " ")
        # The text "" gives one token "", and no other does. (`tf.ragged.boolean_mask` is slow.)
        sizes = tokens.row_lengths() - tf.cast(texts == "", tf.int64)
        found = tf.boolean_mask(tokens.flat_values, tokens.flat_values != "")
        return tf.RaggedTensor.from_row_lengths(found, sizes, validate=False)
    raise UserError(f"Expected `level` to be one of {LEVELS}. Received: {level!r}")


def join(tokens: Tensor, level: Level, splitting: int | None = None) -> tf.Tensor:
    """Joins the tokens of each row to a text, the inverse of `split`.

    Args:
        tokens: `(B, None)` ragged, or `(B, T)` string tensor in which `""` is padding.
        level: As in `split`, or `"subword"`. Characters come back exactly; words and subwords
            too, unless the text held one of the three marks itself; `"whitespace"` gives single
            spaces.
        splitting: As in `split`.

    Returns:
        `(B,)` string tensor.

    Raises:
        ValueError: For another level, or tokens of another number of axes.
    """
    if level not in (*LEVELS, SUBWORD):
        raise UserError(f"Expected `level` to be one of {(*LEVELS, SUBWORD)}. Received: {level!r}")
    if not isinstance(tokens, tf.RaggedTensor):
        tokens = tf.convert_to_tensor(tokens)
        shape = tokens.shape
        if shape.rank not in (None, 2):
            raise UserError(f"Expected ids or tokens of shape (batch, steps). Received: {shape}")
        tokens = tf.ragged.boolean_mask(tokens, tokens != "")
    if level == "character":
        return tf.strings.reduce_join(tokens, axis=-1)
    if level == SUBWORD:  # the first word has got a space that the text had not
        texts = tf.strings.reduce_join(tokens, axis=-1)
        return tf.strings.regex_replace(
            tf.strings.regex_replace(texts, f"^{BLANK}", ""), BLANK, " "
        )
    texts = tf.strings.reduce_join(tokens, axis=-1, separator=" ")
    if level == "whitespace":
        return texts
    if (SPLITTING[level] if splitting is None else splitting) > 1:  # no space beside these
        texts = tf.strings.regex_replace(texts, f"({CLUSTER})", rf"{JOINER}\1{JOINER}")
    texts = tf.strings.regex_replace(texts, f" {JOINER}|{JOINER} ", "")
    texts = tf.strings.regex_replace(texts, JOINER, "")
    return tf.strings.regex_replace(texts, BLANK, " ")


def _mark_words(texts, splitting: int):
    """Puts exactly one space between tokens, and a joiner where none had been."""
    if splitting == 1:
        return _marked(texts)
    # Most texts have no such script, and go the short way.
    has_none = tf.reduce_all(tf.strings.regex_full_match(texts, f"[^{UNSPACED}]*"))
    return tf.cond(has_none, lambda: _marked(texts), lambda: _marked(texts, clusters=True))


def _marked(texts, clusters: bool = False):
    def replace(texts, pattern, rewrite):
        return tf.strings.regex_replace(texts, pattern, rewrite)

    # A space separates two tokens only if it stands alone between two of them: any other is
    # written as a blank, which is a symbol like all others from here on.
    texts = replace(texts, f"^ | $|[{JOINER}{BOUNDARY}]", BLANK)
    if clusters:
        texts = replace(texts, f"({CLUSTER}) ", rf"\1{BLANK}")
        texts = replace(texts, f" ([{UNSPACED}])", rf"{BLANK}\1")
    texts = replace(texts, "  ", f" {BLANK}")
    texts = replace(texts, f"{BLANK} ", f"{BLANK}{BLANK}")
    # `a,b` → `a|￭,￭|b`; then a joiner beside a space, at an end or beside another one goes.
    symbol = _OTHER_SYMBOL if clusters else _SYMBOL
    texts = replace(texts, symbol, rf"{BOUNDARY}{JOINER}\1{JOINER}{BOUNDARY}")
    if clusters:  # `京` → `|京|`
        texts = replace(texts, f"({CLUSTER})", rf"{BOUNDARY}\1{BOUNDARY}")
    texts = replace(texts, f"^{BOUNDARY}{JOINER}| {BOUNDARY}{JOINER}", " ")
    texts = replace(texts, f"{JOINER}{BOUNDARY} |{JOINER}{BOUNDARY}$", " ")
    texts = replace(texts, f"{JOINER}{BOUNDARY}{BOUNDARY}{JOINER}", f"{BOUNDARY}{JOINER}")
    if clusters:  # the joiners that are left beside two boundaries are beside one of these
        texts = replace(texts, f"{JOINER}{BOUNDARY}{BOUNDARY}", BOUNDARY)
        texts = replace(texts, f"{BOUNDARY}{BOUNDARY}{JOINER}", BOUNDARY)
    texts = replace(texts, f"[ {BOUNDARY}]+", " ")
    return replace(texts, "^ | $", "")
