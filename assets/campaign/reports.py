"""The progress board: how far each agency is, and how far districts, types and levels are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from assets.campaign.model import State
from assets.campaign.queries import Campaign, read
from assets.campaign.rules import HANDED_IN, is_late
from assets.campaign.unexplained import unexplained_apart
from assets.report import Report, ReportColumn, ReportTable
from assets.services.calendar import TimeLeft, time_left
from gis.errors import Phrase
from gis.rights.actions import shown_account

_BOARD: Final = """
WITH last_step AS (
  SELECT DISTINCT ON (s.case_id, s.step) s.case_id, s.step,
    coalesce(a.title, a.name) AS who, coalesce(b.title, b.name) AS for_whom
  FROM services.step_taken AS s JOIN campaign.filing AS f ON f.filing_id = s.case_id
  LEFT JOIN rights.account AS a ON a.account_id = s.account_id
  LEFT JOIN rights.account AS b ON b.account_id = s.on_behalf_of
  WHERE s.workflow = 'campaign' AND s.step IN ('submit', 'approve')
    AND f.campaign_id = :campaign_id
  ORDER BY s.case_id, s.step, s.step_taken_id DESC)
SELECT f.filing_id, f.state, f.version, f.is_late, f.unexplained_count, f.submitted_at,
  f.changed_at, coalesce(f.due_on, c.due_on) AS due_on, f.due_on IS NOT NULL AS is_extended,
  o.name AS organization_name, coalesce(o.admin_area_code, '') AS area_code,
  area.name AS area_name, o.type_code, o.level_code,
  coalesce(kind.title_zh, o.type_code) AS type_zh, coalesce(kind.title_en, o.type_code) AS type_en,
  coalesce(rank.title_zh, o.level_code) AS level_zh,
  coalesce(rank.title_en, o.level_code) AS level_en,
  coalesce(r.properties, 0) AS properties, coalesce(r.gross_m2, 0) AS gross_m2,
  coalesce(r.former_m2, 0) AS former_m2, coalesce(m.open_remarks, 0) AS open_remarks,
  handed.who AS handed_in_by, handed.for_whom AS handed_in_for,
  approved.who AS approved_by, approved.for_whom AS approved_for
FROM campaign.filing AS f
JOIN campaign.campaign AS c USING (campaign_id)
JOIN organization.organization AS o USING (organization_id)
LEFT JOIN place.admin_area AS area ON area.code = o.admin_area_code
LEFT JOIN place.term AS kind ON kind.list = 'organization_type' AND kind.term = o.type_code
LEFT JOIN place.term AS rank ON rank.list = 'organization_level' AND rank.term = o.level_code
LEFT JOIN (
  SELECT w.filing_id, count(*) FILTER (WHERE NOT w.is_removed) AS properties,
    sum(w.gross_m2) FILTER (WHERE NOT w.is_removed) AS gross_m2, sum(b.gross_m2) AS former_m2
  FROM campaign.filing_row AS w LEFT JOIN campaign.baseline_row AS b USING (filing_row_id)
  GROUP BY w.filing_id) AS r USING (filing_id)
LEFT JOIN (
  SELECT filing_id, count(*) AS open_remarks FROM campaign.remark WHERE resolved_at IS NULL
  GROUP BY filing_id) AS m USING (filing_id)
LEFT JOIN last_step AS handed ON handed.case_id = f.filing_id AND handed.step = 'submit'
  AND f.state IN ('submitted', 'approved')
LEFT JOIN last_step AS approved ON approved.case_id = f.filing_id AND approved.step = 'approve'
  AND f.state = 'approved'
WHERE f.campaign_id = :campaign_id AND f.succeeded_by_filing_id IS NULL
ORDER BY o.admin_area_code NULLS FIRST, o.code"""


@dataclass(frozen=True)
class BoardRow:
    """How far one agency is. Areas in m2: filed, and a year ago.

    Args:
        overdue_days: Days past its date without handing in, or late by when it was; 0 in time.
        handed_in_by: Who did; null: it is not handed in.
        handed_in_for: Whose deputy did; null: in one's own name.
        approved_by: Who did; null: it is not approved.
        approved_for: Whose deputy did; null: in one's own name.
    """

    filing_id: int
    organization_name: str
    area_code: str
    area_name: str | None
    type_code: str | None
    type_title: str | None
    level_code: str | None
    level_title: str | None
    state: State
    due_on: date
    is_extended: bool
    is_late: bool
    overdue_days: int
    submitted_at: datetime | None
    unexplained_count: int
    open_remarks: int
    properties: int
    gross_m2: Decimal
    former_m2: Decimal
    handed_in_by: str | None
    handed_in_for: str | None
    approved_by: str | None
    approved_for: str | None

    @property
    def is_handed_in(self) -> bool:
        return self.state in HANDED_IN


@dataclass(frozen=True)
class Progress:
    """How far a group of agencies is.

    Args:
        key: What they have in common; empty where they lack it.
        by_state: How many stand in each state.
        filed_m2: Floor area of those who have handed in.
        total_m2: Floor area of all, as far as it is known.
        overdue: How many are past their date without handing in.
    """

    key: str
    title: str | None
    by_state: Mapping[State, int]
    filed_m2: Decimal
    total_m2: Decimal
    overdue: int

    @property
    def agencies(self) -> int:
        return sum(self.by_state.values())

    @property
    def handed_in(self) -> int:
        return sum(self.by_state.get(state, 0) for state in HANDED_IN)

    @property
    def share(self) -> float:
        """Part of the agencies that have handed in."""
        return self.handed_in / self.agencies if self.agencies else 0.0


@dataclass(frozen=True)
class Board:
    """The progress of a campaign on a day."""

    campaign: Campaign
    today: date
    time_left: TimeLeft
    rows: Sequence[BoardRow]
    total: Progress
    by_area: Sequence[Progress]
    by_type: Sequence[Progress]
    by_level: Sequence[Progress]


def board(conn: Connection, campaign: Campaign, *, today: date, language: str) -> Board:
    """How far a campaign is, as far as the asking account sees its filings."""
    found = read(conn, _BOARD, campaign_id=campaign.campaign_id)
    apart = unexplained_apart(conn, campaign.campaign_id)
    for one in found:
        one["unexplained_count"] += apart[one["filing_id"]]
    rows = [_row(row, today, language) for row in found]
    return Board(
        campaign=campaign,
        today=today,
        time_left=time_left(campaign.due_on, today),
        rows=rows,
        total=_progress("", None, rows, today),
        by_area=_grouped(rows, lambda row: (row.area_code, row.area_name), today),
        by_type=_grouped(rows, lambda row: (row.type_code or "", row.type_title), today),
        by_level=_grouped(rows, lambda row: (row.level_code or "", row.level_title), today),
    )


def _row(row: Mapping[str, Any], today: date, language: str) -> BoardRow:
    state = State(row["state"])
    until = row["submitted_at"].date() if row["submitted_at"] and state in HANDED_IN else today
    titles = {name: row[f"{name}_{language}"] for name in ("type", "level")}
    kept = {name: row[name] for name in BoardRow.__dataclass_fields__ if name in row}
    return BoardRow(
        **{
            **kept,
            "state": state,
            "type_title": titles["type"],
            "level_title": titles["level"],
            "overdue_days": max(0, (until - row["due_on"]).days),
        }
    )


def _grouped(
    rows: Sequence[BoardRow], key: Callable[[BoardRow], tuple[str, str | None]], today: date
) -> list[Progress]:
    groups: dict[str, tuple[str | None, list[BoardRow]]] = {}
    for row in rows:
        code, title = key(row)
        groups.setdefault(code, (title, []))[1].append(row)
    return [_progress(code, *groups[code], today) for code in sorted(groups)]


def _progress(key: str, title: str | None, rows: Sequence[BoardRow], today: date) -> Progress:
    by_state = {state: sum(row.state is state for row in rows) for state in State}
    return Progress(
        key=key,
        title=title,
        by_state=by_state,
        filed_m2=sum((row.gross_m2 for row in rows if row.is_handed_in), Decimal(0)),
        total_m2=sum((max(row.gross_m2, row.former_m2) for row in rows), Decimal(0)),
        overdue=sum(not row.is_handed_in and is_late(row.due_on, today) for row in rows),
    )


def _column(name: str, unit: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"campaign.board.{name}", unit)


_PEOPLE: Final = ("handed_in_by", "handed_in_for", "approved_by", "approved_for")
_COLUMNS: Final = (
    _column("area_code"), _column("area_name"), _column("organization_name"),
    _column("type_title"), _column("level_title"), _column("state_title"), _column("due_on"),
    _column("submitted_at"), _column("overdue_days"), _column("properties"),
    _column("gross_m2", "m2"), _column("former_m2", "m2"), _column("unexplained_count"),
    _column("open_remarks"), *(_column(name) for name in _PEOPLE),
)  # fmt: skip
_GROUP_COLUMNS: Final = (
    _column("group"), _column("agencies"),
    *(ReportColumn(state.value, f"campaign.state.{state.value}") for state in State),
    _column("share"), _column("filed_m2", "m2"), _column("total_m2", "m2"), _column("overdue"),
)  # fmt: skip


def board_report(made: Board, *, say: Callable[[str], str]) -> Report:
    """The board as plain tables, for a file."""
    rows = [
        {
            **vars(row),
            **{name: _person(vars(row)[name], say) for name in _PEOPLE},
            "state_title": say(f"campaign.state.{row.state}"),
        }
        for row in made.rows
    ]
    groups = [
        ReportTable(name, f"campaign.board.{name}", _GROUP_COLUMNS, [_group(one) for one in found])
        for name, found in (
            ("total", [made.total]),
            ("by_area", made.by_area),
            ("by_type", made.by_type),
            ("by_level", made.by_level),
        )
    ]
    agencies = ReportTable("agencies", "campaign.board.agencies_table", _COLUMNS, rows)
    return Report("campaign_board", "campaign.title", made.today, (agencies, *groups))


def _person(who: str | None, say: Callable[[str], str]) -> str | None:
    shown = shown_account(who)
    return say(shown.key) if isinstance(shown, Phrase) else shown


def _group(one: Progress) -> dict[str, Any]:
    return {
        "group": one.title or one.key,
        "agencies": one.agencies,
        **{state.value: one.by_state.get(state, 0) for state in State},
        "share": round(one.share, 4),
        "filed_m2": one.filed_m2,
        "total_m2": one.total_m2,
        "overdue": one.overdue,
    }
