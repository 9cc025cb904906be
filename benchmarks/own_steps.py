"""Files with a label for each step: words, hours and frames. own_data.py trains on them."""

from __future__ import annotations

import csv
import dataclasses
import pathlib
import subprocess
import sys
from collections import Counter

import numpy as np

SPLITS = ("train", "validation", "test")
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")
# The field's split of ETTh1: 12, 4 and 4 months of 30 days, in hours.
MONTHS = {"train": (0, 12), "validation": (12, 16), "test": (16, 20)}
SIDE, CLIPS = 24, {"train": 2_000, "validation": 200, "test": 400}


@dataclasses.dataclass
class Written:
    """What trains on files that are written, and the accuracy of guesses beside it."""

    task: str
    file: str
    options: list[str]
    majority: float
    alone: float | None = None


def most_frequent(train, test) -> float:
    """The accuracy of the label that is most frequent in training."""
    label = Counter(list(train)).most_common(1)[0][0]
    return float(np.mean(np.asarray(test) == label))


def each_step_alone(steps: dict, labels: dict) -> float:
    """The accuracy of one hidden layer that reads a step and nothing around it."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(steps["train"])
    model = MLPClassifier(64, early_stopping=True, batch_size=256, random_state=1)
    model.fit(scale.transform(steps["train"]), labels["train"])
    return model.score(scale.transform(steps["test"]), labels["test"])


def each_frame_alone(frames: dict, labels: dict) -> float:
    """The accuracy of the encoder of frames with a softmax, without a recurrent network."""
    import keras

    from kerasrnn.models import convolutional_encoder

    keras.utils.set_random_seed(1)
    names = sorted(set(labels["train"]))
    x, y = {}, {}
    for split in frames:
        x[split] = np.concatenate(frames[split]) / np.float32(255)
        y[split] = np.array([names.index(each) for each in labels[split]])
    encoder = convolutional_encoder(x["train"].shape[1:])
    model = keras.Sequential([encoder, keras.layers.Dense(len(names))])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.001), loss, metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping("val_accuracy", patience=2, restore_best_weights=True)
    known = (x["validation"], y["validation"])
    model.fit(
        *(x["train"], y["train"]),
        **{"batch_size": 256, "epochs": 8, "verbose": 2},
        validation_data=known,
        callbacks=[stop],
    )
    return float(model.evaluate(x["test"], y["test"], verbose=0)[1])


def words(shared: pathlib.Path, folder: pathlib.Path) -> Written:
    """en_ewt: a word is 100 numbers, learned from the reviews of imdb_reviews without their labels
    (zeros for one that these do not have); what part of speech is it?"""
    import tensorflow_datasets as tfds

    from kerasrnn.embeddings import read_vectors

    run = folder.parent / "vectors"
    given = ["--data", "imdb_reviews", "--data-dir", str(shared / "tfds"), "--output", str(run)]
    learned = ["train", "word-vectors", *given, "--lowercase", "--architecture", "cbow"]
    learned += ["--embedding", "100", "--epochs", "2"]
    subprocess.run([sys.executable, "-m", "kerasrnn", *learned], check=True)
    vectors = read_vectors(run / "vectors.txt")
    places = {word: i for i, word in enumerate(vectors.words)}
    table = np.concatenate([vectors.vectors, np.zeros((1, vectors.vectors.shape[1]))])
    builder = tfds.builder("universal_dependencies/en_ewt", data_dir=shared / "tfds")
    classes = builder.info.features["upos"].feature.names
    steps, labels = {}, {}
    for split, name in zip(SPLITS, ("train", "dev", "test"), strict=True):
        sentences = list(tfds.as_numpy(builder.as_dataset(split=name)))
        every = [word.decode().lower() for each in sentences for word in each["tokens"]]
        steps[split] = table[[places.get(word, -1) for word in every]].astype("float32")
        labels[split] = np.array([classes[tag] for each in sentences for tag in each["upos"]])
        lengths = np.array([len(each["tokens"]) for each in sentences])
        arrays = {"features": steps[split], "lengths": lengths, "labels": labels[split]}
        np.savez(folder / f"{split}.npz", **arrays)
    options = ["--units", "64", "--epochs", "5", "--dropout", "0.3", "--batch-size", "64"]
    alone = each_step_alone(steps, labels)
    return Written("frames", "", options, most_frequent(labels["train"], labels["test"]), alone)


def read_loads(shared: pathlib.Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of ETTh1."""
    with open(shared / "data" / "ett" / "ETTh1.csv", encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    return header, lines


def hours(shared: pathlib.Path, folder: pathlib.Path) -> Written:
    """ETTh1: an hour is six loads and a temperature, in sequences of 24 to 96 hours that begin at
    any time; is it night, morning, afternoon or evening? Trained on 12 months, tested on the last 4
    of 20."""
    header, lines = read_loads(shared)
    random = np.random.default_rng(1)
    steps, labels = {}, {}
    for split, (begin, end) in MONTHS.items():
        part = lines[begin * 720 : end * 720]
        number, left = 0, 0
        steps[split] = np.array([line[1:] for line in part], float)
        labels[split] = [PARTS_OF_DAY[int(line[0][11:13]) // 6] for line in part]
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["run", "time", *header[1:], "part"])
            for line, label in zip(part, labels[split], strict=True):
                if not left:
                    number, left = number + 1, random.integers(24, 97)
                left -= 1
                table.writerow([number, line[0], *line[1:], label])
    options = ["--features", "id=run,time=time,label=part", "--epochs", "60", "--units", "32"]
    options += ["--dropout", "0.2", "--batch-size", "8"]
    alone = each_step_alone(steps, labels)
    return Written("frames", "", options, most_frequent(labels["train"], labels["test"]), alone)


def clips(shared: pathlib.Path, folder: pathlib.Path) -> Written:
    """scikit-learn's handwritten digits that move, and are covered at times (`moving_digits`), as
    GIFs of 16 × 16; which digit is in each frame?"""
    from PIL import Image

    from kerasrnn.datasets import labelled_frames

    frames, labels = {}, {}
    for split in SPLITS:
        videos = list(labelled_frames("moving_digits", split).as_numpy_iterator())
        frames[split] = [film for film, _ in videos]
        labels[split] = [label.decode() for _, each in videos for label in each]
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["video", "frame", "label"])
            for i, (film, names) in enumerate(videos):
                first, *others = [Image.fromarray(frame[:, :, 0]) for frame in film]
                name = f"{split}-{i}.gif"
                first.save(folder / name, save_all=True, append_images=others, duration=100)
                table.writerows([name, t, x.decode()] for t, x in enumerate(names, start=1))
    return _of_frames(frames, labels)


def folders(shared: pathlib.Path, folder: pathlib.Path) -> Written:
    """MNIST's digits that move and are covered likewise, from their own splits, as folders of PNG
    images of 24 × 24; which digit is in each frame?"""
    from PIL import Image

    from kerasrnn.datasets import labelled_images

    frames, labels = {}, {}
    for number, split in enumerate(SPLITS):
        images = labelled_images("mnist", split, shared / "tfds").take(10_000)
        random = np.random.RandomState([1, number])
        videos = list(_moving(random, list(images.as_numpy_iterator()), CLIPS[split]))
        frames[split] = [film for film, _ in videos]
        labels[split] = [label for _, each in videos for label in each]
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["video", "frame", "label"])
            for i, (film, names) in enumerate(videos):
                place = folder / split / str(i)
                place.mkdir(parents=True)
                for t, (frame, name) in enumerate(zip(film, names, strict=True)):
                    Image.fromarray(frame[:, :, 0]).save(place / f"{t}.png")
                    table.writerow([f"{split}/{i}", t, name])
    return _of_frames(frames, labels)


def _moving(random: np.random.RandomState, images, number: int):
    """Videos of digits of 16 × 16, which move and are covered as those of `moving_digits`."""
    from kerasrnn.datasets.embedded.moving_digits import bounce, cover_digits, shot_lengths

    for _ in range(number):
        shots = shot_lengths(random, random.randint(8, 21))
        drawn: list[tuple] = []
        while len(drawn) < len(shots):
            image, label = images[random.randint(len(images))]
            if not drawn or label != drawn[-1][1]:
                drawn.append((np.pad(image[:, :, 0], 2), label))
        small = [image.reshape(16, 2, 16, 2).mean((1, 3)) for image, _ in drawn]
        seen = cover_digits(random, shots).repeat(2, 1).repeat(2, 2)[..., 0]
        digits = np.repeat(small, shots, axis=0) * seen
        frames = random.randint(0, 33, (len(digits), SIDE, SIDE, 1))
        starts, moves = random.randint(SIDE - 15, size=2), random.choice([-2, -1, 1, 2], 2)
        places = [bounce(*each, len(digits), SIDE - 16) for each in zip(starts, moves, strict=True)]
        for frame, digit, row, column in zip(frames, digits, *places, strict=True):
            frame[row : row + 16, column : column + 16, 0] += digit.astype(int)
        labels = np.repeat([label.decode() for _, label in drawn], shots)
        yield frames.clip(0, 255).astype("uint8"), labels.tolist()


def _of_frames(frames: dict, labels: dict) -> Written:
    options = ["--epochs", "6", "--units", "64"]
    alone = each_frame_alone(frames, labels)
    return Written("frames", "", options, most_frequent(labels["train"], labels["test"]), alone)
