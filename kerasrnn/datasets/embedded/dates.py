"""The data set `kerasrnn_dates`: dates in many languages and forms, to ISO 8601, made offline."""

from __future__ import annotations

import calendar
import datetime
import functools
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import babel
import tensorflow_datasets as tfds
from babel.core import get_cldr_version

from kerasrnn.datasets.embedded.date_forms import (
    LOCALES,
    DateForm,
    date_fields,
    language_forms,
    write_date,
)

FIRST_DAY = datetime.date(1900, 1, 1)
LAST_DAY = datetime.date(2100, 12, 31)
SPLITS = {"train": 52_000, "validation": 4_000, "test": 4_000}


class DateExample(NamedTuple):
    """A written date, the same in ISO 8601, and the code of its language."""

    text: str
    iso: str
    language: str


def days_between(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """Every day from the first to the last, both included.

    Args:
        first: The first day.
        last: The last day.

    Returns:
        The days in order; none where the last day is before the first.

    Example:

    >>> len(days_between(datetime.date(2024, 2, 1), datetime.date(2024, 3, 1)))
    30
    """
    return [first + datetime.timedelta(n) for n in range((last - first).days + 1)]


def ambiguous_forms(forms: Iterable[DateForm], days: Sequence[datetime.date]) -> set[DateForm]:
    """The forms with a text that one of the forms writes for another day.

    Args:
        forms: The forms to compare, each with itself too.
        days: The days to write.

    Returns:
        The forms of every text that has two dates.

    Example:

    >>> forms = [DateForm("en", "", "%(M)s/%(d)s/%(y)s"), DateForm("fr", "", "%(d)s/%(M)s/%(y)s")]
    >>> len(ambiguous_forms(forms, [datetime.date(2021, 3, 4), datetime.date(2021, 4, 3)]))
    2
    """
    texts: dict[DateForm, list[str]] = {}
    day_of: dict[str, datetime.date] = {}
    clashing = set()
    fields = {form.language: [date_fields(form.language, day) for day in days] for form in forms}
    for form in forms:
        texts[form] = [write_date(form, of_day) for of_day in fields[form.language]]
        for text, day in zip(texts[form], days, strict=True):
            if day_of.setdefault(text, day) != day:
                clashing.add(text)
    return {form for form in texts if not clashing.isdisjoint(texts[form])}


@functools.cache
def decidable_forms() -> tuple[DateForm, ...]:
    """Every form of every language, those with its code that are ambiguous without it.

    A text has one year, in four digits, so that only days of the same year can be confused; and
    every year of the range has one of 14 calendars.

    Returns:
        The forms, language by language in the order of `LOCALES`.

    Example:

    >>> [form.name for form in decidable_forms() if form.language == "fr" and form.coded]
    ['short']
    """
    forms = [form for language in LOCALES for form in language_forms(language)]
    years = range(FIRST_DAY.year, LAST_DAY.year + 1)
    calendars = {(calendar.weekday(y, 1, 1), calendar.isleap(y)): y for y in years}
    ambiguous: set[DateForm] = set()
    for year in calendars.values():
        days = days_between(datetime.date(year, 1, 1), datetime.date(year, 12, 31))
        ambiguous |= ambiguous_forms(forms, days)
    return tuple(form._replace(coded=form in ambiguous) for form in forms)


def date_examples(seed: int = 1) -> Iterator[DateExample]:
    """Examples with a different date each, in turn over the languages and over their forms.

    No date comes twice, in whatever language, so that parts of the sequence share no text either.

    Args:
        seed: Decides which date comes when.

    Returns:
        An iterator over as many examples as there are days from 1900 to 2100, 73,414.

    Example:

    >>> next(date_examples()).language
    'bg'
    """
    forms = decidable_forms()
    by_language = [[form for form in forms if form.language == code] for code in LOCALES]
    # Python promises the same numbers in every version for `random` alone, not for `shuffle`.
    generator = random.Random(seed)
    days = sorted(days_between(FIRST_DAY, LAST_DAY), key=lambda _: generator.random())
    for number, day in enumerate(days):
        turn, place = divmod(number, len(by_language))
        form = by_language[place][turn % len(by_language[place])]
        text = write_date(form, date_fields(form.language, day))
        yield DateExample(text, day.isoformat(), form.language)


class KerasrnnDates(tfds.core.GeneratorBasedBuilder):
    """Written dates and the same in ISO 8601, `kerasrnn_dates`, generated without a download.

    Every text can be read in one way only; where the order of day and month depends on the
    language, it ends with the language's code. Importing this module registers the data set.

    Example:

    >>> tfds.load("kerasrnn_dates", split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": f"{len(LOCALES)} languages, 60,000 dates from 1900 to 2100."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                f"Gregorian dates from 1900 to 2100 as people write them in {len(LOCALES)} "
                "languages, made from the Unicode CLDR, and the same dates in ISO 8601. A text "
                "that could be two dates ends with its language's code: `03/04/2021 (fr)`."
            ),
            features=tfds.features.FeaturesDict(
                {name: tfds.features.Text() for name in DateExample._fields}
            ),
            supervised_keys=("text", "iso"),
            homepage="https://cldr.unicode.org",
            metadata=tfds.core.MetadataDict(
                babel_version=babel.__version__, cldr_version=get_cldr_version()
            ),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        examples = date_examples()
        return {
            name: self._generate_examples([next(examples) for _ in range(size)])
            for name, size in SPLITS.items()
        }

    def _generate_examples(
        self, examples: Iterable[DateExample]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for example in examples:
            yield example.iso, example._asdict()
