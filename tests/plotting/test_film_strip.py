"""The strip of a video's frames, read back from the figure."""

import types

import numpy as np
import pytest

from kerasrnn import plotting

FILM = (np.arange(3 * 7 * 5).reshape(3, 7, 5, 1) * 2).astype("uint8")
TRUTH = ["a", "b", "b"]


def rows(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def pixels(axes):
    return [np.asarray(image.get_array()) for image in axes.images]


def test_each_frame_is_an_image_in_its_place():
    axes = plotting.film_strip(FILM, {"model": TRUTH}).axes[0]
    assert [image.get_extent()[0] // 1 for image in axes.images] == [0, 1, 2]
    for image, frame in zip(pixels(axes), FILM, strict=True):
        assert np.allclose(image[::-1] * 255, frame[..., 0])  # drawn from the bottom
    low = [image.get_extent()[2:] for image in axes.images]
    assert all(first > last for first, last in low) and axes.get_ylim()[0] > axes.get_ylim()[1]


def test_wrong_labels_have_a_frame_and_are_counted():
    sure = types.SimpleNamespace(labels=["a", "b", "a"], probabilities=np.array([1, 0.5, 0.25]))
    axes = plotting.film_strip(FILM, {"one": sure, "other": "bbb"}, TRUTH, title="Film").axes[0]
    assert rows(axes) == ["true", "one\n1 of 3 wrong", "other\n1 of 3 wrong"]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["a", "b", "b", "a\n100 %", "b\n50 %", "a\n25 %", "b", "b", "b"]
    assert [i for i, patch in enumerate(axes.patches) if patch.get_linewidth() > 1] == [5, 6]
    assert axes.get_title() == "Film" and axes.get_xlabel() == "frame"


def test_without_a_truth_nothing_is_wrong():
    axes = plotting.film_strip(FILM / 255, {"model": TRUTH}).axes[0]
    assert rows(axes) == ["model"]
    assert len({patch.get_facecolor() for patch in axes.patches}) == 1
    assert np.allclose(pixels(axes)[0][::-1] * 255, FILM[0, ..., 0])


def test_frames_in_colour_and_of_one_row():
    film = np.zeros((2, 1, 5, 3), "uint8")
    assert pixels(plotting.film_strip(film, {"m": "ab"}).axes[0])[0].shape == (1, 5, 3)


@pytest.mark.parametrize(
    ("frames", "answers", "truth"),
    [
        (FILM[:0], {"m": []}, None),
        (FILM, {"m": "ab"}, None),
        (FILM, {"m": "abb"}, "ab"),
        (FILM, {}, None),
    ],
)
def test_rows_of_another_length_are_refused(frames, answers, truth):
    with pytest.raises(ValueError, match="a label for each of"):
        plotting.film_strip(frames, answers, truth)


@pytest.mark.parametrize("frames", [3, None, "film.mp4", [None]])
def test_what_are_no_frames(frames):
    with pytest.raises(ValueError, match="frames"):
        plotting.film_strip(frames, {"m": ["a"]})
