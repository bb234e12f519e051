"""Working days: weekends, holidays and the days worked in exchange, each from a dated row."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.services.calendar import library_days, work_calendar

CALENDAR = work_calendar()
NEXT_UNKNOWN = max(CALENDAR.years) + 1
days = st.dates(date(2024, 6, 1), date(NEXT_UNKNOWN, 6, 1))


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 8), True),
        (date(2026, 9, 20), True),  # a Sunday worked in exchange
        (date(2026, 9, 25), False),  # a Friday that is a holiday
        (date(2026, 9, 19), False),
    ],
)
def test_a_day_is_what_the_table_says_else_its_weekday(day: date, is_working: bool) -> None:
    assert CALENDAR.is_working(day) is is_working


def test_the_days_to_the_yearly_duty_leave_the_holidays_out() -> None:
    # 21-24 September, then 28-30: the Friday between is Mid-autumn.
    assert CALENDAR.between(date(2026, 9, 20), date(2026, 9, 30)) == 7


@given(days, days)
def test_counting_back_is_counting_forth_negated(one: date, other: date) -> None:
    assert CALENDAR.between(one, other) == -CALENDAR.between(other, one)


@given(days, st.integers(0, 40))
def test_so_many_days_before_have_so_many_days_to_go(day: date, count: int) -> None:
    start = CALENDAR.before(day, count)
    assert CALENDAR.between(start, day) == count
    # No later day has as many left, so a reminder is sent as late as it may.
    later = CALENDAR.between(start + timedelta(days=1), day)
    assert count == 0 or later == count - 1


@given(days, st.integers(0, 40))
def test_a_term_ends_on_the_first_day_by_which_so_many_were_worked(day: date, count: int) -> None:
    end = CALENDAR.after(day, count)
    assert CALENDAR.between(day, end) == count
    assert count == 0 or CALENDAR.between(day, end - timedelta(days=1)) == count - 1


def test_a_year_that_nobody_knows_says_so() -> None:
    last = NEXT_UNKNOWN + 1
    basis = CALENDAR.basis(date(last, 1, 1), date(NEXT_UNKNOWN - 1, 12, 1))
    assert basis.unlisted_years == (NEXT_UNKNOWN, last)
    assert basis.unverified_years == (NEXT_UNKNOWN - 1,)


def test_the_table_of_the_pack_and_the_library_say_the_same_of_the_same_years() -> None:
    unlike = {
        one.day: one.name
        for one in library_days()
        if one.day.year in {2025, 2026} and CALENDAR.is_working(one.day) is not one.is_working
    }
    assert unlike == {}


def test_years_before_the_table_are_known_too() -> None:
    # The week of spring festival 2024, and the Sunday worked for it.
    assert not CALENDAR.is_working(date(2024, 2, 12))
    assert CALENDAR.is_working(date(2024, 2, 18))
    assert CALENDAR.years[0] <= 2010
