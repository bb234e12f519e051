"""The rooms a body has, each by itself: where it is, what it is, how much of it, with whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.space.queries import SOME, of_rooms_had
from assets.space.rules import ROOM_CLASSES
from gis.organizations.then import name_then
from gis.places.then import places_as_of

_ALL: Final = 2**31
_ROOMS: Final = f"""
SELECT d.holder_id, d.place_id, p.code, r.number, p.name, d.room_class, c.area_m2, f.label AS floor,
  building.name AS building, c.area_m2 * d.share / d.alike AS part_m2, others.names AS others,
  d.alike > 1 AS is_alike,
  (SELECT sum(s.heads) FROM estate.sharer AS s JOIN estate.holding AS h USING (holding_id)
   WHERE s.holding_id = d.holding_id AND s.holder_id = d.holder_id
     AND h.place_id = d.place_id) AS heads, count(*) OVER () AS total,
  (SELECT count(*) FROM place.photo AS f WHERE f.place_id = d.place_id) AS photos
FROM pg_temp.had_leaf AS d JOIN {{places}} AS p USING (place_id)
JOIN {{rooms}} AS r USING (place_id)
LEFT JOIN {{areas}} AS c USING (place_id)
LEFT JOIN place.floor AS f ON f.place_id = p.parent_id
LEFT JOIN LATERAL (
  WITH RECURSIVE above AS (
    SELECT p.parent_id AS place_id
    UNION
    SELECT up.parent_id FROM above JOIN {{places}} AS up USING (place_id)
    WHERE up.kind <> 'building'
  )
  SELECT coalesce(up.name, up.code) AS name, up.code FROM above
  JOIN {{places}} AS up USING (place_id) WHERE up.kind = 'building') AS building ON true
LEFT JOIN LATERAL (
  SELECT array_agg({name_then("o")} ORDER BY o.code) AS names FROM estate.holding_party AS y
  JOIN organization.organization AS o ON o.organization_id = y.holder_id
  WHERE y.holding_id = d.holding_id AND y.holder_id <> d.holder_id
    AND (d.share < 1 OR d.alike > 1)) AS others ON true
WHERE d.is_room
ORDER BY d.holder_id, building.code NULLS LAST, f.level NULLS LAST, r.number NULLS LAST, p.code
LIMIT :limit OFFSET :offset"""

_TOTAL: Final = "SELECT count(*) FROM pg_temp.had_leaf JOIN place.room USING (place_id)"


@dataclass(frozen=True)
class HeldRoom:
    """A room a body has, called, placed and classed as on the day; photos are today's.

    Args:
        building: Name, else code of the building it is in; null: in none.
        room_class: Term of list room_class; null: not stated.
        area_m2: Usable, of the whole room; null: not known.
        part_m2: Of it, what counts for the body.
        others: Bodies it is shared with.
        is_alike: Nobody said how it is shared, so each counts alike.
        heads: How many people of the body sit there; null: nobody said.
        photos: How many are kept of it.
    """

    place_id: int
    code: str
    number: str | None
    name: str | None
    building: str | None
    floor: str | None
    room_class: str | None
    area_m2: Decimal | None
    part_m2: Decimal | None
    others: tuple[str, ...]
    is_alike: bool
    heads: int | None
    photos: int

    @property
    def counts(self) -> bool:
        """Whether the standard limits what it is."""
        return self.room_class in ROOM_CLASSES


@dataclass(frozen=True)
class HeldRooms:
    """Some of the rooms, and how many there are."""

    total: int
    rooms: Sequence[HeldRoom]


def rooms_held(
    conn: Connection, as_of: date, organization_id: int, *, limit: int, offset: int = 0
) -> HeldRooms:
    """Rooms a body has for itself or shares on a day, by building, floor and number."""
    query = _rooms_then(conn, as_of)
    found = of_rooms_had(conn, as_of, [organization_id], query, limit=limit, offset=offset)
    if not found and offset:  # past the end there still are as many
        return HeldRooms(conn.execute(text(_TOTAL)).scalar_one(), [])
    return HeldRooms(found[0].total if found else 0, [_room(row) for row in found])


def rooms_held_by(
    conn: Connection, as_of: date, body_ids: Sequence[int]
) -> Mapping[int, Sequence[HeldRoom]]:
    """Rooms of several bodies, by number of the body; of each in the order of `rooms_held`."""
    found: dict[int, list[HeldRoom]] = {one: [] for one in body_ids}
    query = _rooms_then(conn, as_of)
    for begins in range(0, len(body_ids), SOME):
        some = body_ids[begins : begins + SOME]
        for row in of_rooms_had(conn, as_of, some, query, limit=_ALL, offset=0):
            found[row.holder_id].append(_room(row))
    return found


def _rooms_then(conn: Connection, as_of: date) -> str:
    """The query over the places as they hung and were called on the day."""
    places = places_as_of(conn, as_of)
    return _ROOMS.replace("{places}", places.by_id).replace("{rooms}", places.rooms)


def _room(row: Any) -> HeldRoom:
    return HeldRoom(
        row.place_id, row.code, row.number, row.name, row.building, row.floor, row.room_class,
        row.area_m2, row.part_m2, tuple(row.others or ()), row.is_alike,
        row.heads, row.photos,
    )  # fmt: skip
