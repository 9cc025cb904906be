"""Text to a number of stars: a regression, of which the package has none for texts."""

import keras
import numpy as np
import tensorflow as tf

from kerasrnn import many_to_one, tasks, views
from kerasrnn.datasets import Examples, labelled_texts, text_inputs
from kerasrnn.export import Signatures
from kerasrnn.text import Tokenizer
from stars import Stars

__all__ = ["StarGiver", "StarsJob", "StarsSignatures"]


class StarsSignatures(Signatures):
    """`text` `(B,)` string to `stars` `(B,)` float32."""

    inputs = (tf.TensorSpec((None,), tf.string, name="text"),)

    def __init__(self, model, tokenizer, most):
        self.models, self.tracked = [model], [tokenizer]
        self._tokenizer, self._most = tokenizer, most
        self._vector = views.vector(model)

    def serve(self, text):
        shares = self.models[0](self._ids(text), training=False)[:, 0]
        return {"stars": tf.clip_by_value(self._most * shares, 0, self._most)}

    def vector(self, text):
        return self._vector(self._ids(text), training=False)

    def _ids(self, text):
        return self._tokenizer.pad(self._tokenizer.encode(text))


class StarGiver(tasks.Task):
    """A `many_to_one` whose only output is a share of all stars, and its tokenizer."""

    name, options_class = "stars", Stars
    served_answer, unit = "stars", "text"

    def __init__(self, model, tokenizer, settings=None):
        super().__init__(model, settings)
        self.tokenizer = tokenizer

    def new_signatures(self):
        return StarsSignatures(self.model, self.tokenizer, self.options.most)

    def read_source(self, source):
        return labelled_texts(*source.place, **source.form)

    def read_inputs(self, source):
        return text_inputs(source.data, "text", **source.form)

    def evaluate(self, examples):
        texts, numbers = zip(*examples.as_numpy_iterator(), strict=True)
        errors = np.array(self.predict(texts)) - np.array(numbers, "float32")
        return {"mae": float(np.abs(errors).mean()), "examples": len(errors)}

    def save_parts(self, folder):
        self.tokenizer.save(folder)
        return {}

    @classmethod
    def load_parts(cls, folder, model, config):
        return cls(model, Tokenizer.load(folder), config["settings"])


class StarsJob(tasks.Job):
    """Trains and evaluates a `StarGiver`: `kerasrnn train stars`."""

    monitor, curve = "val_loss", "mae"
    unit = rows = "texts"

    def read(self, split):
        source = self.source(split)
        return labelled_texts(*source.place, **source.form)

    def new_task(self, train):
        options = self.options
        texts = (texts for texts, _ in train.batch(1024))
        tokenizer = Tokenizer.train(texts, **options.tokenizer_options())
        size, embedding = len(tokenizer.vocabulary), options.embedding
        model = many_to_one(size, 1, embedding=embedding, **options.model_options())
        return StarGiver(model, tokenizer, options.record())

    def examples(self, task, raw):
        def encode(texts, numbers):
            shares = tf.strings.to_number(numbers) / self.options.most
            return task.tokenizer.encode(texts), shares[:, None]

        def finish(tokens, shares):
            return tokens, shares, tf.ones_like(shares[:, 0])

        return Examples(raw.batch(1024).map(encode), (0,), finish)

    def loss(self):
        return keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")

    def metrics(self, task):
        return [keras.metrics.MeanAbsoluteError("mae")]

    def names(self, task):
        return {"tokens": task.tokenizer.vocabulary}
