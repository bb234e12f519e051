"""What administrators do to rights: accounts, grants, sessions.

These run as the owner (the command line of whoever runs the server); the web can only redeem a
one-time address and close its own session.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from gis.errors import Phrase
from gis.rights.model import account, grant, session

TOP_SECURITY_CLASS: Final = 3
"""Stubs of state secrets, of which only count and area are kept."""

OPERATOR: Final = "operator"
"""Name of the account that whoever runs the server acts as."""


def shown_account(who: str | None) -> str | Phrase | None:
    """What people read for an account: the operator is called so in their language."""
    return Phrase("account.operator") if who == OPERATOR else who


@dataclass(frozen=True)
class Grant:
    """What an account may do: a role within an organization subtree, an area and a ceiling."""

    role: str
    organization_id: int | None = None
    admin_area_code: str | None = None
    max_security_class: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    domain: str | None = None
    """The one domain it writes in; null: every one."""


EVERYTHING: Final = Grant(role="operator", max_security_class=TOP_SECURITY_CLASS)


def token_digest(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def ensure_account(conn: Connection, name: str, grants: Sequence[Grant]) -> int:
    """The account of a name with exactly these grants, made or changed as needed.

    Returns:
        Its `account_id`.
    """
    statement = upsert(account).values(name=name)
    made = conn.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"name": name}).returning(
            account.c.account_id, account.c.scope_id
        )
    ).one()
    account_id: int = made.account_id
    if made.scope_id is not None and _grants_of(conn, account_id) == set(grants):
        return account_id
    conn.execute(grant.delete().where(grant.c.account_id == account_id))
    for each in grants:
        conn.execute(insert(grant).values(account_id=account_id, **vars(each)))
    conn.execute(text("SELECT rights.settle_scope(:account_id)"), {"account_id": account_id})
    return account_id


def _grants_of(conn: Connection, account_id: int) -> set[Grant]:
    rows = conn.execute(select(grant).where(grant.c.account_id == account_id)).mappings()
    return {Grant(**{name: row[name] for name in Grant.__dataclass_fields__}) for row in rows}


def open_session(
    conn: Connection, account_id: int, *, kind: str = "command", lifetime: timedelta
) -> str:
    """A new opaque token of the account.

    Args:
        conn: As the owner.
        account_id: Whose session.
        kind: `command` for the command line, `one_time` for an address to sign in with once,
            `web` for a browser.
        lifetime: After that the token means nobody.

    Returns:
        The token; the database keeps its digest only.
    """
    token = secrets.token_urlsafe(32)
    conn.execute(session.delete().where(session.c.expires_at <= func.now()))
    conn.execute(
        insert(session).values(
            account_id=account_id,
            token_digest=token_digest(token),
            kind=kind,
            expires_at=func.now() + lifetime,
        )
    )
    return token


def redeem_one_time_token(
    conn: Connection, one_time_token: str, *, address: str = "", hours: int = 12
) -> str | None:
    """A browser session for a one-time token, which is used up; null when it is not good.

    Runs as the web role.
    """
    token = secrets.token_urlsafe(32)
    is_good = conn.execute(
        text("SELECT rights.redeem(:token, :digest, :hours, :address)"),
        {
            "token": one_time_token,
            "digest": token_digest(token),
            "hours": hours,
            "address": address,
        },
    ).scalar_one()
    return token if is_good else None
