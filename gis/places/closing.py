"""Closing a place from a day on, alone or with all in it, and opening it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.errors import Conflict, InputError
from gis.places import edits
from gis.places.actions import touch
from gis.places.correcting import open_as_seen
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind
from gis.places.names import shown_name

_LISTED: Final = 50


@dataclass(frozen=True)
class Standing:
    """What still stands in a place: parts that are open.

    Args:
        parts: `place_id, kind, code, name`, at most the first 50 of them, by kind and code.
        count: How many there are.
    """

    parts: Sequence[Any]
    count: int


def open_parts(conn: Connection, place_id: int, day: date) -> Standing:
    """Parts of a place, however deep, that exist on a day or later."""
    rows = conn.execute(text(_OPEN_PARTS), {"place_id": place_id, "day": day}).all()
    return Standing(rows[:_LISTED], len(rows))


def start_closing(
    conn: Connection, place_id: int, *, seen_version: str, grounds: Grounds
) -> tuple[Any, Grounds]:
    """Look at a closing before anything is written: the place, locked, and its grounds checked.

    Raises:
        InputError: No reason, no day, a day before it began or one that has not come.
        EditedMeanwhile, NotFound, Forbidden, Conflict: As correcting; it may be closed already.
    """
    grounds = grounds.checked()
    place, _ = open_as_seen(conn, place_id, seen_version)
    if place.valid_to is not None:
        raise Conflict("place.close.already", day=place.valid_to)
    if grounds.effective_on is None:
        raise InputError("place.close.no_day")
    if place.valid_from and grounds.effective_on <= place.valid_from:
        raise InputError("place.edit.dates_reversed", begins=place.valid_from,
                         ends=grounds.effective_on)  # fmt: skip
    hidden = text("SELECT place.has_hidden_parts(:place_id, :day)")
    asked = {"place_id": place_id, "day": grounds.effective_on}
    if conn.execute(hidden, asked).scalar_one():
        raise Conflict("place.close.others_inside")
    return place, grounds


def close_places(conn: Connection, place_id: int, grounds: Grounds) -> Sequence[int]:
    """Close a place and every part that is open still; `start_closing` came before.

    Raises:
        InputError: A part began on that day or later.
        Forbidden: The account may not write some part.
    """
    day = grounds.effective_on
    asked = {"place_id": place_id, "day": day}
    parts = conn.execute(text(_OPEN_PARTS), asked).all()
    for one in parts:
        if one.valid_from and one.valid_from >= day:
            raise InputError("place.close.part_began", name=one.name, begins=one.valid_from)
    ids = [place_id, *(one.place_id for one in parts)]
    if edits.write(conn, _CLOSE, {"ids": ids, "day": day}) != len(ids):
        raise edits.beyond_rights()
    edits.record(conn, ids, EditKind.CLOSED, grounds)
    touch(conn, ids)
    return ids


def reopen(
    conn: Connection, place_id: int, *, seen_version: str, grounds: Grounds
) -> Sequence[int]:
    """Open a closed place again, with the parts that were closed on the same day.

    Raises:
        Conflict: It is not closed, what it hangs in is, or it went on as other places.
        EditedMeanwhile, InputError, NotFound, Forbidden: As closing.
    """
    grounds = grounds.checked()
    place, _ = open_as_seen(conn, place_id, seen_version)
    if place.valid_to is None:
        raise Conflict("place.close.not_closed")
    above = conn.execute(text(_ABOVE), {"parent_id": place.parent_id}).one_or_none()
    if above is not None and above.valid_to is not None:
        raise Conflict("place.edit.parent_closed", code=above.code, day=above.valid_to)
    asked = {"place_id": place_id, "day": place.valid_to}
    ids = list(conn.execute(text(_CLOSED_WITH_IT), asked).scalars())
    successor = conn.execute(text(_SUCCESSOR), {"ids": ids}).scalar_one()
    if successor is not None:
        raise Conflict("place.close.went_on", code=successor)
    if edits.write(conn, _CLOSE, {"ids": ids, "day": None}) != len(ids):
        raise edits.beyond_rights()
    edits.record(conn, ids, EditKind.REOPENED, grounds)
    touch(conn, ids)
    return ids


_OPEN_PARTS: Final = f"""
WITH RECURSIVE down AS (
  SELECT p.place_id FROM place.place AS p WHERE p.parent_id = :place_id
  UNION ALL
  SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id
)
SELECT p.place_id, p.kind, p.code, coalesce({shown_name("p")}, p.code) AS name, p.valid_from
FROM down JOIN place.place AS p USING (place_id)
WHERE p.valid_to IS NULL OR p.valid_to > :day
ORDER BY p.kind, p.code
"""
_CLOSE: Final = "UPDATE place.place SET valid_to = :day WHERE place_id = ANY (:ids)"
_ABOVE: Final = "SELECT code, valid_to FROM place.place WHERE place_id = :parent_id"
# One that is there on a day on which its origin would be there again.
_SUCCESSOR: Final = """
SELECT min(new.code) FROM place.lineage AS l
JOIN place.place AS old ON old.place_id = l.from_place_id
JOIN place.place AS new ON new.place_id = l.to_place_id
WHERE l.from_place_id = ANY (:ids) AND (new.valid_to IS NULL OR new.valid_to > old.valid_to)
"""
_CLOSED_WITH_IT: Final = """
WITH RECURSIVE down AS (
  SELECT p.place_id FROM place.place AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id
  WHERE p.valid_to = :day
)
SELECT place_id FROM down
"""
