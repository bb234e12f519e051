"""Each post's office against the standard as a report: over-standard rooms and second offices."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from assets.space.offices import Fault, PostVerdict
from assets.space.posts import judged_posts
from assets.space.queries import REPORT
from assets.space.rules import rounded
from gis.places.counted import uses_unverified_rules

_TERMS: Final = """
SELECT list, term, title_zh FROM place.term WHERE list IN ('organization_level', 'rank')"""


def _said(name: str, unit: str | None = None, says: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"space.verdicts.{name}", unit, says)


def _post(name: str) -> ReportColumn:
    return ReportColumn(name, f"space.posts.{name}")


_POST_COLUMNS: Final = (
    *(_said(name) for name in ("code", "name", "district", "level")),
    _post("post"),
    _said("rank"),
    _said("reading"),
    _post("heads"),
    _post("rooms"),
    *(_said(name, "m2") for name in ("entitled", "actual", "difference")),
    _said("state", says="space.verdicts.state.{}"),
    _said("lack", says="space.lack.{}"),
    _said("source"),
    _said("clause"),
    _said("verified", says="space.standards.verified.{}"),
)
_FAULT_COLUMNS: Final = (
    *(_said(name) for name in ("code", "name", "district")),
    _post("post"),
    _post("rooms"),
    ReportColumn("fault", "space.posts.fault", says="space.fault.{}"),
    _post("second"),
    _post("left_on"),
    _post("due_on"),
    _said("source"),
    _said("clause"),
)

_OF_A_TERM: Final = (Fault.POST_LEFT, Fault.OVERDUE)
"""Faults that a term of the standard makes."""


def build_posts(conn: Connection, as_of: date) -> Report:
    """Every post that has an office; and each broken rule of one office for each."""
    titles = {(row.list, row.term): row.title_zh for row in conn.execute(text(_TERMS))}
    found = judged_posts(conn, as_of)
    tables = (
        ReportTable("posts", "space.posts.table", _POST_COLUMNS,
                    [_row(one, titles) for one in found], ("code", "post", "rooms")),
        ReportTable("faults", "space.posts.fault", _FAULT_COLUMNS,
                    [row for one in found for row in _faults(one)], ("code", "post", "fault")),
    )  # fmt: skip
    notes: list[tuple[str, Mapping[str, Any]]] = [("space.posts.note", {})]
    if any(
        one.line.is_verified is False or (one.due_by and not one.due_by.is_verified)
        for one in found
    ):
        notes.append(("space.posts.unverified", {}))
    if uses_unverified_rules(conn, as_of, REPORT):
        notes.append(UNVERIFIED_RULES)
    return Report("posts", "space.posts.title", as_of, tables, tuple(notes))


def rooms_named(one: PostVerdict) -> str:
    """The rooms of a post after their buildings and floors."""
    return "、".join(
        " ".join(filter(None, (seat.building, seat.floor, seat.room))) for seat in one.seats
    )


def _named(one: PostVerdict) -> dict[str, Any]:
    first = one.seats[0]
    return {
        "code": first.body.code,
        "name": first.body.name,
        "district": first.body.district,
        "post": first.title,
        "rooms": rooms_named(one),
    }


def _row(one: PostVerdict, titles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    first, line, rests_on = one.seats[0], one.line, one.line.standard
    entitled, difference = one.compared.entitled_m2, one.compared.difference_m2
    level = first.body.level_code
    return {
        **_named(one),
        "level": titles.get(("organization_level", level or ""), level),
        "rank": titles.get(("rank", first.rank or ""), first.rank),
        "reading": line.reading and titles.get(("rank", line.reading.counts_as)),
        "heads": first.heads,
        "entitled": None if entitled is None else rounded(entitled),
        "actual": rounded(one.compared.actual_m2),
        "difference": None if difference is None else rounded(difference),
        "state": one.compared.state.value,
        "lack": one.lacks[0].value if one.lacks else None,
        "source": rests_on and rests_on.source,
        "clause": rests_on and rests_on.clause,
        "verified": None if line.is_verified is None else "yes" if line.is_verified else "no",
    }


def _faults(one: PostVerdict) -> Iterator[dict[str, Any]]:
    documents = [seat.approval_document for seat in one.seats if seat.approval_document]
    for fault in one.faults:
        rule = one.due_by if fault in _OF_A_TERM else None
        yield {
            **_named(one),
            "fault": fault.value,
            "second": "、".join(documents) or None,
            "left_on": one.seats[0].left_on,
            "due_on": one.due_on,
            "source": rule and rule.source,
            "clause": rule and rule.clause,
        }


POSTS: Final = ReportBuilder(
    "posts", "space.posts.title", build_posts, ("organization_level", "rank")
)
