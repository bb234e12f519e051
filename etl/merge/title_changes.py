"""Titles that another one follows: numbers replaced, states that got a number, new owners.

A file that states a later day than the title was last stated for ends it on that day, and the next
begins; one of the same day, or where no file ever named one, corrects it. A file of an earlier day,
or of none where one is known, changes nothing that stands: what it says otherwise is listed. What
one load says of a place in several rows or sheets stands side by side, and so do two numbers that
the register has together and of which a file repeats one. Where a place has several, a new number
follows the one that it differs from by a slip of the pen, or stands beside them and is told.
"""

from typing import Final

from sqlalchemy import Connection

from etl.folding import FOLDED
from etl.merge.units import BODY_OF_NAME
from gis.db import run_script

_OLDER: Final = (
    "({said}.stated_on < {known}.stated_on"
    " OR {said}.stated_on IS NULL AND {known}.stated_on IS NOT NULL)"
)
"""SQL: who says so speaks of an earlier day than is recorded, or of none."""
_LATER: Final = (
    "(({known}.stated_on < {said}.stated_on OR {known}.stated_on IS NULL)"
    " AND {said}.stated_on IS NOT NULL)"
)


def end_replaced(conn: Connection) -> None:
    """End the open titles of places that the sheet names other ones for, or leave those out.

    From `new_title`, `open_title` and `open_link`; a title in the sheet that is left out goes from
    `new_title`, one that follows another gets `begins_on`. A certificate that covers more than the
    places that leave it goes on there; for those that left, it is kept once more, ended. A number
    that is corrected keeps what the sheet leaves blank, unless the sheet names another owner.
    """
    run_script(
        conn,
        _REPLACED.format(
            older=_OLDER.format(said="n", known="o"), later=_LATER.format(said="n", known="o")
        ),
    )
    run_script(conn, _KEEP_OTHERS)
    run_script(conn, _TELL_LEFT_OUT)
    run_script(conn, _LEAVE_OUT)
    run_script(conn, _END)
    run_script(conn, _CARRY_OVER)
    run_script(conn, _CORRECT)


def pass_to_owners(conn: Connection) -> None:
    """A certificate with another owner from a later day on: one title ends, its next begins.

    From `title_said`, which gets `is_older`, `known_on` and `is_same_owner`; what an older file
    says otherwise is listed and blanked, with nothing of a certificate that the account does not
    see.
    """
    run_script(
        conn,
        _COMPARE.format(
            older=_OLDER.format(said="w", known="o"),
            later=_LATER.format(said="w", known="o"),
            mine=FOLDED.format("w.owner_name"),
            theirs=FOLDED.format("o.owner_name"),
        ),
    )
    run_script(conn, _TELL_OLDER)
    run_script(conn, _NEXT_OWNER)


# What the register has beside another number already is no news.
_REPLACED: Final = """
DROP TABLE IF EXISTS pg_temp.replaced_title;
CREATE TEMP TABLE replaced_title ON COMMIT DROP AS
SELECT DISTINCT n.row_number, n.place_id, n.kind, n.field, n.cell, n.stated_on AS day,
       n.number_key AS new_key, o.number_key AS known_key,
       o.title_id, o.number, o.state, o.stated_on, o.is_seen,
       CASE WHEN n.number_key IS NULL AND o.number_key IS NOT NULL THEN 'numbered'
            WHEN {older} THEN 'older' WHEN {later} THEN 'later' ELSE 'same' END AS relation
FROM pg_temp.new_title AS n JOIN pg_temp.open_link AS l USING (place_id)
JOIN pg_temp.open_title AS o ON o.title_id = l.title_id AND o.kind = n.kind
WHERE o.title_id IS DISTINCT FROM n.title_id
  AND (n.number_key IS NULL OR o.number_key IS DISTINCT FROM n.number_key)
  AND NOT EXISTS (SELECT FROM pg_temp.open_link AS own
                  WHERE own.title_id = n.title_id AND own.place_id = n.place_id)
  AND NOT EXISTS (SELECT FROM pg_temp.new_title AS again
                  WHERE again.title_id = o.title_id AND again.place_id = n.place_id)
  AND (n.number_key IS NULL AND o.number_key IS NOT NULL OR NOT EXISTS (
    SELECT FROM pg_temp.stated_title AS mine
    WHERE mine.title_id = o.title_id AND mine.place_id = n.place_id));
ANALYZE pg_temp.replaced_title
"""

_SLIPS: Final = 2
"""Characters by which a corrected number differs from what was written before."""
_IS_SLIP: Final = f"""
(length(known_key) = length(new_key) AND (
   SELECT count(*) FROM generate_series(1, length(new_key)) AS at
   WHERE substr(known_key, at, 1) <> substr(new_key, at, 1)) <= {_SLIPS}
 OR length(known_key) = length(new_key) + 1 AND EXISTS (
   SELECT FROM generate_series(1, length(known_key)) AS at
   WHERE overlay(known_key PLACING '' FROM at FOR 1) = new_key)
 OR length(known_key) + 1 = length(new_key) AND EXISTS (
   SELECT FROM generate_series(1, length(new_key)) AS at
   WHERE overlay(new_key PLACING '' FROM at FOR 1) = known_key))"""
# Fewer numbers than the place has: which of them one follows is not said.
_KEEP_OTHERS: Final = f"""
DROP TABLE IF EXISTS pg_temp.kept_beside;
CREATE TEMP TABLE kept_beside ON COMMIT DROP AS
WITH several AS (
  SELECT place_id, kind FROM pg_temp.replaced_title
  WHERE relation IN ('same', 'later') AND new_key IS NOT NULL AND known_key IS NOT NULL
  GROUP BY place_id, kind HAVING count(DISTINCT title_id) > count(DISTINCT new_key)
)
SELECT r.row_number, r.place_id, r.kind, r.field, r.cell, r.new_key, r.title_id, r.number,
       r.is_seen, {_IS_SLIP} AS is_slip
FROM pg_temp.replaced_title AS r JOIN several USING (place_id, kind)
WHERE r.new_key IS NOT NULL AND r.known_key IS NOT NULL;
DELETE FROM pg_temp.kept_beside AS k USING (
  SELECT place_id, kind, new_key, min(title_id) FILTER (WHERE is_slip) AS title_id
  FROM pg_temp.kept_beside GROUP BY place_id, kind, new_key
  HAVING count(DISTINCT title_id) FILTER (WHERE is_slip) = 1) AS corrected
WHERE (k.place_id, k.kind, k.new_key, k.title_id)
      = (corrected.place_id, corrected.kind, corrected.new_key, corrected.title_id);
DELETE FROM pg_temp.replaced_title AS r USING pg_temp.kept_beside AS k
WHERE (k.place_id, k.kind, k.new_key, k.title_id) = (r.place_id, r.kind, r.new_key, r.title_id);
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT k.row_number, k.field, 'title.beside',
       CASE WHEN bool_and(k.is_seen) THEN string_agg(DISTINCT k.number, '、') END, k.cell
FROM pg_temp.kept_beside AS k
WHERE NOT EXISTS (SELECT FROM pg_temp.replaced_title AS r
                  WHERE (r.place_id, r.kind, r.new_key) = (k.place_id, k.kind, k.new_key)
                    AND r.known_key IS NOT NULL)
GROUP BY k.row_number, k.field, k.cell
"""

# What stands beside an older number, or beside none where one is known, goes with it: each cell
# that the register has otherwise is told.
_TELL_LEFT_OUT: Final = f"""
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original, params)
SELECT row_number, field,
       CASE WHEN relation = 'numbered' THEN 'title.without_number'
            WHEN bool_and(is_seen) THEN 'title.older' ELSE 'title.elsewhere' END,
       CASE WHEN bool_and(is_seen) THEN min(known) END, said,
       CASE WHEN bool_and(is_seen) AND relation = 'older'
            THEN jsonb_build_object('day', max(stated_on)::text) END
FROM (
  SELECT n.row_number, r.relation, v.*, o.is_seen, o.stated_on
  FROM (SELECT DISTINCT place_id, kind, new_key, title_id, relation FROM pg_temp.replaced_title
        WHERE relation IN ('older', 'numbered')) AS r
  JOIN pg_temp.new_title AS n
    ON (n.place_id, n.kind) = (r.place_id, r.kind) AND n.number_key IS NOT DISTINCT FROM r.new_key
  JOIN pg_temp.open_title AS o ON o.title_id = r.title_id
  LEFT JOIN place.title_place AS l
    ON (l.title_id, l.place_id, l.share_kind) = (r.title_id, n.place_id, n.share_kind)
  CROSS JOIN LATERAL (VALUES
    ('owner_name', n.owner_name, o.owner_name, n.owner_name = o.owner_name
       OR {FOLDED.format("n.owner_name")} = {FOLDED.format("o.owner_name")}),
    ('certificate_on', n.issued_on::text, o.issued_on::text, n.issued_on = o.issued_on),
    (n.area_field, n.area_m2::text, l.area_m2::text, n.area_m2 = l.area_m2)
  ) AS v (field, said, known, is_same)
  WHERE v.said IS NOT NULL
) AS cell
GROUP BY row_number, relation, field, said HAVING bool_and(is_same IS NOT TRUE)
"""

_LEAVE_OUT: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original, params)
SELECT r.row_number, r.field,
       CASE WHEN r.relation = 'numbered' THEN 'title.number_known'
            WHEN r.is_seen THEN 'title.older' ELSE 'title.elsewhere' END,
       CASE WHEN r.is_seen THEN min(coalesce(r.number, state.title_zh)) END, r.cell,
       CASE WHEN r.is_seen THEN jsonb_build_object('day', max(r.stated_on)::text) END
FROM pg_temp.replaced_title AS r
LEFT JOIN place.term AS state ON state.list = 'title_state' AND state.term = r.state
WHERE r.relation IN ('older', 'numbered')
GROUP BY r.row_number, r.field, r.relation, r.is_seen, r.cell;
DELETE FROM pg_temp.new_title AS n USING pg_temp.replaced_title AS r
WHERE r.relation IN ('older', 'numbered') AND (r.place_id, r.kind) = (n.place_id, n.kind)
  AND r.new_key IS NOT DISTINCT FROM n.number_key;
DELETE FROM pg_temp.replaced_title AS r
WHERE NOT EXISTS (SELECT FROM pg_temp.new_title AS n
                  WHERE (n.place_id, n.kind) = (r.place_id, r.kind)
                    AND n.number_key IS NOT DISTINCT FROM r.new_key);
UPDATE pg_temp.new_title AS n SET begins_on = r.day FROM pg_temp.replaced_title AS r
WHERE (r.place_id, r.kind) = (n.place_id, n.kind) AND r.relation = 'later'
"""

_END: Final = """
DROP TABLE IF EXISTS pg_temp.whole_title, pg_temp.left_title;
CREATE TEMP TABLE whole_title ON COMMIT DROP AS
SELECT r.title_id, min(r.day) AS day FROM pg_temp.replaced_title AS r
WHERE NOT EXISTS (SELECT FROM pg_temp.new_title AS n WHERE n.title_id = r.title_id)
  -- As one list: asked title by title, every link would be compared with every row.
  AND r.title_id NOT IN (
    SELECT l.title_id FROM pg_temp.open_link AS l
    JOIN (SELECT DISTINCT title_id FROM pg_temp.replaced_title) AS asked USING (title_id)
    LEFT JOIN (SELECT title_id, place_id FROM pg_temp.replaced_title WHERE relation = 'later')
      AS leaving USING (title_id, place_id)
    WHERE leaving.title_id IS NULL)
GROUP BY r.title_id;
ANALYZE pg_temp.whole_title;
UPDATE place.title AS t SET valid_to = w.day
FROM pg_temp.whole_title AS w WHERE w.title_id = t.title_id;
CREATE TEMP TABLE left_title ON COMMIT DROP AS
SELECT DISTINCT r.title_id, r.place_id, r.day, NULL::bigint AS ended_id
FROM pg_temp.replaced_title AS r
WHERE r.relation = 'later' AND r.title_id NOT IN (SELECT title_id FROM pg_temp.whole_title);
ANALYZE pg_temp.left_title;
UPDATE pg_temp.left_title AS l SET ended_id = numbered.ended_id
FROM (SELECT title_id, nextval(pg_get_serial_sequence('place.title', 'title_id')) AS ended_id
      FROM (SELECT DISTINCT title_id FROM pg_temp.left_title) AS leaving) AS numbered
WHERE numbered.title_id = l.title_id;
INSERT INTO place.title (title_id, number, state, kind, owner_name, owner_id, issued_on, valid_from,
                         valid_to, stated_on, rights_cell)
SELECT DISTINCT ON (l.ended_id) l.ended_id, t.number, t.state, t.kind, t.owner_name, t.owner_id,
       t.issued_on, t.valid_from, l.day, t.stated_on, p.rights_cell
FROM pg_temp.left_title AS l JOIN place.title AS t USING (title_id)
JOIN place.place AS p USING (place_id) ORDER BY l.ended_id, l.place_id;
INSERT INTO place.title_place (title_id, place_id, share_kind, area_m2, rights_cell)
SELECT l.ended_id, k.place_id, k.share_kind, k.area_m2, k.rights_cell
FROM pg_temp.left_title AS l JOIN place.title_place AS k USING (title_id, place_id);
DELETE FROM place.title_place AS k USING pg_temp.left_title AS l
WHERE (k.title_id, k.place_id) = (l.title_id, l.place_id)
"""

# A blank never wipes: one number in place of one other is the same certificate, better copied. What
# several numbers of one place had between them is nobody's to share out.
_CARRY_OVER: Final = f"""
DROP TABLE IF EXISTS pg_temp.corrected_title;
CREATE TEMP TABLE corrected_title ON COMMIT DROP AS
WITH one AS (
  SELECT n.place_id, n.kind, min(r.title_id) AS title_id, min(n.number_key) AS number_key,
         min(coalesce(n.number_key, '#' || n.place_id)) AS key
  FROM pg_temp.replaced_title AS r JOIN pg_temp.new_title AS n
    ON (n.place_id, n.kind) = (r.place_id, r.kind) AND n.number_key IS NOT DISTINCT FROM r.new_key
  WHERE r.relation = 'same'
  GROUP BY n.place_id, n.kind
  HAVING min(r.title_id) = max(r.title_id) AND bool_and(r.is_seen)
    AND count(DISTINCT coalesce(n.number_key, '#' || n.state)) = 1
),
said AS (
  SELECT kind, coalesce(number_key, '#' || place_id) AS key,
         (array_agg(owner_name ORDER BY row_number)
            FILTER (WHERE owner_name IS NOT NULL))[1] AS owner_name,
         bool_or(issued_on IS NOT NULL) AS is_dated
  FROM pg_temp.new_title GROUP BY 1, 2
)
SELECT one.place_id, one.kind, one.number_key, one.title_id, t.valid_from,
       CASE WHEN said.owner_name IS NULL THEN t.owner_name END AS owner_name,
       CASE WHEN NOT said.is_dated THEN t.issued_on END AS issued_on,
       coalesce(said.owner_name = t.owner_name
                OR {FOLDED.format("said.owner_name")} = {FOLDED.format("t.owner_name")}, true)
         AS is_same_owner
FROM one JOIN said USING (kind, key) JOIN place.title AS t USING (title_id);
ANALYZE pg_temp.corrected_title;
UPDATE pg_temp.new_title AS n SET begins_on = coalesce(n.begins_on, c.valid_from)
FROM pg_temp.corrected_title AS c
WHERE (c.place_id, c.kind) = (n.place_id, n.kind) AND n.title_id IS NULL
  AND n.number_key IS NOT DISTINCT FROM c.number_key;
DELETE FROM pg_temp.corrected_title WHERE NOT is_same_owner;
UPDATE pg_temp.new_title AS n
SET owner_name = coalesce(n.owner_name, c.owner_name),
    issued_on = coalesce(n.issued_on, c.issued_on)
FROM pg_temp.corrected_title AS c
WHERE (c.place_id, c.kind) = (n.place_id, n.kind) AND n.title_id IS NULL
  AND n.number_key IS NOT DISTINCT FROM c.number_key;
CREATE TEMP TABLE taking_over ON COMMIT DROP AS
SELECT n.* FROM pg_temp.new_title AS n JOIN pg_temp.corrected_title AS c
  ON (c.place_id, c.kind) = (n.place_id, n.kind) AND n.number_key IS NOT DISTINCT FROM c.number_key;
CREATE TEMP TABLE carried_area ON COMMIT DROP AS
SELECT k.place_id, c.kind, c.number_key, k.share_kind, k.area_m2
FROM pg_temp.corrected_title AS c JOIN place.title_place AS k USING (title_id, place_id)
LEFT JOIN (SELECT DISTINCT place_id, kind, share_kind FROM pg_temp.taking_over
           WHERE area_m2 IS NOT NULL) AS stated USING (place_id, kind, share_kind)
WHERE k.area_m2 IS NOT NULL AND stated.place_id IS NULL;
UPDATE pg_temp.new_title AS n SET area_m2 = a.area_m2
FROM pg_temp.carried_area AS a
WHERE (a.place_id, a.kind, a.share_kind) = (n.place_id, n.kind, n.share_kind)
  AND n.number_key IS NOT DISTINCT FROM a.number_key;
INSERT INTO pg_temp.new_title
SELECT DISTINCT ON (a.place_id, a.kind, a.share_kind)
       n.row_number, n.place_id, n.kind, a.share_kind, n.number, n.number_key, n.state, n.cell,
       n.field, a.area_m2, NULL, n.owner_name, n.issued_on, n.stated_on, n.is_of_ours, n.begins_on,
       n.rights_cell, n.title_id
FROM pg_temp.carried_area AS a JOIN pg_temp.taking_over AS n USING (place_id, kind)
WHERE NOT EXISTS (SELECT FROM pg_temp.taking_over AS has
                  WHERE (has.place_id, has.kind, has.share_kind)
                        = (a.place_id, a.kind, a.share_kind))
ORDER BY a.place_id, a.kind, a.share_kind, n.row_number;
DROP TABLE pg_temp.taking_over, pg_temp.carried_area
"""

# A number that is corrected leaves no trace but history, so it is told.
_CORRECT: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT DISTINCT row_number, field, 'title.replaced', CASE WHEN is_seen THEN number END, cell
FROM pg_temp.replaced_title WHERE relation = 'same' AND number IS NOT NULL;
DELETE FROM place.title_place AS k USING pg_temp.replaced_title AS r
WHERE r.relation = 'same' AND (k.title_id, k.place_id) = (r.title_id, r.place_id);
DELETE FROM place.title AS t USING pg_temp.replaced_title AS r
WHERE r.relation = 'same' AND t.title_id = r.title_id
  AND NOT EXISTS (SELECT FROM place.title_place AS k WHERE k.title_id = t.title_id)
  AND NOT EXISTS (SELECT FROM pg_temp.new_title AS n WHERE n.title_id = t.title_id);
INSERT INTO pg_temp.changed_row SELECT DISTINCT row_number FROM pg_temp.replaced_title
"""

_COMPARE: Final = f"""
ALTER TABLE pg_temp.title_said ADD COLUMN is_older boolean, ADD COLUMN known_on date,
  ADD COLUMN is_same_owner boolean, ADD COLUMN is_passed boolean, ADD COLUMN former_id bigint,
  ADD COLUMN is_seen boolean;
WITH body AS ({BODY_OF_NAME}),
compared AS (
  SELECT w.title_id, {{older}} AS is_older, {{later}} AS is_later,
         o.stated_on AS known_on, o.is_seen, o.owner_name IS NULL AS is_new_owner,
         w.owner_name IS NULL OR {{mine}} = {{theirs}}
           OR coalesce(body.organization_id IN (o.owner_id, known.organization_id), false)
           AS is_same_owner
  FROM pg_temp.title_said AS w JOIN pg_temp.open_title AS o USING (title_id)
  LEFT JOIN body ON body.spelling = {{mine}}
  LEFT JOIN body AS known ON known.spelling = {{theirs}}
)
UPDATE pg_temp.title_said AS w
SET is_older = c.is_older, known_on = c.known_on, is_seen = c.is_seen,
    is_same_owner = coalesce(c.is_same_owner, false),
    is_passed = c.is_later AND NOT c.is_new_owner AND c.is_same_owner IS FALSE
FROM compared AS c WHERE c.title_id = w.title_id
"""

_TELL_OLDER: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original, params)
SELECT w.owner_row, 'owner_name',
       CASE WHEN w.is_seen THEN 'title.older' ELSE 'title.elsewhere' END,
       CASE WHEN w.is_seen THEN o.owner_name END, w.owner_name,
       CASE WHEN w.is_seen THEN jsonb_build_object('day', w.known_on::text) END
FROM pg_temp.title_said AS w JOIN pg_temp.open_title AS o USING (title_id)
WHERE w.is_older AND NOT w.is_same_owner AND o.owner_name IS NOT NULL
UNION ALL
SELECT w.issued_row, 'certificate_on',
       CASE WHEN w.is_seen THEN 'title.older' ELSE 'title.elsewhere' END,
       CASE WHEN w.is_seen THEN o.issued_on::text END, w.issued_on::text,
       CASE WHEN w.is_seen THEN jsonb_build_object('day', w.known_on::text) END
FROM pg_temp.title_said AS w JOIN pg_temp.open_title AS o USING (title_id)
WHERE w.is_older AND o.issued_on <> w.issued_on;
UPDATE pg_temp.title_said AS w
SET owner_name = coalesce(o.owner_name, w.owner_name),
    issued_on = coalesce(o.issued_on, w.issued_on), is_same_owner = o.owner_name IS NOT NULL
FROM pg_temp.open_title AS o
WHERE o.title_id = w.title_id AND w.is_older
"""

# Whoever owns the certificate now owns it for every place that it covers.
_NEXT_OWNER: Final = """
UPDATE pg_temp.title_said SET former_id = title_id WHERE is_passed;
UPDATE pg_temp.title_said
SET title_id = nextval(pg_get_serial_sequence('place.title', 'title_id')) WHERE is_passed;
UPDATE place.title AS t SET valid_to = w.stated_on
FROM pg_temp.title_said AS w WHERE w.former_id = t.title_id;
INSERT INTO place.title (title_id, number, state, kind, owner_name, issued_on, valid_from,
                         stated_on, rights_cell)
SELECT w.title_id, t.number, t.state, t.kind, w.owner_name, coalesce(w.issued_on, t.issued_on),
       w.stated_on, w.stated_on, t.rights_cell
FROM pg_temp.title_said AS w JOIN place.title AS t ON t.title_id = w.former_id;
INSERT INTO place.title_place (title_id, place_id, share_kind, area_m2, rights_cell)
SELECT w.title_id, k.place_id, k.share_kind, k.area_m2, k.rights_cell
FROM pg_temp.title_said AS w JOIN place.title_place AS k ON k.title_id = w.former_id;
UPDATE pg_temp.new_title AS n SET title_id = w.title_id
FROM pg_temp.title_said AS w WHERE w.former_id = n.title_id;
INSERT INTO pg_temp.changed_row SELECT row_number FROM pg_temp.title_said WHERE is_passed
"""
