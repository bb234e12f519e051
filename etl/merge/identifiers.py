"""Foreign numbers of places: whose they are, since when, and till when."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract
from etl.staging import stored_columns
from gis.db import run_script


def save_identifiers(conn: Connection, contract: ColumnContract) -> None:
    """Foreign numbers: the sheet's own number where ours differs, and every stored scheme.

    A number beside which the sheet says since when it is no longer in use ends on that day, and
    another place may have it from then on. One that another place gave up begins on the day it did;
    one that another place still has stays there and is listed. A number that ended is not begun
    again at the same place by a sheet that still carries it: that is listed too. An end that a file
    of a later day stated stands against that of an older one, which is listed with it.
    """
    pairs = []
    for scheme, sql in stored_columns(contract, "identifier").items():
        field = sql.split('"')[1]
        ends = contract.end_of(field)
        ended = (f's."{ends}"', f"'{ends}'") if ends else ("NULL::date", "NULL")
        pairs.append(f"('{scheme}', {sql}, '{field}', {', '.join(ended)})")
    is_new = "false" if not pairs else "t.is_new"
    if "code" in contract.fields:
        # Only a place that was known by another number has a code that differs.
        own = "CASE WHEN t.code <> t.given_code THEN t.given_code END"
        pairs.append(f"('source', {own}, 'code', NULL::date, NULL)")
    if pairs:
        run_script(conn, _STATED.format(pairs=", ".join(pairs), is_new=is_new))
        if conn.scalar(text(_ANY_END)):
            run_script(conn, _KNOWN_ENDS)
        run_script(conn, _END)
        # Of two new places, one gives up what the other takes over.
        for which in ("IS NOT NULL", "IS NULL"):
            run_script(conn, _ADD.format(which=which))
        run_script(conn, _NOTE)


_STATED: Final = """
DROP TABLE IF EXISTS pg_temp.stated_number;
CREATE TEMP TABLE stated_number ON COMMIT DROP AS
SELECT t.row_number, t.place_id, t.is_new, v.scheme, v.value, v.field, v.ended_on, v.end_field,
       t.rights_cell, coalesce(l.stated_on, CURRENT_DATE) AS today, l.stated_on,
       false AS is_end_older
FROM pg_temp.saved_place AS t JOIN pg_temp.stage AS s USING (row_number)
CROSS JOIN pg_temp.this_load AS l
CROSS JOIN LATERAL (VALUES {pairs}) AS v (scheme, value, field, ended_on, end_field)
WHERE ({is_new} OR NOT t.is_new) AND (v.value IS NOT NULL OR v.ended_on IS NOT NULL);
-- Taken for few, each would be looked up in the index that keeps periods apart, which is slow.
ANALYZE pg_temp.stated_number
"""

_ANY_END: Final = """
SELECT EXISTS (SELECT FROM pg_temp.stated_number
               WHERE NOT is_new AND ended_on IS NOT NULL AND stated_on IS NOT NULL)
"""

# An end stands for the day in `place.stated_days` under `end.` and the scheme, else for that of the
# place. Ends are few: a number that still is in use has none.
_KNOWN_ENDS: Final = """
UPDATE pg_temp.stated_number AS n SET is_end_older = true
FROM place.place AS p LEFT JOIN place.stated_days AS d USING (place_id)
WHERE p.place_id = n.place_id AND NOT n.is_new AND n.ended_on IS NOT NULL
  AND n.stated_on < coalesce((d.days ->> ('end.' || n.scheme))::date, p.stated_on)
  AND EXISTS (SELECT FROM place.identifier AS i
              WHERE i.place_id = n.place_id AND i.scheme = n.scheme AND i.value = n.value
                AND i.valid_to IS NOT NULL);
INSERT INTO place.stated_days AS known (place_id, days, rights_cell)
SELECT place_id, jsonb_object_agg('end.' || scheme, stated_on), min(rights_cell)
FROM pg_temp.stated_number
WHERE NOT is_new AND ended_on IS NOT NULL AND stated_on IS NOT NULL AND NOT is_end_older
GROUP BY place_id
ON CONFLICT (place_id) DO UPDATE SET days = known.days || excluded.days
  WHERE known.days || excluded.days <> known.days
"""

# The period a place has the number in now, else the last one; to move an end never moves it into
# what another place has.
_END: Final = """
WITH latest AS (
  SELECT DISTINCT ON (n.row_number, n.scheme, n.value) n.row_number, n.ended_on, i.identifier_id,
         i.scheme, i.value, i.valid_from, i.valid_to
  FROM pg_temp.stated_number AS n JOIN place.identifier AS i USING (place_id, scheme, value)
  WHERE n.ended_on IS NOT NULL AND NOT n.is_end_older
  ORDER BY n.row_number, n.scheme, n.value, i.valid_to DESC NULLS FIRST
),
changed AS (
  UPDATE place.identifier AS i SET valid_to = l.ended_on
  FROM latest AS l
  WHERE i.identifier_id = l.identifier_id AND l.valid_to IS DISTINCT FROM l.ended_on
    AND (l.valid_from < l.ended_on) IS NOT FALSE
    AND NOT EXISTS (
      SELECT FROM place.identifier AS o
      WHERE o.scheme = l.scheme AND o.value = l.value AND o.identifier_id <> l.identifier_id
        AND daterange(o.valid_from, o.valid_to) && daterange(l.valid_from, l.ended_on))
  RETURNING l.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
"""

_ADD: Final = """
WITH former AS (
  SELECT scheme, value, max(valid_to) AS ended_on FROM place.identifier
  WHERE valid_to IS NOT NULL GROUP BY scheme, value
),
added AS (
  INSERT INTO place.identifier (place_id, scheme, value, valid_from, valid_to, rights_cell)
  SELECT n.place_id, n.scheme, n.value,
         CASE WHEN (former.ended_on < n.ended_on) IS NOT FALSE THEN former.ended_on END,
         n.ended_on, n.rights_cell
  FROM pg_temp.stated_number AS n LEFT JOIN former USING (scheme, value)
  WHERE n.value IS NOT NULL AND n.ended_on {which}
    AND (n.ended_on IS NOT NULL OR (former.ended_on <= n.today) IS NOT FALSE)
    AND NOT EXISTS (SELECT FROM place.identifier AS i WHERE i.place_id = n.place_id
                      AND i.scheme = n.scheme AND i.value = n.value)
  ON CONFLICT DO NOTHING
  RETURNING place_id
)
INSERT INTO pg_temp.changed_row
SELECT t.row_number FROM added JOIN pg_temp.target AS t USING (place_id)
WHERE NOT t.is_new
"""

_NOTE: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT n.row_number, n.field, 'identifier.taken', n.value
FROM pg_temp.stated_number AS n
WHERE n.ended_on IS NULL
  AND NOT EXISTS (SELECT FROM place.identifier AS i WHERE i.place_id = n.place_id
                    AND i.scheme = n.scheme AND i.value = n.value);
INSERT INTO pg_temp.note (row_number, column_field, rule, original, params)
SELECT n.row_number, n.field, 'identifier.ended', n.value,
       jsonb_build_object('ended_on', max(i.valid_to)::text)
FROM pg_temp.stated_number AS n JOIN place.identifier AS i USING (place_id, scheme, value)
WHERE n.ended_on IS NULL
GROUP BY n.row_number, n.field, n.scheme, n.value, n.today
HAVING n.today >= max(coalesce(i.valid_to, 'infinity'));
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT n.row_number, n.end_field, 'identifier.end_unfit', n.ended_on::text
FROM pg_temp.stated_number AS n
WHERE n.ended_on IS NOT NULL AND NOT n.is_end_older
  AND NOT EXISTS (SELECT FROM place.identifier AS i WHERE i.place_id = n.place_id
                    AND i.scheme = n.scheme AND i.value = n.value AND i.valid_to = n.ended_on);
INSERT INTO pg_temp.note (row_number, column_field, rule, original, suggestion)
SELECT n.row_number, n.end_field, 'merge.kept_known', n.ended_on::text, max(i.valid_to)::text
FROM pg_temp.stated_number AS n JOIN place.identifier AS i USING (place_id, scheme, value)
WHERE n.is_end_older GROUP BY n.row_number, n.end_field, n.ended_on
HAVING max(i.valid_to) <> n.ended_on;
DROP TABLE pg_temp.stated_number
"""
