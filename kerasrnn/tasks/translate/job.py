"""Training a `Translator` from a data set's name or a file to a folder that holds everything."""

from __future__ import annotations

import itertools
import pathlib

import keras

from kerasrnn.datasets import (
    dialogue_pairs,
    longest_target,
    pair_examples,
    text_pairs,
    train_tokenizers,
)
from kerasrnn.files import write_beside
from kerasrnn.models import encoder_decoder
from kerasrnn.models.arguments import embedding_layer
from kerasrnn.plotting import attention_heatmaps, can_show
from kerasrnn.tasks.job import Job
from kerasrnn.tasks.translate.task import Translator
from kerasrnn.text import of_many_scripts

__all__ = ["TranslationJob"]

# Examples for the picture and for the check of an export come from the first ones of the test.
CHOSEN_FROM, LONGEST = 500, 48
MODEL_OPTIONS = ("cell", "units", "num_layers", "bidirectional", "dropout", "input_feeding")


class TranslationJob(Job):
    """Trains, evaluates and draws a translator: `kerasrnn train translate`."""

    def check(self):
        self._new_model(5, 5)

    def read(self, split):
        if self.settings.get("turns") is not None:
            data, split, data_dir = self.source(split)
            return dialogue_pairs(data, split, self.settings["turns"], data_dir, **self.reading())
        return text_pairs(*self.source(split), **self.reading())

    def new_task(self, train):
        source, target = train_tokenizers(
            train,
            self.settings["level"],
            min_count=self.settings["min_count"],
            max_size=self.settings["max_vocabulary_size"],
            normalization=self.settings.get("normalization", "none"),
            shared=self.settings["share_embeddings"],
        )
        model = self._new_model(len(source.vocabulary), len(target.vocabulary))
        # An answer may be longer than all in training, but one that never ends is cut.
        max_length = longest_target(train, target) * 3 // 2
        return Translator(model, source, target, max_length, self.settings)

    def examples(self, task, raw):
        return pair_examples(raw, task.source, task.target)

    def names(self, task):
        source, target = task.source.vocabulary, task.target.vocabulary
        return {"source": source, "target": target, "labels": target}

    def report(self, task, test, folder: pathlib.Path):
        metrics = task.evaluate(test)
        pairs = dict(
            tuple(text.decode("utf-8") for text in pair)
            for pair in itertools.islice(test.as_numpy_iterator(), CHOSEN_FROM)
        )
        short = [source for source in pairs if 0 < len(source) <= LONGEST]
        translations = task.translate(of_many_scripts(filter(can_show, short), 4))
        if translations and translations[0].attention is not None:
            write_beside(folder / "attention.png", attention_heatmaps(translations).savefig)
        return metrics, {source: pairs[source] for source in of_many_scripts(short, 3)}

    def _new_model(self, source_size: int, target_size: int) -> keras.Model:
        attention, embedding = self.settings["attention"], self.settings["embedding"]
        output = "tied" if self.settings["tie_output"] else "full"
        if self.settings["share_embeddings"]:
            embedding = embedding_layer(embedding, source_size, "embedding", output=output)
        return encoder_decoder(
            source_size,
            target_size,
            **self._chosen(MODEL_OPTIONS),
            attention=None if attention == "none" else attention,
            embedding=embedding,
            output=output,
        )
