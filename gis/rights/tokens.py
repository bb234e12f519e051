"""Tokens of programs: in the name of an account, for reading or also for writing, until a day."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.errors import InputError, NotFound
from gis.rights.actions import token_digest
from gis.rights.refusals import call

PREFIX: Final = "onemap_"
"""So that a token that got into a file or a repository is known for what it is."""
LONGEST_DAYS: Final = 366
USUAL_DAYS: Final = 90
_LONGEST_TITLE: Final = 60


def make_token(
    conn: Connection,
    title: str,
    *,
    days: int = USUAL_DAYS,
    can_write: bool = False,
    account: str | None = None,
    address: str | None = None,
) -> tuple[int, str]:
    """A new token; it is shown this once, the database keeps its digest.

    Args:
        conn: In the name of a person's session.
        title: What it is for.
        days: How long it is good.
        can_write: Whether it may also change what its account may change.
        account: Of another account, which only the operator may; null: one's own.
        address: Network address of the browser.

    Returns:
        Its number, and the token.

    Raises:
        InputError: No title, or more days than allowed.
        NotFound: No such account.
        Forbidden: A token asks, or somebody for another account.
    """
    shown = title.strip()
    if not 0 < len(shown) <= _LONGEST_TITLE:
        raise InputError("token.bad_title", most=_LONGEST_TITLE)
    if not 0 < days <= LONGEST_DAYS:
        raise InputError("token.bad_days", most=LONGEST_DAYS)
    token = PREFIX + secrets.token_urlsafe(32)
    made = call(
        conn,
        "SELECT rights.make_api_token(:account, :title, :digest, :days, :can_write, :address)",
        account=account,
        title=shown,
        digest=token_digest(token),
        days=days,
        can_write=can_write,
        address=address,
    ).scalar_one()
    return int(made), token


def listed_tokens(conn: Connection) -> Sequence[Any]:
    """One's own that are still good, newest first; for the operator those of all."""
    return conn.execute(text("SELECT * FROM rights.api_tokens()")).all()


def end_token(conn: Connection, token_id: int, *, address: str | None = None) -> None:
    """Let a token mean nobody from now on.

    Raises:
        NotFound: One has none of that number.
    """
    ended = conn.execute(
        text("SELECT rights.end_api_token(:token, :address)"),
        {"token": token_id, "address": address},
    ).scalar_one()
    if not ended:
        raise NotFound("token.none", token=token_id)
