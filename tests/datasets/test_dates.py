"""The dates data set against hand-written dates, Babel's own formatter, and a decoder."""

import calendar
import datetime
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
from babel.dates import format_date

from kerasrnn.datasets.embedded import date_forms, dates
from kerasrnn.datasets.embedded.date_forms import (
    LOCALES,
    DateForm,
    date_fields,
    language_forms,
    write_date,
)

SIZES = {"train": 52_000, "validation": 4_000, "test": 4_000}
MARCH_4 = datetime.date(2021, 3, 4)  # a Thursday
NATIVE_DIGITS = {"ar", "bn", "fa", "hi", "mr", "th"}

WRITTEN = [
    ("ar", "الخميس، ٤ مارس ٢٠٢١"),
    ("ar", "4 مارس 2021"),
    ("ar", "٠٤/٠٣/٢٠٢١"),
    ("bg", "четвъртък, 4 март 2021 г."),
    ("bn", "৪ মার্চ, ২০২১"),
    ("cs", "čtvrtek 4. března 2021"),
    ("cs", "04.03.2021"),
    ("da", "torsdag den 4. marts 2021"),
    ("de", "Donnerstag, 4. März 2021"),
    ("de", "4. März 2021"),
    ("de", "04.03.2021"),
    ("el", "Πέμπτη 4 Μαρτίου 2021"),
    ("en", "Thursday, March 4, 2021"),
    ("en", "Mar 4, 2021"),
    ("en", "3/4/2021 (en)"),
    ("en", "Thu, 3/4/2021"),
    ("es", "jueves, 4 de marzo de 2021"),
    ("fa", "۴ مارس ۲۰۲۱"),
    ("fi", "4. maaliskuuta 2021"),
    ("fr", "jeudi 4 mars 2021"),
    ("fr", "4 mars 2021"),
    ("fr", "04/03/2021 (fr)"),
    ("he", "4 במרץ 2021"),
    ("hi", "गुरुवार, ४ मार्च २०२१"),
    ("hr", "četvrtak, 4. ožujka 2021."),
    ("hu", "2021. március 4., csütörtök"),
    ("id", "Kamis, 4 Maret 2021"),
    ("it", "giovedì 4 marzo 2021"),
    ("ja", "2021年3月4日"),
    ("ja", "2021年3月4日木曜日"),
    ("ko", "2021년 3월 4일 목요일"),
    ("mr", "४ मार्च, २०२१"),
    ("nb", "torsdag 4. mars 2021"),
    ("nl", "donderdag 4 maart 2021"),
    ("pl", "czwartek, 4 marca 2021"),
    ("pt", "4 de março de 2021"),
    ("ro", "joi, 4 martie 2021"),
    ("ru", "4 марта 2021 г."),
    ("ru", "чт, 04.03.2021 г."),
    ("sv", "2021-03-04"),
    ("th", "วันพฤหัสบดีที่ ๔ มีนาคม ค.ศ. ๒๐๒๑"),
    ("tr", "4 Mart 2021 Perşembe"),
    ("uk", "четвер, 4 березня 2021 р."),
    ("vi", "Thứ Năm, 4 tháng 3, 2021"),
    ("zh", "2021年3月4日星期四"),
]

# Uses locales that are known to spoil others' names in Babel, then prints what was generated.
DIGEST = """
import hashlib, itertools
from babel import Locale
from babel.dates import get_day_names, get_month_names
for code in ("root", "he", "sw"):
    for names in (get_day_names, get_month_names):
        for width in ("abbreviated", "wide"):
            for context in ("format", "stand-alone"):
                list(names(width, context, Locale.parse(code)).values())
from kerasrnn.datasets.embedded.dates import date_examples
lines = ("\\t".join(example) for example in itertools.islice(date_examples(), 60_000))
print(hashlib.sha256("\\n".join(lines).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def builder(tmp_path_factory):
    builder = tfds.builder("kerasrnn_dates", data_dir=tmp_path_factory.mktemp("tfds"))
    builder.download_and_prepare()
    return builder


@pytest.fixture(scope="module")
def splits(builder):
    """What `tfds.load` reads back: lists of `(text, iso, language)` by the split's name."""
    data_dir = builder.data_path.parents[1]
    loaded = tfds.load("kerasrnn_dates", data_dir=data_dir, download=False)
    return {
        name: [
            tuple(row[key].decode() for key in ("text", "iso", "language"))
            for row in tfds.as_numpy(dataset)
        ]
        for name, dataset in loaded.items()
    }


@pytest.fixture(scope="module")
def forms():
    return dates.decidable_forms()


def days_of(year):
    first = datetime.date(year, 1, 1).toordinal()
    return [datetime.date.fromordinal(first + n) for n in range(365 + calendar.isleap(year))]


def latin_digits(text):
    return "".join(str(unicodedata.digit(char, char)) for char in text)


def read_date(text, language):
    """Decodes a text by Babel's names and the order of its numbers, without any pattern."""
    locale = Locale.parse(LOCALES[language])
    text = latin_digits(text.removesuffix(f" ({language})"))
    weekdays = {name for names in locale.days["format"].values() for name in names.values()}
    long_first = sorted((name for name in weekdays if len(name) > 1), key=len, reverse=True)
    text = text.removeprefix(next((name for name in long_first if text.startswith(name)), ""))
    text = text.removesuffix(next((name for name in long_first if text.endswith(name)), ""))
    months = {
        name: number
        for width in ("abbreviated", "wide")
        for number, name in locale.months["format"][width].items()
    }
    month = max((name for name in months if name in text), key=len, default="")
    numbers = re.findall(r"\d+", text.replace(month, " ", 1) if month else text)
    year = next(number for number in numbers if len(number) == 4)
    rest = [int(number) for number in numbers if number != year]
    if month:
        rest.append(months[month])
    elif numbers[0] == year or language == "en":
        rest.reverse()
    day, month_number = rest
    return datetime.date(int(year), month_number, day)


def test_sizes_and_info(builder, splits):
    assert {name: len(rows) for name, rows in splits.items()} == SIZES
    assert set(builder.info.features) == {"text", "iso", "language"}
    assert builder.info.supervised_keys == ("text", "iso")


def test_metadata_of_the_prepared_data_names_its_source(builder):
    read_back = tfds.builder_from_directory(builder.data_path).info.metadata
    assert read_back["babel_version"] == importlib.metadata.version("babel")
    assert re.fullmatch(r"\d+(\.\d+)*", read_back["cldr_version"])


def test_every_split_is_balanced_over_its_languages(splits):
    for rows in splits.values():
        counts = Counter(language for _, _, language in rows)
        assert len(counts) >= 20
        assert max(counts.values()) - min(counts.values()) <= 1


def test_forms_take_turns(splits):
    english = [text for text, _, language in splits["train"] if language == "en"]
    long = sum(bool(re.fullmatch(r"[A-Z][a-z]{2,} \d+, \d{4}", text)) for text in english)
    coded = sum(text.endswith("(en)") for text in english)
    weekday = sum(bool(re.match(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)", text)) for text in english)
    assert long == pytest.approx(0.2 * len(english), rel=0.02)
    assert coded == pytest.approx(0.2 * len(english), rel=0.02)
    assert weekday == pytest.approx(0.6 * len(english), rel=0.02)


def test_splits_share_neither_a_text_nor_a_date_of_a_language(splits):
    rows = list(itertools.chain.from_iterable(splits.values()))
    assert len({text for text, _, _ in rows}) == len(rows)
    assert len({(iso, language) for _, iso, language in rows}) == len(rows)


def test_iso_dates_are_valid_and_in_range(splits):
    for _, iso, _ in itertools.chain.from_iterable(splits.values()):
        day = datetime.date.fromisoformat(iso)
        assert day.isoformat() == iso
        assert 1900 <= day.year <= 2100


def test_range_is_covered_to_both_ends():
    days = sorted(example.iso for example in dates.date_examples())
    assert (days[0], days[-1], len(days)) == ("1900-01-01", "2100-12-31", 73_414)


@pytest.mark.slow
def test_another_process_generates_the_same_whatever_babel_did_before(splits):
    examples = list(itertools.islice(dates.date_examples(), 60_000))
    assert sorted(examples) == sorted(itertools.chain.from_iterable(splits.values()))
    digest = hashlib.sha256("\n".join(map("\t".join, examples)).encode()).hexdigest()
    other = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=pathlib.Path(dates.__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.split() == [digest]


def test_seed_decides_the_dates():
    first, again, other = (
        [example.iso for example in itertools.islice(dates.date_examples(seed), 50)]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("year", [1999, 2024, 2031])
def test_no_text_has_two_dates(forms, year):
    date_of = {}
    for form, day in itertools.product(forms, days_of(year)):
        text = write_date(form, date_fields(form.language, day))
        assert date_of.setdefault(text, day) == day, (text, form)


def test_texts_tell_the_year_by_their_only_four_digits(forms):
    """So that only days of the same year can be confused."""
    for form, year in itertools.product(forms, [1900, 1912, 2100]):
        for day in (datetime.date(year, 1, 1), datetime.date(year, 12, 31)):
            text = latin_digits(write_date(form, date_fields(form.language, day)))
            assert re.findall(r"\d{3,}", text) == [str(year)]


def test_forms_carry_their_code_where_they_would_have_two_dates_without_it(forms):
    dates_of = defaultdict(set)
    texts_of = defaultdict(list)
    for form, day in itertools.product(forms, days_of(2024)):
        text = write_date(form._replace(coded=False), date_fields(form.language, day))
        dates_of[text].add(day)
        texts_of[form].append(text)
    for form, texts in texts_of.items():
        assert form.coded == any(len(dates_of[text]) > 1 for text in texts), form


def test_croatian_and_polish_listopada_are_told_apart():
    """October in Croatian, November in Polish."""
    hr, pl, cs = (DateForm(code, "", "%(d)s %(MMMM)s %(y)s") for code in ("hr", "pl", "cs"))
    assert dates.ambiguous_forms([hr, pl, cs], days_of(2021)) == {hr, pl}
    assert dates.ambiguous_forms([hr, cs], days_of(2021)) == set()


def test_same_order_is_not_ambiguous_and_a_missing_month_is():
    fr, it = (DateForm(code, "", "%(dd)s/%(MM)s/%(y)s") for code in ("fr", "it"))
    assert dates.ambiguous_forms([fr, it], days_of(2020)) == set()
    monthless = DateForm("fr", "", "%(dd)s %(y)s")
    assert dates.ambiguous_forms([monthless], days_of(2020)) == {monthless}


@pytest.mark.parametrize(("language", "text"), WRITTEN)
def test_languages_write_the_fourth_of_march(forms, language, text):
    fields = date_fields(language, MARCH_4)
    assert text in {write_date(form, fields) for form in forms if form.language == language}


def test_forms_of_a_language_are_distinct_and_complete():
    for language in LOCALES:
        templates = [(form.template, form.digits) for form in language_forms(language)]
        assert len(set(templates)) == len(templates) >= 6


def test_a_skeleton_without_a_day_makes_no_form(monkeypatch):
    expected = language_forms("en")
    monkeypatch.setitem(date_forms.SKELETONS, "yMMM", None)
    assert "yMMM" in Locale.parse("en_US").datetime_skeletons
    assert language_forms("en") == expected


@pytest.mark.parametrize("language", LOCALES)
def test_babel_itself_writes_the_same(forms, language):
    own = [form for form in forms if form.language == language and not form.coded]
    marks = {0x200E: None, 0x200F: None, 0xA0: " ", 0x202F: " "}
    days = days_of(2023)[::5]
    for name in ("full", "long"):
        if (language, name) == ("fi", "full"):
            continue  # Babel takes the stand-alone weekday, which this data set never asks for
        for day in days:
            expected = format_date(day, name, LOCALES[language]).translate(marks)
            assert expected in {write_date(form, date_fields(language, day)) for form in own}


def test_a_decoder_recovers_the_dates(splits):
    for text, iso, language in splits["test"] + splits["train"][::7]:
        assert read_date(text, language).isoformat() == iso, (text, language)


def test_weekdays_are_those_of_the_dates(splits):
    names = {code: Locale.parse(code).days["format"]["wide"] for code in ("de", "pl", "zh")}
    seen = 0
    for text, iso, language in splits["train"]:
        for number, name in names.get(language, {}).items():
            if name in text:
                seen += 1
                assert datetime.date.fromisoformat(iso).weekday() == number
    assert seen > 1_000


def test_native_digits_alternate_with_latin_ones(splits):
    native = Counter()
    total = Counter()
    for text, _, language in splits["train"]:
        total[language] += 1
        digits = {char for char in text if char.isdigit()}
        native[language] += not any(char.isascii() for char in digits)
    for language in LOCALES:
        share = native[language] / total[language]
        assert share == pytest.approx(0.5 if language in NATIVE_DIGITS else 0, abs=0.02)


def test_texts_hold_no_invisible_marks_nor_odd_spaces(splits):
    for text, _, _ in itertools.chain.from_iterable(splits.values()):
        assert not re.search("[\u200e\u200f\u00a0\u202f]", text)
        assert text == " ".join(text.split())
