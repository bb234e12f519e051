"""Close a campaign: nothing of it changes any more, and its report is frozen."""

from typing import Any, Final

from sqlalchemy import Connection, text, update

from assets.campaign import model
from assets.campaign.actions.steps import ME
from assets.campaign.model import State
from assets.campaign.queries import Campaign, find_campaign, read
from assets.estate.reports import SURVEY
from assets.report import Report
from assets.services.changes import Rerun, changed_rules, compare
from assets.services.frozen import as_handed_in, find_frozen, freeze, sums_are_comparable
from gis.errors import Conflict, Forbidden, InputError

_UNFINISHED: Final = """
SELECT f.filing_id, o.name, f.state FROM campaign.filing AS f
JOIN organization.organization AS o USING (organization_id)
WHERE f.campaign_id = :campaign_id AND f.state <> :approved AND f.succeeded_by_filing_id IS NULL
ORDER BY f.filing_id"""


def subject_of(campaign_id: int) -> str:
    """By which a campaign's report is found."""
    return f"campaign/{campaign_id}"


def unfinished(conn: Connection, campaign_id: int) -> list[dict[str, Any]]:
    """Filings that are not approved, by number."""
    return read(conn, _UNFINISHED, campaign_id=campaign_id, approved=State.APPROVED.value)


def close_campaign(
    conn: Connection, campaign_id: int, *, seen_version: int, remark: str | None = None
) -> int:
    """Close a campaign and freeze its report for its day.

    Returns:
        The `frozen_report_id`.

    Raises:
        Forbidden: The account does not review.
        InputError: Filings are not approved and no reason is given to close without them.
        Conflict: It is closed already, or somebody changed it meanwhile.
    """
    campaign = find_campaign(conn, campaign_id)
    if not campaign.may_review:
        raise Forbidden("campaign.not_yours.reviewer")
    if not campaign.is_open:
        raise Conflict("campaign.is_closed", name=campaign.name)
    why = (remark or "").strip()
    left = unfinished(conn, campaign_id)
    if left and not why:
        raise InputError("campaign.unfinished", count=len(left), first=left[0]["name"])
    _mark_closed(conn, campaign, seen_version, why)
    report = SURVEY.build(conn, campaign.as_of)
    return freeze(
        conn,
        report,
        subject=subject_of(campaign_id),
        vocabularies=SURVEY.vocabularies,
        rights_cell=campaign.rights_cell,
    )


def _mark_closed(conn: Connection, campaign: Campaign, seen_version: int, why: str) -> None:
    table = model.campaign
    closed = conn.execute(
        update(table)
        .where(table.c.campaign_id == campaign.campaign_id, table.c.version == seen_version)
        .values(
            state="closed",
            closed_at=text("now()"),
            closed_by=ME,
            closing_remark=why or None,
            version=table.c.version + 1,
        )
    ).rowcount
    if not closed:
        raise Conflict("campaign.campaign_changed")


def rerun(conn: Connection, campaign_id: int) -> Rerun:
    """Build the report of a closed campaign again and compare it with what was handed in.

    Raises:
        NotFound: The campaign is not closed.
    """
    campaign = find_campaign(conn, campaign_id)
    frozen = find_frozen(conn, subject_of(campaign_id))
    report = SURVEY.build(conn, campaign.as_of)
    return Rerun(
        frozen,
        compare(conn, frozen, report),
        changed_rules(conn, frozen, SURVEY.vocabularies),
        report.tables,
        sums_are_comparable(conn, frozen, report),
    )


def frozen_report(conn: Connection, campaign_id: int) -> Report:
    """The report of a closed campaign as it was handed in.

    Raises:
        NotFound: The campaign is not closed.
    """
    campaign = find_campaign(conn, campaign_id)
    frozen = find_frozen(conn, subject_of(campaign_id))
    return as_handed_in(conn, frozen, SURVEY.build(conn, campaign.as_of))
