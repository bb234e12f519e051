"""Signatures: a person confirms by password what stands in a case, and its digest is kept."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.services.workflow import Step, Workflow
from gis.clock import ZONE
from gis.errors import InputError, NotFound
from gis.rights.passwords import Cost, proof
from gis.rights.refusals import call
from gis.rights.sign_in import own_account, own_wait_s

_SIGNED: Final = """
SELECT s.step, s.made_at, coalesce(a.title, a.name) AS who,
  coalesce(b.title, b.name) AS on_behalf_of, s.signed_sha256
FROM services.step_taken AS s LEFT JOIN rights.account AS a USING (account_id)
LEFT JOIN rights.account AS b ON b.account_id = s.on_behalf_of
WHERE s.workflow = :workflow AND s.case_id = :case_id AND s.signed_sha256 IS NOT NULL
ORDER BY s.step_taken_id"""


class Confirmed(StrEnum):
    """What came of a password that was given again."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    WAIT = "wait"
    """Too many failed; nothing was tried."""


@dataclass(frozen=True)
class Signature:
    """A signature as it stands.

    Args:
        on_behalf_of: Whose deputy signed; null: in one's own name.
        is_unchanged: What was signed stands there as it did.
    """

    step: str
    who: str | None
    on_behalf_of: str | None
    made_at: datetime
    is_unchanged: bool


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write a content down: JSON, names in order, nothing between.

    Days are ISO dates, moments are those of the product's zone, decimals keep their places.

    Raises:
        TypeError: A value has no exact writing, such as a float.
    """
    written = json.dumps(
        _exact(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return written.encode()


def _exact(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(ZONE).isoformat()
        case date():
            return value.isoformat()
        case Mapping():
            return {str(name): _exact(one) for name, one in value.items()}
        case list() | tuple():
            return [_exact(one) for one in value]
        case _:
            raise TypeError(f"{type(value).__name__} cannot be signed: it has no exact writing")


def signed_digest(conn: Connection, workflow: Workflow, step: Step, case_id: int) -> bytes:
    """SHA-256 of what a signature of this step is given for, as the case stands.

    Raises:
        NotFound: The workflow does not say what is signed.
    """
    if workflow.cases is None or workflow.cases.content is None:
        raise NotFound("workflow.unknown", workflow=workflow.name)
    content = workflow.cases.content(conn, case_id)
    stated = {
        "workflow": workflow.name,
        "case": case_id,
        "step": step.name,
        "content": content,
    }
    return hashlib.sha256(canonical(stated)).digest()


def confirm(
    conn: Connection, password: str, digest: bytes, *, address: str
) -> tuple[Confirmed, int]:
    """Confirm by password what the next signature of this session is given for.

    The caller lets it be committed whatever comes of it, for attempts are counted.

    Args:
        conn: As the web role, in the name of the session.
        password: As it was typed.
        digest: Of the content.
        address: Network address of the browser.

    Returns:
        What came of it, and the seconds before it is worth trying again.

    Raises:
        InputError: The account has no password, so it cannot sign.
    """
    me = own_account(conn)
    if me is None or me.salt is None:
        raise InputError("workflow.cannot_sign")
    if wait_s := own_wait_s(conn):
        return Confirmed.WAIT, wait_s
    cost = Cost(me.time_cost, me.memory_kib, me.parallelism)
    row = call(
        conn,
        "SELECT outcome, coalesce(wait_s, 0) AS wait_s"
        " FROM services.confirm(:proof, :digest, :address)",
        proof=proof(password, bytes(me.salt), cost),
        digest=digest,
        address=address,
    ).one()
    return Confirmed(row.outcome), row.wait_s


def signatures(conn: Connection, workflow: Workflow, case_id: int) -> list[Signature]:
    """The signatures of a case, the oldest first, each held against what stands there now."""
    found = conn.execute(text(_SIGNED), {"workflow": workflow.name, "case_id": case_id}).all()
    steps = {step.name: step for step in workflow.steps}
    return [
        Signature(
            row.step,
            row.who,
            row.on_behalf_of,
            row.made_at,
            row.step in steps
            and signed_digest(conn, workflow, steps[row.step], case_id) == bytes(row.signed_sha256),
        )
        for row in found
    ]
