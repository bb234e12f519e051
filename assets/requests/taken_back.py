"""What becomes of a request when somebody takes back the edit that gave its rooms out."""

from typing import Final

from sqlalchemy import Connection, text

from assets.requests.effects import forget_given
from assets.requests.model import State
from assets.requests.workflows import REQUESTS
from assets.services.cases import Taken, advance, case_of, listed_cases, note
from gis.errors import Conflict

_GIVEN_BY: Final = f"""
SELECT c.*, r.number, r.request_id FROM ({listed_cases(REQUESTS)}) AS c
JOIN requests.request AS r ON r.request_id = c.case_id
JOIN place.edit AS given ON given.edit_id = r.given_edit_id
JOIN place.edit AS e ON (e.transaction_id, e.made_at) = (given.transaction_id, given.made_at)
WHERE e.edit_id = :edit_id"""


def edit_taken_back(conn: Connection, edit_id: int) -> None:
    """A request whose rooms are taken back waits for a decision again.

    Args:
        conn: In the transaction that takes the edit back.

    Raises:
        Conflict: The request is finished: what it did is not undone behind its back.
    """
    row = conn.execute(text(_GIVEN_BY), {"edit_id": edit_id}).mappings().one_or_none()
    if row is None:
        return
    if row["state"] != State.APPROVED:
        raise Conflict("requests.finished", number=row["number"])
    step = next(one for one in REQUESTS.steps if one.name == "revoke")
    case = case_of(REQUESTS, dict(row))
    version = advance(
        conn, REQUESTS, step, case.case_id, case.version, seen_version=case.version, values=None
    )
    note(conn, Taken(REQUESTS, case, step, version, None, None))
    forget_given(conn, case.case_id, None)
