"""Language models of files and folders: read, and brought over one vocabulary."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

from kerasrnn.checks import UserError
from kerasrnn.files import is_blank
from kerasrnn.language_modeling import Expanded, NextTokenModel, read_arpa, read_sentences
from kerasrnn.options.words import Level
from kerasrnn.tasks.language_model.task import LanguageModel
from kerasrnn.tasks.loading import load
from kerasrnn.text import SUBWORD, Tokenizer, split
from kerasrnn.text.unspaced import unspaced_script
from kerasrnn.vocabulary import Vocabulary

__all__ = ["over_one_vocabulary", "read_next_token_models", "read_tokens"]

SPLIT_AT_ONCE = 1024


def read_next_token_models(
    paths: Sequence[str | os.PathLike[str]],
) -> tuple[list[NextTokenModel], Tokenizer]:
    """Reads trained runs and ARPA files.

    Args:
        paths: Folders of runs of the task `language-model`, and ARPA files, plain or gzipped.

    Returns:
        The models, over one vocabulary, and a tokenizer without a vocabulary that splits texts as
        their runs do; at white space where there are only ARPA files.

    Raises:
        ValueError: For a folder of another task, a run of subwords, runs that split texts in
            different ways, or vocabularies that cannot be reconciled.
    """
    models, ways = [], {}
    for path in map(pathlib.Path, paths):
        if not path.is_dir():
            models.append(read_arpa(path))
            continue
        task = load(path)
        if not isinstance(task, LanguageModel):
            raise UserError(f"Expected a run of language-model. Received: {path}, {task.name}")
        if task.tokenizer.level == SUBWORD:
            raise UserError(
                "Expected a run whose tokens are characters or words, which other models can have "
                f"too. Received: {path}, whose tokens are subwords"
            )
        ways[str(path)] = _way(task.tokenizer)
        models.append(task.next_token_model())
    # A run that is older than normalization reads composed texts as well as any.
    composed = [way for way in ways.values() if way["normalization"] != "none"]
    way = next(iter([*composed, *ways.values()]), {"level": "whitespace"})
    if any(other not in (way, {**way, "normalization": "none"}) for other in ways.values()):
        said = "; ".join(
            f"{path}: {', '.join(f'{name} {value}' for name, value in each.items())}"
            for path, each in ways.items()
        )
        raise UserError(f"Expected runs that split texts in the same way. Received: {said}")
    return over_one_vocabulary(models), Tokenizer.from_config(way, Vocabulary([]))


def _way(tokenizer: Tokenizer) -> dict[str, Any]:
    """How a tokenizer splits; as its latest version does where its vocabulary does not tell."""
    latest = Tokenizer(Vocabulary([]), tokenizer.level)
    told = any(map(unspaced_script, "".join(tokenizer.vocabulary.tokens)))
    return tokenizer.get_config() | ({} if told else {"splitting": latest.splitting})


def over_one_vocabulary(models: Sequence[NextTokenModel]) -> list[NextTokenModel]:
    """Expands the models that know fewer words than the one that knows the most.

    Args:
        models: Models of the contract.

    Returns:
        The models, `Expanded` where it was needed.

    Raises:
        ValueError: Where a model knows words that the largest vocabulary lacks.
    """
    full = max((model.vocabulary for model in models), key=len)
    tokens = set(full.tokens)
    return [
        model if set(model.vocabulary.tokens) == tokens else Expanded(model, full)
        for model in models
    ]


def read_tokens(
    path: str | os.PathLike[str], level: Level | Tokenizer = "whitespace", encoding: str = "utf-8"
) -> list[list[str]]:
    """Reads the sentences of a text file, a line each; lines of white space are none.

    Args:
        path: The file, plain or gzipped.
        level: What a token is, see `text.split`, or a tokenizer that splits.
        encoding: That of the file, a name that Python knows.

    Returns:
        The tokens of each sentence.

    Raises:
        ValueError: For a file that is not there or is empty, or, naming the line, one that has
            another encoding.
    """
    lines = [line for line in read_sentences(path, encoding) if not is_blank(line)]
    if not lines:
        raise UserError(f"{path}: expected at least a line of text. Received: none")
    return list(_tokens(lines, level))


def _tokens(lines: Sequence[str], level: Level | Tokenizer) -> Iterable[list[str]]:
    for start in range(0, len(lines), SPLIT_AT_ONCE):
        some = lines[start : start + SPLIT_AT_ONCE]
        rows = level.split(some) if isinstance(level, Tokenizer) else split(some, level)
        for tokens in rows.to_list():
            yield [token.decode("utf-8") for token in tokens]
