"""`make bench`: turns, tokens, rows and blanks. What it times is no test."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

BENCHMARKS = pathlib.Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def bench():
    """The modules that need no library."""
    sys.path.insert(0, str(BENCHMARKS))
    from bench import found, quality, subjects, table, turns

    sys.path.remove(str(BENCHMARKS))
    modules = {"found": found, "quality": quality, "subjects": subjects}
    return {**modules, "table": table, "turns": turns}


MISSING = {"missing": "torch", "tokens": {}, "seconds": {}, "said": {}}


class Fake:
    """Processes that do nothing, one library of which is not there."""

    def __init__(self, tokens):
        self.tokens, self.runs = tokens, []

    def make(self, subject, rival):
        if rival == "PyTorch":
            return {"missing": "torch"}
        return {"first": 0.5, "figures": {"training": [self.tokens[rival], 0.125]}}

    def run(self, subject, rival, figure, repeats):
        self.runs.append((rival, repeats))
        return {"seconds": 0.25, "said": {"loss": 0.5}}

    def forget(self):
        self.runs.append("forgotten")


RIVALS = ("ours, keras", "Keras-TF, loop", "PyTorch")


def test_rivals_take_turns(bench, capsys):
    subject = bench["subjects"].Subject("recurrence", "gru: 3", {}, RIVALS)
    fake = Fake({"ours, keras": 15, "Keras-TF, loop": 15})
    found = bench["turns"].measure(subject, fake, rounds=3, seconds=0.5)
    ours, stock = ("ours, keras", 4), ("Keras-TF, loop", 4)  # 0.5 s are four calls of 0.125 s
    assert fake.runs == [ours, stock, stock, ours, ours, stock, "forgotten"]
    assert found["ours, keras"]["seconds"] == {"training": [0.25] * 3}
    assert found["ours, keras"]["said"] == {"loss": 0.5}
    assert found["PyTorch"] == MISSING
    assert "gru: 3" in capsys.readouterr().err


def test_all_do_the_same_work(bench):
    subject = bench["subjects"].Subject("padding", "gru: 3", {}, RIVALS)
    fake = Fake({"ours, keras": 15, "Keras-TF, loop": 17})
    with pytest.raises(SystemExit, match="Keras-TF, loop has 17 tokens, not 15"):
        bench["turns"].measure(subject, fake, rounds=1, seconds=1)


def row(name, **seconds):
    found = {
        rival: {"tokens": dict.fromkeys(each, 3000), "seconds": each, "said": {}}
        for rival, each in seconds.items()
    }
    found["Keras-JAX"] = {**MISSING, "missing": "jax"}
    base = {"group": "recurrence", "against": {"adaptive": "full"}, "curve": None}
    return {**base, "name": name, "found": found}


def cells(line):
    return [each.strip() for each in line.strip("|").split("|")]


def test_figures_of_a_table(bench):
    """By hand: 3,000 tokens in 0.5 s and 0.3 s; the best ways stand first; 0.3 / 0.5 of PyTorch."""
    ours = {"ours, keras": {"full": [1.0, 0.5, 2.0]}, "ours, compiled": {"full": [0.5, 0.4, 0.6]}}
    stock = {"Keras-TF, loop": {"full": [0.75]}, "Keras-TF, XLA": {"full": [0.6]}}
    first = row("lstm: 1", **ours, **stock, PyTorch={"full": [0.3]})
    second = row("lstm: 2", **{"ours, keras": {"adaptive": [0.1]}, "Keras-TF, loop": {"full": [2]}})
    text = bench["table"].table([first, second], "On a machine.")
    lines = [cells(each) for each in text.splitlines() if each.startswith("| recurrence")]
    shown = ["6.00k (5.00k–7.50k) compiled; 3.00k keras", "5.00k (5.00k–5.00k) XLA; 4.00k loop"]
    shown += ["", "10.0k (10.0k–10.0k)", "1.20", "0.60", "0.60"]
    assert lines[0] == ["recurrence: lstm: 1", "full", *shown]
    assert lines[1][:3] == ["recurrence: lstm: 2", "adaptive", "30.0k (30.0k–30.0k) keras"]
    assert lines[1][3:] == ["1.50k (1.50k–1.50k) loop", "", "", "20.00", "", "20.00"]
    assert "Not installed: jax." in text


def test_times_that_are_waited_for(bench):
    """The middle one of three, and the unit that reads well; what a call told stands below."""
    found = row("dates", ours={"batch of 1": [0.004, 0.005, 0.0075]}, PyTorch={"batch of 1": [2.5]})
    found["found"]["ours"] |= {"tokens": {"batch of 1": 0}, "said": {"accuracy": 0.875}}
    text = bench["table"].table([found], "On a machine.")
    line = next(cells(each) for each in text.splitlines() if each.startswith("| recurrence"))
    shown = ["5.00 ms (4.00 ms–7.50 ms)", "", "", "2.50 s (2.50 s–2.50 s)", "", "500.00", "500.00"]
    assert line[2:] == shown
    assert "- dates: ours accuracy 0.875." in text


def test_a_row_takes_the_place_of_its_earlier_one(bench, tmp_path):
    Subject, keep = bench["subjects"].Subject, bench["found"].keep
    for name, found in (("a", {"x": 1}), ("b", {}), ("a", {"y": 2})):
        rows = keep(tmp_path / "rows.json", Subject("padding", name, {}, ()), found, commit="c")
    assert [(each["name"], each["found"]) for each in rows] == [("a", {"y": 2}), ("b", {})]
    assert [each["commit"] for each in bench["found"].kept(tmp_path / "rows.json")] == ["c", "c"]


def test_rows_name_no_folder_of_the_machine(bench, tmp_path):
    sizes = {"text": str(tmp_path / "words.txt"), "cell": "gru", "rows": 3}
    subject = bench["subjects"].Subject("penn_treebank", "words", sizes, RIVALS)
    bench["found"].keep(tmp_path / "rows.json", subject, {}, commit="a")
    assert str(tmp_path) not in (tmp_path / "rows.json").read_text(encoding="utf-8")
    (row,) = bench["found"].kept(tmp_path / "rows.json")
    assert row["sizes"] == {**sizes, "text": "words.txt"}


def test_geometric_means(bench):
    times = ((1.0, 2.0), (1.0, 8.0))
    rows = [
        row(f"gru: {i}", **{"ours, keras": {"full": [a]}, "PyTorch": {"full": [b]}})
        for i, (a, b) in enumerate(times)
    ]
    other = {"ours, keras": {"full": [2.0]}, "PyTorch": {"full": [1.0]}}
    other = row("sru beside lstm: 0", **other)
    text = bench["table"].table([*rows, other], "On a machine.")
    for kind in ("gru", "all"):
        assert f"| recurrence: {kind} | full | 2 |  | 4.00 | 4.00 | 2.00 |" in text


@pytest.mark.parametrize("begun", [0, 1])
def test_a_recipe_is_trained_until_it_is_good(bench, begun, tmp_path, monkeypatch):
    """Goal 1.5 nats: the third epoch reaches it, and the fourth is not trained."""
    quality, losses, trained = bench["quality"], [2.5, 1.75, 1.5, 1.25], []
    run = tmp_path / "quality_tiny_shakespeare_gru"
    run.mkdir()

    def write(epochs):
        rows = [f"{loss},{7}" for loss in losses[:epochs]]
        (run / "history.csv").write_text("\n".join(["val_loss,seconds", *rows]), encoding="utf-8")

    def train(*words):
        assert ("--cell", "gru") == words[4:6] and "--resume" in words
        trained.append(int(words[-1]))
        write(trained[-1])

    monkeypatch.setattr(quality, "RUNS", tmp_path)
    monkeypatch.setattr(quality, "kerasrnn", train)
    write(begun)
    row = quality.until_good("quality/tiny_shakespeare", "gru", pathlib.Path("folder"))
    assert trained == [1, 2, 3][begun:]
    assert row["values"] == losses[:3] and row["seconds"] == 21
    line = quality.table([{**row, "machine": "2 CPU cores", "commit": "abc"}]).splitlines()[-1]
    assert cells(line)[1:6] == ["loss ≤ 1.5", "gru", "21", "3", "1.5"]
    row["values"].pop()
    line = quality.table([{**row, "machine": "2 CPU cores", "commit": "abc"}]).splitlines()[-1]
    assert cells(line)[3:6] == ["not in 21", "2", "1.75"]


LENGTHS = (BENCHMARKS / "bench" / "review_lengths.txt").read_text(encoding="utf-8").split()
PADDED = sum(int(length) // 20 + 1 for length in LENGTHS[:7])
# By group, the rows that `--quick` leaves: figure and tokens of a call, 0 where its time counts.
QUICK = {
    "recurrence": [("training", 3 * 5), ("predicting", 3 * 5)],
    "padding": [("training", PADDED), ("predicting", PADDED)],
    "penn_treebank": [("full", 3 * 7), ("class", 3 * 7), ("adaptive", 3 * 7)],
    "decoding": [("greedy", 3 * 5), ("beam of 5", 3 * 5)],
}
OTHERS = {
    "epochs": [("seconds", 0)] * 2,
    "saved_model": [("batch of 1", 0), ("batch of 64", 0)],
    "start": [("import kerasrnn", 0), ("with Keras", 0), ("first answer", 0)],
    "curves": [("training", 3 * 5)],
}


@pytest.mark.parametrize("groups", [QUICK, pytest.param(OTHERS, marks=pytest.mark.slow)])
def test_the_program_from_end_to_end(groups, tmp_path):
    """Without PyTorch: a module of that name that says that it is not installed."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "torch.py").write_text("raise ModuleNotFoundError('hidden', name='torch')\n")
    path = os.pathsep.join([str(BENCHMARKS), str(hidden)])
    command = [sys.executable, "-m", "bench", "--quick", "--output", str(tmp_path), *groups]
    environment = {**os.environ, "PYTHONPATH": path}
    result = subprocess.run(
        command, env=environment, cwd=BENCHMARKS, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    rows = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    figures = {name: [] for name in groups}
    for row in rows:
        ours = next(each for rival, each in row["found"].items() if rival.startswith("ours"))
        figures[row["group"]] += ours["tokens"].items()
        assert all(ours["seconds"].values())
        assert row["found"].get("PyTorch", MISSING) == MISSING
    assert figures == groups
    text = (tmp_path / "bench.md").read_text(encoding="utf-8")
    starts = tuple(f"| {group}: " for group in groups)
    lines = [cells(line) for line in text.splitlines() if line.startswith(starts)]
    lines = [line for line in lines if len(line) == 9]  # those of means are shorter
    assert [line[1] for line in lines] == [name for each in groups.values() for name, _ in each]
    assert all(line[2] and not line[5] for line in lines)
    assert (tmp_path / "bench.png").stat().st_size > 10_000
