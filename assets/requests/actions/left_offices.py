"""Offices whose posts have ended are asked back by themselves, from the day the post ended.

Whoever leaves gives the office back within the term of the standard, a second one within that of
second posts (办公用房管理办法第十九条). An office that somebody still sits in is nobody's to give.
"""

from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from assets.requests.model import ReturnKind
from assets.requests.old_rooms import Asked, open_returns, rooms_named
from assets.requests.rules import return_due
from assets.space.standards import standards_on
from gis.places.vocabulary import IN_FORCE, IS_OPEN

_MOST: Final = 5000
"""Offices of one night; the next asks for the rest."""
# Of a body alone, where every line is a post that has ended; asked back once for each such day.
_LEFT: Final = f"""
SELECT h.place_id, min(s.holder_id) AS body, max(t.valid_to) AS left_on,
  bool_and(s.approval_document IS NOT NULL) AS is_second
FROM estate.holding AS h JOIN estate.sharer AS s USING (holding_id)
JOIN place.place AS p ON p.place_id = h.place_id AND p.kind = 'room'
LEFT JOIN organization.post AS t ON t.post_id = s.post_id
WHERE h.kind = 'occupies' AND h.extent = 'whole'
  AND {IN_FORCE.format("h")} AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
GROUP BY h.holding_id, h.place_id
HAVING count(DISTINCT s.holder_id) = 1 AND bool_and(coalesce(t.valid_to <= :as_of, false))
  AND NOT EXISTS (
    SELECT FROM estate.holding_party AS y
    WHERE y.holding_id = h.holding_id AND y.holder_id <> min(s.holder_id))
  AND NOT EXISTS (
    SELECT FROM requests.room_return AS r WHERE r.place_id = h.place_id
      AND (r.state = 'open' OR r.began_on >= max(t.valid_to)))
ORDER BY left_on, h.place_id LIMIT {_MOST}"""


def ask_left_offices_back(conn: Connection, *, today: date) -> int:
    """Ask for every office whose posts have ended, and that nobody has asked back for it.

    Args:
        conn: Past row security: the worker's own, in nobody's name.
        today: The day it is.

    Returns:
        How many were asked back; none where no row of the standard says a term for that day.
    """
    left: dict[tuple[int, ReturnKind, date], list[int]] = {}
    for row in conn.execute(text(_LEFT), {"as_of": today}).all():
        kind = ReturnKind.SECOND_POST if row.is_second else ReturnKind.LEFT
        left.setdefault((row.body, kind, row.left_on), []).append(row.place_id)
    tables = {day: standards_on(conn, day) for day in {day for _, _, day in left}}
    made = 0
    for (body, kind, day), rooms in left.items():
        due = return_due(kind, day, tables[day])
        if due is None:
            continue
        # Who sits there is personal: the term with its document is reason enough.
        said = due[1].of.said
        asked = Asked(body, kind, day, due[0], said, said, None)
        made += len(open_returns(conn, rooms_named(conn, rooms, None), asked))
    return made
