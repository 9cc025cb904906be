"""Text to ids and back, usable in tf.data and inside an export."""

from __future__ import annotations

import inspect
import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any, Self

import tensorflow as tf

from kerasrnn.checks import UserError, check_choice
from kerasrnn.files import read_json, write_json
from kerasrnn.options.words import Level, Normalization
from kerasrnn.text.learn_vocabulary import learn_vocabulary
from kerasrnn.text.levels import LEVELS, SPLITTING, SUBWORD, join, split
from kerasrnn.text.normalization import NORMALIZATIONS, prepare
from kerasrnn.text.subwords import SubwordSplitter, lookup_table, words_with_spaces
from kerasrnn.typing import Tensor
from kerasrnn.vocabulary import BEGIN, END, PADDING, RESERVED, UNKNOWN, Vocabulary

__all__ = ["Tokenizer"]


class Tokenizer(tf.Module):
    """Splits text into tokens and looks their ids up in a vocabulary, and back.

    It is a `tf.Module`, so that the lookup table travels with an export that tracks it.

    Args:
        vocabulary: A `Vocabulary`.
        level: `"character"`, `"word"` or `"whitespace"`, see `text.split`; or `"subword"`, pieces
            of words, which only the vocabulary knows, in the order in which `train` learned them.
        lowercase: Whether texts are lower-cased, in any script; the tokens of the vocabulary are
            lower-case then.
        normalization: Which texts are alike, see `text.normalize`; the tokens of the vocabulary are
            normalised then, as `train` makes them. `"none"` reads texts as they are, which any
            vocabulary fits.
        splitting: The version of the splitting, see `text.split`; the latest one by default.

    Example:

    >>> tokenizer = Tokenizer(Vocabulary("abc"), level="character")
    >>> tokenizer.encode(["cab", "?", ""]).to_list()
    [[6, 4, 5], [1], [1]]
    >>> tokenizer.decode(tokenizer.encode(["cab", "a"])).numpy().tolist()
    [b'cab', b'a']
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        level: Level = "character",
        lowercase: bool = False,
        normalization: Normalization = "none",
        splitting: int | None = None,
    ):
        check_choice("level", level, (*LEVELS, SUBWORD))
        check_choice("normalization", normalization, NORMALIZATIONS)
        latest = SPLITTING[level]
        self.splitting = latest if splitting is None else splitting
        if self.splitting not in range(1, latest + 1):
            raise UserError(
                f"Expected a version of the splitting of {level}s from 1 to {latest}; a later one "
                f"takes a later version of kerasrnn. Received: {splitting!r}"
            )
        super().__init__(name="tokenizer")
        self.vocabulary = vocabulary
        self.level: Level = level
        self.lowercase = lowercase
        self.normalization: Normalization = normalization
        self._subwords = SubwordSplitter(vocabulary) if level == SUBWORD else None
        with tf.init_scope():
            # No token is empty; the empty key only keeps the table of an empty vocabulary valid.
            tokens = tf.constant(["", *vocabulary.tokens], tf.string)
            ids = [UNKNOWN, *range(len(RESERVED), len(vocabulary))]
            self._table = lookup_table(tokens, ids, UNKNOWN)

    @classmethod
    def train(
        cls,
        texts: Iterable[Any],
        level: Level = "character",
        min_count: int = 1,
        max_size: int | None = None,
        lowercase: bool = False,
        normalization: Normalization = "nfc",
    ) -> Self:
        """Builds the vocabulary from the texts of a training split, of any size.

        Args:
            texts: Raw texts, `str` or `bytes`, or batches of them: a list, an array, a column of
                a table, a generator, or a `tf.data.Dataset` of strings.
            level: As above. Subwords are learned by the package `tokenizers`, which is an extra.
            min_count: As in `Vocabulary.build`; of subwords that of a character and of a merge.
            max_size: As in `Vocabulary.build`; of subwords 8,000 by default.
            lowercase: As above.
            normalization: As above.

        Returns:
            A `Tokenizer`, of the latest version of the splitting.

        Raises:
            ValueError: For bad options, what is no text, or subwords without `tokenizers`.

        Example:

        >>> Tokenizer.train(["the cat", "the end"], "word", max_size=5).vocabulary.tokens
        ('the',)
        """
        vocabulary = learn_vocabulary(texts, level, min_count, max_size, lowercase, normalization)
        return cls(vocabulary, level, lowercase, normalization)

    def get_config(self) -> dict[str, Any]:
        """Returns all options beside the vocabulary, and the version of the splitting."""
        return {
            "level": self.level,
            "lowercase": self.lowercase,
            "normalization": self.normalization,
            "splitting": self.splitting,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], vocabulary: Vocabulary) -> Self:
        """Makes a tokenizer from what `get_config` returned, with any vocabulary.

        Args:
            config: The options; without a version of the splitting it is the first one.
            vocabulary: A `Vocabulary`.

        Raises:
            ValueError: For a later version of the splitting, or unknown options.

        Example:

        >>> tokenizer = Tokenizer(Vocabulary("ab"), "word", lowercase=True)
        >>> Tokenizer.from_config(tokenizer.get_config(), Vocabulary(["so"])).split(["So?"])
        <tf.RaggedTensor [[b'so', b'\xef\xbf\xad?']]>
        """
        known = inspect.signature(cls).parameters.keys() - {"vocabulary"}
        if not isinstance(config, Mapping) or config.keys() - known:
            raise UserError(
                f"Expected options of a tokenizer among {sorted(known)}. Received: {config!r}"
            )
        return cls(vocabulary, **{"splitting": 1, **config})

    def key(self) -> tuple[dict[str, Any], list[str]]:
        """Returns JSON values that are equal for equal tokenizers and differ for others."""
        return self.get_config(), list(self.vocabulary.tokens)

    def save(self, folder: str | os.PathLike[str], name: str = "vocabulary") -> None:
        """Writes `NAME.txt`, the vocabulary, and `NAME.json`, all other options.

        Args:
            folder: A folder that is there.
            name: The name of both files.

        Example:

        >>> import tempfile
        >>> tokenizer = Tokenizer(Vocabulary("ab"), lowercase=True)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     tokenizer.save(folder)
        ...     Tokenizer.load(folder).encode(["AB"]).to_list()
        [[4, 5]]
        """
        folder = pathlib.Path(folder)
        self.vocabulary.save(folder / f"{name}.txt")
        write_json(folder / f"{name}.json", self.get_config())

    @classmethod
    def load(
        cls, folder: str | os.PathLike[str], name: str = "vocabulary", **unrecorded: Any
    ) -> Self:
        """Reads what `save` wrote.

        Args:
            folder: The folder.
            name: The name of both files.
            **unrecorded: The options of a folder without `NAME.json`, in which an earlier version
                of this package left the vocabulary alone.

        Returns:
            A `Tokenizer`, which splits and looks up as the saved one.

        Raises:
            ValueError: For files of something else, or of a later version of this package.
        """
        folder = pathlib.Path(folder)
        vocabulary = Vocabulary.load(folder / f"{name}.txt")
        path = folder / f"{name}.json"
        if not path.is_file():
            if not unrecorded:
                raise UserError(f"Expected the options of a tokenizer in {path}. Received: no file")
            return cls.from_config(unrecorded, vocabulary)
        config = read_json(path)
        try:
            return cls.from_config(config, vocabulary)
        except UserError as error:
            raise UserError(f"{path}: {error}") from None

    def encode(self, texts: Tensor) -> tf.RaggedTensor:
        """Turns texts into ids.

        Args:
            texts: `(B,)` string tensor, or a list of `str`.

        Returns:
            `(B, None)` ragged int32 tensor of ids, without begin and end. A text without any
            token becomes one unknown token, so that no row is empty.
        """
        tokens = self.split(texts)
        ids = tf.ragged.map_flat_values(self._table.lookup, tokens)
        missing = tf.cast(tokens.row_lengths() == 0, tf.int64)
        unknown = tf.RaggedTensor.from_row_lengths(
            tf.fill([tf.reduce_sum(missing)], UNKNOWN), missing
        )
        return tf.concat([ids, unknown], axis=1)

    def split(self, texts: Tensor) -> tf.RaggedTensor:
        """Splits texts into tokens, also into such as the vocabulary lacks.

        Args:
            texts: `(B,)` string tensor, or a list of `str`.

        Returns:
            `(B, None)` ragged string tensor; `join` gives the texts back, prepared as above.

        Example:

        >>> Tokenizer(Vocabulary(["▁", "a", "b", "ab"]), "subword").split(["abba"]).to_list()[0][1:]
        [b'ab', b'b', b'a']
        """
        texts = prepare(texts, self.lowercase, self.normalization)
        if self._subwords is None:
            return split(texts, self.level, self.splitting)
        words = words_with_spaces(texts)
        return words.with_flat_values(self._subwords.split(words.flat_values)).merge_dims(1, 2)

    def ids_of(self, tokens: Tensor) -> tf.Tensor | tf.RaggedTensor:
        """Looks up tokens that are split already.

        Args:
            tokens: String tensor of any shape, dense or ragged.

        Returns:
            Their ids, int32 of the same shape; unknown also for `""`.

        Example:

        >>> Tokenizer(Vocabulary(["New York"]), "whitespace").ids_of([["New York", "York"]])
        <tf.Tensor: shape=(1, 2), dtype=int32, numpy=array([[4, 1]], dtype=int32)>
        """
        if not isinstance(tokens, tf.RaggedTensor):
            tokens = tf.convert_to_tensor(tokens, tf.string)
        tokens = tf.ragged.map_flat_values(prepare, tokens, self.lowercase, self.normalization)
        return tf.ragged.map_flat_values(self._table.lookup, tokens)

    def decode(self, ids: Tensor) -> tf.Tensor:
        """Turns ids into texts.

        Args:
            ids: `(B, T)` int tensor, or ragged as of `encode`. Padding, begin and end give nothing,
                wherever they stand; unknown gives `<unknown>`.

        Returns:
            `(B,)` string tensor.
        """
        ids = self.pad(ids) if isinstance(ids, tf.RaggedTensor) else tf.convert_to_tensor(ids)
        spoken = tf.where((ids == BEGIN) | (ids == END), PADDING, ids)
        return self.join(self.tokens(spoken))

    def join(self, tokens: Tensor) -> tf.Tensor:
        """Joins tokens to texts, see `text.join`: `(B,)` string tensor."""
        return join(tokens, self.level, self.splitting)

    def tokens(self, ids: Tensor) -> tf.Tensor:
        """Turns ids into their tokens.

        Args:
            ids: `(B, T)` int tensor.

        Returns:
            `(B, T)` string tensor; `""` for padding, their names for the other reserved ids.
        """
        return tf.gather(tf.constant(["", *RESERVED[1:], *self.vocabulary.tokens]), ids)

    def pad(self, ids: tf.RaggedTensor) -> tf.Tensor:
        """Pads ragged ids on the right with id 0.

        Args:
            ids: `(B, None)` ragged int32 tensor.

        Returns:
            `(B, T)` int32 tensor; T is 1 at least, because recurrent layers need a step.
        """
        padded = ids.to_tensor(default_value=PADDING)
        missing = tf.cast(tf.shape(padded)[1] == 0, tf.int32)
        return tf.pad(padded, [[0, 0], [0, missing]], constant_values=PADDING)
