"""The directory of organizations: one row, one body."""

from typing import Final

from sqlalchemy import Connection, text

from etl.folding import FOLDED
from etl.merge.units import SEPARATORS, SPELLINGS
from gis.db import run_script


def merge_directory(conn: Connection, load_id: int, *, register: str | None) -> None:
    """The sheets of the directory of organizations: one row, one body.

    Args:
        conn: In the load's transaction.
        load_id: This load.
        register: A statutory register whose numbers the sheet carries; its rows may point at a
            body of another sheet, to which they then only add their number and headcounts.
    """
    values = {"load_id": load_id, "register": register}
    run_script(conn, SPELLINGS)
    run_script(conn, _MATCH_BODIES)
    for statement in (_INSERT_BODIES, _UPDATE_BODIES, _FORMER_NAMES, _ENTRIES):
        conn.execute(text(statement), values)
    run_script(conn, _PARENTS)
    run_script(
        conn,
        "INSERT INTO pg_temp.stage_unit (row_number, unit_row, organization_id)"
        " SELECT row_number, row_number, organization_id FROM pg_temp.body",
    )


_MATCH_BODIES: Final = f"""
CREATE TEMP TABLE body ON COMMIT DROP AS
WITH by_number AS (
  SELECT s.row_number, r.organization_id FROM pg_temp.stage AS s
  JOIN organization.organization_register AS r ON r.number = s.code
),
by_code AS (
  SELECT s.row_number, min(o.organization_id) AS organization_id FROM pg_temp.stage AS s
  JOIN organization.organization AS o
    ON o.credit_code = coalesce(s.linked_credit_code, s.credit_code)
  GROUP BY s.row_number HAVING count(*) = 1
),
by_name AS (
  SELECT s.row_number, min(k.organization_id) AS organization_id FROM pg_temp.stage AS s
  JOIN pg_temp.spelling AS k
    ON k.spelling = {FOLDED.format("coalesce(s.linked_name, s.name)")} AND k.rank = 1
   AND (k.admin_area_code IS NULL OR s.division_code IS NULL
        OR k.admin_area_code IN (s.division_code, left(s.division_code, 6)))
  GROUP BY s.row_number HAVING count(*) = 1
)
SELECT s.row_number,
       coalesce(by_number.organization_id, by_code.organization_id, by_name.organization_id,
                nextval(pg_get_serial_sequence('organization.organization', 'organization_id')))
         AS organization_id,
       coalesce(by_number.organization_id, by_code.organization_id, by_name.organization_id)
         IS NULL AS is_new,
       (s.linked_credit_code IS NOT NULL OR s.linked_name IS NOT NULL)
         AND coalesce(by_code.organization_id, by_name.organization_id, by_number.organization_id)
             IS NOT NULL AS is_linked,
       (SELECT a.code FROM place.admin_area AS a
        WHERE a.code IN (s.division_code, left(s.division_code, 6))
        ORDER BY length(a.code) DESC LIMIT 1) AS area,
       (SELECT parent_term FROM place.term
        WHERE list = 'organization_category' AND term = s.unit_type) AS type_code
FROM pg_temp.stage AS s
LEFT JOIN by_number USING (row_number)
LEFT JOIN by_code USING (row_number)
LEFT JOIN by_name USING (row_number)
WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number);
"""


_INSERT_BODIES: Final = """
INSERT INTO organization.organization
  (organization_id, code, credit_code, name, short_name, type_code, category_code, level_code,
   admin_area_code, load_id)
SELECT b.organization_id, 'O' || b.organization_id, s.credit_code, s.name, s.short_name,
       coalesce(CASE WHEN CAST(:register AS text) IS NOT NULL THEN 'public_body' END, b.type_code),
       s.unit_type, s.admin_level, b.area, :load_id
FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
WHERE b.is_new
"""


_UPDATE_BODIES: Final = """
WITH wanted AS (
  SELECT b.row_number, o.organization_id, coalesce(s.credit_code, o.credit_code) AS credit_code,
         s.name, coalesce(s.short_name, o.short_name) AS short_name,
         CASE WHEN CAST(:register AS text) IS NULL THEN coalesce(b.type_code, o.type_code)
              ELSE o.type_code END AS type_code,
         coalesce(s.unit_type, o.category_code) AS category_code,
         coalesce(s.admin_level, o.level_code) AS level_code,
         coalesce(b.area, o.admin_area_code) AS area
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  JOIN organization.organization AS o USING (organization_id)
  WHERE NOT b.is_new AND NOT b.is_linked
),
changed AS (
  UPDATE organization.organization AS o
  SET credit_code = w.credit_code, name = w.name, short_name = w.short_name,
      type_code = w.type_code, category_code = w.category_code, level_code = w.level_code,
      admin_area_code = w.area, load_id = :load_id
  FROM wanted AS w
  WHERE o.organization_id = w.organization_id
    AND (o.credit_code, o.name, o.short_name, o.type_code, o.category_code, o.level_code,
         o.admin_area_code) IS DISTINCT FROM
        (w.credit_code, w.name, w.short_name, w.type_code, w.category_code, w.level_code, w.area)
  RETURNING w.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
"""


_FORMER_NAMES: Final = f"""
WITH added AS (
  INSERT INTO organization.organization_name (organization_id, name, kind)
  SELECT DISTINCT b.organization_id, trim(former), 'official'
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  CROSS JOIN LATERAL regexp_split_to_table(s.former_names, '{SEPARATORS}') AS former
  WHERE trim(former) <> '' AND NOT b.is_linked
  ON CONFLICT (organization_id, name, kind) DO NOTHING
  RETURNING organization_id
)
INSERT INTO pg_temp.changed_row
SELECT b.row_number FROM added JOIN pg_temp.body AS b USING (organization_id) WHERE NOT b.is_new
"""


_ENTRIES: Final = """
WITH added AS (
  INSERT INTO organization.organization_register (organization_id, register, number)
  SELECT b.organization_id, :register, s.code
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  WHERE CAST(:register AS text) IS NOT NULL AND s.code IS NOT NULL
    AND NOT EXISTS (SELECT FROM organization.organization_register AS r
                    WHERE r.register = :register AND r.organization_id = b.organization_id
                      AND r.number = s.code)
  ON CONFLICT DO NOTHING
  RETURNING organization_id
)
INSERT INTO pg_temp.changed_row
SELECT b.row_number FROM added JOIN pg_temp.body AS b USING (organization_id) WHERE NOT b.is_new
"""


_PARENTS: Final = f"""
{SPELLINGS}
WITH named AS (
  SELECT DISTINCT ON (b.row_number) b.row_number, b.organization_id,
         k.organization_id AS parent_id
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  JOIN pg_temp.spelling AS k ON k.spelling = {FOLDED.format("s.parent_name")}
   AND k.organization_id <> b.organization_id
  WHERE NOT b.is_linked
  ORDER BY b.row_number, (k.admin_area_code IS NOT DISTINCT FROM b.area) DESC, k.rank,
           k.organization_id
),
changed AS (
  UPDATE organization.organization AS o SET parent_id = named.parent_id
  FROM named
  WHERE o.organization_id = named.organization_id
    AND o.parent_id IS DISTINCT FROM named.parent_id
  RETURNING named.row_number
)
INSERT INTO pg_temp.changed_row
SELECT changed.row_number FROM changed JOIN pg_temp.body AS b USING (row_number)
WHERE NOT b.is_new;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, 'parent_name', 'parent.not_found', NULL, s.parent_name
FROM pg_temp.stage AS s JOIN pg_temp.body AS b USING (row_number)
WHERE s.parent_name IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_temp.spelling AS k
                  WHERE k.spelling = {FOLDED.format("s.parent_name")});
"""
