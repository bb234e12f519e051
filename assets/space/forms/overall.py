"""办公用房总体使用情况一览表: people and rooms by class, of each district and of each body."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.reports import SurveyProperty, survey_properties
from assets.report import Form, Report, ReportBuilder, ReportTable
from assets.space.forms.noted import CLASSES, Notes, left_out, said, shown, titled
from assets.space.queries import Verdict, verdicts
from assets.space.surveyed import rooms_surveyed

_NAME: Final = "overall_use"
_SUM: Final = "-"
_LISTED: Final = ("vacant", *CLASSES[:-1])
_ACTUAL: Final = """
SELECT DISTINCT ON (c.organization_id) c.organization_id,
  coalesce(max(c.people) FILTER (WHERE c.rank_code IS NULL), sum(c.people)) AS people
FROM organization.headcount AS c
WHERE c.kind = 'actual' AND c.counted_on <= :as_of
GROUP BY c.organization_id, c.counted_on, c.source
ORDER BY c.organization_id, c.counted_on DESC, c.source"""
_AREAS: Final = "SELECT code, name FROM place.admin_area"
_ROOMS: Final = tuple(
    column
    for name in _LISTED
    for column in (
        titled(f"{name}_rooms", "rooms", None, name),
        titled(f"{name}_m2", "usable", "m2", name),
    )
)
_FIGURES: Final = (
    said("quota", None, "people"), said("actual", None, "people"), *_ROOMS,
    titled("office_gross_m2", "office_gross", "m2", "gross_sums"),
    titled("gross_m2", "gross", "m2", "gross_sums"),
    titled("unmeasured", "unmeasured", None, "not_counted"),
    titled("unclassed", "unclassed", None, "not_counted"),
)  # fmt: skip
_COUNTED: Final = tuple(column.field for column in _FIGURES)


def build_overall(conn: Connection, as_of: date) -> Report:
    """Two tables of the same layout: by district with a row of sums, and by body.

    Rooms and people are of bodies the standard is for, by the district of the body; vacant rooms
    and gross areas are of the survey's properties, by the district they stand in. Gross areas are
    said of a body that shares none of its properties: of any other they would be those of a part.
    """
    found = verdicts(conn, as_of)
    properties, _ = survey_properties(conn, as_of)
    bodies = _of_bodies(conn, as_of, found, properties)
    districts = _of_districts(conn, as_of, bodies, properties)
    tables = (
        ReportTable("districts", "space.overall.districts",
                    (titled("code", "area_code"), said("district"), *_FIGURES), districts,
                    ("code",), sum_key=_SUM),
        ReportTable("bodies", "space.overall.bodies",
                    (said("code"), said("body"), said("district"), *_FIGURES), bodies, ("code",)),
    )  # fmt: skip
    notes: Notes = [("space.overall.note", {})]
    if shared := sum(len(one.units) > 1 for one in properties):
        notes.append(("space.overall.shared", {"count": shared}))
    if ungrossed := sum("gross" not in one.areas for one in properties):
        notes.append(("space.overall.ungrossed", {"count": ungrossed, "all": len(properties)}))
    notes += left_out(conn, as_of, found)
    return Report(_NAME, "space.overall.title", as_of, tables, tuple(notes), Form())


def _of_bodies(
    conn: Connection,
    as_of: date,
    found: Sequence[Verdict],
    properties: Sequence[SurveyProperty],
) -> list[dict[str, Any]]:
    actual = {
        row.organization_id: int(row.people)
        for row in conn.execute(text(_ACTUAL), {"as_of": as_of})
    }
    alone: dict[int | None, list[SurveyProperty]] = defaultdict(list)
    sharing = {u.organization_id for one in properties if len(one.units) > 1 for u in one.units}
    for one in properties:
        if len(one.units) == 1 and (body := one.units[0].organization_id) not in sharing:
            alone[body].append(one)
    return [
        {
            "code": one.body.code,
            "body": one.body.name,
            "district": one.body.district,
            "area_code": one.body.admin_area_code,
            "quota": one.entitlement.quota,
            "actual": actual.get(one.body.organization_id),
            **_rooms(one),
            **_gross(alone[one.body.organization_id]),
        }
        for one in found
    ]


def _rooms(one: Verdict) -> dict[str, Any]:
    by_class = {each.room_class: each for each in one.rooms}
    row: dict[str, Any] = {}
    for name in _LISTED:
        each = by_class.get(name)
        is_known = each is None or each.unmeasured < each.rooms
        row[f"{name}_rooms"] = each.rooms if each else 0
        row[f"{name}_m2"] = (each.area_m2 if each else Decimal()) if is_known else None
    row["unmeasured"] = sum(each.unmeasured for each in one.rooms)
    row["unclassed"] = sum(each.rooms for each in one.rooms if each.room_class not in CLASSES)
    return row


def _gross(properties: Sequence[SurveyProperty]) -> dict[str, Decimal | None]:
    return {
        f"{kind}_m2": _sum(one.areas.get(kind) for one in properties)
        for kind in ("office_gross", "gross")
    }


def _sum(figures: Iterable[Any]) -> Any:
    """Of those that are known; null where none is."""
    known = [one for one in figures if one is not None]
    return sum(known[1:], known[0]) if known else None


def _of_districts(
    conn: Connection,
    as_of: date,
    bodies: Sequence[Mapping[str, Any]],
    properties: Sequence[SurveyProperty],
) -> list[dict[str, Any]]:
    names = {row.code: row.name for row in conn.execute(text(_AREAS))}
    standing: dict[str | None, list[SurveyProperty]] = defaultdict(list)
    for one in properties:
        standing[one.admin_area_code].append(one)
    vacant = _vacant(conn, as_of, properties)
    of: dict[str | None, list[Mapping[str, Any]]] = defaultdict(list)
    for body in bodies:
        of[body["area_code"]].append(body)
    rows = []
    for code in sorted({*of, *standing}, key=lambda one: one or "~"):
        row = {name: _sum(body[name] for body in of[code]) for name in _COUNTED}
        row |= _gross(standing[code])
        for name, count in vacant.get(code, {}).items():
            row[name] = _sum((row[name], count))
        rows.append({"code": code, "district": names.get(code or "", code), **row})
    if rows:
        whole = {name: _sum(row[name] for row in rows) for name in _COUNTED}
        rows.append({"code": _SUM, "district": None, **whole})
    for shown_row in (*rows, *bodies):
        _round(shown_row)
    return rows


def _round(row: Any) -> None:
    for name in _COUNTED:
        if name.endswith("_m2"):
            row[name] = shown(row[name])


def _vacant(
    conn: Connection, as_of: date, properties: Sequence[SurveyProperty]
) -> Mapping[str | None, Mapping[str, Any]]:
    """Vacant rooms, by the district they stand in."""
    stands_in = {one.place_id: one.admin_area_code for one in properties}
    by_class, _ = rooms_surveyed(conn, as_of, list(stands_in))
    found: dict[str | None, dict[str, Any]] = {}
    for row in by_class:
        if not row.vacant_rooms:
            continue
        into = found.setdefault(
            stands_in[row.property_id], {"vacant_rooms": 0, "vacant_m2": None, "unmeasured": 0}
        )
        into["vacant_rooms"] += row.vacant_rooms
        into["vacant_m2"] = _sum((into["vacant_m2"], row.vacant_m2))
        into["unmeasured"] += row.vacant_unmeasured
    return found


OVERALL: Final = ReportBuilder(
    _NAME, "space.overall.title", build_overall, ("organization_level", "rank", "room_class")
)
