"""For which day an edit by hand states columns of a place: a file of an earlier day is older."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from gis.clock import today
from gis.places import edits
from gis.places.then import OF_ROOM, ROOM_TABLE

EARLIER: Final = "before."
"""With a column of `KEPT`, the key of the earlier days for which it was stated."""
KEPT: Final = ("name", "address", "use_status", "geom", "parent_id", *OF_ROOM)
"""Columns of which is kept what they said before; those of `OF_ROOM` of rooms alone."""
Empty = Mapping[str, Collection[int]]
"""Places by column of `KEPT` of which the column says nothing."""


def empty_before(
    conn: Connection, place_ids: Sequence[int], columns: Collection[str]
) -> dict[str, list[int]]:
    """Of columns of `KEPT`, the places of which one says nothing; asked before they are written.

    Args:
        conn: Within a session.
        place_ids: Places the account sees.
        columns: Others than those of `KEPT` are left.

    Returns:
        Places by column, for `state`.
    """
    kept = [name for name in KEPT if name in columns]
    found: dict[str, list[int]] = {name: [] for name in kept}
    if kept and place_ids:
        listed = ", ".join(f"{name} IS NULL AS {name}" for name in kept)
        query = (
            f"SELECT place_id, {listed} FROM place.place LEFT JOIN"
            f" (SELECT place_id, {', '.join(OF_ROOM)} FROM {ROOM_TABLE}) AS room USING (place_id)"
            " WHERE place_id = ANY (:place_ids)"
        )
        for row in conn.execute(text(query), {"place_ids": list(place_ids)}).mappings():
            for name in kept:
                if row[name]:
                    found[name].append(row["place_id"])
    return found


def state(
    conn: Connection,
    place_ids: Sequence[int],
    columns: Collection[str],
    day: date | None,
    empty: Empty,
) -> None:
    """Write down that columns of places stand as a person states them.

    Args:
        conn: In the name of who does it.
        place_ids: Places the account may write.
        columns: Of the place or its kind; `geom`, `parent_id` too.
        day: From which they are true; null: today's word.
        empty: What `empty_before` found: where nothing stood, no earlier day stated anything.

    Raises:
        Forbidden: The account may not write one of them.
    """
    if columns and place_ids:
        nothing = json.dumps({name: list(ids) for name, ids in empty.items()})
        values = {"place_ids": list(place_ids), "names": sorted(columns), "day": day or today(),
                  "kept": list(KEPT), "earlier": EARLIER, "empty": nothing}  # fmt: skip
        edits.write(conn, _STATE, values)


def forget(conn: Connection, place_ids: Sequence[int], column: str) -> None:
    """Take back the day of a column that nobody states any more, and the earlier ones with it.

    Args:
        conn: In the name of who does it.
        place_ids: Places the account may write.
        column: As in `state`.
    """
    values = {"place_ids": list(place_ids), "names": [column, EARLIER + column]}
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
  WHERE name = ANY (:kept) AND stood.day < :day
    -- A column that a person emptied was stated all the same.
    AND (d.days ? name
         OR NOT coalesce(CAST(:empty AS jsonb) -> name @> to_jsonb(p.place_id), false))) AS before
WHERE p.place_id = ANY (:place_ids)
ON CONFLICT (place_id) DO UPDATE SET days = known.days || excluded.days
"""
_FORGET: Final = """
UPDATE place.stated_days SET days = days - CAST(:names AS text[])
WHERE place_id = ANY (:place_ids) AND days ?| CAST(:names AS text[])
"""
_EMPTY: Final = """
DELETE FROM place.stated_days WHERE place_id = ANY (:place_ids) AND days = '{}'
"""
