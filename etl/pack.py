"""The words of a country: header synonyms, units, value lists and markers, read from its pack."""

import csv
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Final

PACKS: Final = ("cn", "us", "osm", "sg", "onemap")
"""Read together unless a profile names one: their words do not contradict each other."""

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_NOISE = re.compile(r"[\s、,;:/*_.·\"'“”]+")


def fold(text: str) -> str:
    """Text as two writers of one word agree on it: NFKC, lower case, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


@functools.lru_cache(maxsize=8192)
def header_key(text: str) -> str:
    """A header without its bracketed notes, units, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", text)
    while (shorter := _BRACKETED.sub("", plain)) != plain:
        plain = shorter
    return _NOISE.sub("", plain).casefold()


@dataclass(frozen=True)
class Pack:
    """The vocabulary of one or more countries.

    Args:
        headers: (contract, header key path joined by "/") to field; contract `*` is any.
        sheets: (contract, folded sheet-name part) in file order.
        units: Unit to folded synonym to exact factor; synonyms longest first.
        enums: List name to folded synonym to canonical value.
        markers: Marker kind to its folded texts.
        origins: (contract, header key path) to the pack whose word it is.
        form_rules: (contract, rule) to the fields a country's form has the rule for, in the form's
            order, each with the rule's figure where it has one.
        defaults: (pack, name) to what that country's files mean when they do not say, such as
            their datum.
    """

    headers: Mapping[tuple[str, str], str]
    sheets: tuple[tuple[str, str], ...]
    units: Mapping[str, Mapping[str, Decimal]]
    enums: Mapping[str, Mapping[str, str]]
    markers: Mapping[str, frozenset[str]]
    origins: Mapping[tuple[str, str], str]
    form_rules: Mapping[tuple[str, str], Mapping[str, int | None]]
    defaults: Mapping[tuple[str, str], str]

    def default_of(self, contract: str, headers: Iterable[str], name: str) -> str | None:
        """What a file means when it does not say, by the pack that most of its headers are of."""
        packs = [self.origins.get((contract, header_key(header))) or "" for header in headers]
        most = max(set(packs), key=packs.count, default="")
        return self.defaults.get((most, name))

    def word_of(self, contract: str, field: str) -> str:
        """The first header that means a field in a contract; the field where none does.

        The contract's own words come before the common ones, and those before the initials by which
        layers name their columns.
        """
        named = [
            (key.isascii(), owner != contract, key)
            for (owner, key), one in self.headers.items()
            if one == field and owner in (contract, "*")
        ]
        return min(named, key=lambda word: word[:2], default=(True, True, field))[2]

    def words_of(self, contract: str, fields: Sequence[str]) -> tuple[str, ...]:
        """A word each for fields any of which will do; layers' initials only for want of others."""
        words = tuple(self.word_of(contract, field) for field in fields)
        return tuple(word for word in words if not word.isascii()) or words

    def field_of(self, contract: str, key: str) -> str | None:
        """The field a header key means in a contract; its own words come before the common ones."""
        return self.headers.get((contract, key)) or self.headers.get(("*", key))


@functools.cache
def load_pack(names: tuple[str, ...] = PACKS) -> Pack:
    """The joined vocabulary of packs; where two say something of one word, the first wins."""
    headers: dict[tuple[str, str], str] = {}
    origins: dict[tuple[str, str], str] = {}
    for name in names:
        for row in _rows((name,), "header_synonym.csv"):
            parts = [header_key(part) for part in row["synonym"].split("/")]
            key = (row["contract"], "/".join(parts))
            headers.setdefault(key, row["field"])
            origins.setdefault(key, name)
    units: dict[str, dict[str, Decimal]] = {}
    for row in _rows(names, "unit.csv"):
        units.setdefault(row["unit"], {}).setdefault(fold(row["synonym"]), Decimal(row["factor"]))
    enums: dict[str, dict[str, str]] = {}
    for row in _rows(names, "enum_synonym.csv"):
        enums.setdefault(row["enum"], {}).setdefault(fold(row["synonym"]), row["value"])
    for values in enums.values():
        # Our own files carry the values themselves.
        for value in set(values.values()):
            values.setdefault(fold(value), value)
    markers: dict[str, set[str]] = {}
    for row in _rows(names, "marker.csv"):
        markers.setdefault(row["marker"], set()).add(fold(row["text"]))
    form_rules: dict[tuple[str, str], dict[str, int | None]] = {}
    for row in _rows(names, "form_rule.csv"):
        figure = int(row["value"]) if row["value"] else None
        form_rules.setdefault((row["contract"], row["rule"]), {}).setdefault(row["field"], figure)
    return Pack(
        headers=headers,
        origins=origins,
        defaults={
            (name, row["name"]): row["value"]
            for name in names
            for row in _rows((name,), "default.csv")
        },
        sheets=tuple(
            (row["contract"], fold(row["synonym"])) for row in _rows(names, "sheet_synonym.csv")
        ),
        units={
            unit: dict(sorted(found.items(), key=lambda item: -len(item[0])))
            for unit, found in units.items()
        },
        enums=enums,
        form_rules=form_rules,
        markers={kind: frozenset(texts) for kind, texts in markers.items()},
    )


def _rows(names: Iterable[str], file: str) -> Iterable[dict[str, str]]:
    for name in names:
        path = resources.files("assets") / "packs" / name / file
        if path.is_file():
            yield from csv.DictReader(path.read_text(encoding="utf-8").splitlines())
