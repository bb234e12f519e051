"""Years and dates as people write them, and how exact each form is."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from etl.clean.numerals import leading_numeral
from etl.clean.read import Read, plain_text, without_about
from etl.pack import fold

_YEAR = re.compile(r"^((?:18|19|20)\d\d)(?:年|年度|\.0)?$")
_BUILT = re.compile(
    r"^((?:18|19|20)\d\d)年?(?:\d{1,2}月)?(?:始建|新建|建|建成|建造|建设|竣工|落成)$"
)
_WORKS = re.compile(
    r"^(?:18|19|20)\d\d年?(?:\d{1,2}月)?"
    r"(?:改造|改建|扩建|改扩建|装修|维修|大修|修缮|加固|翻修|出新)$"
)
_BETWEEN_YEARS = re.compile(r"[,;、。/\s()]+")
_SHORT_YEAR = re.compile(r"^['’]?(\d\d)年?$")
_DECADE = re.compile(r"^(?:(\d\d)世纪|(上世纪)|(\d\d))?(\d0)年代([初中末]期?)?$")
_DATE = re.compile(
    r"^((?:18|19|20)\d\d)[-./年](\d{1,2})(?:[-./月](\d{1,2})[日号]?)?月?(?:\s.*|t.*)?$"
)
_COMPACT_DATE = re.compile(r"^((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
_COMPACT_MONTH = re.compile(r"^((?:19|20)\d\d)(0[1-9]|1[0-2])$")
_MONTH_FIRST = re.compile(r"^(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)(?:\s.*)?$")
_SHORT_DATE = re.compile(r"^['’]?(\d\d)[年.](\d{1,2})[月.](\d{1,2})日?$")
# What part of the year or month is meant: 2005年底, 2013年1月上旬.
_PART = re.compile(r"(?<=[年月])(?:[初中底末]期?|[上中下]旬|[上下]半年|第?[1-4]季度)$")
_AROUND_MARKS = re.compile(r"\s*([年月日./-])\s*")
_DASH = re.compile(r"(?<=\d)\s*[–—]\s*(?=\d)")
_POINT = re.compile(r"(?<=\d)。(?=\d)")
_NUMERALS = re.compile(r"[〇○零一二三四五六七八九十廿卅]+")
_SERIAL: Final = range(7305, 73051)
"""Excel day numbers of 1920 to 2099; as a year or date cell nothing else is so large."""
_MAYBE_YEAR = re.compile(r"^(?:1[89]|20)\d{3}")
"""Written by hand, as a text, 19990 is rather a year with a digit too many than a day of 1954."""
_SERIAL_ORIGIN: Final = dt.date(1899, 12, 30)
_SHORT_CENTURY_ENDS: Final = 50
"""Two digits above it are of the last century: no register tells of buildings to come."""


def read_year(value: Any, *, about: frozenset[str]) -> Read:
    """A year; decades and "about" are taken with a warning, serial day numbers understood."""
    if isinstance(value, dt.date):
        return Read(value.year)
    plain = fold(plain_text(value))
    text, is_about = without_about(_in_digits(plain), about)
    whole = _PART.sub("", text)
    if (built := _year_of_building(text)) is not None:
        return Read(built, "year.of_building")
    rule = "year.about" if is_about or whole != text else "year.chinese" if text != plain else None
    text = whole
    if match := _YEAR.match(text):
        return Read(int(match[1]), rule)
    if decade := _DECADE.match(text):
        century, _last, digits, tens, _part = decade.groups()
        first = str(int(century) - 1) if century else digits or "19"
        return Read(int(first + tens), "year.decade")
    if short := _SHORT_YEAR.match(text):
        return Read(_of_two_digits(int(short[1])), "year.two_digits")
    found = read_date(value, about=about)
    if found.value is not None:
        return Read(found.value.year, rule or "year.from_date")
    return Read(None, "year.unreadable")


def _year_of_building(text: str) -> int | None:
    """The year a thing was built in, beside years of later works: 1998年建，2005年改造.

    Null where another year, or a thing built anew, leaves in doubt which one is meant.
    """
    pieces = [piece for piece in _BETWEEN_YEARS.split(text) if piece]
    built = [match[1] for piece in pieces if (match := _BUILT.match(piece))]
    others = [piece for piece in pieces if not _BUILT.match(piece)]
    if len(built) != 1 or not all(_WORKS.match(piece) for piece in others):
        return None
    return int(built[0])


def read_date(value: Any, *, about: Iterable[str] = ()) -> Read:
    """A date; a month without a day is its first, a serial day number is understood."""
    if isinstance(value, dt.datetime):
        return Read(value.date())
    if isinstance(value, dt.date):
        return Read(value)
    plain = unicodedata.normalize("NFKC", plain_text(value)).casefold()
    plain = _DASH.sub("-", _POINT.sub(".", plain)).replace("元月", "1月")
    plain = _AROUND_MARKS.sub(r"\1", plain)
    text, is_about = without_about(_in_digits(plain), about)
    text = _PART.sub("", text)
    try:
        found = _dated(text, is_number=not isinstance(value, str))
    except (ValueError, InvalidOperation):
        found = None
    if found is None:
        return Read(None, "date.unreadable")
    return Read(found.value, "date.about") if is_about else found


def _dated(text: str, *, is_number: bool) -> Read | None:
    if match := _COMPACT_DATE.match(text):
        return Read(dt.date(int(match[1]), int(match[2]), int(match[3])))
    if match := _DATE.match(text):
        rule = None if match[3] else "date.no_day"
        if is_number and match[2] == "1":
            # A sheet shows 2013.10 kept as a number as 2013.1.
            rule = "date.month_uncertain"
        return Read(dt.date(int(match[1]), int(match[2]), int(match[3] or 1)), rule)
    if match := _YEAR.match(text):
        return Read(dt.date(int(match[1]), 1, 1), "date.no_month")
    if match := _COMPACT_MONTH.match(text):
        return Read(dt.date(int(match[1]), int(match[2]), 1), "date.no_day")
    if match := _SHORT_DATE.match(text):
        year = _of_two_digits(int(match[1]))
        return Read(dt.date(year, int(match[2]), int(match[3])), "year.two_digits")
    if match := _MONTH_FIRST.match(text):
        return _month_first(int(match[1]), int(match[2]), int(match[3]))
    serial = Decimal(text)
    is_year = not is_number and _MAYBE_YEAR.match(text)
    # Bounded before it is made whole: 1e3000000 has three million digits.
    if is_year or not serial.is_finite() or not 0 < serial < 10**6 or int(serial) not in _SERIAL:
        return None
    return Read(_SERIAL_ORIGIN + dt.timedelta(days=int(serial)), "date.serial")


def _of_two_digits(number: int) -> int:
    return number + (1900 if number > _SHORT_CENTURY_ENDS else 2000)


def _month_first(first: int, second: int, year: int) -> Read:
    """American order; a first number above twelve can only be the day."""
    if first > 12:
        return Read(dt.date(year, second, first), "date.day_first")
    return Read(dt.date(year, first, second), None if second > 12 else "date.month_first")


def _in_digits(text: str) -> str:
    """Chinese numerals of a date as digits: 二〇一三年一月五日, 八十年代."""

    def digits(match: re.Match[str]) -> str:
        found = leading_numeral(match[0])
        return str(found[0]) if found and not found[1] else match[0]

    return _NUMERALS.sub(digits, text)
