"""Reads of what stands behind a planner's questions. All under row security, as of today."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.redeployment.rules import Building, vacant_by_building
from assets.requests.vacant import Stock, rooms_that_would_do
from gis.places.counted import counted_areas
from gis.places.names import shown_name
from gis.places.vocabulary import IN_FORCE, IS_OPEN

MOST_ROOMS: Final = 50_000
"""Vacant rooms read for one question; of more a district or a distance is asked for."""
MOST_ROWS: Final = 500
"""Rows of one answer."""
_OFFICES: Final = ("office", "vacant")
_AREAS: Final = """area AS (
  SELECT a.code FROM place.admin_area AS a WHERE a.code = :district
  UNION
  SELECT a.code FROM area JOIN place.admin_area AS a ON a.parent_code = area.code
)"""
# What hangs in what is walked from the few things that rooms hang in, not from each room.
_BUILDINGS: Final = f"""
WITH RECURSIVE {_AREAS},
room AS MATERIALIZED (
  SELECT p.place_id, p.parent_id, c.area_m2
  FROM place.room AS r JOIN place.place AS p USING (place_id)
  LEFT JOIN {{counted}} AS c ON c.place_id = p.place_id AND c.area_kind = 'usable'
  WHERE r.room_class = ANY (CAST(:classes AS text[]))
    AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
    AND (CAST(:district AS text) IS NULL OR p.admin_area_code IN (SELECT code FROM area))
),
line AS (
  SELECT f.parent_id AS below, p.place_id, p.kind, p.parent_id, 0 AS step
  FROM (SELECT DISTINCT parent_id FROM room WHERE parent_id IS NOT NULL) AS f
  JOIN place.place AS p ON p.place_id = f.parent_id
  UNION ALL
  SELECT line.below, p.place_id, p.kind, p.parent_id, line.step + 1
  FROM line JOIN place.place AS p ON p.place_id = line.parent_id WHERE line.step < 20
),
hung AS (
  SELECT DISTINCT ON (below) below, place_id AS building_id FROM line
  WHERE kind = 'building' ORDER BY below, step
),
holder AS (
  SELECT DISTINCT h.building_id, y.holder_id
  FROM hung AS h JOIN room ON room.parent_id = h.below
  JOIN estate.holding_leaf AS l ON l.place_id = room.place_id
    AND l.during @> CAST(:as_of AS date)
  JOIN estate.holding AS o ON o.holding_id = l.holding_id AND o.kind = 'occupies'
  JOIN estate.holding_party AS y ON y.holding_id = o.holding_id
),
leased AS (
  SELECT DISTINCT h.building_id FROM hung AS h JOIN line ON line.below = h.below
  JOIN estate.holding AS o ON o.place_id = line.place_id AND o.kind = 'leases_in'
    AND o.extent = 'whole' AND {IN_FORCE.format("o")}
)
SELECT b.place_id, b.code, coalesce({shown_name("b")}, b.code) AS title, area.name AS district,
  ST_X(b.anchor) AS longitude, ST_Y(b.anchor) AS latitude, s.rooms,
  coalesce(s.usable_m2, 0) AS usable_m2, s.unmeasured,
  (SELECT count(*) FROM holder WHERE holder.building_id = b.place_id) AS bodies,
  b.place_id IN (SELECT building_id FROM leased) AS is_leased_in
FROM (
  SELECT h.building_id, count(*) AS rooms, sum(room.area_m2) AS usable_m2,
    count(*) FILTER (WHERE room.area_m2 IS NULL) AS unmeasured
  FROM room JOIN hung AS h ON h.below = room.parent_id GROUP BY h.building_id
) AS s
JOIN place.place AS b ON b.place_id = s.building_id
LEFT JOIN place.admin_area AS area
  ON area.code = coalesce(b.stated_admin_area_code, b.admin_area_code)
ORDER BY b.place_id"""
_SCATTERED: Final = f"""
WITH RECURSIVE {_AREAS},
had AS MATERIALIZED (
  SELECT y.holder_id, p.parent_id, p.place_id, p.kind
  FROM estate.holding_leaf AS l
  JOIN estate.holding AS h ON h.holding_id = l.holding_id AND h.kind = 'occupies'
  JOIN estate.holding_party AS y ON y.holding_id = h.holding_id
  JOIN place.place AS p ON p.place_id = l.place_id AND {IS_OPEN.format("p")}
  WHERE l.during @> CAST(:as_of AS date)
),
at AS (SELECT DISTINCT holder_id, coalesce(parent_id, place_id) AS below FROM had),
line AS (
  SELECT f.below, p.place_id, p.parent_id, 0 AS step
  FROM (SELECT DISTINCT below FROM at) AS f JOIN place.place AS p ON p.place_id = f.below
  UNION ALL
  SELECT line.below, p.place_id, p.parent_id, line.step + 1
  FROM line JOIN place.place AS p ON p.place_id = line.parent_id WHERE line.step < 20
),
-- The uppermost that the account sees.
top AS (SELECT DISTINCT ON (below) below, place_id FROM line ORDER BY below, step DESC),
site AS (SELECT DISTINCT at.holder_id, top.place_id FROM at JOIN top USING (below)),
many AS (
  SELECT holder_id, count(*) AS sites FROM site GROUP BY holder_id HAVING count(*) > :more_than
)
SELECT o.organization_id, o.code, o.name, area.name AS district, many.sites,
  count(had.place_id) FILTER (WHERE had.kind = 'room') AS rooms,
  (SELECT string_agg(one.title, '; ' ORDER BY one.title)
   FROM (SELECT coalesce({shown_name("p")}, p.code) AS title
         FROM site JOIN place.place AS p USING (place_id)
         WHERE site.holder_id = many.holder_id ORDER BY 1 LIMIT 20) AS one) AS titles
FROM many JOIN organization.organization AS o ON o.organization_id = many.holder_id
JOIN had ON had.holder_id = many.holder_id
LEFT JOIN place.admin_area AS area ON area.code = o.admin_area_code
WHERE CAST(:district AS text) IS NULL OR o.admin_area_code IN (SELECT code FROM area)
GROUP BY o.organization_id, o.code, o.name, area.name, many.sites, many.holder_id
ORDER BY many.sites DESC, o.name LIMIT :most"""
_LEASED_IN: Final = f"""
WITH RECURSIVE {_AREAS}
SELECT h.holding_id, h.place_id, p.code, coalesce({shown_name("p")}, p.code) AS title, p.kind,
  o.organization_id, o.code AS body_code, o.name AS body, h.valid_to, ST_X(p.anchor) AS longitude,
  ST_Y(p.anchor) AS latitude,
  coalesce(usable.area_m2, gross.area_m2) AS area_m2, usable.area_m2 IS NULL AS is_gross
FROM estate.holding AS h
JOIN place.place AS p ON p.place_id = h.place_id AND {IS_OPEN.format("p")}
JOIN estate.holding_party AS y ON y.holding_id = h.holding_id
JOIN organization.organization AS o ON o.organization_id = y.holder_id
LEFT JOIN {{counted}} AS usable ON usable.place_id = p.place_id AND usable.area_kind = 'usable'
LEFT JOIN {{counted}} AS gross ON gross.place_id = p.place_id AND gross.area_kind = 'gross'
WHERE h.kind = 'leases_in' AND {IN_FORCE.format("h")}
  AND (CAST(:district AS text) IS NULL OR p.admin_area_code IN (SELECT code FROM area))
ORDER BY p.code, o.name LIMIT :most"""


def vacant_stock(
    conn: Connection,
    as_of: date,
    *,
    district: str | None = None,
    point: tuple[float, float] | None = None,
    radius_m: int | None = None,
) -> Stock:
    """Vacant office rooms, as `rooms_that_would_do`, as many as a question reads."""
    longitude, latitude = point or (None, None)
    return rooms_that_would_do(
        conn, as_of, district=district, longitude=longitude, latitude=latitude,
        radius_m=radius_m, most=MOST_ROOMS,
    )  # fmt: skip


def buildings(conn: Connection, as_of: date, district: str | None = None) -> Sequence[Building]:
    """Buildings with office rooms and what of them is vacant, by number.

    Args:
        district: Code of an area, with all below it; null: every one.
    """
    vacant_m2 = vacant_by_building(vacant_stock(conn, as_of, district=district).rooms)
    query = _BUILDINGS.format(counted=counted_areas(conn, as_of))
    asked = {"as_of": as_of, "district": district, "classes": list(_OFFICES)}
    return [
        Building(**row, vacant_m2=vacant_m2.get(row["place_id"], Decimal()))
        for row in conn.execute(text(query), asked).mappings()
    ]


def scattered(
    conn: Connection, as_of: date, more_than: int, district: str | None = None
) -> Sequence[Mapping[str, Any]]:
    """Bodies that have rooms on more than so many properties, the most scattered first.

    Returns:
        `organization_id, name, district, sites, rooms` (0: only floors or buildings are told),
        `titles` (of twenty properties at most).
    """
    asked = {"as_of": as_of, "more_than": more_than, "district": district, "most": MOST_ROWS}
    return [dict(row) for row in conn.execute(text(_SCATTERED), asked).mappings()]


def leased_in(
    conn: Connection, as_of: date, district: str | None = None
) -> Sequence[Mapping[str, Any]]:
    """What bodies lease from others today.

    Returns:
        `holding_id, place_id, code, title, kind, organization_id, body, valid_to` (first day
        without it; null: open), `longitude, latitude` (null: not located), `area_m2` (usable, else
        gross: `is_gross`; null: neither is known), by code.
    """
    query = _LEASED_IN.format(counted=counted_areas(conn, as_of))
    asked = {"as_of": as_of, "district": district, "most": MOST_ROWS}
    return [dict(row) for row in conn.execute(text(query), asked).mappings()]
