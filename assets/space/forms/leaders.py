"""领导干部办公用房配备备案表: the office of each leading post, as it is filed every year."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import Form, Report, ReportBuilder, ReportTable
from assets.space.comparing import State
from assets.space.forms.noted import Notes, said, shown, titled
from assets.space.model import StandardKind
from assets.space.offices import PostVerdict
from assets.space.post_report import rooms_named
from assets.space.posts import judged_posts
from assets.space.queries import REPORT
from assets.space.reports import titles_of
from assets.space.rules import StandardTable
from assets.space.standards import standards_on
from gis.places.counted import uses_unverified_rules

_NAME: Final = "leaders_offices"
_COLUMNS: Final = (
    said("code"), said("body"), said("district"), said("level"), said("post"), said("rank"),
    titled("offices", "rooms"), said("where"), titled("entitled_m2", "entitled", "m2"),
    titled("actual_m2", "actual_area", "m2"), titled("surplus_m2", "surplus", "m2"),
    said("percent"), said("state", says="space.verdicts.state.{}"),
    said("faults", says="space.fault.{}"), said("remark"),
)  # fmt: skip


def build_leaders(conn: Connection, as_of: date) -> Report:
    """Posts above the lowest rank of their level that have an office, by post and never by name.

    A post whose rank has no limit is among them: whether it leads cannot be told, and leaving it
    out would hide it.
    """
    titles = titles_of(conn)
    lowest = _lowest(standards_on(conn, as_of))
    found = [one for one in judged_posts(conn, as_of) if _leads(one, lowest)]
    found.sort(key=lambda one: (one.seats[0].body.admin_area_code or "~", one.seats[0].body.code))
    rows = [_row(one, titles) for one in found]
    table = ReportTable("posts", "space.leaders.title", _COLUMNS, rows, ("code", "post_id"))
    notes: Notes = [("space.leaders.note", {})]
    counted = {
        "untitled": sum(one.seats[0].title is None for one in found),
        "unknown": sum(one.compared.state is State.UNKNOWN for one in found),
    }
    notes += [
        (f"space.leaders.{name}", {"count": count}) for name, count in counted.items() if count
    ]
    if any(one.line.is_verified is False for one in found):
        notes.append(("space.posts.unverified", {}))
    if uses_unverified_rules(conn, as_of, REPORT):
        notes.append(UNVERIFIED_RULES)
    return Report(_NAME, "space.leaders.title", as_of, (table,), tuple(notes), Form())


def _lowest(table: StandardTable) -> Mapping[str | None, Decimal]:
    """The smallest office of each level: who may have no more than that leads nobody."""
    found: dict[str | None, Decimal] = {}
    for row in table:
        if row.kind is StandardKind.OFFICE_LIMIT and row.value is not None:
            found[row.level] = min(found.get(row.level, row.value), row.value)
    return found


def _leads(one: PostVerdict, lowest: Mapping[str | None, Decimal]) -> bool:
    if one.seats[0].post_id is None:
        return False
    least = lowest.get(one.seats[0].body.level_code)
    return one.line.rate is None or least is None or one.line.rate > least


def _row(one: PostVerdict, titles: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    first, compared = one.seats[0], one.compared
    is_over = compared.state is State.OVER
    share = compared.share if is_over else None
    level = first.body.level_code
    return {
        "code": first.body.code,
        "body": first.body.name,
        "district": first.body.district,
        "level": titles.get(("organization_level", level or ""), level),
        "post_id": first.post_id,
        "post": first.title,
        "rank": titles.get(("rank", first.rank or ""), first.rank),
        "offices": len(one.seats),
        "where": rooms_named(one),
        "entitled_m2": shown(compared.entitled_m2),
        "actual_m2": shown(compared.actual_m2),
        "surplus_m2": shown(compared.difference_m2) if is_over else None,
        "percent": None if share is None else shown(share * 100),
        "state": compared.state.value,
        "faults": [fault.value for fault in one.faults] or None,
        "remark": None,
    }


LEADERS: Final = ReportBuilder(
    _NAME, "space.leaders.title", build_leaders, ("organization_level", "rank")
)
