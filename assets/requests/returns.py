"""How rooms are given back: who takes which step, and what it does to who has the room."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.actions.arranging import room_versions
from assets.requests.model import ReturnState, room_return
from assets.services.cases import Taken
from assets.services.workflow import Cases, Part, Step, Workflow
from assets.space.actions import vacate
from gis.clock import today
from gis.errors import Conflict, InputError
from gis.places.edits import Grounds

_TO_RETURN: Final = """
SELECT r.place_id, r.place_title, r.organization_id, r.reason, r.document, r.began_on, r.returned_on
FROM requests.room_return AS r WHERE r.room_return_id = :id"""
# Of the room as a whole, by whatever place that was said, and of a part of it.
_USES: Final = """
SELECT y.holder_id, l.from_on, l.until_on FROM (
  SELECT l.holding_id, lower(l.during) AS from_on, upper(l.during) AS until_on
  FROM estate.holding_leaf AS l WHERE l.place_id = :place
  UNION
  SELECT h.holding_id, h.valid_from, h.valid_to FROM estate.holding AS h
  WHERE h.place_id = :place AND h.extent <> 'whole'
) AS l
JOIN estate.holding AS h ON h.holding_id = l.holding_id AND h.kind = 'occupies'
JOIN estate.holding_party AS y ON y.holding_id = h.holding_id"""


def give_back(conn: Connection, taken: Taken) -> None:
    """The body has the room no more, from the stated day on; without one, from today.

    A room that it has left already is returned as of the day it left.

    Raises:
        Conflict: The room is gone, or others have it too: who stays is for a person to say.
        InputError: A day to come, or one on which the body still had it.
    """
    row = conn.execute(text(_TO_RETURN), {"id": taken.case.case_id}).one()
    if row.place_id is None:
        raise Conflict("requests.room_gone")
    uses = conn.execute(text(_USES), {"place": row.place_id}).all()
    day = _day(row, [one for one in uses if one.holder_id == row.organization_id])
    here = [one for one in uses if one.until_on is None or one.until_on > day]
    is_there = any(one.holder_id == row.organization_id for one in here)
    if is_there and any(one.holder_id != row.organization_id for one in here):
        raise Conflict("requests.shared_room", room=row.place_title)
    if is_there:
        seen = room_versions(conn, [row.place_id])
        why = Grounds(row.reason[:500], row.document)
        vacate(conn, [row.place_id], since=day, seen=seen, grounds=why)
    conn.execute(
        text("UPDATE requests.room_return SET returned_on = :day WHERE room_return_id = :id"),
        {"id": taken.case.case_id, "day": day},
    )


def _day(row: Any, theirs: Sequence[Any]) -> date:
    """The first day on which the body no longer has the room.

    Raises:
        InputError: The stated one cannot be it.
    """
    now = today()
    has_it = any(
        (one.until_on is None or one.until_on > now) and (one.from_on is None or one.from_on <= now)
        for one in theirs
    )
    left_on = max((one.until_on for one in theirs if one.until_on and one.until_on <= now),
                  default=None)  # fmt: skip
    stated: date | None = row.returned_on
    if stated is None:
        return now if has_it or left_on is None else left_on
    if stated > now:
        raise InputError("requests.returned_later", day=stated)
    if stated < min(row.began_on, now):
        raise InputError("requests.returned_before", day=stated, since=row.began_on)
    if not has_it and left_on is not None and stated < left_on:
        raise InputError("requests.still_there", day=stated, until=left_on)
    return stated


_LISTED: Final = """
SELECT r.room_return_id AS case_id, concat_ws(' · ', r.place_title, o.name) AS title,
  CASE WHEN r.state = 'open' THEN r.due_on END AS due_on, r.rights_cell, r.place_id
FROM requests.room_return AS r JOIN organization.organization AS o USING (organization_id)"""
RETURNS: Final = Workflow(
    "room_returns",
    (
        Step("give_back", (ReturnState.OPEN,), ReturnState.RETURNED, ("keeper",), effect=give_back),
        Step(
            "drop",
            (ReturnState.OPEN,),
            ReturnState.DROPPED,
            ("keeper",),
            needs_remark=True,
            is_awaited=False,
        ),
    ),
    initial=ReturnState.OPEN,
    final=(ReturnState.RETURNED, ReturnState.DROPPED),
    parts=(Part("keeper"),),
    cases=Cases(room_return, _LISTED, "/requests/returns#return-{case_id}", reminder_days=(5, 1)),
)
