"""Offices whose posts have ended are asked back by themselves, from the day the post ended.

Whoever leaves gives the office back within the term of the standard, a second one within that of
second posts (办公用房管理办法第十九条). An office that somebody still sits in is nobody's to give.
"""

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.requests.model import ReturnKind
from assets.requests.old_rooms import Asked, open_returns, rooms_named
from assets.requests.rules import return_due
from assets.space.rules import StandardTable
from assets.space.standards import standards_on
from gis.places.vocabulary import IN_FORCE, IS_OPEN

_PAGE: Final = 5000
_MOST: Final = 50_000
"""Offices of one night; the next asks for the rest."""
# Of a body alone, where nobody sits any more: the post has ended, and so has every other of the
# same person in that body without an office of its own, for who is promoted goes on sitting where
# he sat. A second office is its post's alone. Asked back once for each such day.
_LEFT: Final = f"""
SELECT h.place_id, min(s.holder_id) AS body, max(t.ended_on) AS left_on,
  bool_and(s.approval_document IS NOT NULL) AS is_second
FROM estate.holding AS h JOIN estate.sharer AS s USING (holding_id)
JOIN place.place AS p ON p.place_id = h.place_id AND p.kind = 'room'
CROSS JOIN LATERAL (
  SELECT CASE WHEN bool_and(coalesce(one.valid_to <= :as_of, false)) THEN max(one.valid_to)
    END AS ended_on
  FROM (
    SELECT own.valid_to FROM organization.post AS own WHERE own.post_id = s.post_id
    UNION ALL
    SELECT u.valid_to FROM organization.post AS own
    JOIN organization.post AS u ON u.person_key = own.person_key AND u.post_id <> own.post_id
      AND u.organization_id = own.organization_id
    WHERE own.post_id = s.post_id AND s.approval_document IS NULL
      AND (u.valid_from IS NULL OR u.valid_from <= :as_of)
      AND NOT EXISTS (
        SELECT FROM estate.sharer AS z JOIN estate.holding AS w USING (holding_id)
        WHERE z.post_id = u.post_id AND w.place_id <> h.place_id AND w.kind = 'occupies'
          AND {IN_FORCE.format("w")})
  ) AS one
) AS t
WHERE h.kind = 'occupies' AND h.extent = 'whole'
  AND {IN_FORCE.format("h")} AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
GROUP BY h.holding_id, h.place_id
HAVING count(DISTINCT s.holder_id) = 1 AND bool_and(t.ended_on IS NOT NULL)
  AND NOT EXISTS (
    SELECT FROM estate.holding_party AS y
    WHERE y.holding_id = h.holding_id AND y.holder_id <> min(s.holder_id))
  AND NOT EXISTS (
    SELECT FROM requests.room_return AS r WHERE r.place_id = h.place_id
      AND (r.state = 'open' OR r.began_on >= max(t.ended_on)))
  AND (max(t.ended_on), h.place_id) > (CAST(:day AS date), CAST(:place AS bigint))
ORDER BY left_on, h.place_id LIMIT :page"""


def ask_left_offices_back(conn: Connection, *, today: date, page: int = _PAGE) -> int:
    """Ask for every office whose posts have ended, and that nobody has asked back for it.

    Args:
        conn: Past row security: the worker's own, in nobody's name.
        today: The day it is.
        page: Offices read at once. Those for which no row of the standard says a term stay as they
            are, and those after them are read on.

    Returns:
        How many were asked back.
    """
    made, after = 0, {"day": date.min, "place": 0}
    tables: dict[date, StandardTable] = {}
    while made < _MOST:
        left = conn.execute(text(_LEFT), {"as_of": today, "page": page, **after}).all()
        if not left:
            break
        after = {"day": left[-1].left_on, "place": left[-1].place_id}
        for day in {row.left_on for row in left} - tables.keys():
            tables[day] = standards_on(conn, day)
        why = {row.place_id: one for row in left if (one := _asked(row, tables[row.left_on]))}
        rooms = rooms_named(conn, list(why), None) if why else ()
        made += len(open_returns(conn, [(room, why[room.place_id]) for room in rooms]))
    return made


def _asked(row: Any, table: StandardTable) -> Asked | None:
    """Why and until when; null: no row of the standard says a term for that day."""
    kind = ReturnKind.SECOND_POST if row.is_second else ReturnKind.LEFT
    due = return_due(kind, row.left_on, table)
    if due is None:
        return None
    # Who sits there is personal: the term with its document is reason enough.
    said = due[1].of.said
    return Asked(row.body, kind, row.left_on, due[0], said, said, None)
