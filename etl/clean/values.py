"""Read one cell: pure functions over distinct values, each returning what it had to repair."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from etl.pack import fold

_THOUSANDS = re.compile(r"^([+-]?\d{1,3})((?:,\d{3})+)(\.\d+)?(?=\D|$)")
_NUMBER = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)$", re.IGNORECASE)
# NFKC turns the double prime of seconds into two primes.
_DMS = re.compile(
    r"^(\d{1,3})[°度](\d{1,2})['′分](?:(\d{1,2}(?:\.\d+)?)(?:[\"″秒]|′′|'')?)?[nesw东西南北]?$"
)
_YEAR = re.compile(r"^((?:18|19|20)\d\d)(?:年|\.0)?$")
_DECADE = re.compile(r"^(?:(\d\d))?(\d0)年代$")
_DATE = re.compile(r"^((?:18|19|20)\d\d)[-./年](\d{1,2})(?:[-./月](\d{1,2})日?)?月?(?:\s.*|t.*)?$")
_COMPACT_DATE = re.compile(r"^((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
_SERIAL: Final = range(7305, 73051)
"""Excel day numbers of 1920 to 2099; as a year or date cell nothing else is so large."""
_SERIAL_ORIGIN: Final = dt.date(1899, 12, 30)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\ufeff]")
_LARGEST: Final = Decimal("999999999999")


@dataclass(frozen=True)
class Read:
    """What a cell says.

    Args:
        value: The value as its type; null when the cell says nothing or nothing readable.
        rule: The repair that was needed, or what is wrong; null for a clean cell.
    """

    value: Any = None
    rule: str | None = None


def is_blank(value: Any, blanks: frozenset[str]) -> bool:
    """Whether a cell is empty or holds one of the marks people put for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and (not value.strip() or fold(value) in blanks)


def plain_text(value: Any) -> str:
    """A cell as text: whole numbers without `.0`, dates as ISO, no control characters."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return re.sub(r"[ \t\r\n\u3000]+", " ", _CONTROL.sub("", str(value))).strip()


def read_number(
    value: Any, *, factor: Decimal, units: Mapping[str, Decimal], about: frozenset[str]
) -> Read:
    """A number in the column's unit.

    Args:
        value: Cell; not blank.
        factor: What the header's unit multiplies a bare number by.
        units: Folded unit synonyms to exact factors; a unit in the cell overrules the header.
        about: Folded words for "about".
    """
    if isinstance(value, bool):
        return Read(None, "number.unreadable")
    if isinstance(value, int | float):
        return _bounded(Decimal(repr(value)) * factor, None)
    text = fold(plain_text(value))
    rule = None if text == str(value).strip().casefold() else "number.full_width"
    for word in about:
        if text.startswith(word) or text.endswith(word):
            text, rule = text.removeprefix(word).removesuffix(word), "number.about"
    if match := _THOUSANDS.match(text):
        plain = match[1] + match[2].replace(",", "") + (match[3] or "")
        text, rule = plain + text[match.end() :], rule or "number.thousands"
    if degrees := _DMS.match(text):
        whole = Decimal(degrees[1]) + Decimal(degrees[2]) / 60 + Decimal(degrees[3] or 0) / 3600
        return Read(round(whole, 9), "number.degrees")
    match = _NUMBER.match(text)
    if not match:
        return Read(None, "number.unreadable")
    number, unit = Decimal(match[1]), match[2]
    if not unit:
        return _bounded(number * factor, rule)
    if unit not in units:
        return Read(None, "number.unknown_unit")
    return _bounded(number * units[unit], rule or "number.unit_in_cell")


def _bounded(number: Decimal, rule: str | None) -> Read:
    if not number.is_finite() or abs(number) > _LARGEST:
        return Read(None, "number.too_large")
    return Read(number, rule)


def read_integer(value: Any, *, units: Mapping[str, Decimal], about: frozenset[str]) -> Read:
    """A whole number; a fraction is unreadable, for half a person is a mistake."""
    found = read_number(value, factor=Decimal(1), units=units, about=about)
    if found.value is None:
        return found
    if found.value != found.value.to_integral_value():
        return Read(None, "number.not_whole")
    return Read(int(found.value), found.rule)


def read_year(value: Any, *, about: frozenset[str]) -> Read:
    """A year; decades and "about" are taken with a warning, serial day numbers understood."""
    if isinstance(value, dt.date):
        return Read(value.year)
    text = fold(plain_text(value))
    rule = None
    for word in about:
        if text.startswith(word) or text.endswith(word):
            text, rule = text.removeprefix(word).removesuffix(word), "year.about"
    if match := _YEAR.match(text):
        return Read(int(match[1]), rule)
    if decade := _DECADE.match(text):
        return Read(int((decade[1] or "19") + decade[2]), "year.decade")
    found = read_date(value)
    if found.value is not None:
        return Read(found.value.year, rule or "year.from_date")
    return Read(None, "year.unreadable")


def read_date(value: Any) -> Read:
    """A date; a month without a day is its first, a serial day number is understood."""
    if isinstance(value, dt.datetime):
        return Read(value.date())
    if isinstance(value, dt.date):
        return Read(value)
    text = unicodedata.normalize("NFKC", plain_text(value)).casefold()
    try:
        if match := _COMPACT_DATE.match(text):
            return Read(dt.date(int(match[1]), int(match[2]), int(match[3])))
        if match := _DATE.match(text):
            day = int(match[3] or 1)
            rule = None if match[3] else "date.no_day"
            return Read(dt.date(int(match[1]), int(match[2]), day), rule)
        if match := _YEAR.match(text):
            return Read(dt.date(int(match[1]), 1, 1), "date.no_day")
        serial = Decimal(text)
        if serial.is_finite() and int(serial) in _SERIAL:
            return Read(_SERIAL_ORIGIN + dt.timedelta(days=int(serial)), "date.serial")
    except (ValueError, InvalidOperation):
        pass
    return Read(None, "date.unreadable")


def read_code(value: Any) -> Read:
    """A code as text, upper case, without spaces; digits Excel made a number become text."""
    if isinstance(value, float) and abs(value) >= 1e15:
        return Read(None, "code.scientific")
    text = unicodedata.normalize("NFKC", plain_text(value))
    packed = re.sub(r"\s+", "", text).upper()
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", packed):
        return Read(None, "code.scientific")
    if re.fullmatch(r"\d+\.0+", packed):
        return Read(packed.split(".")[0], "code.number")
    return Read(packed, None if packed == text.upper() else "code.spaces")


def read_boolean(value: Any, *, yes: frozenset[str], no: frozenset[str]) -> Read:
    """Yes or no in any of the marks people use."""
    if isinstance(value, bool):
        return Read(value)
    text = fold(plain_text(value))
    if text in yes:
        return Read(value=True)
    if text in no:
        return Read(value=False)
    return Read(None, "boolean.unreadable")


def read_enum(value: Any, *, synonyms: Mapping[str, str]) -> Read:
    """The canonical value of a list; an unknown word is kept as text elsewhere, never guessed."""
    text = fold(plain_text(value))
    found = synonyms.get(text)
    if found is None and text in {known.casefold() for known in synonyms.values()}:
        found = next(known for known in synonyms.values() if known.casefold() == text)
    return Read(found, None if found is not None else "enum.unknown")
