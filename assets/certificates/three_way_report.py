"""The three-way match as a report: sums, differences, what only one side knows, all properties."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from assets.certificates.ownership import Standing, standing_of, standings
from assets.certificates.three_way import (
    NAME,
    Matched,
    Side,
    Subject,
    Verdict,
    match,
    tolerance_of,
    unplaced,
)
from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from gis.places.counted import uses_unverified_rules


def _column(name: str, unit: str | None = None, says: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"certificates.three_way.{name}", unit, says)


_VERDICT: Final = "certificates.three_way.verdict.{}"
_SIDE: Final = _column("side", says="certificates.three_way.side.{}")
_PROPERTY: Final = (
    *(ReportColumn(name, f"estate.column.{name}") for name in ("code", "name", "address")),
    ReportColumn("district", "estate.column.district"),
)
_SUMMARY: Final = (
    _SIDE,
    _column("verdict", says=_VERDICT),
    ReportColumn("property_count", "estate.column.property_count"),
)
_DIFFERING: Final = (
    *_PROPERTY,
    _SIDE,
    _column("subject", says="certificates.three_way.subject.{}"),
    _column("ledger_m2", "m2"),
    _column("other_m2", "m2"),
    _column("difference_m2", "m2"),
    _column("ledger_said"),
    _column("other_said"),
)
_LACKING: Final = (*_PROPERTY, _SIDE, _column("verdict", says=_VERDICT))
_CARDS: Final = (
    _column("card"),
    ReportColumn("name", "estate.column.name"),
    _column("category"),
    ReportColumn("address", "estate.column.address"),
    _column("department"),
    _column("gross_m2", "m2"),
    _column("land_m2", "m2"),
    _column("value_yuan"),
    _column("certificate_no"),
)
_FIGURES: Final = tuple(
    _column(f"{kind}_{side}_m2", "m2")
    for kind in ("gross", "land")
    for side in ("ledger", *(one.value for one in Side))
)
_ALL: Final = (
    *_PROPERTY,
    *(
        ReportColumn(side.value, f"certificates.three_way.side.{side.value}", says=_VERDICT)
        for side in Side
    ),
    ReportColumn("ownership", "ownership.title", says="ownership.state.{}"),
    ReportColumn("ownership_since", "ownership.since"),
    *_FIGURES,
    _column("rooms"),
    _column("rooms_m2", "m2"),
    _column("cards"),
    _column("titles"),
)


def build_three_way(conn: Connection, as_of: date) -> Report:
    """The three-way match of every property on a day."""
    found = match(conn, as_of)
    kept = standings(conn, as_of)
    tolerance = tolerance_of(as_of)
    tables = (
        ReportTable(
            "summary", "certificates.three_way.summary", _SUMMARY, _summed(found),
            ("side", "verdict"),
        ),
        ReportTable(
            "differing", "certificates.three_way.differing", _DIFFERING, _differing(found),
            ("code", "side", "subject", "other_said"), "code",
        ),
        ReportTable(
            "lacking", "certificates.three_way.lacking", _LACKING, _lacking(found),
            ("code", "side"), "code",
        ),
        ReportTable(
            "cards", "certificates.three_way.unplaced", _CARDS,
            [_card(row) for row in unplaced(conn, as_of)], ("card",),
        ),
        ReportTable(
            "properties", "certificates.three_way.properties", _ALL,
            [_whole(one, kept) for one in found], ("code",), "code",
        ),
    )  # fmt: skip
    unverified = not tolerance.is_verified or uses_unverified_rules(conn, as_of, "ledgers")
    told = {"area": f"{tolerance.area_m2:f}", "value": f"{tolerance.value_yuan:f}"}
    return Report(
        NAME,
        "certificates.three_way.title",
        as_of,
        tables,
        (
            ("certificates.three_way.basis", {}),
            ("certificates.three_way.tolerance", told),
            *((UNVERIFIED_RULES,) if unverified else ()),
        ),
    )


def said_of(value: Decimal | tuple[str, ...], subject: Subject) -> dict[str, Any]:
    """A value of a difference as an area, or in words: a value in yuan is none."""
    is_area = isinstance(value, Decimal) and subject is not Subject.VALUE
    return {"m2": value if is_area else None, "said": None if is_area else value}


def _summed(found: Sequence[Matched]) -> list[dict[str, Any]]:
    counted = Counter((side, one.verdicts[side]) for one in found for side in Side)
    return [
        {"side": side.value, "verdict": verdict.value, "property_count": counted[side, verdict]}
        for side in Side
        for verdict in Verdict
        if counted[side, verdict]
    ]


def _property(one: Matched) -> dict[str, Any]:
    return {column.field: one.head[column.field] for column in _PROPERTY}


def _differing(found: Sequence[Matched]) -> list[dict[str, Any]]:
    rows = []
    for one in found:
        for each in one.differences:
            ledger, other = said_of(each.ledger, each.subject), said_of(each.other, each.subject)
            rows.append(
                {
                    **_property(one),
                    "side": each.side.value,
                    "subject": each.subject.value,
                    "ledger_m2": ledger["m2"],
                    "other_m2": other["m2"],
                    "difference_m2": each.difference if ledger["m2"] is not None else None,
                    "ledger_said": ledger["said"],
                    "other_said": other["said"],
                }
            )
    return rows


def _lacking(found: Sequence[Matched]) -> list[dict[str, Any]]:
    return [
        {**_property(one), "side": side.value, "verdict": one.verdicts[side].value}
        for one in found
        for side in Side
        if one.verdicts[side] in (Verdict.LACKS, Verdict.UNSTATED)
    ]


def _card(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "card": row["number"],
        "name": row["name"],
        "category": row["category_name"],
        "address": row["address"],
        "department": row["unit_name"],
        "gross_m2": row["area_m2"],
        "land_m2": row["land_area_m2"],
        "value_yuan": row["value_yuan"],
        "certificate_no": row["certificate_no"],
    }


def _whole(one: Matched, kept: Mapping[int, Standing]) -> dict[str, Any]:
    standing = standing_of(kept, one.place_id, is_leased_in=one.is_leased_in)
    figures = {
        f"{kind}_{side}_m2": one.areas[kind].get(side)
        for kind in ("gross", "land")
        for side in ("ledger", *Side)
    }
    return {
        **_property(one),
        **{side.value: one.verdicts[side].value for side in Side},
        "ownership": standing.state,
        "ownership_since": standing.since,
        **figures,
        "rooms": one.rooms[0],
        "rooms_m2": one.rooms[1] if one.rooms[0] else None,
        "cards": list(one.cards) or None,
        "titles": list(one.titles) or None,
    }


THREE_WAY: Final = ReportBuilder(NAME, "certificates.three_way.title", build_three_way)
