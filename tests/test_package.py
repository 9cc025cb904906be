"""The house: who may import whom, what a bare import loads, and what is public."""

import ast
import importlib
import pathlib
import pkgutil
import subprocess
import sys

import pytest

import kerasrnn

PACKAGE = pathlib.Path(kerasrnn.__file__).parent

FLOORS = {
    0: {"checks", "files", "lazy_names", "options", "typing", "vocabulary", "text"},
    1: {"layers", "losses", "metrics", "optimizers", "callbacks", "decoding", "embeddings"},
    2: {"models", "views"},
    3: {"datasets", "language_modeling"},
    4: {"export", "distribute", "plotting"},
    5: {"tasks"},
    6: {"cli", "serving", "__main__"},
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
# Rooms of floor 3 and of floor 4 do not import each other; of floor 2 views import models.
APART = {3, 4}
NEVER = {("models", "views")}
TENSORFLOW = {"text", "datasets", "export", "distribute", "serving", "language_modeling"}
# Imported where that is the backend, by a function: TensorFlow's own way to run a recurrence, and
# the steps of optimizers.
FOR_ONE_BACKEND = {("layers", "recurrence"), ("layers", "linear"), ("optimizers", "updates")}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "misc"}

FILES = sorted(PACKAGE.rglob("*.py"))


def module_name(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return [part for part in parts if part != "__init__"]


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(source, room, stem="", folder=""):
    """Lists what a file of a room imports although its floor may not."""
    wrong = []
    with_tensorflow = room in TENSORFLOW or (room == "tasks" and stem.endswith("signatures"))
    with_tensorflow |= (room, folder) in FOR_ONE_BACKEND and stem != "__init__"
    for name in imported(ast.parse(source)):
        top, *rest = name.split(".")
        if name.startswith(("keras.src", "tensorflow.keras", "tensorflow.python")):
            wrong.append(name)
        if top == "tensorflow" and not with_tensorflow:
            wrong.append(name)
        if top != "kerasrnn" or not rest or rest[0] not in FLOOR_OF:
            continue
        own, other = FLOOR_OF[room], FLOOR_OF[rest[0]]
        apart = own in APART or (room, rest[0]) in NEVER
        if other > own or (other == own and apart and rest[0] != room):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_keep_to_their_floor(path):
    room, folder, *_ = [*module_name(path), "", ""]
    if room:
        assert room in FLOOR_OF, f"{room} has no floor"
        assert violations(path.read_text(), room, path.stem, folder) == []
    assert not set(module_name(path)) & FORBIDDEN_NAMES


@pytest.mark.parametrize(
    "source, room",
    [
        ("from kerasrnn.models import encoder_decoder", "layers"),
        ("from kerasrnn import tasks", "export"),
        ("import kerasrnn.datasets.loaders.pair_examples", "models"),
        ("def f():\n    import tensorflow as tf", "tasks"),
        ("from keras.src import backend", "layers"),
        ("from kerasrnn import plotting", "export"),
        ("from kerasrnn.views import step", "models"),
        ("from kerasrnn.models.wiring import layers_by_name", "decoding"),
        ("from kerasrnn.datasets import load", "language_modeling"),
    ],
)
def test_a_wrong_import_is_found(source, room):
    assert violations(source, room)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_package_raises_instead_of_asserting(path):
    assert not [node for node in ast.walk(ast.parse(path.read_text())) if type(node) is ast.Assert]


@pytest.mark.parametrize("module", [kerasrnn, kerasrnn.tasks])
def test_public_names_are_one_table(module):
    assert sorted(module._PUBLIC) == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert set(module.__all__) <= set(dir(module))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = module.nothing


@pytest.mark.parametrize("module", [kerasrnn.tasks, kerasrnn.options])
def test_no_public_name_is_that_of_a_module_inside(module):
    """To import that module would put it in the place of what is public."""
    inside = {each.name for each in pkgutil.iter_modules(module.__path__)}
    assert inside and not inside & set(module.__all__)


@pytest.mark.parametrize(
    "module, table",
    [
        (kerasrnn, kerasrnn._PUBLIC),
        (kerasrnn.tasks, kerasrnn.tasks._PUBLIC),
        (kerasrnn.language_modeling, kerasrnn.language_modeling._NEURAL),
    ],
)
def test_editors_know_the_public_names(module, table):
    """What `TYPE_CHECKING` guards imports each name from the module that has it at run time."""
    (block,) = (
        node
        for node in ast.parse(pathlib.Path(module.__file__).read_text()).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    known = {
        alias.name: statement.module if statement.module != "kerasrnn" else f"kerasrnn.{alias.name}"
        for statement in block.body
        for alias in statement.names
        if alias.asname is None
    }
    prefix = "" if module is kerasrnn else f"{module.__name__}."
    assert known == {name: f"{prefix}{place}" for name, place in table.items()}
    assert set(table) <= set(module.__all__)


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_all_names_exist(path):
    if path.stem != "__main__":
        module = importlib.import_module(".".join(["kerasrnn", *module_name(path)]))
        for name in getattr(module, "__all__", ()):
            assert hasattr(module, name)


def loaded_after(statement):
    program = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return set(importlib.import_module("json").loads(result.stdout.splitlines()[-1]))


# Pictures, server and data come when they are asked for: half a second at most, not ten.
HEAVY = {"keras", "tensorflow", "tensorflow_datasets", "matplotlib", "starlette", "uvicorn"}
HEAVY |= {"sklearn", "tokenizers", "kerasrnn.plotting", "kerasrnn.serving", "kerasrnn.datasets"}


@pytest.mark.parametrize("statement", ["import kerasrnn", "import kerasrnn.cli"])
def test_bare_import_is_light(statement):
    assert not HEAVY & loaded_after(statement)


def test_factories_load_neither_data_nor_pictures():
    loaded = loaded_after("import kerasrnn\nkerasrnn.encoder_decoder, kerasrnn.views")
    # Keras itself loads matplotlib where it is installed.
    assert not {"tensorflow_datasets", "kerasrnn.plotting", "kerasrnn.text"} & loaded


def test_what_keras_registers_is_in_rooms_that_are_imported_with_layers():
    """`_register` imports one room; what another one registered would not be known."""
    registers = {
        module_name(path)[0] for path in FILES if "register_keras_serializable" in path.read_text()
    }
    assert registers == {"layers", "losses", "metrics", "optimizers"}
    loaded = loaded_after("import kerasrnn.layers")
    assert {f"kerasrnn.{each}" for each in registers} <= loaded


LOADS_A_MODEL = """
model = keras.models.load_model(sys.argv[1])
print(type(model.layers[-1]).__name__, model.loss.__class__.__name__)
"""


@pytest.mark.parametrize(
    "imports",
    [
        "import keras, kerasrnn",
        pytest.param("import kerasrnn.layers\nimport keras", marks=pytest.mark.slow),
        pytest.param("import kerasrnn, keras\nkerasrnn.Vocabulary", marks=pytest.mark.slow),
    ],
)
def test_keras_alone_loads_a_saved_model(imports, tmp_path):
    model = kerasrnn.many_to_many(11, 3, units=2, output="crf")
    metrics = [kerasrnn.metrics.TokenAccuracy()]
    model.compile(loss=kerasrnn.losses.CRF(), weighted_metrics=metrics)
    model.save(tmp_path / "model.keras")
    program = f"import sys\n{imports}\n{LOADS_A_MODEL}"
    command = [sys.executable, "-c", program, str(tmp_path / "model.keras")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "CRF CRF"


def test_attention_is_public():
    assert kerasrnn.Attention is kerasrnn.layers.Attention
