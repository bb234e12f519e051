"""The lists behind the figures of an area question, from `pg_temp.asked_place`.

The list behind an area names every place that counted and the net that counted of it: what a
list says of places whole would neither sum to the figure where a polygon cuts through a property,
nor where a part is measured and the rest of its property is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.domain import AreaList, TableColumn
from assets.estate.reconciled import IN_ASKED_PLACES, SOURCES, TOLERANCE, differing
from gis.organizations.then import bodies_then
from gis.places.counted import EVERY_REPORT, counted_areas
from gis.places.vocabulary import IN_FORCE
from gis.questions import Asked

Row = Mapping[str, Any]


def rows_of(conn: Connection, statement: str, **values: Any) -> list[Row]:
    return [dict(row) for row in conn.execute(text(statement), values).mappings()]


def column(
    name: str, type_: str = "text", unit: str | None = None, term_list: str | None = None
) -> TableColumn:
    return TableColumn(name, f"estate.column.{name}", type_, unit, term_list)


COUNTED: Final = replace(column("counted_area_m2", "area", "m2"), is_summed=True)
"""The net that counted of a place: its parts' areas, which count at the parts, taken off."""
GROSS: Final = column("gross_area_m2", "area", "m2")

HOLDERS: Final = f"""
SELECT party.holder_id, min(a.place_id) AS place_id, count(DISTINCT a.place_id) AS place_count
FROM pg_temp.asked_place AS a
JOIN estate.holding AS h ON h.place_id = a.place_id AND h.kind = 'occupies'
  AND {IN_FORCE.format("h")}
JOIN estate.holding_party AS party USING (holding_id) GROUP BY party.holder_id"""
"""Who occupies something of the asked places, a place of it, and of how many."""

# The newest count of a kind; a body's total where one is stated, else the sum of its ranks.
NEWEST_HEADCOUNTS: Final = """
SELECT DISTINCT ON (organization_id, kind) organization_id, kind, people FROM (
  SELECT c.organization_id, c.kind, c.counted_on, c.source,
    coalesce(sum(c.people) FILTER (WHERE c.rank_code IS NULL), sum(c.people)) AS people
  FROM organization.headcount AS c
  WHERE c.organization_id {bodies} AND c.counted_on <= :as_of
  GROUP BY c.organization_id, c.kind, c.counted_on, c.source
) AS total ORDER BY organization_id, kind, counted_on DESC, source"""
HEADCOUNT_KINDS: Final = ("quota", "actual", "non_quota", "energy_users")
"""What is counted of an area: totals; what they are made up of stands on the card of the body."""

_SPOT: Final = "p.place_id, ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat"
_NAME: Final = "coalesce(p.name, p.address, p.code) AS name"
_DISTRICT: Final = "LEFT JOIN place.admin_area AS area ON area.code = p.admin_area_code"
_IN_LIST: Final = "FROM pg_temp.asked_place AS a JOIN {places} AS p USING (place_id)"


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
{_IN_LIST} {_DISTRICT} LEFT JOIN place.building AS b USING (place_id)
LEFT JOIN {{places}} AS up ON up.place_id = p.parent_id {_gross_join()}
WHERE a.kind = 'building'"""
_DATED: Final = " AND b.year_built <= extract(year FROM CAST(:as_of AS date))"
_BUILDING_COLUMNS: Final = (
    column("name"), column("code"), column("address"), column("district"),
    column("year_built", "year"), column("structure", "term", None, "structure"),
    column("floors_above", "integer"), column("use_status", "term", None, "use_status"), GROSS,
)  # fmt: skip
_ROOMS: Final = f"""
SELECT {_SPOT}, concat_ws(' ', r.number, p.name) AS name, p.code, area.name AS district,
  f.label AS floor, r.room_class, p.use_status, c.area_m2 AS usable_area_m2
{_IN_LIST} {_DISTRICT} LEFT JOIN {{rooms}} AS r USING (place_id)
LEFT JOIN place.floor AS f ON f.place_id = p.parent_id {_gross_join("usable")}
WHERE a.kind = 'room'"""
_ROOM_COLUMNS: Final = (
    column("name"), column("code"), column("district"), column("floor"),
    column("room_class", "term", None, "room_class"),
    column("use_status", "term", None, "use_status"), column("usable_area_m2", "area", "m2"),
)  # fmt: skip
COUNTED_ROOMS: Final = _ROOMS.replace(
    "c.area_m2 AS usable_area_m2", "c.area_m2 AS usable_area_m2, c.net_area_m2 AS counted_area_m2"
)
"""Rooms `r` of the asked places `a`, as far as they count; a condition may stand behind."""
COUNTED_ROOM_COLUMNS: Final = (*_ROOM_COLUMNS, COUNTED)
_COUNTED_PLACES: Final = f"""
SELECT {_SPOT}, {_NAME}, p.code, p.kind, coalesce(up.name, up.address, up.code) AS within_name,
  area.name AS district, c.area_m2, c.net_area_m2 AS counted_area_m2
{_IN_LIST} {_DISTRICT} JOIN {{counted}} AS c ON c.place_id = p.place_id
LEFT JOIN {{places}} AS up ON up.place_id = p.parent_id
WHERE c.net_area_m2 <> 0"""
_COUNTED_PLACE_COLUMNS: Final = (
    column("name"), column("code"), column("kind", "place_kind"), column("within_name"),
    column("district"), column("area_m2", "area", "m2"), COUNTED,
)  # fmt: skip
_HOUSING: Final = f"""
SELECT {_SPOT}, coalesce(p.name, u.number) AS name, p.code, p.address, area.name AS district,
  u.tenure, u.layout, c.area_m2 AS gross_area_m2
{_IN_LIST} {_DISTRICT} LEFT JOIN place.housing_unit AS u USING (place_id) {_gross_join()}
WHERE a.kind = 'housing_unit'"""
_HOUSING_COLUMNS: Final = (
    column("name"), column("code"), column("address"), column("district"),
    column("tenure", "term", None, "housing_tenure"), column("layout"), GROSS,
)  # fmt: skip
_HEADS: Final = f"""
SELECT organization_id,
  {", ".join(f"max(people) FILTER (WHERE kind = '{kind}') AS {kind}" for kind in HEADCOUNT_KINDS)}
FROM ({NEWEST_HEADCOUNTS.format(bodies="IN (SELECT holder_id FROM held)")}) AS one
GROUP BY organization_id"""
_AGENCY_LIST: Final = f"""
WITH held AS MATERIALIZED ({HOLDERS})
SELECT {_SPOT}, o.name, o.code, area.name AS district, o.category_code AS category,
  o.level_code AS level, superior.name AS superior, held.place_count,
  {", ".join(f"heads.{kind} AS headcount_{kind}" for kind in HEADCOUNT_KINDS)}
FROM held JOIN ({bodies_then()}) AS o ON o.organization_id = held.holder_id
LEFT JOIN ({bodies_then()}) AS superior ON superior.organization_id = o.parent_id
JOIN {{places}} AS p ON p.place_id = held.place_id
LEFT JOIN place.admin_area AS area ON area.code = o.admin_area_code
LEFT JOIN ({_HEADS}) AS heads ON heads.organization_id = held.holder_id
WHERE true"""
_AGENCY_COLUMNS: Final = (
    column("name"), column("code"), column("district"),
    column("category", "term", None, "organization_category"),
    column("level", "term", None, "organization_level"), column("superior"),
    column("place_count", "integer"),
    *(
        TableColumn(f"headcount_{kind}", f"estate.figure.headcount_{kind}", "integer", "people",
                    is_summed=True)
        for kind in HEADCOUNT_KINDS
    ),
)  # fmt: skip
_DIFFERING: Final = f"""
SELECT {_SPOT}, {_NAME}, p.code, area.name AS district, d.area_kind,
  {", ".join(f"d.{source}_m2" for source in SOURCES)}, d.difference_m2, d.counts_source
FROM ({differing(tolerance=str(TOLERANCE), of_places=IN_ASKED_PLACES)}) AS d
JOIN {{places}} AS p USING (place_id) {_DISTRICT} WHERE true"""
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

Lister = Callable[[Connection, Asked, int, int], AreaList]


def lister(statement: str, columns: tuple[TableColumn, ...], condition: str = "") -> Lister:
    """What reads a list: a page of its rows, how many there are, and their sums."""
    sums = [column.name for column in columns if column.is_summed]
    of_all = {"total": "count(*)", **{f"sum_of_{name}": f"sum({name})" for name in sums}}
    beside = ", ".join(f"{value} OVER () AS {name}" for name, value in of_all.items())
    alone = ", ".join(f"{value} AS {name}" for name, value in of_all.items())
    kept = ("place_id", "lon", "lat", *(column.name for column in columns))

    def read(conn: Connection, asked: Asked, limit: int, offset: int) -> AreaList:
        counted = counted_areas(conn, asked.as_of)
        places = asked.places
        query = statement.format(counted=counted, places=places.by_id, rooms=places.rooms)
        query += condition
        values = {"as_of": asked.as_of, "report": EVERY_REPORT}
        rows = rows_of(
            conn,
            f"SELECT *, {beside} FROM ({query}) AS listed"
            " ORDER BY code, place_id LIMIT :limit OFFSET :offset",
            **values,
            limit=limit,
            offset=offset,
        )
        # A page past the end still says how many rows there are, and what they sum to.
        (whole,) = rows[:1] or rows_of(conn, f"SELECT {alone} FROM ({query}) AS listed", **values)
        return AreaList(
            columns,
            [{name: row[name] for name in kept} for row in rows],
            whole["total"],
            {name: whole[f"sum_of_{name}"] or 0 for name in sums},
        )

    return read


def _areas_of(area_kind: str) -> Lister:
    return lister(_COUNTED_PLACES, _COUNTED_PLACE_COLUMNS, f" AND c.area_kind = '{area_kind}'")


LISTS: Final[Mapping[str, Lister]] = {
    "properties": lister(_PROPERTIES, _PROPERTY_COLUMNS),
    "gross_areas": _areas_of("gross"),
    "land_areas": _areas_of("land"),
    "usable_areas": _areas_of("usable"),
    "buildings": lister(_BUILDINGS, _BUILDING_COLUMNS),
    "dated_buildings": lister(_BUILDINGS, _BUILDING_COLUMNS, _DATED),
    "rooms": lister(_ROOMS, _ROOM_COLUMNS),
    "idle_rooms": lister(COUNTED_ROOMS, COUNTED_ROOM_COLUMNS, " AND a.use_status = 'idle'"),
    "housing_units": lister(_HOUSING, _HOUSING_COLUMNS),
    "agencies": lister(_AGENCY_LIST, _AGENCY_COLUMNS),
    "without_address": lister(_PROPERTIES, _PROPERTY_COLUMNS, " AND NOT a.has_address"),
    "without_shape": lister(_PROPERTIES, _PROPERTY_COLUMNS, " AND NOT a.has_shape"),
    "without_area": lister(_PROPERTIES, _PROPERTY_COLUMNS, " AND c.area_m2 IS NULL"),
    "area_differences": lister(_DIFFERING, _DIFFERING_COLUMNS),
    "without_title": lister(_PROPERTIES, _PROPERTY_COLUMNS, _UNTITLED),
}
