"""Who has which rooms from a day on: any number of rooms rearranged in one step.

A room's use period is a holding of the whole room; those who share it are its parties. Assigning,
vacating, moving and swapping differ in nothing but who sits where afterwards, so there is one way
to write it: all periods that end do so before any begins, and the step is taken back as one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.estate.actions.entering import check_bodies
from assets.estate.actions.holdings import (
    Party,
    Sharer,
    check_parties,
    insert_parties,
    parties_of_holdings,
    refresh_edited,
)
from assets.estate.model import Extent, HoldingKind, holding
from gis.errors import Conflict, InputError
from gis.places import edits
from gis.places.actions import touch
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind

MOST_ROOMS: Final = 200
"""Rooms of one step: a floor or two."""
_STANDING: Final = """
SELECT h.holding_id, h.place_id, h.valid_from, h.valid_to, h.extent
FROM estate.holding AS h
WHERE h.place_id = ANY (:rooms) AND h.kind = 'occupies'
  AND (h.valid_to IS NULL OR h.valid_to > :since)
ORDER BY h.place_id, h.holding_id"""
_VERSIONS: Final = """
SELECT r.place_id, left(encode(sha256(convert_to(coalesce(string_agg(
         h::text || who.parties || coalesce(people.sharers, ''), '|' ORDER BY h.holding_id), ''),
         'UTF8')), 'hex'), 16) AS version
FROM unnest(CAST(:rooms AS bigint[])) AS r (place_id)
LEFT JOIN estate.holding AS h ON h.place_id = r.place_id AND h.kind = 'occupies'
LEFT JOIN LATERAL (
  SELECT string_agg(p::text, ',' ORDER BY p.holder_id) AS parties
  FROM estate.holding_party AS p WHERE p.holding_id = h.holding_id
) AS who ON true
LEFT JOIN LATERAL (
  SELECT string_agg(s::text, ',' ORDER BY s.sharer_id) AS sharers
  FROM estate.sharer AS s WHERE s.holding_id = h.holding_id
) AS people ON true
GROUP BY r.place_id"""
# A room stands no longer than what it hangs in, whether or not it was closed with it.
_STANDS: Final = """
WITH RECURSIVE above AS (
  SELECT place_id AS room, parent_id, valid_from, valid_to FROM place.place
  WHERE place_id = ANY (:rooms)
  UNION ALL
  SELECT above.room, p.parent_id, p.valid_from, p.valid_to
  FROM above JOIN place.place AS p ON p.place_id = above.parent_id
)
SELECT room, max(valid_from) AS begins, min(valid_to) AS ends FROM above GROUP BY room"""
_END: Final = """
UPDATE estate.holding SET valid_to = :since, source = 'entered',
  decision = concat_ws('；', decision, CAST(:document AS text))
WHERE holding_id = ANY (:ended)"""
_NEVER_BEGAN: Final = (
    "DELETE FROM estate.sharer WHERE holding_id = ANY (:gone)",
    "DELETE FROM estate.holding_party WHERE holding_id = ANY (:gone)",
    "DELETE FROM estate.holding WHERE holding_id = ANY (:gone)",
)


class RoomsMeanwhile(Conflict):
    """Somebody rearranged a room since the author saw it; nothing was changed.

    Args:
        code: Of the first such room.
        rooms: All rooms of the step, to be read anew.
    """

    def __init__(self, code: str, rooms: Sequence[int]) -> None:
        super().__init__("estate.arrange.meanwhile", code=code)
        self.rooms = rooms


@dataclass(frozen=True)
class _Room:
    """A room of a step, locked; its first day, and the first on which it no longer stands."""

    code: str
    begins: date | None
    ends: date | None


def room_versions(conn: Connection, rooms: Sequence[int]) -> dict[int, str]:
    """What was seen of who has each room, to be sent back with a change of it."""
    found = conn.execute(text(_VERSIONS), {"rooms": sorted(set(rooms))})
    return {row.place_id: row.version for row in found}


def arrange(
    conn: Connection,
    wanted: Mapping[int, Sequence[Party]],
    *,
    since: date,
    seen: Mapping[int, str],
    grounds: Grounds,
) -> Sequence[int]:
    """Say who has each of some rooms from a day on; rooms that stay as they are are left alone.

    Args:
        wanted: By room; nobody: it is vacant from then on.
        since: First day. A period that began on that very day gives way to the new one. A room
            that was closed later, or something it hangs in, is theirs until then.
        seen: The version of each room that the author saw.
        grounds: Why; the day it is true from is `since`.

    Returns:
        The rooms that changed.

    Raises:
        InputError: No room, too many, a place that is no room, parties named twice or not at all,
            shares that do not sum to 1, no reason.
        RoomsMeanwhile: Somebody rearranged one of the rooms since its author saw it.
        Conflict: One is closed or not there yet, or taken from a later day on, or by somebody who
            has the floor or the building as a whole; a body does not exist on that day.
        NotFound, Forbidden: As `gis.places.edits.open_place`.
    """
    if not wanted or len(wanted) > MOST_ROOMS:
        raise InputError("estate.arrange.rooms", most=MOST_ROOMS)
    grounds = Grounds(grounds.reason, grounds.document, since).checked()
    rooms = sorted(wanted)
    # In this order whoever rearranges them, so that two never wait for each other.
    opened = _open_rooms(conn, rooms, since)
    versions = room_versions(conn, rooms)
    for room in rooms:
        if versions[room] != seen.get(room):
            raise RoomsMeanwhile(opened[room].code, rooms)
        if wanted[room]:
            check_parties(wanted[room])
    bodies = {one.holder_id: one for room in rooms for one in wanted[room]}
    check_bodies(conn, list(bodies.values()), since)
    changed = _changed(conn, wanted, opened, since)
    if changed:
        edits.record(conn, sorted(changed), EditKind.HOLDING, grounds)
        _end(conn, changed, since, grounds)
        _begin(
            conn, {room: wanted[room] for room in changed if wanted[room]}, opened, since, grounds
        )
        touch(conn, sorted(changed))
        refresh_edited(conn)
    return sorted(changed)


def _open_rooms(conn: Connection, rooms: Sequence[int], since: date) -> dict[int, _Room]:
    opened = {}
    for room in rooms:
        place = edits.open_place(conn, room)
        if place.kind != "room":
            raise InputError("estate.arrange.no_room", code=place.code)
        opened[room] = place.code
    found = {row.room: row for row in conn.execute(text(_STANDS), {"rooms": list(rooms)})}
    made = {
        room: _Room(code, found[room].begins, found[room].ends) for room, code in opened.items()
    }
    for one in made.values():
        if one.ends and one.ends <= since:
            raise Conflict("estate.arrange.closed", code=one.code, day=one.ends)
        if one.begins and one.begins > since:
            raise Conflict("estate.arrange.not_there_yet", code=one.code, day=one.begins)
    return made


def _changed(
    conn: Connection,
    wanted: Mapping[int, Sequence[Party]],
    opened: Mapping[int, _Room],
    since: date,
) -> dict[int, list[Any]]:
    """The periods that give way, by room; a room that is to be as it is does not stand here."""
    standing: dict[int, list[Any]] = {room: [] for room in wanted}
    for row in conn.execute(text(_STANDING), {"rooms": list(wanted), "since": since}):
        if row.valid_from and row.valid_from > since:
            raise Conflict(
                "estate.arrange.taken_later", code=opened[row.place_id].code, day=row.valid_from
            )
        standing[row.place_id].append(row)
    known = parties_of_holdings(
        conn, [one.holding_id for rows in standing.values() for one in rows]
    )
    return {
        room: rows
        for room, rows in standing.items()
        if not _is_so(rows, known, wanted[room], opened[room].ends)
    }


def _is_so(
    rows: Sequence[Any],
    known: Mapping[int, Sequence[Party]],
    parties: Sequence[Party],
    ends: date | None,
) -> bool:
    if not rows or not parties:
        return not rows and not parties
    (first, *more) = rows
    if more or first.extent != Extent.WHOLE or first.valid_to != ends:
        return False
    # In whichever order they are named.
    return _named(known[first.holding_id]) == _named(parties)


def _named(parties: Sequence[Party]) -> dict[int, tuple[Decimal | None, Counter[Sharer]]]:
    return {one.holder_id: (one.share, Counter(one.sharers)) for one in parties}


def _end(
    conn: Connection, changed: Mapping[int, Sequence[Any]], since: date, grounds: Grounds
) -> None:
    periods = [one for rows in changed.values() for one in rows]
    gone = [one.holding_id for one in periods if one.valid_from == since]
    ended = [one.holding_id for one in periods if one.valid_from != since]
    values = {"since": since, "document": grounds.document, "ended": ended, "gone": gone}
    if ended and edits.write(conn, _END, values) != len(ended):
        raise edits.beyond_rights()
    if gone:
        written = [edits.write(conn, statement, values) for statement in _NEVER_BEGAN]
        if written[-1] != len(gone):
            raise edits.beyond_rights()


def _begin(
    conn: Connection,
    wanted: Mapping[int, Sequence[Party]],
    opened: Mapping[int, _Room],
    since: date,
    grounds: Grounds,
) -> None:
    if not wanted:
        return
    found = conn.execute(
        text("SELECT place_id, rights_cell FROM place.place WHERE place_id = ANY (:rooms)"),
        {"rooms": list(wanted)},
    )
    cells = {row.place_id: row.rights_cell for row in found}
    rows = [
        {
            "place_id": room, "kind": HoldingKind.OCCUPIES.value, "extent": Extent.WHOLE.value,
            "valid_from": since, "valid_to": opened[room].ends, "decision": grounds.document,
            "source": "entered", "rights_cell": cells[room],
        }
        for room in wanted
    ]  # fmt: skip
    made = conn.execute(insert(holding).returning(holding.c.place_id, holding.c.holding_id), rows)
    numbers = {row.place_id: row.holding_id for row in made}
    insert_parties(conn, [(numbers[room], cells[room], shared) for room, shared in wanted.items()])
