"""超标单位表: the bodies that have more office space than the standard gives, and how much more."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from assets.report import Form, Report, ReportBuilder, ReportTable
from assets.space.comparing import State
from assets.space.forms.noted import Notes, left_out, said, shown, titled
from assets.space.queries import Verdict, verdicts
from assets.space.reports import titles_of

_NAME: Final = "over_standard"
_SUM: Final = "-"
_CLASSES: Final = {"office": "office", "service": "service", "equipment": "equipment", None: "all"}
_AMOUNTS: Final = {"entitled": "m2", "actual": "m2", "surplus": "m2", "percent": None}
_TITLES: Final = {"actual": "actual_area"}
_COLUMNS: Final = (
    said("code"), said("body"), said("district"), said("level"), said("quota"),
    *(
        titled(f"{name}_{amount}", _TITLES.get(amount, amount), unit,
               "basic" if name == "all" else name)
        for name in _CLASSES.values() for amount, unit in _AMOUNTS.items()
    ),
)  # fmt: skip


def build_over(conn: Connection, as_of: date) -> Report:
    """Bodies over the standard, the largest surplus first, and what they come to.

    Over are those whose offices, service and equipment rooms together exceed what they may have by
    more than the tolerance, and those of which one of the three does. A surplus is null where a
    class is not over, or cannot be told.
    """
    found = verdicts(conn, as_of)
    titles = titles_of(conn)
    over = [one for one in found if any(each.state is State.OVER for each in one.compared)]
    over.sort(key=lambda one: (-(one.compared[-1].difference_m2 or Decimal()), one.body.code))
    rows = [
        {
            "code": one.body.code,
            "body": one.body.name,
            "district": one.body.district,
            "level": titles.get(("organization_level", one.body.level_code), one.body.level_code),
            "quota": one.entitlement.quota,
            **_amounts(one),
        }
        for one in over
    ]
    if rows:
        rows.append(_summed(rows))
    table = ReportTable("bodies", "space.over.title", _COLUMNS, rows, ("code",), sum_key=_SUM)
    notes: Notes = [("space.over.note", {})]
    if unknown := sum(one.state is State.UNKNOWN for one in found):
        notes.append(("space.over.unknown", {"count": unknown, "all": len(found)}))
    if any(one.entitlement.uses_unverified for one in over):
        notes.append(("space.verdicts.unverified", {}))
    notes += left_out(conn, as_of, found)
    return Report(_NAME, "space.over.title", as_of, (table,), tuple(notes), Form())


def _amounts(one: Verdict) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for each in one.compared:
        name, is_over = _CLASSES[each.room_class], each.state is State.OVER
        row[f"{name}_entitled"] = shown(each.entitled_m2)
        row[f"{name}_actual"] = shown(each.actual_m2)
        row[f"{name}_surplus"] = shown(each.difference_m2) if is_over else None
        has_share = is_over and each.share is not None
        row[f"{name}_percent"] = shown((each.share or Decimal()) * 100) if has_share else None
    return row


def _summed(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of what is known of the listed bodies; shares of different bodies are not added."""
    summed: dict[str, Any] = {column.field: None for column in _COLUMNS}
    summed["code"] = _SUM
    for name in _CLASSES.values():
        for amount, unit in _AMOUNTS.items():
            if unit:
                known = [row[f"{name}_{amount}"] for row in rows]
                summed[f"{name}_{amount}"] = sum((one or Decimal() for one in known), Decimal())
    return summed


OVER: Final = ReportBuilder(_NAME, "space.over.title", build_over, ("organization_level", "rank"))
