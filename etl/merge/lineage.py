"""Which place became which: split, merged, rebuilt."""

from typing import Final

from sqlalchemy import Connection

from assets.domain import ColumnContract
from etl.merge.units import SEPARATORS
from gis.db import run_script
from gis.places.stating import EARLIER

_KINDS: Final = {"split_from": "split", "merged_from": "merged", "rebuilt_from": "rebuilt"}
"""Fields that name what a place was made of, by code."""


def save_lineage(conn: Connection, contract: ColumnContract) -> None:
    """Links the places of a sheet with those they came from, told by our code or a source number.

    It happened on the stated day, else the file's, else today. What was merged or rebuilt exists no
    longer from that day, nor do its parts; what was split may go on smaller. A code that nobody
    knows is listed, and so is one that a file of a later day lists as a place: an older file does
    not end it. A link that is known stands as it was stated; another day for it is listed.
    """
    named = [
        f"SELECT t.row_number, t.place_id, '{kind}' AS kind, '{field}' AS field,"
        f" trim(written) AS code, coalesce(s.changed_on, l.stated_on, CURRENT_DATE) AS happened_on"
        f" FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)"
        " CROSS JOIN pg_temp.this_load AS l"
        f" CROSS JOIN LATERAL regexp_split_to_table(s.{field}, '{SEPARATORS}') AS written"
        f" WHERE s.{field} IS NOT NULL"
        for field, kind in _KINDS.items()
        if field in contract.fields
    ]
    if not named:
        return
    run_script(conn, _FOUND.format(named=" UNION ALL ".join(named)))
    for statement in (_HOLD, _SAVE, _END):
        run_script(conn, statement)


_FOUND: Final = """
DROP TABLE IF EXISTS pg_temp.came_from;
CREATE TEMP TABLE came_from ON COMMIT DROP AS
SELECT named.*, known.place_id AS from_id
FROM ({named}) AS named
LEFT JOIN LATERAL (
  SELECT min(place_id) AS place_id FROM (
    SELECT place_id FROM place.place AS p WHERE p.code = named.code AND p.security_class < 3
    UNION
    SELECT place_id FROM place.identifier AS i
    WHERE i.scheme = 'source' AND i.value = named.code AND i.valid_to IS NULL) AS one
) AS known ON true
WHERE named.code <> '';
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT row_number, field, 'lineage.unknown', code FROM pg_temp.came_from
WHERE from_id IS NULL OR from_id = place_id;
"""

_HOLD: Final = f"""
CREATE TEMP TABLE goes_on ON COMMIT DROP AS
SELECT c.row_number, c.field, c.code, known.day
FROM pg_temp.came_from AS c CROSS JOIN pg_temp.this_load AS l
CROSS JOIN LATERAL (
  SELECT greatest(p.stated_on, (
    SELECT max(CAST(said.value AS date)) FROM place.stated_days AS d
    CROSS JOIN jsonb_each_text(d.days) AS said
    WHERE d.place_id = p.place_id AND NOT starts_with(said.key, '{EARLIER}'))) AS day
  FROM place.place AS p WHERE p.place_id = c.from_id AND p.valid_to IS NULL
) AS known
WHERE c.kind IN ('merged', 'rebuilt') AND l.stated_on < known.day
  AND NOT EXISTS (SELECT FROM place.lineage AS o
                  WHERE o.from_place_id = c.from_id AND o.to_place_id = c.place_id);
INSERT INTO pg_temp.note (row_number, column_field, rule, original, suggestion)
SELECT row_number, field, 'merge.kept_known', code, day::text FROM pg_temp.goes_on;
DELETE FROM pg_temp.came_from AS c USING pg_temp.goes_on AS g
WHERE (g.row_number, g.field, g.code) = (c.row_number, c.field, c.code);
DROP TABLE pg_temp.goes_on;
INSERT INTO pg_temp.note (row_number, column_field, rule, original, suggestion)
SELECT c.row_number, 'changed_on', 'merge.kept_known', s.changed_on::text, o.happened_on::text
FROM pg_temp.came_from AS c JOIN pg_temp.stage AS s USING (row_number)
JOIN place.lineage AS o ON o.from_place_id = c.from_id AND o.to_place_id = c.place_id
WHERE s.changed_on <> o.happened_on
"""

_SAVE: Final = """
WITH added AS (
  INSERT INTO place.lineage AS l (from_place_id, to_place_id, kind, happened_on)
  SELECT DISTINCT ON (from_id, place_id) from_id, place_id, kind, happened_on
  FROM pg_temp.came_from WHERE from_id IS NOT NULL AND from_id <> place_id
  ORDER BY from_id, place_id, row_number
  ON CONFLICT (from_place_id, to_place_id) DO NOTHING
  RETURNING from_place_id, to_place_id
)
INSERT INTO pg_temp.changed_row
SELECT c.row_number FROM added JOIN pg_temp.came_from AS c
  ON (c.from_id, c.place_id) = (added.from_place_id, added.to_place_id)
"""

_END: Final = """
WITH RECURSIVE gone AS (
  SELECT from_id AS place_id, min(happened_on) AS happened_on FROM pg_temp.came_from
  WHERE from_id <> place_id AND kind IN ('merged', 'rebuilt') GROUP BY from_id
),
down AS (
  SELECT place_id, happened_on FROM gone
  UNION
  SELECT p.place_id, down.happened_on FROM down
  JOIN place.place AS p ON p.parent_id = down.place_id
  -- A part may be what the place was rebuilt as: it goes on.
  WHERE p.place_id NOT IN (SELECT place_id FROM pg_temp.came_from)
),
ended AS (
  UPDATE place.place AS p SET valid_to = down.happened_on
  FROM down WHERE p.place_id = down.place_id AND p.valid_to IS NULL
    AND (p.valid_from IS NULL OR p.valid_from < down.happened_on)
  RETURNING p.place_id
)
INSERT INTO pg_temp.touched_place SELECT place_id FROM ended ON CONFLICT DO NOTHING
"""
