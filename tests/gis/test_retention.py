from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gis.retention import Retention, surplus

NOON = datetime(2026, 12, 31, 12, tzinfo=UTC)
NIGHTS = [NOON - timedelta(days=days) for days in range(800)]


def kept(made: list[datetime], retention: Retention) -> list[str]:
    gone = surplus(made, retention)
    return [f"{one:%m-%d}" for one in sorted(made) if one not in gone]


def test_days_weeks_and_months_each_keep_their_newest() -> None:
    assert kept(NIGHTS, Retention(days=3, weeks=2, months=3)) == [
        "10-31",
        "11-30",
        "12-27",  # the Sunday before
        "12-29",
        "12-30",
        "12-31",
    ]


def test_the_usual_rule_keeps_a_year_in_few_files() -> None:
    # Of the weeks the newest is a day, and one more among the days; so is the newest month.
    assert len(kept(NIGHTS, Retention())) == 7 + 2 + 11


def test_nights_without_a_backup_do_not_count() -> None:
    made = [NOON - timedelta(days=days) for days in (0, 40, 80)]
    assert surplus(made, Retention(days=3, weeks=1, months=1)) == set()


@given(
    st.sets(st.integers(0, 20_000), max_size=60),
    st.builds(Retention, *[st.integers(1, 9)] * 3),
)
def test_the_newest_stays_and_doing_it_again_removes_nothing(
    hours: set[int], retention: Retention
) -> None:
    made = {NOON - timedelta(hours=each) for each in hours}
    gone = surplus(made, retention)
    assert gone <= made
    assert not made or max(made) not in gone
    assert surplus(made - gone, retention) == set()
