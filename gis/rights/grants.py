"""What the security administrator does, and what the audit administrator reads.

In the name of a session; the database asks for the office, and for a second person where a grant
reaches far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.errors import InputError, NotFound
from gis.rights.refusals import call

ROLES: Final = ("viewer", "clerk", "officer", "planner", "approver", "leader", "guide")
"""Roles that show something of the register; leaders and guides see figures of districts alone."""

OFFICES: Final = ("system_admin", "security_admin", "audit_admin")
"""Administrators, each apart from the others and from the register."""

_LONGEST_REASON: Final = 300
_FIND_BODY: Final = """
SELECT organization_id, name FROM organization.organization
WHERE code = :stated OR credit_code = :stated OR name = :stated
ORDER BY organization_id LIMIT 2"""


@dataclass(frozen=True)
class Wanted:
    """A grant that somebody asks for: a role within a body's subtree, an area and a ceiling."""

    account: str
    role: str
    body: str | None = None
    """Code, credit code or name of the body at the top; null: all."""
    area: str | None = None
    """Code of the area at the top; null: all."""
    max_security_class: int = 0
    domain: str | None = None
    """The one domain an officer writes in; null: every one."""
    valid_from: date | None = None
    valid_to: date | None = None
    """First day on which it no longer holds; null: open."""
    reason: str | None = None


@dataclass(frozen=True)
class Made:
    """A grant as it was made."""

    grant_id: int
    is_pending: bool
    """It gives nothing until a second person has confirmed it."""


def make_grant(conn: Connection, wanted: Wanted, *, address: str | None = None) -> Made:
    """Give an account a role.

    Raises:
        InputError: A part of it makes no sense.
        NotFound: No such account, body, area or domain.
        Conflict: The body is dissolved, the account is shut, or an office would meet another role.
        Forbidden: Not the office of whoever asks, or for oneself.
    """
    reason = (wanted.reason or "").strip()
    if len(reason) > _LONGEST_REASON:
        raise InputError("grant.reason_too_long", most=_LONGEST_REASON)
    row = call(
        conn,
        "SELECT * FROM rights.make_grant(:account, :role, :body, :area,"
        " CAST(:ceiling AS smallint), :domain, :valid_from, :valid_to, :reason, :address)",
        account=wanted.account,
        role=wanted.role,
        body=_body(conn, wanted.body) if wanted.body else None,
        area=wanted.area or None,
        ceiling=wanted.max_security_class,
        domain=wanted.domain or None,
        valid_from=wanted.valid_from,
        valid_to=wanted.valid_to,
        reason=reason or None,
        address=address,
    ).one()
    return Made(row.grant_id, row.is_pending)


def confirm_grant(conn: Connection, grant_id: int, *, address: str | None = None) -> None:
    """As the second person, let a grant that waits hold.

    Raises:
        NotFound: None of that number waits.
        Forbidden: By who asked for it, who gets it, or without the office.
        Conflict: It may not be any more.
    """
    call(conn, "SELECT rights.confirm_grant(:grant, :address)", grant=grant_id, address=address)


def revoke_grant(conn: Connection, grant_id: int, *, address: str | None = None) -> None:
    """Take a grant back, or one that waits; the account's browsers sign in again.

    Raises:
        NotFound: None of that number stands.
        Forbidden: One's own, or without the office.
        Conflict: It is the last of an office.
    """
    call(conn, "SELECT rights.revoke_grant(:grant, :address)", grant=grant_id, address=address)


def listed_grants(conn: Connection) -> Sequence[Any]:
    """Grants that stand, wait or are to come, by account."""
    return call(conn, "SELECT * FROM rights.listed_grants()").all()


def listed_events(conn: Connection, *, before: int | None = None, most: int = 100) -> Sequence[Any]:
    """The log of sign-ins and of what administrators did, newest first."""
    return call(
        conn,
        "SELECT * FROM rights.listed_events(CAST(:before AS bigint), :most)",
        before=before,
        most=most,
    ).all()


def may_watch(conn: Connection) -> bool:
    """Whether whoever asks looks after the server: a system administrator, or the operator."""
    return bool(conn.execute(text("SELECT rights.may_watch()")).scalar_one())


def my_offices(conn: Connection) -> list[str]:
    """Offices of whoever asks; the operator may act for each."""
    return list(conn.execute(text("SELECT rights.my_offices()")).scalar_one())


def _body(conn: Connection, stated: str) -> int:
    found = conn.execute(text(_FIND_BODY), {"stated": stated.strip()}).all()
    if not found:
        raise NotFound("grant.unknown_body", body=stated.strip()[:100])
    if len(found) > 1:
        raise InputError("grant.many_bodies", body=stated.strip()[:100])
    return int(found[0].organization_id)
