"""办公用房信息统计报告 filled from rooms: the survey's form, and where its filed figures differ."""

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final

from sqlalchemy import Connection

from assets.estate.reports import LEVELS, SurveyProperty, SurveyUnit, survey_properties
from assets.report import Form, Report, ReportBuilder, ReportColumn, ReportTable
from assets.space.forms.noted import BASIC, CLASSES, Notes, said, shown, titled
from assets.space.surveyed import rooms_surveyed

_NAME: Final = "survey_rooms"
_PARTS: Final = (*BASIC, "basic")
_STATED: Final = {
    "office": "office_usable", "service": "service_usable", "equipment": "equipment_usable",
    "basic": "usable",
}  # fmt: skip
"""Kinds of area that the survey asks for, by class of room; all three together are the last."""
_SIDES: Final = {"rooms": "from_rooms", "stated": "stated", "difference": "difference"}
_CENT: Final = Decimal("0.005")
_GROSS: Final = {
    "land": "land", "gross": "gross", "office_gross": "office_premises_gross",
    "technical_gross": "technical_gross",
}  # fmt: skip
"""Titles of areas as the survey's form has them."""
_BEFORE: Final = (
    said("number", spans=True), said("address", spans=True), said("area_code", spans=True),
    *(titled(f"{name}_m2", title, "m2", spans=True) for name, title in _GROSS.items()),
)  # fmt: skip
_AFTER: Final = (
    *(titled(f"{name}_m2", "total" if name == "basic" else name, "m2", "basic_usable",
             spans=True) for name in _PARTS),
    titled("ancillary_gross_m2", "ancillary_gross", "m2", spans=True),
    *(said(name, spans=True) for name in ("ownership", "year_built", "is_leased_in", "remark")),
    said("basis", says="space.survey_rooms.basis.{}", spans=True),
)  # fmt: skip
_COMPARED: Final = (
    said("number"), said("code"), said("address"),
    *(titled(f"{name}_{side}_m2", "total" if name == "basic" else name, "m2", above)
      for side, above in _SIDES.items() for name in _PARTS),
    said("state", says="space.survey_rooms.state.{}"),
    said("differing", says="space.form.class.{}"),
    titled("rooms", "rooms"), titled("unmeasured", "unmeasured", None, "not_counted"),
    titled("unclassed", "unclassed", None, "not_counted"),
)  # fmt: skip
_BODIES: Final = (
    said("number", spans=True), said("code", spans=True), said("address", spans=True),
    said("body_code"), said("body"),
    *(
        column for name in CLASSES
        for column in (titled(f"{name}_rooms", "rooms", None, name),
                       titled(f"{name}_m2", "usable", "m2", name))
    ),
    titled("unclassed", "unclassed", None, "not_counted"),
    titled("unmeasured", "unmeasured", None, "not_counted"),
)  # fmt: skip


@dataclass
class _Rooms:
    """Rooms of a property by class. Areas in m2, of rooms that have one."""

    rooms: int = 0
    areas: dict[str, Decimal] = field(default_factory=dict)
    unmeasured: int = 0
    unclassed: int = 0

    def of(self, name: str) -> Decimal | None:
        """Of a class, or of all three; null where there are no rooms at all."""
        if not self.rooms:
            return None
        names = BASIC if name == "basic" else (name,)
        return sum((self.areas.get(one, Decimal()) for one in names), Decimal())


@cache
def _ranks() -> Mapping[str, Sequence[str]]:
    """Ranks that the form asks for, by level."""
    path = resources.files("assets").joinpath("packs/cn/form_survey.toml")
    levels = tomllib.loads(path.read_text(encoding="utf-8"))["office"]["levels"]
    return {level: tuple(levels[level]["ranks"]) for level in LEVELS}


def build_survey_rooms(conn: Connection, as_of: date) -> Report:
    """The office sheets of the survey by level, the comparison, and the rooms of each body.

    Usable areas come from rooms where the property has any with an area; else those filed stand,
    and the row says so. Gross areas cannot be told from rooms and are those filed.
    """
    properties, uses_unverified = survey_properties(conn, as_of)
    by_class, by_body = rooms_surveyed(conn, as_of, [one.place_id for one in properties])
    rooms = _added_up(by_class)
    levels = {one.level for one in properties} | {"city", "county"}
    numbers = {one.place_id: at for at, one in enumerate(properties, start=1)}
    compared = [_compared(numbers[one.place_id], one, rooms[one.place_id]) for one in properties]
    tables = (
        *(_sheet(level, properties, numbers, rooms) for level in LEVELS if level in levels),
        ReportTable("compared", "space.survey_rooms.compared", _COMPARED, compared, ("code",),
                    "code"),
        ReportTable("bodies", "space.survey_rooms.bodies", _BODIES,
                    list(_bodies(properties, numbers, by_body)), ("code", "body_code"), "code",
                    spans="code"),
    )  # fmt: skip
    notes = _notes(compared)
    if uses_unverified:
        notes.append(("estate.survey_unverified", {}))
    return Report(_NAME, "space.survey_rooms.title", as_of, tables, tuple(notes), Form())


def _added_up(by_class: Sequence[Any]) -> Mapping[int, _Rooms]:
    found: dict[int, _Rooms] = defaultdict(_Rooms)
    for row in by_class:
        into = found[row.property_id]
        into.rooms += row.rooms
        into.unmeasured += row.unmeasured
        if row.room_class is None:
            into.unclassed += row.rooms
        elif row.area_m2 is not None:
            into.areas[row.room_class] = row.area_m2
    return found


def _sheet(
    level: str,
    properties: Sequence[SurveyProperty],
    numbers: Mapping[int, int],
    rooms: Mapping[int, _Rooms],
) -> ReportTable:
    ranks = _ranks()[level]
    columns = (
        *_BEFORE,
        said("unit", None, "units"), said("category", None, "units"),
        *(ReportColumn(rank, f"survey.rank.{rank}", None, None, ("space.form.units",))
          for rank in ranks),
        *_AFTER,
    )  # fmt: skip
    rows = [
        row
        for one in properties
        if one.level == level
        for row in _form_rows(numbers[one.place_id], one, rooms[one.place_id], ranks)
    ]
    return ReportTable(
        level, f"space.survey_rooms.{level}", columns, rows, ("code", "at"), "code", spans="code"
    )


def _form_rows(
    number: int, one: SurveyProperty, rooms: _Rooms, ranks: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """A row a body; what is of the property stands in the first of them."""
    is_stated = any(one.areas.get(kind) is not None for kind in _STATED.values())
    is_partly = bool(rooms.unmeasured or rooms.unclassed)
    # A few measured rooms are no sum of a property that filed a whole one.
    from_rooms = bool(rooms.rooms and any(rooms.areas.values())) and not (is_stated and is_partly)
    usable = {
        f"{name}_m2": shown(rooms.of(name) if from_rooms else one.areas.get(_STATED[name]))
        for name in _PARTS
    }
    whole = {
        "number": number,
        "address": one.address,
        "area_code": one.admin_area_code,
        **{f"{kind}_m2": one.areas.get(kind)
           for kind in (*_GROSS, "ancillary_gross")},
        **usable,
        "ownership": one.ownership_title,
        "year_built": one.year_built,
        "is_leased_in": one.is_leased_in,
        "remark": one.remark,
        "basis": "rooms" if from_rooms else "stated" if is_stated else "nothing",
    }  # fmt: skip
    units: Sequence[SurveyUnit | None] = one.units or (None,)
    for at, unit in enumerate(units):
        yield {
            **(whole if at == 0 else dict.fromkeys(whole)),
            "code": one.code,
            "at": at,
            "unit": unit and unit.name,
            "category": unit and unit.category_title,
            **{rank: unit.posts.get(rank) if unit else None for rank in ranks},
        }


def _compared(number: int, one: SurveyProperty, rooms: _Rooms) -> dict[str, Any]:
    row: dict[str, Any] = {"number": number, "code": one.code, "address": one.address}
    differing = []
    for name in _PARTS:
        ours, filed = rooms.of(name), one.areas.get(_STATED[name])
        less = None if ours is None or filed is None else ours - filed
        row[f"{name}_rooms_m2"], row[f"{name}_stated_m2"] = shown(ours), shown(filed)
        row[f"{name}_difference_m2"] = shown(less)
        if less is not None and abs(less) >= _CENT:
            differing.append(name)
    is_stated = any(one.areas.get(kind) is not None for kind in _STATED.values())
    row["state"] = _state(rooms, is_stated=is_stated, differs=bool(differing))
    row["differing"] = differing
    row |= {"rooms": rooms.rooms, "unmeasured": rooms.unmeasured, "unclassed": rooms.unclassed}
    return row


def _state(rooms: _Rooms, *, is_stated: bool, differs: bool) -> str:
    if not rooms.rooms:
        return "stated_only" if is_stated else "nothing"
    if not is_stated:
        return "rooms_only"
    if differs and (rooms.unmeasured or rooms.unclassed):
        return "incomplete"
    return "differs" if differs else "same"


def _bodies(
    properties: Sequence[SurveyProperty], numbers: Mapping[int, int], by_body: Sequence[Any]
) -> Iterator[dict[str, Any]]:
    found: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in by_body:
        into = found[row.property_id].setdefault(
            row.code, {"body_code": row.code, "body": row.name, "unclassed": 0, "unmeasured": 0}
        )
        into["unmeasured"] += row.unmeasured
        if row.room_class is None:
            into["unclassed"] += row.rooms
        else:
            into[f"{row.room_class}_rooms"] = row.rooms
            into[f"{row.room_class}_m2"] = shown(row.area_m2)
    for one in properties:
        for at, body in enumerate(found[one.place_id].values()):
            whole = {"number": numbers[one.place_id], "address": one.address}
            yield {
                **{column.field: None for column in _BODIES},
                **(whole if at == 0 else {}),
                "code": one.code,
                **body,
            }


def _notes(compared: Sequence[Mapping[str, Any]]) -> Notes:
    notes: Notes = [("space.survey_rooms.note", {})]
    for name in ("differs", "incomplete", "stated_only", "rooms_only", "nothing"):
        if count := sum(row["state"] == name for row in compared):
            key = f"space.survey_rooms.note.{name}"
            notes.append((key, {"count": count, "all": len(compared)}))
    for name in ("unmeasured", "unclassed"):
        if count := sum(row[name] for row in compared):
            notes.append((f"space.form.note.{name}", {"count": count}))
    return notes


SURVEY_ROOMS: Final = ReportBuilder(
    _NAME, "space.survey_rooms.title", build_survey_rooms,
    ("ownership_status", "organization_category", "room_class"),
)  # fmt: skip
