"""Lattices against all of their paths, and files of HTK's format, written here."""

import gzip
import itertools
import math
import re

import numpy as np
import pytest

from kerasrnn.language_modeling import Arc, Lattice, read_slf


def random_lattice(rng, nodes=7, arcs=13, **options):
    """A lattice whose numbers of nodes say nothing about their order."""
    names = rng.permutation(101)[:nodes].tolist()
    places = [(i, i + 1) for i in range(nodes - 1)]
    places += [sorted(rng.choice(nodes, 2, replace=False)) for _ in range(arcs - nodes + 1)]
    words = ["a", "b", "c", None, "!NULL"]
    found = [
        Arc(names[i], names[j], words[rng.integers(5)], *rng.integers(-9, 0, 2).astype(float))
        for i, j in places
    ]
    found = [found[i] for i in rng.permutation(len(found))]
    return Lattice("random", found, **options)


def paths(lattice):
    """All paths: their words, acoustic and language scores, and total."""
    ways, found = [((), lattice.start)], []
    while ways:
        way, node = ways.pop()
        if node == lattice.end:
            words = tuple(arc.word for arc in way if arc.word not in (None, "!NULL"))
            acoustic, language = sum(a.acoustic for a in way), sum(a.language for a in way)
            total = lattice.acoustic_scale * acoustic + lattice.lm_scale * language
            found.append((words, acoustic, language, total + lattice.word_penalty * len(words)))
        ways += [((*way, arc), arc.end) for arc in lattice.arcs if arc.start == node]
    return found


@pytest.mark.parametrize("seed", range(29))
def test_nbest_against_all_paths(seed):
    rng = np.random.default_rng(seed)
    lattice = random_lattice(rng, acoustic_scale=0.5, lm_scale=1.3, word_penalty=-0.7)
    wanted = sorted((path[3] for path in paths(lattice)), reverse=True)
    texts = {}
    for path in paths(lattice):
        texts[path[0]] = max(path[3], texts.get(path[0], -math.inf))
    for size in (1, 5, 1009):
        for distinct, scores in ((False, wanted), (True, sorted(texts.values(), reverse=True))):
            found = lattice.nbest(size, distinct).hypotheses
            totals = [
                0.5 * each.acoustic + 1.3 * each.language - 0.7 * len(each.words) for each in found
            ]
            np.testing.assert_allclose(totals, scores[:size])
            assert not distinct or len({each.words for each in found}) == len(found)
            for each, total in zip(found, totals, strict=True):
                assert any(
                    path[:3] == (each.words, each.acoustic, each.language)
                    and path[3] == pytest.approx(total)
                    for path in paths(lattice)
                )


@pytest.mark.parametrize("seed", range(29))
def test_oracle_against_all_paths(seed, edits):
    rng = np.random.default_rng(seed)
    lattice = random_lattice(rng, nodes=6, arcs=11)
    texts = {path[0] for path in paths(lattice)}
    for length in (0, 1, 3, 7):
        reference = rng.choice(["a", "b", "c", "d"], length).tolist()
        words, errors = lattice.oracle(reference)
        assert words in texts
        assert errors == edits(words, reference) == min(edits(t, reference) for t in texts)


def test_a_large_lattice_is_no_matter():
    """2 to the power of 200 paths."""
    arcs = [
        Arc(i, i + 1, word, score) for i in range(200) for word, score in (("a", -1), ("b", -2))
    ]
    lattice = Lattice("large", arcs)
    found = lattice.nbest(150).hypotheses
    assert [h.acoustic for h in found] == [-200.0] + [-201.0] * 149
    assert lattice.oracle(["b"] * 200) == (("b",) * 200, 0)


FILE = """# A comment.
VERSION=1.0
UTTERANCE=call-1
lmname="a name with spaces" lmscale=2.0 wdpenalty=-0.5
base=10 acscale=0.5
N=5 L=6
I=0 t=0.00
I=1 t=0.25 W=!NULL
I=2 t=0.50 W="two words"
I=3 t=0.75 W=caf\\303\\251
I=4 t=1.00
J=0 S=0 E=1 a=-10 l=-1
J=1 S=1 E=2 a=-20.5 l=-2 v=1 d=:x,1.0:
J=2 S=1 E=3 W=other a=-30 l=-3
J=3 S=2 E=4 W=end
J=4 S=3 E=4 W='it\\'s' l=-0.25
J=5 START=1 END=4 WORD=short acoustic=-60 language=-1e-1
"""


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_of_all_that_the_format_has(tmp_path, pack):
    path = tmp_path / "any.name"
    path.write_bytes(pack(FILE.replace("\n", "\r\n").encode()))
    lattice = read_slf(path)
    assert lattice.utterance == "call-1"
    assert lattice.times == {0: 0.0, 1: 0.25, 2: 0.5, 3: 0.75, 4: 1.0}
    assert (lattice.start, lattice.end) == (0, 4)
    found = {h.words: h for h in lattice.nbest(10).hypotheses}
    assert set(found) == {("two words", "end"), ("other", "it's"), ("short",)}
    ten = math.log(10)
    assert found["two words", "end"].acoustic == pytest.approx(-30.5 * ten)
    assert found["other", "it's"].language == pytest.approx(-4.25 * ten)
    # In base 10: 0.5 * -30.5 + 2 * -3 - 1, 0.5 * -40 + 2 * -4.25 - 1, 0.5 * -70 + 2 * -1.1 - 0.5.
    assert lattice.nbest(1).first_best == ("two words", "end")
    words = [h.words[0] for h in lattice.nbest(3).hypotheses]
    assert words == ["two words", "other", "short"]
    assert lattice.word_penalty == pytest.approx(-0.5 * ten)


def test_words_on_nodes_and_the_first_one_is_said_too(tmp_path):
    path = tmp_path / "call-2.lat.gz"
    lines = ["N=4 L=4", "I=0 W=well", "I=1 W=yes", "I=2 W=no", "I=3 W=!NULL"]
    lines += ["J=0 S=0 E=1 a=-1", "J=1 S=0 E=2 a=-2", "J=2 S=1 E=3", "J=3 S=2 E=3"]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    lattice = read_slf(path)
    assert lattice.utterance == "call-2"
    assert [h.words for h in lattice.nbest(9).hypotheses] == [("well", "yes"), ("well", "no")]
    assert lattice.oracle("well no") == (("well", "no"), 0)


def test_octal_escapes_and_scores_that_are_no_logarithms(tmp_path):
    path = tmp_path / "x.slf"
    path.write_text(
        "base=0\nstart=0 end=1\nI=0\nI=1\nI=2\nJ=0 S=0 E=1 W=a\\040b a=0.25 l=0\nJ=1 S=0 E=2\n"
    )
    (found,) = read_slf(path).nbest(2).hypotheses
    assert found.words == ("a b",) and found.language == -math.inf
    assert found.acoustic == pytest.approx(math.log(0.25))


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("J=3 S=2 E=4 W=end", "J=3 S=2 E=9", "line 15: expected a link between nodes of the file"),
        ("J=3 S=2 E=4", "J=3 S=2", "line 15: expected a link with S= and E="),
        ("J=3 S=2", "J=3 S=two", "line 15: expected a number behind S=. Received: 'two'"),
        ("a=-30", "a=x", "line 14: expected a number behind a=. Received: 'x'"),
        ("a=-30", "a=nan", "line 14: expected a number behind a="),
        ("a=-30", "-30", "line 14: expected `name=value` fields. Received: '-30"),
        ("I=3", "I=2", "line 10: expected a new node"),
        ("I=3", "I=3 L=sub", "line 10: expected a new node, no sub-lattice"),
        ("VERSION=1.0", "SUBLAT=x", "line 2: expected one lattice"),
        ("base=10", "base=-1", "line 5: expected one lattice, with a base"),
        ("base=10", "base=0", "line 12: expected probabilities, since base=0"),
        ("N=5", "N=6", "expected N=6, as its header says. Received: 5"),
        ("L=6", "L=7", "expected L=7, as its header says. Received: 6"),
        ("J=3 S=2 E=4", "J=3 S=2 E=1", "expected a lattice without cycles. Received: one at node"),
        ("J=0 S=0 E=1", "J=0 S=1 E=1", "expected"),
        ("J=3 S=2 E=4", "J=3 S=0 E=4", "expected one end node. Received: 2"),
        ("J=0 S=0 E=1", "J=0 S=0 E=4", "expected one start node. Received: 2"),
    ],
)
def test_broken_files_are_named(tmp_path, old, new, message):
    path = tmp_path / "broken.slf"
    assert old in FILE
    path.write_text(FILE.replace(old, new))
    with pytest.raises(ValueError, match=re.escape(f"{path}")) as error:
        read_slf(path)
    assert message in str(error.value)


def test_other_faults_of_files(tmp_path):
    path = tmp_path / "broken.slf"
    path.write_bytes(FILE.encode().replace(b"lmname", b"\xff"))
    with pytest.raises(ValueError, match="line 4: expected UTF-8. Received: the byte 0xff"):
        read_slf(path)
    path.write_bytes(gzip.compress(FILE.encode())[:-9])
    with pytest.raises(ValueError, match="a whole gzip file"):
        read_slf(path)
    with pytest.raises(ValueError, match="which is not there"):
        read_slf(tmp_path / "absent")


def test_lattices_that_are_none():
    with pytest.raises(ValueError, match="without cycles"):
        Lattice("x", [Arc(0, 1), Arc(1, 2), Arc(2, 1), Arc(2, 3)])
    with pytest.raises(ValueError, match="a path from node 1 to node 2. Received: none"):
        Lattice("x", [Arc(0, 1), Arc(0, 2)], start=1, end=2)
    with pytest.raises(ValueError, match="one start node. Received: 0"):
        Lattice("x", [])
    for size in (0, 2.5):
        with pytest.raises(ValueError, match=f"`size` to be an integer of .* Received: {size}"):
            Lattice("x", [Arc(0, 1)]).nbest(size)


def test_the_brute_force_counts_all_paths(edits):
    arcs = [Arc(i, i + 1, word) for i, word in itertools.product(range(3), "ab")]
    assert len(paths(Lattice("x", arcs))) == 8
    assert edits("kitten", "sitting") == 3
