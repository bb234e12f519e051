"""Read one cell: pure functions over distinct values, each returning what it had to repair."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from etl.clean.dates import read_date, read_year
from etl.clean.numerals import leading_numeral
from etl.clean.read import Read, is_blank, plain_text, without_about
from etl.pack import fold

__all__ = [
    "Read",
    "is_blank",
    "plain_text",
    "read_boolean",
    "read_code",
    "read_date",
    "read_enum",
    "read_integer",
    "read_number",
    "read_year",
]

_THOUSANDS = re.compile(r"^([+-]?\d{1,3})((?:,\d{3})+)(\.\d+)?(?=\D|$)")
_NUMBER = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)$", re.IGNORECASE)
# NFKC turns the double prime of seconds into two primes.
_DMS = re.compile(
    r"^(\d{1,3})[°度](\d{1,2})['′分](?:(\d{1,2}(?:\.\d+)?)(?:[\"″秒]|′′|'')?)?[nesw东西南北]?$"
)
# Excel always writes the sign of the exponent; 3E12 may well be a room.
_SCIENTIFIC = re.compile(r"^(\d)(?:\.(\d+))?E\+(\d+)$")
_NOTE = re.compile(r"\([^()]*\)$")
_POINT = re.compile(r"(?<=\d)。(?=\d)")
_FULL_WIDTH = re.compile("[！-～￠-￦]")
_NOT_A_DIGIT = re.compile(r"^(?:¥|人民币|rmb|共计?|合计)|(?<=[元角分])整$")
_TENTHS = re.compile(r"^亩(?:([1-9](?:\.\d+)?|[一二两三四五六七八九])分)?"
                     r"(?:([1-9](?:\.\d+)?|[一二两三四五六七八九])厘)?$")  # fmt: skip
_BETWEEN_TERMS = re.compile(r"[/、,;+&]|及|和|兼")
_POWERS: Final = {
    "十": Decimal(10), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10_000),
    "亿": Decimal(100_000_000),
}  # fmt: skip
_LARGEST: Final = Decimal("999999999999")


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
    text, points = _POINT.subn(".", fold(plain_text(value)))
    rule = "number.full_width" if points or _FULL_WIDTH.search(str(value)) else None
    text, is_about = without_about(text, about)
    text, is_noted = _without_note(_NOT_A_DIGIT.sub("", text))
    rule = "number.about" if is_about else "number.note_in_cell" if is_noted else rule
    if match := _THOUSANDS.match(text):
        plain = match[1] + match[2].replace(",", "") + (match[3] or "")
        text, rule = plain + text[match.end() :], rule or "number.thousands"
    if degrees := _DMS.match(text):
        whole = Decimal(degrees[1]) + Decimal(degrees[2]) / 60 + Decimal(degrees[3] or 0) / 3600
        return Read(round(whole, 9), "number.degrees")
    if match := _NUMBER.match(text):
        number, unit = Decimal(match[1]), match[2]
    elif numeral := leading_numeral(text):
        number, unit, rule = *numeral, rule if rule == "number.about" else "number.chinese"
    else:
        return Read(None, "number.unreadable")
    unit, is_about = _without_leading(unit, about)
    return _in_unit(
        number, unit, factor=factor, units=units, rule="number.about" if is_about else rule
    )


def _without_note(text: str) -> tuple[str, bool]:
    """A number without the remark in brackets behind it: `1200(含地下室)`."""
    shorter = _NOTE.sub("", text)
    return (shorter, True) if shorter and shorter != text else (text, False)


def _without_leading(unit: str, about: frozenset[str]) -> tuple[str, bool]:
    """What follows a number without the word for "about" it may begin with: 1200余平方米."""
    for word in about:
        if unit.startswith(word) and unit != word:
            return unit.removeprefix(word), True
    return unit, False


def _in_unit(
    number: Decimal, unit: str, *, factor: Decimal, units: Mapping[str, Decimal], rule: str | None
) -> Read:
    if not unit:
        return _bounded(number * factor, rule)
    if unit in units:
        return _bounded(number * units[unit], rule or "number.unit_in_cell")
    if (tenths := _tenths_of_mu(unit)) is not None and "亩" in units and not number % 1:
        return _bounded((number + tenths) * units["亩"], rule or "number.unit_in_cell")
    power, rest = _POWERS.get(unit[0]), unit[1:]
    if power and (not rest or rest in units):
        return _bounded(number * power * units.get(rest, factor), rule or "number.unit_in_cell")
    return Read(None, "number.unknown_unit")


def _tenths_of_mu(unit: str) -> Decimal | None:
    """What 亩3分5厘 adds to the 亩 before it: ten 分 are one, ten 厘 one 分."""
    if not (match := _TENTHS.match(unit)) or not any(match.groups()):
        return None
    parts = [_below_ten(part) for part in match.groups()]
    if None in parts:
        return None
    return sum((Decimal(part or 0).scaleb(-at) for at, part in enumerate(parts, 1)), Decimal(0))


def _below_ten(written: str | None) -> Decimal | None:
    if written is None:
        return Decimal(0)
    numeral = leading_numeral(written) if not written[0].isdecimal() else (Decimal(written), "")
    return numeral[0] if numeral and not numeral[1] and numeral[0] < 10 else None


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


def read_code(value: Any) -> Read:
    """A code as text, upper case, without spaces; digits Excel made a number become text."""
    if isinstance(value, float) and abs(value) >= 1e15:
        return Read(None, "code.scientific")
    text = unicodedata.normalize("NFKC", plain_text(value)).lstrip("'`")
    packed = re.sub(r"\s+", "", text).upper()
    if scientific := _SCIENTIFIC.match(packed):
        return _from_scientific(scientific)
    if re.fullmatch(r"\d+\.0+", packed):
        return Read(packed.split(".")[0], "code.number")
    return Read(packed, None if packed == text.upper() else "code.spaces")


def _from_scientific(match: re.Match[str]) -> Read:
    """The digits of a code that a sheet shows with an exponent, when all of them are shown."""
    whole, fraction, exponent = match[1], match[2] or "", int(match[3])
    if exponent > len(fraction):
        return Read(None, "code.scientific")
    digits = whole + fraction
    is_whole = not fraction[exponent:].strip("0")
    return (
        Read(digits[: exponent + 1], "code.number") if is_whole else Read(None, "code.scientific")
    )


def read_boolean(value: Any, *, yes: frozenset[str], no: frozenset[str]) -> Read:
    """Yes or no in any of the marks people use, a remark in brackets behind it set aside."""
    if isinstance(value, bool):
        return Read(value)
    text, is_noted = _without_note(fold(plain_text(value)))
    rule = "boolean.sign" if is_noted else None
    if text in yes:
        return Read(value=True, rule=rule)
    if text in no:
        return Read(value=False, rule=rule)
    return Read(None, "boolean.unreadable")


def read_enum(value: Any, *, synonyms: Mapping[str, str]) -> Read:
    """The canonical value of a list; an unknown word is kept as text elsewhere, never guessed.

    Several words of the list are none of them: the sentence names them, and a person chooses.
    """
    text = fold(plain_text(value))
    found = synonyms.get(text)
    if found is None and text in {known.casefold() for known in synonyms.values()}:
        found = next(known for known in synonyms.values() if known.casefold() == text)
    if found is not None:
        return Read(found)
    pieces = _BETWEEN_TERMS.split(text)
    if len(pieces) > 1 and all(piece in synonyms for piece in pieces):
        if len({synonyms[piece] for piece in pieces}) == 1:
            return Read(synonyms[pieces[0]])
        return Read(None, "enum.several", {"terms": "、".join(dict.fromkeys(pieces))})
    return Read(None, "enum.unknown")
