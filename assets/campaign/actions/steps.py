"""A step of a filing: taken when nobody changed it meanwhile, and noted."""

from typing import Any, Final

from sqlalchemy import Connection, insert, text, update

from assets.campaign import model
from assets.campaign.queries import Filing, find_filing
from assets.services.workflow import Step
from gis.clock import ZONE
from gis.errors import Conflict
from gis.rights.actions import shown_account

ME: Final = text("rights.current_account_id()")


def move(
    conn: Connection,
    filing: Filing,
    step: Step,
    *,
    seen_version: int,
    stale: str = "campaign.changed_meanwhile",
    **more: Any,
) -> int:
    """Bring a filing to the state of a step, when nobody changed it since it was seen.

    Args:
        conn: In the name of who takes the step.
        filing: As it stands.
        step: Which.
        seen_version: What its author saw.
        stale: Key of the sentence for who saw an older one; fills in who and when.
        more: Other columns of the filing.

    Returns:
        Its new version.

    Raises:
        Conflict: Somebody did; says who and when.
    """
    changed = conn.execute(
        update(model.filing)
        .where(model.filing.c.filing_id == filing.filing_id, model.filing.c.version == seen_version)
        .values(
            state=step.target,
            version=model.filing.c.version + 1,
            changed_at=text("clock_timestamp()"),
            changed_by=ME,
            **more,
        )
        .returning(model.filing.c.version)
    ).scalar_one_or_none()
    if changed is None:
        now = find_filing(conn, filing.filing_id)
        raise Conflict(
            stale,
            who=shown_account(now.changed_by) or "–",
            at=f"{now.changed_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
        )
    version: int = changed
    return version


def record(
    conn: Connection,
    filing: Filing,
    step: Step,
    *,
    version: int,
    remark: str | None = None,
    late: bool = False,
) -> None:
    """Note a step: who, when, from where to where, why."""
    conn.execute(
        insert(model.filing_step).values(
            filing_id=filing.filing_id,
            step=step.name,
            from_state=filing.state.value,
            to_state=step.target,
            version=version,
            account_id=ME,
            remark=(remark or "").strip() or None,
            is_late=late,
            rights_cell=filing.rights_cell,
        )
    )
