"""The lists behind the figures of an area question, from `pg_temp.asked_place`."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.domain import AreaList, TableColumn
from assets.estate.reconciled import IN_ASKED_PLACES, SOURCES, TOLERANCE, differing
from gis.questions import IN_FORCE, counted_areas

Row = Mapping[str, Any]


def rows_of(conn: Connection, statement: str, **values: Any) -> list[Row]:
    return [dict(row) for row in conn.execute(text(statement), values).mappings()]


def column(
    name: str, type_: str = "text", unit: str | None = None, term_list: str | None = None
) -> TableColumn:
    return TableColumn(name, f"estate.column.{name}", type_, unit, term_list)


GROSS: Final = column("gross_area_m2", "area", "m2")

_AGENCIES: Final = f"""
SELECT party.holder_id, min(a.place_id) AS place_id, count(DISTINCT a.place_id) AS place_count
FROM pg_temp.asked_place AS a
JOIN estate.holding AS h ON h.place_id = a.place_id AND h.kind = 'occupies'
  AND {IN_FORCE.format("h")}
JOIN estate.holding_party AS party USING (holding_id) GROUP BY party.holder_id"""

_SPOT: Final = "p.place_id, ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat"
_NAME: Final = "coalesce(p.name, p.address, p.code) AS name"
_DISTRICT: Final = "LEFT JOIN place.admin_area AS area ON area.code = p.admin_area_code"
_IN_LIST: Final = "FROM pg_temp.asked_place AS a JOIN place.place AS p USING (place_id)"


def _gross_join(kind: str = "gross", alias: str = "c") -> str:
    return (
        f"LEFT JOIN {{counted}} AS {alias}"
        f" ON {alias}.place_id = p.place_id AND {alias}.area_kind = '{kind}'"
    )


_PROPERTIES: Final = f"""
SELECT {_SPOT}, {_NAME}, p.code, p.address, area.name AS district,
  coalesce(s.ownership_status, b.ownership_status) AS ownership_status,
  coalesce(s.year_built, b.year_built) AS year_built, c.area_m2 AS gross_area_m2,
  land.area_m2 AS land_area_m2
{_IN_LIST} {_DISTRICT} LEFT JOIN place.site AS s USING (place_id)
LEFT JOIN place.building AS b USING (place_id) {_gross_join()} {_gross_join("land", "land")}
WHERE a.is_property"""
_PROPERTY_COLUMNS: Final = (
    column("name"), column("code"), column("address"), column("district"),
    column("ownership_status", "term", None, "ownership_status"),
    column("year_built", "year"), GROSS, column("land_area_m2", "area", "m2"),
)  # fmt: skip
_BUILDINGS: Final = f"""
SELECT {_SPOT}, {_NAME}, p.code, coalesce(p.address, up.address) AS address,
  area.name AS district, b.year_built, b.structure, b.floors_above, p.use_status,
  c.area_m2 AS gross_area_m2
{_IN_LIST} {_DISTRICT} JOIN place.building AS b USING (place_id)
LEFT JOIN place.place AS up ON up.place_id = p.parent_id {_gross_join()}
WHERE true"""
_BUILDING_COLUMNS: Final = (
    column("name"), column("code"), column("address"), column("district"),
    column("year_built", "year"), column("structure", "term", None, "structure"),
    column("floors_above", "integer"), column("use_status", "term", None, "use_status"), GROSS,
)  # fmt: skip
_ROOMS: Final = f"""
SELECT {_SPOT}, concat_ws(' ', r.number, p.name) AS name, p.code, area.name AS district,
  f.label AS floor, r.room_class, p.use_status, c.area_m2 AS usable_area_m2
{_IN_LIST} {_DISTRICT} JOIN place.room AS r USING (place_id)
LEFT JOIN place.floor AS f ON f.place_id = p.parent_id {_gross_join("usable")}
WHERE a.kind = 'room'"""
_ROOM_COLUMNS: Final = (
    column("name"), column("code"), column("district"), column("floor"),
    column("room_class", "term", None, "room_class"),
    column("use_status", "term", None, "use_status"), column("usable_area_m2", "area", "m2"),
)  # fmt: skip
_HOUSING: Final = f"""
SELECT {_SPOT}, coalesce(p.name, u.number) AS name, p.code, p.address, area.name AS district,
  u.tenure, u.layout, c.area_m2 AS gross_area_m2
{_IN_LIST} {_DISTRICT} JOIN place.housing_unit AS u USING (place_id) {_gross_join()}
WHERE true"""
_HOUSING_COLUMNS: Final = (
    column("name"), column("code"), column("address"), column("district"),
    column("tenure", "term", None, "housing_tenure"), column("layout"), GROSS,
)  # fmt: skip
_AGENCY_LIST: Final = f"""
SELECT {_SPOT}, o.name, o.code, area.name AS district, o.category_code AS category,
  o.level_code AS level, held.place_count
FROM ({_AGENCIES}) AS held JOIN organization.organization AS o
  ON o.organization_id = held.holder_id
JOIN place.place AS p ON p.place_id = held.place_id
LEFT JOIN place.admin_area AS area ON area.code = o.admin_area_code
WHERE true"""
_AGENCY_COLUMNS: Final = (
    column("name"), column("code"), column("district"),
    column("category", "term", None, "organization_category"),
    column("level", "term", None, "organization_level"), column("place_count", "integer"),
)  # fmt: skip
_DIFFERING: Final = f"""
SELECT {_SPOT}, {_NAME}, p.code, area.name AS district, d.area_kind,
  {", ".join(f"d.{source}_m2" for source in SOURCES)}, d.difference_m2, d.counts_source
FROM ({differing(tolerance=str(TOLERANCE), of_places=IN_ASKED_PLACES)}) AS d
JOIN place.place AS p USING (place_id) {_DISTRICT} WHERE true"""
_DIFFERING_COLUMNS: Final = (
    column("name"), column("code"), column("district"), column("area_kind", "area_kind"),
    *(TableColumn(f"{source}_m2", f"place.area_source.{source}", "area", "m2")
      for source in SOURCES),
    column("difference_m2", "area", "m2"), column("counts_source", "area_source"),
)  # fmt: skip
_UNTITLED: Final = (
    " AND NOT EXISTS (SELECT FROM place.title_place AS tp JOIN place.title AS t USING (title_id)"
    f" WHERE tp.place_id = p.place_id AND t.state = 'registered' AND {IN_FORCE.format('t')})"
)

_Lister = Callable[[Connection, date, int, int], AreaList]


def _lister(statement: str, columns: tuple[TableColumn, ...], condition: str = "") -> _Lister:
    def read(conn: Connection, as_of: date, limit: int, offset: int) -> AreaList:
        counted = counted_areas(conn, as_of)
        query = statement.format(counted=counted) + condition
        rows = rows_of(
            conn,
            f"SELECT *, count(*) OVER () AS total FROM ({query}) AS listed"
            " ORDER BY code, place_id LIMIT :limit OFFSET :offset",
            as_of=as_of,
            limit=limit,
            offset=offset,
        )
        kept = ("place_id", "lon", "lat", *(column.name for column in columns))
        total = rows[0]["total"] if rows else 0
        return AreaList(columns, [{name: row[name] for name in kept} for row in rows], total)

    return read


LISTS: Final[Mapping[str, _Lister]] = {
    "properties": _lister(_PROPERTIES, _PROPERTY_COLUMNS),
    "buildings": _lister(_BUILDINGS, _BUILDING_COLUMNS),
    "rooms": _lister(_ROOMS, _ROOM_COLUMNS),
    "idle_rooms": _lister(_ROOMS, _ROOM_COLUMNS, " AND a.use_status = 'idle'"),
    "housing_units": _lister(_HOUSING, _HOUSING_COLUMNS),
    "agencies": _lister(_AGENCY_LIST, _AGENCY_COLUMNS),
    "without_address": _lister(_PROPERTIES, _PROPERTY_COLUMNS, " AND NOT a.has_address"),
    "without_shape": _lister(_PROPERTIES, _PROPERTY_COLUMNS, " AND NOT a.has_shape"),
    "without_area": _lister(_PROPERTIES, _PROPERTY_COLUMNS, " AND c.area_m2 IS NULL"),
    "area_differences": _lister(_DIFFERING, _DIFFERING_COLUMNS),
    "without_title": _lister(_PROPERTIES, _PROPERTY_COLUMNS, _UNTITLED),
}
