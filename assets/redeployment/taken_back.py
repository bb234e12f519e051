"""What becomes of a plan when somebody takes back, on the map, an edit that carried it out."""

from typing import Final

from sqlalchemy import Connection, text

from assets.redeployment.effects import forget_merged
from assets.redeployment.model import State
from assets.redeployment.workflows import REDEPLOYMENT
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

_MERGED_BY: Final = "SELECT redeployment.merged_by(:edit_id)"
_CASE: Final = f"SELECT c.* FROM ({listed_cases(REDEPLOYMENT)}) AS c WHERE c.case_id = :plan_id"
_REVOKE: Final = next(one for one in REDEPLOYMENT.steps if one.name == "revoke")


def edit_taken_back(conn: Connection, edit_id: int) -> None:
    """A plan whose rooms are taken back waits for a decision again.

    Args:
        conn: In the transaction that takes the edit back.

    Raises:
        Forbidden: The account sees the plan no more, or has no part in taking it back.
        Conflict: As `forget_merged`.
    """
    plan_id = conn.execute(text(_MERGED_BY), {"edit_id": edit_id}).scalar_one()
    if plan_id is None:
        return
    row = conn.execute(text(_CASE), {"plan_id": plan_id}).mappings().one_or_none()
    if row is None:
        raise Forbidden("redeployment.merged_for_another")
    if row["state"] != State.APPROVED:
        raise Conflict("redeployment.not_now")
    case = case_of(REDEPLOYMENT, dict(row))
    held = parts_by_person(conn, REDEPLOYMENT, case)
    people = [one for one, parts in held.items() if parts.intersection(_REVOKE.actors)]
    if not people:
        raise Forbidden("redeployment.not_yours.merger")
    version = advance(
        conn, REDEPLOYMENT, _REVOKE, case.case_id, case.version, seen_version=case.version,
        values=None,
    )  # fmt: skip
    taken = Taken(REDEPLOYMENT, case, _REVOKE, version, None, people[0])
    note(conn, taken)
    forget_merged(conn, case.case_id)
    tell(conn, taken)
