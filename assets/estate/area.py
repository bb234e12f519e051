"""What the estate answers to an area question, from `pg_temp.asked_place`; and the lists behind.

Areas sum the nets of `counted_area`, so a place and its parts are never counted twice and any
partition of the city sums to the city.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.domain import (
    AreaAnswer,
    AreaFacts,
    AreaList,
    Figure,
    FigureTable,
    TableColumn,
)
from assets.estate.layers import age_class_sql
from assets.estate.reconciled import IN_ASKED_PLACES, SOURCES, TOLERANCE, differing
from gis.places.vocabulary import PlaceKind
from gis.questions import IN_FORCE, counted_areas

# The places and their areas are each read once, by kind and district; every figure and table of
# counts is a sum over these few rows.
_PLACES: Final = """
SELECT kind, admin_area_code, count(*) AS place_count,
  count(*) FILTER (WHERE use_status = 'idle') AS idle_count,
  count(*) FILTER (WHERE is_property) AS property_count,
  count(*) FILTER (WHERE is_property AND has_address) AS with_address,
  count(*) FILTER (WHERE is_property AND has_shape) AS with_shape
FROM pg_temp.asked_place GROUP BY kind, admin_area_code"""
_AREAS: Final = """
SELECT c.area_kind, a.admin_area_code, sum(c.net_area_m2) AS area_m2,
  sum(c.net_area_m2) FILTER (WHERE a.kind = 'room') AS room_area_m2,
  sum(c.net_area_m2) FILTER (WHERE a.kind = 'room' AND a.use_status = 'idle') AS idle_area_m2,
  count(*) FILTER (WHERE a.is_property) AS properties
FROM pg_temp.asked_place AS a JOIN {counted} AS c USING (place_id)
GROUP BY c.area_kind, a.admin_area_code"""
_DISTRICTS: Final = "SELECT code, name FROM place.admin_area"
_BY_AGE: Final = f"""
SELECT {age_class_sql("b.year_built")} AS age_class, count(*) AS building_count,
  sum(c.area_m2) AS gross_area_m2, sum(b.year_built) AS years, min(b.year_built) AS oldest
FROM pg_temp.asked_place AS a JOIN place.building AS b USING (place_id)
LEFT JOIN {{counted}} AS c ON c.place_id = a.place_id AND c.area_kind = 'gross'
WHERE b.year_built IS NULL OR b.year_built <= :year
GROUP BY 1 ORDER BY min(b.year_built) NULLS LAST"""
_BY_OWNERSHIP: Final = """
SELECT coalesce(s.ownership_status, b.ownership_status) AS ownership_status,
  count(*) AS property_count, sum(c.area_m2) AS gross_area_m2
FROM pg_temp.asked_place AS a
LEFT JOIN place.site AS s USING (place_id) LEFT JOIN place.building AS b USING (place_id)
LEFT JOIN {counted} AS c ON c.place_id = a.place_id AND c.area_kind = 'gross'
WHERE a.is_property GROUP BY 1 ORDER BY 1 NULLS LAST"""
_TITLED: Final = f"""
SELECT count(DISTINCT a.place_id) FROM pg_temp.asked_place AS a
JOIN place.title_place AS tp USING (place_id) JOIN place.title AS t USING (title_id)
WHERE a.is_property AND t.state = 'registered' AND {IN_FORCE.format("t")}"""
_AGENCIES: Final = f"""
SELECT party.holder_id, min(a.place_id) AS place_id, count(DISTINCT a.place_id) AS place_count
FROM pg_temp.asked_place AS a
JOIN estate.holding AS h ON h.place_id = a.place_id AND h.kind = 'occupies'
  AND {IN_FORCE.format("h")}
JOIN estate.holding_party AS party USING (holding_id) GROUP BY party.holder_id"""
_BODIES: Final = f"""
SELECT DISTINCT party.holder_id
FROM pg_temp.asked_place AS a
JOIN estate.holding AS h ON h.place_id = a.place_id AND h.kind = 'occupies'
  AND {IN_FORCE.format("h")}
JOIN estate.holding_party AS party USING (holding_id)"""
# The newest count of a kind; a body's total where one is stated, else the sum of its ranks.
_HEADCOUNTS: Final = """
SELECT kind, sum(people) AS people, count(*) AS bodies FROM (
  SELECT DISTINCT ON (organization_id, kind) organization_id, kind, people FROM (
    SELECT c.organization_id, c.kind, c.counted_on, c.source,
      coalesce(sum(c.people) FILTER (WHERE c.rank_code IS NULL), sum(c.people)) AS people
    FROM organization.headcount AS c
    WHERE c.organization_id = ANY(:bodies) AND c.counted_on <= :as_of
    GROUP BY c.organization_id, c.kind, c.counted_on, c.source
  ) AS total ORDER BY organization_id, kind, counted_on DESC, source
) AS newest GROUP BY kind"""

_AREA_ORDER: Final = (
    "gross", "office_gross", "technical_gross", "ancillary_gross", "underground", "usable",
    "office_usable", "service_usable", "equipment_usable", "land", "internal", "chargeable",
    "self_used", "let_out", "lent", "idle",
)  # fmt: skip
_KIND_ORDER: Final = {kind.value: at for at, kind in enumerate(PlaceKind)}
_HEADCOUNT_KINDS: Final = ("quota", "actual", "non_quota", "energy_users")


_Row = Mapping[str, Any]


def _rows(conn: Connection, statement: str, **values: Any) -> list[_Row]:
    return [dict(row) for row in conn.execute(text(statement), values).mappings()]


def _number(value: Any) -> float:
    return round(float(value or 0), 2)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def answer(conn: Connection, as_of: date) -> AreaAnswer:
    """Figures and tables about the places of `pg_temp.asked_place`, as of a day."""
    counted = counted_areas(conn, as_of)
    found = _rows(conn, _PLACES)
    places = _place_counts(found)
    by_district = _rows(conn, _AREAS.format(counted=counted))
    areas = _area_sums(by_district)
    ages = _rows(conn, _BY_AGE.format(counted=counted), year=as_of.year)
    bodies = _rows(conn, _BODIES, as_of=as_of)
    heads = _rows(conn, _HEADCOUNTS, as_of=as_of, bodies=[row["holder_id"] for row in bodies])
    titled = conn.execute(text(_TITLED), {"as_of": as_of}).scalar_one()
    names = {row["code"]: row["name"] for row in _rows(conn, _DISTRICTS)}
    figures = (
        *_size_figures(places, areas),
        *_vacancy_figures(places, areas),
        *_body_figures(bodies, heads),
        *_age_figures(ages, as_of),
        *_completeness(places, areas, titled),
    )
    tables = (
        _area_table(areas),
        _table("by_kind", _BY_KIND_COLUMNS, _by_kind(found)),
        _table("by_district", _BY_DISTRICT_COLUMNS, _by_district(found, by_district, names)),
        _table("by_age", _BY_AGE_COLUMNS, ages),
        _table(
            "by_ownership",
            _BY_OWNERSHIP_COLUMNS,
            _rows(conn, _BY_OWNERSHIP.format(counted=counted)),
        ),
    )
    return AreaAnswer(figures, tables)


def _place_counts(found: Sequence[_Row]) -> _Row:
    def count(name: str, kind: str | None = None) -> int:
        return sum(row[name] for row in found if kind in (None, row["kind"]))

    return {
        "property_count": count("property_count"),
        "building_count": count("place_count", "building"),
        "room_count": count("place_count", "room"),
        "idle_room_count": count("idle_count", "room"),
        "housing_unit_count": count("place_count", "housing_unit"),
        "with_address": count("with_address"),
        "with_shape": count("with_shape"),
    }


def _area_sums(by_district: Sequence[_Row]) -> dict[str, dict[str, Any]]:
    """By area kind, summed over districts; exact, for the database counts in decimals."""
    sums: dict[str, dict[str, Any]] = {}
    for row in by_district:
        total = sums.setdefault(row["area_kind"], {})
        for name in ("area_m2", "room_area_m2", "idle_area_m2", "properties"):
            total[name] = total.get(name, 0) + (row[name] or 0)
    return sums


def _by_kind(found: Sequence[_Row]) -> list[_Row]:
    counts: dict[str, int] = {}
    for row in found:
        counts[row["kind"]] = counts.get(row["kind"], 0) + row["place_count"]
    ordered = sorted(counts, key=lambda kind: (_KIND_ORDER.get(kind, len(_KIND_ORDER)), kind))
    return [{"kind": kind, "place_count": counts[kind]} for kind in ordered]


def _by_district(
    found: Sequence[_Row], by_district: Sequence[_Row], names: Mapping[str, str]
) -> list[_Row]:
    """Districts with properties or floor area, by code; what lies in none comes last."""
    properties: dict[str | None, int] = {}
    for row in found:
        code = row["admin_area_code"]
        properties[code] = properties.get(code, 0) + row["property_count"]
    gross = {
        row["admin_area_code"]: row["area_m2"] for row in by_district if row["area_kind"] == "gross"
    }
    return [
        {
            "district": names.get(code or "", "–"),
            "property_count": count,
            "gross_area_m2": gross.get(code),
        }
        for code, count in sorted(properties.items(), key=lambda one: (one[0] is None, one[0]))
        if count or gross.get(code)
    ]


def _size_figures(places: _Row, areas: Mapping[str, _Row]) -> tuple[Figure, ...]:
    def area(kind: str) -> float:
        return _number(areas[kind]["area_m2"]) if kind in areas else 0.0

    return (
        _figure("property_count", places["property_count"], list_name="properties"),
        _figure("gross_area", area("gross"), "m2", "properties"),
        _figure("building_count", places["building_count"], list_name="buildings"),
        _figure("land_area", area("land"), "m2", "properties"),
        _figure("usable_area", area("usable"), "m2", "rooms"),
        _figure("room_count", places["room_count"], list_name="rooms"),
        _figure("housing_unit_count", places["housing_unit_count"], list_name="housing_units"),
    )


def _vacancy_figures(places: _Row, areas: Mapping[str, _Row]) -> tuple[Figure, ...]:
    rooms = areas.get("usable")
    measured = _number(rooms["room_area_m2"]) if rooms else 0.0
    idle = _number(rooms["idle_area_m2"]) if rooms else 0.0
    return (
        _figure("idle_room_count", places["idle_room_count"], list_name="idle_rooms"),
        _figure("idle_area", idle, "m2", "idle_rooms"),
        Figure(
            "vacancy",
            "estate.figure.vacancy",
            round(idle / measured, 4) if measured else None,
            "share",
            "idle_rooms",
            ("estate.note.vacancy", {}),
        ),
    )


def _body_figures(bodies: Sequence[_Row], heads: Sequence[_Row]) -> tuple[Figure, ...]:
    people = {row["kind"]: row for row in heads}
    return (
        _figure("agency_count", len(bodies), list_name="agencies"),
        *(
            Figure(
                f"headcount_{kind}",
                f"estate.figure.headcount_{kind}",
                int(people[kind]["people"]),
                "people",
                "agencies",
                ("estate.note.headcount", {}),
            )
            for kind in _HEADCOUNT_KINDS
            if kind in people
        ),
    )


def _age_figures(ages: Sequence[_Row], as_of: date) -> tuple[Figure, ...]:
    dated = [row for row in ages if row["age_class"] is not None]
    buildings = sum(row["building_count"] for row in dated)
    years = sum(int(row["years"]) for row in dated)
    mean = round(as_of.year - years / buildings, 1) if buildings else None
    return (_figure("building_age", mean, "years", "buildings"),)


def _completeness(places: _Row, areas: Mapping[str, _Row], titled: int) -> tuple[Figure, ...]:
    whole = places["property_count"]
    with_area = areas["gross"]["properties"] if "gross" in areas else 0
    return (
        _figure("complete_address", _share(places["with_address"], whole), "share",
                "without_address"),
        _figure("complete_shape", _share(places["with_shape"], whole), "share", "without_shape"),
        _figure("complete_area", _share(with_area, whole), "share", "without_area"),
        _figure("complete_title", _share(titled, whole), "share", "without_title"),
    )  # fmt: skip


def _figure(
    name: str, value: float | int | None, unit: str | None = None, list_name: str | None = None
) -> Figure:
    return Figure(name, f"estate.figure.{name}", value, unit, list_name)


def _column(
    name: str, type_: str = "text", unit: str | None = None, term_list: str | None = None
) -> TableColumn:
    return TableColumn(name, f"estate.column.{name}", type_, unit, term_list)


_GROSS: Final = _column("gross_area_m2", "area", "m2")
_BY_KIND_COLUMNS: Final = (
    _column("kind", "place_kind"),
    _column("place_count", "integer"),
)
_BY_DISTRICT_COLUMNS: Final = (
    _column("district"),
    _column("property_count", "integer"),
    _GROSS,
)
_BY_AGE_COLUMNS: Final = (
    _column("age_class", "age_class"),
    _column("building_count", "integer"),
    _GROSS,
)
_BY_OWNERSHIP_COLUMNS: Final = (
    _column("ownership_status", "term", None, "ownership_status"),
    _column("property_count", "integer"),
    _GROSS,
)


def _table(
    name: str, columns: tuple[TableColumn, ...], rows: Sequence[Mapping[str, Any]]
) -> FigureTable:
    kept = [{column.name: row[column.name] for column in columns} for row in rows]
    return FigureTable(name, f"estate.table.{name}", columns, kept)


def _area_table(areas: Mapping[str, _Row]) -> FigureTable:
    rows = [
        {"area_kind": kind, "area_m2": areas[kind]["area_m2"]}
        for kind in (*_AREA_ORDER, *sorted(set(areas) - set(_AREA_ORDER)))
        if kind in areas
    ]
    columns = (_column("area_kind", "area_kind"), _column("area_m2", "area", "m2"))
    return _table("by_area_kind", columns, rows)


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
    _column("name"), _column("code"), _column("address"), _column("district"),
    _column("ownership_status", "term", None, "ownership_status"),
    _column("year_built", "year"), _GROSS, _column("land_area_m2", "area", "m2"),
)  # fmt: skip
_BUILDINGS: Final = f"""
SELECT {_SPOT}, {_NAME}, p.code, coalesce(p.address, up.address) AS address,
  area.name AS district, b.year_built, b.structure, b.floors_above, p.use_status,
  c.area_m2 AS gross_area_m2
{_IN_LIST} {_DISTRICT} JOIN place.building AS b USING (place_id)
LEFT JOIN place.place AS up ON up.place_id = p.parent_id {_gross_join()}
WHERE true"""
_BUILDING_COLUMNS: Final = (
    _column("name"), _column("code"), _column("address"), _column("district"),
    _column("year_built", "year"), _column("structure", "term", None, "structure"),
    _column("floors_above", "integer"), _column("use_status", "term", None, "use_status"), _GROSS,
)  # fmt: skip
_ROOMS: Final = f"""
SELECT {_SPOT}, concat_ws(' ', r.number, p.name) AS name, p.code, area.name AS district,
  f.label AS floor, r.room_class, p.use_status, c.area_m2 AS usable_area_m2
{_IN_LIST} {_DISTRICT} JOIN place.room AS r USING (place_id)
LEFT JOIN place.floor AS f ON f.place_id = p.parent_id {_gross_join("usable")}
WHERE a.kind = 'room'"""
_ROOM_COLUMNS: Final = (
    _column("name"), _column("code"), _column("district"), _column("floor"),
    _column("room_class", "term", None, "room_class"),
    _column("use_status", "term", None, "use_status"), _column("usable_area_m2", "area", "m2"),
)  # fmt: skip
_HOUSING: Final = f"""
SELECT {_SPOT}, coalesce(p.name, u.number) AS name, p.code, p.address, area.name AS district,
  u.tenure, u.layout, c.area_m2 AS gross_area_m2
{_IN_LIST} {_DISTRICT} JOIN place.housing_unit AS u USING (place_id) {_gross_join()}
WHERE true"""
_HOUSING_COLUMNS: Final = (
    _column("name"), _column("code"), _column("address"), _column("district"),
    _column("tenure", "term", None, "housing_tenure"), _column("layout"), _GROSS,
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
    _column("name"), _column("code"), _column("district"),
    _column("category", "term", None, "organization_category"),
    _column("level", "term", None, "organization_level"), _column("place_count", "integer"),
)  # fmt: skip
_DIFFERING: Final = f"""
SELECT {_SPOT}, {_NAME}, p.code, area.name AS district, d.area_kind,
  {", ".join(f"d.{source}_m2" for source in SOURCES)}, d.difference_m2, d.counts_source
FROM ({differing(tolerance=str(TOLERANCE), of_places=IN_ASKED_PLACES)}) AS d
JOIN place.place AS p USING (place_id) {_DISTRICT} WHERE true"""
_DIFFERING_COLUMNS: Final = (
    _column("name"), _column("code"), _column("district"), _column("area_kind", "area_kind"),
    *(TableColumn(f"{source}_m2", f"place.area_source.{source}", "area", "m2")
      for source in SOURCES),
    _column("difference_m2", "area", "m2"), _column("counts_source", "area_source"),
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
        rows = _rows(
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


AREA_FACTS: Final = AreaFacts(
    answer=answer,
    lists={
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
    },
)
"""Every figure that names a list is listed here; a test proves it."""
