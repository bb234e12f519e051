"""What a plan comes to, in figures by which plans are set side by side.

What is not known is null, or counted as not known; nothing is made up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from pyproj import Geod
from sqlalchemy import Connection, text

from assets.redeployment.plan import PlanRoom, day_of, rooms_of
from assets.space.comparing import State
from assets.space.queries import Verdict, bodies, verdicts
from assets.space.rules import ROOM_CLASSES
from gis.places.counted import counted_areas
from gis.places.names import shown_name
from gis.places.vocabulary import IN_FORCE, IS_OPEN

MOST_COMPARED: Final = 6
"""Plans side by side: what fits on a sheet."""
_EARTH: Final = Geod(ellps="GRS80")
_SPOTS: Final = """
SELECT p.place_id, r.room_class, c.area_m2, ST_X(p.anchor) AS longitude, ST_Y(p.anchor) AS latitude
FROM place.place AS p JOIN place.room AS r USING (place_id)
LEFT JOIN {counted} AS c ON c.place_id = p.place_id AND c.area_kind = 'usable'
WHERE p.place_id = ANY (:rooms)"""
# By the rooms the asker sees: an answer must not tell that there are more.
_BUILDINGS: Final = f"""
WITH RECURSIVE down AS (
  SELECT p.place_id AS building_id, p.place_id, p.kind FROM place.place AS p
  WHERE p.place_id = ANY (:buildings)
  UNION ALL
  SELECT down.building_id, p.place_id, p.kind FROM down
  JOIN place.place AS p ON p.parent_id = down.place_id
  WHERE {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
)
SELECT down.building_id,
  coalesce(array_agg(DISTINCT l.place_id) FILTER (WHERE l.place_id IS NOT NULL), '{{}}') AS used
FROM down LEFT JOIN estate.holding_leaf AS l ON l.place_id = down.place_id
  AND l.exclusive_group = 'use' AND l.during @> CAST(:as_of AS date)
GROUP BY down.building_id"""
_NAMES: Final = f"""
SELECT p.place_id,
  concat_ws(' ', {shown_name("above")}, coalesce({shown_name("p")}, p.code)) AS title
FROM place.place AS p LEFT JOIN place.place AS above ON above.place_id = p.parent_id
WHERE p.place_id = ANY (:buildings) ORDER BY p.code"""


class Counted(StrEnum):
    """How the people who move were counted."""

    STATED = "stated"
    """Who sits in the rooms that are left is stated."""
    BY_AREA = "by_area"
    """The quota of the body, by the share of its area that it leaves."""


@dataclass
class BodyChange:
    """What a plan changes for a body; areas are usable m2.

    Args:
        left: Rooms it leaves.
        gained: Rooms it gets.
        left_m2: Of rooms with an area, its share of each; so is `gained_m2`.
        people: Who move; null: not known. `counted` says how.
        km: In a straight line, from the middle of what it leaves to the middle of what it gets.
        over_before_m2: Over what it may have; 0: not over; null: that cannot be told.
    """

    organization_id: int
    left: int = 0
    gained: int = 0
    left_m2: Decimal = Decimal()
    gained_m2: Decimal = Decimal()
    people: Decimal | None = None
    counted: Counted | None = None
    km: Decimal | None = None
    over_before_m2: Decimal | None = None
    over_after_m2: Decimal | None = None

    @property
    def person_km(self) -> Decimal | None:
        """People by the way they move; null: either is not known."""
        return None if self.people is None or self.km is None else self.people * self.km


@dataclass(frozen=True)
class Figures:
    """What a plan comes to.

    Args:
        changing: Rooms that somebody gets who had them not.
        released: Rooms given up; `released_m2` of those with an area.
        unmeasured: Of the rooms given up, those without an area.
        people: Of the bodies of which it is known; `unknown_people` are others that leave rooms.
        over_m2: Over the standard before and after, of the bodies of which both can be told.
        unjudged: Bodies of which they cannot.
        freed: Names of the buildings that somebody uses and nobody would.
    """

    rooms: int
    changing: int
    released: int
    released_m2: Decimal
    unmeasured: int
    people: Decimal
    unknown_people: int
    person_km: Decimal
    unknown_ways: int
    over_m2: tuple[Decimal, Decimal]
    unjudged: int
    freed: Sequence[str]
    bodies: Sequence[BodyChange] = field(default=())


def figures(conn: Connection, plan: Mapping[str, Any]) -> Figures:
    """What a plan comes to on its day, as far as the account sees its rooms."""
    found = [one for one in rooms_of(conn, plan["plan_id"]) if one.place_id and one.code]
    day = day_of(plan)
    rooms = [one.place_id for one in found if one.place_id is not None]
    query = _SPOTS.format(counted=counted_areas(conn, day, within=rooms))
    spots = {row.place_id: row for row in conn.execute(text(query), {"rooms": rooms})}
    changes = _changes(found, spots)
    judged = [one for one in bodies(conn, day) if one.organization_id in changes]
    known = {one.body.organization_id: one for one in verdicts(conn, day, of=judged)}
    # Of a plan that is carried out the register says what is after it.
    is_done = plan["merged_edit_ids"] is not None
    for body, change in changes.items():
        _measure(change, known.get(body), found, spots, is_done=is_done)
    freed = _freed(conn, found, day, is_done=is_done)
    return _summed(found, spots, list(changes.values()), freed)


def _changes(rooms: Sequence[PlanRoom], spots: Mapping[int, Any]) -> dict[int, BodyChange]:
    changes: dict[int, BodyChange] = {}
    for one in rooms:
        before, after = _parts(one.stood), _parts(one.wanted)
        area = _area(one, spots)
        for body in before.keys() | after.keys():
            change = changes.setdefault(body, BodyChange(body))
            share = after.get(body, Decimal()) - before.get(body, Decimal())
            change.left += body not in after
            change.gained += body not in before
            change.left_m2 += max(-share, Decimal()) * (area or 0)
            change.gained_m2 += max(share, Decimal()) * (area or 0)
    return changes


def _parts(parties: Iterable[Any]) -> dict[int, Decimal]:
    """Which part of a room each body has; of those who share it without a word, alike."""
    listed = list(parties)
    return {
        one.holder_id: one.share if one.share is not None else Decimal(1) / len(listed)
        for one in listed
    }


def _measure(
    change: BodyChange,
    verdict: Verdict | None,
    rooms: Sequence[PlanRoom],
    spots: Mapping[int, Any],
    *,
    is_done: bool,
) -> None:
    body = change.organization_id
    left = [one for one in rooms if body in _parts(one.stood) and body not in _parts(one.wanted)]
    gained = [one for one in rooms if body in _parts(one.wanted) and body not in _parts(one.stood)]
    change.people, change.counted = _people(change, verdict, left, spots, is_done=is_done)
    start, end = _middle(left, spots), _middle(gained, spots)
    if start and end:
        change.km = Decimal(_EARTH.inv(*start, *end)[2]) / 1000
    if verdict is None or verdict.state is State.UNKNOWN:
        return
    difference = verdict.compared[-1].difference_m2
    more = _of_standard(body, rooms, spots)
    if difference is not None and more is not None:
        before = difference - more if is_done else difference
        change.over_before_m2 = max(before, Decimal())
        change.over_after_m2 = max(before + more, Decimal())


def _people(
    change: BodyChange,
    verdict: Verdict | None,
    left: Sequence[PlanRoom],
    spots: Mapping[int, Any],
    *,
    is_done: bool,
) -> tuple[Decimal | None, Counted | None]:
    if not left:
        return Decimal(), None
    parties = [
        one for room in left for one in room.stood if one.holder_id == change.organization_id
    ]
    if all(one.sharers for one in parties):
        heads = sum(each.heads for one in parties for each in one.sharers)
        return Decimal(heads), Counted.STATED
    had = sum((one.area_m2 for one in verdict.rooms), Decimal()) if verdict else Decimal()
    if is_done:
        had += change.left_m2 - change.gained_m2
    is_measured = all(_area(one, spots) is not None for one in left)
    if verdict is None or not verdict.entitlement.quota or had <= 0 or not is_measured:
        return None, None
    share = min(change.left_m2 / had, Decimal(1))
    return verdict.entitlement.quota * share, Counted.BY_AREA


def _middle(rooms: Sequence[PlanRoom], spots: Mapping[int, Any]) -> tuple[float, float] | None:
    """The middle of rooms by their areas; null: there are none, or one is not located."""
    found = [spot for one in rooms if (spot := spots.get(one.place_id or 0)) is not None]
    if not found or any(one.longitude is None for one in found):
        return None
    weights = [float(one.area_m2 or 1) for one in found]
    total = sum(weights)
    return (
        sum(one.longitude * by for one, by in zip(found, weights, strict=True)) / total,
        sum(one.latitude * by for one, by in zip(found, weights, strict=True)) / total,
    )


def _of_standard(body: int, rooms: Sequence[PlanRoom], spots: Mapping[int, Any]) -> Decimal | None:
    """How much more of rooms that the standard limits; null: one of them has no area."""
    more = Decimal()
    for one in rooms:
        share = _parts(one.wanted).get(body, Decimal()) - _parts(one.stood).get(body, Decimal())
        spot = spots.get(one.place_id or 0)
        if not share or spot is None or spot.room_class not in ROOM_CLASSES:
            continue
        if spot.area_m2 is None:
            return None
        more += share * spot.area_m2
    return more


def _area(one: PlanRoom, spots: Mapping[int, Any]) -> Decimal | None:
    spot = spots.get(one.place_id or 0)
    return None if spot is None else spot.area_m2


def _freed(
    conn: Connection, rooms: Sequence[PlanRoom], day: date, *, is_done: bool
) -> Sequence[str]:
    """Buildings that were used and of which nobody has anything then."""
    stood = {one.building_id for one in rooms if one.stood and one.building_id is not None}
    wanted = {one.place_id: bool(one.wanted) for one in rooms}
    into = {one.building_id for one in rooms if one.wanted}
    asked = {"buildings": sorted(stood - into), "as_of": day}
    freed = [
        row.building_id
        for row in conn.execute(text(_BUILDINGS), asked)
        if (not row.used if is_done else not any(wanted.get(room, True) for room in row.used))
    ]
    return [row.title for row in conn.execute(text(_NAMES), {"buildings": freed})]


def _summed(
    rooms: Sequence[PlanRoom],
    spots: Mapping[int, Any],
    changes: Sequence[BodyChange],
    freed: Sequence[str],
) -> Figures:
    released = [one for one in rooms if one.released_to]
    leaving = [one for one in changes if one.left]
    areas = [_area(one, spots) for one in released]
    moving = [one for one in leaving if one.gained]
    judged = [one for one in changes if one.over_before_m2 is not None]
    return Figures(
        rooms=len(rooms),
        changing=sum(bool(_parts(one.wanted).keys() - _parts(one.stood)) for one in rooms),
        released=len(released),
        released_m2=sum((one for one in areas if one is not None), Decimal()),
        unmeasured=areas.count(None),
        people=sum((one.people or Decimal() for one in leaving), Decimal()),
        unknown_people=sum(one.people is None for one in leaving),
        person_km=sum((one.person_km or Decimal() for one in moving), Decimal()),
        unknown_ways=sum(one.person_km is None for one in moving),
        over_m2=(
            sum((one.over_before_m2 or Decimal() for one in judged), Decimal()),
            sum((one.over_after_m2 or Decimal() for one in judged), Decimal()),
        ),
        unjudged=len(changes) - len(judged),
        freed=freed,
        bodies=sorted(changes, key=lambda one: one.organization_id),
    )
