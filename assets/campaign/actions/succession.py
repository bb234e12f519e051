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
from gis.rights.refusals import call

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

    The old filing stays as it is, with its steps; its rows go on in the successor's, with what was
    said of them, also those that the account does not see. A successor that has handed in gets its
    filing back, because it is no longer whole.

    Raises:
        Forbidden: The account does not review, or not the successor.
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


def _pass_rows(conn: Connection, row: Mapping[str, Any], heir_id: int) -> None:
    heir = find_filing(conn, heir_id)
    call(
        conn,
        "SELECT campaign.pass_filing(CAST(:old AS bigint), CAST(:new AS bigint))",
        old=row["filing_id"],
        new=heir_id,
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
