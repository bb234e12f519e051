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
    run_script(conn, _HOLD_UNFIT)
    conn.execute(text(_FORMER_BODIES), values)
    run_script(conn, _PASSED)
    for statement in (*_SAVE_SUCCESSIONS, _RENAMED):
        conn.execute(text(statement))


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


# When one body took over from another is what the record is for: a row that states no day, in a
# file that states none, stays out, unless the register knows the day already.
_HOLD_UNFIT: Final = """
ALTER TABLE pg_temp.step ADD COLUMN happened_on date;
UPDATE pg_temp.step SET happened_on = coalesce(
  s.changed_on,
  (SELECT max(x.happened_on) FROM organization.succession AS x
   WHERE (x.from_organization_id, x.to_organization_id) = (step.from_id, step.to_id)),
  l.stated_on)
FROM pg_temp.stage AS s, pg_temp.this_load AS l WHERE s.row_number = step.row_number;
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number,
       CASE WHEN from_id = to_id THEN 'succession.itself' ELSE 'succession.no_day' END, 'reject'
FROM pg_temp.step
WHERE change_kind IS DISTINCT FROM 'replaced' AND (from_id = to_id OR happened_on IS NULL);
DELETE FROM pg_temp.step USING pg_temp.held AS h WHERE h.row_number = step.row_number;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion)
SELECT row_number, 'changed_on', 'succession.day_assumed',
       step.happened_on::text
FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
WHERE s.changed_on IS NULL AND step.change_kind IS DISTINCT FROM 'replaced'
  AND NOT EXISTS (SELECT FROM organization.succession AS x
                  WHERE (x.from_organization_id, x.to_organization_id, x.happened_on)
                        = (step.from_id, step.to_id, step.happened_on));
INSERT INTO pg_temp.note (row_number, column_field, rule)
SELECT row_number, 'change_kind', 'succession.kind_assumed'
FROM pg_temp.step WHERE change_kind IS NULL
  AND NOT EXISTS (SELECT FROM organization.succession AS x
                  WHERE (x.from_organization_id, x.to_organization_id, x.happened_on)
                        = (step.from_id, step.to_id, step.happened_on));
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT row_number, 'share', 'succession.share_unfit', trim_scale(s.share)::text
FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
WHERE s.share < 0.000001 OR s.share > 100;
"""


_FORMER_BODIES: Final = """
WITH bodies AS (
  SELECT DISTINCT ON (s.former_name) s.former_name, s.former_credit_code,
         step.happened_on AS changed_on,
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


_PASSED: Final = """
DROP TABLE IF EXISTS pg_temp.passed;
CREATE TEMP TABLE passed ON COMMIT DROP AS
SELECT DISTINCT ON (step.from_id, step.to_id, step.happened_on)
       step.row_number, step.from_id, step.to_id, step.is_new, step.change_kind, step.happened_on,
       CASE WHEN s.share < 0.000001 OR s.share > 100 THEN NULL
            WHEN s.share > 1 THEN s.share / 100 ELSE s.share END::numeric(9, 6) AS share,
       s.remark
FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
WHERE step.change_kind IS DISTINCT FROM 'replaced'
ORDER BY step.from_id, step.to_id, step.happened_on, step.row_number;
INSERT INTO pg_temp.note (row_number, rule, params)
SELECT step.row_number, 'succession.repeated', jsonb_build_object('other', p.row_number)
FROM pg_temp.step JOIN pg_temp.passed AS p
  ON (p.from_id, p.to_id, p.happened_on) = (step.from_id, step.to_id, step.happened_on)
 AND p.row_number <> step.row_number
WHERE step.change_kind IS DISTINCT FROM 'replaced';
"""


# What a row leaves blank it does not change of a known succession.
_SAVE_SUCCESSIONS: Final = (
    """
    WITH changed AS (
      UPDATE organization.succession AS x
      SET kind = coalesce(p.change_kind, x.kind), share = coalesce(p.share, x.share),
          remark = coalesce(p.remark, x.remark)
      FROM pg_temp.passed AS p
      WHERE (x.from_organization_id, x.to_organization_id, x.happened_on)
            = (p.from_id, p.to_id, p.happened_on)
        AND (x.kind, x.share, x.remark) IS DISTINCT FROM
            (coalesce(p.change_kind, x.kind), coalesce(p.share, x.share),
             coalesce(p.remark, x.remark))
      RETURNING p.row_number
    )
    INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
    """,
    """
    WITH added AS (
      INSERT INTO organization.succession
        (from_organization_id, to_organization_id, kind, share, happened_on, remark)
      SELECT from_id, to_id, coalesce(change_kind, 'merged'), share, happened_on, remark
      FROM pg_temp.passed
      ON CONFLICT (from_organization_id, to_organization_id, happened_on) DO NOTHING
      RETURNING from_organization_id, to_organization_id, happened_on
    )
    INSERT INTO pg_temp.changed_row
    SELECT p.row_number FROM added JOIN pg_temp.passed AS p
      ON (p.from_id, p.to_id, p.happened_on)
         = (added.from_organization_id, added.to_organization_id, added.happened_on)
    WHERE NOT p.is_new
    """,
)


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
    WHERE n.valid_to IS DISTINCT FROM excluded.valid_to AND excluded.valid_to IS NOT NULL
  RETURNING n.organization_id, n.name
)
INSERT INTO pg_temp.changed_row
SELECT wanted.row_number FROM added JOIN wanted USING (organization_id, name)
"""
