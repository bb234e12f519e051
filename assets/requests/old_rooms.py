"""Rooms that a body gives back for others it gets: named in a request, asked back as it is decided.

A month after the new rooms were given the old ones are due (`StandardKind.MOVED_RETURN`); a room
that is asked back already keeps its day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.requests import model
from assets.requests.model import OldRooms, Part, ReturnKind, ReturnState
from assets.requests.queries import places_of
from assets.requests.returns import RETURNS
from assets.requests.rules import return_due
from assets.services.cases import ME
from assets.services.model import step_taken
from assets.services.steps import note_opened
from assets.space.standards import standards_on
from gis.clock import ZONE
from gis.errors import Conflict, InputError, NotFound
from gis.places.names import property_name, shown_name
from gis.places.vocabulary import IS_OPEN

MOST_MOVED: Final = 5000
"""Rooms of one move: more than any body has; beyond it somebody says which."""
_NAMED: Final = f"""
SELECT p.place_id, p.kind, p.code, p.rights_cell, a.area_m2,
  concat_ws(' ', {property_name("u", "s")}, coalesce({shown_name("b")}, b.code), k.label,
    coalesce({shown_name("p")}, p.code)) AS title,
  CAST(:body AS bigint) IS NULL OR EXISTS (
    SELECT FROM estate.holding AS h JOIN estate.holding_party AS y USING (holding_id)
    LEFT JOIN estate.holding_leaf AS l USING (holding_id)
    WHERE coalesce(l.place_id, h.place_id) = p.place_id AND h.kind = 'occupies'
      AND y.holder_id = :body) AS is_theirs
FROM place.place AS p
LEFT JOIN place.place AS f ON f.place_id = p.parent_id
LEFT JOIN place.floor AS k ON k.place_id = f.place_id
LEFT JOIN place.place AS b ON b.place_id = CASE f.kind WHEN 'floor' THEN f.parent_id
  ELSE f.place_id END AND b.kind = 'building'
LEFT JOIN place.place AS u ON u.place_id = coalesce(b.place_id, p.place_id) AND u.kind = 'building'
LEFT JOIN place.place AS s ON s.place_id = u.parent_id AND s.kind = 'site'
LEFT JOIN place.counted_area AS a ON a.place_id = p.place_id AND a.area_kind = 'usable'
WHERE p.place_id = ANY (:rooms) AND {IS_OPEN.format("p")} ORDER BY p.place_id"""
# What it has on a day and had before, but for the rooms it gets; of a part of a room too.
_HAS: Final = f"""
SELECT DISTINCT p.place_id FROM estate.holding_party AS y
JOIN estate.holding AS h USING (holding_id)
LEFT JOIN estate.holding_leaf AS l USING (holding_id)
JOIN place.place AS p ON p.place_id = coalesce(l.place_id, h.place_id) AND p.kind = 'room'
WHERE y.holder_id = :body AND h.kind = 'occupies' AND {IS_OPEN.format("p")}
  AND (h.valid_from IS NULL OR h.valid_from <= :day) AND (h.valid_to IS NULL OR h.valid_to > :day)
  AND (l.during IS NULL OR l.during @> CAST(:day AS date))
  AND p.place_id <> ALL (CAST(:new AS bigint[]))
  AND EXISTS (
    SELECT FROM estate.holding_party AS o JOIN estate.holding AS w USING (holding_id)
    LEFT JOIN estate.holding_leaf AS k USING (holding_id)
    WHERE o.holder_id = :body AND w.kind = 'occupies'
      AND coalesce(k.place_id, w.place_id) = p.place_id
      AND (w.valid_from IS NULL OR w.valid_from <= :before)
      AND (w.valid_to IS NULL OR w.valid_to > :before)
      AND (k.during IS NULL OR k.during @> CAST(:before AS date)))
ORDER BY p.place_id LIMIT {MOST_MOVED + 1}"""
_ASKED: Final = (
    "SELECT place_id FROM requests.room_return WHERE state = 'open' AND place_id = ANY (:rooms)"
)

_RETURNED: Final = """
SELECT place_title FROM requests.room_return
WHERE request_id = :id AND state = 'returned' ORDER BY room_return_id"""
DROP: Final = next(one for one in RETURNS.steps if one.target == ReturnState.DROPPED)
_DROP: Final = f"""
UPDATE requests.room_return SET state = '{DROP.target}', version = version + 1,
  changed_at = clock_timestamp(), changed_by = rights.current_account_id()
WHERE request_id = :id AND state = '{ReturnState.OPEN}'
RETURNING room_return_id AS case_id, '{ReturnState.OPEN}' AS from_state, state AS to_state, version,
  place_id, rights_cell"""
_STANDS: Final = "SELECT * FROM requests.stands_of(:id)"


@dataclass(frozen=True)
class Asked:
    """Why rooms are asked back and until when.

    Args:
        rule_source: Where the last day comes from; null: a decision named it.
        request_id: The request that gave the body other rooms; null: none.
    """

    organization_id: int
    kind: ReturnKind
    began_on: date
    due_on: date
    rule_source: str | None
    reason: str
    document: str | None
    request_id: int | None = None


def rooms_named(conn: Connection, rooms: Sequence[int], body: int | None) -> Sequence[Any]:
    """Rooms by their numbers, each once: `place_id, code, rights_cell, area_m2, title`.

    Args:
        body: Whose they have to be, or have been; null: anybody's.

    Raises:
        NotFound: The account does not see one.
        InputError: One is no room, or the body never had it.
    """
    asked = {"rooms": sorted(set(rooms)), "body": body}
    found = conn.execute(text(_NAMED), asked).all()
    if missing := sorted(set(rooms) - {row.place_id for row in found}):
        raise NotFound("place.not_found", place_id=missing[0])
    for row in found:
        if row.kind != "room":
            raise InputError("estate.arrange.no_room", code=row.code)
        if not row.is_theirs:
            raise InputError("requests.not_their_room", room=row.title)
    return found


def open_returns(conn: Connection, wanted: Sequence[tuple[Any, Asked]]) -> Sequence[int]:
    """Open a return for each of some rooms, however many, in a few statements.

    Args:
        wanted: Rooms as `rooms_named` answers, each with why it is asked back.

    Returns:
        Their numbers.
    """
    if not wanted:
        return ()
    rows = [
        {
            **vars(asked), "kind": asked.kind.value, "place_id": room.place_id,
            "place_title": room.title, "rights_cell": room.rights_cell,
        }
        for room, asked in wanted
    ]  # fmt: skip
    table = model.room_return
    query = insert(table).values(made_by=ME, changed_by=ME)
    made = conn.execute(query.returning(table.c.room_return_id, table.c.rights_cell), rows).all()
    note_opened(conn, RETURNS, "open", [(row.room_return_id, row.rights_cell) for row in made])
    return [row.room_return_id for row in made]


def ask_old_rooms_back(
    conn: Connection, found: Mapping[str, Any], new: Sequence[int], *, day: date
) -> Sequence[int]:
    """Ask back what a body said it gives for what it gets, from the day it gets it.

    Args:
        found: The request, as `find_request` answers.
        new: The rooms it got, which stay.

    Returns:
        Numbers of the returns; none where it keeps its rooms.

    Raises:
        Conflict: Nothing says how long that may take, or there are too many.
    """
    rooms = _old_rooms(conn, found, new, day)
    if not rooms:
        return ()
    due = return_due(ReturnKind.MOVED, day, standards_on(conn, day))
    if due is None:
        raise Conflict("requests.no_term_of_moving")
    asked = Asked(
        found["organization_id"], ReturnKind.MOVED, day, due[0], due[1].of.said,
        f"{found['number']} {found['reason']}"[:500], found["decision_document"],
        found["request_id"],
    )  # fmt: skip
    return open_returns(conn, [(row, asked) for row in rooms_named(conn, rooms, None)])


def _old_rooms(
    conn: Connection, found: Mapping[str, Any], new: Sequence[int], day: date
) -> list[int]:
    if found["old_rooms"] not in (OldRooms.ALL, OldRooms.SOME):
        return []
    # What came since it asked is none of the old: rooms it built or leased meanwhile.
    before = found["made_at"].astimezone(ZONE).date() - timedelta(days=1)
    asked = {
        "body": found["organization_id"], "day": day, "new": list(new),
        "before": before if found["old_rooms"] == OldRooms.ALL else day,
    }  # fmt: skip
    has = list(conn.execute(text(_HAS), asked).scalars())
    if len(has) > MOST_MOVED:
        raise Conflict("requests.too_many_old", most=MOST_MOVED)
    if found["old_rooms"] == OldRooms.SOME:
        left = {one["place_id"] for one in places_of(conn, found["request_id"], Part.LEFT)}
        has = [one for one in has if one in left]
    waiting = set(conn.execute(text(_ASKED), {"rooms": has}).scalars())
    return [one for one in has if one not in waiting]


def drop_returns(conn: Connection, request_id: int, *, remark: str | None) -> None:
    """Ask no more for what was asked back for a request whose rooms were taken back.

    Raises:
        Conflict: The body has given a room back for those it loses now, or what the account does
            not see would stay as it is.
    """
    asked = {"id": request_id}
    if returned := list(conn.execute(text(_RETURNED), asked).scalars()):
        raise Conflict("requests.given_back_already", rooms="、".join(returned[:3]))
    dropped = [dict(row) for row in conn.execute(text(_DROP), asked).mappings()]
    if dropped:
        said = {"workflow": RETURNS.name, "step": DROP.name, "remark": remark}
        rows = [{**row, **said} for row in dropped]
        conn.execute(insert(step_taken).values(account_id=ME), rows)
    left = conn.execute(text(_STANDS), asked).one_or_none()
    if left is not None and any(left):
        raise Conflict("requests.hidden_from_you")
