"""An epoch over captions in two languages in plain Keras: `python captions_keras.py FOLDER`."""

import json
import pathlib
import sys

import keras
import tensorflow as tf
from keras import layers

FOLDER = pathlib.Path(sys.argv[1])
WORDS, UNITS = 6000, 200


def read(split, language):
    text = (FOLDER / f"{split}.{language}").read_text(encoding="utf-8")
    return text.splitlines()


vectorize = {}
for language in ("en", "de"):
    vectorize[language] = layers.TextVectorization(WORDS, standardize=None)
    texts = read("train", language)
    # Each target begins and ends with a token of its own.
    texts = texts if language == "en" else [f"[begin] {text} [end]" for text in texts]
    vectorize[language].adapt(tf.data.Dataset.from_tensor_slices(texts).batch(1024))


def encode(source, target):
    target = vectorize["de"](tf.strings.join(["[begin] ", target, " [end]"]))
    return {"source": vectorize["en"](source), "target": target[:-1]}, target[1:]


def batches(split):
    data = tf.data.Dataset.from_tensor_slices((read(split, "en"), read(split, "de")))
    data = data.map(encode, tf.data.AUTOTUNE).cache()
    data = data.shuffle(10_000) if split == "train" else data
    return data.padded_batch(64).prefetch(tf.data.AUTOTUNE)


source = keras.Input((None,), name="source", dtype="int64")
target = keras.Input((None,), name="target", dtype="int64")
read_source = layers.Embedding(WORDS, UNITS, mask_zero=True)(source)
memory, forward, backward = layers.Bidirectional(
    layers.GRU(UNITS, return_sequences=True, return_state=True)
)(layers.Dropout(0.3)(read_source))
decoder = layers.GRU(2 * UNITS, return_sequences=True)(
    layers.Dropout(0.3)(layers.Embedding(WORDS, UNITS, mask_zero=True)(target)),
    initial_state=layers.Concatenate()([forward, backward]),
)
context = layers.Attention()([decoder, memory])
hidden = layers.Dense(2 * UNITS, "tanh", use_bias=False)(layers.Concatenate()([decoder, context]))
logits = layers.Dense(WORDS)(layers.Dropout(0.3)(hidden))
model = keras.Model({"source": source, "target": target}, logits)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
model.compile(keras.optimizers.Adam(0.002, clipnorm=1.0), loss)
history = model.fit(batches("train"), validation_data=batches("validation"), verbose=0)
model.save_weights(FOLDER / "keras.weights.h5")
print(json.dumps({"loss": history.history["val_loss"][-1]}))
