"""Reads of campaigns and filings. All under row security."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.campaign.model import FIELDS, LatePolicy, State, UnexplainedPolicy
from assets.campaign.rules import (
    BY_NAME,
    WORKFLOW,
    Difference,
    FiledRow,
    Party,
    differences,
)
from assets.domain import Fact, PlaceFacts
from assets.estate.reports import POPULATION, SURVEY
from assets.services.cases import Case, parts_by_person
from assets.services.deputies import standing_in
from assets.services.steps import steps_taken
from gis.clock import ZONE, today
from gis.errors import Forbidden, NotFound
from gis.places.counted import counted_areas

MINE: Final = "IN (SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'campaign')"
"""Of a cell: that the asking account writes in it."""
_WHO: Final = "coalesce(a.title, a.name)"


@dataclass(frozen=True)
class Campaign:
    """A campaign as it was issued; see the table for the meaning of each value."""

    campaign_id: int
    name: str
    form: str
    state: str
    as_of: date
    due_on: date
    late_policy: LatePolicy
    unexplained_policy: UnexplainedPolicy
    threshold_percent: Decimal
    reminder_days: tuple[int, ...]
    instructions: str | None
    baseline_report_id: int | None
    baseline_on: date
    version: int
    issued_at: datetime
    closed_at: datetime | None
    closing_remark: str | None
    rights_cell: int
    may_review: bool

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True)
class Filing:
    """What one agency hands in, and what the asking account may do with it.

    Args:
        due_on: Its own date: an extension, else the campaign's.
        changed_by: Who changed it last; null when nobody has since it was issued.
        actors: The parties the asking account stands for.
        stood_in_for: The parties of those whose deputy it is in this filing, by account.
    """

    filing_id: int
    campaign: Campaign
    organization_id: int
    organization_name: str
    level_code: str | None
    state: State
    version: int
    changed_at: datetime
    changed_by: str | None
    due_on: date
    is_extended: bool
    submitted_at: datetime | None
    is_late: bool
    unexplained_count: int
    job_id: int | None
    job_state: str | None
    load_id: int | None
    succeeded_by_filing_id: int | None
    rights_cell: int
    actors: frozenset[Party]
    stood_in_for: Mapping[int, frozenset[Party]] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """It as the services know it."""
        return Case(
            case_id=self.filing_id,
            title=f"{self.campaign.name} · {self.organization_name}",
            state=self.state.value,
            version=self.version,
            due_on=self.due_on,
            rights_cell=self.rights_cell,
            cells={Party.FILER: self.rights_cell, Party.REVIEWER: self.campaign.rights_cell},
        )

    @property
    def may_review(self) -> bool:
        """Whether the asking account reviews it, as itself or as somebody's deputy."""
        return any(Party.REVIEWER in held for held in (self.actors, *self.stood_in_for.values()))

    def parties(self, on_behalf_of: int | None) -> frozenset[Party]:
        """The parties in whose place a step is taken in somebody's name; null: in one's own.

        Raises:
            Forbidden: The asking account is not that one's deputy in this filing.
        """
        if on_behalf_of is None:
            return self.actors
        if on_behalf_of not in self.stood_in_for:
            raise Forbidden("deputy.none")
        return self.stood_in_for[on_behalf_of]


@dataclass(frozen=True)
class Row:
    """A property of a filing with its number in the register."""

    filed: FiledRow
    place_id: int | None
    place_code: str | None

    @property
    def row_id(self) -> int:
        return self.filed.row_id


_CAMPAIGN: Final = f"""
SELECT c.campaign_id, c.name, c.form, c.state, c.as_of, c.due_on, c.late_policy,
  c.unexplained_policy, c.threshold_percent, c.reminder_days, c.instructions,
  c.baseline_report_id, c.baseline_on, c.version, c.issued_at, c.closed_at, c.closing_remark,
  c.rights_cell, c.rights_cell {MINE} AS may_review
FROM campaign.campaign AS c"""
_FILING: Final = f"""
SELECT f.filing_id, f.campaign_id, f.organization_id, o.name AS organization_name, o.level_code,
  f.state, f.version, f.changed_at, {_WHO} AS changed_by, f.due_on, f.submitted_at, f.is_late,
  f.unexplained_count, f.job_id, j.state AS job_state,
  (j.result ->> 'load_id')::bigint AS load_id, f.succeeded_by_filing_id, f.rights_cell,
  f.rights_cell {MINE} AS may_file
FROM campaign.filing AS f JOIN organization.organization AS o USING (organization_id)
LEFT JOIN rights.account AS a ON a.account_id = f.changed_by
LEFT JOIN staging.job AS j USING (job_id)
WHERE f.filing_id = :filing_id"""
_VALUES: Final = ", ".join(f"{{0}}.{one.name} AS {{1}}{one.name}" for one in FIELDS)
ROW: Final = f"""r.filing_row_id, r.place_id, r.place_code, r.is_removed,
  b.filing_row_id IS NOT NULL AS has_baseline,
  {_VALUES.format("r", "")}, {_VALUES.format("b", "was_")}"""
_ROWS: Final = f"""
SELECT {ROW}
FROM campaign.filing_row AS r LEFT JOIN campaign.baseline_row AS b USING (filing_row_id)
WHERE r.filing_id = :filing_id ORDER BY r.filing_row_id"""
_EXPLANATIONS: Final = """
SELECT e.filing_row_id, e.field, e.text FROM campaign.explanation AS e
JOIN campaign.filing_row AS r USING (filing_row_id) WHERE r.filing_id = :filing_id"""
_REMARKS: Final = """
SELECT m.remark_id, m.filing_row_id, m.field, m.text, m.made_at, m.answer, m.answered_at,
  m.resolved_at, coalesce(a.title, a.name) AS who, coalesce(b.title, b.name) AS answered_by
FROM campaign.remark AS m LEFT JOIN rights.account AS a USING (account_id)
LEFT JOIN rights.account AS b ON b.account_id = m.answered_by
WHERE m.filing_id = :filing_id ORDER BY m.resolved_at IS NOT NULL, m.remark_id"""
_HEADCOUNTS: Final = """
SELECT h.rank_code, h.people, h.people_before, t.title_zh, t.title_en
FROM campaign.filing_headcount AS h
LEFT JOIN place.term AS t ON t.list = 'rank' AND t.term = h.rank_code
WHERE h.filing_id = :filing_id ORDER BY t.sort_order, h.rank_code"""
_UNFILED: Final = """
SELECT count(*) AS properties, coalesce(sum(a.area_m2), 0) AS gross_m2
FROM place.place AS p
LEFT JOIN place.site AS s USING (place_id) LEFT JOIN place.building AS b USING (place_id)
LEFT JOIN {counted} AS a ON a.place_id = p.place_id AND a.area_kind = 'gross'
WHERE (p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL)
  AND coalesce(s.population, b.population) = :population
  AND (p.valid_to IS NULL OR p.valid_to > current_date)
  AND NOT EXISTS (SELECT FROM campaign.filing_row AS r JOIN campaign.filing AS f USING (filing_id)
                  WHERE f.campaign_id = :campaign_id AND r.place_id = p.place_id)"""
_GIVEN_UP: Final = f"""
SELECT r.filing_row_id AS row_id, r.filing_id, r.rights_cell, r.place_id, r.place_code, r.address,
  r.gross_m2, o.name AS organization_name, e.text AS explanation, r.ruling, r.ended_on,
  r.ruling_reason, r.ruled_at, {_WHO} AS ruled_by
FROM campaign.filing_row AS r JOIN campaign.filing AS f USING (filing_id)
JOIN organization.organization AS o USING (organization_id)
LEFT JOIN campaign.explanation AS e ON e.filing_row_id = r.filing_row_id AND e.field = '*'
LEFT JOIN rights.account AS a ON a.account_id = r.ruled_by
WHERE f.campaign_id = :campaign_id AND r.is_removed AND r.place_code IS NOT NULL
  AND (f.state = 'approved' OR r.ruling IS NOT NULL)
ORDER BY r.ruling IS NOT NULL, o.code, r.filing_row_id"""
_LAST_FILED: Final = """
SELECT c.name, f.submitted_at, r.gross_m2, r.is_removed
FROM campaign.filing_row AS r JOIN campaign.filing AS f USING (filing_id)
JOIN campaign.campaign AS c USING (campaign_id)
WHERE r.place_id = :place_id AND f.state IN ('submitted', 'approved')
  AND f.succeeded_by_filing_id IS NULL AND c.as_of <= greatest(:as_of, current_date)
ORDER BY c.as_of DESC, c.campaign_id DESC LIMIT 1"""
_TERMS: Final = """
SELECT list, term, title_zh, title_en FROM place.term
WHERE list = ANY(:lists) ORDER BY list, sort_order, term"""


def read(conn: Connection, statement: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of a query as mappings."""
    return [dict(row) for row in conn.execute(text(statement), values).mappings()]


def _campaign(row: Mapping[str, Any]) -> Campaign:
    return Campaign(
        **{
            **row,
            "late_policy": LatePolicy(row["late_policy"]),
            "unexplained_policy": UnexplainedPolicy(row["unexplained_policy"]),
            "reminder_days": tuple(row["reminder_days"]),
        }
    )


def list_campaigns(conn: Connection) -> list[Campaign]:
    """Every campaign, open ones first, the newest first."""
    order = " ORDER BY c.state DESC, c.due_on DESC, c.campaign_id DESC"
    return [_campaign(row) for row in read(conn, _CAMPAIGN + order)]


def find_campaign(conn: Connection, campaign_id: int) -> Campaign:
    """A campaign.

    Raises:
        NotFound: There is none of this number.
    """
    found = read(conn, f"{_CAMPAIGN} WHERE c.campaign_id = :campaign_id", campaign_id=campaign_id)
    if not found:
        raise NotFound("campaign.no_such_campaign", campaign_id=campaign_id)
    return _campaign(found[0])


def find_filing(conn: Connection, filing_id: int) -> Filing:
    """A filing.

    Raises:
        NotFound: There is none of this number, or the account may not see it.
    """
    found = read(conn, _FILING, filing_id=filing_id)
    if not found:
        raise NotFound("campaign.no_such_filing", filing_id=filing_id)
    row = found[0]
    its_campaign = find_campaign(conn, row.pop("campaign_id"))
    actors = {Party.FILER} if row.pop("may_file") else set()
    if its_campaign.may_review:
        actors.add(Party.REVIEWER)
    own_date = row.pop("due_on")
    filing = Filing(
        campaign=its_campaign,
        due_on=own_date or its_campaign.due_on,
        is_extended=own_date is not None,
        actors=frozenset(actors),
        **{**row, "state": State(row["state"])},
    )
    # Hardly anybody is a deputy: who is none is not asked for the parts of all cells.
    if not standing_in(conn):
        return filing
    held = parts_by_person(conn, WORKFLOW, filing.case)
    parties = {
        person: frozenset(Party(name) for name in names)
        for person, names in held.items()
        if person is not None
    }
    return replace(filing, stood_in_for=parties)


def filing_rows(conn: Connection, filing_id: int) -> list[Row]:
    """The properties of a filing beside what they were, in the order of the form."""
    found = read(conn, _ROWS, filing_id=filing_id)
    return [Row(filed_row(row), row["place_id"], row["place_code"]) for row in found]


def filed_row(row: Mapping[str, Any]) -> FiledRow:
    """A row as it was read by `ROW`."""
    now = {name: row[name] for name in BY_NAME}
    was = {name: row[f"was_{name}"] for name in BY_NAME} if row["has_baseline"] else None
    return FiledRow(row["filing_row_id"], now, was, row["is_removed"])


def explanations(conn: Connection, filing_id: int) -> dict[tuple[int, str], str]:
    """What the agency says about its differences, by row and field."""
    found = read(conn, _EXPLANATIONS, filing_id=filing_id)
    return {(row["filing_row_id"], row["field"]): row["text"] for row in found}


def filing_differences(
    conn: Connection, filing: Filing, rows: Sequence[Row] | None = None
) -> list[Difference]:
    """What changed against a year ago, with what the agency says about it."""
    chosen = filing_rows(conn, filing.filing_id) if rows is None else rows
    return differences(
        [row.filed for row in chosen],
        explanations(conn, filing.filing_id),
        threshold_percent=filing.campaign.threshold_percent,
    )


@dataclass(frozen=True)
class GivenUp:
    """A property that an approved filing gives up, and what the bureau decided of it.

    Args:
        explanation: Why, as the agency says.
        ruling: `ended` or `kept`; null: the bureau has not decided.
        ended_on: First day the agency no longer has it.
    """

    row_id: int
    filing_id: int
    rights_cell: int
    place_id: int | None
    place_code: str
    address: str | None
    gross_m2: Decimal | None
    organization_name: str
    explanation: str | None
    ruling: str | None
    ended_on: date | None
    ruling_reason: str | None
    ruled_at: datetime | None
    ruled_by: str | None


def given_up(conn: Connection, campaign_id: int) -> list[GivenUp]:
    """Properties that approved filings of a campaign give up, undecided ones first."""
    return [GivenUp(**row) for row in read(conn, _GIVEN_UP, campaign_id=campaign_id)]


def filing_steps(conn: Connection, filing_id: int) -> list[dict[str, Any]]:
    """Every step of a filing, the newest first."""
    return steps_taken(conn, WORKFLOW, filing_id)


def filing_remarks(conn: Connection, filing_id: int) -> list[dict[str, Any]]:
    """What reviewers said of its cells, open ones first."""
    return read(conn, _REMARKS, filing_id=filing_id)


def filing_headcounts(conn: Connection, filing_id: int) -> list[dict[str, Any]]:
    """Approved posts by rank, highest first."""
    return read(conn, _HEADCOUNTS, filing_id=filing_id)


def term_lists(conn: Connection, lists: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Terms of vocabularies with their titles, in their order."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in lists}
    for row in read(conn, _TERMS, lists=list(lists)):
        found[row["list"]].append(row)
    return found


def enum_codes(conn: Connection) -> dict[str, list[str]]:
    """The codes that cells of a filing may hold, by vocabulary."""
    lists = [one.enum for one in FIELDS if one.enum]
    return {name: [row["term"] for row in rows] for name, rows in term_lists(conn, lists).items()}


def cells_of(conn: Connection, bodies: Sequence[tuple[int | None, str | None]]) -> list[int]:
    """The rights cells of bodies in their areas, in the order given; missing ones are made."""
    found = read(
        conn,
        "SELECT c.organization_id, c.admin_area_code, c.cell FROM rights.cells_for("
        "CAST(:bodies AS bigint[]), CAST(:areas AS text[]), CAST(:classes AS smallint[])) AS c",
        bodies=[body for body, _area in bodies],
        areas=[area for _body, area in bodies],
        classes=[0] * len(bodies),
    )
    by_pair = {(row["organization_id"], row["admin_area_code"]): row["cell"] for row in found}
    return [by_pair[pair] for pair in bodies]


def unfiled_properties(conn: Connection, campaign_id: int) -> tuple[int, Decimal]:
    """Properties of the survey that no agency of a campaign files: how many, and their gross m2."""
    query = _UNFILED.format(counted=counted_areas(conn, today(), SURVEY.name))
    row = read(conn, query, campaign_id=campaign_id, population=POPULATION)[0]
    return row["properties"], row["gross_m2"]


def place_facts(conn: Connection, place_id: int, as_of: date) -> PlaceFacts:
    """What was last filed of a property: in which campaign, when, with which gross area."""
    found = read(conn, _LAST_FILED, place_id=place_id, as_of=as_of)
    if not found:
        return PlaceFacts()
    (last,) = found
    facts = (
        Fact("campaign.fact.campaign", last["name"]),
        Fact("campaign.fact.handed_in_on", last["submitted_at"].astimezone(ZONE).date()),
        Fact("campaign.fact.filed_gross_area", last["gross_m2"], "m2"),
    )
    return PlaceFacts(tuple(fact for fact in facts if fact.value is not None))
