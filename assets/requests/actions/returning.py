"""Ask rooms back: until when, by which rule."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.requests import model
from assets.requests.model import ReturnKind
from assets.requests.queries import require_writable
from assets.requests.rules import return_due
from assets.requests.workflows import RETURNS
from assets.services.cases import ME
from assets.services.steps import note_opened
from gis.errors import InputError, NotFound
from gis.places.names import shown_name
from gis.places.vocabulary import IS_OPEN

_MOST: Final = 200
_LATEST: Final = timedelta(days=3660)
_ROOMS: Final = f"""
SELECT p.place_id, p.kind, p.code, p.rights_cell,
  concat_ws(' ', coalesce({shown_name("b")}, b.code), coalesce({shown_name("p")}, p.code)) AS title
FROM place.place AS p
LEFT JOIN place.place AS f ON f.place_id = p.parent_id
LEFT JOIN place.place AS b ON b.place_id = CASE f.kind WHEN 'floor' THEN f.parent_id
  ELSE f.place_id END AND b.kind = 'building'
WHERE p.place_id = ANY (:rooms) AND {IS_OPEN.format("p")} ORDER BY p.place_id"""


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
    last, source = _last_day(kind, began_on, due_on, today)
    found = conn.execute(text(_ROOMS), {"rooms": sorted(set(rooms))}).all()
    _check_rooms(conn, rooms, found)
    _check_body(conn, organization_id)
    made = [
        conn.execute(
            insert(model.room_return)
            .values(
                place_id=row.place_id, place_title=row.title, organization_id=organization_id,
                kind=kind.value, began_on=began_on, due_on=last, rule_source=source, reason=why,
                document=paper, rights_cell=row.rights_cell, made_by=ME, changed_by=ME,
            )
            .returning(model.room_return.c.room_return_id)
        ).scalar_one()
        for row in found
    ]  # fmt: skip
    note_opened(
        conn, RETURNS, "open", list(zip(made, [row.rights_cell for row in found], strict=True))
    )
    return made


def _last_day(
    kind: ReturnKind, began_on: date, due_on: date | None, today: date
) -> tuple[date, str | None]:
    """The stated day, else that of the rule, with where the rule stands."""
    if abs(began_on - today) > _LATEST:
        raise InputError("requests.far_day", day=began_on)
    by_rule = return_due(kind, began_on)
    last, source = due_on, None
    if last is None and by_rule is not None:
        last, source = by_rule[0], by_rule[1].of.said
    if last is None:
        raise InputError("requests.no_due_day")
    if last < began_on or last - began_on > _LATEST:
        raise InputError("requests.bad_days", since=began_on, until=last)
    return last, source


def _check_rooms(conn: Connection, rooms: Sequence[int], found: Sequence[Any]) -> None:
    known = {row.place_id for row in found}
    if missing := sorted(set(rooms) - known):
        raise NotFound("place.not_found", place_id=missing[0])
    for row in found:
        if row.kind != "room":
            raise InputError("estate.arrange.no_room", code=row.code)
        require_writable(conn, row.rights_cell, "requests.not_your_place")


def _check_body(conn: Connection, organization_id: int) -> None:
    query = text(
        "SELECT EXISTS (SELECT FROM organization.organization WHERE organization_id = :id)"
    )
    if not conn.execute(query, {"id": organization_id}).scalar_one():
        raise NotFound("organization.not_found", organization_id=organization_id)
