"""The lessons: what each of them keeps to, and the script that runs them."""

import ast
import importlib.util
import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
PATHS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
SPECIFICATION = importlib.util.spec_from_file_location("run_notebooks", FOLDER / "run.py")
run = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(run)

CODE_CELLS, BYTES = 15, 600_000
README = (FOLDER / "README.md").read_text(encoding="utf-8")
IDEAS = "## Where each idea is shown"
ROWS = re.findall(
    r"^\| (.+) \| \[\d+\]\((\w+\.ipynb)\) \| In \[(\d+)\] \| `(.+)` \| .+ \|$",
    README.partition(IDEAS)[2],
    re.MULTILINE,
)
# What a lecture on recurrent networks names; each must be somewhere in the table.
LECTURE = """n-grams; smoothing; back-off; word vectors; CBOW as a language model; unrolling;
three arrows; shared weights; *hello*; `return_sequences`; one to one; one to many; many to one;
many to many; language model; encoder–decoder; spam; captioning; chatbot; NER; POS;
frames of a video; back-propagation through time; vanishing; exploding; gates of an LSTM;
gates of a GRU; attention, steps 1 to 5; attention, step 6; RNNLM's rules; dynamic model;
rare words; 0.75 / 0.25; WER; cache; classes; a series; prices; quantiles"""


def code(source):
    """Returns the tree of a cell, the lines that only IPython understands left out."""
    kept = [line for line in source.splitlines() if not re.match(r"\s*[%!]", line)]
    return ast.parse("\n".join(kept))


def shows(source):
    """Whether a cell prints, or ends in a name or a picture, which a notebook shows."""
    tree = code(source)
    called = {ast.unparse(each.func) for each in ast.walk(tree) if isinstance(each, ast.Call)}
    last = tree.body[-1].value if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    drawn = isinstance(last, ast.Call) and ast.unparse(last.func).startswith("plotting.")
    return "print" in called or drawn or isinstance(last, ast.Name | ast.Attribute | ast.Subscript)


def private_names(source):
    """Lists the names of others that begin with an underscore."""
    names = [each.attr for each in ast.walk(code(source)) if isinstance(each, ast.Attribute)]
    for each in ast.walk(code(source)):
        if isinstance(each, ast.ImportFrom):
            names += [*each.module.split("."), *(alias.name for alias in each.names)]
    return [name for name in names if re.match(r"_(?!_)", name)]


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def notebook(request):
    assert request.param.stat().st_size < BYTES
    return json.loads(request.param.read_text(encoding="utf-8"))


def test_a_notebook_is_a_lesson(notebook):
    first, last = notebook["cells"][0], notebook["cells"][-1]
    assert first["cell_type"] == last["cell_type"] == "markdown"
    assert "".join(first["source"]).startswith("# ") and "You will learn" in run.texts(first)[0]
    assert "Exercises" in run.texts(last)[0]


def test_a_notebook_shows_what_its_cells_say(notebook):
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert 0 < len(cells) <= CODE_CELLS
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        source = "".join(cell["source"])
        assert cell["outputs"] or not shows(source), source
        assert not private_names(source), source


def test_a_notebook_is_kept_without_traces_of_its_run(notebook):
    assert run.cleaned(notebook) == notebook  # no stderr, no times, no paths of a machine


def test_a_notebook_has_a_short_form(notebook):
    run.quick_form(notebook)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_table_of_contents_names_each_notebook(path):
    assert f"({path.name})" in README.partition(IDEAS)[0]


def test_the_table_of_contents_has_the_lessons_in_their_order():
    contents, _, _ = README.partition(IDEAS)
    named = re.findall(r"\((\d\d)_\w+\.ipynb\)", contents)
    assert named == [f"{number:02}" for number in range(1, 17)]


@pytest.mark.parametrize("idea, name, number, word", ROWS, ids=[row[0] for row in ROWS])
def test_each_idea_is_shown_where_the_table_says(idea, name, number, word):
    cells = json.loads((FOLDER / name).read_text(encoding="utf-8"))["cells"]
    (found,) = [each for each in cells if each.get("execution_count") == int(number)]
    assert found["cell_type"] == "code" and found["outputs"]
    assert word in "".join(found["source"])


def test_the_table_of_ideas_has_all_of_a_lecture():
    ideas = [row[0] for row in ROWS]
    assert len(ideas) == README.partition(IDEAS)[2].count("| In [") == len(set(ideas))
    assert not [each for each in re.split(r";\s+", LECTURE) if each not in "\n".join(ideas)]
    assert {row[1] for row in ROWS} == {path.name for path in PATHS}


@pytest.mark.parametrize(
    "source, shown",
    [
        ("x = 1", False),
        ("model.compile(loss)", False),
        ("for i in x:\n    print(i)", True),
        ("%matplotlib inline\nplotting.topology(model)", True),
        ("figure = plotting.topology(model)", False),
        ("rows[:3]", True),
    ],
)
def test_what_shows_something_is_found(source, shown):
    assert shows(source) == shown


@pytest.mark.parametrize(
    "source, names",
    [
        ("model._layers[0]", ["_layers"]),
        ("from a._b import c, _d", ["_b", "_d"]),
        ("_, x = pair\nx.__class__", []),
    ],
)
def test_private_names_are_found(source, names):
    assert private_names(source) == names


def cell(source, outputs=(), **metadata):
    return {
        "cell_type": "code",
        "id": f"cell{len(source)}",
        "source": source,
        "metadata": metadata,
        "outputs": list(outputs),
        "execution_count": None,
    }


def written(path, *cells):
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    path.write_text(json.dumps(notebook))
    return path


def stream(name, text):
    return {"output_type": "stream", "name": name, "text": text}


def test_a_short_form_replaces_what_the_metadata_says():
    long = {"cells": [cell(["x = 1\n", "fit(epochs=12)"], quick={"epochs=12": "epochs=1"})]}
    assert run.quick_form(long)["cells"][0]["source"] == "x = 1\nfit(epochs=1)"
    assert run.texts(long["cells"][0])[0].endswith("epochs=12)")
    with pytest.raises(ValueError, match="Cell 1 does not have the quick string 'epochs=5'"):
        run.quick_form({"cells": [cell("fit(epochs=12)", quick={"epochs=5": "epochs=1"})]})


def test_what_is_kept_has_no_traces_of_the_run():
    note = "INFO:tensorflow:Assets written\n"
    outputs = [stream("stderr", "slow"), stream("stdout", f"1\n{note}2"), stream("stdout", note)]
    made = cell("a\nb", outputs, execution={"t": "3"})
    (kept,) = run.cleaned({"cells": [made], "metadata": {"kernel": "mine"}})["cells"]
    assert kept["source"] == ["a\n", "b"] and kept["metadata"] == {}
    assert kept["execution_count"] == 1
    assert kept["outputs"] == [stream("stdout", ["1\n", "2"])]
    with pytest.raises(ValueError, match="Cell 1 shows a path of this machine: /home/me/x.py"):
        run.cleaned({"cells": [cell("a", [stream("stdout", "in /home/me/x.py:3")])]})


@pytest.mark.parametrize("name", ["03", "03_b"])
def test_a_notebook_is_found_by_its_number_and_name(tmp_path, name):
    paths = [written(tmp_path / f"{stem}.ipynb") for stem in ("02_a", "03_b")]
    assert run.find([name], tmp_path) == paths[1:]
    assert run.find([], tmp_path) == paths
    with pytest.raises(SystemExit, match="one of 02_a, 03_b. Received: '04'"):
        run.find(["04"], tmp_path)


def test_notebooks_run_in_their_folder_and_a_failing_cell_fails_the_run(tmp_path):
    pytest.importorskip("nbclient")
    shown = ["import os, warnings\n", "warnings.warn('noise')\n", "print(2 + 3, os.listdir())"]
    good = written(tmp_path / "good.ipynb", cell(shown))
    bad = written(tmp_path / "bad.ipynb", cell("1 / 0"), cell("print(7)"))
    command = [sys.executable, str(FOLDER / "run.py"), "--save", "--jobs", "2", str(bad), str(good)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "bad failed" in done.stdout and "ZeroDivisionError" in done.stdout
    assert "1 of 2 notebooks ran" in done.stdout
    (output,) = json.loads(good.read_text())["cells"][0]["outputs"]
    assert output["name"] == "stdout" and output["text"][0].startswith("5 ['")
    assert not json.loads(bad.read_text())["cells"][0]["outputs"]
