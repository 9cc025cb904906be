"""An epoch over film reviews in plain Keras: `python reviews_keras.py FOLDER`."""

import json
import pathlib
import sys

import keras
import tensorflow as tf

FOLDER = pathlib.Path(sys.argv[1])
WORDS = 10_000


def read(split):
    lines = (FOLDER / f"{split}.tsv").read_text(encoding="utf-8").splitlines()
    texts, labels = zip(*(line.split("\t") for line in lines), strict=True)
    return list(texts), [int(label == "pos") for label in labels]


vectorize = keras.layers.TextVectorization(WORDS)
vectorize.adapt(tf.data.Dataset.from_tensor_slices(read("train")[0]).batch(1024))


def batches(split):
    data = tf.data.Dataset.from_tensor_slices(read(split))
    data = data.map(lambda text, label: (vectorize(text), label), tf.data.AUTOTUNE).cache()
    data = data.shuffle(10_000) if split == "train" else data
    return data.padded_batch(32).prefetch(tf.data.AUTOTUNE)


model = keras.Sequential(
    [
        keras.layers.Embedding(WORDS, 100, mask_zero=True),
        keras.layers.Dropout(0.3),
        keras.layers.Bidirectional(keras.layers.GRU(64, return_sequences=True)),
        keras.layers.GlobalMaxPooling1D(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(2),
    ]
)
model.compile(
    keras.optimizers.Adam(0.002, clipnorm=1.0),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(batches("train"), validation_data=batches("validation"), verbose=0)
model.save_weights(FOLDER / "keras.weights.h5")
print(json.dumps({"accuracy": history.history["val_accuracy"][-1]}))
