"""What becomes of a request when somebody takes back an edit that gave its rooms out."""

from typing import Final

from sqlalchemy import Connection, text

from assets.requests.effects import forget_given
from assets.requests.model import State
from assets.requests.workflows import REQUESTS
from assets.services.cases import (
    Taken,
    advance,
    case_of,
    listed_cases,
    note,
    parts_by_person,
    tell,
)
from gis.errors import Conflict, Forbidden

_GIVEN_BY: Final = "SELECT requests.given_by(:edit_id)"
_CASE: Final = f"""
SELECT c.*, r.number FROM ({listed_cases(REQUESTS)}) AS c
JOIN requests.request AS r ON r.request_id = c.case_id WHERE c.case_id = :request_id"""
_REVOKE: Final = next(one for one in REQUESTS.steps if one.name == "revoke")


def edit_taken_back(conn: Connection, edit_id: int) -> None:
    """A request whose rooms are taken back waits for a decision again.

    Args:
        conn: In the transaction that takes the edit back.

    Raises:
        Forbidden: The account sees the request no more, or has no part in taking it back.
        Conflict: The request is finished: what it did is not undone behind its back; as
            `forget_given`.
    """
    request_id = conn.execute(text(_GIVEN_BY), {"edit_id": edit_id}).scalar_one()
    if request_id is None:
        return
    row = conn.execute(text(_CASE), {"request_id": request_id}).mappings().one_or_none()
    if row is None:
        raise Forbidden("requests.given_for_another")
    if row["state"] != State.APPROVED:
        raise Conflict("requests.finished", number=row["number"])
    case = case_of(REQUESTS, dict(row))
    held = parts_by_person(conn, REQUESTS, case)
    people = [one for one, parts in held.items() if parts.intersection(_REVOKE.actors)]
    if not people:
        raise Forbidden("requests.not_yours.giver")
    version = advance(
        conn, REQUESTS, _REVOKE, case.case_id, case.version, seen_version=case.version, values=None
    )
    taken = Taken(REQUESTS, case, _REVOKE, version, None, people[0])
    note(conn, taken)
    forget_given(conn, case.case_id, None)
    tell(conn, taken)
