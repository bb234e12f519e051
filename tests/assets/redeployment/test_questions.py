"""What a planner asks: which vacant rooms go together, what is little used, who sits scattered."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from assets.estate.actions import Party, record_holding, refresh_derived
from assets.estate.model import HoldingKind
from assets.redeployment.queries import buildings
from assets.redeployment.reports import Asked, Question, answer
from assets.redeployment.rules import Building, Together, blocks, pairs, underused
from assets.requests.rules import Vacant
from gis.clock import today
from gis.db import Role
from gis.errors import InputError, NotFound
from gis.places.actions import touch
from tests.assets.requests.conftest import Desk


def room(at: int, position: int, area: int | None = 20, floor: int = 1, **more: Any) -> Vacant:
    stated: dict[str, Any] = {
        "code": f"R{at}", "name": f"{at}", "title": f"{at}", "building_id": 7, "building": "一号楼",
        "floor": str(floor), "distance_m": None, "vacant_since": None, "longitude": None,
        "latitude": None, **more,
    }  # fmt: skip
    usable_m2 = None if area is None else Decimal(area)
    return Vacant(at, floor_id=floor, position=position, usable_m2=usable_m2, **stated)


def building(at: int, usable: int, vacant: int, **more: Any) -> Building:
    stated: dict[str, Any] = {
        "longitude": 119.7, "latitude": 31.6, "is_leased_in": False, "unmeasured": 0, **more
    }  # fmt: skip
    return Building(
        at, f"B{at}", f"{at}号楼", None, rooms=10, usable_m2=Decimal(usable),
        vacant_m2=Decimal(vacant), bodies=1, **stated,
    )  # fmt: skip


def test_neighbours_are_the_longest_run_on_a_floor() -> None:
    rooms = [room(1, 1), room(2, 2), room(4, 4), room(5, 5, None), room(6, 6), room(7, 1, floor=2)]
    found = blocks(rooms, Decimal(20), Together.FLOOR)
    # Between 2 and 4 somebody sits; a room without an area joins its neighbours and adds nothing.
    assert [[one.place_id for one in each.rooms] for each in found] == [[1, 2], [4, 5, 6], [7]]
    assert [(each.usable_m2, each.unmeasured) for each in found] == [(40, 0), (40, 1), (20, 0)]
    assert [len(each.rooms) for each in blocks(rooms, Decimal(41), Together.FLOOR)] == []
    whole = blocks(rooms, Decimal(100), Together.BUILDING)
    assert [(len(each.rooms), each.usable_m2) for each in whole] == [(6, 100)]


def test_the_nearest_block_comes_first_where_a_spot_is_asked_about() -> None:
    rooms = [
        room(1, 1, 90, distance_m=800), room(2, 1, 30, floor=2, distance_m=50, building_id=8),
        room(3, 1, 40, floor=3),
    ]  # fmt: skip
    found = blocks(rooms, Decimal(10), Together.FLOOR)
    assert [each.rooms[0].place_id for each in found] == [2, 1, 3]


def test_little_used_is_below_the_share_and_of_known_area() -> None:
    full, half, empty, unknown = (
        building(1, 100, 0), building(2, 100, 50), building(3, 80, 80), building(4, 0, 0)
    )  # fmt: skip
    asked = [full, half, empty, unknown]
    assert [one.place_id for one in underused(asked, Decimal(50))] == [3]
    assert [one.place_id for one in underused(asked, Decimal("50.1"))] == [3, 2]


def test_two_buildings_fit_into_one_where_the_users_of_one_find_room() -> None:
    small, large = building(1, 100, 70), building(2, 300, 200)
    near = {one.freed.place_id: one for one in pairs([small, large], 3000)}
    # Small's 30 fit into large's 200; large's 100 do not fit into small's 70.
    assert list(near) == [1]
    assert (near[1].takes.place_id, near[1].left_m2, near[1].distance_m) == (2, 170, 0)
    # Of two that fit both ways the larger is set free.
    other = building(3, 200, 150)
    assert [one.freed.place_id for one in pairs([small, other], None)] == [3]
    far = building(4, 300, 290, longitude=120.7)
    assert pairs([small, far], 3000) == []
    assert pairs([small, building(5, 300, 290, longitude=None)], 3000) == []
    # Nobody is moved out of one's own building into a leased one, nor is an empty one a pair.
    assert pairs([small, building(6, 300, 290, is_leased_in=True)], None)[0].freed.place_id == 6
    assert pairs([small, building(7, 20, 20)], None) == []


def ask(desk: Desk, question: Question, who: str = "officer", **limits: Any) -> list[Any]:
    asked = Asked(question, **limits)
    return list(desk.run(lambda conn: answer(conn, asked, today()), who).tables[0].rows)


def test_vacant_rooms_are_found_near_a_spot_and_on_one_floor(desk: Desk) -> None:
    near: dict[str, Any] = {"point": (119.75, 31.65), "radius_m": 2000}
    found = ask(desk, Question.VACANT, least_m2=Decimal(1), **near)
    assert [(one["floor"], one["rooms"]) for one in found] == [("2F", 2), ("1F", 1)]
    assert found[0]["place_id"] == desk.city.ids["floor 0.2"]
    assert found[0]["distance_m"] is not None
    one = ask(desk, Question.VACANT, least_m2=Decimal(1), together=Together.BUILDING, **near)
    place = desk.city.ids["building 0.0"]
    assert [(each["rooms"], each["place_id"]) for each in one] == [(3, place)]
    everywhere = ask(desk, Question.VACANT, least_m2=Decimal(1), together=Together.BUILDING)
    assert len(everywhere) == 3
    # Who sees one agency is told of its rooms alone.
    mine = ask(desk, Question.VACANT, "clerk", least_m2=Decimal(1), together=Together.BUILDING)
    assert [each["place_id"] for each in mine] == [place]


def test_a_room_is_used_once_somebody_has_it(desk: Desk) -> None:
    def shares() -> dict[int, tuple[Decimal, Decimal, int]]:
        found = desk.run(lambda conn: buildings(conn, today(), "320401"))
        return {one.place_id: (one.usable_m2, one.vacant_m2, one.bodies) for one in found}

    place = desk.city.ids["building 0.0"]
    whole, vacant, bodies = shares()[place]
    assert bodies == 1
    assert vacant == whole * 3 / 4
    below = ask(desk, Question.UNDERUSED, below_percent=Decimal(26), district="320401")
    assert [(one["place_id"], one["used_percent"]) for one in below] == [(place, Decimal("25.0"))]
    desk.seat(1, "0.1.1", since=today())
    assert shares()[place] == (whole, whole / 2, 2)
    assert ask(desk, Question.UNDERUSED, below_percent=Decimal(26), district="320401") == []


def test_the_users_of_one_building_find_room_in_another(desk: Desk) -> None:
    found = ask(desk, Question.PAIRS, within_m=None, below_percent=Decimal(60))
    assert len(found) == 3
    assert all(one["left_m2"] == one["vacant_m2"] - one["used_m2"] > 0 for one in found)
    # Districts lie some nine kilometres apart.
    assert ask(desk, Question.PAIRS, within_m=3000, below_percent=Decimal(60)) == []
    assert len(ask(desk, Question.PAIRS, within_m=10_000, below_percent=Decimal(60))) == 2


def test_a_body_on_two_sites_is_scattered(desk: Desk) -> None:
    before = {one["organization_id"] for one in ask(desk, Question.SCATTERED, more_than=1)}
    desk.seat(0, "1.1.1", since=today())
    rows = {one["organization_id"]: one for one in ask(desk, Question.SCATTERED, more_than=1)}
    assert set(rows) - before == {desk.body(0)}
    assert rows[desk.body(0)]["sites"] == 2
    assert rows[desk.body(0)]["titles"] == "示例路0号; 示例路1号"
    assert ask(desk, Question.SCATTERED, more_than=2) == []
    # Who does not see the other site cannot be told of it.
    assert ask(desk, Question.SCATTERED, "clerk", more_than=1) == []


def test_what_could_take_a_body_has_as_much_vacant_as_it_needs(desk: Desk) -> None:
    with pytest.raises(InputError, match="which_body"):
        ask(desk, Question.TAKES_BODY)
    with pytest.raises(NotFound):
        ask(desk, Question.TAKES_BODY, body=7_999_999)
    needed = ask(desk, Question.TAKES_BODY, body=desk.body(0))
    rooms = ask(desk, Question.UNDERUSED, below_percent=Decimal(100))
    assert {one["place_id"] for one in needed} <= {one["place_id"] for one in rooms}
    assert all(one["left_m2"] >= 0 for one in needed)


def test_a_lease_beside_vacant_space_of_ones_own_is_named(desk: Desk) -> None:
    leased = desk.city.ids["building 1.1"]

    assert ask(desk, Question.LEASED_IN) == []
    with desk.city.database.engine(Role.OWNER).begin() as conn:
        record_holding(
            conn, place_id=leased, kind=HoldingKind.LEASES_IN, parties=[Party(desk.body(1))],
            valid_from=date(2026, 1, 1), source="entered",
        )  # fmt: skip
        touch(conn, [leased])
        refresh_derived(conn)
    found = ask(desk, Question.LEASED_IN)
    assert [(one["place_id"], one["body"]) for one in found] == [(leased, "示例1局")]
    assert found[0]["nearest"] == "1号楼"
    assert found[0]["distance_m"] < 200
    assert ask(desk, Question.LEASED_IN, within_m=0) == []
