"""What office space answers to an area question: rooms by class, how many nobody has, and m2.

What bodies may have is no sum of an area, but told body by body: docs/decisions/space-in-areas.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from assets.domain import AreaAnswer, AreaFacts, Figure, FigureTable, TableColumn
from assets.estate.area_lists import COUNTED, rows_of
from assets.estate.area_reading import counted_of
from assets.space.area_lists import ASSIGNABLE, LISTS
from assets.space.area_reading import count_bodies, list_bodies
from assets.space.sums import ROOM_SUMS, SUMS, rooms_sql
from gis.questions import Asked

_ORDER: Final = ("office", "service", "equipment", "ancillary", "technical", "vacant")
_COUNTS: Final = ("rooms", "vacant_rooms", "measured_rooms")
_AREAS: Final = ("area_m2", "vacant_m2")


def answer(conn: Connection, asked: Asked) -> AreaAnswer:
    """Figures and a table of the rooms of `pg_temp.asked_place`, as of a day."""
    rooms = rooms_sql(counted_of(conn, asked), asked.places.rooms, is_few=asked.is_summed)
    found = rows_of(conn, rooms, as_of=asked.as_of)
    if asked.is_summed:
        found += rows_of(conn, ROOM_SUMS)
    classes = _by_class(found)
    whole = {
        name: sum(row[name] for row in classes if row["room_class"] in ASSIGNABLE)
        for name in (*_COUNTS, *_AREAS)
    }
    area, vacant = (round(float(whole[name]), 2) for name in _AREAS)
    figures = (
        _figure("assignable_rooms", whole["rooms"], "assignable_rooms"),
        _area("assignable_area", area, "assignable_rooms"),
        _figure("vacant_rooms", whole["vacant_rooms"], "vacant_rooms"),
        _area("vacant_area", vacant, "vacant_rooms"),
        _figure("vacancy", round(vacant / area, 4) if area else None, "vacant_rooms", "share"),
        _figure("unmeasured_rooms", whole["rooms"] - whole["measured_rooms"], "unmeasured_rooms"),
        Figure(
            "standard_bodies",
            "space.figure.standard_bodies",
            count_bodies(conn, asked),
            None,
            "standard_bodies",
            footnote=("space.note.standard_bodies", {}),
        ),
    )
    shown = [{column.name: row[column.name] for column in _COLUMNS} for row in classes]
    table = FigureTable("by_class", "space.table.by_class", _COLUMNS, shown, is_partition=True)
    return AreaAnswer(figures, (table,))


def _by_class(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By class in the order of the list, those of no stated class last."""
    sums: dict[str | None, dict[str, Any]] = {}
    for row in found:
        into = sums.setdefault(
            row["room_class"],
            {"room_class": row["room_class"], **dict.fromkeys((*_COUNTS, *_AREAS), 0)},
        )
        for name in (*_COUNTS, *_AREAS):
            into[name] += row[name]
    order = {name: at for at, name in enumerate(_ORDER)}
    return sorted(
        sums.values(),
        key=lambda row: (
            row["room_class"] is None,
            order.get(row["room_class"], len(order)),
            row["room_class"] or "",
        ),
    )


def _figure(
    name: str, value: float | int | None, list_name: str, unit: str | None = None
) -> Figure:
    note = f"space.note.{'vacant' if 'vacan' in name else 'assignable'}"
    return Figure(name, f"space.figure.{name}", value, unit, list_name, footnote=(note, {}))


def _area(name: str, value: float, list_name: str) -> Figure:
    note = f"space.note.{'vacant' if 'vacan' in name else 'assignable'}"
    return Figure(name, f"space.figure.{name}", value, "m2", list_name, COUNTED.name, (note, {}))


def _column(
    name: str, type_: str, unit: str | None = None, term_list: str | None = None
) -> TableColumn:
    return TableColumn(name, f"space.column.{name}", type_, unit, term_list)


_COLUMNS: Final = (
    _column("room_class", "term", None, "room_class"),
    _column("rooms", "integer"),
    _column("area_m2", "area", "m2"),
    _column("vacant_rooms", "integer"),
    _column("vacant_m2", "area", "m2"),
)

AREA_FACTS: Final = AreaFacts(
    answer=answer, lists={**LISTS, "standard_bodies": list_bodies}, sums=SUMS
)
