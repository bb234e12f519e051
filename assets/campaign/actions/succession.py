"""An agency merged, split or replaced while a campaign runs: who files in its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text, update

from assets.campaign import model
from assets.campaign.actions.issue import open_filings
from assets.campaign.actions.steps import ME, record
from assets.campaign.model import State
from assets.campaign.queries import cells_of, find_campaign, find_filing, read
from assets.campaign.rules import Party
from assets.services.notices import Notice, send
from assets.services.workflow import Step
from gis.errors import Conflict, Forbidden

# Of several successors the one with the largest share files; the others are named to the bureau.
_PENDING: Final = """
SELECT DISTINCT ON (f.filing_id) f.filing_id, f.state, f.rights_cell, o.name,
  s.to_organization_id AS heir_id, h.name AS heir_name, h.admin_area_code, s.kind, s.happened_on,
  (SELECT count(*) FROM organization.succession AS x
   WHERE x.from_organization_id = f.organization_id AND x.happened_on <= :today) AS heirs
FROM campaign.filing AS f
JOIN organization.organization AS o ON o.organization_id = f.organization_id
JOIN organization.succession AS s ON s.from_organization_id = f.organization_id
JOIN organization.organization AS h ON h.organization_id = s.to_organization_id
WHERE f.campaign_id = :campaign_id AND f.succeeded_by_filing_id IS NULL
  AND f.state <> 'approved' AND s.happened_on <= :today
ORDER BY f.filing_id, s.share DESC NULLS LAST, s.to_organization_id"""


@dataclass(frozen=True)
class Passed:
    """A filing that passed to a successor."""

    former_name: str
    heir_name: str
    filing_id: int
    """The successor's filing."""
    heirs: int
    """How many successors there are: with more than one, somebody must look."""


def pending_successions(conn: Connection, campaign_id: int, today: date) -> list[dict[str, Any]]:
    """Filings whose agency has been taken over, with who took over."""
    return read(conn, _PENDING, campaign_id=campaign_id, today=today)


def apply_successions(conn: Connection, campaign_id: int, *, today: date) -> list[Passed]:
    """Pass what agencies that are no more have filed so far to who took over from them.

    The old filing stays as it is, with its steps; its rows go on in the successor's. A successor
    that has handed in gets its filing back, because it is no longer whole.

    Raises:
        Forbidden: The account does not review.
        Conflict: The campaign is closed.
    """
    campaign = find_campaign(conn, campaign_id)
    if not campaign.may_review:
        raise Forbidden("campaign.not_yours.reviewer")
    if not campaign.is_open:
        raise Conflict("campaign.is_closed", name=campaign.name)
    passed = []
    for row in pending_successions(conn, campaign_id, today):
        heir_id = _heirs_filing(conn, campaign_id, row)
        _pass_rows(conn, row, heir_id)
        _tell(conn, campaign.name, row, heir_id)
        passed.append(Passed(row["name"], row["heir_name"], heir_id, row["heirs"]))
    return passed


def _heirs_filing(conn: Connection, campaign_id: int, row: Mapping[str, Any]) -> int:
    """The successor's filing, opened where it has none."""
    found = read(
        conn,
        "SELECT filing_id FROM campaign.filing"
        " WHERE campaign_id = :campaign AND organization_id = :body",
        campaign=campaign_id,
        body=row["heir_id"],
    )
    if found:
        filing_id: int = found[0]["filing_id"]
        return filing_id
    cell = cells_of(conn, [(row["heir_id"], row["admin_area_code"])])[0]
    return open_filings(conn, campaign_id, [(row["heir_id"], cell)])[0]


_COLUMNS: Final = ", ".join(field.name for field in model.FIELDS)
_COPY: Final = f"""
WITH old AS (
  SELECT r.*, row_number() OVER (ORDER BY r.filing_row_id) AS at FROM campaign.filing_row AS r
  WHERE r.filing_id = :old AND (r.place_id IS NULL OR r.place_id NOT IN (
    SELECT place_id FROM campaign.filing_row WHERE filing_id = :new AND place_id IS NOT NULL))
),
made AS (
  INSERT INTO campaign.filing_row
    (filing_id, place_id, place_code, is_removed, rights_cell, {_COLUMNS})
  SELECT :new, place_id, place_code, is_removed,
    CASE WHEN place_id IS NULL THEN :cell ELSE rights_cell END, {_COLUMNS} FROM old ORDER BY at
  RETURNING filing_row_id, rights_cell
),
pair AS (
  SELECT old.filing_row_id AS old_id, made.filing_row_id AS new_id, made.rights_cell AS cell
  FROM old JOIN (
    SELECT filing_row_id, rights_cell, row_number() OVER (ORDER BY filing_row_id) AS at FROM made
  ) AS made USING (at)
),
former AS (
  INSERT INTO campaign.baseline_row (filing_row_id, rights_cell, {_COLUMNS})
  SELECT pair.new_id, pair.cell, {_COLUMNS}
  FROM campaign.baseline_row AS b JOIN pair ON pair.old_id = b.filing_row_id
  RETURNING filing_row_id
)
INSERT INTO campaign.explanation (filing_row_id, field, text, explained_at, account_id, rights_cell)
SELECT pair.new_id, e.field, e.text, e.explained_at, e.account_id, pair.cell
FROM campaign.explanation AS e JOIN pair ON pair.old_id = e.filing_row_id"""


def _pass_rows(conn: Connection, row: Mapping[str, Any], heir_id: int) -> None:
    heir = find_filing(conn, heir_id)
    conn.execute(text(_COPY), {"old": row["filing_id"], "new": heir_id, "cell": heir.rights_cell})
    conn.execute(
        update(model.filing)
        .where(model.filing.c.filing_id == row["filing_id"])
        .values(succeeded_by_filing_id=heir_id, version=model.filing.c.version + 1)
    )
    state = heir.state
    if state in {State.SUBMITTED, State.APPROVED}:
        state = State.RETURNED
    conn.execute(
        update(model.filing)
        .where(model.filing.c.filing_id == heir_id)
        .values(
            state=state.value,
            version=model.filing.c.version + 1,
            changed_at=text("clock_timestamp()"),
            changed_by=ME,
        )
    )
    step = Step("succession", (heir.state,), state, (Party.REVIEWER,))
    record(conn, heir, step, version=heir.version + 1, remark=row["name"])


def _tell(conn: Connection, campaign: str, row: Mapping[str, Any], heir_id: int) -> None:
    cell = find_filing(conn, heir_id).rights_cell
    told = Notice(
        audience=Party.FILER,
        kind="campaign.notice.succession",
        params={"campaign": campaign, "former": row["name"]},
        address=f"/campaigns/filings/{heir_id}",
        reader_cell=cell,
        rights_cell=cell,
    )
    send(conn, [told])
