"""Signing in and out, and one's own password and sessions; all as the web role.

What fails is counted by the database and must be committed: these return what came of it and raise
only for what is wrong with the words themselves.
"""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.errors import InputError, NotFound
from gis.rights.actions import OPERATOR, token_digest
from gis.rights.passwords import USUAL_COST, Cost, check_new_password, new_credential, proof

ABSOLUTE: Final = timedelta(hours=12)
"""A working day: after that everybody signs in again, however busy they are."""

_NAME: Final = re.compile(r"[\w.@-]{2,60}")
_NOBODY: Final = ""
"""Stands for a name that nobody can have."""
_SALT: Final = """
SELECT wait_s, salt, time_cost, memory_kib, parallelism
FROM rights.password_salt(:name, :address, :time_cost, :memory_kib, :parallelism)"""
_OWN: Final = "SELECT * FROM rights.own_account()"
_SIGN_IN: Final = """
SELECT outcome, coalesce(wait_s, 0) AS wait_s
FROM rights.sign_in(:name, :proof, :digest, :address, :idle_s, :lifetime_s)"""
_ENTER: Final = """
SELECT outcome, coalesce(wait_s, 0) AS wait_s
FROM rights.enter_by_provider(:subject, :nonce, :digest, :address, :idle_s, :lifetime_s)"""
_CHANGE: Final = """
SELECT outcome, coalesce(wait_s, 0) AS wait_s
FROM rights.change_password(:proof, :salt, :time_cost, :memory_kib, :parallelism, :verifier,
                            :digest, :address)"""


class Outcome(StrEnum):
    """What came of an attempt."""

    SIGNED_IN = "signed_in"
    MUST_CHANGE = "must_change"
    """Signed in with a password that was handed over: first of all, choose one's own."""
    NEEDS_CODE = "needs_code"
    """The password was right; the session means nobody until a one-time code was given."""
    ENDED = "ended"
    """It waited too long: begin anew."""
    CHANGED = "changed"
    WRONG = "wrong"
    """Name, password or account: which of them is not said."""
    WAIT = "wait"
    """Too many failed; nothing was tried."""


OPENS: Final = frozenset({Outcome.SIGNED_IN, Outcome.MUST_CHANGE, Outcome.NEEDS_CODE})
"""What the browser gets a session of."""


@dataclass(frozen=True)
class Attempt:
    """What came of an attempt to sign in or to change a password."""

    outcome: Outcome
    token: str | None
    """Of the session; null unless it went well."""
    wait_s: int
    """Seconds before it is worth trying again."""


def account_name(stated: str) -> str:
    """A name to sign in with as it is kept: folded, lower case.

    Raises:
        InputError: It is no name, or one that onemap uses itself.
    """
    name = unicodedata.normalize("NFKC", stated).strip().lower()
    if not _NAME.fullmatch(name) or name == OPERATOR:
        raise InputError("account.bad_name", name=stated.strip()[:60])
    return name


def sign_in(
    conn: Connection, stated_name: str, password: str, *, address: str, idle: timedelta
) -> Attempt:
    """A session for a name and a password.

    Args:
        conn: As the web role, of nobody.
        stated_name: As it was typed.
        password: As it was typed.
        address: Network address of the browser; attempts are counted by it too.
        idle: The session ends that long after it was last used.
    """
    try:
        name = account_name(stated_name)
    except InputError:
        name = _NOBODY
    asked = {"name": name, "address": address, **vars(USUAL_COST)}
    wait_s, salt, *cost = conn.execute(text(_SALT), asked).one()
    if wait_s > 0:
        return Attempt(Outcome.WAIT, None, wait_s)
    token = secrets.token_urlsafe(32)
    row = conn.execute(
        text(_SIGN_IN),
        {
            "name": name,
            "proof": proof(password, bytes(salt), Cost(*cost)),
            "digest": token_digest(token),
            "address": address,
            "idle_s": int(idle.total_seconds()),
            "lifetime_s": int(ABSOLUTE.total_seconds()),
        },
    ).one()
    outcome = Outcome(row.outcome)
    return Attempt(outcome, token if outcome in OPENS else None, row.wait_s)


def enter_by_provider(
    conn: Connection, subject: str, *, nonce: bytes, address: str, idle: timedelta
) -> Attempt:
    """A session for whom the site's provider vouched for.

    Args:
        conn: As the web role, of nobody.
        subject: Whom the provider named, after its word was checked.
        nonce: Digest of what the answer was asked with; it counts once.
        address: Network address of the browser.
        idle: The session ends that long after it was last used.
    """
    token = secrets.token_urlsafe(32)
    row = conn.execute(
        text(_ENTER),
        {
            "subject": subject,
            "nonce": nonce,
            "digest": token_digest(token),
            "address": address,
            "idle_s": int(idle.total_seconds()),
            "lifetime_s": int(ABSOLUTE.total_seconds()),
        },
    ).one()
    outcome = Outcome(row.outcome)
    return Attempt(outcome, token if outcome in OPENS else None, row.wait_s)


def must_change_password(conn: Connection) -> bool:
    """Whether the session means nobody until its account has chosen a password."""
    return bool(conn.execute(text("SELECT rights.must_change_password()")).scalar_one())


def own_account(conn: Connection) -> Any | None:
    """Who holds the session, also one that must choose a password first; null: nobody.

    Without a salt the account has no password.
    """
    return conn.execute(text(_OWN)).one_or_none()


def own_wait_s(conn: Connection) -> int:
    """Seconds before a password of whoever holds the session is worth trying again; else 0.

    Asked before a password is hashed, which takes memory and a turn that others wait for.
    """
    found: int = conn.execute(text("SELECT rights.own_wait_s()")).scalar_one()
    return found


def change_password(conn: Connection, known: str, chosen: str, *, address: str) -> Attempt:
    """Another password for the account of the session; its other sessions end.

    Args:
        conn: As the web role, in the name of the session.
        known: The password so far.
        chosen: The new one.
        address: Network address of the browser.

    Returns:
        With the new token of this session.

    Raises:
        InputError: The new password breaks a rule.
        NotFound: The account has no password.
    """
    row = own_account(conn)
    if row is None or row.salt is None:
        raise NotFound("password.none")
    if wait_s := own_wait_s(conn):
        return Attempt(Outcome.WAIT, None, wait_s)
    if known == chosen:
        raise InputError("password.the_same")
    check_new_password(chosen, about=[row.name, row.title or ""])
    made = new_credential(chosen)
    token = secrets.token_urlsafe(32)
    cost = Cost(row.time_cost, row.memory_kib, row.parallelism)
    ending = conn.execute(
        text(_CHANGE),
        {
            "proof": proof(known, bytes(row.salt), cost),
            "salt": made.salt,
            "verifier": made.verifier,
            **vars(made.cost),
            "digest": token_digest(token),
            "address": address,
        },
    ).one()
    outcome = Outcome(ending.outcome)
    return Attempt(outcome, token if outcome is Outcome.CHANGED else None, ending.wait_s)


def my_sessions(conn: Connection) -> Sequence[Any]:
    """Browsers in which the account is signed in, the one used last first."""
    return conn.execute(text("SELECT * FROM rights.my_sessions()")).all()


def end_my_session(conn: Connection, session_id: int, *, address: str) -> None:
    """End one of them.

    Raises:
        NotFound: There is none of that number.
    """
    ended = conn.execute(
        text("SELECT rights.end_my_session(:session_id, :address)"),
        {"session_id": session_id, "address": address},
    ).scalar_one()
    if not ended:
        raise NotFound("session.none")


def sign_out(conn: Connection, *, address: str) -> None:
    """End the session that asks."""
    conn.execute(text("SELECT rights.sign_out(:address)"), {"address": address})
