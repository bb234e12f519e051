"""Read one cell of a coordinate column: degrees, degrees-minutes-seconds, metres, both in one cell.

Pure functions over distinct texts. Which number is the longitude is told only where the cell says
so (E/N, 东经/北纬); else that is decided over the whole column, by `etl.positions`.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

EAST: Final = "x"
NORTH: Final = "y"

_SIGNS: Final = str.maketrans(
    {"′": "'", "’": "'", "‘": "'", "`": "'", "″": '"', "”": '"', "“": '"',
     "º": "°", "˚": "°", "度": "°", "分": "'", "秒": '"', "、": ",", "，": ",", "；": ";"}
)  # fmt: skip
_MARKS: Final = {
    "东经": (EAST, 1), "西经": (EAST, -1), "北纬": (NORTH, 1), "南纬": (NORTH, -1),
    "经°": (EAST, 1), "纬°": (NORTH, 1), "longitude": (EAST, 1), "latitude": (NORTH, 1),
    "long": (EAST, 1), "lng": (EAST, 1), "lon": (EAST, 1), "lat": (NORTH, 1),
    "经": (EAST, 1), "纬": (NORTH, 1), "e": (EAST, 1), "w": (EAST, -1), "n": (NORTH, 1),
    "s": (NORTH, -1), "东": (EAST, 1), "西": (EAST, -1), "北": (NORTH, 1), "南": (NORTH, -1),
}  # fmt: skip
"""Words beside a number, longest first; 经度 has become 经° by the time they are looked for."""
_MARK: Final = "|".join(sorted(_MARKS, key=len, reverse=True))
_NUMBER: Final = r"[+-]?\d+(?:\.\d+)?"
_DEGREES: Final = (
    r"(?P<degrees>[+-]?\d{1,3}(?:\.\d+)?)\s*°\s*(?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*'?\s*"
    r"(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:\"|''|')?)?)?"
)
_BARE_DEGREES: Final = (
    r"(?P<degrees>\d{1,3})(?P<gap>[\s:-])\s*(?P<minutes>\d{1,2})(?P=gap)\s*"
    r"(?P<seconds>\d{1,2}(?:\.\d+)?)"
)
_PLAIN: Final = rf"(?P<degrees>{_NUMBER})\s*(?:°|米|m(?!\w))?"


def _marked(number: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A number with its mark before it, and one with its mark behind it: a cell keeps to one."""
    return (
        re.compile(rf"(?P<mark>{_MARK})[\s:=]*{number}"),
        re.compile(rf"{number}\s*(?P<mark>{_MARK})?"),
    )


_GRAMMARS: Final = tuple(_marked(number) for number in (_DEGREES, _BARE_DEGREES, _PLAIN))
_STARTS_WITH_MARK = re.compile(rf"[\s(\[]*(?:{_MARK})")
_ONE_PLAIN = re.compile(_PLAIN)
_ABOUT = re.compile(r"^(?:大约|约)|左右$")
_SEPARATORS = re.compile(r"[\s,;/|()\[\]()]*")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])")
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])([+-]?\d{1,3}),(\d{2,})(?![\d.,])")
_LEAST_GROUPED: Final = 1000.0


@dataclass(frozen=True)
class Spot:
    """What a coordinate cell says.

    Args:
        first: The first number, degrees or metres; null when nothing can be read.
        second: The second number of a cell with both; null else.
        first_axis: `x` or `y` where the cell says which it is.
        second_axis: The same for the second.
        rule: The repair that was needed, or `coordinates.unreadable`; null for a plain number.
    """

    first: float | None = None
    second: float | None = None
    first_axis: str | None = None
    second_axis: str | None = None
    rule: str | None = None


UNREADABLE: Final = Spot(rule="coordinates.unreadable")


def read_spot(written: str) -> Spot:
    """One or two numbers of a cell."""
    text = unicodedata.normalize("NFKC", written.translate(_SIGNS)).casefold()
    text = text.translate(_SIGNS).strip()
    if not text:
        return Spot()
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        return Spot(number) if abs(number) < 1e12 else UNREADABLE
    text, rule = _with_points(_ABOUT.sub("", text))
    is_marked_before = bool(_STARTS_WITH_MARK.match(text))
    for before, after in _GRAMMARS:
        pattern = before if is_marked_before else after
        if (found := _angles(text, pattern)) is not None:
            has_minutes = any(match.groupdict().get("minutes") for match in pattern.finditer(text))
            return _spot(found, "coordinates.degrees" if has_minutes else rule)
    return UNREADABLE


def _with_points(text: str) -> tuple[str, str | None]:
    """The text with decimal points for commas, and without thousands separators."""
    if "°" in text:
        return text, None
    grouped = _GROUPED.search(text)
    if grouped:
        value = float(grouped[0].replace(",", ""))
        is_grouped = grouped[0].count(",") > 1 or "." in grouped[0]
        if value >= _LEAST_GROUPED and (is_grouped or value > 180_999):
            plain = _GROUPED.sub(lambda match: match[0].replace(",", ""), text)
            return plain, "number.thousands"
    pointed, count = _DECIMAL_COMMA.subn(r"\1.\2", text)
    # "119,31" may be two numbers; a decimal comma leaves one number, or two with another sign.
    if count and "." not in text and (count == 2 or _ONE_PLAIN.fullmatch(pointed)):
        return pointed, "coordinates.decimal_comma"
    return text, None


def _angles(text: str, pattern: re.Pattern[str]) -> list[tuple[float, str | None]] | None:
    """One or two angles that make up the whole text; null when it is something else."""
    found: list[tuple[float, str | None]] = []
    at = 0
    for match in pattern.finditer(text):
        if not _SEPARATORS.fullmatch(text, at, match.start()):
            return None
        at = match.end()
        if (angle := _angle(match)) is None:
            return None
        found.append(angle)
    if len(found) not in (1, 2) or not _SEPARATORS.fullmatch(text, at):
        return None
    return found


def _angle(match: re.Match[str]) -> tuple[float, str | None] | None:
    parts = match.groupdict()
    degrees = float(parts["degrees"])
    minutes, seconds = float(parts.get("minutes") or 0), float(parts.get("seconds") or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    value = abs(degrees) + minutes / 60 + seconds / 3600
    axis, sign = _MARKS.get(parts["mark"] or "", (None, 1))
    return round(sign * (-value if degrees < 0 else value), 9), axis


def _spot(found: list[tuple[float, str | None]], rule: str | None) -> Spot:
    (first, first_axis), *rest = found
    if not rest:
        return Spot(first, first_axis=first_axis, rule=rule)
    second, second_axis = rest[0]
    return Spot(first, second, first_axis, second_axis, rule or "coordinates.both_in_cell")
