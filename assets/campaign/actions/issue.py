"""Issue a campaign: choose who files, and prepare each filing from what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.campaign import model
from assets.campaign.model import AREA_KINDS, FIELDS, LatePolicy, UnexplainedPolicy
from assets.campaign.queries import cells_of, read, term_lists
from assets.campaign.rules import WORKFLOW, Party
from assets.estate.reports import SurveyProperty, survey_properties
from assets.services.frozen import frozen_rows
from assets.services.notices import Notice, send
from assets.services.steps import note_opened
from gis.errors import Forbidden, InputError

FORM: Final = "survey"
"""The one form so far: the national survey of office premises."""
ME: Final = text("rights.current_account_id()")


@dataclass(frozen=True)
class Selection:
    """Which agencies file; every list narrows, an empty one does not.

    Args:
        organization_ids: These bodies.
        type_codes: Bodies of these types.
        level_codes: Of these levels.
        admin_area_codes: Of these areas.
    """

    organization_ids: tuple[int, ...] = ()
    type_codes: tuple[str, ...] = ()
    level_codes: tuple[str, ...] = ()
    admin_area_codes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, list[Any]]:
        return {name: list(values) for name, values in vars(self).items() if values}


@dataclass(frozen=True)
class Draft:
    """A campaign to be issued.

    Args:
        as_of: The day the figures hold for.
        due_on: Last day to file.
        threshold_percent: From which change on a figure must be explained.
        reminder_days: Working days before the date on which agencies are reminded.
        issuer_id: The bureau that issues and reviews; null: whoever answers for everything.
    """

    name: str
    as_of: date
    due_on: date
    selection: Selection = field(default_factory=Selection)
    late_policy: LatePolicy = LatePolicy.ACCEPT
    unexplained_policy: UnexplainedPolicy = UnexplainedPolicy.BLOCK
    threshold_percent: Decimal = Decimal(10)
    reminder_days: tuple[int, ...] = (10, 5, 1)
    instructions: str | None = None
    issuer_id: int | None = None


_BODIES: Final = """
SELECT o.organization_id, o.name, o.admin_area_code FROM organization.organization AS o
WHERE (o.valid_from IS NULL OR o.valid_from <= :today)
  AND (o.valid_to IS NULL OR o.valid_to > :today)
  AND (cardinality(CAST(:ids AS bigint[])) = 0 OR o.organization_id = ANY(:ids))
  AND (cardinality(CAST(:types AS text[])) = 0 OR o.type_code = ANY(:types))
  AND (cardinality(CAST(:levels AS text[])) = 0 OR o.level_code = ANY(:levels))
  AND (cardinality(CAST(:areas AS text[])) = 0 OR o.admin_area_code = ANY(:areas))
ORDER BY o.admin_area_code NULLS FIRST, o.code"""
# Of several successors of one body, the nearest in steps, then the one with the largest share.
_CELLS: Final = "SELECT place_id, rights_cell FROM place.place WHERE place_id = ANY (:ids)"
_STEWARDS: Final = "SELECT place_id, steward_id FROM place.place WHERE place_id = ANY(:ids)"
_HEIRS: Final = """
WITH RECURSIVE line AS (
  SELECT id AS former, id AS heir, 0 AS steps, 1::numeric AS share
  FROM unnest(CAST(:ids AS bigint[])) AS id
  UNION ALL
  SELECT s.from_organization_id, line.heir, line.steps + 1, coalesce(s.share, 0)
  FROM line JOIN organization.succession AS s ON s.to_organization_id = line.former
  WHERE line.steps < 8 AND s.happened_on <= :today
)
SELECT DISTINCT ON (former) former, heir FROM line ORDER BY former, steps, share DESC, heir"""
# What the bureau ended and nobody began again.
_ENDED: Final = """
SELECT r.place_id, f.organization_id FROM campaign.filing_row AS r
JOIN campaign.filing AS f USING (filing_id)
WHERE r.ruling = 'ended' AND r.ended_on <= :today AND NOT EXISTS (
  SELECT FROM estate.holding AS h JOIN estate.holding_party AS party USING (holding_id)
  WHERE h.place_id = r.place_id AND h.kind = 'occupies' AND party.holder_id = f.organization_id
    AND (h.valid_to IS NULL OR h.valid_to > :today))"""
_LAST_CLOSED: Final = """
SELECT r.frozen_report_id, r.as_of FROM campaign.campaign AS c
JOIN services.frozen_report AS r ON r.subject = 'campaign/' || c.campaign_id
WHERE c.form = :form AND c.as_of < :as_of ORDER BY c.as_of DESC, c.campaign_id DESC LIMIT 1"""
_POSTS: Final = """
SELECT DISTINCT ON (c.organization_id, c.rank_code) c.organization_id, c.rank_code, c.people
FROM organization.headcount AS c
WHERE c.organization_id = ANY(:ids) AND c.kind = 'quota' AND c.rank_code IS NOT NULL
  AND c.counted_on <= :today
ORDER BY c.organization_id, c.rank_code, c.source = 'census' DESC, c.counted_on DESC"""


def chosen_bodies(conn: Connection, selection: Selection, today: date) -> list[dict[str, Any]]:
    """The bodies in force that a selection means, by area and code."""
    return read(
        conn,
        _BODIES,
        today=today,
        ids=list(selection.organization_ids),
        types=list(selection.type_codes),
        levels=list(selection.level_codes),
        areas=list(selection.admin_area_codes),
    )


def issue_campaign(conn: Connection, draft: Draft, *, today: date) -> int:
    """Issue a campaign: one filing a body, prefilled, everybody told.

    Returns:
        The `campaign_id`.

    Raises:
        InputError: A name or date is missing or in the wrong order, or nobody is chosen.
        Forbidden: The account does not write for the issuing bureau.
    """
    _check(draft, today)
    bodies = chosen_bodies(conn, draft.selection, today)
    if not bodies:
        raise InputError("campaign.nobody_chosen")
    cells = cells_of(
        conn,
        [(draft.issuer_id, None), *((b["organization_id"], b["admin_area_code"]) for b in bodies)],
    )
    _refuse_strangers(conn, cells[0])
    before = read(conn, _LAST_CLOSED, form=FORM, as_of=draft.as_of)
    baseline = before[0] if before else None
    campaign_id = _insert_campaign(conn, draft, cells[0], baseline, today)
    for body, cell in zip(bodies, cells[1:], strict=True):
        body["rights_cell"] = cell
    opened = open_filings(
        conn, campaign_id, [(body["organization_id"], body["rights_cell"]) for body in bodies]
    )
    for body, filing_id in zip(bodies, opened, strict=True):
        body["filing_id"] = filing_id
    report_id = baseline["frozen_report_id"] if baseline else None
    prefill(conn, {body["organization_id"]: body for body in bodies}, report_id, today)
    send(
        conn,
        [
            Notice(
                audience=Party.FILER,
                kind="campaign.notice.issued",
                params={"campaign": draft.name, "due_on": draft.due_on.isoformat()},
                remark=draft.instructions,
                address=f"/campaigns/filings/{body['filing_id']}",
                reader_cell=body["rights_cell"],
                rights_cell=body["rights_cell"],
            )
            for body in bodies
        ],
    )
    return campaign_id


def _check(draft: Draft, today: date) -> None:
    if not draft.name.strip():
        raise InputError("campaign.no_name")
    if draft.due_on < today:
        raise InputError("campaign.due_in_the_past", due_on=draft.due_on.isoformat())
    if not (draft.threshold_percent.is_finite() and 0 <= draft.threshold_percent <= 1000):
        raise InputError("campaign.bad_threshold")
    if any(not 0 < days <= 60 for days in draft.reminder_days):
        raise InputError("campaign.bad_reminder_days")


def may_issue(conn: Connection) -> bool:
    """Whether the account may issue a campaign of the bureau."""
    return _may_write(conn, cells_of(conn, [(None, None)])[0])


def _may_write(conn: Connection, cell: int) -> bool:
    mine = (
        "SELECT EXISTS (SELECT FROM rights.my_domain_write_cells"
        " WHERE domain = 'campaign' AND cell = :cell)"
    )
    return bool(conn.execute(text(mine), {"cell": cell}).scalar_one())


def _refuse_strangers(conn: Connection, cell: int) -> None:
    if not _may_write(conn, cell):
        raise Forbidden("campaign.not_yours.reviewer")


def _insert_campaign(
    conn: Connection, draft: Draft, cell: int, baseline: Mapping[str, Any] | None, today: date
) -> int:
    made: int = conn.execute(
        insert(model.campaign)
        .values(
            name=draft.name.strip(),
            form=FORM,
            as_of=draft.as_of,
            due_on=draft.due_on,
            late_policy=draft.late_policy.value,
            unexplained_policy=draft.unexplained_policy.value,
            threshold_percent=draft.threshold_percent,
            reminder_days=sorted(set(draft.reminder_days), reverse=True),
            selection=draft.selection.as_json(),
            instructions=(draft.instructions or "").strip() or None,
            baseline_report_id=baseline["frozen_report_id"] if baseline else None,
            baseline_on=baseline["as_of"] if baseline else today,
            issued_by=ME,
            rights_cell=cell,
        )
        .returning(model.campaign.c.campaign_id)
    ).scalar_one()
    return made


def open_filings(
    conn: Connection, campaign_id: int, bodies: Sequence[tuple[int, int]]
) -> list[int]:
    """Filings that nobody has touched yet; their first step says who opened them.

    Args:
        bodies: Number and cell of each agency.

    Returns:
        Their numbers, in the order given.
    """
    table = model.filing
    made = conn.execute(
        insert(table).returning(table.c.filing_id, sort_by_parameter_order=True),
        [
            {"campaign_id": campaign_id, "organization_id": body, "rights_cell": cell}
            for body, cell in bodies
        ],
    )
    filing_ids = list(made.scalars())
    cells = [cell for _body, cell in bodies]
    note_opened(conn, WORKFLOW, "issue", list(zip(filing_ids, cells, strict=True)))
    return filing_ids


def prefill(
    conn: Connection,
    bodies: Mapping[int, Mapping[str, Any]],
    baseline_report_id: int | None,
    today: date,
) -> None:
    """Fill filings with what is known: the register's rows, beside the last report's figures.

    Args:
        conn: Of an account that writes the filings.
        bodies: `filing_id` and `rights_cell` by body.
        baseline_report_id: Null compares with the register itself.
        today: The day the register is read for.
    """
    known, _uses_unverified = survey_properties(conn, today)
    former = _former_rows(conn, baseline_report_id) if baseline_report_id else None
    heirs = _heirs(conn, list(bodies), today)
    ended = {
        (row["place_id"], heirs.get(row["organization_id"]))
        for row in read(conn, _ENDED, today=today)
    }
    rows = []
    for one in known:
        now = property_values(one)
        was = now if former is None else former.pop(one.code, (None, None))[1]
        if (one.place_id, heirs.get(one.steward_id or 0)) in ended:
            continue
        rows.append((one.steward_id, Prefilled(one.place_id, one.code, now, was)))
    lost = {place_id: (code, was) for code, (place_id, was) in (former or {}).items() if place_id}
    for place in read(conn, _STEWARDS, ids=list(lost)):
        code, was = lost[place["place_id"]]
        gone = Prefilled(place["place_id"], code, was or {}, was, is_removed=True)
        rows.append((place["steward_id"], gone))
    chosen = [(bodies.get(heirs.get(steward or 0, 0)), row) for steward, row in rows]
    insert_prefilled(conn, [(body, row) for body, row in chosen if body is not None])
    ids = list(bodies)
    posts = [
        {
            "filing_id": bodies[row["organization_id"]]["filing_id"],
            "rank_code": row["rank_code"],
            "people": row["people"],
            "people_before": row["people"],
            "rights_cell": bodies[row["organization_id"]]["rights_cell"],
        }
        for row in read(conn, _POSTS, ids=ids, today=today)
    ]
    if posts:
        conn.execute(insert(model.filing_headcount), posts)


def property_values(one: SurveyProperty) -> dict[str, Any]:
    """A property of the register as the values of a filing."""
    areas = {f"{kind}_m2": one.areas.get(kind) for kind in AREA_KINDS}
    rest = {name: getattr(one, name) for name in _PLAIN}
    return {field.name: {**areas, **rest}[field.name] for field in FIELDS}


_PLAIN: Final = tuple(field.name for field in FIELDS if field.kind != "area")


@dataclass(frozen=True)
class Prefilled:
    """A property as a filing starts with it.

    Args:
        was: Values of a year ago; null for a property the last report did not have.
        is_removed: The last report had it and the register has not: the agency must say why.
    """

    place_id: int | None
    code: str | None
    now: Mapping[str, Any]
    was: Mapping[str, Any] | None
    is_removed: bool = False


def insert_prefilled(conn: Connection, rows: Sequence[tuple[Mapping[str, Any], Prefilled]]) -> None:
    """Add rows, each with the `filing_id` and `rights_cell` it belongs to, in the order given.

    What is said of a place is for whoever may see the place: an agency's places need not all be of
    its own district and class.
    """
    if not rows:
        return
    places = [row.place_id for _body, row in rows if row.place_id is not None]
    of_place = {one["place_id"]: one["rights_cell"] for one in read(conn, _CELLS, ids=places)}
    cells = [of_place.get(row.place_id or 0, body["rights_cell"]) for body, row in rows]
    table = model.filing_row
    made = conn.execute(
        insert(table).returning(table.c.filing_row_id, sort_by_parameter_order=True),
        [
            {
                "filing_id": body["filing_id"],
                "place_id": row.place_id,
                "place_code": row.code,
                "is_removed": row.is_removed,
                "rights_cell": cell,
                **row.now,
            }
            for (body, row), cell in zip(rows, cells, strict=True)
        ],
    ).scalars()
    former = [
        {"filing_row_id": row_id, "rights_cell": cell, **row.was}
        for row_id, (_body, row), cell in zip(made, rows, cells, strict=True)
        if row.was is not None
    ]
    if former:
        conn.execute(insert(model.baseline_row), former)


def _heirs(conn: Connection, ids: Sequence[int], today: date) -> dict[int, int]:
    """Which of these bodies answers for what a body had: itself, or who took over from it."""
    return {row["former"]: row["heir"] for row in read(conn, _HEIRS, ids=list(ids), today=today)}


def _former_rows(
    conn: Connection, report_id: int
) -> dict[str, tuple[int | None, dict[str, Any] | None]]:
    """Place and values of each property of a frozen report, by code."""
    terms = term_lists(conn, ["ownership_status"])["ownership_status"]
    code_of = {row["title_zh"]: row["term"] for row in terms}
    found: dict[str, tuple[int | None, dict[str, Any] | None]] = {}
    for code, place_id, row in frozen_rows(conn, report_id, "properties"):
        titled = row.get("ownership")
        values = {**row, "ownership_status": code_of.get(titled, titled)}
        found[code] = (place_id, {field.name: values.get(field.name) for field in FIELDS})
    return found
