"""The command line says of each option what it said before options were classes."""

import pathlib
import re

import pytest

from tests.old_runs.changed_defaults import CHANGED as CHANGED_DEFAULTS
from tests.old_runs.command_options import help_of

BEFORE = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "help"
# Options whose help was changed on purpose, by command; of all commands under "".
CHANGED = {
    # The schedule, which is an option of its own now, tells what a gain that is too small does.
    # A run goes on from within an epoch too. There is a form of usual widths.
    "": {"--output", "--min-improvement", "--resume", "--normalization"},
    # They say what they are by default.
    "train translate": {"--max-vocabulary-size"},
    # Vectors are classified too.
    "train classify": {"--max-vocabulary-size", "--segment-length", "--data", "--features"},
    # Files are read too.
    "train frames": {"--data"},
    # The lazy one has come; what the dropout costs on a GPU.
    # And word vectors tell their size.
    "train language-model": {"--optimizer", "--variational", "--embedding"},
    # A folder may hold series.
    "train forecast": {"--data"},
    # A model of fastText composes vectors.
    "train tag": {"--vectors"},
}
# Words for which the field has another one, and clauses that were hard to read.
REWORDED = {
    "The greatest number of": "Maximum number of",
    "the greatest number of": "the maximum number of",
    "The greatest global norm of the gradient": "Maximum global norm of the gradient",
    "Share of each label that all classes get alike": (
        "Fraction of each label that is divided among all classes"
    ),
    "Share of": "Fraction of",
    "Whether capital letters are read as small ones": "Whether texts are lower-cased",
    "looked up in small letters": "looked up in lower case",
    "Whether the letters of each token": "Whether the characters of each token",
    "each token's letters": "each token's characters",
    "How many letters each": "How many characters each",
    "name of films with": "name of videos with",
    "Films in a batch": "Videos in a batch",
    "A recurrent one, or what it is compared with: the last": (
        "A recurrent model, or a baseline: the last"
    ),
    'takes pip install "kerasrnn[subwords]" for the training alone': (
        'needs pip install "kerasrnn[subwords]" for training only'
    ),
    "What the loss of the validation split is to be divided by in": (
        "Factor by which the loss of the validation split has to fall in"
    ),
    "epoch that does not starts": "epoch that misses it starts",
    "which improve slowly, want less, such": "which improve slowly, need less, such",
    "Which features of the data set or columns of the file are meant, such as": (
        "Features of the data set or columns of the file to read, such as"
    ),
    "What is done with a row of a file whose label is missing": (
        "What to do with a row of a file whose label is missing"
    ),
    "for a label.": "as the label.",
    "Whether each step also reads what the step before attended to; slower": (
        "Whether each step also reads the attention vector of the step before; slower"
    ),
    "Folder to keep the encoded examples in, from which the next run reads them": (
        "Folder that keeps the encoded examples for later runs"
    ),
    "Whether batches come in few shapes, for compilers that want that": (
        "Whether batches have few different shapes, for XLA and TPUs"
    ),
    "so many tokens are read at a time": "this many tokens are read at a time",
    # Data sets that have come since.
    "languages, a tensorflow-datasets name of texts": (
        "languages, messages (spam or not), a tensorflow-datasets name of texts"
    ),
    "dates, a tensorflow-datasets name": (
        "dates, small_talk (questions and answers), a tensorflow-datasets name"
    ),
    # Cells that have come since.
    "lstm, gru, elman]": "lstm, gru, min_gru, min_lstm, sru, elman]",
    "[choices: simple_rnn, lstm, gru]": (
        "[choices: simple_rnn, lstm, gru, min_gru, min_lstm, sru]"
    ),
    "side by side, which is quicker": "side by side, which is faster",
}


def texts(shown):
    """By option what a help shown in a panel says of it, its lines joined."""
    lines = [line[2:-1] for line in shown.splitlines() if line.startswith("│")]
    names = (re.match(r"[* ]  --\S+(?: \S+)*\s{2,}(?=\S)", line) for line in lines)
    column = min(name.end() for name in names if name)
    found, name = {}, None
    for line in lines:
        left, right = line[:column].strip("* "), line[column:].strip()
        if left.startswith("--") and not line.startswith("     "):
            name = left.split()[0]
            found[name] = right
        else:  # the same option goes on
            found[name] += f" {right}"
    return {name: " ".join(text.split()) for name, text in found.items()}


def reworded(text):
    for old, new in REWORDED.items():
        text = text.replace(old, new)
    return text


def test_each_rewording_is_of_something():
    shown = [texts(path.read_text(encoding="utf-8")) for path in BEFORE.glob("*.txt")]
    for old in REWORDED:
        assert any(old in text for each in shown for text in each.values()), old


@pytest.mark.parametrize("path", sorted(BEFORE.glob("*.txt")), ids=lambda path: path.stem)
def test_help_is_what_it_was(path):
    command = path.stem.replace("_", " ", 1)
    before, today = texts(path.read_text(encoding="utf-8")), texts(help_of(command.split()))
    before = {name: reworded(text) for name, text in before.items()}
    changed = CHANGED[""] | CHANGED.get(command, set())
    changed |= {option for of, option in CHANGED_DEFAULTS if of == command}
    assert len(before) > 15
    assert set(before) <= set(today)
    assert {name for name in before if before[name] != today[name]} <= changed
