"""Posts of bodies, with their rank, who holds them, and which of them are one person's."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract
from etl.merge.units import resolve_units
from gis.db import run_script
from gis.organizations.persons import OPAQUE, TELLING


def merge_posts(conn: Connection, contract: ColumnContract) -> str:
    """Bring a list of posts into the register; rows of bodies nobody knows wait.

    A row by which a post would end before it begins is rejected, by the days known before too.
    A post is known by body, title and rank; of several alike the one with the row's number of a
    person or its holder, else in the order of the list. A post whose end is known is over: whoever
    follows, and who comes back on that day or later, gets a post of their own; a row that names
    nobody, or has a name for nobody's, is of it where it states the same end. A blank never wipes
    what is known, but the number of a person goes with who it is. A new holder begins on the stated
    day; a former one is not kept: who held a post is personal data. A number that tells who
    somebody is, is not kept either, and not repeated where that is said.

    Returns:
        SQL for `row_number, is_new` of the rows that went in.
    """
    resolve_units(conn, contract, may_create=False)
    run_script(conn, _MATCH)
    for statement in (_HOLD, _HOLD_BACKWARDS, _CELLS, _CHANGE, _ADD, _NAMES_DIFFER):
        conn.execute(text(statement))
    return "SELECT row_number, is_new FROM pg_temp.post_row"


_MATCH: Final = f"""
DROP TABLE IF EXISTS pg_temp.post_row;
CREATE TEMP TABLE post_row ON COMMIT DROP AS
WITH mine AS (
  SELECT s.row_number, u.organization_id, o.admin_area_code, s.post_title AS title,
         s.post_rank AS rank_code, s.holder_name, s.appointed_on, s.left_on, s.remark,
         CASE WHEN s.person_key ~ '{OPAQUE}' AND s.person_key !~ '{TELLING}'
              THEN s.person_key END AS person_key
  FROM pg_temp.stage AS s
  LEFT JOIN pg_temp.stage_steward AS u USING (row_number)
  LEFT JOIN organization.organization AS o USING (organization_id)
),
by_person AS (
  SELECT DISTINCT ON (mine.row_number) mine.row_number, p.post_id
  FROM mine JOIN organization.post AS p
    ON p.organization_id = mine.organization_id AND p.title = mine.title
   AND p.rank_code IS NOT DISTINCT FROM mine.rank_code
   AND (p.person_key = mine.person_key OR p.holder_name = mine.holder_name
        AND (p.person_key = mine.person_key) IS NOT FALSE)
   AND (mine.appointed_on >= p.valid_to) IS NOT TRUE
  ORDER BY mine.row_number, (p.person_key = mine.person_key) DESC NULLS LAST,
           p.valid_to IS NOT DISTINCT FROM mine.left_on DESC, p.valid_to IS NULL DESC, p.post_id
),
by_end AS (
  SELECT m.row_number, p.post_id
  FROM (SELECT mine.*, row_number() OVER (PARTITION BY organization_id, title, rank_code, left_on
                                          ORDER BY row_number) AS nth
        FROM mine WHERE left_on IS NOT NULL
          AND row_number NOT IN (SELECT row_number FROM by_person)) AS m
  JOIN (SELECT p.*, row_number() OVER (PARTITION BY organization_id, title, rank_code, valid_to
                                       ORDER BY post_id) AS nth
        FROM organization.post AS p WHERE valid_to IS NOT NULL
          AND post_id NOT IN (SELECT post_id FROM by_person)) AS p
    ON p.organization_id = m.organization_id AND p.title = m.title AND p.nth = m.nth
   AND p.rank_code IS NOT DISTINCT FROM m.rank_code AND p.valid_to = m.left_on
   AND (m.appointed_on >= p.valid_to) IS NOT TRUE
   AND (m.holder_name IS NULL OR p.holder_name IS NULL)
   AND (m.person_key IS NULL OR p.person_key IS NULL)
),
by_order AS (
  SELECT m.row_number, p.post_id
  FROM (SELECT mine.*, row_number() OVER (PARTITION BY organization_id, title, rank_code
                                          ORDER BY row_number) AS nth
        FROM mine WHERE row_number NOT IN (SELECT row_number FROM by_person)
          AND row_number NOT IN (SELECT row_number FROM by_end)) AS m
  JOIN (SELECT p.*, row_number() OVER (PARTITION BY organization_id, title, rank_code
                                       ORDER BY post_id) AS nth
        FROM organization.post AS p WHERE valid_to IS NULL
          AND post_id NOT IN (SELECT post_id FROM by_person)) AS p
    ON p.organization_id = m.organization_id AND p.title = m.title AND p.nth = m.nth
   AND p.rank_code IS NOT DISTINCT FROM m.rank_code
)
SELECT mine.*, coalesce(n.post_id, e.post_id, k.post_id) AS post_id,
       coalesce(n.post_id, e.post_id, k.post_id) IS NULL AS is_new, NULL::integer AS rights_cell
FROM mine LEFT JOIN by_person AS n USING (row_number) LEFT JOIN by_end AS e USING (row_number)
  LEFT JOIN by_order AS k USING (row_number);
INSERT INTO pg_temp.note (row_number, column_field, rule)
SELECT s.row_number, 'person_key', 'person.number_unfit'
FROM pg_temp.stage AS s JOIN pg_temp.post_row AS r USING (row_number)
WHERE s.person_key IS NOT NULL AND r.person_key IS NULL;
"""

_HOLD: Final = """
WITH unknown AS (
  DELETE FROM pg_temp.post_row WHERE organization_id IS NULL RETURNING row_number
)
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number, 'unit.not_in_directory', 'question' FROM unknown
"""

# With what is known of the other day: a post of which only the end is stated began before.
_HOLD_BACKWARDS: Final = """
WITH backwards AS (
  DELETE FROM pg_temp.post_row AS r USING (
    SELECT mine.row_number
    FROM pg_temp.post_row AS mine LEFT JOIN organization.post AS p USING (post_id)
    WHERE coalesce(mine.appointed_on, p.valid_from) >= coalesce(mine.left_on, p.valid_to)
  ) AS bad
  WHERE r.row_number = bad.row_number RETURNING r.row_number
)
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number, 'post.days_backwards', 'reject' FROM backwards
"""

_CELLS: Final = """
UPDATE pg_temp.post_row AS r SET rights_cell = c.cell
FROM (SELECT array_agg(organization_id) AS bodies, array_agg(admin_area_code) AS areas,
             array_agg(0::smallint) AS classes
      FROM (SELECT DISTINCT organization_id, admin_area_code FROM pg_temp.post_row) AS d
     ) AS every, rights.cells_for(every.bodies, every.areas, every.classes) AS c
WHERE c.organization_id = r.organization_id
  AND c.admin_area_code IS NOT DISTINCT FROM r.admin_area_code
"""

# Of another holder the number is another, though nobody has said it yet.
_PERSON: Final = """CASE WHEN r.person_key IS NOT NULL THEN r.person_key
       WHEN r.holder_name <> p.holder_name THEN NULL ELSE p.person_key END"""
_CHANGE: Final = f"""
WITH changed AS (
  UPDATE organization.post AS p
  SET holder_name = coalesce(r.holder_name, p.holder_name), person_key = {_PERSON},
      valid_from = coalesce(r.appointed_on, p.valid_from),
      valid_to = coalesce(r.left_on, p.valid_to), remark = coalesce(r.remark, p.remark)
  FROM pg_temp.post_row AS r
  WHERE r.post_id = p.post_id
    AND (p.holder_name, p.person_key, p.valid_from, p.valid_to, p.remark) IS DISTINCT FROM
        (coalesce(r.holder_name, p.holder_name), {_PERSON}, coalesce(r.appointed_on, p.valid_from),
         coalesce(r.left_on, p.valid_to), coalesce(r.remark, p.remark))
  RETURNING r.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
"""

_ADD: Final = """
INSERT INTO organization.post
  (organization_id, title, rank_code, holder_name, person_key, valid_from, valid_to, remark,
   rights_cell)
SELECT organization_id, title, rank_code, holder_name, person_key, appointed_on, left_on, remark,
  rights_cell
FROM pg_temp.post_row WHERE is_new ORDER BY row_number
"""

# Two people would be taken for one, and for somebody with two offices. Of what the account sees.
_NAMES_DIFFER: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT r.row_number, 'person_key', 'person.names_differ', r.person_key
FROM pg_temp.post_row AS r
WHERE r.person_key IS NOT NULL AND r.holder_name IS NOT NULL AND EXISTS (
  SELECT FROM organization.post AS p
  WHERE p.person_key = r.person_key AND p.holder_name <> r.holder_name
    AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells)))
"""
