"""Runs that come from elsewhere, or were damaged: one sentence, and no memory is taken for them."""

import io
import json
import resource
import shutil
import zipfile

import h5py
import keras
import numpy as np
import pytest

import kerasrnn
from kerasrnn.checks import DamagedError, UserError
from kerasrnn.cli.main import main
from kerasrnn.models import many_to_one
from kerasrnn.tasks.classify.task import Classifier
from kerasrnn.tasks.runs import model_file
from kerasrnn.tasks.runs.model_file import read_model
from kerasrnn.text import Tokenizer
from kerasrnn.vocabulary import Vocabulary

TOKENS, LABELS = ("so", "far", "good", "bad", "away"), ("no", "yes", "perhaps")
CONFIG, WEIGHTS = "config.json", "model.weights.h5"
MEGABYTES = 64


@pytest.fixture(scope="module")
def task():
    tokenizer = Tokenizer(Vocabulary(TOKENS), "word")
    model = many_to_one(len(tokenizer.vocabulary), len(LABELS), embedding=2, units=5)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return Classifier(model, tokenizer, LABELS, settings={"data": "reviews.tsv", "units": 5})


@pytest.fixture
def run(task, tmp_path):
    task.save(tmp_path / "run")
    return tmp_path / "run"


def write_config(run, /, sealed=False, **changes):
    config = json.loads((run / CONFIG).read_text())
    if not sealed:
        del config["seal"]
    (run / CONFIG).write_text(json.dumps({**config, **changes}))


def write_archive(path, compression=zipfile.ZIP_STORED, **changed):
    """Writes another archive, with other parts by their names up to the dot."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, changed.get(name.split(".")[0], content))


def described(path, change):
    """The description in an archive, changed."""
    with zipfile.ZipFile(path) as archive:
        content = json.loads(archive.read(CONFIG))
    change(content)
    return json.dumps(content).encode()


def weights(shapes, **options):
    """An HDF5 file of weights of zeros."""
    file = io.BytesIO()
    with h5py.File(file, "w") as content:
        for i, shape in enumerate(shapes):
            content.create_dataset(f"layers/{i}/vars/0", shape, "f4", **options)
    return file.getvalue()


def flip(path):
    """Flips a bit of a weight."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive, archive.open(WEIGHTS) as part, h5py.File(part) as file:
        (place,) = {file["layers/dense/vars/0"].id.get_offset()}
        begin = archive.getinfo(WEIGHTS).header_offset + 30 + len(WEIGHTS)
    content[begin + place + 3] ^= 1
    path.write_bytes(content)


def wide(content):
    for layer in content["config"]["layers"]:
        if layer["class_name"] == "Embedding":
            layer["config"]["input_dim"] = 10**9


DAMAGE = {
    "zeros": lambda path: write_archive(path, zipfile.ZIP_DEFLATED, model=bytes(10**7)),
    "packed weights": lambda path: write_archive(
        path, model=weights([(10**9,)], compression="gzip", chunks=(10**6,))
    ),
    "weights that are not there": lambda path: write_archive(path, model=weights([(10**9,)])),
    "other weights": lambda path: write_archive(path, model=weights([(9, 3), (3,)])),
    "a large model": lambda path: write_archive(path, config=described(path, wide)),
    "a list": lambda path: write_archive(path, config=b"[]"),
    "a deep list": lambda path: write_archive(path, config=b"[" * 10**5),
    "no model": lambda path: write_archive(path, config=b'{"module": "os", "class_name": "abc"}'),
    "a flipped bit": lambda path: flip(path),
    "half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "nothing": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("this is no model"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_archives_are_measured_before_memory_is_taken(damage, run, capsys, monkeypatch):
    path = run / "model.keras"
    damage(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DamagedError, match=r"^Expected \S*model\.keras as Keras wrote it") as error:
        kerasrnn.load(run)
    assert len(str(error.value)) < 500
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 2**19, "KiB"
    assert main(["predict", str(run), "-"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("kerasrnn: error: Expected ") and "Traceback" not in str(said)


def test_a_large_description(run, monkeypatch):
    monkeypatch.setattr(model_file, "MOST_CONFIG", 100)
    with pytest.raises(DamagedError, match=r"Received: config.json of [\d,]+ bytes"):
        read_model(run / "model.keras")


def test_what_is_read_is_what_keras_reads(run, task):
    model = read_model(run / "model.keras")
    assert model.optimizer.name == task.model.optimizer.name
    for one, other in zip(model.weights, task.model.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    # Nothing is left to be made in this thread.
    with keras.StatelessScope():
        pass


WRONG = {
    "a list": ("[1, 2]", "config.json: expected a JSON object"),
    "no JSON": ("{", "config.json: expected JSON"),
    "deep": ('{"a": ' + "[" * 10**5 + "}", "config.json: expected JSON"),
    "nested": ('{"a": ' + "[" * 500 + "]" * 500 + "}", "nested too deep"),
    "NaN": ('{"threshold": NaN}', "NaN, which is no number of JSON"),
    "a number of many digits": ('{"format": ' + "9" * 5000 + "}", "expected JSON"),
    "nothing": ("", "expected JSON"),
    "bytes": (b'{"task": "\xff"}', "expected JSON"),
    "an object": ("{}", "Received: format None, task None"),
}


@pytest.mark.parametrize("content, message", WRONG.values(), ids=WRONG)
def test_wrong_settings_of_a_run(content, message, run, capsys):
    content = content if isinstance(content, bytes) else content.encode()
    (run / CONFIG).write_bytes(content)
    for words in (["predict", str(run)], ["evaluate", str(run)], ["info", str(run)]):
        assert main(words) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and len(error) < 500
        if words[0] == "predict" or content != b"{}":
            assert message in error or (words[0] != "predict" and "config.json" in error)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"labels": "no yes"}, "`labels` to be a list of labels"),
        ({"labels": ["no", "yes", 7]}, "`labels` to be labels. Received: 7"),
        ({"labels": ["no", "yes"]}, "and 3 labels, as the model has"),
        ({"max_length": "7"}, "`max_length` to be an integer"),
        ({"max_length": 10**12}, "`max_length` to be an integer"),
        ({"settings": []}, "expected `settings` of a run"),
        ({"settings": {"data": 7}}, "Expected `data` as a run records it"),
        ({"settings": {"units": "5"}}, "Expected `units` as a run records it"),
        ({"format": True}, "expected `format` of a run"),
        ({"task": ["classify"]}, "expected `task` of a run"),
        ({"digests": {"reviews.tsv": 7}}, "expected `digests` of a run"),
        ({"files": {"../run/vocabulary.txt": "00"}}, "expected names of files"),
    ],
    ids=str,
)
def test_entries_of_another_kind(changes, message, run):
    write_config(run, **changes)
    with pytest.raises(UserError) as error:
        kerasrnn.load(run)
    assert message in str(error.value)


@pytest.mark.parametrize("name", ["labels", "max_length", "settings"])
def test_an_entry_that_is_missing(name, run):
    config = json.loads((run / CONFIG).read_text())
    del config["seal"], config[name]
    (run / CONFIG).write_text(json.dumps(config))
    with pytest.raises(UserError, match=f"config.json: expected the entry '{name}'"):
        kerasrnn.load(run)


def test_files_of_a_run_belong_together(run, task):
    for changes in ({"max_length": 3}, {"labels": ["yes", "no", "perhaps"]}, {"seal": "00"}):
        before = (run / CONFIG).read_bytes()
        write_config(run, sealed=True, **changes)
        with pytest.raises(DamagedError, match="config.json as it was written"):
            kerasrnn.load(run)
        (run / CONFIG).write_bytes(before)
    path = run / "vocabulary.txt"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:4], *lines[:3:-1]]))
    with pytest.raises(DamagedError, match=r"Expected \S*vocabulary.txt as it was written"):
        kerasrnn.load(run)
    path.unlink()
    with pytest.raises(DamagedError, match=r"vocabulary.txt as it was written. Received: No such"):
        kerasrnn.load(run)
    write_config(run, files=None)  # as older versions left it
    path.write_text("".join(lines))
    assert kerasrnn.load(run).predict(["so far"]) == task.predict(["so far"])


def test_a_model_of_the_same_sizes_from_another_run_is_refused(run, task, tmp_path, capsys):
    other, own = tmp_path / "other", tmp_path / "own.keras"
    model = keras.models.clone_model(task.model)
    Classifier(model, task.tokenizer, LABELS, settings={"data": "films.tsv", "units": 5}).save(
        other
    )
    assert kerasrnn.load(other).predict(["so far", "bad"])
    shutil.copyfile(run / "model.keras", own)
    shutil.copyfile(other / "model.keras", run / "model.keras")
    words = (["predict", str(run), "-"], ["export", str(run), str(tmp_path / "models")])
    for each in words:
        assert main(each) == 2
        error = capsys.readouterr().err
        assert error == (
            "kerasrnn: error: Expected the model of the run that config.json describes. "
            f"Received: {run / 'model.keras'}, which is of another run\n"
        )
    with pytest.raises(UserError, match="which is of another run"):
        kerasrnn.load(other, own)
    # Saved by Keras it is of no run, as those of older versions are; nor says an older run its own.
    model.save(run / "model.keras")
    assert kerasrnn.load(run).predict(["so far"]) == kerasrnn.load(other).predict(["so far"])
    shutil.copyfile(other / "model.keras", run / "model.keras")
    write_config(run, run=None)
    assert kerasrnn.load(run).predict(["so far"]) == kerasrnn.load(other).predict(["so far"])
    shutil.copyfile(own, run / "model.keras")
    assert kerasrnn.load(run).predict(["so far"]) == task.predict(["so far"])


def test_all_files_of_a_task_are_recorded(run):
    files = json.loads((run / CONFIG).read_text())["files"]
    assert sorted(files) == ["vocabulary.json", "vocabulary.txt"]
    assert sorted(path.name for path in run.iterdir()) == [CONFIG, "model.keras", *sorted(files)]


def test_a_small_archive_of_zeros(tmp_path):
    """The example of a `.keras` file of some MB that unpacks to gigabytes."""
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("metadata.json", CONFIG):
            archive.writestr(name, "{}", zipfile.ZIP_STORED)
        with archive.open(WEIGHTS, "w", force_zip64=True) as part:
            for _ in range(MEGABYTES):
                part.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(DamagedError, match=r"model.weights.h5, packed, of 67,108,864 bytes"):
        read_model(path)
