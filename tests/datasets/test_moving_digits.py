"""The moving digits against the images they are made of, found again in the frames."""

import hashlib
import os
import pathlib
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import tensorflow_datasets as tfds

from kerasrnn.datasets.embedded import moving_digits as module
from kerasrnn.datasets.embedded.digits import digit_examples, digit_images, split_images
from kerasrnn.datasets.embedded.moving_digits import (
    bounce,
    cover_digits,
    moving_digits,
    shot_lengths,
)

SPLITS = ("train", "validation", "test")
NUMBER = 211
LARGEST_NOISE = 32

# Imports the package without scikit-learn, asks for images, then generates with scikit-learn.
OTHER_PROCESS = """
import hashlib, sys
sys.modules["sklearn"] = None
import tensorflow_datasets as tfds
from kerasrnn.datasets.embedded.digits import digit_examples
from kerasrnn.datasets.embedded.moving_digits import moving_digits
names = {"kerasrnn_digits", "kerasrnn_moving_digits"}
print(names <= set(tfds.list_builders(with_community_datasets=False)))
try:
    next(digit_examples("test"))
except ValueError as error:
    print(error)
del sys.modules["sklearn"]
films = [array.tobytes() for film in moving_digits("validation", 23) for array in film]
print(hashlib.sha256(b"".join(films)).hexdigest())
digits = [example.image.tobytes() for example in digit_examples("test")]
print(hashlib.sha256(b"".join(digits)).hexdigest())
"""


@pytest.fixture(scope="module")
def clean():
    """Films without noise in which nothing is covered, by the split's name."""
    return {split: list(moving_digits(split, NUMBER, noise=0, covered=False)) for split in SPLITS}


@pytest.fixture(scope="module")
def places(clean):
    """For each split, a list for each film of an image and its row and column for each frame."""
    images, labels = digit_images()
    found = {}
    for split in SPLITS:
        known = {images[number].tobytes(): number for number in split_images(split, labels)}
        found[split] = [[place_of(frame, known) for frame in film.frames] for film in clean[split]]
    return found


def place_of(frame, known):
    """Finds the one window of a frame that is a known image and holds all that is not 0."""
    windows = [
        (known[window.tobytes()], row, column)
        for row in range(9)
        for column in range(9)
        if (window := frame[row : row + 8, column : column + 8]).tobytes() in known
        and window.sum(dtype=int) == frame.sum(dtype=int)
    ]
    (place,) = windows
    return place


def stretches(film):
    """First and one past the last frame of each image."""
    shown = [image for image, _, _ in film]
    changes = [n for n in range(1, len(shown)) if shown[n] != shown[n - 1]]
    return list(zip([0, *changes], [*changes, len(shown)], strict=True))


def ends(film):
    return {n for first, last in stretches(film) for n in (first, last - 1)}


def test_films_have_their_shapes(clean):
    for films in clean.values():
        assert len(films) == NUMBER
        assert {len(film.frames) for film in films} == set(range(8, 21))
        for film in films:
            assert film.frames.shape == (len(film.labels), 16, 16, 1)
            assert film.frames.dtype == np.uint8
            assert film.labels.dtype == np.int64


@pytest.mark.parametrize("split", SPLITS)
def test_every_frame_shows_an_image_of_its_split_and_label(clean, places, split):
    _, labels = digit_images()
    for film, found in zip(clean[split], places[split], strict=True):
        assert film.labels.tolist() == [labels[image] for image, _, _ in found]
    used = {image for found in places[split] for image, _, _ in found}
    number = len(split_images(split, labels))
    assert len(used) > 0.25 * number
    assert {labels[image] for image in used} == set(range(10))


def test_digits_stay_for_4_to_10_frames_and_then_another_digit_comes(clean, places):
    lengths = set()
    for film, found in zip(clean["train"], places["train"], strict=True):
        lengths |= {last - first for first, last in stretches(found)}
        starts = [first for first, _ in stretches(found)]
        assert all(film.labels[n] != film.labels[n - 1] for n in starts[1:])
    assert lengths == set(range(4, 11))


def test_digits_move_at_a_constant_speed_and_bounce(places):
    speeds, starts = Counter(), Counter()
    for found in places["train"]:
        for axis in (1, 2):
            path = [place[axis] for place in found]
            fits = [speed for speed in (-2, -1, 1, 2) if walk(path[0], speed, len(path)) == path]
            assert fits
            starts[path[0]] += 1
            if 2 <= path[0] <= 6:  # nearer to an end, two speeds may go the same way
                speeds[fits[0]] += len(fits) == 1
    assert set(speeds) == {-2, -1, 1, 2}
    assert max(speeds.values()) < 2 * min(speeds.values())
    assert set(starts) == set(range(9))
    assert max(starts.values()) < 2 * min(starts.values())
    assert np.mean([row == column for film in places["train"] for _, row, column in film]) < 0.3


def walk(position, speed, length, limit=8):
    """Goes cell by cell and turns round at both ends."""
    path = [position]
    while len(path) < length:
        for _ in range(abs(speed)):
            if not 0 <= position + np.sign(speed) <= limit:
                speed = -speed
            position += int(np.sign(speed))
        path.append(position)
    return path


@pytest.mark.parametrize("velocity", [-3, -2, -1, 0, 1, 2, 3])
@pytest.mark.parametrize("start", [0, 1, 4, 5])
def test_bounce_walks_to_and_fro(start, velocity):
    assert bounce(start, velocity, 29, limit=5).tolist() == walk(start, velocity, 29, limit=5)


def test_covered_frames_lack_half_of_the_digit_or_all_of_it(clean, places):
    covered = list(moving_digits("train", NUMBER, noise=0))
    kinds = dict.fromkeys(["upper", "lower", "left", "right", "all", "nothing"], 0)
    for film, whole, found in zip(covered, clean["train"], places["train"], strict=True):
        assert film.labels.tolist() == whole.labels.tolist()
        for n, (_, row, column) in enumerate(found):
            kind = covered_part(film.frames[n], whole.frames[n], row, column)
            if n in ends(found):
                assert kind == "nothing"
            else:
                kinds[kind] += 1
    between = sum(kinds.values())
    halves = [kinds.pop(part) / between for part in ("upper", "lower", "left", "right")]
    assert sum(halves) == pytest.approx(0.35, abs=0.04)
    np.testing.assert_allclose(halves, 0.35 / 4, atol=0.03)
    assert kinds["all"] / between == pytest.approx(0.2, abs=0.03)


def covered_part(frame, whole, row, column):
    halves = {
        "nothing": np.s_[:0],
        "upper": np.s_[row : row + 4],
        "lower": np.s_[row + 4 : row + 8],
        "left": np.s_[:, column : column + 4],
        "right": np.s_[:, column + 4 : column + 8],
        "all": np.s_[:],
    }
    for name, half in halves.items():
        expected = whole.copy()
        expected[half] = 0
        if np.array_equal(frame, expected):
            return name
    raise AssertionError("another part is covered")


def test_covers_are_drawn_for_each_frame():
    seen = cover_digits(np.random.RandomState(3), [5, 7, 4])
    assert seen.shape == (16, 8, 8, 1)
    assert seen[[0, 4, 5, 11, 12, 15]].all()
    assert set(seen.sum(axis=(1, 2, 3)).tolist()) <= {0, 32, 64}


@pytest.mark.parametrize("length", [4, 5, 7, 8, 9, 13, 20])
def test_shots_have_4_to_10_frames_and_fill_the_film(length):
    for seed in range(31):
        shots = shot_lengths(np.random.RandomState(seed), length)
        assert sum(shots) == length
        assert min(shots) >= 4
        assert max(shots) <= 10


def test_noise_is_bounded_even_and_everywhere():
    noisy = list(moving_digits("test", 37))
    pairs = zip(noisy, moving_digits("test", 37, noise=0), strict=True)
    frames = [(film.frames.astype(int), bare.frames.astype(int)) for film, bare in pairs]
    difference = np.concatenate([(film - bare).ravel() for film, bare in frames])
    pixels = np.concatenate([bare.ravel() for _, bare in frames])
    inner = difference[(pixels >= LARGEST_NOISE) & (pixels <= 255 - LARGEST_NOISE)]
    values, counts = np.unique(inner, return_counts=True)
    assert values.tolist() == list(range(-LARGEST_NOISE, LARGEST_NOISE + 1))
    assert counts.max() < 2 * counts.min()
    dark = difference[pixels == 0]
    assert dark.max() == LARGEST_NOISE
    assert (dark == 0).mean() == pytest.approx(33 / 65, abs=0.01)
    bright = difference[pixels == 255]
    assert (bright.max(), bright.min()) == (0, -LARGEST_NOISE)


def test_films_are_all_different(clean):
    films = [film.frames.tobytes() for split in SPLITS for film in clean[split]]
    assert len(set(films)) == len(films)
    lengths = [[len(film.frames) for film in clean[split][:20]] for split in SPLITS]
    assert lengths[0] != lengths[1] != lengths[2] != lengths[0]


def test_seed_and_number_of_film_decide_everything():
    def pixels(number, seed):
        return [film.frames.tobytes() for film in moving_digits("test", number, seed=seed)]

    assert pixels(7, 1) == pixels(3, 1) + pixels(7, 1)[3:]
    assert not set(pixels(7, 1)) & set(pixels(7, 2))
    lengths = [[len(film.frames) for film in moving_digits("test", 7, seed=n)] for n in (1, 2)]
    assert lengths[0] != lengths[1]


@pytest.mark.slow
def test_another_process_needs_scikit_learn_only_to_generate_and_generates_the_same():
    other = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS],
        cwd=pathlib.Path(module.__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    registered, sentence, *digests = other.stdout.splitlines()
    assert registered == "True"
    assert sentence.startswith("Expected scikit-learn")
    films = [array.tobytes() for film in moving_digits("validation", 23) for array in film]
    digits = [example.image.tobytes() for example in digit_examples("test")]
    assert digests == [hashlib.sha256(b"".join(arrays)).hexdigest() for arrays in (films, digits)]


def test_wrong_arguments_and_missing_scikit_learn(monkeypatch):
    with pytest.raises(ValueError, match=r"Expected `split` to be one of .* Received: 'dev'"):
        next(moving_digits("dev", 1))
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ValueError, match=r"kerasrnn\[digits\]"):
        next(moving_digits("test", 1))


def test_prepared_data_is_what_was_generated(tmp_path, monkeypatch):
    assert module.SPLITS == {"train": 3_000, "validation": 300, "test": 600}
    sizes = {"train": 11, "validation": 3, "test": 7}
    monkeypatch.setattr(module, "SPLITS", sizes)
    builder = tfds.builder("kerasrnn_moving_digits", data_dir=tmp_path)
    builder.download_and_prepare()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)  # not needed to read
    read_back = tfds.builder_from_directory(builder.data_path)
    monkeypatch.undo()
    assert read_back.info.supervised_keys == ("frames", "labels")
    assert read_back.info.features["labels"].feature.num_classes == 10
    for split, size in sizes.items():
        loaded = tfds.as_numpy(read_back.as_dataset(split=split, as_supervised=True))
        rows = [(frames.shape, frames.tobytes(), labels.tolist()) for frames, labels in loaded]
        films = [
            (film.frames.shape, film.frames.tobytes(), film.labels.tolist())
            for film in moving_digits(split, size)
        ]
        assert sorted(rows) == sorted(films)
