"""The words of a country: header synonyms, units, value lists and markers, read from its pack."""

import csv
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Final

PACKS: Final = ("cn", "us", "osm")
"""Read together unless a profile names one: their words do not contradict each other."""

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_NOISE = re.compile(r"[\s、,;:/*_.·\"'“”]+")


def fold(text: str) -> str:
    """Text as two writers of one word agree on it: NFKC, lower case, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


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
    """

    headers: Mapping[tuple[str, str], str]
    sheets: tuple[tuple[str, str], ...]
    units: Mapping[str, Mapping[str, Decimal]]
    enums: Mapping[str, Mapping[str, str]]
    markers: Mapping[str, frozenset[str]]

    def field_of(self, contract: str, key: str) -> str | None:
        """The field a header key means in a contract; its own words come before the common ones."""
        return self.headers.get((contract, key)) or self.headers.get(("*", key))


@functools.cache
def load_pack(names: tuple[str, ...] = PACKS) -> Pack:
    """The joined vocabulary of packs; where two say something of one word, the first wins."""
    headers: dict[tuple[str, str], str] = {}
    for row in _rows(names, "header_synonym.csv"):
        parts = [header_key(part) for part in row["synonym"].split("/")]
        headers.setdefault((row["contract"], "/".join(parts)), row["field"])
    units: dict[str, dict[str, Decimal]] = {}
    for row in _rows(names, "unit.csv"):
        units.setdefault(row["unit"], {}).setdefault(fold(row["synonym"]), Decimal(row["factor"]))
    enums: dict[str, dict[str, str]] = {}
    for row in _rows(names, "enum_synonym.csv"):
        enums.setdefault(row["enum"], {}).setdefault(fold(row["synonym"]), row["value"])
    markers: dict[str, set[str]] = {}
    for row in _rows(names, "marker.csv"):
        markers.setdefault(row["marker"], set()).add(fold(row["text"]))
    return Pack(
        headers=headers,
        sheets=tuple(
            (row["contract"], fold(row["synonym"])) for row in _rows(names, "sheet_synonym.csv")
        ),
        units={
            unit: dict(sorted(found.items(), key=lambda item: -len(item[0])))
            for unit, found in units.items()
        },
        enums=enums,
        markers={kind: frozenset(texts) for kind, texts in markers.items()},
    )


def _rows(names: Iterable[str], file: str) -> Iterable[dict[str, str]]:
    for name in names:
        path = resources.files("assets") / "packs" / name / file
        if path.is_file():
            yield from csv.DictReader(path.read_text(encoding="utf-8").splitlines())
