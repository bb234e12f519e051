"""What the register knows of a floor: its building's outline, its rooms and their areas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import shapely
from sqlalchemy import Connection, text

from gis.errors import InputError
from gis.places.vocabulary import IN_FORCE, IS_OPEN

_BUILDING: Final = f"""
SELECT DISTINCT p.place_id, p.code, ST_AsBinary(p.geom) AS geom
FROM place.place AS p
WHERE p.kind = 'building' AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
  AND (p.code = :code OR p.place_id IN (
    SELECT i.place_id FROM place.identifier AS i
    WHERE i.value = :code AND {IN_FORCE.format("i")}))
"""
_INSIDE: Final = f"""
WITH RECURSIVE inside AS (
  SELECT p.place_id, p.kind, p.code, p.parent_id FROM place.place AS p WHERE p.place_id = :building
  UNION ALL
  SELECT p.place_id, p.kind, p.code, p.parent_id FROM place.place AS p
  JOIN inside AS up ON up.place_id = p.parent_id
  WHERE {IN_FORCE.format("p")} AND {IS_OPEN.format("p")} AND p.kind IN ('section', 'floor', 'room')
)
"""
_FLOORS: Final = f"""
{_INSIDE}
SELECT i.code FROM inside AS i JOIN place.floor AS f USING (place_id)
WHERE f.level = :level ORDER BY i.code
"""
# The newest figure of each source counts, as in the report of areas that differ.
_ROOMS: Final = f"""
{_INSIDE}
SELECT p.code, r.number, up.code AS parent_code, up.kind AS parent_kind,
       ST_AsBinary(p.geom) AS geom, area.surveyed_m2, area.ledger_m2
FROM inside AS i JOIN place.place AS p USING (place_id)
JOIN place.room AS r ON r.place_id = p.place_id
JOIN place.place AS up ON up.place_id = p.parent_id
LEFT JOIN place.floor AS f ON f.place_id = p.parent_id
LEFT JOIN LATERAL (
  SELECT max(m.area_m2) FILTER (WHERE m.source = 'survey') AS surveyed_m2,
         max(m.area_m2) FILTER (WHERE m.source = 'declared') AS ledger_m2
  FROM (SELECT DISTINCT ON (a.source) a.source, a.area_m2 FROM place.area_measure AS a
        WHERE a.place_id = p.place_id AND a.area_kind = 'usable'
          AND (a.measured_on IS NULL OR a.measured_on <= :as_of)
        ORDER BY a.source, a.measured_on DESC NULLS LAST) AS m
) AS area ON true
WHERE i.kind = 'room' AND coalesce(f.level, r.floor_level) = :level
ORDER BY r.number, p.code
"""


@dataclass(frozen=True)
class KnownRoom:
    """A room as the register has it.

    Args:
        code: Its code.
        number: As registered; null without.
        parent_code: Code of what it hangs in.
        parent_kind: `floor`, `section` or `building`.
        outline: Shapely, degrees; null where it has none.
        surveyed_m2: Usable area by survey, the newest; null without.
        ledger_m2: Usable area as declared in a ledger, the newest; null without.
    """

    code: str
    number: str | None
    parent_code: str
    parent_kind: str
    outline: Any
    surveyed_m2: float | None
    ledger_m2: float | None


@dataclass(frozen=True)
class KnownFloor:
    """A floor of a building as the register has it.

    Args:
        building_code: Code of the building.
        footprint: Shapely polygon of the building, degrees; null where it has none.
        code: Code of the floor; null where the building has no such floor, or several.
        level: Signed.
        rooms: By number, then code.
    """

    building_code: str
    footprint: Any
    code: str | None
    level: int
    rooms: Sequence[KnownRoom]


def known_floor(conn: Connection, building: str, level: int, as_of: date) -> KnownFloor:
    """A floor as the asking account sees it.

    Args:
        conn: In the name of whoever asks.
        building: Code or other number of the building.
        level: Signed; -1 is the first basement.
        as_of: The day.

    Raises:
        InputError: There is no such building, or more than one.
    """
    found = conn.execute(text(_BUILDING), {"code": building, "as_of": as_of}).all()
    if len(found) != 1:
        key = "plan.several_buildings" if found else "plan.no_such_building"
        raise InputError(key, code=building, known=", ".join(sorted(one.code for one in found)))
    values = {"building": found[0].place_id, "level": level, "as_of": as_of}
    floors = conn.execute(text(_FLOORS), values).scalars().all()
    shape = _shape(found[0].geom)
    is_outline = shape is not None and shape.geom_type in {"Polygon", "MultiPolygon"}
    return KnownFloor(
        building_code=found[0].code,
        footprint=shape if is_outline else None,
        code=floors[0] if len(floors) == 1 else None,
        level=level,
        rooms=[
            KnownRoom(
                row.code, row.number, row.parent_code, row.parent_kind, _shape(row.geom),
                None if row.surveyed_m2 is None else float(row.surveyed_m2),
                None if row.ledger_m2 is None else float(row.ledger_m2),
            )
            for row in conn.execute(text(_ROOMS), values)
        ],
    )  # fmt: skip


def _shape(wkb: Any) -> Any:
    return None if wkb is None else shapely.from_wkb(bytes(wkb))
