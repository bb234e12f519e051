"""What inspections came to: the score of each body by head, findings, and what is put right."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from assets.inspection.queries import (
    Inspection,
    answered,
    answers,
    earlier_counts,
    findings_of,
    items,
    rectifications,
    visits,
)
from assets.inspection.rules import Score, score, score_by_head
from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from gis.errors import InputError

MOST: Final = 20_000
"""Notices, or findings, of one report."""
STATES: Final = "rectification.state.{}"
STATES_NOW: Final[tuple[str, Mapping[str, Any]]] = ("inspection.report.states_now", {})


def _column(name: str, unit: str | None = None, says: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"inspection.report.{name}", unit, says)


_SCORES: Final = tuple(
    _column(name)
    for name in ("passed", "failed", "not_applicable", "waiting", "pass_percent", "points", "most")
)
_BODIES: Final = (
    _column("code"),
    _column("name"),
    _column("done_on"),
    *_SCORES,
    _column("findings"),
    _column("being_mended"),
    _column("mended"),
    _column("earlier_open"),
    _column("earlier_closed"),
)
_HEADS: Final = (_column("code"), _column("name"), _column("head"), *_SCORES)
_FOUND: Final = (
    _column("finding"),
    _column("name"),
    _column("head"),
    _column("place"),
    _column("words"),
    _column("number"),
    _column("state", says=STATES),
    _column("due_on"),
)
_NOTICES: Final = (
    _column("number"),
    _column("code"),
    _column("name"),
    _column("origin", says="rectification.origin.{}"),
    _column("demand"),
    _column("issued_on"),
    _column("due_on"),
    _column("state", says=STATES),
    _column("overdue", says="inspection.report.overdue.{}"),
    _column("over", "m2"),
    _column("rechecked_over", "m2"),
)


def build_rectifications(conn: Connection, as_of: date) -> Report:
    """Everything to be put right, as it stands; what is past its day on `as_of` is marked.

    Raises:
        InputError: There is more than one report holds.
    """
    found = rectifications(conn, as_of, most=MOST + 1)
    if len(found) > MOST:
        raise InputError("inspection.report_too_long", most=MOST)
    rows = [_notice_row(row) for row in found if row["issued_on"] <= as_of]
    table = ReportTable("notices", "inspection.report.notices_table", _NOTICES, rows, ("number",))
    return Report("rectifications", "inspection.report.title", as_of, (table,), (STATES_NOW,))


INSPECTIONS: Final = ReportBuilder(
    "rectifications", "inspection.report.title", build_rectifications
)


def _notice_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "code": row["organization_code"],
        "name": row["organization_name"],
        "origin": row["origin"],
        "demand": row["told"],
        "issued_on": row["issued_on"],
        "due_on": row["due_on"],
        "state": row["state"],
        "overdue": "yes" if row["is_overdue"] else "no",
        "over": row["over_m2"],
        "rechecked_over": row["rechecked_over_m2"],
    }


def inspection_report(conn: Connection, one: Inspection, as_of: date) -> Report:
    """One inspection: each body, each body by head, each finding, as they stand.

    Raises:
        InputError: There are more findings than one report holds.
    """
    asked = items(conn, one.inspection_id)
    bodies = visits(conn, one.inspection_id)
    given = answers(conn, [row["visit_id"] for row in bodies])
    found = findings_of(conn, one.inspection_id, most=MOST + 1)
    if len(found) > MOST:
        raise InputError("inspection.report_too_long", most=MOST)
    before = earlier_counts(conn, one.inspection_id, one.starts_on)
    by_body = [(row, answered(asked, given[row["visit_id"]])) for row in bodies]
    body_rows = [
        {**_body(row), **_score_row(score(those)), **_earlier(before.get(row["organization_id"]))}
        for row, those in by_body
    ]
    head_rows = [
        {"code": row["code"], "name": row["name"], "head": head, **_score_row(each)}
        for row, those in by_body
        for head, each in score_by_head(those).items()
    ]
    tables = (
        ReportTable("bodies", "inspection.report.bodies_table", _BODIES, body_rows, ("code",)),
        ReportTable("heads", "inspection.report.heads_table", _HEADS, head_rows, ("code", "head")),
        ReportTable("findings", "inspection.report.findings_table", _FOUND,
                    list(_finding_rows(found)), ("finding",)),
    )  # fmt: skip
    notes: list[tuple[str, Mapping[str, Any]]] = []
    if not any(item["points"] for item in asked):
        notes.append(("inspection.report.no_points", {}))
    return Report("inspection", "inspection.report.one_title", as_of, tables, tuple(notes))


def _body(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("code", "name", "done_on", "findings", "being_mended", "mended")
    return {name: row[name] for name in names}


def _score_row(one: Score) -> dict[str, Any]:
    return {
        "passed": one.passed,
        "failed": one.failed,
        "not_applicable": one.not_applicable,
        "waiting": one.open,
        "pass_percent": None if one.pass_share is None else round(one.pass_share * 100, 1),
        "points": one.points,
        "most": one.most,
    }


def _earlier(known: Mapping[str, Any] | None) -> dict[str, int]:
    return {f"earlier_{name}": known[name] if known else 0 for name in ("open", "closed")}


def _finding_rows(found: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in found:
        yield {
            "finding": row["finding_id"],
            "name": row["organization_name"],
            "head": row["head"],
            "place": row["place_name"],
            "words": row["words"],
            "number": row["number"],
            "state": row["state"],
            "due_on": row["due_on"],
        }
