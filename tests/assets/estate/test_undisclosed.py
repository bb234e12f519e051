"""Undisclosed places: a line in threes of a whole district, and no way to work out one or two."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import combinations, pairwise, product
from typing import Any

import pytest
from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, text

from assets.estate.districts import build_districts, undisclosed_figures
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, Grant, ensure_account, open_session

CITY = "320400"
DISTRICTS = ("320401", "320402", "320403")
PERSONS: Mapping[str, Grant] = {
    "city": Grant("leader", max_security_class=3),
    "guide": Grant("guide", admin_area_code=CITY, max_security_class=3),
    "viewer": Grant("viewer", max_security_class=3),
    **{code: Grant("leader", admin_area_code=code, max_security_class=3) for code in DISTRICTS},
}


@pytest.fixture(scope="module")
def database(make_database: Callable[[str], Database]) -> Database:
    made = make_database("onemap_undisclosed")
    with made.engine(Role.OWNER).begin() as owner:
        make_area(owner, CITY, level="city")
        for code in DISTRICTS:
            make_area(owner, code, parent_code=CITY)
            make_area(owner, f"{code}001", parent_code=code, level="town")
        body = make_organization(owner, "body")
        make_place(owner, "open", steward_id=body, admin_area_code=DISTRICTS[0])
        for name, grant in (*PERSONS.items(), ("all", EVERYTHING)):
            ensure_account(owner, name, [grant])
        ensure_account(owner, "low", [Grant("leader", max_security_class=2)])
        ensure_account(owner, "body", [Grant("leader", body, max_security_class=3)])
    return made


@pytest.fixture
def register(database: Database) -> Callable[..., None]:
    """Makes the register hold so many undisclosed places by district, in towns of it too."""

    def fill(*counts: int) -> None:
        with database.engine(Role.OWNER).begin() as owner:
            owner.execute(text("DELETE FROM place.place WHERE security_class = 3"))
            for code, count in zip(DISTRICTS, counts, strict=True):
                for at in range(count):
                    area = f"{code}001" if at % 2 else code
                    make_place(owner, f"{code}-X{at}", admin_area_code=area, security_class=3,
                               name=None)  # fmt: skip

    return fill


def _ask(database: Database, name: str, ask: Callable[[Connection], Any]) -> Any:
    with transaction(database.engine(Role.OWNER), None) as owner:
        account = owner.execute(
            text("SELECT account_id FROM rights.account WHERE name = :name"), {"name": name}
        ).scalar_one()
        token = open_session(owner, account, kind="web", lifetime=timedelta(minutes=5))
    with transaction(database.engine(Role.WEB), token) as conn:
        return ask(conn)


def _told(database: Database, name: str) -> dict[str, int]:
    found = _ask(database, name, undisclosed_figures)
    return {row["district"]: row["place_count"] for row in found}


def test_a_district_is_told_from_three_on_and_in_threes(
    database: Database, register: Callable[..., None]
) -> None:
    for count, told in ((0, None), (1, None), (2, None), (3, 3), (4, 3), (5, 3), (6, 6)):
        register(count, 0, 0)
        assert _told(database, "city").get(DISTRICTS[0]) == told


def test_fewer_than_three_leave_no_trace_in_the_report(
    database: Database, register: Callable[..., None]
) -> None:
    for others in (0, 4):
        reports = []
        for few in (0, 1, 2):
            register(few, others, others)
            reports.append(
                [
                    (name, _ask(database, name, lambda conn: build_districts(conn, today())))
                    for name in PERSONS
                ]
            )
        assert reports[0] == reports[1] == reports[2]


def test_no_two_figures_differ_by_one_or_two(
    database: Database, register: Callable[..., None]
) -> None:
    """Of one report, of two persons, and of the days before and after a place is hidden."""
    told: list[list[int]] = []
    for counts in ((5, 2, 0), (5, 2, 1), (5, 3, 1), (6, 3, 1), (7, 4, 2), (7, 5, 5)):
        register(*counts)
        shown = {name: _told(database, name) for name in PERSONS}
        for name in ("city", "guide", "viewer"):
            assert shown[name] == shown["city"]
        for code in DISTRICTS:
            # A district says of itself what the city says of it.
            expected = {one: count for one, count in shown["city"].items() if one == code}
            assert shown[code] == expected
        # Every sum that somebody could make, the city's among them, and their differences.
        lines = list(shown["city"].values())
        sums = [sum(some) for size in range(4) for some in combinations(lines, size)]
        told.append(sums)
    for before, after in [*pairwise(told), *((one, one) for one in told)]:
        assert {abs(a - b) for a, b in product(before, after)} & {1, 2} == set()


def test_only_a_grant_over_the_whole_district_and_of_the_class_is_told(
    database: Database, register: Callable[..., None]
) -> None:
    register(4, 3, 0)
    assert _told(database, "city") == {DISTRICTS[0]: 3, DISTRICTS[1]: 3}
    assert _told(database, "all") == _told(database, "city")
    assert _told(database, "low") == {}
    assert _told(database, "body") == {}
    # A town of a district alone is no district: it would be cut finer.
    with database.engine(Role.OWNER).begin() as owner:
        grant = Grant("leader", admin_area_code=f"{DISTRICTS[0]}001", max_security_class=3)
        ensure_account(owner, "town", [grant])
    assert _told(database, "town") == {}


def test_who_keeps_none_is_shown_no_row_of_them(
    database: Database, register: Callable[..., None]
) -> None:
    register(4, 0, 0)
    seen = text("SELECT count(*) FROM place.place WHERE security_class = 3")
    for name in PERSONS:
        assert _ask(database, name, lambda conn: conn.execute(seen).scalar_one()) == 0, name
    assert _ask(database, "all", lambda conn: conn.execute(seen).scalar_one()) == 4


def test_figures_of_the_districts_count_none_of_them(
    database: Database, register: Callable[..., None]
) -> None:
    tables = []
    for counts in ((0, 0, 0), (9, 9, 9)):
        register(*counts)
        report = _ask(database, "city", lambda conn: build_districts(conn, today()))
        tables.append(report.tables[0])
    assert tables[0] == tables[1]
