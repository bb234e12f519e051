"""One-time codes as a second factor, one's own; all as the web role.

The database makes the secret, checks the codes and counts the failures (`gis/sql/codes.sql`); here
is what people and their apps read. As in `gis.rights.sign_in`, what failed is returned, not raised.
"""

import base64
import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, urlencode

from sqlalchemy import Connection, text

from gis.errors import NotFound
from gis.rights.actions import token_digest
from gis.rights.passwords import Cost, proof
from gis.rights.sign_in import ABSOLUTE, OPENS, Attempt, Outcome, own_account, own_wait_s

SPARE_CODES: Final = 8
_SPARE_LENGTH: Final = 12
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what people mistake for one another: 59 bits a code."""
_NO_CODE: Final = re.compile(r"[\s-]")


class Step(StrEnum):
    """What came of setting codes up or removing them."""

    BEGUN = "begun"
    TAKEN = "taken"
    """There are codes already: remove these first."""
    CONFIRMED = "confirmed"
    DROPPED = "dropped"
    ENDED = "ended"
    """It was begun too long ago."""
    WRONG = "wrong"
    WAIT = "wait"


@dataclass(frozen=True)
class Own:
    """How one-time codes stand for an account."""

    state: str
    """none, waiting (to be confirmed), or on."""
    secret: str | None
    """As apps read it, in groups of four; null unless it waits."""
    address: str | None
    """The same as an `otpauth:` address; null unless it waits."""
    spare_count: int
    """Codes on paper not used yet."""


def my_code(conn: Connection, *, issuer: str) -> Own:
    """How codes stand for whoever holds the session.

    Args:
        conn: In the name of the session.
        issuer: What apps call this site.
    """
    row = conn.execute(text("SELECT * FROM rights.my_code()")).one()
    me = own_account(conn)
    if row.secret is None or me is None:
        return Own(row.state, None, None, row.spare_count)
    secret = base64.b32encode(bytes(row.secret)).decode()
    label = quote(f"{issuer}:{me.name}")
    address = f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"
    return Own(row.state, " ".join(re.findall("....", secret)), address, row.spare_count)


def begin_code(conn: Connection, password: str, *, address: str) -> tuple[Step, int]:
    """Make a secret that waits a quarter of an hour for its first code.

    Returns:
        BEGUN, TAKEN, WRONG or WAIT, and the seconds to wait.

    Raises:
        NotFound: The account has no password.
    """
    known, wait_s = _own_proof(conn, password)
    if known is None:
        return Step.WAIT, wait_s
    return _step(conn, "rights.begin_code(:proof, :address)", proof=known, address=address)


def confirm_code(conn: Connection, stated: str, *, address: str) -> tuple[Step, int, list[str]]:
    """Ask for codes from now on, once one of the app was right.

    Returns:
        CONFIRMED, WRONG, ENDED or WAIT, the seconds to wait, and the codes for paper, which are
        shown this once.
    """
    made = [_spare_code() for _ in range(SPARE_CODES)]
    step, wait_s = _step(
        conn,
        "rights.confirm_code(:stated, :digests, :address)",
        stated=plain_code(stated),
        digests=[hashlib.sha256(one.encode()).digest() for one in made],
        address=address,
    )
    return step, wait_s, made if step is Step.CONFIRMED else []


def drop_my_code(conn: Connection, password: str, stated: str, *, address: str) -> tuple[Step, int]:
    """Ask for codes no more.

    Returns:
        DROPPED, WRONG (which of the two is not said) or WAIT, and the seconds to wait.

    Raises:
        NotFound: The account has no password.
    """
    known, wait_s = _own_proof(conn, password)
    if known is None:
        return Step.WAIT, wait_s
    return _step(
        conn,
        "rights.drop_my_code(:proof, :stated, :address)",
        proof=known,
        stated=plain_code(stated),
        address=address,
    )


def waits_for_code(conn: Connection) -> bool:
    """Whether the session means nobody until a code was given."""
    return bool(conn.execute(text("SELECT rights.waits_for_code()")).scalar_one())


def sign_in_with_code(conn: Connection, stated: str, *, address: str) -> Attempt:
    """Go on with a session that waits for its code.

    Args:
        conn: As the web role, in the name of the session.
        stated: As it was typed; of the app, or one of those on paper.
        address: Network address of the browser.
    """
    token = secrets.token_urlsafe(32)
    row = conn.execute(
        text(
            "SELECT outcome, coalesce(wait_s, 0) AS wait_s"
            " FROM rights.sign_in_with_code(:stated, :digest, :address, :lifetime_s)"
        ),
        {
            "stated": plain_code(stated),
            "digest": token_digest(token),
            "address": address,
            "lifetime_s": int(ABSOLUTE.total_seconds()),
        },
    ).one()
    outcome = Outcome(row.outcome)
    return Attempt(outcome, token if outcome in OPENS else None, row.wait_s)


def plain_code(stated: str) -> str:
    """A code as it is compared: full width folded, lower case, without spaces and dashes."""
    return _NO_CODE.sub("", unicodedata.normalize("NFKC", stated)).lower()[:40].replace("\0", "")


def _spare_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_SPARE_LENGTH))


def _own_proof(conn: Connection, password: str) -> tuple[bytes | None, int]:
    row = own_account(conn)
    if row is None or row.salt is None:
        raise NotFound("password.none")
    if wait_s := own_wait_s(conn):
        return None, wait_s
    cost = Cost(row.time_cost, row.memory_kib, row.parallelism)
    return proof(password, bytes(row.salt), cost), 0


def _step(conn: Connection, function: str, **values: Any) -> tuple[Step, int]:
    row = conn.execute(
        text(f"SELECT outcome, coalesce(wait_s, 0) AS wait_s FROM {function}"), values
    ).one()
    return Step(row.outcome), row.wait_s
