"""What the documents tell users to type works as it is written, and says all that is public."""

import ast
import importlib
import pathlib
import re
import shlex
import subprocess

import pytest

import kerasrnn
from kerasrnn.cli.main import _app
from kerasrnn.datasets import EMBEDDED
from tests.document_blocks import ROOT, Block, blocks, commands, pages, run_page
from tests.test_package import FLOORS

README, KOREAN = ROOT / "README.md", ROOT / "README.ko.md"
PAGES = pages()
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)")


def named(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_snippets_of_a_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(page, tmp_path)


def words_of(command):
    """Returns the words of a `kerasrnn` command, without what a shell does with its output."""
    words = shlex.split(command.replace("\\\n", "").partition("\n")[0])
    ends = (place for place, word in enumerate(words) if re.match(r"\d?[<>|&]", word))
    return words[: next(ends, len(words))]


def kerasrnn_commands(page):
    for block in blocks(page):
        for command in commands(block.text) if block.language == "console" else ():
            piped = re.search(r"(?:^|\| )kerasrnn (.*)", command, re.S)
            if piped:
                yield block.place, words_of(piped[1])


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_parse(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for block in blocks(page):
        for command in commands(block.text):
            if command.startswith("cat > "):  # such as a recipe
                subprocess.run(["bash", "-c", command], check=True)
    for place, words in kerasrnn_commands(page):
        if not {"--help", "--version"} & set(words):
            try:
                _app(words).parse_args(words, exit_on_error=False, print_error=False)
            except Exception as error:
                raise AssertionError(f"{place}: {' '.join(words)}") from error


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_python_compiles_and_imports_what_there_is(page):
    for block in blocks(page):
        if block.language == "python":
            for node in ast.walk(ast.parse(block.as_run, block.place)):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    exec(compile(ast.unparse(node), block.place, "exec"), {})


def test_data_sets_of_commands_are_there():
    import tensorflow_datasets as tfds

    known = {*EMBEDDED, *tfds.list_builders(with_community_datasets=False)}
    given = {
        words[words.index("--data") + 1]
        for page in PAGES
        for _, words in kerasrnn_commands(page)
        if "--data" in words
    }
    names = {name.partition("/")[0] for name in given if not re.search(r"[.:]|/$", name)}
    pages_text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    folders = set(re.findall(r"^\$ mkdir (\S+)", pages_text, re.M))
    assert given and names - known - folders == set()


def test_the_short_example_of_the_readme():
    (example,) = (block for block in blocks(README) if "model.fit(" in block.text)
    assert len([line for line in example.text.splitlines() if line]) == 15


def test_the_korean_readme_has_the_same_code_and_links():
    english, korean = blocks(README), blocks(KOREAN)
    assert [(each.language, each.text) for each in korean] == [
        (each.language, each.text) for each in english
    ]
    links = [LINK.findall(page.read_text(encoding="utf-8")) for page in (README, KOREAN)]
    own = {"README.md", "README.ko.md"}
    assert set(links[0]) - own == set(links[1]) - own


@pytest.mark.parametrize(
    "page", [*PAGES, KOREAN, ROOT / "notebooks/README.md", ROOT / "CONTRIBUTING.md"], ids=named
)
def test_files_that_a_page_links_to_are_there(page):
    for path in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / path).exists(), path


def test_make_targets_are_there():
    makefile = (ROOT / "Makefile").read_text()
    targets = {
        target
        for page in (README, ROOT / "CONTRIBUTING.md")
        for target in re.findall(r"^\$ make (\S+)", page.read_text(encoding="utf-8"), re.M)
    }
    assert {"train", "test", "docs"} <= targets
    assert [each for each in targets if not re.search(rf"^{each}:", makefile, re.M)] == []


def test_files_that_the_guide_names_are_there():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:\.ci|tests|kerasrnn|benchmarks)/[\w./]*)`", guide)
    paths = [path for path in paths if "TASK" not in path]
    assert len(paths) > 20 and [path for path in paths if not (ROOT / path).exists()] == []


def test_the_table_of_the_guide_has_the_floors_of_the_house():
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| (.*?) \|", guide, re.M)
    rooms = {int(floor): set(re.findall(r"`(\w+)(?:\.py)?`", cell)) for floor, cell in rows}
    there = {path.stem for path in (ROOT / "kerasrnn").iterdir()}
    assert rooms == {
        floor: {room for room in rooms if room in there and not room.startswith("__")}
        for floor, rooms in FLOORS.items()
    }


def rooms():
    package = pathlib.Path(kerasrnn.__file__).parent
    inside = {path.stem for path in package.glob("[!_]*.py")}
    inside |= {path.parent.name for path in package.glob("*/__init__.py")}
    return [kerasrnn, *(importlib.import_module(f"kerasrnn.{name}") for name in sorted(inside))]


ENTRIES = [
    entry
    for page in sorted((ROOT / "docs" / "api").glob("*.md"))
    for entry in re.findall(r"^\.\. auto\w+:: (\S+)$", page.read_text(encoding="utf-8"), re.M)
]


@pytest.mark.parametrize("module", rooms(), ids=lambda module: module.__name__)
def test_the_reference_has_each_public_name_once(module):
    if module is kerasrnn:
        index = (ROOT / "docs/api/index.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| (`.*?) \|", index, re.M)
        found = re.findall(r"`(\w+)`", "".join(rows))
    else:
        places = (entry.rpartition(".") for entry in ENTRIES)
        found = [name for place, _, name in places if place == module.__name__]
    assert sorted(found) == sorted(module.__all__)


def test_entries_of_the_reference_are_of_modules_that_there_are():
    assert {entry.rpartition(".")[0] for entry in ENTRIES} < {each.__name__ for each in rooms()}


PAGE = """\
<!-- quick: epochs=5 -> epochs=1 -->
```python
fit(epochs=5)
```

<!-- not run: it needs a network -->
```console
$ cat > a.csv <<'EOF'
$ x
EOF
$ kerasrnn predict runs/a \\
    a.csv > answers.txt
said
```
"""


def test_blocks_and_commands_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.document_blocks.ROOT", tmp_path)
    (tmp_path / "page.md").write_text(PAGE)
    python, console = blocks(tmp_path / "page.md")
    assert python == Block(
        "python", "fit(epochs=5)\n", "page.md:2", quick=(("epochs=5", "epochs=1"),)
    )
    assert python.as_run == "fit(epochs=1)\n"
    assert console.place == "page.md:7" and not console.is_run
    document, predict = commands(console.text)
    assert document == "cat > a.csv <<'EOF'\n$ x\nEOF"
    assert words_of(predict.removeprefix("kerasrnn ")) == ["predict", "runs/a", "a.csv"]
