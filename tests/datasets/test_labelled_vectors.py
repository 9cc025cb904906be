"""Sequences of vectors of a user's own: arrays and long tables hold the same."""

import pickle
import re

import numpy as np
import pytest

from kerasrnn.datasets import (
    VectorScale,
    has_vectors,
    labelled_vectors,
    notes_to,
    read_sequences,
    vector_examples,
)

T, F = 7, 3
FEATURES = "id=run,time=t"


def made(rng, number=43):
    lengths = rng.integers(1, T + 1, number)
    steps = [rng.normal(size=(n, F)).astype("float32") for n in lengths]
    labels = rng.choice(["down", "up"], number)
    step_labels = [rng.choice(["still", "turn", "fall"], n) for n in lengths]
    return steps, lengths, labels, step_labels


def write_npz(path, steps, lengths, labels, ragged=False, padding=np.nan, of=()):
    if ragged:
        features = np.concatenate(steps)
    else:
        features = np.full((len(steps), T, F), padding, "float32")
        for row, each in zip(features, steps, strict=True):
            row[: len(each)] = each
    arrays = {"features": features, "lengths": lengths, "labels": labels}
    np.savez(path, **{dict(of).get(name, name): array for name, array in arrays.items()})


def write_csv(path, steps, labels, order=None):
    rows = []
    for i, (each, label) in enumerate(zip(steps, labels, strict=True)):
        for t, step in enumerate(each):
            name = label if isinstance(label, str) else label[t]
            rows.append(["x", f"run{i}", t, *map(repr, map(float, step)), name])
    if order is not None:
        rows = [rows[i] for i in order(len(rows))]
    lines = ["note,run,t,a,b,c,label", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


def equal(one, other):
    one, other = (list(each.as_numpy_iterator()) for each in (one, other))
    assert len(one) == len(other) > 0
    for (a, x), (b, y) in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("per_step", [False, True])
def test_every_form_holds_the_same(rng, tmp_path, per_step):
    steps, lengths, labels, step_labels = made(rng)
    kinds = {"labels": labels, "per_step": per_step}
    if per_step:
        padded = np.full((len(steps), T), "nothing")
        for row, each in zip(padded, step_labels, strict=True):
            row[: len(each)] = each
        kinds["labels"], flat = padded, np.concatenate(step_labels)
    write_npz(tmp_path / "padded.npz", steps, lengths, kinds["labels"])
    ragged = flat if per_step else labels
    write_npz(tmp_path / "ragged.npz", steps, lengths, ragged, ragged=True, padding=0)
    of = {"features": "z", "labels": "w"}
    write_npz(tmp_path / "named.npz", steps, lengths, kinds["labels"], of=of)
    for name, array in np.load(tmp_path / "padded.npz").items():
        np.save(tmp_path / f"{name}.npy", array)
    of_rows = step_labels if per_step else list(map(str, labels))
    write_csv(tmp_path / "long.csv", steps, of_rows)
    for split in ("train", "validation", "test", None):
        want = [i for i in range(43) if split is None or i % 20 in PLACES[split]]
        found = labelled_vectors(tmp_path / "padded.npz", split, per_step=per_step)
        pairs = list(found.as_numpy_iterator())
        assert len(pairs) == len(want)
        for (features, label), i in zip(pairs, want, strict=True):
            np.testing.assert_array_equal(features, steps[i])
            right = step_labels[i] if per_step else labels[i]
            assert np.char.decode(np.array(label).astype("S")).tolist() == right.tolist()
        others = [("ragged.npz", None), ("named.npz", "features=z,label=w"), ("features.npy", None)]
        for name, names in [*others, ("long.csv", FEATURES)]:
            equal(
                found,
                labelled_vectors(tmp_path / name, split, features=names, per_step=per_step),
            )


PLACES = {"train": range(18), "validation": [18], "test": [19]}


def test_numbers_and_bytes_are_names_of_classes(rng, tmp_path):
    steps, lengths, _, _ = made(rng, 5)
    for labels in (np.arange(5) % 2, np.array([b"0", b"1", b"0", b"1", b"0"]), np.eye(5)[0] > 0):
        write_npz(tmp_path / "a.npz", steps, lengths, labels)
        names = read_sequences(tmp_path / "a.npz").labels
        assert names == [each.decode() if isinstance(each, bytes) else str(each) for each in labels]


def test_rows_are_put_in_the_order_of_their_times(rng, tmp_path, capsys):
    steps, _, labels, _ = made(rng)
    labels = list(map(str, labels))
    write_csv(tmp_path / "a.csv", steps, labels)
    first = np.cumsum([0, *map(len, steps)])[:-1]

    def jumbled(
        number,
    ):  # but the first row of each id stays in front, so that ids keep their order
        others = rng.permutation(np.setdiff1d(np.arange(number), first))
        return [*first, *others]

    write_csv(tmp_path / "b.csv", steps, labels, jumbled)
    sources = [
        labelled_vectors(tmp_path / name, None, features=FEATURES) for name in ("a.csv", "b.csv")
    ]
    equal(*sources)
    import sys

    with notes_to(sys.stdout):
        read_sequences(tmp_path / "b.csv", features=FEATURES)
        read_sequences(tmp_path / "a.csv", features=FEATURES)
    said = capsys.readouterr().out
    assert re.search(r"b.csv: times jump back within an id, first that of 'run\d+' in line", said)
    assert "a.csv: times" not in said and "left out, for they hold no numbers: note" in said


def test_dates_are_times_and_without_times_rows_stay(tmp_path):
    lines = ["id,day,v,label", "a,3/2/2020,2,x", "a,12/1/2019,1,x", "a,10/2/2020,3,x"]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    for features, order in (("id=id,time=day,values=v", [1, 2, 3]), ("id=id", [2, 1, 3])):
        found = read_sequences(tmp_path / "a.csv", features=features)
        assert found.features[0][:, 0].tolist() == order and found.names == ["a"]


def test_days_before_months_where_these_are_in_order(tmp_path, capsys):
    # 10 to 12 January and 1 February; not 1 October to 1 December, and 2 January before them.
    days = ["10/01/2026", "11/01/2026", "12/01/2026", "01/02/2026"]
    rows = [f"{name},{day},{i},x" for name in "ab" for i, day in enumerate(days)]
    (tmp_path / "a.csv").write_text("\n".join(["id,day,v,label", *rows]) + "\n")
    with notes_to(print):
        found = read_sequences(tmp_path / "a.csv", features="id=id,time=day,values=v")
    assert [each[:, 0].tolist() for each in found.features] == [[0, 1, 2, 3]] * 2
    assert "jump back" not in capsys.readouterr().out


def test_columns_are_found_by_their_names(rng, tmp_path):
    (tmp_path / "a.csv").write_text("id,a,b,label\nq,1,2,x\nq,3,4,x\n")
    (tmp_path / "b.csv").write_text("b,extra,id,a\n2,9,q,1\n4,9,q,3\n")
    one = read_sequences(tmp_path / "a.csv", features="id=id")
    other = read_sequences(
        tmp_path / "b.csv", features="id=id", labelled=False, columns=one.columns
    )
    np.testing.assert_array_equal(one.features[0], other.features[0])


def test_the_scale_against_numpy(rng, tmp_path):
    steps, lengths, labels, _ = made(rng)
    steps = [each * [3, 1, 0] + [1e5, -1, 5] for each in steps]
    write_npz(tmp_path / "a.npz", steps, lengths, labels)
    train = labelled_vectors(tmp_path / "a.npz", "train")
    scale, constant = VectorScale.fit(train)
    flat = np.concatenate([f for f, _ in train.as_numpy_iterator()]).astype("float64")
    np.testing.assert_allclose(scale.mean, flat.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(scale.deviation[:2], flat.std(axis=0)[:2], rtol=1e-9)
    assert constant == [2] and scale.deviation[2] == 1 and scale.mean[2] == 5


def test_batches_by_hand_and_padding_changes_nothing(rng, tmp_path):
    steps, lengths, labels, _ = made(rng)
    write_npz(tmp_path / "a.npz", steps, lengths, labels, padding=0)
    write_npz(tmp_path / "b.npz", steps, lengths, labels, padding=1e30)
    batches = []
    for name in ("a.npz", "b.npz"):
        train = labelled_vectors(tmp_path / name, "train")
        scale, _ = VectorScale.fit(train)
        batches.append(list(vector_examples(train, ["down", "up"], scale).batches(5)))
    count = 0
    for (x, y, weights), (x2, y2, _) in zip(*batches, strict=True):
        np.testing.assert_array_equal(x["features"], x2["features"])
        np.testing.assert_array_equal(y, y2)
        assert weights.numpy().tolist() == [1] * len(y)
        for row, mask, label in zip(x["features"].numpy(), x["mask"].numpy(), y, strict=True):
            end = int(mask.sum())
            assert mask.tolist() == [True] * end + [False] * (len(mask) - end)
            assert (row[end:] == 0).all()
            raw = row[:end] * scale.deviation + scale.mean
            near = [
                i
                for i, each in enumerate(steps)
                if len(each) == end and np.allclose(raw, each, atol=1e-5)
            ]
            assert len(near) == 1 and labels[near[0]] == ["down", "up"][int(label)]
            count += 1
    assert count == sum(i % 20 < 18 for i in range(43))


def arrays(**others):
    rng = np.random.default_rng(3)
    found = {
        "features": rng.normal(size=(5, T, F)),
        "lengths": np.array([1, 7, 3, 2, 5]),
        "labels": np.array(["a", "b", "a", "b", "a"]),
    }
    return {name: value for name, value in {**found, **others}.items() if value is not None}


NAN = arrays()["features"].copy()
NAN[2, 1, 0] = np.nan
WRONG_ARRAYS = {
    "objects": (arrays(labels=np.array(["a", None, 3, "b", "a"], object)), "only pickle could"),
    "NaN": (
        arrays(features=NAN),
        "sequence 3: .* nan in step 2, feature 1",
    ),
    "great": (arrays(features=arrays()["features"] * 1e300), "that a float32 can hold"),
    "long": (
        arrays(lengths=np.array([1, 8, 3, 2, 5])),
        "lengths of at most 7, .* Received: 8 of sequence 2",
    ),
    "empty": (arrays(lengths=np.array([1, 0, 3, 2, 5])), "whole numbers from 1. Received: 0"),
    "floats": (arrays(lengths=np.ones(5)), "whole numbers from 1. Received: float64"),
    "fewer": (arrays(lengths=np.ones(4, int)), "a length for each of 5 sequences. Received: 4"),
    "sum": (arrays(features=np.ones((17, F))), "sum is the number of steps, 17. Received: 18"),
    "flat": (arrays(features=np.ones((5, F)), lengths=None), "without lengths"),
    "texts": (arrays(features=np.full((5, T, F), "a")), "expected numbers"),
    "no labels": (arrays(labels=None), "expected an array `labels`. Received: features, lengths"),
    "labels": (arrays(labels=np.array(["a"])), r"`labels` \(5,\), one for each sequence"),
    "numbers": (arrays(labels=np.ones(5)), "texts or whole numbers. Received: float64"),
    "no features": (arrays(features=None), "expected an array `features`"),
}


@pytest.mark.parametrize("kind", WRONG_ARRAYS)
def test_wrong_arrays_are_named_in_a_sentence(kind, tmp_path):
    given, message = WRONG_ARRAYS[kind]
    np.savez(tmp_path / "a.npz", **given)
    with pytest.raises(ValueError, match=message):
        read_sequences(tmp_path / "a.npz")


def test_wrong_files_are_named_in_a_sentence(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"no archive")
    (tmp_path / "b.npz").write_bytes(pickle.dumps({"features": [1]}))
    for name in ("a.npz", "b.npz"):
        said = "expected an array of numbers or texts. Received: a file of another kind"
        with pytest.raises(ValueError, match=said):
            read_sequences(tmp_path / name)
    np.savez(tmp_path / "c.npz", **arrays())
    with pytest.raises(ValueError, match="expected an array 'x', as `features` says"):
        read_sequences(tmp_path / "c.npz", features="features=x")
    with pytest.raises(ValueError, match=r"`labels` with one for each of the 18 steps"):
        read_sequences(tmp_path / "c.npz", per_step=True)
    with pytest.raises(ValueError, match="at least 20 sequences"):
        labelled_vectors(tmp_path / "c.npz", "train")


WRONG_TABLES = {
    "a,1,0.5,x\na,2,,x": "line 3: expected a number in the column 'v'. Received: ''",
    "a,1,0.5,x\na,2,nan,x": "line 3: expected a number in the column 'v'. Received: 'nan'",
    "a,1,0.5,x\na,2,1,y": "line 3: expected one label for all rows of the id 'a', 'x' as in line 2",
    "a,1,0.5,x\n,2,1,y": "line 3: expected an id",
    "a,1,0.5,x\na,2,1,": "line 3: expected a label",
    "a,1,0.5,x\na,soon,1,x": "line 3: expected a time, .* Received: 'soon'",
    "a,2020-01-01,0.5,x\na,2020-01-02,1,x\na,01.02.2020,1,x": "line 4: expected a time",
    "a,2020-01-01T10:00:00,0.5,x\na,2020-01-01T10:00:00+01:00,1,x": "line 3: expected a time",
}


@pytest.mark.parametrize("rows", WRONG_TABLES)
def test_wrong_tables_are_named_by_line(rows, tmp_path):
    (tmp_path / "a.csv").write_text(f"run,t,v,label\n{rows}\n")
    with pytest.raises(ValueError, match=WRONG_TABLES[rows]):
        read_sequences(tmp_path / "a.csv", features=FEATURES)


def test_wrong_columns(tmp_path):
    (tmp_path / "a.csv").write_text("run,t,v,label\na,1,2,x\n")
    for features, message in (
        (None, "`features` to name the column of ids, such as id=NAME"),
        ("id=name", "expected a column 'name' for id. Received: run, t, v, label"),
        ("id=run,label=class", "expected a column 'class' for label"),
        ("id=run,values=w", "expected a column 'w' for values"),
        ("id=run,text=v", "Expected `features` to name one of"),
    ):
        with pytest.raises(ValueError, match=message):
            read_sequences(tmp_path / "a.csv", features=features)


def test_what_data_are_sequences_of_vectors(tmp_path):
    np.savez(tmp_path / "train.npz", **arrays())
    assert has_vectors(tmp_path) and has_vectors("a.NPZ") and has_vectors("a.csv", {"id": "run"})
    assert not has_vectors("a.csv", "text=id") and not has_vectors("imdb_reviews")
