"""Where sentences with a label for each token come from: a data set's name or a file."""

from __future__ import annotations

import os
from collections.abc import Mapping

import tensorflow as tf

from kerasrnn.datasets.sources.tagged_split import TaggedSplit
from kerasrnn.options.source import Split

__all__ = ["tagged_tokens"]


def tagged_tokens(
    data: str | os.PathLike[str],
    split: Split = "train",
    data_dir: str | os.PathLike[str] | None = None,
    *,
    features: Mapping[str, str] | str | None = None,
    encoding: str = "utf-8",
    scheme: str = "none",
) -> tf.data.Dataset:
    """Reads sentences that are split into tokens, with a label for each of them.

    A file (UTF-8, gzipped or not) is one of these; of each twenty sentences the last two
    are for validation and test.

    - `.tsv`, `.conll`, `.bio` or `.txt`: a token, a tab or white space, and its label on each
      line, and an empty line between sentences. Of three to five columns the first and the last
      are taken, of others those that `features` names; a first line such as `token`, tab, `tag`
      names them too. Lines that begin with `-DOCSTART-` are no sentences. A line that begins with
      `#` and a space is a remark where it has another number of columns than the others, or is
      such as `# id 5` or `# text = …`.
    - `.conllu`: ten columns between tabs, of which the words count, neither what several of them
      are written as (1-2) nor what is not written (1.1). Tokens are `form` and tags are `upos`.
    - `.jsonl`: an object with `tokens` and `tags`, two lists of one length, on each line; or
      `.json`, a list of such objects. Usual names such as `words` and `labels` are found too.

    Args:
        data: An embedded data set (`"python_tokens"`), a tensorflow-datasets name whose examples
            are a sequence of texts and one of classes (`"wikiann/en"`), a file, or a folder with
            a file for each split. Of several such sequences those called tokens or words are
            read, and those called labels, tags, ner, ner_tags, upos or pos, in this order.
        split: `"train"`, `"validation"` or `"test"`. For each of the last two that a data set has
            not, it gives up a twentieth of its training split. `None` is all of a file,
            an `options.FoldSplit` a split of it in one of the folds of a cross-validation.
        data_dir: Folder of prepared tensorflow-datasets; theirs by default.
        features: Which features, columns or fields are `tokens` and `tags`, such as
            `"tags=xpos"` or, counted from 1, `"tokens=1,tags=4"`.
        encoding: That of a file, a name that Python knows.
        scheme: How labels mark entities: `"iob1"`, `"iob2"`, `"bioes"`, `"biluo"`, `"bmes"`, or
            `"auto"` to find it out from the labels that are read, see
            `layers.schemes.recognized_scheme`. IOB1 becomes IOB2, and BILUO and BMES become BIOES;
            labels that break their own rules are repaired as conlleval reads them, and counted.
            `"none"` leaves labels as they are.

    Returns:
        A `tf.data.Dataset` of `(tokens, labels)`, `(T,)` string each, the labels being their
        names.

    Raises:
        ValueError: For an unknown data set or split, examples of another kind, or a line of a
            file that has another form, which is named.

    Example:

    >>> sentences = tagged_tokens("wikiann/en", "test")  # doctest: +SKIP
    """
    read = TaggedSplit(data, split, data_dir, features, encoding)
    found = None if scheme == "none" else read.scheme(scheme)
    return read.sentences() if found is None else read.in_scheme(found)
