"""What the bureau does with filings: remark, return, approve, extend, remind."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, insert, text, update

from assets.campaign import model
from assets.campaign.actions.steps import ME, cell_of_row, move, record
from assets.campaign.model import State, UnexplainedPolicy
from assets.campaign.queries import (
    Campaign,
    Filing,
    filing_differences,
    find_campaign,
    find_filing,
    read,
)
from assets.campaign.rules import BY_NAME, EDITABLE, WORKFLOW, Party
from assets.services.calendar import work_calendar
from assets.services.cases import refuse_same_person
from assets.services.notices import Notice, send
from assets.services.workflow import Step
from gis.errors import Conflict, Forbidden, InputError, NotFound

_LONGEST_TEXT: Final = 2000


def reviewed(
    conn: Connection,
    filing_id: int,
    name: str,
    remark: str | None,
    on_behalf_of: int | None = None,
) -> tuple[Filing, Step]:
    """A filing and the step the reviewer wants to take with it.

    Args:
        on_behalf_of: The account whose deputy takes it; null: in one's own name.

    Raises:
        Conflict: The campaign is closed, or the filing is in no state for it.
        Forbidden: The account does not review, nor stands in for who does; or it, or whom it
            stands in for, took a step that another person's is to follow.
    """
    filing = find_filing(conn, filing_id)
    if not filing.campaign.is_open:
        raise Conflict("campaign.is_closed", name=filing.campaign.name)
    held = filing.parties(on_behalf_of)
    step = WORKFLOW.take(name, state=filing.state, actors=held, remark=remark)
    refuse_same_person(conn, WORKFLOW, filing.case, step, on_behalf_of)
    return filing, step


def return_filing(
    conn: Connection,
    filing_id: int,
    *,
    seen_version: int,
    remark: str,
    on_behalf_of: int | None = None,
) -> int:
    """Give a filing back to be mended, with the remarks on its cells.

    Returns:
        Its new version.
    """
    filing, step = reviewed(conn, filing_id, "return", remark, on_behalf_of)
    return _step_back(conn, filing, step, seen_version, remark=remark, on_behalf_of=on_behalf_of)


def reopen(
    conn: Connection,
    filing_id: int,
    *,
    seen_version: int,
    remark: str,
    on_behalf_of: int | None = None,
) -> int:
    """Give an approved filing back; what it brought into the register stays until it is refiled.

    Returns:
        Its new version.
    """
    filing, step = reviewed(conn, filing_id, "reopen", remark, on_behalf_of)
    return _step_back(conn, filing, step, seen_version, remark=remark, on_behalf_of=on_behalf_of)


def _step_back(
    conn: Connection,
    filing: Filing,
    step: Step,
    seen_version: int,
    *,
    remark: str,
    on_behalf_of: int | None,
) -> int:
    version = move(conn, filing, step, seen_version=seen_version)
    record(conn, filing, step, version=version, remark=remark, on_behalf_of=on_behalf_of)
    open_remarks = read(
        conn,
        "SELECT count(*) AS n FROM campaign.remark"
        " WHERE filing_id = :filing_id AND resolved_at IS NULL",
        filing_id=filing.filing_id,
    )
    params = {"count": open_remarks[0]["n"]}
    send(conn, [_to_filer(filing, "campaign.notice.returned", remark, **params)])
    return version


_UNWRITABLE: Final = """
SELECT count(*) AS n FROM (
  SELECT r.rights_cell FROM campaign.filing_row AS r
  WHERE r.filing_id = :filing_id AND NOT r.is_removed
  UNION ALL
  SELECT h.rights_cell FROM campaign.filing_headcount AS h
  WHERE h.filing_id = :filing_id AND h.people IS NOT NULL
) AS stated WHERE stated.rights_cell NOT IN (SELECT cell FROM rights.my_write_cells)"""


def refuse_approval(conn: Connection, filing: Filing, remark: str | None) -> None:
    """Before a filing is approved that enters the register in the name of who approves it.

    Raises:
        Forbidden: It states something that the account may not write in the register: the load
            would fail after the approval stood.
        InputError: Large differences are not explained which who handed it in did not see, the
            campaign insists, and no reason is given to accept them.
    """
    unwritable = read(conn, _UNWRITABLE, filing_id=filing.filing_id)[0]["n"]
    if unwritable:
        raise Forbidden("campaign.not_yours.register", count=unwritable)
    unexplained = sum(one.is_unexplained for one in filing_differences(conn, filing))
    insists = filing.campaign.unexplained_policy is UnexplainedPolicy.BLOCK
    if unexplained and insists and not (remark or "").strip():
        raise InputError("campaign.unexplained_unseen", count=unexplained)


def approve(
    conn: Connection,
    filing_id: int,
    *,
    seen_version: int,
    job_id: int | None = None,
    remark: str | None = None,
    on_behalf_of: int | None = None,
) -> int:
    """Accept a filing.

    Args:
        job_id: The work that brings it into the register; null: nothing does.
        on_behalf_of: The account whose deputy does; null: in one's own name.

    Returns:
        Its new version.

    Raises:
        Forbidden: It is to enter the register, where the account may not write all that it states.
        InputError: And it has differences that nobody explained (`refuse_approval`).
    """
    filing, step = reviewed(conn, filing_id, "approve", remark, on_behalf_of)
    if job_id is not None:
        refuse_approval(conn, filing, remark)
    version = move(conn, filing, step, seen_version=seen_version, job_id=job_id)
    record(conn, filing, step, version=version, remark=remark, on_behalf_of=on_behalf_of)
    conn.execute(
        update(model.remark)
        .where(model.remark.c.filing_id == filing_id, model.remark.c.resolved_at.is_(None))
        .values(resolved_at=text("now()"), resolved_by=ME)
    )
    send(conn, [_to_filer(filing, "campaign.notice.approved", remark)])
    return version


def _to_filer(filing: Filing, kind: str, remark: str | None, **params: Any) -> Notice:
    return Notice(
        audience=Party.FILER,
        kind=kind,
        params={"campaign": filing.campaign.name, **params},
        remark=remark,
        address=f"/campaigns/filings/{filing.filing_id}",
        reader_cell=filing.rights_cell,
        rights_cell=filing.rights_cell,
    )


def add_remark(
    conn: Connection, filing_id: int, *, row_id: int | None, field: str | None, words: str
) -> int:
    """Say something of a cell, a row, or the filing.

    Returns:
        The `remark_id`.

    Raises:
        InputError: It says nothing, or names a field there is not.
        NotFound: The filing has no such row.
    """
    filing = find_filing(conn, filing_id)
    _refuse_others(filing)
    said = words.replace("\0", "").strip()
    if not said or len(said) > _LONGEST_TEXT:
        raise InputError("campaign.no_text")
    if field is not None and field not in BY_NAME:
        raise InputError("campaign.no_such_field", field=field[:40])
    known = "SELECT FROM campaign.filing_row WHERE filing_row_id = :row AND filing_id = :filing"
    if (
        row_id is not None
        and not conn.execute(text(known), {"row": row_id, "filing": filing_id}).all()
    ):
        raise NotFound("campaign.no_such_row")
    made: int = conn.execute(
        insert(model.remark)
        .values(
            filing_id=filing_id,
            filing_row_id=row_id,
            field=field if row_id is not None else None,
            text=said,
            account_id=ME,
            rights_cell=filing.rights_cell if row_id is None else cell_of_row(row_id),
        )
        .returning(model.remark.c.remark_id)
    ).scalar_one()
    return made


def resolve_remark(conn: Connection, filing_id: int, remark_id: int) -> None:
    """Take a remark as settled.

    Raises:
        NotFound: The filing has no such open remark.
    """
    _refuse_others(find_filing(conn, filing_id))
    table = model.remark
    found = conn.execute(
        update(table)
        .where(
            table.c.remark_id == remark_id,
            table.c.filing_id == filing_id,
            table.c.resolved_at.is_(None),
        )
        .values(resolved_at=text("now()"), resolved_by=ME)
    ).rowcount
    if not found:
        raise NotFound("campaign.no_such_remark")


def _refuse_others(held: Campaign | Filing) -> None:
    if not held.may_review:
        raise Forbidden("campaign.not_yours.reviewer")
    campaign = held if isinstance(held, Campaign) else held.campaign
    if not campaign.is_open:
        raise Conflict("campaign.is_closed", name=campaign.name)


def extend(
    conn: Connection,
    filing_id: int,
    *,
    due_on: date,
    remark: str,
    seen_version: int,
    on_behalf_of: int | None = None,
) -> int:
    """Give one agency more time; recorded as a step that changes no state.

    Returns:
        The filing's new version.

    Raises:
        InputError: No reason is given, or the date is not after the campaign's.
    """
    filing = find_filing(conn, filing_id)
    if Party.REVIEWER not in filing.parties(on_behalf_of):
        raise Forbidden("campaign.not_yours.reviewer")
    _refuse_others(filing)
    if not remark.strip():
        raise InputError("workflow.needs_remark")
    if due_on <= filing.campaign.due_on:
        raise InputError("campaign.not_an_extension", due_on=filing.campaign.due_on.isoformat())
    step = Step("extend", tuple(State), filing.state.value, (Party.REVIEWER,))
    version = move(conn, filing, step, seen_version=seen_version, due_on=due_on)
    why = f"{due_on.isoformat()} {remark}"
    record(conn, filing, step, version=version, remark=why, on_behalf_of=on_behalf_of)
    told = {"due_on": due_on.isoformat()}
    send(conn, [_to_filer(filing, "campaign.notice.extended", remark, **told)])
    return version


_UNFILED: Final = """
SELECT f.filing_id, f.rights_cell, coalesce(f.due_on, c.due_on) AS due_on
FROM campaign.filing AS f JOIN campaign.campaign AS c USING (campaign_id)
WHERE f.campaign_id = :campaign_id AND f.state = ANY(:states)
  AND f.succeeded_by_filing_id IS NULL
  AND (CAST(:only AS bigint[]) IS NULL OR f.filing_id = ANY(:only))
ORDER BY f.filing_id"""


def remind(
    conn: Connection,
    campaign_id: int,
    *,
    words: str | None = None,
    filing_ids: Sequence[int] | None = None,
) -> int:
    """Remind agencies that have not handed in: all, or these.

    Returns:
        How many were reminded.

    Raises:
        Forbidden: The account does not review.
    """
    campaign = find_campaign(conn, campaign_id)
    _refuse_others(campaign)
    only = None if filing_ids is None else list(filing_ids)
    late = read(conn, _UNFILED, campaign_id=campaign_id, states=_OPEN_STATES, only=only)
    return send(conn, [_reminder(campaign, row, words, None) for row in late])


def remind_due(conn: Connection, *, today: date) -> int:
    """Remind whoever has as many working days left as a campaign says, once for each number.

    Whoever runs it may do so as often as wanted; a reminder that was missed on its day is made up
    for on the next.

    Returns:
        How many were reminded.
    """
    calendar = work_calendar()
    sent = 0
    found = read(conn, "SELECT campaign_id FROM campaign.campaign WHERE state = 'open'")
    for campaign in [find_campaign(conn, row["campaign_id"]) for row in found]:
        if not campaign.may_review:
            continue
        rows = read(
            conn, _UNFILED, campaign_id=campaign.campaign_id, states=_OPEN_STATES, only=None
        )
        for row in rows:
            left = calendar.between(today, row["due_on"])
            reached = [days for days in campaign.reminder_days if 0 <= left <= days]
            if reached:
                occasion = f"campaign/{row['filing_id']}/{row['due_on']}/{min(reached)}"
                sent += send(conn, [_reminder(campaign, row, None, occasion)])
    return sent


_OPEN_STATES: Final = [state.value for state in EDITABLE]


def _reminder(
    campaign: Campaign, row: dict[str, Any], words: str | None, occasion: str | None
) -> Notice:
    return Notice(
        audience=Party.FILER,
        kind="campaign.notice.reminder",
        params={"campaign": campaign.name, "due_on": row["due_on"].isoformat()},
        remark=(words or "").strip() or None,
        address=f"/campaigns/filings/{row['filing_id']}",
        reader_cell=row["rights_cell"],
        rights_cell=row["rights_cell"],
        occasion=occasion,
    )
