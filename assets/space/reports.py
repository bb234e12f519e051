"""The standard in force on a day; and what each body has against it, with the reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from assets.space.comparing import State
from assets.space.queries import REPORT, Verdict, systems, verdicts
from assets.space.rules import rounded
from assets.space.standards import standards_on
from gis.places.counted import uses_unverified_rules

_TERMS: Final = """
SELECT list, term, title_zh FROM place.term
WHERE list IN ('organization_level', 'rank', 'building_height')"""
_LEVEL: Final = "organization_level"
UNVERIFIED: Final = "space.standards.unverified"


def _column(name: str, says: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"space.standards.{name}", says=says)


_COLUMNS: Final = (
    _column("kind", "space.standard.{}"),
    _column("level"),
    _column("rank"),
    *(_column(name) for name in ("from_count", "to_count", "value", "value_beyond", "cap")),
    _column("verified", "space.standards.verified.{}"),
    _column("origin", "space.standards.origin.{}"),
    *(
        _column(name)
        for name in ("source", "clause", "valid_from", "valid_to", "source_url", "note")
    ),
)


def titles_of(conn: Connection) -> dict[tuple[str, str], str]:
    """How people call levels, ranks and kinds of building, by list and term."""
    return {(row.list, row.term): row.title_zh for row in conn.execute(text(_TERMS))}


def build_standards(conn: Connection, as_of: date) -> Report:
    """The report: rows in the order of the pack, the bureau's own where it has one.

    A row without a value is left open by the standard.
    """
    titles = titles_of(conn)
    whom = {term: title for (name, term), title in titles.items() if name != _LEVEL}
    table = standards_on(conn, as_of)
    rows = [
        {
            **asdict(row),
            "kind": row.kind.value,
            "level": titles.get((_LEVEL, row.level or ""), row.level),
            "rank": whom.get(row.rank or "", row.rank),
            "verified": "yes" if row.is_verified else "no",
            "origin": "pack" if row.is_default else "own",
        }
        for row in table
    ]
    notes: list[tuple[str, Mapping[str, Any]]] = []
    if unverified := sum(row["verified"] == "no" for row in rows):
        notes.append((UNVERIFIED, {"count": unverified}))
    shown = ReportTable(
        "standards", "space.standards.table", _COLUMNS, rows, ("kind", "level", "rank")
    )
    return Report("standards", "space.standards.title", as_of, (shown,), tuple(notes))


STANDARDS: Final = ReportBuilder(
    "standards", "space.standards.title", build_standards, ("organization_level", "rank")
)


def _said(name: str, unit: str | None = None, says: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"space.verdicts.{name}", unit, says)


_AMOUNTS: Final = ("entitled", "actual", "difference")
_BODY: Final = (_said("code"), _said("name"), _said("district"), _said("level"))
_CLASSES: Final = {"office": "office", "service": "service", "equipment": "equipment", None: "all"}
_STATE: Final = "space.verdicts.state.{}"
_BODY_COLUMNS: Final = (
    *_BODY,
    _said("quota"),
    _said("counted_on"),
    *(
        column
        for name in ("all", "office", "service", "equipment")
        for column in (
            *(_said(f"{name}_{amount}", "m2") for amount in _AMOUNTS),
            _said(f"{name}_percent"),
            _said(f"{name}_state", says=_STATE),
        )
    ),
    _said("unmeasured"),
)
_SUM_COLUMNS: Final = (
    *(_said(name) for name in ("bodies", "over", "within", "unknown")),
    *(_said(f"known_{amount}", "m2") for amount in _AMOUNTS),
)
_DISTRICT_COLUMNS: Final = (_said("district_code"), _said("district"), *_SUM_COLUMNS)
_SYSTEM_COLUMNS: Final = (_said("code"), _said("system"), *_SUM_COLUMNS)
_LINE_COLUMNS: Final = (
    *_BODY,
    _said("room_class", says="space.verdicts.class.{}"),
    _said("rank"),
    _said("reading"),
    _said("count"),
    _said("base", "m2"),
    _said("rate"),
    _said("area", "m2"),
    _said("lack", says="space.lack.{}"),
    _said("source"),
    _said("clause"),
    _said("valid_from"),
    _said("verified", says="space.standards.verified.{}"),
)


def build_verdicts(conn: Connection, as_of: date) -> Report:
    """Entitlement, actual area and difference of every body; by district and system; each line."""
    titles = titles_of(conn)
    found = verdicts(conn, as_of)
    tables = (
        ReportTable("bodies", "space.verdicts.bodies_table", _BODY_COLUMNS,
                    [_body_row(one, titles) for one in found], ("code",)),
        ReportTable("districts", "space.verdicts.districts_table", _DISTRICT_COLUMNS,
                    list(by_district(found)), ("district_code",)),
        ReportTable("systems", "space.verdicts.systems_table", _SYSTEM_COLUMNS,
                    list(by_system(found, systems(conn, as_of))), ("code",)),
        ReportTable("lines", "space.verdicts.lines_table", _LINE_COLUMNS,
                    [row for one in found for row in _lines(one, titles)],
                    ("code", "room_class", "rank")),
    )  # fmt: skip
    notes: list[tuple[str, Mapping[str, Any]]] = [("space.verdicts.note", {})]
    if any(one.entitlement.uses_unverified for one in found):
        notes.append(("space.verdicts.unverified", {}))
    if uses_unverified_rules(conn, as_of, REPORT):
        notes.append(UNVERIFIED_RULES)
    if alike := sum(each.shared_alike for one in found for each in one.rooms):
        notes.append(("space.verdicts.shared_alike", {"count": alike}))
    return Report(REPORT, "space.verdicts.title", as_of, tables, tuple(notes))


def _named(one: Verdict, titles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    body = one.body
    level = titles.get((_LEVEL, body.level_code), body.level_code)
    return {"code": body.code, "name": body.name, "district": body.district, "level": level}


def _shown(area_m2: Decimal | None) -> Decimal | None:
    return None if area_m2 is None else rounded(area_m2)


def _body_row(one: Verdict, titles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    row = _named(one, titles)
    row |= {"quota": one.entitlement.quota, "counted_on": one.counted_on}
    for each in one.compared:
        name = _CLASSES[each.room_class]
        row[f"{name}_entitled"] = _shown(each.entitled_m2)
        row[f"{name}_actual"] = _shown(each.actual_m2)
        row[f"{name}_difference"] = _shown(each.difference_m2)
        row[f"{name}_percent"] = None if each.share is None else rounded(each.share * 100)
        row[f"{name}_state"] = each.state.value
    row["unmeasured"] = sum(rooms.unmeasured for rooms in one.rooms)
    return row


def by_district(found: Sequence[Verdict]) -> Iterator[dict[str, Any]]:
    """Districts in the order of the bodies, two of one name apart: `district_code, district`, sums.

    These are `bodies, over, within, unknown, known_entitled, known_actual, known_difference`.
    """
    groups: dict[str | None, list[Verdict]] = {}
    for one in found:
        groups.setdefault(one.body.admin_area_code, []).append(one)
    for code, bodies in groups.items():
        yield {"district_code": code, "district": bodies[0].body.district, **_summed(bodies)}


def by_system(found: Sequence[Verdict], heads: Mapping[int, Any]) -> Iterator[dict[str, Any]]:
    """Heads with what stands under them, in the order of their codes: `code, system` and sums."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for one in found:
        head = heads.get(one.body.organization_id, one.body)
        groups.setdefault((head.code, head.name), []).append(one)
    for (code, name), bodies in sorted(groups.items()):
        yield {"code": code, "system": name, **_summed(bodies)}


def _summed(bodies: Sequence[Verdict]) -> dict[str, Any]:
    """Sums of the bodies that can be judged; the others are counted beside."""
    whole = [one.compared[-1] for one in bodies]
    known = [each for each in whole if each.entitled_m2 is not None]
    sums = {
        "entitled": sum((each.entitled_m2 or Decimal() for each in known), Decimal()),
        "actual": sum((each.actual_m2 for each in known), Decimal()),
    }
    sums["difference"] = sums["actual"] - sums["entitled"]
    return {
        "bodies": len(bodies),
        **{state.value: sum(each.state is state for each in whole) for state in State},
        **{f"known_{name}": rounded(area) for name, area in sums.items()},
    }


def _lines(one: Verdict, titles: Mapping[tuple[str, str], str]) -> Iterator[dict[str, Any]]:
    for line in one.entitlement.lines:
        rests_on = line.standard
        yield {
            **_named(one, titles),
            "room_class": line.room_class,
            "rank": titles.get(("rank", line.rank or ""), line.rank),
            "reading": line.reading and titles.get(("rank", line.reading.counts_as)),
            "count": line.count,
            "base": _shown(line.base_m2),
            "rate": line.rate,
            "area": _shown(line.area_m2),
            "lack": line.lack.value if line.lack else None,
            "source": rests_on and rests_on.source,
            "clause": rests_on and rests_on.clause,
            "valid_from": rests_on and rests_on.valid_from,
            "verified": None if rests_on is None else "yes" if line.is_verified else "no",
        }


VERDICTS: Final = ReportBuilder(
    REPORT, "space.verdicts.title", build_verdicts, ("organization_level", "rank")
)
