"""A long training, and a server that is asked for long, hold no more memory in the end."""

import importlib.util
import pathlib
import sys

import pytest

PROGRAM = pathlib.Path(__file__).parents[1] / "benchmarks" / "memory.py"
DATA = pathlib.Path(__file__).parent / "fixtures" / "format_1" / "data"
# These models are small for memory to be warm within the first quarter, and for many batches and
# requests to pass, however slow the machine is: what each leaves behind counts too. A kilobyte of
# each of the 74 batches of an epoch, or of each request, is more than twice as much as is allowed.
SECONDS = 240
SMALL = ["--units", "3", "--batch-size", "2", "--save-every", "0.05"]
WORDS = {
    "training": ["train", "forecast", "--data", DATA / "series.csv", "--window", "3", *SMALL],
    "serving": ["train", "classify", "--data", DATA / "names.tsv", "--embedding", "2", *SMALL],
}
OPTIONS = {"training": {}, "serving": {"longest": 1}}
MOST_KEPT = {"training": 2**15, "serving": 2**8}  # bytes of an epoch, of a request


@pytest.fixture(scope="module")
def memory():
    sys.path.insert(0, str(PROGRAM.parent))
    spec = importlib.util.spec_from_file_location("memory_benchmark", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its data classes look themselves up there
    spec.loader.exec_module(module)
    sys.path.remove(str(PROGRAM.parent))
    return module


def test_growth_is_that_of_the_last_quarter_over_the_second(memory):
    values = [*[100] * 10, *[200, 200, 200, 900, 200] * 2, *[50] * 10, *[203] * 10]
    found = memory.Memory("all", list(range(0, 2400, 60)), values, list(range(7, 127, 3)))
    assert found.growth == pytest.approx(0.015)
    assert found.kept == pytest.approx(3 / 60)
    assert found.row() == "| all | 39 | 0.0 | 0.0 | +1.50% |"


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("name", WORDS)
def test_memory_does_not_grow(memory, name, tmp_path):
    found = getattr(memory, name)(tmp_path, SECONDS, WORDS[name], **OPTIONS[name])
    assert len(found.values) > SECONDS / 2
    print(found.row(), f"{found.kept:.0f} bytes each, {found.counts[-1]}")
    assert found.growth < 0.01, found.row()
    assert found.kept < MOST_KEPT[name], found.row()
