"""For which day an edit by hand states columns of a place: a file of an earlier day is older."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection

from gis.clock import today
from gis.places import edits

EARLIER: Final = "before."
"""With a column of `KEPT`, the key of the earlier days for which it was stated."""
KEPT: Final = ("name", "address", "use_status", "geom", "parent_id")
"""Columns of which is kept what they said before."""


def state(
    conn: Connection, place_ids: Sequence[int], columns: Collection[str], day: date | None
) -> None:
    """Write down that columns of places stand as a person states them.

    Args:
        conn: In the name of who does it.
        place_ids: Places the account may write.
        columns: Of the place or its kind; `geom`, `parent_id` too.
        day: From which they are true; null: today's word.

    Raises:
        Forbidden: The account may not write one of them.
    """
    if columns and place_ids:
        values = {"place_ids": list(place_ids), "names": sorted(columns), "day": day or today(),
                  "kept": list(KEPT), "earlier": EARLIER}  # fmt: skip
        edits.write(conn, _STATE, values)


def forget(conn: Connection, place_ids: Sequence[int], column: str) -> None:
    """Take back the day of a column that nobody states any more.

    Args:
        conn: In the name of who does it.
        place_ids: Places the account may write.
        column: As in `state`.
    """
    values = {"place_ids": list(place_ids), "name": column}
    edits.write(conn, _FORGET, values)
    edits.write(conn, _EMPTY, {"place_ids": list(place_ids)})


_STATE: Final = """
INSERT INTO place.stated_days AS known (place_id, days, rights_cell)
SELECT p.place_id, said.days || coalesce(before.days, '{}'), p.rights_cell
FROM place.place AS p LEFT JOIN place.stated_days AS d USING (place_id) CROSS JOIN (
  SELECT jsonb_object_agg(name, CAST(:day AS date)) AS days
  FROM unnest(CAST(:names AS text[])) AS name) AS said
CROSS JOIN LATERAL (
  SELECT jsonb_object_agg(:earlier || name, coalesce(d.days -> (:earlier || name), '[]')
                                            || to_jsonb(stood.day)) AS days
  FROM unnest(CAST(:names AS text[])) AS name
  CROSS JOIN LATERAL (SELECT coalesce(CAST(d.days ->> name AS date),
                                      greatest(p.stated_on, p.valid_from)) AS day) AS stood
  WHERE name = ANY (:kept) AND stood.day < :day) AS before
WHERE p.place_id = ANY (:place_ids)
ON CONFLICT (place_id) DO UPDATE SET days = known.days || excluded.days
"""
_FORGET: Final = """
UPDATE place.stated_days SET days = days - CAST(:name AS text)
WHERE place_id = ANY (:place_ids) AND days ? CAST(:name AS text)
"""
_EMPTY: Final = """
DELETE FROM place.stated_days WHERE place_id = ANY (:place_ids) AND days = '{}'
"""
