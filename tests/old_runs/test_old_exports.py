"""Exports of old runs: those made then, and those that today's code makes of them."""

import json
import tarfile

import numpy as np
import pytest
import tensorflow as tf

import kerasrnn
from kerasrnn.serving.metadata import read_signature_def
from kerasrnn.serving.notes import lengths_of, read_notes
from tests.old_runs.cases import FORMAT_1, output_of, unpack

EXPORTS = (
    *("translate_characters", "translate_subwords", "classify_words", "classify_images"),
    *("tag_characters", "tag_entities", "caption", "frames", "language_model_stream", "forecast"),
)
QUICK = ("classify_words", "classify_images", "frames", "forecast")


@pytest.fixture(scope="session")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    with tarfile.open(FORMAT_1 / "exports.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    return folder


def slow_but(*quick):
    return [
        case if case in quick else pytest.param(case, marks=pytest.mark.slow) for case in EXPORTS
    ]


def as_bytes(value):
    """Reads what JSON holds: a byte is the letter of its number."""
    if isinstance(value, list):
        return [as_bytes(each) for each in value]
    return value.encode("latin-1") if isinstance(value, str) else value


def check_answers(version, recorded):
    """Asks all signatures that were recorded; there may be others, and further outputs."""
    signatures = tf.saved_model.load(str(version)).signatures
    for name, each in recorded.items():
        specs = signatures[name].structured_input_signature[1]
        inputs = {
            column: tf.constant(as_bytes(value), specs[column].dtype)
            for column, value in each["inputs"].items()
        }
        outputs = signatures[name](**inputs)
        for column, value in each["outputs"].items():
            answer, wanted = outputs[column].numpy(), np.asarray(as_bytes(value))
            if np.issubdtype(answer.dtype, np.floating):
                np.testing.assert_allclose(answer, wanted, 1e-4, 1e-4, err_msg=f"{name} {column}")
            else:
                np.testing.assert_array_equal(answer, wanted, err_msg=f"{name} {column}")


def recorded(exports, case):
    return json.loads((exports / case / "signatures.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", slow_but(*QUICK))
def test_an_old_export_answers_what_it_answered(case, exports):
    check_answers(exports / case / "export" / "1", recorded(exports, case))


@pytest.mark.parametrize("case", EXPORTS)
def test_the_server_reads_what_an_old_export_says_of_itself(case, exports):
    version = exports / case / "export" / "1"
    notes, signatures = read_notes(version), recorded(exports, case)
    assert set(read_signature_def(version)) >= set(signatures)
    assert all(lengths_of(notes, name) is not None for name in signatures)


def test_an_old_run_is_exported_as_it_was(exports, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    unpack("forecast", tmp_path)
    check_answers(kerasrnn.load("whole").export("new"), recorded(exports, "forecast"))


@pytest.mark.slow
@pytest.mark.parametrize("case", EXPORTS)
def test_the_command_exports_an_old_run_as_it_was(case, exports, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    unpack(case, tmp_path)
    output_of(capsys, "export", "whole", "new")
    check_answers(tmp_path / "new" / "1", recorded(exports, case))
