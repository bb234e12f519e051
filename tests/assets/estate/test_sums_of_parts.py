"""Earlier days of places whose parts are others': each account is answered from what it sees."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from makers import make_place
from sqlalchemy import Connection, text
from summed_town import AGES, TODAY, Town, answer_of, change_something, compare, found_town, scatter

from assets.estate.actions import refresh_derived
from gis.db import Database, Role, transaction
from gis.places.actions import touch
from gis.squares import FINEST
from gis.summed import collect_summed

PAST = tuple(-days for days in AGES)
LON, LAT = 119.7502, 31.6602
AROUND = {"within": {"geometry": {"type": "Polygon", "coordinates": [[
    [LON - 1e-3, LAT - 1e-3], [LON + 1e-3, LAT - 1e-3], [LON + 1e-3, LAT + 1e-3],
    [LON - 1e-3, LAT + 1e-3], [LON - 1e-3, LAT - 1e-3]
]]}}}  # fmt: skip
"""Round the square of a site, and none of its parts'."""


@pytest.fixture(scope="module")
def town(make_database: Callable[[str], Database]) -> Town:
    return found_town(make_database("onemap_sums_of_parts"))


def _site_with_parts(conn: Connection, town: Town) -> list[int]:
    """A site, its building without an area, and a room of that, all of one body but not in place.

    They were there ever and were measured on no day that is known.
    """
    values: dict[str, Any] = {
        "steward_id": town.city.ids["agency 1"],
        "admin_area_code": "320403",
        "security_class": 0,
    }
    site = make_place(conn, "P1", anchor=(LON, LAT), areas={"gross": 100}, **values)
    building = make_place(
        conn, "P2", "building", anchor=(LON + 0.01, LAT), parent=(site, "site"), **values
    )
    room = make_place(
        conn, "P3", "room", anchor=(LON + 0.02, LAT), parent=(building, "building"),
        areas={"gross": 30}, **values,
    )  # fmt: skip
    touch(conn, [site, building, room])
    refresh_derived(conn)
    return [site, building, room]


def _give(conn: Connection, town: Town, place_id: int, agency: int, security_class: int) -> None:
    conn.execute(
        text(
            "UPDATE place.place SET steward_id = :body, security_class = :class, rights_cell ="
            " rights.cell_for(:body, admin_area_code, CAST(:class AS smallint))"
            " WHERE place_id = :id"
        ),
        {"body": town.city.ids[f"agency {agency}"], "class": security_class, "id": place_id},
    )


def _asked(town: Town, name: str) -> tuple[bool, Any]:
    """Whether the site's square counted by its sums a hundred days ago, and the answer."""
    as_of = TODAY - timedelta(days=100)
    token = town.tokens[name]
    with transaction(town.database.engine(Role.WEB), token, is_one_moment=True) as conn:
        kept, _ = answer_of(conn, AROUND, as_of, collect_summed)
        is_summed = conn.execute(
            text(
                "SELECT is_summed FROM pg_temp.asked_split"
                f" WHERE (per_degree, x, y) = ({FINEST}, {int(LON * FINEST)}, {int(LAT * FINEST)})"
            )
        ).scalar_one()
        assert kept == answer_of(conn, AROUND, as_of)[0], name
        return is_summed, kept


def test_sums_of_earlier_days_are_for_who_sees_no_place_without_its_parts(town: Town) -> None:
    everybody = ("everything", "open only", "body")
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        _, building, _ = _site_with_parts(conn, town)
        conn.execute(text("DELETE FROM place.former_parent"))
    town.refresh()
    alike = {name: _asked(town, name) for name in everybody}
    assert all(is_summed for is_summed, _ in alike.values())
    for agency, security_class, readers in (
        (2, 0, {"everything", "open only"}),
        (1, 1, {"everything"}),
        (1, 0, set(everybody)),
    ):
        with transaction(town.database.engine(Role.OWNER), None) as conn:
            _give(conn, town, building, agency, security_class)
        assert town.refresh() > 0
        for name in everybody:
            is_summed, answer = _asked(town, name)
            assert is_summed is (name in readers), (name, agency, security_class)
            # What stands in an unseen part takes nothing off the site.
            hides = (name == "body" and agency == 2) or (name != "everything" and security_class)
            assert (answer == alike[name][1]) is not bool(hides), (name, agency, security_class)


def test_whoever_asks_about_earlier_days_is_answered_as_place_by_place(town: Town) -> None:
    owner = town.database.engine(Role.OWNER)
    for at in range(3):
        with transaction(owner, None) as conn:
            more = [scatter(conn, town, 3000 + at * 100 + one) for one in range(30)]
            town.places += more
            touch(conn, more)
            refresh_derived(conn)
            for _ in range(6):
                change_something(conn, town)
        compare(town, 2, PAST)
        assert town.refresh() > 0
        assert compare(town, 6, PAST) > 0
    with transaction(owner, None) as conn:
        mixes = conn.execute(
            text(f"SELECT DISTINCT trees_mix FROM place.summed_square WHERE per_degree = {FINEST}")
        )
        assert set(mixes.scalars()) == {0, 1, 2}
