"""What certificates say beside what their holders have: which of them no longer match.

Nothing tells certificates that somebody moved; they are held against the holdings whenever they are
shown. Under row security like every read.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from gis.places.counted import own_areas
from gis.places.vocabulary import IN_FORCE, IS_OPEN, AreaKind


class Difference(StrEnum):
    """In what a room is not as the certificate says."""

    GONE = "gone"
    """Its holder has it no longer."""
    ADDED = "added"
    """Its holder has it, in the property of the certificate, and no certificate has it."""
    SHARE = "share"
    ROOM_CLASS = "room_class"
    AREA = "area"


class Differing(NamedTuple):
    """A room that is not as its certificate says.

    Args:
        was: What the certificate says: a share, a class or an area; null for a room as a whole.
        now: What holds.
    """

    certificate_id: int
    place_id: int
    code: str
    name: str
    difference: Difference
    was: Decimal | str | None
    now: Decimal | str | None


STANDS: Final = """
NOT {0}.is_withdrawn AND {0}.valid_from <= :as_of
AND ({0}.valid_to IS NULL OR {0}.valid_to > :as_of)
AND ({0}.cancelled_on IS NULL OR {0}.cancelled_on > :as_of)"""
"""Condition on a certificate, by alias: it is in force on the day; binds `as_of`."""
HELD: Final = f"""
  SELECT y.holder_id, l.place_id, a.parties,
    CASE WHEN a.parties = 1 THEN coalesce(y.share, 1) ELSE y.share END AS share
  FROM estate.holding_party AS y
  JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
  JOIN estate.holding_leaf AS l ON l.holding_id = h.holding_id AND l.exclusive_group = 'use'
    AND l.during @> CAST(:as_of AS date)
  JOIN place.place AS p ON p.place_id = l.place_id AND p.kind = 'room'
    AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
  CROSS JOIN LATERAL (SELECT count(*) AS parties FROM estate.holding_party AS every
                      WHERE every.holding_id = y.holding_id) AS a
  WHERE y.holder_id {{of}}"""
"""SQL of the rooms that bodies have on a day, by whichever place it was said of."""
_DIFFERS: Final = f"""
WITH RECURSIVE standing AS MATERIALIZED (
  SELECT c.certificate_id, c.holder_id, c.place_id AS property_id
  FROM certificates.certificate AS c WHERE {STANDS.format("c")}
    AND (:is_all OR c.certificate_id = ANY (CAST(:certificates AS bigint[])))
),
certified AS MATERIALIZED (
  SELECT s.holder_id, r.*, concat_ws(' ', r.building, coalesce(r.number, r.code)) AS said
  FROM standing AS s JOIN certificates.certified_room AS r USING (certificate_id)
  WHERE {IN_FORCE.format("r")}
),
-- Somebody has the room, by what was said of a hidden floor or building: nobody can tell who.
unknown AS MATERIALIZED (
  SELECT DISTINCT l.place_id FROM estate.holding_leaf AS l
  WHERE l.place_id IN (SELECT place_id FROM certified) AND l.exclusive_group = 'use'
    AND l.during @> CAST(:as_of AS date)
    AND NOT EXISTS (SELECT FROM estate.holding AS h WHERE h.holding_id = l.holding_id)
),
held AS MATERIALIZED ({HELD.format(of="IN (SELECT holder_id FROM standing)")}),
-- A body may have several certificates in one property: a room of any of them is certified.
loose AS (
  SELECT held.holder_id, held.place_id FROM held WHERE NOT EXISTS (
    SELECT FROM certificates.certificate AS c
    JOIN certificates.certified_room AS r USING (certificate_id)
    WHERE c.holder_id = held.holder_id AND r.place_id = held.place_id
      AND NOT c.is_withdrawn AND {IN_FORCE.format("r")})
),
up AS (
  SELECT loose.holder_id, loose.place_id, p.parent_id, p.place_id AS at
  FROM loose JOIN place.place AS p USING (place_id)
  UNION ALL
  SELECT up.holder_id, up.place_id, p.parent_id, p.place_id
  FROM up JOIN place.place AS p ON p.place_id = up.parent_id
)
SELECT c.certificate_id, c.place_id, c.code, c.said AS name,
  CASE WHEN held.place_id IS NULL AND unknown.place_id IS NULL THEN 'gone'
       WHEN held.share IS DISTINCT FROM c.share AND unknown.place_id IS NULL THEN 'share'
       WHEN room.room_class IS DISTINCT FROM c.room_class THEN 'room_class' ELSE 'area'
  END AS difference, c.share AS share_was, held.share AS share_now, c.room_class AS class_was,
  room.room_class AS class_now, c.area_m2 AS area_was, area.area_m2 AS area_now
FROM certified AS c LEFT JOIN held USING (holder_id, place_id) LEFT JOIN unknown USING (place_id)
LEFT JOIN place.room AS room ON room.place_id = c.place_id
LEFT JOIN {{areas}} AS area ON area.place_id = c.place_id
WHERE (unknown.place_id IS NULL
       AND (held.place_id IS NULL OR held.share IS DISTINCT FROM c.share))
  OR room.room_class IS DISTINCT FROM c.room_class OR area.area_m2 IS DISTINCT FROM c.area_m2
UNION ALL
SELECT s.certificate_id, up.place_id, p.code, coalesce(nullif(concat_ws(' ', room.number, p.name),
  ''), p.code), 'added', NULL, NULL, NULL, NULL, NULL, NULL
FROM up JOIN standing AS s ON s.holder_id = up.holder_id AND s.property_id = up.at
JOIN place.place AS p ON p.place_id = up.place_id
LEFT JOIN place.room AS room ON room.place_id = up.place_id
ORDER BY certificate_id, difference, code"""


def differences(
    conn: Connection, as_of: date, certificates: Sequence[int] | None = None
) -> list[Differing]:
    """Rooms that are not as certificates in force say, by certificate, difference and code.

    Of a room that differs in several ways the first is told: whether its holder has it, its share,
    its class, its area.

    Args:
        conn: In the name of whoever asks.
        as_of: The day.
        certificates: Only of these; null: of all.
    """
    if certificates is not None and not certificates:
        return []
    rooms = "SELECT place_id FROM certificates.certified_room"
    if certificates is not None:
        rooms += " WHERE certificate_id = ANY (CAST(:certificates AS bigint[]))"
    query = _DIFFERS.format(areas=own_areas(conn, as_of, AreaKind.USABLE, rooms))
    values = {
        "as_of": as_of,
        "report": "*",
        "is_all": certificates is None,
        "certificates": list(certificates or ()),
    }
    return [_differing(row) for row in conn.execute(text(query), values)]


def _differing(row: Any) -> Differing:
    kind = Difference(row.difference)
    was, now = {
        Difference.SHARE: (row.share_was, row.share_now),
        Difference.ROOM_CLASS: (row.class_was, row.class_now),
        Difference.AREA: (row.area_was, row.area_now),
    }.get(kind, (None, None))
    return Differing(row.certificate_id, row.place_id, row.code, row.name, kind, was, now)
