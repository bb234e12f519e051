"""Which body took over from which."""

from typing import Final

from sqlalchemy import Connection, text

from etl.folding import FOLDED
from etl.merge.units import SPELLINGS
from gis.db import run_script


def merge_successions(conn: Connection, load_id: int) -> None:
    """Which body took over from which; a mere change of name is a former name of one body."""
    values = {"load_id": load_id}
    run_script(conn, SPELLINGS)
    run_script(conn, _MATCH_SUCCESSIONS)
    for statement in (_FORMER_BODIES, _SAVE_SUCCESSIONS, _RENAMED):
        conn.execute(text(statement), values)


_MATCH_SUCCESSIONS: Final = f"""
CREATE TEMP TABLE step ON COMMIT DROP AS
SELECT s.row_number, s.change_kind,
       coalesce(heir_code.organization_id, heir.organization_id) AS to_id,
       coalesce(old_code.organization_id, old.organization_id) AS from_id,
       coalesce(old_code.organization_id, old.organization_id) IS NULL AS is_new
FROM pg_temp.stage AS s
LEFT JOIN LATERAL (SELECT min(organization_id) AS organization_id
  FROM organization.organization AS o WHERE o.credit_code = s.successor_credit_code
  HAVING count(*) = 1) AS heir_code ON true
LEFT JOIN LATERAL (SELECT organization_id FROM pg_temp.spelling AS k
  WHERE k.spelling = {FOLDED.format("s.successor_name")} ORDER BY k.rank LIMIT 1) AS heir ON true
LEFT JOIN LATERAL (SELECT min(organization_id) AS organization_id
  FROM organization.organization AS o WHERE o.credit_code = s.former_credit_code
  HAVING count(*) = 1) AS old_code ON true
LEFT JOIN LATERAL (SELECT organization_id FROM pg_temp.spelling AS k
  WHERE k.spelling = {FOLDED.format("s.former_name")} AND k.rank = 1 LIMIT 1) AS old ON true;
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number, 'parent.unknown', 'reject' FROM pg_temp.step WHERE to_id IS NULL;
DELETE FROM pg_temp.step WHERE to_id IS NULL;
"""


_FORMER_BODIES: Final = """
WITH bodies AS (
  SELECT DISTINCT ON (s.former_name) s.former_name, s.former_credit_code, s.changed_on,
         heir.type_code, heir.category_code, heir.level_code, heir.admin_area_code
  FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
  JOIN organization.organization AS heir ON heir.organization_id = step.to_id
  WHERE step.is_new AND step.change_kind IS DISTINCT FROM 'replaced'
  ORDER BY s.former_name, s.row_number
),
added AS (
  INSERT INTO organization.organization
    (code, credit_code, name, type_code, category_code, level_code, admin_area_code, valid_to,
     load_id)
  SELECT 'O' || nextval(pg_get_serial_sequence('organization.organization', 'organization_id')),
         former_credit_code, former_name, type_code, category_code, level_code, admin_area_code,
         changed_on, :load_id
  FROM bodies
  RETURNING organization_id, name
)
UPDATE pg_temp.step SET from_id = added.organization_id
FROM added, pg_temp.stage AS s
WHERE s.row_number = step.row_number AND s.former_name = added.name AND step.is_new
"""


_SAVE_SUCCESSIONS: Final = """
WITH added AS (
  INSERT INTO organization.succession
    (from_organization_id, to_organization_id, kind, share, happened_on, remark)
  SELECT step.from_id, step.to_id, coalesce(step.change_kind, 'merged'),
         CASE WHEN s.share > 1 THEN s.share / 100 ELSE s.share END, s.changed_on, s.remark
  FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
  WHERE step.from_id <> step.to_id AND s.changed_on IS NOT NULL
    AND step.change_kind IS DISTINCT FROM 'replaced'
  ON CONFLICT (from_organization_id, to_organization_id, happened_on) DO NOTHING
  RETURNING from_organization_id, to_organization_id
)
INSERT INTO pg_temp.changed_row
SELECT step.row_number FROM added JOIN pg_temp.step
  ON (step.from_id, step.to_id) = (added.from_organization_id, added.to_organization_id)
WHERE NOT step.is_new
"""


_RENAMED: Final = """
WITH wanted AS (
  SELECT step.row_number, step.to_id AS organization_id, s.former_name AS name, s.changed_on
  FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
  WHERE step.change_kind = 'replaced'
),
added AS (
  INSERT INTO organization.organization_name AS n (organization_id, name, kind, valid_to)
  SELECT DISTINCT ON (organization_id, name) organization_id, name, 'official', changed_on
  FROM wanted
  ON CONFLICT (organization_id, name, kind) DO UPDATE SET valid_to = excluded.valid_to
    WHERE n.valid_to IS DISTINCT FROM excluded.valid_to
  RETURNING n.organization_id, n.name
)
INSERT INTO pg_temp.changed_row
SELECT wanted.row_number FROM added JOIN wanted USING (organization_id, name)
"""
