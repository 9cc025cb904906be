"""What an installer sees: a wheel and a source archive that install and run a first example.

`make package` runs these tests.
"""

import configparser
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import kerasrnn
from tests.document_blocks import blocks, commands
from tests.test_package import HEAVY

ROOT = pathlib.Path(__file__).parents[1]
NOT_BUILT = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "_build")
OUTPUTS = {"build", "dist", "runs", "saved_models", "tests", "notebooks"}  # of the top level
pytestmark = pytest.mark.slow


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def not_built(folder, names):
    top = OUTPUTS.intersection(names) if pathlib.Path(folder) == ROOT else set()
    return NOT_BUILT(folder, names) | top


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The source archive, the wheel that is built of it, and the wheel of the tree itself."""
    tree, dist = (tmp_path_factory.mktemp(name) for name in ("tree", "dist"))
    shutil.copytree(ROOT, tree, ignore=not_built, dirs_exist_ok=True)
    build = [sys.executable, "-m", "build", "--no-isolation", str(tree), "--outdir"]
    run(*build, str(dist))
    run(*build, str(dist / "direct"), "--wheel")
    (source,) = dist.glob("*.tar.gz")
    (wheel,) = dist.glob("*.whl")
    return source, wheel, dist / "direct" / wheel.name


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(archives):
    names = {name for name in contents(archives[1]) if ".dist-info/" not in name}
    package = pathlib.Path(kerasrnn.__file__).parent
    files = [path for path in package.rglob("[!.]*") if path.is_file() and path.suffix != ".pyc"]
    assert names == {path.relative_to(package.parent).as_posix() for path in files}
    for name in ("recipes/dates.yaml", "recipes/quality/mnist.yaml", "serving/static/index.html"):
        assert f"kerasrnn/{name}" in names


def test_the_source_archive_builds_the_same_wheel(archives):
    source, from_source, direct = archives
    assert contents(from_source) == contents(direct)
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile"} <= names
    assert not [name for name in names if name.startswith(("tests", "notebooks", "runs"))]


def distribution(wheel):
    (name,) = (name for name in contents(wheel) if name.endswith("/METADATA"))
    return importlib.metadata.PathDistribution(zipfile.Path(wheel) / name.split("/")[0])


def test_the_metadata_are_those_of_setup_cfg(archives):
    said = distribution(archives[1])
    assert said.version == kerasrnn.__version__
    assert said.metadata["License-Expression"] == "Apache-2.0"
    assert said.metadata.get_all("License-File") == ["LICENSE"]
    assert said.metadata["Requires-Python"] == ">=3.11"
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    classifiers = config["metadata"]["classifiers"].split("\n")[1:]
    assert said.metadata.get_all("Classifier") == classifiers
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {kerasrnn.__version__} " in changes and "## Unreleased" in changes


def required(distribution):
    """Names all that a distribution requires; each is here in a version that suits it."""
    found, waiting = set(), [(distribution, "")]
    while waiting:
        one, extra = waiting.pop()
        for requirement in map(Requirement, one.requires or ()):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            other = importlib.metadata.distribution(requirement.name)
            assert other.version in requirement.specifier, (one.name, str(requirement))
            new = {(canonicalize_name(other.name), each) for each in ("", *requirement.extras)}
            waiting += [(other, each) for _, each in new - found]
            found |= new
    return {name for name, _ in found}


# Nothing but what the wheel requires can be imported where it is installed.
SITE = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in {hidden}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.path += {folders}
sys.meta_path.insert(0, Hidden())
"""


@pytest.fixture(scope="module")
def installed(archives, tmp_path_factory):
    """A function that runs a command of an environment that has the wheel and its requirements.

    The requirements are those of this environment: what an extra brings is hidden.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = str(folder / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", str(archives[1]))
    known = {"kerasrnn", *required(distribution(archives[1]))}
    hidden = {
        name
        for name, distributions in importlib.metadata.packages_distributions().items()
        if not known & {canonicalize_name(each) for each in distributions}
    }
    assert {"sklearn", "tokenizers", "starlette", "pytest"} <= hidden and "tqdm" not in hidden
    (packages,) = folder.glob("lib/python*/site-packages")
    paths = sysconfig.get_paths()
    folders = list({paths["purelib"]: 0, paths["platlib"]: 0})
    (packages / "sitecustomize.py").write_text(SITE.format(hidden=hidden, folders=folders))
    work = tmp_path_factory.mktemp("work")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("PYTHONPATH", None)

    def command(name, *words, **options):
        return run(str(folder / "bin" / name), *words, cwd=work, env=environment, **options)

    command.work = work
    return command


def test_the_installed_command_has_its_version_recipes_and_page(installed):
    where = installed("python", "-c", "import kerasrnn; print(kerasrnn.__file__)").strip()
    assert not pathlib.Path(where).is_relative_to(ROOT)
    package = pathlib.Path(where).parent
    assert installed("kerasrnn", "--version").strip() == kerasrnn.__version__
    assert installed("python", "-m", "kerasrnn", "--version").strip() == kerasrnn.__version__
    said = installed("kerasrnn", "train", "--help")
    for recipe in (ROOT / "kerasrnn" / "recipes").rglob("*.yaml"):
        assert f"  {recipe.relative_to(ROOT / 'kerasrnn/recipes').with_suffix('')} " in said
    for path in (ROOT / "kerasrnn" / "serving" / "static").iterdir():
        assert (package / "serving" / "static" / path.name).read_bytes() == path.read_bytes()


def test_the_installed_package_is_imported_without_pictures_server_and_data(installed):
    loaded = installed("python", "-c", "import kerasrnn, sys; print(*sys.modules)").split()
    assert "kerasrnn" in loaded and not HEAVY.intersection(loaded)


def test_the_first_minute_of_the_readme_runs(installed):
    """What it says for a file of one's own, with a smaller model; the server is an extra."""
    found = blocks(ROOT / "README.md")
    made, minute = (block for block in found if "messages.csv" in block.text)
    installed("python", "-c", made.text)
    train, predict, export, serve = commands(minute.text)
    assert predict.startswith("echo") and serve == "kerasrnn serve saved_models"
    installed(*train.split(), "--epochs", "1", "--units", "3", "--embedding", "2")
    figures = json.loads((installed.work / "runs/spam/metrics.json").read_text())
    assert "accuracy" in figures["test"]
    text, words = predict.split(" | ")
    (answer,) = installed(*words.split(), input=text).splitlines()
    assert answer in {"ham", "spam"}
    installed(*export.split())
    assert (installed.work / "saved_models/spam/1/saved_model.pb").is_file()
