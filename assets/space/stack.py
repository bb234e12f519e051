"""The rooms of a building floor by floor: who has them, of which class, and what is no room."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.organizations.then import name_then
from gis.places.counted import counted_areas
from gis.places.names import shown_name
from gis.places.then import children_of, places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN

STACKED: Final = ("site", "building", "section")
"""Kinds of places that are shown so."""
_DOWN: Final = f"""
WITH RECURSIVE down AS (
  SELECT p.place_id, p.kind, CAST(NULL AS bigint) AS floor_id, 0 AS step,
    ARRAY[p.place_id] AS path
  FROM {{places}} AS p WHERE p.place_id = :place_id AND {IN_FORCE.format("p")}
  UNION ALL
  SELECT p.place_id, p.kind,
    CASE WHEN p.kind = 'floor' THEN p.place_id ELSE down.floor_id END, down.step + 1,
    down.path || p.place_id
  FROM down JOIN {{children}} WHERE {IN_FORCE.format("p")} AND down.step < 20
)"""
_HEAD: Final = f"""
SELECT p.place_id, p.kind, {shown_name("p")} AS name, above.place_id AS above_id,
  {shown_name("above")} AS above_name
FROM {{places}} AS p LEFT JOIN {{places}} AS above ON above.place_id = p.parent_id
WHERE p.place_id = :place_id AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}"""
_FLOORS: Final = f"""{_DOWN}
SELECT p.place_id, f.level, c.area_m2 AS gross_m2,
  concat_ws(' ', CASE WHEN top.kind = 'site' THEN coalesce({shown_name("b")}, b.code) END,
    coalesce(f.label, p.name)) AS label
FROM down JOIN {{places}} AS p USING (place_id)
JOIN place.floor AS f USING (place_id)
CROSS JOIN (SELECT kind FROM down WHERE step = 0) AS top
LEFT JOIN {{places}} AS b ON b.place_id = p.parent_id
LEFT JOIN {{counted}} AS c ON c.place_id = p.place_id AND c.area_kind = 'gross'
WHERE {IS_OPEN.format("p")}
ORDER BY CASE WHEN top.kind = 'site' THEN b.code END, f.level DESC NULLS LAST, p.code"""
_ROOMS: Final = f"""{_DOWN}
SELECT p.place_id, down.floor_id, down.path, r.number,
  coalesce(nullif(concat_ws(' ', r.number, p.name), ''), p.address) AS name, r.room_class,
  p.use_status, c.area_m2 AS usable_m2
FROM down JOIN {{places}} AS p USING (place_id)
JOIN {{rooms}} AS r USING (place_id)
LEFT JOIN {{counted}} AS c ON c.place_id = p.place_id AND c.area_kind = 'usable'
WHERE {IS_OPEN.format("p")}
ORDER BY r.number NULLS LAST, p.code"""
# By whichever place it was said of, as in the verdicts: who has the floor has its rooms. A leaf is
# seen with its room: of a site that is hidden it tells that somebody has the room, and not who.
_USED: Final = f"""
SELECT l.place_id, CASE WHEN o.organization_id IS NOT NULL THEN h.kind END AS kind,
  o.organization_id, {name_then("o")} AS name,
  sum(coalesce(y.share, 1.0 / shared.parties)) AS share
FROM unnest(CAST(:rooms AS bigint[])) AS room (place_id)
JOIN estate.holding_leaf AS l ON l.place_id = room.place_id AND l.exclusive_group = 'use'
  AND l.during @> CAST(:as_of AS date)
LEFT JOIN estate.holding AS h ON h.holding_id = l.holding_id
LEFT JOIN estate.holding_party AS y ON y.holding_id = h.holding_id
LEFT JOIN organization.organization AS o ON o.organization_id = y.holder_id
CROSS JOIN LATERAL (SELECT greatest(count(*), 1) AS parties FROM estate.holding_party AS every
                    WHERE every.holding_id = h.holding_id) AS shared
GROUP BY l.place_id, h.kind, o.organization_id, o.name
ORDER BY l.place_id, o.organization_id"""
_LINE: Final = """
WITH RECURSIVE up AS (
  SELECT p.place_id, p.parent_id, 0 AS step FROM {places} AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id, p.parent_id, up.step + 1
  FROM up JOIN {places} AS p ON p.place_id = up.parent_id WHERE up.step < 20
)
SELECT place_id FROM up"""
_PARTLY: Final = f"""
SELECT h.place_id, o.organization_id, {name_then("o")} AS name
FROM estate.holding AS h JOIN estate.holding_party AS y USING (holding_id)
JOIN organization.organization AS o ON o.organization_id = y.holder_id
WHERE h.place_id = ANY (CAST(:within AS bigint[])) AND h.kind = 'occupies'
  AND h.extent <> 'whole' AND {IN_FORCE.format("h")}
ORDER BY o.code"""
# A part of a place is told room by room once its holder has a room in it.
_TOLD: Final = """
WITH RECURSIVE up AS (
  SELECT y.holder_id, r.parent_id AS place_id
  FROM estate.holding_party AS y
  JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
  JOIN estate.holding_leaf AS l ON l.holding_id = h.holding_id
    AND l.during @> CAST(:as_of AS date)
  JOIN place.place AS r ON r.place_id = l.place_id AND r.kind = 'room'
  WHERE y.holder_id = ANY (CAST(:holders AS bigint[]))
  UNION
  SELECT up.holder_id, p.parent_id FROM up JOIN place.place AS p USING (place_id)
  WHERE p.parent_id IS NOT NULL
)
SELECT holder_id, place_id FROM up WHERE place_id = ANY (CAST(:within AS bigint[]))"""
WITHHELD: Final = "withheld"
"""Stands for the use of a room that somebody has whom the account may not see."""
UNTOLD: Final = "untold"
"""Stands for the use of a room that may belong to what a body has without saying which rooms."""


@dataclass(frozen=True)
class Occupant:
    """A body in a room.

    Args:
        share: Of the room; where several have it and nobody said how, each counts alike.
    """

    organization_id: int
    name: str
    share: Decimal


@dataclass(frozen=True)
class Room:
    """A room as it was on the day.

    Args:
        name: Its number and name; its code where it has neither.
        room_class: Term of list room_class; null: not stated.
        usable_m2: The area that counts; null: none is known.
        occupants: Nobody: see `use`.
        use: What becomes of it where nobody occupies it: `lets_out`, `lends`, `reserves`,
            `WITHHELD`, `UNTOLD`; null: it is occupied, or free as far as the account sees.
    """

    place_id: int
    name: str
    room_class: str | None
    use_status: str | None
    usable_m2: Decimal | None
    occupants: tuple[Occupant, ...]
    use: str | None


@dataclass(frozen=True)
class Floor:
    """A floor and its rooms.

    Args:
        place_id: Null: rooms that hang on no floor.
        level: Signed; null as above, or not known.
        gross_m2: The area of the floor that counts; null: none is known.
        rooms: By number.
    """

    place_id: int | None
    level: int | None
    label: str | None
    gross_m2: Decimal | None
    rooms: tuple[Room, ...]

    @property
    def usable_m2(self) -> Decimal:
        """Of its rooms with an area."""
        return sum((room.usable_m2 or Decimal() for room in self.rooms), Decimal())

    @property
    def beside_m2(self) -> Decimal | None:
        """What nobody can be given: walls, stairs, corridors; null where that cannot be told.

        So it is where the floor's area or that of one of its rooms is unknown, or no room is told.
        Never below nothing: rooms may be measured larger than their floor.
        """
        if self.gross_m2 is None or not self.rooms or self.unmeasured:
            return None
        return max(self.gross_m2 - self.usable_m2, Decimal())

    @property
    def unmeasured(self) -> int:
        """Rooms without an area."""
        return sum(room.usable_m2 is None for room in self.rooms)


@dataclass(frozen=True)
class Stack:
    """A building on a day, or all of a site.

    Args:
        floors: The highest first, of a site building by building; last what hangs on none.
        partly: Names of bodies that have a part of it, nobody said which rooms.
    """

    place_id: int
    kind: str
    name: str | None
    above_id: int | None
    above_name: str | None
    floors: tuple[Floor, ...]
    partly: tuple[str, ...]

    @property
    def rooms(self) -> Iterable[Room]:
        """All of them."""
        return (room for floor in self.floors for room in floor.rooms)


def stack_of(conn: Connection, place_id: int, as_of: date) -> Stack | None:
    """A building floor by floor, as of a day, of what the asking account sees.

    Args:
        conn: In the name of whoever asks.
        place_id: A building or a section of one, or a site with all of them.
        as_of: The day, of places, classes, areas and who has them.

    Returns:
        None where there is no such building.
    """
    places = places_as_of(conn, as_of)
    values: dict[str, Any] = {"place_id": place_id, "as_of": as_of}
    head = conn.execute(text(_HEAD.format(places=places.by_id)), values).one_or_none()
    if head is None or head.kind not in STACKED:
        return None
    parts = {
        "places": places.by_id,
        "rooms": places.rooms,
        "children": children_of("down", places),
        "counted": counted_areas(conn, as_of, within=[place_id]),
    }
    floors = conn.execute(text(_FLOORS.format(**parts)), values).all()
    found = conn.execute(text(_ROOMS.format(**parts)), values).all()
    ids = [room.place_id for room in found]
    used = _used(conn, ids, as_of)
    line = conn.execute(text(_LINE.format(places=places.by_id)), values).scalars().all()
    inside = {row.place_id for row in floors}.union(*(room.path for room in found))
    partly = _partly(conn, [*{*line, *inside}], as_of)
    # What is said of a floor or a room says nothing of the others; all above, of the whole.
    is_all = not partly.keys().isdisjoint(line)
    rooms: dict[int | None, list[Room]] = defaultdict(list)
    for room in found:
        is_untold = is_all or not partly.keys().isdisjoint(room.path)
        rooms[room.floor_id].append(_room(room, used.get(room.place_id, ()), is_untold=is_untold))
    listed = [
        Floor(row.place_id, row.level, row.label, row.gross_m2, tuple(rooms.pop(row.place_id, ())))
        for row in floors
    ]
    rest = tuple(room for floor in rooms.values() for room in floor)
    if rest:
        listed.append(Floor(None, None, None, None, rest))
    names = tuple(dict.fromkeys(name for some in partly.values() for name in some))
    return Stack(
        head.place_id, head.kind, head.name, head.above_id, head.above_name, tuple(listed), names
    )


def _used(conn: Connection, rooms: Sequence[int], as_of: date) -> Mapping[int, Sequence[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in conn.execute(text(_USED), {"rooms": list(rooms), "as_of": as_of}):
        found[row.place_id].append(row)
    return found


def _partly(conn: Connection, within: Sequence[int], as_of: date) -> Mapping[int, Sequence[str]]:
    """Names of the bodies that have a part of each place without having a room in it."""
    values: dict[str, Any] = {"within": list(within), "as_of": as_of}
    parts = conn.execute(text(_PARTLY), values).all()
    holders = [row.organization_id for row in parts]
    told = {tuple(row) for row in conn.execute(text(_TOLD), {**values, "holders": holders})}
    found: dict[int, list[str]] = defaultdict(list)
    for row in parts:
        if (row.organization_id, row.place_id) not in told:
            found[row.place_id].append(row.name)
    return found


def _room(row: Any, used: Sequence[Any], *, is_untold: bool) -> Room:
    occupants = tuple(
        Occupant(one.organization_id, one.name, one.share) for one in used if one.kind == "occupies"
    )
    other = next((one.kind or WITHHELD for one in used if one.kind != "occupies"), None)
    return Room(
        row.place_id,
        row.name,
        row.room_class,
        row.use_status,
        row.usable_m2,
        occupants,
        None if occupants else other or (UNTOLD if is_untold else None),
    )
