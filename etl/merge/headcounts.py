"""Headcounts of the bodies a sheet names."""

from typing import Final

from sqlalchemy import Connection, text

from gis.db import run_script


def save_headcounts(conn: Connection, *, source: str) -> None:
    """Headcounts of the bodies in `stage_unit`, as of the stated day or today.

    A body's figure counts once a load, however many properties repeat it; another one is listed.
    One that a row states goes before the sum of the parts in another row. A nought for a rank the
    body never had is no figure. A file of an earlier day than what is known says what was then: it
    leaves the newer count as it stands.
    """
    conn.execute(
        text(
            """
            CREATE TEMP TABLE IF NOT EXISTS headcount_seen (
              organization_id bigint, kind text, rank_code text, people integer,
              UNIQUE NULLS NOT DISTINCT (organization_id, kind, rank_code)) ON COMMIT DROP
            """
        )
    )
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.new_headcount")
    conn.execute(text(_NEW_HEADCOUNTS), {"source": source})
    run_script(conn, _OTHER_LEVEL)
    run_script(conn, _SAVE_HEADCOUNTS.replace(":source", f"'{source}'"))
    run_script(conn, _DIFFERS)


_NEW_HEADCOUNTS: Final = """
CREATE TEMP TABLE new_headcount ON COMMIT DROP AS
SELECT DISTINCT ON (u.organization_id, h.kind, h.rank_code)
       u.organization_id, h.kind, h.rank_code, h.people, u.row_number,
       o.admin_area_code, old.headcount_id, old.people AS old_people, old.counted_on,
       coalesce(l.stated_on, CURRENT_DATE) AS today, NULL::integer AS rights_cell
FROM pg_temp.stage_headcount AS h
JOIN pg_temp.stage_unit AS u USING (unit_row)
JOIN organization.organization AS o USING (organization_id)
JOIN pg_temp.stage AS s ON s.row_number = u.row_number
CROSS JOIN pg_temp.this_load AS l
LEFT JOIN LATERAL (
  SELECT c.headcount_id, c.people, c.counted_on FROM organization.headcount AS c
  WHERE c.organization_id = u.organization_id AND c.kind = h.kind
    AND c.rank_code IS NOT DISTINCT FROM h.rank_code AND c.source = :source
    AND c.counted_on <= coalesce(l.stated_on, CURRENT_DATE)
  ORDER BY c.counted_on DESC LIMIT 1
) AS old ON true
-- What a waiting row says of a body waits with it.
WHERE NOT EXISTS (SELECT FROM pg_temp.held AS w WHERE w.row_number = u.row_number)
  AND NOT EXISTS (SELECT FROM pg_temp.headcount_seen AS seen
  WHERE (seen.organization_id, seen.kind) = (u.organization_id, h.kind)
    AND seen.rank_code IS NOT DISTINCT FROM h.rank_code)
  -- Our own export prints the newest figure, whoever counted.
  AND NOT (s.own_place_code IS NOT NULL AND EXISTS (
    SELECT FROM organization.headcount AS c
    WHERE (c.organization_id, c.kind, c.people) = (u.organization_id, h.kind, h.people)
      AND c.rank_code IS NOT DISTINCT FROM h.rank_code))
ORDER BY u.organization_id, h.kind, h.rank_code, h.is_summed, u.unit_row
"""


# The first figure of a load is a body's; a nought beside it says that it was counted elsewhere.
_DIFFERS: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT DISTINCT u.unit_row, h.field, 'headcount.differs', seen.people::text, h.people::text
FROM pg_temp.stage_headcount AS h JOIN pg_temp.stage_unit AS u USING (unit_row)
JOIN pg_temp.stage AS s ON s.row_number = u.row_number
JOIN pg_temp.headcount_seen AS seen
  ON (seen.organization_id, seen.kind) = (u.organization_id, h.kind)
 AND seen.rank_code IS NOT DISTINCT FROM h.rank_code
WHERE h.people > 0 AND h.people <> seen.people AND NOT h.is_summed AND s.own_place_code IS NULL
  AND NOT EXISTS (SELECT FROM pg_temp.held AS w WHERE w.row_number = u.row_number)
"""


# A county office with posts of a city's rank: a form of another level was copied.
_OTHER_LEVEL: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT DISTINCT u.unit_row, 'quota.' || h.rank_code, 'headcount.rank_of_other_level',
       level.title_zh, h.people::text
FROM pg_temp.stage_headcount AS h JOIN pg_temp.stage_unit AS u USING (unit_row)
JOIN organization.organization AS o USING (organization_id)
JOIN place.term AS rank ON rank.list = 'rank' AND rank.term = h.rank_code
JOIN place.term AS level ON level.list = 'organization_level' AND level.term = o.level_code
WHERE h.people > 0 AND rank.parent_term <> o.level_code
"""


_SAVE_HEADCOUNTS: Final = """
INSERT INTO pg_temp.headcount_seen
SELECT organization_id, kind, rank_code, people FROM pg_temp.new_headcount;
-- What is said again for a later day stands for that day, as areas do.
INSERT INTO organization.headcount
  (organization_id, kind, rank_code, people, counted_on, source, rights_cell)
SELECT n.organization_id, n.kind, n.rank_code, n.people, l.stated_on, :source, c.rights_cell
FROM pg_temp.new_headcount AS n JOIN organization.headcount AS c USING (headcount_id)
CROSS JOIN pg_temp.this_load AS l
WHERE n.people = n.old_people AND c.counted_on < l.stated_on
ON CONFLICT DO NOTHING;
DELETE FROM pg_temp.new_headcount
WHERE people = old_people OR (people = 0 AND headcount_id IS NULL);
UPDATE pg_temp.new_headcount AS n SET rights_cell = c.cell
FROM (SELECT array_agg(organization_id) AS bodies, array_agg(admin_area_code) AS areas,
             array_agg(0::smallint) AS classes
      FROM (SELECT DISTINCT organization_id, admin_area_code FROM pg_temp.new_headcount) AS d
     ) AS every, rights.cells_for(every.bodies, every.areas, every.classes) AS c
WHERE c.organization_id = n.organization_id
  AND c.admin_area_code IS NOT DISTINCT FROM n.admin_area_code;
WITH changed AS (
  UPDATE organization.headcount AS c SET people = n.people
  FROM pg_temp.new_headcount AS n
  WHERE c.headcount_id = n.headcount_id AND n.counted_on = n.today
  RETURNING n.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed;
WITH added AS (
  INSERT INTO organization.headcount
    (organization_id, kind, rank_code, people, counted_on, source, rights_cell)
  SELECT organization_id, kind, rank_code, people, today, :source, rights_cell
  FROM pg_temp.new_headcount WHERE headcount_id IS NULL OR counted_on < today
  ON CONFLICT DO NOTHING
  RETURNING organization_id, kind, rank_code
)
INSERT INTO pg_temp.changed_row
SELECT n.row_number FROM added JOIN pg_temp.new_headcount AS n
  ON (n.organization_id, n.kind) = (added.organization_id, added.kind)
 AND n.rank_code IS NOT DISTINCT FROM added.rank_code;
"""
