"""Sequences of vectors in arrays of NumPy: a `.npz` file, or `.npy` files side by side."""

from __future__ import annotations

import os
import pathlib
import pickle
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kerasrnn.checks import UserError
from kerasrnn.datasets.readers.local_files import form_of
from kerasrnn.datasets.sequences.labelled_sequences import LabelledSequences, as_steps

__all__ = [
    "ARRAYS",
    "arrays_there",
    "open_arrays",
    "row_ends",
    "sequences_of_arrays",
    "steps_of_labels",
]

ARRAYS = (".npz", ".npy")
# What arrays are called that nobody named.
NAMES = {
    "features": ("features", "x", "X"),
    "frames": ("frames", "videos"),
    "lengths": ("lengths", "length"),
    "label": ("labels", "label", "y"),
    "number": ("numbers", "number", "targets", "target", "y"),
}
NOT_READ = (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, pickle.UnpicklingError)


def sequences_of_arrays(
    path: str | os.PathLike[str],
    names: Mapping[str, Sequence[str]],
    *,
    labelled: bool = True,
    per_step: bool = False,
) -> LabelledSequences:
    """Reads sequences of vectors from arrays, without pickle.

    Args:
        path: A `.npz` file with the arrays `features` `(N, T, F)` and `labels` `(N,)`, perhaps with
            `lengths` `(N,)`, behind which steps are padding, which is not read; or `features`
            (sum of the lengths, F), one sequence behind the other, and `lengths`. Or a `.npy` file
            of the features, beside which `labels.npy` and `lengths.npy` are. Without labels one
            sequence `(T, F)` will do.
        names: Of `features`, `lengths` and `label` those that the file calls otherwise.
        labelled: Whether there have to be labels.
        per_step: Whether each step has a label, `(N, T)` or as many as there are steps in all,
            rather than each sequence.

    Returns:
        The sequences.

    Raises:
        UserError: For arrays of objects, of other shapes, or with numbers that are not finite.
    """
    arrays = open_arrays(path, ("features", "lengths", "label"), names)
    if "features" not in arrays:
        raise UserError(f"{path}: expected an array `features`. Received: {_there(path)}")
    features, lengths = arrays["features"], arrays.get("lengths")
    if lengths is None and features.ndim == 2 and not labelled:
        features = features[np.newaxis]
    if features.ndim not in (2, 3) or (features.ndim == 2 and lengths is None):
        raise UserError(
            f"{path}: expected `features` (N, T, F), or (sum of T, F) with `lengths`. Received: "
            f"{features.shape} {'without' if lengths is None else 'with'} lengths"
        )
    ends = row_ends(path, features, lengths, ragged=features.ndim == 2)
    number = len(ends)
    if features.ndim == 2:
        parts = np.split(features, np.cumsum(ends)[:-1])
    else:
        parts = [row[:end] for row, end in zip(features, ends, strict=True)]
    steps = [as_steps(each, f"{path}, sequence {i}") for i, each in enumerate(parts, start=1)]
    labels = arrays.get("label")
    if labels is None and labelled:
        raise UserError(f"{path}: expected an array `labels`. Received: {_there(path)}")
    named: Any = None
    if labels is not None and labelled:
        named = steps_of_labels(path, labels, ends) if per_step else _labels(path, labels, number)
    columns = tuple(str(i + 1) for i in range(features.shape[-1]))
    return LabelledSequences(steps, named, columns, range(1, number + 1))


def open_arrays(
    path: str | os.PathLike[str], roles: Sequence[str], names: Mapping[str, Sequence[str]]
) -> dict[str, np.ndarray]:
    """Reads the arrays of some roles, those that there are.

    Args:
        path: The `.npz` file; or a `.npy` file, which is that of the first role, and beside which
            the others are, as files of their names.
        roles: The roles, the first one being that of the file itself.
        names: By role what it is called, if not as usual.

    Raises:
        UserError: For what is no such file, arrays of objects, or a name that is not there.
    """
    chosen = {role: names[role][0] if role in names else None for role in roles}
    if form_of(path) == ".npy":
        folder = pathlib.Path(path).parent
        there = {each.stem: each for each in folder.glob("*.npy")}
        found: dict[str, Any] = {roles[0]: path}
        for role in roles[1:]:
            name = _found(path, role, chosen[role], there)
            if name is not None:
                found[role] = there[name]
        return {role: _loaded(place) for role, place in found.items()}
    there = arrays_there(path, roles, names)
    with _loaded(path) as archive:
        return {role: _loaded(path, archive, name) for role, name in there.items()}


def arrays_there(
    path: str | os.PathLike[str], roles: Sequence[str], names: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Returns which roles the arrays of a `.npz` file have, and what they are called there.

    Args:
        path: The file.
        roles: The roles.
        names: By role what it is called, if not as usual.

    Raises:
        UserError: As `open_arrays`.
    """
    chosen = {role: names[role][0] if role in names else None for role in roles}
    archive = _loaded(path)
    if isinstance(archive, np.ndarray):
        raise UserError(f"{path}: expected several arrays, as `numpy.savez` writes. Received: one")
    with archive:
        found = {role: _found(path, role, chosen[role], archive.files) for role in roles}
    return {role: name for role, name in found.items() if name}


def _loaded(path, archive=None, name: str | None = None) -> Any:
    try:
        return np.load(path, allow_pickle=False) if archive is None else archive[name]
    except NOT_READ as error:
        of = path if name is None else f"{path}, array `{name}`"
        received = "objects, which only pickle could read" if "bject" in str(error) else "none"
        if name is None and not _is_array_file(path):
            received = "a file of another kind"
        raise UserError(f"{of}: expected an array of numbers or texts. Received: {received}") from (
            None
        )


def _is_array_file(path) -> bool:
    """Whether a file begins as those do that NumPy writes; if not, NumPy takes it for a pickle."""
    if not os.path.isfile(path):
        return True
    with open(path, "rb") as file:
        return file.read(6).startswith((b"\x93NUMPY", b"PK"))


def _found(path, role: str, name: str | None, there) -> str | None:
    if name is not None:
        if name not in there:
            raise UserError(
                f"{path}: expected an array {name!r}, as `features` says for {role}. Received: "
                f"{', '.join(sorted(there))}"
            )
        return name
    return next((each for each in NAMES[role] if each in there), None)


def _there(path) -> str:
    if form_of(path) == ".npy":
        return f"{', '.join(sorted(each.name for each in pathlib.Path(path).parent.glob('*.npy')))}"
    with _loaded(path) as archive:
        return ", ".join(archive.files) or "none"


def row_ends(
    path: object, values: np.ndarray, lengths: np.ndarray | None, *, ragged: bool
) -> list[int]:
    """Returns how many steps each sequence has.

    Args:
        path: The file, for errors.
        values: `(N, T, …)`; or (sum of the lengths, …), where they stand one behind the other.
        lengths: `(N,)` whole numbers, or `None` for T each.
        ragged: Whether they stand one behind the other.

    Raises:
        UserError: For lengths of another number, sum or kind, or longer than T.
    """
    if lengths is None:
        lengths = np.full(values.shape[:1], values.shape[1])
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu" or (lengths < 1).any():
        wrong = f"{lengths.dtype} {lengths.shape}"
        if lengths.ndim == 1 and lengths.dtype.kind in "iu":
            wrong = str(lengths.min())
        raise UserError(f"{path}: expected `lengths` (N,), whole numbers from 1. Received: {wrong}")
    if not ragged and len(lengths) != len(values):
        raise UserError(
            f"{path}: expected a length for each of {len(values)} sequences. "
            f"Received: {len(lengths)}"
        )
    if ragged and int(lengths.sum()) != len(values):
        raise UserError(
            f"{path}: expected lengths whose sum is the number of steps, {len(values)}. "
            f"Received: {int(lengths.sum())}"
        )
    if not ragged and len(lengths) and lengths.max() > values.shape[1]:
        place = int(lengths.argmax())
        raise UserError(
            f"{path}: expected lengths of at most {values.shape[1]}, as many steps as there are. "
            f"Received: {lengths[place]} of sequence {place + 1}"
        )
    return lengths.tolist()


def _texts(path, labels: np.ndarray) -> list[str]:
    """The names of classes; numbers of classes are named as they are written."""
    if labels.dtype.kind not in "USiub":
        raise UserError(
            f"{path}: expected `labels` to be texts or whole numbers. Received: {labels.dtype}"
        )
    if labels.dtype.kind == "S":
        return [each.decode("utf-8", "replace") for each in labels.tolist()]
    return [str(each) for each in labels.tolist()]


def _labels(path, labels: np.ndarray, number: int) -> list[str]:
    if labels.shape != (number,):
        raise UserError(
            f"{path}: expected `labels` ({number},), one for each sequence. "
            f"Received: {labels.shape} (`kerasrnn train frames` takes one for each step)"
        )
    return _texts(path, labels)


def steps_of_labels(path: object, labels: np.ndarray, ends: Sequence[int]) -> list[list[str]]:
    """Cuts the labels of steps into those of sequences.

    Args:
        path: The file, for errors.
        labels: `(N, T)`, of which those behind the end of a sequence are not read, or (sum of the
            lengths,).
        ends: How many steps each sequence has.

    Raises:
        UserError: For labels of another number or kind.
    """
    if labels.ndim == 1 and len(labels) == sum(ends):
        parts = np.split(labels, np.cumsum(ends)[:-1])
    elif labels.ndim == 2 and len(labels) == len(ends) and labels.shape[1] >= max(ends, default=0):
        parts = [row[:end] for row, end in zip(labels, ends, strict=True)]
    else:
        raise UserError(
            f"{path}: expected `labels` with one for each of the {sum(ends):,} steps of "
            f"{len(ends):,} sequences. Received: {labels.shape} (`kerasrnn train classify` takes "
            "one for each sequence of vectors)"
        )
    return [_texts(path, each) for each in parts]
