"""The directory of organizations: one row, one body."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text

from etl.folding import FOLDED
from etl.merge.former import Kept, keep_periods
from etl.merge.stated import Stated, day_of_load, earlier_days
from etl.merge.units import SEPARATORS, SPELLINGS
from gis.db import run_script
from gis.organizations.then import DATED


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
    conn.execute(text(_INSERT_BODIES), values)
    # A superior may be new with this sheet.
    run_script(conn, SPELLINGS)
    run_script(conn, _PARENTS)
    conn.execute(text(_WANTED_BODIES), values)
    _keep_past(conn)
    for statement in (_UPDATE_BODIES, _FORMER_NAMES, *_ENTRIES):
        conn.execute(text(statement), values)
    run_script(
        conn,
        "DROP TABLE pg_temp.wanted_body;"
        " INSERT INTO pg_temp.stage_unit (row_number, unit_row, organization_id)"
        " SELECT row_number, row_number, organization_id FROM pg_temp.body",
    )


_MATCH_BODIES: Final = f"""
CREATE TEMP TABLE body ON COMMIT DROP AS
WITH by_number AS (
  SELECT DISTINCT ON (s.row_number) s.row_number, r.organization_id FROM pg_temp.stage AS s
  JOIN organization.organization_register AS r
    ON r.number = s.code AND (r.valid_to IS NULL OR r.valid_to = s.code_ended_on)
  -- What one row gives up does not make another row mean the body that has it till then.
  WHERE s.code_ended_on IS NOT NULL OR s.code NOT IN (
    SELECT code FROM pg_temp.stage WHERE code IS NOT NULL AND code_ended_on IS NOT NULL)
  ORDER BY s.row_number, r.valid_to NULLS LAST, r.organization_id
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
   admin_area_code, address, remark, stated_on, load_id)
SELECT b.organization_id, 'O' || b.organization_id, s.credit_code, s.name, s.short_name,
       coalesce(CASE WHEN CAST(:register AS text) IS NOT NULL THEN 'public_body' END, b.type_code),
       s.unit_type, s.admin_level, b.area, s.address, s.remark, l.stated_on, :load_id
FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
CROSS JOIN pg_temp.this_load AS l
WHERE b.is_new
"""


_STATED: Final = {
    "credit_code": "s.credit_code",
    "name": "s.name",
    "short_name": "s.short_name",
    "type_code": "CASE WHEN CAST(:register AS text) IS NULL THEN b.type_code END",
    "category_code": "s.unit_type",
    "level_code": "s.admin_level",
    "admin_area_code": "b.area",
    "parent_id": "b.parent_id",
    "address": "s.address",
    "remark": "s.remark",
}
"""Columns of a body and what the sheet says of them; null: nothing."""
_DATED: Final = ("name", *DATED)


def _same(old: str, new: str, columns: Iterable[str]) -> str:
    """SQL: two rows agree in some columns, nulls included."""
    return (
        f"({', '.join(f'{old}.{name}' for name in columns)}) IS NOT DISTINCT FROM"
        f" ({', '.join(f'{new}.{name}' for name in columns)})"
    )


_STANDS: Final = "coalesce(CAST(o.stated_days ->> '{0}' AS date), o.stated_on)"
"""SQL of the day for which a column of a body stands."""


# A blank never wipes what is known; a sheet of an earlier day than a column stands for only fills
# gaps.
_WANTED_BODIES: Final = f"""
CREATE TEMP TABLE wanted_body ON COMMIT DROP AS
SELECT DISTINCT ON (b.organization_id) b.row_number, b.organization_id, b.is_new, {
    ", ".join(
        f"CASE WHEN l.stated_on < {_STANDS.format(name)} THEN coalesce(o.{name}, {stated})"
        f" ELSE coalesce({stated}, o.{name}) END AS {name}, {stated} AS said_{name}"
        for name, stated in _STATED.items()
    )
}
FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
JOIN organization.organization AS o USING (organization_id)
CROSS JOIN pg_temp.this_load AS l
WHERE NOT b.is_linked
ORDER BY b.organization_id, b.row_number
"""


_KEPT: Final = Kept(
    "organization.organization_version", "organization.organization", "organization_id", _DATED
)
_SAID: Final = {name: Stated(f"w.said_{name}", f"w.said_{name} IS NOT NULL") for name in _STATED}
# Of a body that only a census named, its headcounts tell the day.
_SAID_OF_BODIES: Final = """
FROM pg_temp.wanted_body AS w JOIN organization.organization AS p
  ON p.organization_id = w.organization_id
LEFT JOIN (SELECT organization_id, max(counted_on) AS counted_on FROM organization.headcount
           GROUP BY organization_id) AS census ON census.organization_id = p.organization_id
WHERE NOT w.is_new"""


def _keep_past(conn: Connection) -> None:
    """Keep what the bodies were, and for which days the sheet states what they are."""
    day = day_of_load(conn)
    if day is None:
        return
    since = f"coalesce(p.stated_on, least(census.counted_on, DATE '{day}'))"
    source, days = _SAID_OF_BODIES, "p.stated_days"
    keep_periods(conn, _KEPT, day, _SAID, source=source, days=days, since=since)
    stands = ", ".join(
        f"'{name}', CASE WHEN {one.counts} AND ({newest} > '{day}') IS NOT TRUE"
        f" AND {newest} IS DISTINCT FROM DATE '{day}' OR {one.counts} AND p.{name} IS NULL"
        f" AND p.stated_on IS DISTINCT FROM DATE '{day}' THEN DATE '{day}' END"
        for name, one in _SAID.items()
        for newest in [_STANDS.format(name).replace("o.", "p.")]
    )
    dated = {name: _SAID[name] for name in _DATED}
    run_script(
        conn,
        f"""
UPDATE organization.organization AS o SET stated_days = said.days
FROM (SELECT p.organization_id, nullif(coalesce(p.stated_days, '{{}}')
        || jsonb_strip_nulls(jsonb_build_object({stands}))
        || {earlier_days(dated, day, known=days, since=since)}, '{{}}') AS days {source}) AS said
WHERE o.organization_id = said.organization_id AND o.stated_days IS DISTINCT FROM said.days""",
    )


_UPDATE_BODIES: Final = f"""
WITH changed AS (
  UPDATE organization.organization AS o
  SET {", ".join(f"{name} = w.{name}" for name in _STATED)}, load_id = :load_id
  FROM pg_temp.wanted_body AS w
  WHERE o.organization_id = w.organization_id AND NOT {_same("o", "w", _STATED)}
  RETURNING w.row_number, w.is_new
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed WHERE NOT is_new
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


# A body may have several numbers in one register, as for several seats: both stand until one is
# said to have ended. A number that ended is not begun again by a list that still carries it; one
# that another body gave up begins on the day it did.
_ENTRIES: Final = (
    "DROP TABLE IF EXISTS pg_temp.entry",
    """
    CREATE TEMP TABLE entry ON COMMIT DROP AS
    SELECT b.row_number, b.organization_id, s.code, s.name, s.address, s.remark, s.code_ended_on,
           r.organization_register_id
    FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
    LEFT JOIN LATERAL (
      SELECT k.organization_register_id FROM organization.organization_register AS k
      WHERE k.register = :register AND k.organization_id = b.organization_id AND k.number = s.code
      ORDER BY k.valid_to DESC NULLS FIRST LIMIT 1) AS r ON true
    WHERE CAST(:register AS text) IS NOT NULL AND s.code IS NOT NULL
    """,
    """
    INSERT INTO pg_temp.note (row_number, column_field, rule, params, original)
    SELECT e.row_number, 'code', 'unit.second_number',
           jsonb_build_object('other', string_agg(DISTINCT other.number, '、')), e.code
    FROM pg_temp.entry AS e JOIN (
      SELECT organization_id, number, 0 AS row_number FROM organization.organization_register
      WHERE register = :register AND valid_to IS NULL
        AND organization_register_id NOT IN (
          SELECT organization_register_id FROM pg_temp.entry
          WHERE organization_register_id IS NOT NULL AND code_ended_on IS NOT NULL)
      UNION ALL
      SELECT organization_id, code, row_number FROM pg_temp.entry
      WHERE organization_register_id IS NULL AND code_ended_on IS NULL) AS other
      ON other.organization_id = e.organization_id AND other.number <> e.code
     AND other.row_number < e.row_number
    WHERE e.organization_register_id IS NULL AND e.code_ended_on IS NULL
    GROUP BY e.row_number, e.code
    """,
    """
    WITH changed AS (
      UPDATE organization.organization_register AS r
      SET name = coalesce(e.name, r.name), address = coalesce(e.address, r.address),
          remark = coalesce(e.remark, r.remark), valid_to = coalesce(e.code_ended_on, r.valid_to)
      FROM pg_temp.entry AS e
      WHERE r.organization_register_id = e.organization_register_id
        AND (r.name, r.address, r.remark, r.valid_to) IS DISTINCT FROM
            (coalesce(e.name, r.name), coalesce(e.address, r.address),
             coalesce(e.remark, r.remark), coalesce(e.code_ended_on, r.valid_to))
      RETURNING e.row_number
    )
    INSERT INTO pg_temp.changed_row
    SELECT row_number FROM changed JOIN pg_temp.body AS b USING (row_number) WHERE NOT b.is_new
    """,
    """
    WITH added AS (
      INSERT INTO organization.organization_register
        (organization_id, register, number, name, address, remark, valid_from, valid_to)
      SELECT e.organization_id, :register, e.code, e.name, e.address, e.remark, former.ended_on,
             e.code_ended_on
      FROM pg_temp.entry AS e
      LEFT JOIN (SELECT number, max(valid_to) AS ended_on
                 FROM organization.organization_register WHERE register = :register
                 GROUP BY number) AS former ON former.number = e.code AND e.code_ended_on IS NULL
      WHERE e.organization_register_id IS NULL
      ON CONFLICT DO NOTHING
      RETURNING organization_id, number
    )
    INSERT INTO pg_temp.changed_row
    SELECT b.row_number FROM added JOIN pg_temp.entry AS e
      ON e.organization_id = added.organization_id AND e.code = added.number
    JOIN pg_temp.body AS b ON b.row_number = e.row_number WHERE NOT b.is_new
    """,
    """
    INSERT INTO pg_temp.note (row_number, column_field, rule, params, original)
    SELECT e.row_number, 'code', 'unit.number_ended',
           jsonb_build_object('ended_on', r.valid_to::text), e.code
    FROM pg_temp.entry AS e JOIN organization.organization_register AS r
      USING (organization_register_id)
    WHERE r.valid_to IS NOT NULL AND e.code_ended_on IS NULL
    """,
)


_PARENTS: Final = f"""
ALTER TABLE pg_temp.body ADD COLUMN parent_id bigint;
WITH named AS (
  SELECT DISTINCT ON (b.row_number) b.row_number, k.organization_id AS parent_id
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  JOIN pg_temp.spelling AS k ON k.spelling = {FOLDED.format("s.parent_name")}
   AND k.organization_id <> b.organization_id
  ORDER BY b.row_number, (k.admin_area_code IS NOT DISTINCT FROM b.area) DESC, k.rank,
           k.organization_id
)
UPDATE pg_temp.body AS b SET parent_id = named.parent_id
FROM named WHERE named.row_number = b.row_number;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, 'parent_name', 'parent.not_found', NULL, s.parent_name
FROM pg_temp.stage AS s JOIN pg_temp.body AS b USING (row_number)
WHERE s.parent_name IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_temp.spelling AS k
                  WHERE k.spelling = {FOLDED.format("s.parent_name")});
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT s.row_number, 'linked_name', 'unit.linked_not_found', s.linked_name
FROM pg_temp.stage AS s JOIN pg_temp.body AS b USING (row_number)
WHERE s.linked_name IS NOT NULL AND b.is_new;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, 'linked_credit_code',
       CASE WHEN b.is_new THEN 'unit.linked_not_found' ELSE 'unit.other_code' END,
       o.credit_code, s.linked_credit_code
FROM pg_temp.stage AS s JOIN pg_temp.body AS b USING (row_number)
LEFT JOIN organization.organization AS o USING (organization_id)
WHERE s.linked_credit_code IS DISTINCT FROM o.credit_code AND s.linked_credit_code IS NOT NULL;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, 'linked_name', 'unit.linked_differs', o.name, s.linked_name
FROM pg_temp.stage AS s JOIN pg_temp.body AS b USING (row_number)
JOIN organization.organization AS o USING (organization_id)
WHERE s.linked_name IS NOT NULL AND b.is_linked
  AND NOT EXISTS (SELECT FROM pg_temp.spelling AS k
                  WHERE k.spelling = {FOLDED.format("s.linked_name")}
                    AND k.organization_id = b.organization_id);
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, 'parent_name', 'unit.other_parent', above.name, s.parent_name
FROM pg_temp.stage AS s JOIN pg_temp.body AS b USING (row_number)
JOIN organization.organization AS o USING (organization_id)
LEFT JOIN organization.organization AS above ON above.organization_id = o.parent_id
WHERE b.parent_id IS NOT NULL AND b.is_linked AND o.parent_id IS DISTINCT FROM b.parent_id;
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT s.row_number, 'division_code', 'area.unknown_code', s.division_code
FROM pg_temp.stage AS s JOIN pg_temp.body AS b USING (row_number)
WHERE s.division_code IS NOT NULL AND b.area IS NULL
  AND EXISTS (SELECT FROM place.admin_area);
"""
