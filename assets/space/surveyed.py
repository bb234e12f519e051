"""Rooms of the properties that the survey asks about, on a day: of which class, whose, vacant."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from assets.space.queries import REPORT
from assets.space.vacancy import had_join, vacant_sql
from gis.db import run_script
from gis.organizations.then import bodies_then
from gis.places.counted import own_areas
from gis.places.then import children_of, places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN, AreaKind

_COLLECT: Final = f"""
CREATE TEMP TABLE surveyed_room ON COMMIT DROP AS
WITH RECURSIVE down AS (
  SELECT p.place_id AS property_id, p.place_id, p.kind, p.use_status, 0 AS step
  FROM {{places}} AS p WHERE p.place_id = ANY (CAST(:ids AS bigint[]))
  UNION ALL
  SELECT down.property_id, p.place_id, p.kind, p.use_status, down.step + 1
  FROM down JOIN {{children}}
  WHERE {IN_FORCE.format("p")} AND {IS_OPEN.format("p")} AND down.step < 20
)
SELECT down.property_id, down.place_id, down.use_status, r.room_class
FROM down JOIN {{rooms}} AS r USING (place_id) WHERE down.kind = 'room'"""
_VACANT: Final = vacant_sql("s", "s", "had")
_BY_CLASS: Final = f"""
SELECT s.property_id, s.room_class, count(*) AS rooms, sum(c.area_m2) AS area_m2,
  count(*) FILTER (WHERE c.area_m2 IS NULL) AS unmeasured,
  count(*) FILTER (WHERE {_VACANT}) AS vacant_rooms,
  sum(c.area_m2) FILTER (WHERE {_VACANT}) AS vacant_m2,
  count(*) FILTER (WHERE {_VACANT} AND c.area_m2 IS NULL) AS vacant_unmeasured
FROM pg_temp.surveyed_room AS s LEFT JOIN {{areas}} AS c USING (place_id)
{had_join("s", "pg_temp.surveyed_room")}
GROUP BY s.property_id, s.room_class"""
_BY_BODY: Final = f"""
SELECT s.property_id, b.code, b.name, s.room_class, count(*) AS rooms,
  sum(c.area_m2 * coalesce(y.share, 1.0 / shared.parties)) AS area_m2,
  count(*) FILTER (WHERE c.area_m2 IS NULL) AS unmeasured
FROM pg_temp.surveyed_room AS s
JOIN estate.holding_leaf AS l ON l.place_id = s.place_id AND l.exclusive_group = 'use'
  AND l.during @> CAST(:as_of AS date)
JOIN estate.holding AS h ON h.holding_id = l.holding_id AND h.kind = 'occupies'
JOIN estate.holding_party AS y ON y.holding_id = h.holding_id
JOIN ({bodies_then()}) AS b ON b.organization_id = y.holder_id
CROSS JOIN LATERAL (SELECT count(*) AS parties FROM estate.holding_party AS every
                    WHERE every.holding_id = h.holding_id) AS shared
LEFT JOIN {{areas}} AS c ON c.place_id = s.place_id
GROUP BY s.property_id, b.organization_id, b.code, b.name, s.room_class
ORDER BY s.property_id, b.code"""


def rooms_surveyed(
    conn: Connection, as_of: date, property_ids: Sequence[int]
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """The rooms of properties, added up; areas are usable ones, as the verdicts count them.

    Args:
        conn: In the name of whoever asks: places, rooms and holders are those the account sees.
        as_of: The day, of places, classes, holders and areas.

    Returns:
        By property and class: `property_id, room_class, rooms, area_m2, unmeasured, vacant_rooms,
        vacant_m2, vacant_unmeasured`, areas null where no room has one; vacant is what is so for
        the figures of areas. And by property, body and class: `property_id, code, name, room_class,
        rooms, area_m2, unmeasured`.
    """
    places = places_as_of(conn, as_of)
    values = {"as_of": as_of, "ids": [*property_ids], "report": REPORT}
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.surveyed_room")
    collect = _COLLECT.format(
        places=places.by_id, rooms=places.rooms, children=children_of("down", places)
    )
    conn.execute(text(collect), values)
    run_script(conn, "ANALYZE pg_temp.surveyed_room")
    named = "SELECT place_id FROM pg_temp.surveyed_room"
    areas = own_areas(conn, as_of, AreaKind.USABLE, named, REPORT)
    by_class = conn.execute(text(_BY_CLASS.format(areas=areas)), values).all()
    return by_class, conn.execute(text(_BY_BODY.format(areas=areas)), values).all()
