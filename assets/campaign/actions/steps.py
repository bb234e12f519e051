"""A step of a filing: taken when nobody changed it meanwhile, and noted."""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, ScalarSelect, select, text

from assets.campaign import model
from assets.campaign.queries import Filing
from assets.campaign.rules import WORKFLOW
from assets.services.cases import Taken, advance, note
from assets.services.workflow import Step

ME: Final = text("rights.current_account_id()")


def cell_of_row(row_id: int) -> ScalarSelect[Any]:
    """The cell of a row of a filing, in a statement: what is said of the row is for its readers."""
    row = model.filing_row
    return select(row.c.rights_cell).where(row.c.filing_row_id == row_id).scalar_subquery()


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
    return advance(
        conn,
        WORKFLOW,
        step,
        filing.filing_id,
        version=filing.version,
        seen_version=seen_version,
        values=more,
        stale=stale,
    )


def record(
    conn: Connection,
    filing: Filing,
    step: Step,
    *,
    version: int,
    remark: str | None = None,
    late: bool = False,
    rights_cell: int | None = None,
    place_id: int | None = None,
    on_behalf_of: int | None = None,
) -> None:
    """Note a step: who, when, from where to where, why.

    Args:
        rights_cell: Who may read of it; null: whoever may read the filing.
        place_id: The place it names, of that cell; null: it names none.
        on_behalf_of: The account whose deputy takes it; null: in one's own name.

    Raises:
        Forbidden: There is no such deputyship today.
    """
    case = filing.case
    if rights_cell is not None:
        case = replace(case, rights_cell=rights_cell)
    said = (remark or "").strip() or None
    taken = Taken(WORKFLOW, case, step, version, said, on_behalf_of, place_id)
    note(conn, taken, is_late=late)
