"""Videos of a user's own: folders, GIFs and arrays hold the same frames and labels."""

import sys

import numpy as np
import pytest
from PIL import Image

from kerasrnn import FrameLabeler, many_to_many
from kerasrnn.datasets import labelled_frames, notes_to
from kerasrnn.datasets.readers.image_decoding import encode_png, image_array
from kerasrnn.datasets.videos import video_file
from kerasrnn.datasets.videos.video_file import frame_paths, read_frames

NUMBER, SIZE = 23, (5, 7)


@pytest.fixture
def films(rng):
    lengths = rng.integers(1, 13, NUMBER)
    return [
        (rng.integers(0, 256, (n, *SIZE, 1), "uint8"), rng.choice(["on", "off"], n).tolist())
        for n in lengths
    ]


def save_gif(path, frames):
    first, *others = [Image.fromarray(frame.squeeze()) for frame in frames]
    first.save(path, save_all=True, append_images=others, duration=100)


def write_table(path, rows, header="video,frame,label"):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")


def write_films(folder, films, rng):
    """The same videos in four forms; rows of the tables are jumbled within each video."""
    of_folders, of_gifs = [], []
    for i, (frames, labels) in enumerate(films):
        (folder / f"v{i}").mkdir()
        for t, frame in enumerate(frames):  # names without leading zeros
            Image.fromarray(frame[:, :, 0]).save(folder / f"v{i}" / f"f{t}.png")
        save_gif(folder / f"v{i}.gif", frames)
        for t in rng.permutation(len(labels)):
            of_folders.append([f"v{i}", f"f{t}.png" if t % 2 else f"f{t}", labels[t]])
            of_gifs.append([f"v{i}.gif", t + 1, labels[t]])
    write_table(folder / "folders.csv", of_folders)
    write_table(folder / "gifs.csv", of_gifs)
    lengths = np.array([len(labels) for _, labels in films])
    padded = np.zeros((NUMBER, lengths.max(), *SIZE, 1), "uint8")
    names = np.full(padded.shape[:2], "none")
    for row, name, (frames, labels) in zip(padded, names, films, strict=True):
        row[: len(frames)], name[: len(frames)] = frames, labels
    np.savez(folder / "padded.npz", frames=padded, lengths=lengths, labels=names)
    flat = {"frames": np.concatenate([frames for frames, _ in films]), "lengths": lengths}
    np.savez(folder / "flat.npz", labels=sum((labels for _, labels in films), []), **flat)


def test_every_form_holds_the_same(films, rng, tmp_path):
    write_films(tmp_path, films, rng)
    places = {"train": range(18), "validation": [18], "test": [19], None: range(20)}
    for name in ("folders.csv", "gifs.csv", "padded.npz", "flat.npz"):
        for split, inside in places.items():
            found = list(labelled_frames(tmp_path / name, split).as_numpy_iterator())
            wanted = [film for i, film in enumerate(films) if i % 20 in inside]
            assert len(found) == len(wanted)
            for (frames, labels), (right, names) in zip(found, wanted, strict=True):
                np.testing.assert_array_equal(frames, right, err_msg=name)
                assert [each.decode() for each in labels] == names


def test_predictions_of_every_form(films, rng, tmp_path):
    write_films(tmp_path, films, rng)
    task = FrameLabeler(many_to_many((*SIZE, 1), 2, units=3), ["off", "on"])
    expected = [each.labels for each in task.label([frames for frames, _ in films])]
    for name in ("folders.csv", "gifs.csv", "padded.npz", "flat.npz"):
        assert task.predict(task.file_inputs(tmp_path / name)) == expected
    for path in (tmp_path / "v3", tmp_path / "v3.gif"):
        assert task.predict(task.file_inputs(path)) == [expected[3]]
    found = labelled_frames(tmp_path / "gifs.csv", None)
    assert task.evaluate(found) == task.evaluate(labelled_frames(tmp_path / "flat.npz", None))


def test_grey_animations_need_no_conversion_to_grey(films, tmp_path, monkeypatch):
    films = films[0][0]
    save_gif(tmp_path / "0.gif", films)
    converted = [image_array(encode_png(frame.repeat(3, -1)), frame.shape) for frame in films]
    monkeypatch.setattr(video_file, "encode_png", None)  # 24 times as slow
    frames, other = read_frames(tmp_path / "0.gif", films.shape[1:])
    np.testing.assert_array_equal(frames, converted)
    assert not other


def test_names_are_in_their_natural_order(tmp_path):
    names = ["10.png", "2.png", "x1y10.png", "x1y9.png", ".hidden.png", "labels.csv"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    assert [each.name for each in frame_paths(tmp_path)] == [*names[1::-1], *names[3:1:-1]]


def test_other_sizes_are_resized_with_a_sentence(tmp_path, capsys):
    rows = []
    for i in range(20):
        frames = np.full((2, 4 + 4 * (i == 7), 6 + 6 * (i == 7), 1), 10 * i, "uint8")
        frames[1] += 1
        save_gif(tmp_path / f"{i}.gif", frames)
        rows += [[f"{i}.gif", 1, "a"], [f"{i}.gif", 2, "b"]]
    write_table(tmp_path / "a.csv", rows)
    with notes_to(sys.stdout):
        found = list(labelled_frames(tmp_path / "a.csv", None).as_numpy_iterator())
    assert {frames.shape for frames, _ in found} == {(2, 4, 6, 1)}
    assert "another size than 4 × 6, in 1 of 20 videos, are resized" in capsys.readouterr().out
    np.testing.assert_array_equal(found[7][0][:, 0, 0, 0], [70, 71])
    found = labelled_frames(tmp_path / "a.csv", None, image_size=(2, 3))
    assert found.element_spec[0].shape.as_list() == [None, 2, 3, 1]
    named = labelled_frames("moving_digits", "test", image_size=(5, 3)).take(1)
    assert next(named.as_numpy_iterator())[0].shape[1:] == (5, 3, 1)


WRONG = {
    "v,0,on": "expected a label for each frame of 'v'. Received: none for 1.png",
    "v,0,on\nv,1,off\nv,2,on": r"line 4: expected a frame of 'v', one of 0.png, 1.png. .*'2'",
    "v,0,on\nv,0.png,off": "line 3: expected one label for the frame '0.png' of 'v'. Received: two",
    "v,0,on\nv,1,": "line 3: expected a label for the frame '1' of 'v'",
    "w,0,on": "line 2: expected a folder of images or an animated GIF. .*'w', which is not there",
    "a.csv,0,on": "expected a folder of images or an animated GIF. .*'a.csv', which is a file",
    "bad.gif,1,on": "bad.gif: expected an animated GIF",
}


@pytest.mark.parametrize("rows", WRONG)
def test_wrong_tables_are_named_by_line(rows, tmp_path):
    (tmp_path / "v").mkdir()
    for t in range(2):
        Image.fromarray(np.zeros((4, 6), "uint8")).save(tmp_path / "v" / f"{t}.png")
    (tmp_path / "bad.gif").write_bytes(b"GIF89a and nothing")
    (tmp_path / "a.csv").write_text(f"video,frame,label\n{rows}\n")
    with pytest.raises(ValueError, match=WRONG[rows]):
        labelled_frames(tmp_path / "a.csv", None)


def test_wrong_arrays(films, rng, tmp_path):
    frames = np.zeros((3, 2, *SIZE, 1), "uint8")
    labels = np.array([["on", "off"]] * 3)
    for arrays, message in (
        ({"frames": frames.astype("float32"), "labels": labels}, "`frames` of uint8"),
        ({"frames": frames}, "an array `labels`, one for each frame"),
        ({"frames": frames[0], "labels": labels[0]}, "expected `lengths` beside frames"),
        ({"frames": frames, "labels": labels[:, :1]}, "one for each of the 6 steps of 3"),
        ({"frames": frames, "labels": labels, "lengths": [1, 3, 2]}, "lengths of at most 2"),
    ):
        np.savez(tmp_path / "a.npz", **arrays)
        with pytest.raises(ValueError, match=message):
            labelled_frames(tmp_path / "a.npz", None)
