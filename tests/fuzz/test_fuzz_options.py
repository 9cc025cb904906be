"""Command lines of any words: they run, or are refused in a sentence."""

import inspect
import typing

import pytest
from hypothesis import strategies as st

from kerasrnn import Tokenizer, Vocabulary, many_to_one
from kerasrnn.checks import machine
from kerasrnn.cli import evaluate, export, info, language_models, predict, rescore, run_listing
from kerasrnn.options.control import Control
from kerasrnn.options.fields import fields_of
from kerasrnn.tasks import start
from kerasrnn.tasks.classify.task import Classifier
from kerasrnn.tasks.registry import entry_of, registered
from tests.fuzz.clean import CASES, HOSTILE, ends_cleanly, tried

TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=5),
    st.integers().map(str),
    st.floats().map(str),
)
TASKS = sorted(registered())
# What asks a user, serves, or answers a terminal is left out.
COMMANDS = {
    "predict": predict.predict,
    "evaluate": evaluate.evaluate,
    "export": export.export,
    "info": info.info,
    "runs": run_listing.runs,
    "rescore": rescore.rescore,
    **{name: getattr(language_models, name) for name in language_models.__all__},
}


LIKELY = {
    int: ["1", "2", "3", "5", "40", "1000"],
    float: ["0", "0.1", "0.5", "1", "2.5"],
    str: ["data.tsv", "run", "utf-8", "text=a", "no=1,yes=2"],
    bool: ["true", "false"],
}


def values(kind):
    """Words for an option of some type, most of them such as it may have."""
    kinds = (kind, *typing.get_args(kind))
    own = [str(word) for each in kinds for word in typing.get_args(each) if isinstance(word, str)]
    own += [word for each in kinds for word in LIKELY.get(each, [])]
    return st.one_of(TEXTS, *[st.sampled_from(own)] * 9) if own else TEXTS


def spelled(name, value, how):
    name = f"--{name.replace('_', '-')}"
    return {"=": [f"{name}={value}"], " ": [name, value], "": [name], "no": [f"--no-{name[2:]}"]}[
        how
    ]


@st.composite
def trainings(draw):
    """The words of `kerasrnn train`, with a few options and perhaps words of no option."""
    task = draw(st.sampled_from(TASKS))
    kinds = {each.name: each.type for each in registered()[task].options.fields()}
    kinds |= {each.name: each.type for each in fields_of(Control) if each.name != "dry_run"}
    words = ["train", task]
    for name, value in (("data", "data.tsv"), ("output", "new")):
        if draw(st.integers(0, 19)):
            words += [f"--{name}", value]
            del kinds[name]
    names = st.lists(st.sampled_from(sorted(kinds)), max_size=4, unique=True)
    for name in draw(names):
        if kinds[name] is bool and draw(st.integers(0, 9)):
            words += spelled(name, "", draw(st.sampled_from(["", "no"])))
        else:
            words += spelled(
                name, draw(values(kinds[name])), draw(st.sampled_from(["=", "=", " "]))
            )
    return words + draw(st.sampled_from([[]] * 19 + [[draw(TEXTS)]]))


@st.composite
def others(draw):
    """The words of another command, with its own options."""
    command = draw(st.sampled_from(sorted(COMMANDS)))
    names = [each for each in inspect.signature(COMMANDS[command]).parameters if each != "debug"]
    words = [command, *draw(st.lists(st.sampled_from(["run", "data.tsv", "no", "."]), max_size=3))]
    for name in draw(st.lists(st.sampled_from(names), max_size=3)):
        value = draw(
            st.one_of(TEXTS, st.sampled_from(["1", "2", "0.5", "data.tsv", "run", "test"]))
        )
        words += spelled(name, value, draw(st.sampled_from(["=", " ", ""])))
    return words


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    tokenizer = Tokenizer(Vocabulary(["so", "far"]), "word")
    model = many_to_one(len(tokenizer.vocabulary), 2, embedding=2, units=3)
    Classifier(model, tokenizer, ["no", "yes"], settings={"data": "data.tsv"}).save(folder)
    return folder


def only_checked(options, *_, **__):
    entry_of(options).parts().job(options).check_options()


@pytest.fixture
def place(run, tmp_path, monkeypatch):
    """A folder with a file and a run, in which nothing is trained, exported or read from a user."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.tsv").write_text("so far\tno\nfar\tyes\n" * 20)
    (tmp_path / "run").symlink_to(run)
    monkeypatch.setattr(machine, "memory_limit", lambda: 2**27)
    monkeypatch.setattr(start, "train", only_checked)
    return tmp_path


@CASES
def test_trainings(number, place):
    tried(number, ends_cleanly, words=trainings())


@CASES
def test_other_commands(number, place):
    tried(number, ends_cleanly, words=others())
