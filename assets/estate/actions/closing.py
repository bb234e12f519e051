"""Closing a place with what stands in it, or being told what does; opening it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.actions.holdings import refresh_edited
from gis.errors import Conflict, InputError
from gis.places import closing, edits
from gis.places.edits import Grounds

_LISTED: Final = 50


@dataclass(frozen=True)
class Standing:
    """What still stands in a place that is to be closed.

    Args:
        parts: `kind, code, name` of open parts, the first 50.
        part_count: How many there are.
        holdings: `kind, place, holders, valid_from` of those who have it or a part, the first 50.
        holding_count: How many there are.
    """

    parts: Sequence[Any]
    part_count: int
    holdings: Sequence[Any]
    holding_count: int


class StillStanding(Conflict):
    """Parts are open or somebody has the place; nothing was closed."""

    def __init__(self, standing: Standing) -> None:
        super().__init__("estate.close.standing", parts=standing.part_count,
                         holdings=standing.holding_count)  # fmt: skip
        self.standing = standing


def close_place(
    conn: Connection, place_id: int, *, seen_version: str, grounds: Grounds, with_all: bool = False
) -> Sequence[int]:
    """Close a place from a day on.

    Args:
        with_all: Every open part closes and every holding ends on that day too.

    Returns:
        The places that were closed.

    Raises:
        StillStanding: Something stands, and `with_all` was not said.
        InputError: No day, a day before something began.
        EditedMeanwhile, NotFound, Forbidden, Conflict: As `gis.places.closing.start_closing`.
    """
    _place, grounds = closing.start_closing(
        conn, place_id, seen_version=seen_version, grounds=grounds
    )
    day = grounds.effective_on
    assert day is not None  # noqa: S101 -- start_closing refuses to go on without a day
    standing = _standing(conn, place_id, day)
    if not with_all and (standing.part_count or standing.holding_count):
        raise StillStanding(standing)
    _end_holdings(conn, place_id, day, grounds)
    closed = closing.close_places(conn, place_id, grounds)
    refresh_edited(conn)
    return closed


def reopen_place(
    conn: Connection, place_id: int, *, seen_version: str, grounds: Grounds
) -> Sequence[int]:
    """Open a closed place again; see `gis.places.closing.reopen`. Holdings stay ended."""
    opened = closing.reopen(conn, place_id, seen_version=seen_version, grounds=grounds)
    refresh_edited(conn)
    return opened


def _standing(conn: Connection, place_id: int, day: date) -> Standing:
    parts = closing.open_parts(conn, place_id, day)
    held = conn.execute(text(_HELD), {"place_id": place_id, "day": day}).all()
    return Standing(parts.parts, parts.count, held[:_LISTED], len(held))


def _end_holdings(conn: Connection, place_id: int, day: date, grounds: Grounds) -> None:
    held = conn.execute(text(_HELD), {"place_id": place_id, "day": day}).all()
    for one in held:
        if one.valid_from and one.valid_from >= day:
            raise InputError("estate.dates_reversed", valid_from=one.valid_from, valid_to=day)
    ids = [one.holding_id for one in held]
    asked = {"ids": ids, "day": day, "document": grounds.document}
    if ids and edits.write(conn, _END, asked) != len(ids):
        raise edits.beyond_rights()


_HELD: Final = """
WITH RECURSIVE tree AS (
  SELECT place_id FROM place.place WHERE place_id = :place_id
  UNION ALL
  SELECT p.place_id FROM place.place AS p JOIN tree ON p.parent_id = tree.place_id
)
SELECT h.holding_id, h.kind, h.valid_from, coalesce(p.name, p.address, p.code) AS place,
       (SELECT string_agg(o.name, '、' ORDER BY o.name) FROM estate.holding_party AS party
        JOIN organization.organization AS o ON o.organization_id = party.holder_id
        WHERE party.holding_id = h.holding_id) AS holders
FROM tree JOIN estate.holding AS h USING (place_id) JOIN place.place AS p USING (place_id)
WHERE h.valid_to IS NULL OR h.valid_to > :day
ORDER BY p.code, h.kind, h.holding_id
"""
_END: Final = """
UPDATE estate.holding SET valid_to = :day,
  decision = nullif(concat_ws('；', decision, CAST(:document AS text)), '')
WHERE holding_id = ANY (:ids)
"""
