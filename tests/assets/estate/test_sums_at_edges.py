"""Earlier days at the edge of an area: single places by what is kept of them, where that tells."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from makers import make_place
from sqlalchemy import Connection, text
from summed_town import TODAY, Town, answer_of, found_town

from assets.domain import AreaAnswer
from assets.estate.actions import refresh_derived
from gis.db import Database, Role, transaction
from gis.places.actions import touch
from gis.summed import collect_summed

LON, LAT = 119.8502, 31.6902
ASIDE = {"site": 0.0, "building": 0.01, "room": 0.02, "wing": 0.03}
"""Degrees east of the site: each place stands in a square of its own."""
MEASURED, CORRECTED, BEGUN, CLOSED, SPLIT, MOVED = (
    TODAY - timedelta(days=days) for days in (100, 150, 80, 60, 50, 40)
)
DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY


@pytest.fixture(scope="module")
def town(make_database: Callable[[str], Database]) -> Town:
    return found_town(make_database("onemap_sums_at_edges"))


@pytest.fixture
def ids(town: Town) -> Iterator[dict[str, int]]:
    """A site with a building and its room, there ever and never measured on a known day."""
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        site = _place(conn, town, "site", areas={"gross": 1000, "usable": 700})
        building = _place(conn, town, "building", (site, "site"), areas={"gross": 400})
        room = _place(conn, town, "room", (building, "building"), areas={"usable": 30, "gross": 40})
        found = {"site": site, "building": building, "room": room}
        _settle(conn, found)
    yield found
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        for table in ("former_parent", "area_measure", "counted_area", "place"):
            conn.execute(
                text(
                    f"DELETE FROM place.{table} WHERE place_id IN"
                    " (SELECT place_id FROM place.place WHERE code LIKE 'edge-%')"
                )
            )


def _place(
    conn: Connection,
    town: Town,
    name: str,
    parent: tuple[int, str] | None = None,
    kind: str | None = None,
    **values: Any,
) -> int:
    first = name.split(maxsplit=1)[0]
    return make_place(
        conn, f"edge-{name}", kind or first, anchor=(LON + ASIDE[first], LAT), parent=parent,
        steward_id=town.city.ids["agency 1"], admin_area_code="320403", **values,
    )  # fmt: skip


def _settle(conn: Connection, ids: dict[str, int]) -> None:
    touch(conn, list(ids.values()))
    refresh_derived(conn)


def _edge(name: str) -> dict[str, Any]:
    """A question whose outline runs through the square of a place, round its spot."""
    lon, lat, far = LON + ASIDE[name], LAT, 1e-4
    ring = [[lon + x * far, lat + y * far] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return {"within": {"geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}}


def _compare(town: Town, days: Sequence[date]) -> dict[tuple[str, date], set[bool]]:
    """Asks both ways at the edges; what was known to who sees everything, by place and day."""
    known = {}
    pairs = [(at, day) for at in ASIDE for day in days]
    for name, token in town.tokens.items():
        with transaction(town.database.engine(Role.WEB), token, is_one_moment=True) as conn:
            for at, day in pairs if name == "everything" else town.dice.sample(pairs, 2):
                kept, asked = answer_of(conn, _edge(at), day, collect_summed)
                assert asked.is_summed
                if name == "everything":
                    found = conn.execute(text("SELECT is_known FROM pg_temp.asked_place"))
                    known[at, day] = set(found.scalars())
                assert kept == answer_of(conn, _edge(at), day)[0], (name, at, day)
    return known


def _measure(conn: Connection, place_id: int, kind: str, area_m2: float, day: date) -> None:
    conn.execute(
        text(
            "INSERT INTO place.area_measure"
            " (place_id, area_kind, area_m2, source, measured_on, rights_cell)"
            " SELECT place_id, :kind, :area, 'survey', :day, rights_cell FROM place.place"
            " WHERE place_id = :id"
        ),
        {"id": place_id, "kind": kind, "area": area_m2, "day": day},
    )


def _gross_of(town: Town, at: str, day: date) -> float | None:
    with transaction(
        town.database.engine(Role.WEB), town.tokens["everything"], is_one_moment=True
    ) as conn:
        answers, _ = answer_of(conn, _edge(at), day, collect_summed)
    return _gross(answers)


def _gross(answers: list[AreaAnswer]) -> float | None:
    (found,) = (one.value for one in answers[0].figures if one.name == "gross_area")
    return found


def test_measures_of_a_place_and_of_its_parts_count_from_their_days(
    town: Town, ids: dict[str, int]
) -> None:
    town.refresh()
    assert set().union(*_compare(town, [MEASURED]).values()) == {True}
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        _measure(conn, ids["site"], "gross", 1200, MEASURED)
        _measure(conn, ids["building"], "usable", 333, MEASURED + DAY)
        _settle(conn, ids)
    # Noted, and not summed yet: worked out, with the same answer.
    assert _compare(town, [MEASURED])["site", MEASURED] == {False}
    town.refresh()
    days = (MEASURED - DAY, MEASURED, MEASURED + DAY, YESTERDAY)
    known = _compare(town, days)
    assert all(known[at, day] == {True} for at in ids for day in days)
    before = MEASURED - DAY
    assert [_gross_of(town, "site", day) for day in (before, MEASURED)] == [600, 800]
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text("UPDATE place.area_measure SET measured_on = :day WHERE measured_on = :was"),
            {"day": CORRECTED, "was": MEASURED},
        )
        _settle(conn, ids)
    town.refresh()
    assert _compare(town, (CORRECTED - DAY, CORRECTED))["site", CORRECTED] == {True}
    assert _gross_of(town, "site", CORRECTED) == 800


def test_parts_that_began_closed_or_were_split_count_on_their_days(
    town: Town, ids: dict[str, int]
) -> None:
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        ids["wing"] = _place(
            conn, town, "wing", (ids["site"], "site"), "building",
            areas={"gross": 150}, valid_from=BEGUN, valid_to=CLOSED,
        )  # fmt: skip
        conn.execute(
            text("UPDATE place.place SET valid_to = :day WHERE place_id = :id"),
            {"day": SPLIT, "id": ids["room"]},
        )
        for half in ("room west", "room east"):
            ids[half] = _place(
                conn, town, half, (ids["building"], "building"),
                areas={"usable": 14, "gross": 20}, valid_from=SPLIT,
            )  # fmt: skip
        _settle(conn, ids)
    town.refresh()
    days = [day + step for day in (BEGUN, CLOSED, SPLIT) for step in (-DAY, timedelta())]
    known = _compare(town, days)
    assert all(known["site", day] == {True} for day in days)
    # What is closed counts nowhere today: nothing is kept of it, and its figure is worked out.
    assert known["wing", BEGUN] == known["room", SPLIT - DAY] == {False}
    assert known["room", SPLIT] == {True}
    nets = [_gross_of(town, "site", day) for day in (BEGUN - DAY, BEGUN, CLOSED)]
    assert nets == [600, 450, 600]


def test_parts_that_hung_elsewhere_are_worked_out(town: Town, ids: dict[str, int]) -> None:
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        ids["wing"] = _place(
            conn, town, "wing", (ids["site"], "site"), "building", areas={"gross": 150}
        )
        conn.execute(
            text(
                "INSERT INTO place.former_parent (place_id, parent_id, valid_to, rights_cell)"
                " SELECT place_id, NULL, :day, rights_cell FROM place.place WHERE place_id = :id"
            ),
            {"id": ids["wing"], "day": MOVED},
        )
        _settle(conn, ids)
    town.refresh()
    known = _compare(town, (MOVED - DAY, MOVED))
    assert known["site", MOVED - DAY] == {False}
    assert known["site", MOVED] == {True}
    nets = [_gross_of(town, "site", day) for day in (MOVED - DAY, MOVED)]
    assert nets == [600, 450]


def test_parts_of_others_take_nothing_off_for_who_does_not_see_them(
    town: Town, ids: dict[str, int]
) -> None:
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        _measure(conn, ids["building"], "gross", 500, MEASURED)
        conn.execute(
            text(
                "UPDATE place.place SET steward_id = :body, security_class = 1, rights_cell ="
                " rights.cell_for(:body, admin_area_code, 1::smallint) WHERE place_id = :id"
            ),
            {"body": town.city.ids["agency 2"], "id": ids["building"]},
        )
        _settle(conn, ids)
    town.refresh()
    days = (MEASURED - DAY, MEASURED)
    known = _compare(town, days)
    assert all(known["site", day] == {True} for day in days)
    before = {}
    for name in ("everything", "body"):
        with transaction(
            town.database.engine(Role.WEB), town.tokens[name], is_one_moment=True
        ) as conn:
            answers, _ = answer_of(conn, _edge("site"), MEASURED, collect_summed)
            before[name] = _gross(answers)
            flags = conn.execute(text("SELECT is_known FROM pg_temp.asked_place"))
            assert flags.scalars().all() == [name == "everything"]
    assert before == {"everything": 500, "body": 1000}
