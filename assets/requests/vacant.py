"""Rooms nobody has: those that would do for a request, and those that stand idle too long.

A room is called vacant only where nobody may have it: it is stated to be idle or empty, or somebody
had it before (`assets.space.vacancy`), and there is no use of it now or promised for later, by
whatever place it was said of; no part of something above it that nobody has told by room; and
nothing above it that the account does not see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.requests.rules import Vacant
from gis.places.counted import counted_areas
from gis.places.names import property_name, shown_name
from gis.places.vocabulary import IN_FORCE, IS_OPEN

MOST: Final = 500
"""Rooms of one list: the nearest, then by building."""
_OFFICES: Final = ("office", "vacant")
"""Classes that may be given out as offices: 空置房间 says what a room was, not what it is for."""
_NOBODYS: Final = ("ancillary", "equipment")
"""Stairs, toilets, plant rooms wait for nobody."""
_WAITING: Final = "(r.room_class IS NULL OR r.room_class <> ALL (CAST(:classes AS text[])))"
_USABLE: Final = ("in_use", "idle", "active")
"""Terms of list use_status that keep nobody out; a room that was left may still be said to be in
use."""
_VACANT: Final = f"""
WITH RECURSIVE area AS (
  SELECT a.code FROM place.admin_area AS a WHERE a.code = :district
  UNION
  SELECT a.code FROM area JOIN place.admin_area AS a ON a.parent_code = area.code
),
point AS (
  SELECT ST_SetSRID(ST_MakePoint(CAST(:longitude AS float8), CAST(:latitude AS float8)), 4490)
    ::geography AS at
),
free AS MATERIALIZED (
  SELECT p.place_id, p.parent_id, p.anchor, p.use_status, r.number, r.room_class
  FROM place.room AS r JOIN place.place AS p USING (place_id) CROSS JOIN point
  WHERE {{of_class}} AND {{chosen}} AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
    AND (p.use_status IS NULL OR p.use_status = ANY (CAST(:usable AS text[])))
    AND (CAST(:district AS text) IS NULL OR p.admin_area_code IN (SELECT code FROM area))
    AND (CAST(:radius_m AS float8) IS NULL
         OR ST_DWithin(p.anchor::geography, point.at, CAST(:radius_m AS float8)))
    AND NOT EXISTS (
      SELECT FROM estate.holding_leaf AS l
      WHERE l.place_id = p.place_id AND l.exclusive_group = 'use'
        AND l.during && daterange(CAST(:as_of AS date), NULL))
),
line AS (
  SELECT f.parent_id AS below, p.place_id, p.kind, p.parent_id, 0 AS step
  FROM (SELECT DISTINCT parent_id FROM free WHERE parent_id IS NOT NULL) AS f
  JOIN place.place AS p ON p.place_id = f.parent_id
  UNION ALL
  SELECT line.below, p.place_id, p.kind, p.parent_id, line.step + 1
  FROM line JOIN place.place AS p ON p.place_id = line.parent_id WHERE line.step < 20
),
-- Above something that one does not see somebody may have it all.
seen AS (
  SELECT below FROM line GROUP BY below HAVING count(*) FILTER (WHERE parent_id IS NULL) > 0
),
partly AS MATERIALIZED (
  SELECT DISTINCT h.place_id, y.holder_id FROM estate.holding AS h
  JOIN estate.holding_party AS y USING (holding_id)
  WHERE h.kind = 'occupies' AND h.extent <> 'whole'
    AND (h.valid_to IS NULL OR h.valid_to > :as_of)
    AND h.place_id IN (SELECT place_id FROM line UNION ALL SELECT place_id FROM free)
),
-- A part of a place is told room by room once its holder has a room in it.
told AS (
  SELECT y.holder_id, r.parent_id AS place_id
  FROM (SELECT DISTINCT holder_id FROM partly) AS one
  JOIN estate.holding_party AS y USING (holder_id)
  JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
  JOIN estate.holding_leaf AS l ON l.holding_id = h.holding_id
    AND l.during @> CAST(:as_of AS date)
  JOIN place.place AS r ON r.place_id = l.place_id AND r.kind = 'room'
  UNION
  SELECT told.holder_id, p.parent_id FROM told JOIN place.place AS p USING (place_id)
  WHERE p.parent_id IS NOT NULL
),
untold AS (SELECT place_id FROM (SELECT place_id, holder_id FROM partly
                                 EXCEPT SELECT place_id, holder_id FROM told) AS one),
hung AS (
  SELECT below,
    (array_agg(place_id ORDER BY step) FILTER (WHERE kind = 'building'))[1] AS building_id,
    (array_agg(place_id ORDER BY step) FILTER (WHERE kind = 'floor'))[1] AS floor_id,
    bool_or(place_id IN (SELECT place_id FROM untold)) AS is_untold
  FROM line WHERE below IN (SELECT below FROM seen) GROUP BY below
),
vacant AS MATERIALIZED (
  SELECT f.*, h.building_id, h.floor_id FROM free AS f LEFT JOIN hung AS h ON h.below = f.parent_id
  WHERE (f.parent_id IS NULL OR h.is_untold IS FALSE)
    AND f.place_id NOT IN (SELECT place_id FROM untold)
),
dated AS (
  SELECT v.*, CAST(ST_Distance(v.anchor::geography, point.at) AS integer) AS distance_m,
    (SELECT max(upper(l.during)) FROM estate.holding_leaf AS l
     WHERE l.place_id = v.place_id AND l.exclusive_group = 'use') AS vacant_since
  FROM vacant AS v CROSS JOIN point
),
listed AS (
  SELECT d.*, b.code AS building_code,
    nullif(concat_ws(' ', {property_name("b", "s")}, coalesce({shown_name("b")}, b.code)), '')
      AS building,
    coalesce(k.label, shown.floor_label) AS floor, coalesce(k.level, shown.floor_level) AS level,
    min(d.distance_m) OVER (PARTITION BY d.building_id) AS near_m,
    count(*) FILTER (WHERE {{counts}}) OVER () AS total,
    count(*) FILTER (WHERE d.vacant_since IS NULL) OVER () AS undated
  FROM dated AS d
  JOIN place.room AS shown ON shown.place_id = d.place_id
  LEFT JOIN place.place AS b ON b.place_id = d.building_id
  LEFT JOIN place.place AS s ON s.place_id = b.parent_id AND s.kind = 'site'
  LEFT JOIN place.floor AS k ON k.place_id = d.floor_id
  WHERE {{wanted}}
    AND (d.vacant_since IS NOT NULL OR d.use_status = 'idle' OR d.room_class = 'vacant')
)
SELECT l.*, p.code, coalesce({shown_name("p")}, p.code) AS name, c.area_m2 AS usable_m2,
  ST_X(l.anchor) AS longitude, ST_Y(l.anchor) AS latitude
FROM listed AS l JOIN place.place AS p USING (place_id)
LEFT JOIN {{counted}} AS c ON c.place_id = l.place_id AND c.area_kind = 'usable'
ORDER BY {{order}} l.near_m NULLS LAST, l.building_code NULLS LAST, l.level NULLS LAST,
  length(l.number), l.number, p.code
LIMIT :most"""
_NEIGHBOURS: Final = """
SELECT p.place_id, row_number() OVER (
  PARTITION BY p.parent_id ORDER BY length(r.number), r.number, p.code) AS position
FROM place.place AS p JOIN place.room AS r USING (place_id)
WHERE p.parent_id = ANY (:floors) AND p.kind = 'room'"""


@dataclass(frozen=True)
class Stock:
    """Vacant rooms, the nearest building first, then by building, floor and number.

    Args:
        total: How many there are; no more than `MOST` are listed.
        undated: Of idle rooms, how many are not known to have been anybody's, so that nobody can
            say since when; 0 for other lists.
    """

    rooms: Sequence[Vacant]
    total: int
    undated: int = 0


def rooms_that_would_do(
    conn: Connection,
    as_of: date,
    *,
    district: str | None = None,
    longitude: float | None = None,
    latitude: float | None = None,
    radius_m: int | None = None,
    most: int = MOST,
) -> Stock:
    """Vacant office rooms of an area, as far as the account sees.

    Args:
        district: Code of an area, with all below it; null: every one.
        longitude: EPSG:4490; null, as the next two: however far.
        most: Rooms listed at most.
    """
    return _stock(
        conn, as_of, of_class="r.room_class = ANY (CAST(:classes AS text[]))",
        classes=list(_OFFICES), district=district, longitude=longitude, latitude=latitude,
        radius_m=radius_m, most=most,
    )  # fmt: skip


def still_vacant(conn: Connection, rooms: Sequence[int], as_of: date) -> frozenset[int]:
    """Those of some rooms that nobody has; there may be no more of them than `MOST`."""
    found = _stock(
        conn, as_of, of_class="true", chosen="p.place_id = ANY (CAST(:rooms AS bigint[]))",
        rooms=list(rooms),
    )  # fmt: skip
    return frozenset(room.place_id for room in found.rooms)


def idle_rooms(conn: Connection, as_of: date, *, since: date) -> Stock:
    """Rooms that nobody has had since before a day, the longest first; stairs and the like apart.

    Args:
        since: Those vacant before this day are listed.
    """
    found = _stock(
        conn, as_of, of_class=_WAITING,
        classes=list(_NOBODYS), wanted="(d.vacant_since < :since OR d.vacant_since IS NULL)",
        counts="d.vacant_since IS NOT NULL", order="l.vacant_since NULLS LAST,", since=since,
    )  # fmt: skip
    return Stock([one for one in found.rooms if one.vacant_since], found.total, found.undated)


def _stock(
    conn: Connection,
    as_of: date,
    *,
    of_class: str,
    chosen: str = "true",
    wanted: str = "true",
    counts: str = "true",
    order: str = "",
    **values: Any,
) -> Stock:
    asked = {
        "as_of": as_of, "district": None, "longitude": None, "latitude": None, "radius_m": None,
        "usable": list(_USABLE), "most": MOST, **values,
    }  # fmt: skip
    query = _VACANT.format(
        of_class=of_class, chosen=chosen, wanted=wanted, counts=counts, order=order,
        counted=counted_areas(conn, as_of),
    )  # fmt: skip
    rows = conn.execute(text(query), asked).all()
    floors = sorted({row.parent_id for row in rows if row.parent_id is not None})
    at = {row.place_id: row.position for row in conn.execute(text(_NEIGHBOURS), {"floors": floors})}
    rooms = [
        Vacant(
            place_id=row.place_id, code=row.code, name=row.name,
            title=" ".join(one for one in (row.building, row.floor, row.name) if one),
            building_id=row.building_id, building=row.building, floor_id=row.parent_id,
            floor=row.floor, position=at.get(row.place_id, 0), usable_m2=row.usable_m2,
            distance_m=row.distance_m, vacant_since=row.vacant_since, longitude=row.longitude,
            latitude=row.latitude, room_class=row.room_class,
        )
        for row in rows
    ]  # fmt: skip
    return Stock(rooms, rows[0].total, rows[0].undated) if rows else Stock((), 0)
