"""The data set `kerasrnn_languages`: names of many languages, to the language's code, offline."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import babel
import tensorflow_datasets as tfds
from babel import Locale
from babel.core import get_cldr_version

# 15 that write Latin, 4 Cyrillic, 2 Arabic, and 5 that an alphabet gives away. Near relatives
# with most words in common (Danish and Norwegian, Serbian and Macedonian) have too few names.
LANGUAGES = tuple(
    "ar bg cs de el en es eu fa fi fr he hi hu hy is ka kk lt pl ru sl sv tr uk vi".split()
)
# The names of languages come last: the small ones are called much the same everywhere. None of
# these holds a reference to other data, which Babel may resolve wrongly (python-babel issue 1234).
SECTIONS = ("territories", "currencies", "zones", "variants", "units", "scripts", "languages")
ZONE_FORMS = ("generic", "standard")
MIN_LETTERS = 6  # a shorter name hardly tells its language
SIZES = {"test": 77, "validation": 77, "train": 846}

# A section and the part of a CLDR key that names with something in common share.
Group = tuple[str, str]


class LanguageExample(NamedTuple):
    """A name and the code of the only language that writes it so."""

    text: str
    language: str


def _written(name: str) -> str:
    """A name composed (NFC), with plain spaces, without soft hyphens and direction marks."""
    return " ".join(re.sub("[\u00ad\u200e\u200f\u2066-\u2069]", "", _nfc(name)).split())


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _fold(text: str) -> str:
    return _nfc(text.casefold())


def _stem(name: str) -> str:
    """A name in lower case without what stands in brackets, numbers, punctuation and signs."""
    kept = (" " if unicodedata.category(c)[0] in "NPS" else c for c in re.sub(r"\(.*?\)", "", name))
    return _fold(" ".join("".join(kept).split()))


def _group(section: str, key: str) -> Group:
    """Puts together `zh_Hans` with `zh`, and the currencies of one country."""
    if section == "currencies":
        return section, key[:2]
    return section, key.split("_")[0] if section == "languages" else key


def _long(forms: Mapping[str, Any]) -> list[str]:
    """The long name of a unit; the long names of a time zone, in general and in winter."""
    long = forms.get("long", {})
    return [long] if isinstance(long, str) else [long[k] for k in ZONE_FORMS if k in long]


def _entries(language: str) -> Iterator[tuple[str, str, str]]:
    """Every section, key and name that CLDR has in one language, in the order of `SECTIONS`."""
    locale = Locale.parse(language)
    several = {"zones": locale.meta_zones, "units": locale.unit_display_names}
    for section in SECTIONS:
        table = several.get(section) or getattr(locale, section)
        for key in sorted(table):
            for name in _long(table[key]) if section in several else [table[key]]:
                if name != key:
                    yield section, key, _written(name)


def language_names(language: str) -> dict[Group, list[str]]:
    """The names of territories, currencies, time zones, units, … in one language.

    Args:
        language: One of `LANGUAGES`.

    Returns:
        The names of six letters or more by what they belong to, none of them twice. Names that
        are the same but for what stands in brackets are in the same group.

    Example:

    >>> language_names("fr")["territories", "DE"]
    ['Allemagne']
    >>> language_names("en")["currencies", "DE"]
    ['German Mark']
    """
    groups: dict[Group, list[str]] = defaultdict(list)
    seen: set[str] = set()
    group_of: dict[str, Group] = {}
    for section, key, name in _entries(language):
        stem, group = _stem(name), _group(section, key)
        # A stem that several groups have stays with the first.
        first = group_of.setdefault(stem, group)
        enough = min(len(stem), len(name)) >= MIN_LETTERS  # `İ` in lower case counts as two
        if enough and _fold(name) not in seen and first == group:
            seen.add(_fold(name))
            groups[group].append(name)
    return dict(groups)


def unambiguous_names(languages: Iterable[str] = LANGUAGES) -> dict[str, dict[Group, list[str]]]:
    """The names of each language that none of the others has, in whatever case.

    Args:
        languages: Codes of `LANGUAGES`.

    Returns:
        `language_names` of every language without the names that two of them share.

    Example:

    >>> names = unambiguous_names(["de", "sv"])
    >>> ("territories", "DE") in names["de"], ("territories", "PT") in names["de"]
    (True, False)
    """
    languages = list(languages)
    # Also the names that `language_names` leaves out.
    counts = Counter(
        name
        for language in languages
        for name in {_fold(name) for _, _, name in _entries(language)}
    )
    unique: dict[str, dict[Group, list[str]]] = {}
    for language in languages:
        kept = {
            group: [name for name in members if counts[_fold(name)] == 1]
            for group, members in language_names(language).items()
        }
        unique[language] = {group: members for group, members in kept.items() if members}
    return unique


def _fill(groups: Mapping[Group, list[str]], order: Iterable[Group], room: int) -> list[Group]:
    """Takes whole groups in order, as long as their names fit."""
    taken = []
    for group in order:
        if len(groups[group]) <= room:
            room -= len(groups[group])
            taken.append(group)
    return taken


def language_examples(seed: int = 1) -> dict[str, list[LanguageExample]]:
    """Up to 1,000 names of each language; names of one group are all in the same split.

    Args:
        seed: Decides which names are taken where a language has more, and for which split.

    Returns:
        The examples of `"train"`, `"validation"` and `"test"`.

    Example:

    >>> examples = language_examples()
    >>> len(examples["train"]) > 20_000, examples["test"][0].language
    (True, 'ar')
    """
    splits: dict[str, list[LanguageExample]] = {split: [] for split in SIZES}
    # Python promises the same numbers in every version for `random` alone, not for `shuffle`.
    generator = random.Random(seed)
    for language, groups in unambiguous_names().items():
        order = sorted(sorted(groups), key=lambda _: generator.random())
        by_section = sorted(order, key=lambda group: SECTIONS.index(group[0]))
        chosen = set(_fill(groups, by_section, sum(SIZES.values())))
        order = [group for group in order if group in chosen]
        for split, size in SIZES.items():
            filled = set(_fill(groups, order, size))
            order = [group for group in order if group not in filled]
            splits[split] += [
                LanguageExample(name, language)
                for group, names in groups.items()
                if group in filled
                for name in names
            ]
    return splits


class KerasrnnLanguages(tfds.core.GeneratorBasedBuilder):
    """Names and the language they are written in, `kerasrnn_languages`, without a download.

    No name is written the same in two of the languages. Importing this module registers the data
    set.

    Example:

    >>> tfds.load("kerasrnn_languages", split="train", as_supervised=True)  # doctest: +SKIP
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": f"{len(LANGUAGES)} languages, 1,000 names each."}

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Names of territories, currencies, time zones, units, scripts and languages in "
                f"{len(LANGUAGES)} languages, from the Unicode CLDR, and the code of the language. "
                "A name that two of the languages share is left out."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "language": tfds.features.ClassLabel(names=LANGUAGES),
                }
            ),
            supervised_keys=("text", "language"),
            homepage="https://cldr.unicode.org",
            metadata=tfds.core.MetadataDict(
                babel_version=babel.__version__, cldr_version=get_cldr_version()
            ),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        return {
            split: self._generate_examples(examples)
            for split, examples in language_examples().items()
        }

    def _generate_examples(
        self, examples: Iterable[LanguageExample]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        for example in examples:
            yield example.text, example._asdict()
