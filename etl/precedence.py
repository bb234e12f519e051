"""Rules of who wins in a column, set for sources that exist: kinds of sheet and saved profiles."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from assets.registry import CONTRACTS
from gis.errors import InputError
from gis.places.keeping import EVERY_SOURCE, set_column_precedence

DEFAULT: Final = "default"
"""What the kind of sheet says of itself: the end of a rule."""
WINNERS: Final = ("known", "new")
_MOST_DOCUMENT: Final = 300


def sources(conn: Connection) -> Sequence[str]:
    """What a rule can be for, beside every source: kinds of sheet, then saved profiles by name."""
    profiles = conn.execute(text("SELECT name FROM staging.profile ORDER BY name")).scalars()
    return tuple(dict.fromkeys((*(one.name for one in CONTRACTS), *profiles)))


def set_rule(
    conn: Connection,
    field: str,
    winner: str,
    *,
    source: str = EVERY_SOURCE,
    since: date,
    rule_source: str,
    is_verified: bool = False,
) -> None:
    """Who wins in a column from a day on; see `set_column_precedence`.

    Args:
        conn: In the name of an account that may write every place.
        field: Column of places or of a kind.
        winner: One of `WINNERS`, or `DEFAULT`.
        source: One of `sources`, or `EVERY_SOURCE`.
        since: The first day; rules that begin later are dropped.
        rule_source: Document and clause; nothing is kept of it when a rule ends.
        is_verified: Whether somebody compared it with the document.

    Raises:
        InputError: No such column, source or winner, or no document.
        Forbidden: The account has limits.
    """
    known = sources(conn)
    if source not in (EVERY_SOURCE, *known):
        raise InputError("column_order.no_source", source=source[:60], known=", ".join(known))
    if winner not in (*WINNERS, DEFAULT):
        raise InputError("column_order.no_winner")
    document = rule_source.strip()
    if winner != DEFAULT and not document:
        raise InputError("column_order.no_document")
    if len(document) > _MOST_DOCUMENT:
        raise InputError("column_order.long_document", most=_MOST_DOCUMENT)
    set_column_precedence(
        conn,
        field,
        None if winner == DEFAULT else winner,
        source=source,
        since=since,
        rule_source=document,
        is_verified=is_verified,
    )
