"""Who sits in which room: assign, vacate, move, swap. Each is one step, taken back as one.

Every one of them says who has some rooms from a day on, and is written by `arrange`; what they add
is who that is. A room that a step names is written whole, with all who share it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from assets.estate.actions.arranging import arrange
from assets.estate.actions.holdings import Party, parties_of_holdings
from assets.estate.model import Extent
from assets.space.seating import check_offices
from gis.errors import Conflict, InputError
from gis.places import edits
from gis.places.edits import Grounds

_SITTING: Final = """
SELECT h.place_id, h.extent, h.holding_id FROM estate.holding AS h
WHERE h.place_id = ANY (:rooms) AND h.kind = 'occupies'
  AND (h.valid_from IS NULL OR h.valid_from <= :day) AND (h.valid_to IS NULL OR h.valid_to > :day)
ORDER BY h.place_id, h.holding_id"""


def assign(
    conn: Connection,
    rooms: Sequence[int],
    sharers: Sequence[Party],
    *,
    since: date,
    seen: Mapping[int, str],
    grounds: Grounds,
) -> Sequence[int]:
    """Give rooms to a body, or to several that share each of them, from a day on.

    See `assets.estate.actions.arranging.arrange` for the arguments, the result and the errors.

    Raises:
        Conflict: Somebody would have a second office that the rules do not allow (`seating`).
    """
    if not sharers:
        raise InputError("estate.no_party")
    wanted = dict.fromkeys(rooms, sharers)
    return _seated(conn, wanted, since=since, seen=seen, grounds=grounds)


def vacate(
    conn: Connection,
    rooms: Sequence[int],
    *,
    since: date,
    seen: Mapping[int, str],
    grounds: Grounds,
) -> Sequence[int]:
    """Nobody sits in these rooms from a day on.

    Raises:
        InputError: Nobody has any of them for itself; besides what `arrange` raises.
    """
    changed = arrange(conn, dict.fromkeys(rooms, ()), since=since, seen=seen, grounds=grounds)
    if not changed:
        raise InputError("space.nobody_there")
    return changed


def move(
    conn: Connection,
    into: Mapping[int, int],
    *,
    since: date,
    seen: Mapping[int, str],
    grounds: Grounds,
) -> Sequence[int]:
    """Who sits in a room sits in another from a day on, with the shares they had.

    Rooms may follow one another, and two may change places; a room that nobody moves into is
    vacant afterwards.

    Args:
        into: The new room of each.
        seen: The version of every room named, left or entered.

    Raises:
        InputError: Nobody sits in a room that is left, two move into one, or somebody sits in one
            that is entered and does not move; besides what `arrange` raises.
        Conflict: Of a room somebody has a part, and which is not stated: they would be moved, or
            put out, unseen.
    """
    if len(set(into.values())) != len(into):
        raise InputError("space.two_into_one")
    for room in sorted({*into, *into.values()}):
        edits.may_open(conn, room)
    sitting, in_part = _sitting(conn, [*into, *into.values()], since)
    if in_part:
        raise Conflict("space.in_part", rooms=_codes(conn, in_part))
    if empty := [room for room in into if not sitting.get(room)]:
        raise InputError("space.nobody_in", rooms=_codes(conn, empty))
    if taken := [room for room in into.values() if room not in into and sitting.get(room)]:
        raise InputError("space.somebody_in", rooms=_codes(conn, taken))
    wanted: dict[int, Sequence[Party]] = dict.fromkeys(into, ())
    wanted |= {new: sitting[old] for old, new in into.items()}
    return _seated(conn, wanted, since=since, seen=seen, grounds=grounds)


def swap(
    conn: Connection,
    first: int,
    second: int,
    *,
    since: date,
    seen: Mapping[int, str],
    grounds: Grounds,
) -> Sequence[int]:
    """Those of two rooms change places from a day on; see `move`."""
    return move(conn, {first: second, second: first}, since=since, seen=seen, grounds=grounds)


def _seated(
    conn: Connection,
    wanted: Mapping[int, Sequence[Party]],
    *,
    since: date,
    seen: Mapping[int, str],
    grounds: Grounds,
) -> Sequence[int]:
    changed = arrange(conn, wanted, since=since, seen=seen, grounds=grounds)
    if any(
        each.post_id is not None for room in changed for one in wanted[room] for each in one.sharers
    ):
        check_offices(conn, changed, since)
    return changed


def _sitting(
    conn: Connection, rooms: Sequence[int], day: date
) -> tuple[dict[int, list[Party]], list[int]]:
    """Who has each room for itself, and the rooms of which somebody has a part."""
    rows = conn.execute(text(_SITTING), {"rooms": list(rooms), "day": day}).all()
    whole = {row.holding_id: row.place_id for row in rows if row.extent == Extent.WHOLE}
    found: dict[int, list[Party]] = {}
    for holding_id, parties in parties_of_holdings(conn, list(whole)).items():
        found.setdefault(whole[holding_id], []).extend(parties)
    return found, [row.place_id for row in rows if row.extent != Extent.WHOLE]


def _codes(conn: Connection, rooms: Sequence[int]) -> str:
    found = conn.execute(
        text("SELECT code FROM place.place WHERE place_id = ANY (:rooms) ORDER BY code LIMIT 5"),
        {"rooms": list(rooms)},
    ).scalars()
    return "、".join(found)
