"""Numbers of papers: as declared, one after the other, none left out and none twice."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from declared import Office
from sqlalchemy import text

from assets.services.numbering import Series, number_of, take_number
from gis.errors import Conflict, Forbidden, InputError

LETTERS = Series("letters")
DAY = date(2026, 3, 1)


def taken(
    office: Office, series: Series, subject: str, *, fails: bool = False, **more: object
) -> str:
    with office.acting("zhang") as conn:
        values = {"rights_cell": office.cell, "today": DAY, "prefix": "示函", **more}
        number = take_number(conn, series, subject=subject, **values)  # type: ignore[arg-type]
        if fails:
            raise InterruptedError
    return number


def test_a_number_stands_as_it_is_declared(office: Office) -> None:
    assert taken(office, LETTERS, "a") == "示函〔2026〕1号"
    assert taken(office, LETTERS, "b") == "示函〔2026〕2号"
    assert taken(office, LETTERS, "c", today=date(2027, 1, 1)) == "示函〔2027〕1号"
    running = Series("contracts", "HT-{number}", width=5, is_yearly=False)
    assert taken(office, running, "a") == "HT-00001"
    assert taken(office, running, "b", today=date(2027, 1, 1)) == "HT-00002"
    with office.acting("zhang") as conn:
        assert number_of(conn, LETTERS, "b") == "示函〔2026〕2号"
        assert number_of(conn, LETTERS, "z") is None
    with office.acting("zhao") as conn:
        assert number_of(conn, LETTERS, "b") is None


def test_each_body_counts_by_itself_where_that_is_declared(office: Office) -> None:
    by_body = Series("notes", is_per_body=True)
    with office.owner() as conn:
        one, two = conn.execute(
            text("SELECT organization_id FROM organization.organization")
        ).scalars()
    assert taken(office, by_body, "a", organization_id=one, prefix="甲") == "甲〔2026〕1号"
    assert taken(office, by_body, "b", organization_id=two, prefix="乙") == "乙〔2026〕1号"
    with pytest.raises(InputError):
        taken(office, by_body, "c")


def test_a_body_that_keeps_a_word_goes_on_where_the_other_stopped(office: Office) -> None:
    by_body = Series("decisions", is_per_body=True)
    with office.owner() as conn:
        one, two = conn.execute(
            text("SELECT organization_id FROM organization.organization")
        ).scalars()
    for subject in "ab":
        taken(office, by_body, subject, organization_id=one, prefix="甲")
    assert taken(office, by_body, "c", organization_id=two, prefix="甲") == "甲〔2026〕3号"
    assert taken(office, by_body, "d", organization_id=two, prefix="甲") == "甲〔2026〕4号"
    assert taken(office, by_body, "e", organization_id=one, prefix="甲") == "甲〔2026〕5号"
    # A word that ends in a digit may write what another wrote.
    run_on = Series("notes of rooms", "{prefix}{number}", is_yearly=False)
    assert taken(office, run_on, "a", prefix="室1") == "室11"
    assert [taken(office, run_on, subject, prefix="室") for subject in "bc"] == ["室2", "室3"]
    with office.owner() as conn:
        conn.execute(
            text("UPDATE services.number_counter SET last_number = 10 WHERE series = :name"),
            {"name": run_on.name},
        )
    assert taken(office, run_on, "d", prefix="室") == "室12"


def test_a_thing_has_one_number_and_a_number_one_thing(office: Office) -> None:
    series = Series("orders")
    taken(office, series, "a")
    with pytest.raises(Conflict) as said:
        taken(office, series, "a")
    assert said.value.key == "number.given_already"
    assert taken(office, series, "b") == "示函〔2026〕2号"
    for word in ("", " ", "甲 乙", "{year}", "长" * 41):
        with pytest.raises(InputError):
            taken(office, series, "d", prefix=word)
    with pytest.raises(Forbidden), office.acting("zhao") as conn:
        take_number(conn, series, subject="e", rights_cell=office.cell, today=DAY, prefix="示函")


def test_two_who_number_one_thing_in_two_years_at_once_are_told(office: Office) -> None:
    series = Series("of two years")
    with ThreadPoolExecutor(1) as pool:
        with office.acting("zhang") as conn:
            asked = {"subject": "a", "rights_cell": office.cell, "prefix": "示函"}
            take_number(conn, series, today=DAY, **asked)  # type: ignore[arg-type]
            # Another year has another counter, so nothing waits but the thing itself.
            second = pool.submit(taken, office, series, "a", today=DAY.replace(year=2027))
            wait_until_somebody_waits(office)
        with pytest.raises(Conflict) as said:
            second.result(timeout=60)
    assert said.value.key == "number.given_already"


def wait_until_somebody_waits(office: Office) -> None:
    until = time.monotonic() + 60
    waiting = (
        "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
        " WHERE NOT l.granted AND a.datname = current_database()"
    )
    while True:
        # Who is at work is told as it was when a transaction first asked: each look has its own.
        with office.owner() as conn:
            if conn.execute(text(waiting)).scalar_one():
                return
        assert time.monotonic() < until, "nobody waited"
        time.sleep(0.02)


def test_twenty_writers_at_once_leave_no_gap_though_some_give_up(office: Office) -> None:
    series = Series("hurried")

    def write(at: int) -> list[str]:
        found = []
        for turn in range(5):
            try:
                found.append(taken(office, series, f"{at}/{turn}", fails=(at + turn) % 3 == 0))
            except InterruptedError:
                continue
        return found

    with ThreadPoolExecutor(20) as pool:
        numbers = [number for found in pool.map(write, range(20)) for number in found]
    given = sorted(int(number.split("〕")[1].removesuffix("号")) for number in numbers)
    assert 0 < len(given) < 100
    assert given == list(range(1, len(given) + 1))


@pytest.mark.parametrize(
    "declared",
    [
        {"pattern": "第{number}号"},
        {"pattern": "{year}年"},
        {"pattern": "{year}{count}{number}"},
        {"pattern": "{year}-{number}", "is_per_body": True},
        {"width": 0},
    ],
)
def test_a_series_by_which_two_papers_could_have_one_number_is_refused(
    declared: dict[str, object],
) -> None:
    with pytest.raises(ValueError, match="series odd"):
        Series("odd", **declared)  # type: ignore[arg-type]
