"""Ask rooms back: until when, by which rule."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, text

from assets.requests.model import ReturnKind
from assets.requests.old_rooms import Asked, open_returns, rooms_named
from assets.requests.queries import require_writable
from assets.requests.rules import return_due
from assets.space.standards import standards_on
from gis.errors import InputError, NotFound

_MOST: Final = 200
_LATEST: Final = timedelta(days=3660)


def ask_back(
    conn: Connection,
    rooms: Sequence[int],
    *,
    organization_id: int,
    kind: ReturnKind,
    began_on: date,
    due_on: date | None,
    reason: str,
    document: str | None,
    today: date,
) -> Sequence[int]:
    """Ask a body to give rooms back.

    Args:
        began_on: Day of leaving, moving or deciding.
        due_on: Last day; null: by the rule of the kind, of the day it began on.

    Returns:
        Numbers of the returns, a room each.

    Raises:
        InputError: No room, no reason, no last day though no rule says one, a day that cannot be.
        NotFound: The account does not see one of the rooms, or there is no such body.
        Forbidden: It does not write one of them.
        Conflict: One of them is asked back already (as the transaction ends).
    """
    why = reason.replace("\0", "").strip()
    paper = (document or "").replace("\0", "").strip()[:200] or None
    if not why or len(why) > 500:
        raise InputError("requests.no_reason")
    if not 0 < len(set(rooms)) <= _MOST:
        raise InputError("requests.no_rooms", most=_MOST)
    last, source = _last_day(conn, kind, began_on, due_on, today)
    _check_body(conn, organization_id)
    found = rooms_named(conn, rooms, None)
    for row in found:
        require_writable(conn, row.rights_cell, "requests.not_your_place")
    asked = Asked(organization_id, kind, began_on, last, source, why, paper)
    return open_returns(conn, [(row, asked) for row in found])


def _last_day(
    conn: Connection, kind: ReturnKind, began_on: date, due_on: date | None, today: date
) -> tuple[date, str | None]:
    """The stated day, else that of the rule, with where the rule stands."""
    if abs(began_on - today) > _LATEST:
        raise InputError("requests.far_day", day=began_on)
    by_rule = return_due(kind, began_on, standards_on(conn, began_on))
    last, source = due_on, None
    if last is None and by_rule is not None:
        last, source = by_rule[0], by_rule[1].of.said
    if last is None:
        raise InputError("requests.no_due_day")
    if last < began_on or last - began_on > _LATEST:
        raise InputError("requests.bad_days", since=began_on, until=last)
    return last, source


def _check_body(conn: Connection, organization_id: int) -> None:
    query = text(
        "SELECT EXISTS (SELECT FROM organization.organization WHERE organization_id = :id)"
    )
    if not conn.execute(query, {"id": organization_id}).scalar_one():
        raise NotFound("organization.not_found", organization_id=organization_id)
