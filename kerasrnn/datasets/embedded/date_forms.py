"""The forms that people of many languages write dates in, from Babel's CLDR data.

A form is one way to write a date in one language: a CLDR pattern, and the digits it is written
with.
"""

import datetime
import functools
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from babel import Locale
from babel.dates import get_day_names, get_era_names, get_month_names, parse_pattern

# One locale a language, because two of one language may disagree: 3/4 is March in en_US only.
EUROPEAN = "bg cs da de el en es fi fr hr hu it nb nl pl pt ro ru sv tr uk".split()
OTHERS = "ar bn fa he hi id ja ko mr th vi zh".split()
LOCALES = {code: code for code in EUROPEAN + OTHERS}
LOCALES.update(ar="ar_EG", en="en_US", pt="pt_BR")

# Digit zero of the numbering systems that dates are written with. Chinese `hanidec` is left out:
# digit for digit it gives `一二月` where people write `十二月`.
ZEROS = {"arab": "٠", "arabext": "۰", "beng": "০", "deva": "०", "thai": "๐"}
DIGITS = {name: {48 + n: ord(zero) + n for n in range(10)} for name, zero in ZEROS.items()}

# CLDR skeletons, each with the one to derive it from where a locale does not list it.
SKELETONS = {
    "yMd": None,
    "yMMdd": "yMd",
    "yMEd": None,
    "yMEEEEd": "yMEd",
    "yMMMd": None,
    "yMMMMd": "yMMMd",
    "yMMMEd": None,
    "yMMMEEEEd": "yMMMEd",
    "yMMMMEd": "yMMMEd",
    "yMMMMEEEEd": "yMMMMEd",
}
FIELDS = frozenset("y M MM MMM MMMM d dd E EEEE G".split())

# Short names that CLDR declares to be the wide ones. Babel resolves such references inside data
# that all locales share, so that earlier use of another locale can replace them (python-babel
# issue 1234). For the same reason stand-alone names (`ccc`, `cccc`) are never asked for.
WIDE_MONTHS = {"ar", "ja", "ko"}
WIDE_WEEKDAYS = {"ar", "fa"}


class DateForm(NamedTuple):
    """One way to write a date: `template` takes `date_fields` with the `%` operator."""

    language: str
    name: str
    template: str
    digits: str = "latn"
    coded: bool = False


def _plain(text: str) -> str:
    """Text without the direction marks and special spaces of CLDR, which nobody types."""
    return text.translate({0x200E: None, 0x200F: None, 0x00A0: " ", 0x202F: " "})


@functools.cache
def _names(language: str) -> tuple[dict, dict, str]:
    """The fields of each month (from 1) and of each weekday (Monday is 0), and the era."""
    locale = Locale.parse(LOCALES[language])
    wide = get_month_names("wide", locale=locale)
    short = wide if language in WIDE_MONTHS else get_month_names("abbreviated", locale=locale)
    months = {
        month: {"M": f"{month}", "MM": f"{month:02}", "MMM": _plain(short[month]), "MMMM": name}
        for month, name in wide.items()
    }
    wide = get_day_names("wide", locale=locale)
    short = wide if language in WIDE_WEEKDAYS else get_day_names("abbreviated", locale=locale)
    weekdays = {day: {"E": _plain(short[day]), "EEEE": name} for day, name in wide.items()}
    return months, weekdays, get_era_names("abbreviated", locale)[1]


def date_fields(language: str, day: datetime.date) -> dict[str, str]:
    """What each field of a CLDR date pattern says on one day in one language.

    Args:
        language: A key of `LOCALES`.
        day: The day, in the Gregorian calendar.

    Returns:
        A dictionary such as `{"d": "4", "dd": "04", "MMM": "Mar", "EEEE": "Thursday", ...}`.

    Example:

    >>> date_fields("fr", datetime.date(2021, 3, 4))["EEEE"]
    'jeudi'
    """
    months, weekdays, era = _names(language)
    numbers = {"y": str(day.year), "d": str(day.day), "dd": f"{day.day:02}", "G": era}
    return {**months[day.month], **weekdays[day.weekday()], **numbers}


def write_date(form: DateForm, fields: Mapping[str, str]) -> str:
    """A date as text.

    Args:
        form: The form to write it in.
        fields: The day's `date_fields` in the form's language.

    Returns:
        The text, in the form's digits, with the language's code where the form is `coded`.

    Example:

    >>> form = DateForm("fr", "yMd", "%(dd)s/%(MM)s/%(y)s", coded=True)
    >>> write_date(form, date_fields("fr", datetime.date(2021, 4, 3)))
    '03/04/2021 (fr)'
    """
    text = form.template % fields
    if form.digits != "latn":
        text = text.translate(DIGITS[form.digits])
    return f"{text} ({form.language})" if form.coded else text


def _widen(template: str, name: str) -> str:
    """A template with its fields as wide as a skeleton's, as TR35 adjusts a near match."""
    widths = {"yy": "y", "EEE": "E", "ccc": "E"}
    if "EEEE" in name:
        widths.update(E="EEEE", EEE="EEEE", ccc="EEEE")
    if "MMMM" in name:
        widths.update(MMM="MMMM")
    if "dd" in name:
        widths.update(M="MM", d="dd")
    return re.sub(r"%\((\w+)\)s", lambda m: f"%({widths.get(m[1], m[1])})s", template)


def language_forms(language: str) -> list[DateForm]:
    """Every form of one language that tells day, month and year, none of them twice.

    Args:
        language: A key of `LOCALES`.

    Returns:
        The forms, first those with Latin digits.

    Example:

    >>> language_forms("fr")[0].template
    '%(EEEE)s %(d)s %(MMMM)s %(y)s'
    """
    locale = Locale.parse(LOCALES[language])
    patterns: dict[str, Any] = dict(locale.date_formats)
    for name, nearest in SKELETONS.items():
        if name in locale.datetime_skeletons or nearest in patterns:
            patterns[name] = locale.datetime_skeletons.get(name, patterns.get(nearest))
    names: dict[str, str] = {}
    for name, pattern in patterns.items():
        template = _widen(_plain(str(parse_pattern(pattern).format)), name)
        fields = re.findall(r"%\((\w+)\)s", template)
        if {field[0] for field in fields} >= set("yMd") and FIELDS.issuperset(fields):
            names.setdefault(template, name)
    own = locale.other_numbering_systems.get("native")
    digits = ["latn", own] if own in DIGITS else ["latn"]
    return [DateForm(language, names[t], t, d) for d in digits for t in names]
