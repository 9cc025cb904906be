"""Training a `Translator` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib
from typing import Any

import keras

from kerasrnn.checks import MOST_LENGTH
from kerasrnn.datasets import (
    pair_examples,
    train_tokenizers,
)
from kerasrnn.files import write_beside
from kerasrnn.models import encoder_decoder
from kerasrnn.models.arguments import embedding_layer
from kerasrnn.options import Translate
from kerasrnn.plotting import attention_heatmaps, can_show
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.pretrained.starting_vectors import starting_embedding
from kerasrnn.tasks.translate.pair_level import level_of
from kerasrnn.tasks.translate.task import Translator, read_pairs
from kerasrnn.text import of_many_scripts
from kerasrnn.vocabulary import Vocabulary

__all__ = ["TranslationJob"]

# Examples for the picture and for the check of an export come from the first ones of the test.
CHOSEN_FROM, LONGEST = 500, 48
# Ids of either side where subwords are chosen.
SUBWORDS = 4000


class TranslationJob(Job):
    """Trains, evaluates and draws a translator: `kerasrnn train translate`."""

    options: Translate

    judges_rows = True

    def check(self) -> None:
        self._new_model(5, 5)

    def read(self, split: str) -> Any:
        return read_pairs(self.source(split), self.options)

    def new_task(self, train: Any) -> Translator:
        if self.options.level is None:
            self._choose_level(train)
        source, target = train_tokenizers(
            train, shared=self.options.share_embeddings, **self.options.tokenizer_options()
        )
        examples = pair_examples(train, source, target)
        self.follow_examples(examples, max(len(source.vocabulary), len(target.vocabulary)))
        model = self._model_of(source.vocabulary, target.vocabulary)
        # An answer may be longer than all in training, but one that never ends is cut.
        max_length = min(self.encoded(examples, "train").longest() * 3 // 2, MOST_LENGTH)
        return Translator(model, source, target, max_length, self.options.record())

    def examples(self, task: Translator, raw: Any) -> Any:
        return pair_examples(raw, task.source, task.target)

    def names(self, task: Translator) -> dict[str, Any]:
        source, target = task.source.vocabulary, task.target.vocabulary
        return {"source": source, "target": target, "labels": target}

    def report(
        self, task: Translator, test: Any, folder: pathlib.Path
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        metrics = task.evaluate(test)
        pairs = dict(
            tuple(text.decode("utf-8") for text in pair)
            for pair in itertools.islice(test.as_numpy_iterator(), CHOSEN_FROM)
        )
        short = [source for source in pairs if 0 < len(source) <= LONGEST]
        drawn = [source for source in short if can_show(source)]
        translations = task.translate(of_many_scripts(drawn, 4))
        if translations and translations[0].attention is not None:
            picture = attention_heatmaps(translations, left_out=len(short) - len(drawn))
            write_beside(folder / "attention.png", picture.savefig)
        return metrics, {source: pairs[source] for source in of_many_scripts(short, 3)}

    def _choose_level(self, train: Any) -> None:
        level = level_of(train)
        size = SUBWORDS if level == "subword" else None
        values = {"level": level, "max_vocabulary_size": size}
        self.choose(values, "by a look at the first pairs")

    def _model_of(self, source: Vocabulary, target: Vocabulary) -> keras.Model:
        output = "tied" if self.options.tie_output else "full"
        if self.options.share_embeddings:
            embedding = starting_embedding(self.options, target, "embedding", output=output)
        else:
            embedding = (
                starting_embedding(self.options, source, "source_embedding"),
                starting_embedding(self.options, target, "target_embedding", output=output),
            )
        return self._new_model(len(source), len(target), embedding)

    def _new_model(self, source_size: int, target_size: int, embedding: Any = None) -> keras.Model:
        embedding = embedding or self.options.embedding
        output = "tied" if self.options.tie_output else "full"
        if self.options.share_embeddings and isinstance(embedding, int):
            embedding = embedding_layer(embedding, source_size, "embedding", output=output)
        return encoder_decoder(
            source_size,
            target_size,
            **self.options.model_options(),
            embedding=embedding,
            output=output,
        )
