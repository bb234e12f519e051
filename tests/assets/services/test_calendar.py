"""Working days: weekends, holidays and the days worked in exchange, each from a dated row."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.services.calendar import work_calendar

CALENDAR = work_calendar()
days = st.dates(date(2024, 6, 1), date(2027, 6, 1))


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


def test_a_year_that_is_not_in_the_table_says_so() -> None:
    basis = CALENDAR.basis(date(2031, 1, 1), date(2026, 12, 1))
    assert basis.unlisted_years == (2027, 2028, 2029, 2030, 2031)
    assert basis.unverified_years == (2026,)
