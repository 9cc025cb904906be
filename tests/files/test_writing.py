"""The old file or the new one, whole; and JSON that is JSON."""

import gzip
import json
import os

import numpy as np
import pytest

from kerasrnn.checks import UserError
from kerasrnn.files import beside, open_beside, read_json, write_beside, write_json


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def half(place):
        assert place.parent == tmp_path and place.name.endswith("a.txt") and place != path
        place.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_beside(path, half)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["a.txt"]
    write_beside(path, lambda place: place.write_text("new"))
    assert path.read_text() == "new" and os.listdir(tmp_path) == ["a.txt"]


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done, fsync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("flush"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda *paths: (done.append("rename"), replace(*paths)))
    write_beside(tmp_path / "a", lambda place: place.write_text("a"))
    assert done == ["flush", "rename", "flush"]


def test_a_folder_appears_with_all_that_is_in_it(tmp_path):
    with beside(tmp_path / "lists") as folder:
        folder.mkdir()
        with open_beside(folder / "a.gz") as file:
            file.write("é\n")
        assert not (tmp_path / "lists").exists()
    assert gzip.decompress((tmp_path / "lists" / "a.gz").read_bytes()) == "é\n".encode()
    with pytest.raises(ZeroDivisionError), beside(tmp_path / "other") as folder:
        folder.mkdir()
        (folder / "a").write_text("a")
        _ = 1 / 0
    assert os.listdir(tmp_path) == ["lists"]


def test_places_that_cannot_be_written(tmp_path):
    with pytest.raises(UserError, match="Expected a folder. Received: .*nowhere', which is not"):
        write_json(tmp_path / "nowhere" / "a.json", {})

    def full(place):
        place.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="Expected to write .*a'. Received: No space left"):
        write_beside(tmp_path / "a", full)
    assert os.listdir(tmp_path) == []


def test_what_is_no_number_for_json_is_null(tmp_path):
    path = tmp_path / "a.json"
    content = {"a": float("nan"), "b": [float("inf"), np.float64("-inf"), 0.5], "c": {"d": "NaN"}}
    write_json(path, content)
    assert read_json(path) == {"a": None, "b": [None, None, 0.5], "c": {"d": "NaN"}}
    assert "NaN" not in path.read_text().replace('"NaN"', "")
    json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(name))


def test_a_path_that_is_not_utf_8(tmp_path):
    name = b"caf\xe9.tsv".decode("utf-8", "surrogateescape")
    write_json(tmp_path / "a.json", {"data": name})
    assert read_json(tmp_path / "a.json") == {"data": name}
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"data": name}


def test_json_that_is_none(tmp_path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(UserError, match="a.json: expected JSON. Received"):
        read_json(tmp_path / "a.json")
    (tmp_path / "a.json").write_bytes(b"\xff")
    with pytest.raises(UserError, match="a.json: expected JSON. Received"):
        read_json(tmp_path / "a.json")
