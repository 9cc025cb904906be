"""Which versions are kept loaded, without TensorFlow: loading is a function of the test."""

import asyncio
import os

import pytest

from kerasrnn.serving.errors import RequestError
from kerasrnn.serving.folders import find_models, find_versions, stamp
from kerasrnn.serving.models import Models


def write(folder, content="good"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "saved_model.pb").write_text(content)
    return folder


class Loader:
    """What a version has in its file; `broken` cannot be loaded."""

    def __init__(self):
        self.loads = []

    def __call__(self, folder):
        content = (folder / "saved_model.pb").read_text()
        self.loads.append(f"{folder.name} {content}")
        if content == "broken":
            raise OSError("no such\nvariables")
        return content


def states(models, name="a"):
    return {each["version"]: each["state"] for each in models.statuses(name)}


def look(models):
    asyncio.run(models.refresh())


@pytest.fixture
def load():
    return Loader()


def test_the_layout_of_folders(tmp_path):
    for name in ("b/1", "a/10", "a/9", ".export-x/1", "a/.export-1", "a/01", "a/٣", "a/-1"):
        write(tmp_path / name)
    (tmp_path / "empty" / "1").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    assert list(find_models(tmp_path)) == ["a", "b"]
    assert sorted(find_versions(tmp_path / "a")) == [9, 10]
    assert find_models(tmp_path / "a") == {"a": tmp_path / "a"}
    assert find_models(tmp_path / "nowhere") == find_models(tmp_path / "file") == {}


def test_a_folder_of_versions_has_its_own_name(tmp_path, monkeypatch):
    write(tmp_path / "a" / "1")
    monkeypatch.chdir(tmp_path / "a")
    assert list(find_models(tmp_path / "a" / ".." / "a")) == ["a"]
    assert list(find_models(type(tmp_path)("."))) == ["a"]


def test_the_newest_version_serves(tmp_path, load):
    for number in (1, 2, 10):
        write(tmp_path / "a" / str(number))
    models = Models(tmp_path, load)
    look(models)
    assert models.names == ["a"] and models.available("a") == [10]
    assert models.find("a").number == models.find("a", 10).number == 10
    with pytest.raises(RequestError, match=r"Servable not found for request: Specific\(a, 1\)"):
        models.find("a", 1)
    with pytest.raises(RequestError, match=r"Servable not found for request: Latest\(b\)"):
        models.find("b")
    look(models)
    assert load.loads == ["10 good"]


def test_a_new_version_replaces_the_old_one_which_answers_its_requests(tmp_path, load):
    write(tmp_path / "a" / "1")
    models = Models(tmp_path, load)
    look(models)
    old = models.find("a")
    with old.in_use() as loaded:
        write(tmp_path / "a" / "2")
        look(models)
        assert models.find("a").number == 2
        assert states(models) == {"2": "AVAILABLE", "1": "UNLOADING"}
        assert loaded == "good" and old.loaded == "good"
    assert states(models) == {"2": "AVAILABLE", "1": "END"} and old.loaded is None


def test_a_broken_version_replaces_nothing_until_it_is_mended(tmp_path, load):
    said = []
    write(tmp_path / "a" / "1")
    models = Models(tmp_path, load, report=said.append)
    look(models)
    write(tmp_path / "a" / "2", "broken")
    look(models)
    look(models)
    assert load.loads == ["1 good", "2 broken"]
    assert models.find("a").number == 1
    newest, _ = models.statuses("a")
    assert newest["state"] == "END"
    assert newest["status"] == {"error_code": "UNKNOWN", "error_message": "no such variables"}
    assert said == ["a: version 1", "a: version 2 cannot be loaded: no such variables"]
    write(tmp_path / "a" / "2", "mended")
    look(models)
    assert models.find("a").number == 2
    assert said[2:] == ["a: version 2", "a: version 1 takes no more requests"]


def test_behind_a_broken_version_the_one_before_it_serves(tmp_path, load):
    write(tmp_path / "a" / "1")
    write(tmp_path / "a" / "2", "broken")
    write(tmp_path / "b" / "1", "broken")
    models = Models(tmp_path, load)
    look(models)
    assert models.find("a").number == 1
    assert models.names == ["a"]
    assert states(models, "b") == {"1": "END"}


def test_a_version_that_is_taken_away_gives_way_to_the_one_before(tmp_path, load):
    for number in (1, 2):
        write(tmp_path / "a" / str(number))
    models = Models(tmp_path, load)
    look(models)
    os.remove(tmp_path / "a" / "2" / "saved_model.pb")
    look(models)
    assert models.find("a").number == 1
    assert states(models) == {"2": "END", "1": "AVAILABLE"}
    os.remove(tmp_path / "a" / "1" / "saved_model.pb")
    look(models)
    assert models.names == []
    write(tmp_path / "a" / "1")
    look(models)
    assert models.find("a").number == 1


def test_a_version_that_is_written_anew_is_loaded_anew(tmp_path, load):
    folder = write(tmp_path / "a" / "1", "first")
    models = Models(tmp_path, load)
    look(models)
    old = models.find("a")
    with old.in_use():
        write(folder, "second version")
        look(models)
        with models.find("a").in_use() as loaded:
            assert loaded == "second version"
        assert old.state == "UNLOADING"
    assert old.state == "END"
    write(folder, "broken")
    look(models)
    look(models)
    with models.find("a").in_use() as loaded:
        assert loaded == "second version"
    assert load.loads == ["1 first", "1 second version", "1 broken"]


def test_all_versions_and_labels(tmp_path, load):
    for number in (1, 2, 3, 4):
        write(tmp_path / "a" / str(number))
    models = Models(tmp_path, load, all_versions=True)
    look(models)
    assert models.available("a") == [4, 3, 2, 1]
    models = Models(tmp_path, load, labels={"a": {"stable": 2, "next": 4, "gone": 7}})
    look(models)
    assert models.available("a") == [4, 2]
    assert models.find("a", label="stable").number == 2
    assert models.find("a", label="next").number == models.find("a").number == 4
    assert [each["version"] for each in models.statuses("a", label="stable")] == ["2"]
    with pytest.raises(RequestError, match="Unrecognized servable version label: other") as caught:
        models.find("a", label="other")
    assert caught.value.status == 400
    with pytest.raises(RequestError, match=r"Specific\(a, 7\)") as caught:
        models.find("a", label="gone")
    assert caught.value.status == 404
    with pytest.raises(RequestError, match="Could not find version 3 of model a"):
        models.statuses("a", 3)
    with pytest.raises(RequestError, match="Could not find any versions of model b"):
        models.statuses("b")


def test_what_is_written_changes_the_stamp(tmp_path):
    folder = write(tmp_path / "1")
    stamps = [stamp(folder)]
    (folder / "variables").mkdir()
    stamps.append(stamp(folder))
    (folder / "variables" / "variables.index").write_text("")
    stamps.append(stamp(folder))
    assert len(set(stamps)) == 3


def test_the_watch_goes_on_after_an_error(tmp_path, load, monkeypatch, caplog):
    models = Models(tmp_path, load)
    looks = []

    async def refresh():
        looks.append(1)
        if len(looks) == 1:
            raise OSError("the disk is away")

    monkeypatch.setattr(models, "refresh", refresh)

    async def scenario():
        watch = asyncio.create_task(models.watch(0.001))
        while len(looks) < 2:
            await asyncio.sleep(0.001)
        watch.cancel()

    asyncio.run(scenario())
    assert "the disk is away" in caplog.text
