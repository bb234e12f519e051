"""Which rooms are called vacant, which go together, and since when they stand idle."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assets.requests.model import ReturnKind
from assets.requests.readings import (
    Term,
    documents_on,
    order_on,
    pack_documents,
    pack_order,
    term_in,
)
from assets.requests.rules import Vacant, last_day, return_due, suggested
from assets.requests.vacant import idle_rooms, rooms_that_would_do
from assets.services.packs import Source
from assets.space.model import StandardKind
from assets.space.rules import StandardTable
from assets.space.standards import pack_standards
from gis.clock import today
from tests.assets.requests.conftest import Desk


def vacant(desk: Desk, who: str = "officer", **where: Any) -> list[str]:
    stock = desk.run(lambda conn: rooms_that_would_do(conn, today(), **where), who)
    assert stock.total == len(stock.rooms)
    return [room.code for room in stock.rooms]


def test_vacant_is_what_nobody_may_have(desk: Desk) -> None:
    first = ["R011", "R020", "R021"]
    assert vacant(desk, district="320401") == first
    assert vacant(desk, district="320400") == [
        *first, "R111", "R120", "R121", "R211", "R220", "R221",
    ]  # fmt: skip
    # Who sees one agency sees its rooms alone.
    assert vacant(desk, "clerk") == first
    # Given out, under repair, of another class: none would do.
    desk.seat(1, "0.1.1", since=today())
    assert vacant(desk, district="320401") == ["R020", "R021"]
    # Nobody calls it vacant, and nobody ever had it: who sits there has only not been told.
    desk.owner("UPDATE place.place SET use_status = 'in_use' WHERE place_id = :id",
               id=desk.room("0.2.0"))  # fmt: skip
    assert vacant(desk, district="320401") == ["R021"]
    desk.owner("UPDATE place.place SET use_status = 'idle' WHERE place_id = :id",
               id=desk.room("0.2.0"))  # fmt: skip
    desk.owner("UPDATE place.room SET room_class = 'ancillary' WHERE place_id = :id",
               id=desk.room("0.2.0"))  # fmt: skip
    desk.owner("UPDATE place.place SET use_status = 'under_repair' WHERE place_id = :id",
               id=desk.room("0.2.1"))  # fmt: skip
    assert vacant(desk, district="320401") == []
    desk.owner("UPDATE place.room SET room_class = 'office' WHERE place_id = :id",
               id=desk.room("0.2.0"))  # fmt: skip
    desk.owner("UPDATE place.place SET use_status = 'idle' WHERE place_id = :id",
               id=desk.room("0.2.1"))  # fmt: skip


def test_a_part_that_nobody_has_told_by_room_leaves_no_room_vacant(desk: Desk) -> None:
    desk.empty("1.1.0", since=today())
    # The agency has a part of the site, and now none of its rooms.
    assert vacant(desk, district="320402") == []
    assert vacant(desk, district="320401") == ["R011", "R020", "R021"]


def test_the_nearest_building_comes_first_however_far_the_rooms_are(desk: Desk) -> None:
    far = {"longitude": 119.95, "latitude": 31.65, "radius_m": 30_000}
    assert vacant(desk, **far) == [
        "R211", "R220", "R221", "R111", "R120", "R121", "R011", "R020", "R021",
    ]  # fmt: skip
    assert vacant(desk, **{**far, "radius_m": 1000}) == ["R211", "R220", "R221"]


def test_a_room_is_idle_from_the_day_it_was_left(desk: Desk) -> None:
    left = today() - timedelta(days=200)
    desk.seat(0, "0.2.0", since=date(2024, 1, 1))
    desk.empty("0.2.0", since=left)

    def idle(since: date) -> Any:
        return desk.run(lambda conn: idle_rooms(conn, today(), since=since))

    found = idle(today() - timedelta(days=180))
    assert [(room.code, room.vacant_since) for room in found.rooms] == [("R020", left)]
    # Of the others nobody knows that anybody ever had them.
    assert (found.total, found.undated) == (1, 8)
    assert (idle(left).total, idle(left).undated) == (0, 8)


def room(place_id: int, building: int, floor: int, position: int, m2: str | None = "20") -> Vacant:
    area = None if m2 is None else Decimal(m2)
    return Vacant(
        place_id, f"R{place_id}", "", "", building, f"{building}号楼", floor, f"{floor}F", position,
        area, None, None, None, None,
    )  # fmt: skip


def test_neighbours_on_a_floor_go_before_rooms_of_a_building() -> None:
    near = [room(1, 1, 11, 1), room(2, 1, 11, 3), room(3, 1, 12, 1, "45")]
    assert suggested(near, Decimal(40)) == (3,)
    assert suggested(near[:2], Decimal(40)) == (1, 2)  # of one floor, not side by side
    beside = [room(4, 2, 21, 5), room(5, 2, 21, 6), room(6, 2, 21, 7, "25")]
    # A building that has a run of neighbours goes before a nearer one that has none.
    assert suggested([*near[:2], *beside], Decimal(40)) == (4, 5)
    assert suggested(beside, Decimal(45)) == (5, 6)
    assert suggested(beside, Decimal(66)) == ()
    assert suggested(beside, None) == ()
    assert suggested([room(7, 3, 31, 1, None)], Decimal(1)) == ()


@pytest.mark.parametrize(
    ("unit", "value", "began_on", "last"),
    [
        ("month", 1, date(2026, 1, 31), date(2026, 2, 28)),
        ("month", 2, date(2026, 12, 15), date(2027, 2, 15)),
        ("day", 180, date(2026, 1, 1), date(2026, 6, 30)),
        ("year", 15, date(2024, 2, 29), date(2039, 2, 28)),
    ],
)
def test_a_term_ends_on_the_day_that_answers_its_beginning(
    unit: str, value: int, began_on: date, last: date
) -> None:
    source = Source("文", None, None, None, None, is_verified=True, note=None)
    assert last_day(began_on, Term(value, unit, source)) == last


def test_rules_are_dated_rows_with_a_source() -> None:
    day, before = date(2026, 3, 1), date(2017, 12, 4)
    table = StandardTable(pack_standards(), day)
    undated = [kind for kind in ReturnKind if return_due(kind, day, table) is None]
    assert undated == [ReturnKind.DECISION]
    assert return_due(ReturnKind.LEFT, before, StandardTable(pack_standards(), before)) is None
    due = return_due(ReturnKind.SECOND_POST, day, table)
    assert due is not None
    assert (due[0], due[1].of.clause) == (date(2026, 5, 1), "第十九条")
    rows = [*pack_order(), *(one.of for one in pack_documents())]
    assert all(one.source for one in rows)
    # Nobody has compared any with its original yet; pages say so.
    assert not any(one.is_verified for one in rows)
    assert [one.kind for one in documents_on("lease", day)] == ["budget_review"]
    assert order_on(before) is None
    idle = StandardTable(pack_standards(), date(2012, 1, 1))
    assert term_in(idle, StandardKind.IDLE_TERM) is None


def test_a_building_is_named_with_what_tells_it_from_another_of_its_name(desk: Desk) -> None:
    building, site = desk.owner(
        "SELECT b.place_id, b.parent_id FROM place.place AS r JOIN place.place AS f"
        " ON f.place_id = r.parent_id JOIN place.place AS b ON b.place_id = f.parent_id"
        " WHERE r.place_id = :id",
        id=desk.room("0.1.1"),
    ).one()
    rename = "UPDATE place.place SET name = :name, address = :address WHERE place_id = :id"
    named: dict[str, Any] = {"name": "1号楼", "address": "示例路1号"}

    def shown() -> set[str | None]:
        stock = desk.run(lambda conn: rooms_that_would_do(conn, today(), district="320401"))
        return {room.building for room in stock.rooms}

    desk.owner(rename, id=building, **named)
    if site is not None:
        desk.owner(rename, id=site, name="示例大院", address="示例路1号")
        assert shown() == {"示例大院 1号楼"}
        desk.owner(rename, id=site, name=None, address="示例路1号")
    assert shown() == {"示例路1号 1号楼"}
    desk.owner(rename, id=building, name=None, address="示例路1号")
    assert shown() == {"示例路1号"}
