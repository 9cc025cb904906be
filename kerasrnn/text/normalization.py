"""Lower case, composed characters (NFC) and usual widths, as core TensorFlow operations."""

from __future__ import annotations

import tensorflow as tf

from kerasrnn.checks import check_choice
from kerasrnn.options.words import Normalization, words
from kerasrnn.text.composition import composed
from kerasrnn.text.unicode_tables import composed_pattern, wide_pattern
from kerasrnn.text.width import of_usual_width
from kerasrnn.typing import Tensor

__all__ = ["NORMALIZATIONS", "lower", "normalize", "prepare"]

NORMALIZATIONS = words(Normalization)
# What Turkish, Azerbaijani or Lithuanian would lower otherwise, and no ASCII letter.
_OF_LOCALES = {"İ": "i\u0307", "Į": "į", "Ì": "ì", "Í": "í", "Ĩ": "ĩ"}


def prepare(
    texts: Tensor, lowercase: bool = False, normalization: Normalization = "none"
) -> tf.Tensor:
    """Gives texts the form in which a tokenizer splits them and looks them up.

    Args:
        texts: String tensor of any shape, UTF-8.
        lowercase: Whether the texts are lower-cased.
        normalization: The form of composed characters, see `normalize`.

    Returns:
        A string tensor of the same shape.

    Example:

    >>> prepare(["E\u0301te\u0301"], lowercase=True, normalization="nfc").numpy()[0].decode()
    'été'
    """
    texts = normalize(texts, normalization)
    # The small letter of İ has a mark of its own, which may have to be sorted.
    return normalize(lower(texts), normalization) if lowercase else texts


def lower(texts: Tensor) -> tf.Tensor:
    """Lower-cases texts, in the same way whatever the locale of the process.

    Args:
        texts: String tensor of any shape, UTF-8.

    Returns:
        A string tensor of the same shape.

    Example:

    >>> lower(["Ähre"]).numpy()[0].decode()
    'ähre'
    """

    def replace(texts):
        for capital, small in _OF_LOCALES.items():
            texts = tf.strings.regex_replace(texts, capital, small)
        return texts

    # The locale chooses rules for I, J and these five; none is left when it is asked.
    texts = tf.strings.lower(texts)  # ASCII
    texts = _unless(f"[^{''.join(_OF_LOCALES)}]*", replace, texts)
    return tf.strings.lower(texts, encoding="utf-8")


def normalize(texts: Tensor, form: Normalization = "nfc") -> tf.Tensor:
    """Gives canonically equivalent texts the same characters.

    A letter with a mark has one code point or two, a syllable of Hangul up to three; NFC has the
    fewest (Unicode Standard Annex 15). A text that is composed already costs one check.

    Full-width letters, digits and signs (`Ａ`, U+3000) and half-width Katakana, Hangul and signs
    (`ｶﾞ`) become those of usual width (`A`, a space, `ガ`): the width mapping of RFC 8264, by the
    mappings `<wide>` and `<narrow>` of Unicode. This is less than NFKC, which also takes `½`,
    `①`, `㌔` and Korean letters that stand alone for others.

    Args:
        texts: String tensor of any shape, UTF-8; in a text that changes an invalid byte becomes
            U+FFFD.
        form: `"nfc"`; `"nfc_width"`, the same after forms of other widths have got their usual one
            and four invisible characters are taken out: soft hyphen U+00AD, zero-width space
            U+200B, word joiner U+2060 and byte-order mark U+FEFF; or `"none"` for the texts as they
            are. Joiners U+200C and U+200D stay, since they change what letters and emoji are.

    Returns:
        A string tensor of the same shape.

    Raises:
        ValueError: For another form.

    Example:

    >>> normalize(["e\\u0301te\\u0301"]).numpy()[0].decode()
    'été'
    >>> normalize(["Ｎｏ．　ｶﾞ\\u200b"], "nfc_width").numpy()[0].decode()
    'No. ガ'
    """
    texts = tf.convert_to_tensor(texts, tf.string)
    if check_choice("form", form, NORMALIZATIONS) == "none":
        return texts
    rows = tf.reshape(texts, [-1])
    if form == "nfc_width":
        rows = _unless(wide_pattern(), of_usual_width, rows)
    return tf.reshape(_nfc(rows), tf.shape(texts))


# A function of its own, which an export holds once.
@tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
def _nfc(texts):
    def compose(texts):
        places = tf.where(~tf.strings.regex_full_match(texts, composed_pattern()))
        return tf.tensor_scatter_nd_update(texts, places, composed(tf.gather_nd(texts, places)))

    return _unless(composed_pattern(), compose, texts)


def _unless(pattern: str, change, texts):
    """Changes texts unless each of them matches a pattern."""
    matches = tf.reduce_all(tf.strings.regex_full_match(texts, pattern))
    return tf.cond(matches, lambda: texts, lambda: change(texts))
