"""What a plan comes to: people, ways, areas, buildings freed; and what cannot be told."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from assets.estate.actions.arranging import room_versions
from assets.estate.actions.holdings import Party, Sharer
from assets.redeployment.actions import rooms
from assets.redeployment.figures import Counted, Figures, figures
from assets.redeployment.model import ReleasedTo
from assets.redeployment.plan import find_plan
from assets.space.actions import assign
from gis.clock import today
from tests.assets.redeployment.test_plans import _forgotten, made, reviewed, step, take
from tests.assets.requests.conftest import WHY, Desk

__all__ = ["_forgotten"]


@pytest.fixture(autouse=True)
def _levelled(desk: Desk) -> Iterator[None]:
    level = "UPDATE organization.organization SET level_code = :level"
    rank = """UPDATE organization.headcount SET rank_code = (
      SELECT term FROM place.term WHERE list = 'rank' AND parent_term = :level
      ORDER BY sort_order LIMIT 1)"""
    for one in ("county", None):
        desk.owner(level, level=one)
        desk.owner(rank, level=one)
        if one:
            yield


def figured(desk: Desk, plan_id: int) -> Figures:
    return desk.run(lambda conn: figures(conn, find_plan(conn, plan_id)))  # type: ignore[no-any-return]


def far(desk: Desk) -> int:
    """A plan by which agency 0 goes to the next district, and agency 2 gives its room up."""
    plan_id = made(desk)
    step(desk, rooms.move, plan_id, {desk.room("0.1.0"): desk.room("1.2.0")})
    step(desk, rooms.release, plan_id, [desk.room("2.1.0")], ReleasedTo.DISPOSAL)
    return plan_id


def test_people_ways_areas_and_freed_buildings(desk: Desk) -> None:
    plan_id = far(desk)
    found = figured(desk, plan_id)
    assert (found.rooms, found.changing, found.released, found.released_m2) == (3, 1, 1, 22)
    first, second = found.bodies
    # The whole of its quota, for it leaves all the area it has.
    assert (first.people, first.counted) == (10, Counted.BY_AREA)
    assert (second.people, second.counted, second.km) == (12, Counted.BY_AREA, None)
    # A tenth of a degree of longitude at 31.65 degrees north.
    assert first.km is not None
    assert abs(first.km - Decimal("9.48")) < Decimal("0.05")
    assert (found.people, found.person_km) == (22, first.people * first.km)
    assert found.unknown_people == found.unknown_ways == 0
    assert list(found.freed) == ["示例路0号 1号楼", "示例路2号 1号楼"]
    assert ([one.over_before_m2 for one in found.bodies], found.unjudged) == ([0, 0], 0)
    reviewed(desk, plan_id)
    take(desk, "approver", "approve", plan_id)
    done = figured(desk, plan_id)
    assert (done.people, done.over_m2, list(done.freed)) == (
        22,
        found.over_m2,
        ["示例路0号 1号楼", "示例路2号 1号楼"],
    )


def test_a_building_that_somebody_else_still_uses_is_not_freed(desk: Desk) -> None:
    desk.seat(3, "0.2.1", since=today())
    plan_id = made(desk)
    step(desk, rooms.vacate, plan_id, [desk.room("0.1.0")])
    assert list(figured(desk, plan_id).freed) == []
    step(desk, rooms.vacate, plan_id, [desk.room("0.2.1")])
    assert list(figured(desk, plan_id).freed) == ["示例路0号 1号楼"]
    step(desk, rooms.assign, plan_id, [desk.room("0.1.1")], [Party(desk.body(3))])
    assert list(figured(desk, plan_id).freed) == []


def test_who_is_stated_to_sit_there_counts_before_the_quota(desk: Desk) -> None:
    room = desk.room("0.1.0")
    party = Party(desk.body(0), Decimal(1), (Sharer(Decimal(1), heads=3),))

    def seat(conn: object) -> None:
        assign(conn, [room], [party], since=today(), seen=room_versions(conn, [room]), grounds=WHY)  # type: ignore[arg-type]

    desk.run(seat)
    plan_id = made(desk)
    step(desk, rooms.move, plan_id, {room: desk.room("1.2.0")})
    (change,) = figured(desk, plan_id).bodies
    assert (change.people, change.counted) == (3, Counted.STATED)


def test_what_is_over_the_standard_falls_by_what_is_left(desk: Desk) -> None:
    area = """
      WITH measured AS (UPDATE place.area_measure SET area_m2 = :area WHERE place_id = :room)
      UPDATE place.counted_area SET area_m2 = :area WHERE place_id = :room"""
    desk.owner(area, area=1000, room=desk.room("0.1.0"))
    try:
        # It keeps a room in its first site, part of which is said to be its own as a whole.
        desk.seat(0, "0.2.0")
        plan_id = far(desk)
        first, _second = figured(desk, plan_id).bodies
        # A county body of ten may have 414.2 m2; the new room has 21, the one it keeps 20.
        assert (first.over_before_m2, first.over_after_m2) == (Decimal("605.8"), 0)
        assert (first.left_m2, first.gained_m2) == (1000, 21)
        take(desk, "approver", "approve", reviewed(desk, plan_id))
        assert figured(desk, plan_id).over_m2 == (Decimal("605.8"), 0)
    finally:
        desk.owner(area, area=20, room=desk.room("0.1.0"))


def test_what_is_not_known_is_told_as_such(desk: Desk) -> None:
    desk.owner("DELETE FROM organization.headcount WHERE organization_id = :id", id=desk.body(2))
    plan_id = far(desk)
    found = figured(desk, plan_id)
    assert (found.people, found.unknown_people) == (10, 1)
    assert found.unjudged >= 1
