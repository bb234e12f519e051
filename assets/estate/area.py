"""What the estate answers to an area question, from `pg_temp.asked_place`; and the lists behind.

Areas sum the nets of `counted_area`, so a place and its parts are never counted twice and any
partition of the city sums to the city.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from assets.domain import (
    AreaAnswer,
    AreaFacts,
    Figure,
    FigureTable,
    TableColumn,
)
from assets.estate import sums
from assets.estate.area_lists import (
    COUNTED,
    GROSS,
    HEADCOUNT_KINDS,
    LISTS,
    Row,
    column,
    rows_of,
)
from assets.estate.area_reading import read_bodies, read_places
from gis.places.vocabulary import PlaceKind
from gis.questions import Asked

_DISTRICTS: Final = "SELECT code, name FROM place.admin_area"
_AREA_ORDER: Final = (
    "gross", "office_gross", "technical_gross", "ancillary_gross", "underground", "usable",
    "office_usable", "service_usable", "equipment_usable", "land", "internal", "chargeable",
    "self_used", "let_out", "lent", "let_or_lent", "idle", "to_scrap", "invested", "pledged",
    "other_use", "cost_borne", "computer_room", "meeting_room", "garage", "canteen", "power_room",
    "footprint",
)  # fmt: skip
_KIND_ORDER: Final = {kind.value: at for at, kind in enumerate(PlaceKind)}


def _number(value: Any) -> float:
    return round(float(value or 0), 2)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def answer(conn: Connection, asked: Asked) -> AreaAnswer:
    """Figures and tables about the places of `pg_temp.asked_place`, as of a day."""
    as_of = asked.as_of
    found, by_district, built, titled = read_places(conn, asked)
    bodies, heads = read_bodies(conn, asked)
    places = _place_counts(found)
    areas = _area_sums(by_district)
    ages = _by_age(built)
    names = {row["code"]: row["name"] for row in rows_of(conn, _DISTRICTS)}
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
        _table("by_ownership", _BY_OWNERSHIP_COLUMNS, _by_ownership(built)),
    )
    return AreaAnswer(figures, tables)


def _place_counts(found: Sequence[Row]) -> Row:
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


def _area_sums(by_district: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """By area kind, summed over districts; exact, for the database counts in decimals."""
    sums: dict[str, dict[str, Any]] = {}
    for row in by_district:
        total = sums.setdefault(row["area_kind"], {})
        for name in ("area_m2", "room_area_m2", "idle_area_m2", "properties"):
            total[name] = total.get(name, 0) + (row[name] or 0)
    return sums


def _by_kind(found: Sequence[Row]) -> list[Row]:
    counts: dict[str, int] = {}
    for row in found:
        counts[row["kind"]] = counts.get(row["kind"], 0) + row["place_count"]
    ordered = sorted(counts, key=lambda kind: (_KIND_ORDER.get(kind, len(_KIND_ORDER)), kind))
    return [{"kind": kind, "place_count": counts[kind]} for kind in ordered]


def _by_district(
    found: Sequence[Row], by_district: Sequence[Row], names: Mapping[str, str]
) -> list[Row]:
    """Districts with properties or floor area, by code; what lies in none comes last."""
    properties: dict[str | None, int] = {}
    for row in found:
        code = row["admin_area_code"]
        properties[code] = properties.get(code, 0) + row["property_count"]
    gross: dict[str | None, Decimal] = {}
    for row in by_district:
        if row["area_kind"] == "gross":
            code = row["admin_area_code"]
            gross[code] = gross.get(code, Decimal()) + row["area_m2"]
    return [
        {
            "district": names.get(code or "", "–"),
            "property_count": count,
            "gross_area_m2": gross.get(code),
        }
        for code, count in sorted(properties.items(), key=lambda one: (one[0] is None, one[0]))
        if count or gross.get(code)
    ]


def _by_age(built: Sequence[Row]) -> list[Row]:
    """Buildings by age class, the oldest first; those of no known year last."""
    rows = _summed(
        (row for row in built if row["is_standing_building"]), "age_class", "building_count"
    )
    return sorted(rows, key=lambda row: (row["oldest"] is None, row["oldest"]))


def _by_ownership(built: Sequence[Row]) -> list[Row]:
    rows = _summed(
        (row for row in built if row["is_property"]), "ownership_status", "property_count"
    )
    return sorted(rows, key=lambda row: (row["ownership_status"] is None, row["ownership_status"]))


def _summed(built: Iterable[Row], by: str, count_name: str) -> list[dict[str, Any]]:
    """Rows of one value together; sums are null where no row has one, as in the database."""
    groups: dict[Any, dict[str, Any]] = {}
    for row in built:
        into = groups.setdefault(
            row[by], {by: row[by], count_name: 0, "gross_area_m2": None, "years": 0, "oldest": None}
        )
        into[count_name] += row["place_count"]
        into["years"] += row["years"] or 0
        if row["gross_area_m2"] is not None:
            into["gross_area_m2"] = (into["gross_area_m2"] or 0) + row["gross_area_m2"]
        if row["oldest"] is not None:
            into["oldest"] = min(row["oldest"], into["oldest"] or row["oldest"])
    return list(groups.values())


def _size_figures(places: Row, areas: Mapping[str, Row]) -> tuple[Figure, ...]:
    def area(kind: str) -> float:
        return _number(areas[kind]["area_m2"]) if kind in areas else 0.0

    return (
        _figure("property_count", places["property_count"], list_name="properties"),
        _area_figure("gross_area", area("gross"), "gross_areas"),
        _figure("building_count", places["building_count"], list_name="buildings"),
        _area_figure("land_area", area("land"), "land_areas"),
        _area_figure("usable_area", area("usable"), "usable_areas"),
        _figure("room_count", places["room_count"], list_name="rooms"),
        _figure("housing_unit_count", places["housing_unit_count"], list_name="housing_units"),
    )


def _vacancy_figures(places: Row, areas: Mapping[str, Row]) -> tuple[Figure, ...]:
    rooms = areas.get("usable")
    measured = _number(rooms["room_area_m2"]) if rooms else 0.0
    idle = _number(rooms["idle_area_m2"]) if rooms else 0.0
    return (
        _figure("idle_room_count", places["idle_room_count"], list_name="idle_rooms"),
        _area_figure("idle_area", idle, "idle_rooms"),
        Figure(
            "vacancy",
            "estate.figure.vacancy",
            round(idle / measured, 4) if measured else None,
            "share",
            "idle_rooms",
            footnote=("estate.note.vacancy", {}),
        ),
    )


def _body_figures(bodies: int, heads: Sequence[Row]) -> tuple[Figure, ...]:
    people = {row["kind"]: row for row in heads}
    return (
        _figure("agency_count", bodies, list_name="agencies"),
        *(
            Figure(
                f"headcount_{kind}",
                f"estate.figure.headcount_{kind}",
                int(people[kind]["people"]),
                "people",
                "agencies",
                f"headcount_{kind}",
                ("estate.note.headcount", {}),
            )
            for kind in HEADCOUNT_KINDS
            if kind in people
        ),
    )


def _age_figures(ages: Sequence[Row], as_of: date) -> tuple[Figure, ...]:
    dated = [row for row in ages if row["age_class"] is not None]
    buildings = sum(row["building_count"] for row in dated)
    years = sum(int(row["years"]) for row in dated)
    mean = round(as_of.year - years / buildings, 1) if buildings else None
    return (_figure("building_age", mean, "years", "dated_buildings"),)


def _completeness(places: Row, areas: Mapping[str, Row], titled: int) -> tuple[Figure, ...]:
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


def _area_figure(name: str, value: float, list_name: str) -> Figure:
    return Figure(
        name,
        f"estate.figure.{name}",
        value,
        "m2",
        list_name,
        COUNTED.name,
        ("estate.note.counted_area", {}),
    )


_BY_KIND_COLUMNS: Final = (
    column("kind", "place_kind"),
    column("place_count", "integer"),
)
_BY_DISTRICT_COLUMNS: Final = (
    column("district"),
    column("property_count", "integer"),
    GROSS,
)
_BY_AGE_COLUMNS: Final = (
    column("age_class", "age_class"),
    column("building_count", "integer"),
    GROSS,
)
_BY_OWNERSHIP_COLUMNS: Final = (
    column("ownership_status", "term", None, "ownership_status"),
    column("property_count", "integer"),
    GROSS,
)


_PARTITIONS: Final = frozenset({"by_district", "by_age", "by_ownership"})


def _table(
    name: str, columns: tuple[TableColumn, ...], rows: Sequence[Mapping[str, Any]]
) -> FigureTable:
    kept = [{column.name: row[column.name] for column in columns} for row in rows]
    is_partition = name in _PARTITIONS
    return FigureTable(name, f"estate.table.{name}", columns, kept, is_partition)


def _area_table(areas: Mapping[str, Row]) -> FigureTable:
    rows = [
        {"area_kind": kind, "area_m2": areas[kind]["area_m2"]}
        for kind in (*_AREA_ORDER, *sorted(set(areas) - set(_AREA_ORDER)))
        if kind in areas
    ]
    columns = (column("area_kind", "area_kind"), column("area_m2", "area", "m2"))
    return _table("by_area_kind", columns, rows)


AREA_FACTS: Final = AreaFacts(
    answer=answer,
    lists=LISTS,
    sums=sums.SUMS,
)
"""Every figure that names a list is listed here; a test proves it."""
