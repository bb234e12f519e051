"""Working days of the country, from the dated table of its pack and a library of holidays.

A year that is in the pack's table goes by it; another by the library (chinesecalendar), which is
made from the same yearly notices. A year that neither knows, such as one whose notice is not out
yet, is counted by weekends alone, and says so; a day is never guessed.
"""

import importlib.metadata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from assets.services.packs import pack_rows

_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not what its weekday says.

    Args:
        is_working: Whether people work that day.
        name: The holiday it belongs to.
        source: The notice that says so.
        is_verified: Whether somebody compared the row with the original notice.
    """

    day: date
    is_working: bool
    name: str
    source: str
    is_verified: bool


@dataclass(frozen=True)
class Basis:
    """What a count of working days rests on.

    Args:
        unverified_years: Years whose rows nobody has compared with the notice.
        unlisted_years: Years nobody knows yet: only weekends were left out.
    """

    unverified_years: tuple[int, ...] = ()
    unlisted_years: tuple[int, ...] = ()


class WorkCalendar:
    """Working days by a table of special days; every other day goes by its weekday."""

    def __init__(self, days: tuple[SpecialDay, ...]) -> None:
        self._days = {one.day: one for one in days}
        self._years = {one.day.year for one in days}
        self._unverified = {one.day.year for one in days if not one.is_verified}

    @property
    def years(self) -> tuple[int, ...]:
        """Years whose holidays are known."""
        return tuple(sorted(self._years))

    def is_working(self, day: date) -> bool:
        """Whether people work on a day."""
        special = self._days.get(day)
        return special.is_working if special else day.weekday() < _SATURDAY

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        days = range((end - start).days)
        return sum(self.is_working(start + _ONE_DAY * (step + 1)) for step in days)

    def before(self, day: date, count: int) -> date:
        """The day that has `count` working days after it up to and including `day`."""
        found, left = day, count
        while left > 0:
            left -= self.is_working(found)
            found -= _ONE_DAY
        return found

    def after(self, day: date, count: int) -> date:
        """The last day of a term of `count` working days that begins on the day after `day`.

        A term of none ends on `day` itself.
        """
        found, left = day, count
        while left > 0:
            found += _ONE_DAY
            left -= self.is_working(found)
        return found

    def basis(self, start: date, end: date) -> Basis:
        """What a count between two days rests on, in either order."""
        first, last = sorted((start.year, end.year))
        years = range(first, last + 1)
        return Basis(
            tuple(year for year in years if year in self._unverified),
            tuple(year for year in years if year not in self._years),
        )


@cache
def work_calendar(pack: str = "cn") -> WorkCalendar:
    """The calendar of a country pack; years its table does not have are the library's."""
    rows = pack_rows(pack, "holiday.csv")
    stated = tuple(
        SpecialDay(
            day=date.fromisoformat(row["day"]),
            is_working=row["kind"] == "working",
            name=row["name"],
            source=row["source"],
            is_verified=row["is_verified"] == "true",
        )
        for row in rows
    )
    years = {one.day.year for one in stated}
    return WorkCalendar((*stated, *(one for one in library_days() if one.day.year not in years)))


def library_days() -> tuple[SpecialDay, ...]:
    """The days the library knows, which nobody here compared with the notices."""
    # Only who counts days needs its tables.
    from chinese_calendar import constants  # noqa: PLC0415

    source = f"chinesecalendar {importlib.metadata.version('chinesecalendar')}"
    known = ((constants.holidays, False), (constants.workdays, True))
    return tuple(
        SpecialDay(day, is_working, str(name), source, is_verified=False)
        for days, is_working in known
        for day, name in sorted(days.items())
    )


@dataclass(frozen=True)
class TimeLeft:
    """How long there is to file.

    Args:
        days: Days to the last day; negative when it has passed.
        working_days: Working days after today up to the last day; negative when it has passed.
        is_unverified: Rows of the holiday table were used that nobody has verified.
        is_by_weekends: A year is not in the table: only weekends were left out.
    """

    days: int
    working_days: int
    is_unverified: bool
    is_by_weekends: bool


def time_left(due_on: date, today: date) -> TimeLeft:
    """How long there is to file, by the calendar of the country pack."""
    calendar = work_calendar()
    basis = calendar.basis(today, due_on)
    return TimeLeft(
        (due_on - today).days,
        calendar.between(today, due_on),
        bool(basis.unverified_years),
        bool(basis.unlisted_years),
    )
