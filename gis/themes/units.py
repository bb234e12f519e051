"""What a theme colours: areas of one level, or properties; and which places count for each.

A place counts in an area as it does in a question about that area (`gis.questions`): where its
anchor lies; where no boundary is known, by the district it is registered in.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.db import run_script
from gis.errors import InputError
from gis.places.names import shown_name
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE
from gis.questions import SHIFT

PLACE: Final = "place"
FUNCTIONAL: Final = "functional"
"""Areas without a code of their own that report by themselves."""
THEMED: Final = "pg_temp.themed_place"
"""The places that count for each unit, once they are collected."""
MOST_PLACES: Final = 20_000
"""Properties that a browser is told one by one."""
_LEVELS: Final = ("province", "city", "district", "town", "village", FUNCTIONAL)
_SIMPLER: Final = 0.0002
"""Degrees, about 20 m: what an outline may lose on its way to a screen."""


@dataclass(frozen=True)
class Level:
    """A level of administrative areas that is loaded, and how many areas it has."""

    name: str
    area_count: int


@dataclass(frozen=True)
class Unit:
    """One thing that is coloured.

    Args:
        key: Code of the area, or `place_id` as text.
        name: How people call it.
        shape: GeoJSON of the area, in degrees; null for a property, and for an area whose boundary
            is not known.
        is_indicative: Whether the shape is no official boundary.
        anchor: Longitude and latitude of a property; null for an area.
    """

    key: str
    name: str
    shape: dict[str, Any] | None = None
    is_indicative: bool = False
    anchor: tuple[float, float] | None = None


_OF_LEVEL: Final = f"CASE WHEN a.kind = 'functional' THEN '{FUNCTIONAL}' ELSE a.level END"


def levels(conn: Connection, as_of: date) -> Sequence[Level]:
    """The levels with at least one area in force on the day, the largest areas first."""
    rows = conn.execute(
        text(
            f"SELECT {_OF_LEVEL} AS name, count(*) AS area_count FROM place.admin_area AS a"
            f" WHERE {IN_FORCE.format('a')} GROUP BY 1"
        ),
        {"as_of": as_of},
    ).all()
    found = {row.name: row.area_count for row in rows}
    return [Level(name, found[name]) for name in _LEVELS if name in found]


def collect_units(conn: Connection, by: str, as_of: date) -> Sequence[Unit]:
    """The units of a level, or all properties; fills the tables that indicators are measured over.

    Until the transaction ends: `pg_temp.themed_place`, only places in being on the day with a known
    location that the account sees, and `pg_temp.themed_unit`.

    Raises:
        InputError: No such level, or more properties than can be drawn one by one.
    """
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.themed_place, pg_temp.themed_unit")
    if by == PLACE:
        return _properties(conn, as_of)
    if by not in {level.name for level in levels(conn, as_of)}:
        raise InputError("theme.no_such_level", by=by)
    return _areas(conn, by, as_of)


# A part of an area without a boundary stands for it; without any, its code and those below it do.
_THEMED_AREAS: Final = f"""
CREATE TEMP TABLE themed_area ON COMMIT DROP AS
WITH RECURSIVE down AS (
  SELECT a.code AS unit, a.code, a.geom, 0 AS step FROM place.admin_area AS a
  WHERE {_OF_LEVEL} = :level AND {IN_FORCE.format("a")}
  UNION ALL
  SELECT down.unit, a.code, a.geom, down.step + 1
  FROM down JOIN place.admin_area AS a ON a.parent_code = down.code AND {IN_FORCE.format("a")}
  WHERE down.geom IS NULL AND down.step < 5
)
SELECT unit, code, geom, bool_or(geom IS NOT NULL) OVER (PARTITION BY unit) AS is_drawn FROM down"""
_UNITS_OF_AREAS: Final = """
CREATE TEMP TABLE themed_unit ON COMMIT DROP AS
SELECT unit, sum(ST_Area(geom::geography)) AS ground_area_m2
FROM pg_temp.themed_area GROUP BY unit"""
_PLACE_COLUMNS: Final = """p.place_id, p.kind,
  p.kind = 'site' OR (p.kind = 'building' AND p.parent_id IS NULL) AS is_property,
  p.use_status, coalesce(p.address, '') <> '' AS has_address, p.geom IS NOT NULL AS has_shape"""
_PLACES_OF_AREAS: Final = f"""
CREATE TEMP TABLE themed_place ON COMMIT DROP AS
SELECT DISTINCT a.unit, {_PLACE_COLUMNS}
FROM pg_temp.themed_area AS a
CROSS JOIN LATERAL (SELECT ST_Translate(a.geom, :dx, :dy) AS shape) AS moved
{{inside}}
WHERE a.geom IS NOT NULL AND {IN_FORCE.format("p")}
UNION ALL
SELECT a.unit, {_PLACE_COLUMNS}
FROM pg_temp.themed_area AS a JOIN {{places}} AS p ON p.admin_area_code = a.code
WHERE NOT a.is_drawn AND p.anchor IS NOT NULL AND {IN_FORCE.format("p")}"""
_INSIDE: Final = (
    "JOIN place.place AS p ON p.anchor && moved.shape AND ST_Intersects(moved.shape, p.anchor)"
)
# Area by area, so that each finds its places through the index.
_INSIDE_THEN: Final = """CROSS JOIN LATERAL (
  SELECT * FROM {places} AS inside
  WHERE inside.anchor && moved.shape AND ST_Intersects(moved.shape, inside.anchor) OFFSET 0) AS p"""
_AREA_SHAPES: Final = f"""
SELECT a.code, a.name, a.is_indicative,
  ST_AsGeoJSON(ST_SimplifyPreserveTopology(ST_Union(t.geom), {_SIMPLER}), 5, 0) AS shape
FROM pg_temp.themed_area AS t JOIN place.admin_area AS a ON a.code = t.unit
GROUP BY a.code ORDER BY a.code"""


def _areas(conn: Connection, level: str, as_of: date) -> Sequence[Unit]:
    values = {"level": level, "as_of": as_of}
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.themed_area")
    conn.execute(text(_THEMED_AREAS), values)
    run_script(conn, _UNITS_OF_AREAS)
    places = places_as_of(conn, as_of)
    inside = _INSIDE if places.is_present else _INSIDE_THEN.format(places=places.by_spot)
    query = _PLACES_OF_AREAS.format(inside=inside, places=places.by_id)
    conn.execute(text(query), {"as_of": as_of, "dx": SHIFT[0], "dy": SHIFT[1]})
    run_script(conn, "ANALYZE pg_temp.themed_place")
    return [
        Unit(
            row.code,
            row.name,
            None if row.shape is None else json.loads(row.shape),
            row.is_indicative,
        )
        for row in conn.execute(text(_AREA_SHAPES))
    ]


def left_units(conn: Connection, units: Sequence[Unit]) -> Sequence[Unit]:
    """Of all properties, those that still stand in `THEMED` after it was narrowed."""
    roots = f"SELECT unit FROM {THEMED} WHERE unit = place_id::text"
    left = set(conn.execute(text(roots)).scalars())
    return [one for one in units if one.key in left]


_PROPERTY_UNITS: Final = f"""
CREATE TEMP TABLE themed_property ON COMMIT DROP AS
SELECT p.place_id FROM {{places}} AS p
WHERE (p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL)
  AND p.anchor IS NOT NULL AND {IN_FORCE.format("p")}"""
_PLACES_OF_PROPERTIES: Final = f"""
CREATE TEMP TABLE themed_place ON COMMIT DROP AS
WITH RECURSIVE tree AS (
  SELECT place_id AS root, place_id FROM pg_temp.themed_property
  UNION ALL
  SELECT tree.root, p.place_id FROM tree JOIN {{places}} AS p ON p.parent_id = tree.place_id
)
SELECT tree.root::text AS unit, {_PLACE_COLUMNS}
FROM tree JOIN {{places}} AS p USING (place_id)
WHERE p.anchor IS NOT NULL AND {IN_FORCE.format("p")}"""
_SHOWN_PROPERTIES: Final = f"""
SELECT p.place_id, coalesce({shown_name("p")}, p.code) AS name,
  ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat
FROM pg_temp.themed_property AS t JOIN {{places}} AS p USING (place_id) ORDER BY p.code"""


def _properties(conn: Connection, as_of: date) -> Sequence[Unit]:
    values = {"as_of": as_of}
    places = places_as_of(conn, as_of).by_id
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.themed_property")
    found = conn.execute(text(_PROPERTY_UNITS.format(places=places)), values).rowcount
    if found > MOST_PLACES:
        raise InputError("theme.too_many_places", found=found, most=MOST_PLACES)
    run_script(
        conn,
        "CREATE TEMP TABLE themed_unit ON COMMIT DROP AS"
        " SELECT place_id::text AS unit, NULL::float8 AS ground_area_m2"
        " FROM pg_temp.themed_property",
    )
    run_script(conn, "ANALYZE pg_temp.themed_property")
    conn.execute(text(_PLACES_OF_PROPERTIES.format(places=places)), values)
    run_script(conn, "ANALYZE pg_temp.themed_place")
    return [
        Unit(str(row.place_id), row.name, anchor=(row.lon, row.lat))
        for row in conn.execute(text(_SHOWN_PROPERTIES.format(places=places)))
    ]
