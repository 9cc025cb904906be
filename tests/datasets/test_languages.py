"""The languages data set against hand-written names and Babel's own tables."""

import hashlib
import importlib.metadata
import itertools
import os
import pathlib
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict

import pytest
import tensorflow_datasets as tfds
from babel import Locale

from kerasrnn.datasets.embedded import languages
from kerasrnn.datasets.embedded.languages import LANGUAGES, LanguageExample

WRITTEN = [
    ("ar", "territories", "DE", "ألمانيا"),
    ("bg", "territories", "DE", "Германия"),
    ("cs", "territories", "DE", "Německo"),
    ("de", "territories", "DE", "Deutschland"),
    ("el", "territories", "DE", "Γερμανία"),
    ("en", "territories", "DE", "Germany"),
    ("fi", "territories", "FR", "Ranska"),
    ("fr", "languages", "sv", "suédois"),
    ("hu", "territories", "DE", "Németország"),
    ("ru", "languages", "sv", "шведский"),
    ("tr", "languages", "sv", "İsveççe"),
    ("en", "currencies", "US", "US Dollar"),
    ("es", "currencies", "US", "dólar estadounidense"),
    ("sv", "currencies", "SE", "svensk krona"),
    ("en", "scripts", "Cyrl", "Cyrillic"),
    ("de", "scripts", "Cyrl", "Kyrillisch"),
    ("en", "zones", "Japan", "Japan Time"),
    ("en", "zones", "Japan", "Japan Standard Time"),
    ("de", "zones", "Japan", "Japanische Zeit"),
    ("fr", "units", "mass-kilogram", "kilogrammes"),
    ("pl", "units", "mass-kilogram", "kilogramy"),
]

# Uses locales that are known to spoil others' names in Babel, in another order, then prints what
# was generated.
DIGEST = """
import hashlib
from babel import Locale
from babel.dates import get_day_names, get_month_names
from kerasrnn.datasets import languages
for code in ("root", "he", "sw", *reversed(languages.LANGUAGES)):
    locale = Locale.parse(code)
    for names in (get_day_names, get_month_names):
        for width in ("abbreviated", "wide"):
            for context in ("format", "stand-alone"):
                list(names(width, context, locale).values())
    for table in (locale.meta_zones, locale.unit_display_names):
        [list(names.values()) for names in table.values()]
    if code in languages.LANGUAGES:
        languages.language_names(code)
splits = languages.language_examples()
lines = ("\\t".join((split, *example)) for split in splits for example in splits[split])
print(hashlib.sha256("\\n".join(lines).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def splits():
    return languages.language_examples()


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    builder = tfds.builder("kerasrnn_languages", data_dir=tmp_path_factory.mktemp("tfds"))
    builder.download_and_prepare()
    return builder


def normal(text):
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def entries(language):
    """Every name that Babel has in its plain tables, in the order of `SECTIONS`."""
    locale = Locale.parse(language)
    for section in languages.SECTIONS:
        if section not in ("zones", "units"):
            for key, name in sorted(getattr(locale, section).items()):
                yield section, key, " ".join(name.split())


def alphabet(text):
    return {unicodedata.name(char).split()[0] for char in text if char.isalpha()}


@pytest.mark.slow
def test_prepared_data_are_the_examples(builder, splits):
    names = builder.info.features["language"].names
    assert names == list(LANGUAGES)
    assert builder.info.supervised_keys == ("text", "language")
    data_dir = builder.data_path.parents[1]
    loaded = tfds.load("kerasrnn_languages", data_dir=data_dir, download=False)
    read_back = {
        split: sorted((row["text"].decode(), names[row["language"]]) for row in tfds.as_numpy(rows))
        for split, rows in loaded.items()
    }
    assert read_back == {split: sorted(map(tuple, splits[split])) for split in splits}


def test_metadata_of_the_prepared_data_names_its_source(builder):
    read_back = tfds.builder_from_directory(builder.data_path).info.metadata
    assert read_back["babel_version"] == importlib.metadata.version("babel")
    assert re.fullmatch(r"\d+(\.\d+)*", read_back["cldr_version"])


def test_every_split_is_balanced_over_its_languages(splits):
    assert len(LANGUAGES) >= 20
    for split, size in {"train": 846, "validation": 77, "test": 77}.items():
        assert Counter(example.language for example in splits[split]) == dict.fromkeys(
            LANGUAGES, size
        )


def test_most_languages_share_their_alphabet(splits):
    letters = defaultdict(Counter)
    for example in splits["train"]:
        letters[example.language].update(alphabet(example.text))
    main = Counter(counts.most_common(1)[0][0] for counts in letters.values())
    assert main["LATIN"] >= 10
    assert main["CYRILLIC"] >= 4
    assert sum(main[name] for name in main if main[name] > 1) >= 20


def test_no_name_comes_twice(splits):
    names = [normal(example.text) for example in itertools.chain(*splits.values())]
    assert len(set(names)) == len(names)


def test_no_name_is_another_languages(splits):
    owners = defaultdict(set)
    for language in LANGUAGES:
        for _, key, name in entries(language):
            if name != key:
                owners[normal(name)].add(language)
    for example in itertools.chain(*splits.values()):
        found = owners.get(normal(example.text), {example.language})
        assert found == {example.language}, example
    shared = sum(len(found) > 1 for found in owners.values())
    assert shared > 1_000


def test_names_of_one_key_are_in_one_split(splits):
    split_of = {example: split for split in splits for example in splits[split]}
    several = 0
    for language in LANGUAGES:
        of_group, seen = defaultdict(set), set()
        for section, key, name in entries(language):
            group = key[:2] if section == "currencies" else key.split("_")[0]
            split = split_of.get(LanguageExample(name, language))
            if split and name not in seen:
                of_group[section, group].add((split, name))
            seen.add(name)
        for members in of_group.values():
            several += len(members) > 1
            assert len({split for split, _ in members}) == 1, members
    assert several > 1_000


def test_names_that_differ_in_brackets_and_numbers_are_in_one_split(splits):
    split_of = defaultdict(set)
    for split in splits:
        for text, language in splits[split]:
            plain = re.sub(r"\([^()]*\)", "", text)
            words = re.findall(r"[^\W\d]+", plain) if alphabet(plain) <= {"LATIN"} else [plain]
            split_of[language, normal(" ".join(words))].add(split)
    assert all(len(found) == 1 for found in split_of.values())
    assert len(split_of) < sum(map(len, splits.values())) - 100


@pytest.mark.parametrize(("language", "section", "group", "name"), WRITTEN)
def test_names_are_those_of_the_language(language, section, group, name):
    assert name in languages.language_names(language)[section, group]


def test_names_of_a_language_come_once():
    names = list(itertools.chain(*languages.language_names("es").values()))
    assert len(set(map(normal, names))) == len(names)


def test_short_names_are_left_out(splits):
    assert "Saksa" not in itertools.chain(*languages.language_names("fi").values())
    for text, _ in itertools.chain(*splits.values()):
        assert len(text) >= 6


def test_a_missing_name_is_no_name(monkeypatch):
    locale = Locale.parse("sl")
    monkeypatch.setitem(locale.territories, "XY", "XY")
    monkeypatch.setitem(locale.territories, "XZ", "Izmišljena dežela")
    names = languages.language_names("sl")
    assert ("territories", "XY") not in names
    assert names["territories", "XZ"] == ["Izmišljena dežela"]


def test_names_are_unambiguous_whatever_their_case_and_composition(monkeypatch):
    monkeypatch.setitem(Locale.parse("fi").territories, "XZ", "LOMBARDI\u0301A \u00a0Ü")
    monkeypatch.setitem(Locale.parse("sl").territories, "XY", "Lombard\u00eda U\u0308")
    monkeypatch.setitem(Locale.parse("sl").territories, "XZ", "Lombard\u00ada\u200e Ž")
    names = languages.unambiguous_names(["fi", "sl"])
    assert ("territories", "XZ") not in names["fi"]
    assert ("territories", "XY") not in names["sl"]
    assert names["sl"]["territories", "XZ"] == ["Lombarda Ž"]


@pytest.mark.slow
def test_another_process_generates_the_same_whatever_babel_did_before(splits):
    lines = ("\t".join((split, *example)) for split in splits for example in splits[split])
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    other = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=pathlib.Path(languages.__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.split() == [digest]


def test_seed_decides_the_splits(splits, monkeypatch):
    monkeypatch.setattr(languages, "unambiguous_names", lambda: {"fi": finnish})
    finnish = languages.language_names("fi")
    first, again, other = (languages.language_examples(seed)["test"] for seed in (1, 1, 2))
    assert first == again
    assert set(first) != set(other)


def test_names_of_languages_are_the_last_choice(splits):
    """They fill what the other sections leave."""
    taken = {example.text for rows in splits.values() for example in rows}
    places = {True: set(), False: set()}
    for (section, _), names in languages.unambiguous_names()["lt"].items():
        places[not taken.isdisjoint(names)].add(languages.SECTIONS.index(section))
    assert max(places[True]) <= min(places[False])
    assert languages.SECTIONS[max(places[False])] == "languages"


def test_texts_hold_no_invisible_marks_nor_odd_spaces(splits):
    for text, _ in itertools.chain(*splits.values()):
        assert not re.search("[\u00ad\u200e\u200f\u00a0\u202f]", text)
        assert text == " ".join(text.split()) == unicodedata.normalize("NFC", text)
        assert alphabet(text)
