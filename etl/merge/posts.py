"""Posts of bodies, with their rank and who holds them."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract
from etl.merge.units import resolve_units
from gis.db import run_script


def merge_posts(conn: Connection, contract: ColumnContract) -> str:
    """Bring a list of posts into the register; rows of bodies nobody knows wait.

    A post is known by body, title and rank; of several alike the one with the row's holder, else in
    the order of the list. A blank never wipes what is known. A new holder begins on the stated day;
    a former one is not kept: who held a post is personal data.

    Returns:
        SQL for `row_number, is_new` of the rows that went in.
    """
    resolve_units(conn, contract, may_create=False)
    run_script(conn, _MATCH)
    for statement in (_HOLD, _CELLS, _CHANGE, _ADD):
        conn.execute(text(statement))
    return "SELECT row_number, is_new FROM pg_temp.post_row"


_MATCH: Final = """
DROP TABLE IF EXISTS pg_temp.post_row;
CREATE TEMP TABLE post_row ON COMMIT DROP AS
WITH mine AS (
  SELECT s.row_number, u.organization_id, o.admin_area_code, s.post_title AS title,
         s.post_rank AS rank_code, s.holder_name, s.appointed_on, s.left_on, s.remark
  FROM pg_temp.stage AS s
  LEFT JOIN pg_temp.stage_steward AS u USING (row_number)
  LEFT JOIN organization.organization AS o USING (organization_id)
),
by_name AS (
  SELECT mine.row_number, min(p.post_id) AS post_id
  FROM mine JOIN organization.post AS p
    ON p.organization_id = mine.organization_id AND p.title = mine.title
   AND p.rank_code IS NOT DISTINCT FROM mine.rank_code AND p.holder_name = mine.holder_name
  GROUP BY mine.row_number
),
by_order AS (
  SELECT m.row_number, p.post_id
  FROM (SELECT mine.*, row_number() OVER (PARTITION BY organization_id, title, rank_code
                                          ORDER BY row_number) AS nth
        FROM mine WHERE row_number NOT IN (SELECT row_number FROM by_name)) AS m
  JOIN (SELECT p.*, row_number() OVER (PARTITION BY organization_id, title, rank_code
                                       ORDER BY post_id) AS nth
        FROM organization.post AS p WHERE post_id NOT IN (SELECT post_id FROM by_name)) AS p
    ON p.organization_id = m.organization_id AND p.title = m.title AND p.nth = m.nth
   AND p.rank_code IS NOT DISTINCT FROM m.rank_code
)
SELECT mine.*, coalesce(n.post_id, k.post_id) AS post_id,
       coalesce(n.post_id, k.post_id) IS NULL AS is_new, NULL::integer AS rights_cell
FROM mine LEFT JOIN by_name AS n USING (row_number) LEFT JOIN by_order AS k USING (row_number);
"""

_HOLD: Final = """
WITH unknown AS (
  DELETE FROM pg_temp.post_row WHERE organization_id IS NULL RETURNING row_number
)
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number, 'unit.not_in_directory', 'question' FROM unknown
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

_CHANGE: Final = """
WITH changed AS (
  UPDATE organization.post AS p
  SET holder_name = coalesce(r.holder_name, p.holder_name),
      valid_from = coalesce(r.appointed_on, p.valid_from),
      valid_to = coalesce(r.left_on, p.valid_to), remark = coalesce(r.remark, p.remark)
  FROM pg_temp.post_row AS r
  WHERE r.post_id = p.post_id
    AND (p.holder_name, p.valid_from, p.valid_to, p.remark) IS DISTINCT FROM
        (coalesce(r.holder_name, p.holder_name), coalesce(r.appointed_on, p.valid_from),
         coalesce(r.left_on, p.valid_to), coalesce(r.remark, p.remark))
  RETURNING r.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
"""

_ADD: Final = """
INSERT INTO organization.post
  (organization_id, title, rank_code, holder_name, valid_from, valid_to, remark, rights_cell)
SELECT organization_id, title, rank_code, holder_name, appointed_on, left_on, remark, rights_cell
FROM pg_temp.post_row WHERE is_new ORDER BY row_number
"""
