"""Numbers about sequences of vectors of a user's own: arrays and long tables hold the same."""

import sys

import numpy as np
import pytest

from kerasrnn.datasets import (
    VectorScale,
    has_vectors,
    notes_to,
    numbered_vector_examples,
    numbered_vectors,
    read_sequences,
    vector_columns,
    vector_targets,
)
from kerasrnn.metrics import TargetScale

N, T, F = 43, 7, 3
FEATURES = "id=day,time=hour,number=load+oil"


@pytest.fixture
def made(rng):
    lengths = rng.integers(1, T + 1, N)
    steps = [rng.normal(size=(n, F)).astype("float32") for n in lengths]
    return steps, lengths, rng.normal(size=(N, 2)) * [1.0, 100.0]


def write_npz(path, steps, lengths, **numbers):
    features = np.full((len(steps), T, F), np.nan, "float32")
    for row, each in zip(features, steps, strict=True):
        row[: len(each)] = each
    np.savez(path, features=features, lengths=lengths, **numbers)


def write_table(path, steps, numbers, header="day,hour,a,b,c,load,oil"):
    lines = [header]
    for i, (each, (load, oil)) in enumerate(zip(steps, numbers.tolist(), strict=True)):
        lines += [f"d{i},{t},{','.join(map(str, row))},{load},{oil}" for t, row in enumerate(each)]
    path.write_text("\n".join(lines) + "\n")


def same(data, steps, numbers):
    found = list(data.as_numpy_iterator())
    for (features, each), own, right in zip(found, steps, numbers, strict=True):
        np.testing.assert_array_equal(features, own)
        np.testing.assert_array_equal(each, right)
        assert features.dtype == np.float32 and each.dtype == np.float64


def test_arrays_and_a_table_hold_the_same(made, tmp_path):
    steps, lengths, numbers = made
    write_npz(tmp_path / "a.npz", steps, lengths, numbers=numbers)
    two = {"load": numbers[:, 0], "oil": numbers[:, 1]}
    write_npz(tmp_path / "b.npz", steps, lengths, **two)
    write_table(tmp_path / "c.csv", steps, numbers)
    ragged = tmp_path / "ragged"
    ragged.mkdir()
    for name, array in (("features", np.concatenate(steps)), ("lengths", lengths)):
        np.save(ragged / f"{name}.npy", array)
    np.save(ragged / "numbers.npy", numbers)
    for name, features, targets in (
        ("a.npz", None, ("number_1", "number_2")),
        ("a.npz", "number=numbers", ("numbers_1", "numbers_2")),
        ("b.npz", "number=load+oil", ("load", "oil")),
        ("b.npz", "number=oil", ("oil",)),
        ("c.csv", FEATURES, ("load", "oil")),
        ("ragged/features.npy", None, ("number_1", "number_2")),
    ):
        path = tmp_path / name
        assert has_vectors(path, features)
        assert vector_targets(path, features=features) == targets
        right = numbers[:, 1:] if targets == ("oil",) else numbers
        same(numbered_vectors(path, None, features=features), steps, right)
    assert vector_columns(tmp_path / "c.csv", features=FEATURES, numbered=True) == ("a", "b", "c")
    places = {"train": [i for i in range(N) if i % 20 < 18], "validation": [18, 38]}
    for split, kept in {**places, "test": [19, 39]}.items():
        data = numbered_vectors(tmp_path / "a.npz", split)
        same(data, [steps[i] for i in kept], numbers[kept])


def test_a_column_that_is_called_number_needs_no_name(made, tmp_path):
    steps, _, numbers = made
    write_table(tmp_path / "a.csv", steps, numbers, "day,hour,a,b,c,number,label")
    data = numbered_vectors(tmp_path / "a.csv", None, features="id=day,time=hour")
    same(data, steps, numbers[:, :1])
    # Predicted are files with or without what is to be predicted.
    found = read_sequences(tmp_path / "a.csv", features="id=day,number=number", labelled=False)
    assert found.columns == ("hour", "a", "b", "c")


def test_sequences_that_lack_a_number(made, tmp_path, capsys):
    steps, lengths, numbers = made
    numbers = numbers.copy()
    numbers[5, 1] = numbers[11] = np.nan
    kept = [i for i in range(N) if i not in (5, 11)]
    write_npz(tmp_path / "a.npz", steps, lengths, numbers=numbers)
    write_table(tmp_path / "b.csv", steps, numbers)
    for name, features, first in (("a.npz", None, "6"), ("b.csv", FEATURES, "d5")):
        place = tmp_path / name
        with pytest.raises(ValueError, match=f"sequence {first}: expected a number.*skip"):
            numbered_vectors(place, None, features=features)
        with notes_to(sys.stdout):
            data = numbered_vectors(place, None, features=features, bad_rows="skip")
        same(data, [steps[i] for i in kept], numbers[kept])
        assert f"skipped 2 of 43 sequences, the first {first}" in capsys.readouterr().out


def test_batches_are_standardised_and_padding_weighs_nothing(made, tmp_path):
    steps, lengths, numbers = made
    write_npz(tmp_path / "a.npz", steps, lengths, numbers=numbers)
    data = numbered_vectors(tmp_path / "a.npz", None)
    scale, _ = VectorScale.fit(data)
    targets = TargetScale.fit(numbers, ["load", "oil"])
    ((x, y, weights),) = numbered_vector_examples(data, scale, targets).batches(64)
    mean, deviation = np.concatenate(steps).mean(0), np.concatenate(steps).std(0)
    for i, own in enumerate(steps):
        row = x["features"][i].numpy()
        np.testing.assert_allclose(row[: len(own)], (own - mean) / deviation, atol=1e-5)
        assert not row[len(own) :].any() and x["mask"][i].numpy().sum() == len(own)
    np.testing.assert_allclose(y, (numbers - numbers.mean(0)) / numbers.std(0), rtol=1e-4)
    assert weights.numpy().tolist() == [1.0] * N and y.shape == (N, 2)


def test_bad_input_is_one_sentence(made, tmp_path):
    steps, lengths, numbers = made
    path = tmp_path / "a.npz"
    infinite = np.where(np.arange(N) == 3, np.inf, numbers[:, 0])
    for arrays, features, sentence in (
        ({}, None, "expected an array `numbers`, or `features` to name it"),
        ({"numbers": numbers}, "number=load", "expected an array 'load'"),
        ({"numbers": numbers[:5]}, None, "about each of 43 sequences. Received: 5"),
        ({"numbers": np.array(["x"] * N)}, None, "to hold numbers .N,. or .N, K.. Received: <U1"),
        ({"numbers": np.zeros((N, 2, 2))}, None, r"Received: float64 \(43, 2, 2\)"),
        ({"numbers": infinite}, None, "sequence 4: expected finite numbers"),
        ({"a": numbers[:, 0], "b": numbers[:7, 0]}, "number=a+b", "43 numbers in the array 'b'"),
        ({"a": numbers[:, 0]}, "number=a+a", "distinct names. Received: a, a"),
    ):
        write_npz(path, steps, lengths, **arrays)
        with pytest.raises(ValueError, match=sentence):
            numbered_vectors(path, None, features=features)
    write_npz(path, steps, np.where(np.arange(N) == 2, T + 1, lengths), numbers=numbers)
    with pytest.raises(ValueError, match="lengths of at most 7.*Received: 8 of sequence 3"):
        numbered_vectors(path, None)
    table = tmp_path / "a.csv"
    for rows, features, sentence in (
        (["d,a,load", "x,1,2"], "id=d,number=oil", "columns of number, such as number=NAME"),
        (["d,a,load", "x,1,2"], "number=load", "columns of id, such as id=NAME"),
        (["d,a,load", "x,1,2", "x,1,3"], "id=d,number=load", "line 3: expected the same numbers"),
        (["d,a,load", "x,1,high"], "id=d,number=load", "line 2: expected a number in the column"),
        (["d,a,load", "x,1,inf"], "id=d,number=load", "line 2: expected a number in the column"),
        (["d,a,load", "x,1,2"], "id=d,values=a+load,number=load", "not read with each step"),
    ):
        table.write_text("\n".join(rows) + "\n")
        with pytest.raises(ValueError, match=sentence):
            numbered_vectors(table, None, features=features)
    with pytest.raises(ValueError, match="bad_rows"):
        numbered_vectors(table, None, features="id=d,number=load", bad_rows="keep")
