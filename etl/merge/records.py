"""Rows that are no places: records of a domain's own table, found again or added."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from sqlalchemy import Connection, Table, text

from assets.domain import ColumnContract, RecordRule
from etl.folding import FOLDED
from etl.merge.stated import day_of_load
from etl.merge.units import SPELLINGS
from etl.staging import stored_columns
from gis.db import run_script
from gis.tables import metadata


def merge_records(
    conn: Connection, contract: ColumnContract, rule: RecordRule, load_id: int
) -> str:
    """Bring the staged rows into the rule's table; a blank never wipes what is known.

    A file of an earlier day than a column stands for fills gaps; what it says otherwise is told by
    its cell. Our own code finds a record first, then what the rule says tells records apart. Rows
    that fit several records, and several rows that fit one, wait.

    Returns:
        SQL for `row_number, is_new` of the rows that went in.
    """
    table = metadata.tables[rule.table]
    stored = stored_columns(contract, "record")
    run_script(conn, SPELLINGS)
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.record, pg_temp.known_record")
    run_script(conn, _rows_sql(table, rule))
    for column, name in rule.bodies.items():
        run_script(conn, _BODY.format(column=column, name=stored[name]))
    run_script(conn, _match_sql(table, rule, stored))
    run_script(conn, _HOLD)
    if (day := day_of_load(conn)) is not None:
        for statement in (*_keep_later(contract, table, day), _days_sql(table, stored, day)):
            run_script(conn, statement)
    for column, name in rule.bodies.items():
        run_script(conn, _NO_BODY.format(column=column, name=stored[name]))
        run_script(conn, _note_sql(contract, column, f"record.{name}"))
    run_script(conn, _settle_sql(rule))
    values = {"load_id": load_id}
    conn.execute(text(_insert_sql(table, rule, stored)), values)
    conn.execute(text(_update_sql(table, rule, stored)), values)
    return "SELECT row_number, is_new FROM pg_temp.record"


def _key(table: Table) -> str:
    return str(table.primary_key.columns.values()[0].name)


def _rows_sql(table: Table, rule: RecordRule) -> str:
    """`record`: per row its area, and its key where it carries our code."""
    bodies = "".join(f", NULL::bigint AS {column}" for column in rule.bodies)
    return f"""
CREATE TEMP TABLE record ON COMMIT DROP AS
SELECT s.row_number, found.{_key(table)} AS old_id, 1::bigint AS records,
       found.code IS NULL AS is_new, area.code AS admin_area_code,
       l.stated_on, NULL::bigint AS id, NULL::integer AS rights_cell{bodies}
FROM pg_temp.stage AS s CROSS JOIN pg_temp.this_load AS l
LEFT JOIN place.admin_area AS area ON area.code = l.stated_area
LEFT JOIN {rule.table} AS found ON found.code = s.own_place_code
WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)
"""


def _match_sql(table: Table, rule: RecordRule, stored: dict[str, str]) -> str:
    """The keys of rows without our code; of several records that fit, how many.

    What is compared is folded once a record and looked up by an index, never once a row. A body
    that the directory has on both sides must be the same one, else the names as written; what
    leaves the body open fits where no record of the very body does.
    """
    known = _folded("r", rule.same_by)
    said = _folded(None, tuple(stored[name] for name in rule.same_by))
    body, named, stated = "NULL::bigint", "NULL::text", "NULL::text"
    if rule.within is not None:
        written = rule.bodies[rule.within]
        body, named = f"r.{rule.within}", FOLDED.format(f"r.{written}")
        stated = FOLDED.format(stored[written])
    mine = f"o.{rule.within}" if rule.within is not None else "NULL::bigint"
    return f"""
CREATE TEMP TABLE known_record ON COMMIT DROP AS
SELECT r.{_key(table)} AS id, {known} AS said, r.admin_area_code, {body} AS body, {named} AS named
FROM {rule.table} AS r;
CREATE INDEX ON pg_temp.known_record (said);
ANALYZE pg_temp.known_record;
UPDATE pg_temp.record AS r SET old_id = alike.id, records = alike.records, is_new = false
FROM (
  SELECT row_number, min(id) AS id, count(*) AS records FROM (
    SELECT o.row_number, k.id, is_sure, bool_or(is_sure) OVER (PARTITION BY o.row_number) AS is_any
    FROM pg_temp.record AS o JOIN pg_temp.stage AS s USING (row_number)
    JOIN pg_temp.known_record AS k ON k.said = {said}
    CROSS JOIN LATERAL (SELECT coalesce({mine} = k.body, {stated} = k.named) AS is_sure) AS told
    WHERE o.is_new AND is_sure IS NOT FALSE
      AND (k.admin_area_code IS NULL OR o.admin_area_code IS NULL
           OR k.admin_area_code = o.admin_area_code)
  ) AS fits WHERE is_sure OR is_any IS NOT TRUE GROUP BY row_number
) AS alike WHERE alike.row_number = r.row_number
"""


def _folded(alias: str | None, names: tuple[str, ...]) -> str:
    """SQL of what tells records apart, as one text."""
    pieces = (FOLDED.format(name if alias is None else f"{alias}.{name}") for name in names)
    return "concat_ws(chr(31), " + ", ".join(f"coalesce({one}, '')" for one in pieces) + ")"


_AREA: Final = "admin_area_code"
_STANDS: Final = "coalesce(CAST(old.stated_days ->> '{0}' AS date), old.stated_on)"
"""SQL of the day for which a column of a record stands; null: no file has said one."""


def _keep_later(contract: ColumnContract, table: Table, day: date) -> Iterator[str]:
    """SQL that blanks what is known for a later day than the file's, and notes what differs."""
    known = f"pg_temp.record AS r JOIN {table.fullname} AS old ON old.{_key(table)} = r.old_id"
    for column in contract.columns:
        stem, _dot, name = (column.stores or "").partition(".")
        if stem != "record":
            continue
        cell = f'CAST(s."{column.field}" AS {table.columns[name].type})'
        is_later = f"DATE '{day}' < {_STANDS.format(name)} AND old.{name} IS NOT NULL"
        yield f"""
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, '{column.field}', 'merge.kept_known', old.{name}::text, {cell}::text
FROM {known} JOIN pg_temp.stage AS s ON s.row_number = r.row_number
WHERE {is_later} AND s."{column.field}" IS NOT NULL AND old.{name} IS DISTINCT FROM {cell};
UPDATE pg_temp.stage AS s SET "{column.field}" = NULL
FROM {known} WHERE s.row_number = r.row_number AND {is_later}"""
    yield f"""
UPDATE pg_temp.record AS kept SET {_AREA} = NULL FROM {known}
WHERE kept.row_number = r.row_number
  AND DATE '{day}' < {_STANDS.format(_AREA)} AND old.{_AREA} IS NOT NULL"""


def _days_sql(table: Table, stored: dict[str, str], day: date) -> str:
    """SQL that writes down for which day columns stand, before they and `stated_on` change.

    As printed in our own report, a value says nothing.
    """
    said = _stored_sql(table, stored) | {_AREA: f"r.{_AREA}"}
    stood = ", ".join(
        f"'{name}', CASE WHEN DATE '{day}' < old.stated_on AND old.{name} IS NOT NULL"
        " AND s.own_place_code IS NULL THEN old.stated_on END"
        for name in said
    )
    stands = ", ".join(
        f"'{name}', CASE WHEN {sql} IS NOT NULL"
        f" AND (s.own_place_code IS NULL OR old.{name} IS DISTINCT FROM {sql})"
        f" AND DATE '{day}' IS DISTINCT FROM {_STANDS.format(name)} THEN DATE '{day}' END"
        for name, sql in said.items()
    )
    return f"""
UPDATE {table.fullname} AS t SET stated_days = said.days
FROM (
  SELECT r.old_id, nullif(jsonb_strip_nulls(jsonb_build_object({stood}))
    || coalesce(old.stated_days, '{{}}')
    || jsonb_strip_nulls(jsonb_build_object({stands})), '{{}}') AS days
  FROM pg_temp.record AS r JOIN pg_temp.stage AS s USING (row_number)
  JOIN {table.fullname} AS old ON old.{_key(table)} = r.old_id
) AS said WHERE t.{_key(table)} = said.old_id AND t.stated_days IS DISTINCT FROM said.days"""


_HOLD: Final = """
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number, 'record.ambiguous', 'question' FROM (
  SELECT row_number, records,
         count(*) OVER (PARTITION BY old_id) AS rows, old_id FROM pg_temp.record) AS r
WHERE records > 1 OR (old_id IS NOT NULL AND rows > 1);
DELETE FROM pg_temp.record AS r USING pg_temp.held AS h WHERE h.row_number = r.row_number;
"""


# By the name in force, former names, short forms; of several bodies of one name, the one in the
# area. Where that leaves more than one, none.
_BODY: Final = f"""
UPDATE pg_temp.record AS r SET {{column}} = named.organization_id
FROM pg_temp.stage AS s CROSS JOIN LATERAL (
  SELECT organization_id FROM (
    SELECT k.organization_id,
           rank() OVER (ORDER BY k.admin_area_code IS NOT DISTINCT FROM near.area DESC, k.rank)
             AS place,
           count(*) OVER (PARTITION BY k.admin_area_code IS NOT DISTINCT FROM near.area, k.rank)
             AS alike
    FROM pg_temp.spelling AS k,
         (SELECT o.admin_area_code AS area FROM pg_temp.record AS o
          WHERE o.row_number = s.row_number) AS near
    WHERE k.spelling = {FOLDED.format("{name}")}
  ) AS candidate WHERE place = 1 AND alike = 1
) AS named
WHERE s.row_number = r.row_number
"""
# A name that yields to what is known says nothing of the body either.
_NO_BODY: Final = """
UPDATE pg_temp.record AS r SET {column} = NULL
FROM pg_temp.stage AS s
WHERE s.row_number = r.row_number AND {name} IS NULL AND r.{column} IS NOT NULL
"""


def _note_sql(contract: ColumnContract, column: str, stores: str) -> str:
    """A name that no body of the directory bears is kept as written, and listed."""
    field = next(one.field for one in contract.columns if one.stores == stores)
    return f"""
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT s.row_number, '{field}', 'unit.not_in_directory', s."{field}"
FROM pg_temp.record AS r JOIN pg_temp.stage AS s USING (row_number)
WHERE s."{field}" IS NOT NULL AND r.{column} IS NULL
"""


def _settle_sql(rule: RecordRule) -> str:
    """Keys of new records and everybody's cell: its first known body, its area, no class."""
    table = metadata.tables[rule.table]
    key = _key(table)
    kept = ", ".join(f"{one} = coalesce(r.{one}, old.{one})" for one in rule.bodies)
    holder = "coalesce(" + ", ".join(f"r.{one}" for one in rule.bodies) + ")"
    of_place = _OF_PLACE.format(table=rule.table, key=key) if rule.is_of_place else ""
    return f"""
UPDATE pg_temp.record AS r SET {kept},
  admin_area_code = coalesce(r.admin_area_code, old.admin_area_code)
FROM {rule.table} AS old WHERE old.{key} = r.old_id;
UPDATE pg_temp.record AS r SET
  admin_area_code = coalesce(r.admin_area_code, (
    SELECT CASE WHEN o.level_code = a.level THEN a.code
                WHEN o.level_code = 'city' THEN a.parent_code ELSE a.code END
    FROM organization.organization AS o JOIN place.admin_area AS a ON a.code = o.admin_area_code
    WHERE o.organization_id = {holder})),
  id = old_id;
-- In the order of the sheet, which is the order reports list them in.
UPDATE pg_temp.record AS r SET id = numbered.id
FROM (SELECT row_number, nextval(pg_get_serial_sequence('{rule.table}', '{key}')) AS id
      FROM (SELECT row_number FROM pg_temp.record WHERE is_new ORDER BY row_number) AS new
     ) AS numbered
WHERE numbered.row_number = r.row_number;
UPDATE pg_temp.record AS r SET rights_cell = c.cell
FROM (SELECT array_agg(holder) AS holders, array_agg(admin_area_code) AS areas,
             array_agg(0::smallint) AS classes
      FROM (SELECT DISTINCT {holder} AS holder, admin_area_code FROM pg_temp.record AS r) AS d
     ) AS every, rights.cells_for(every.holders, every.areas, every.classes) AS c
WHERE coalesce(c.organization_id, 0) = coalesce({holder}, 0)
  AND coalesce(c.admin_area_code, '') = coalesce(r.admin_area_code, '');
{of_place}"""


_OF_PLACE: Final = """
UPDATE pg_temp.record AS r SET rights_cell = old.rights_cell
FROM {table} AS old WHERE old.{key} = r.old_id AND old.place_id IS NOT NULL;
"""


def _stored_sql(table: Table, stored: dict[str, str]) -> dict[str, str]:
    """Values in the types of their columns, so that what is compared is what is kept."""
    return {name: f"CAST({sql} AS {table.columns[name].type})" for name, sql in stored.items()}


def _insert_sql(table: Table, rule: RecordRule, stored: dict[str, str]) -> str:
    kept = _stored_sql(table, stored)
    own = ["admin_area_code", "stated_on", "rights_cell", *rule.bodies]
    return f"""
INSERT INTO {rule.table} ({_key(table)}, code, load_id, {", ".join((*own, *kept))})
SELECT r.id, coalesce(r.admin_area_code, '000000') || '-{rule.code_letter}'
         || lpad(r.id::text, greatest(6, length(r.id::text)), '0'),
       :load_id, {", ".join(f"r.{name}" for name in own)}, {", ".join(kept.values())}
FROM pg_temp.record AS r JOIN pg_temp.stage AS s USING (row_number) WHERE r.is_new
"""


def _update_sql(table: Table, rule: RecordRule, stored: dict[str, str]) -> str:
    key = _key(table)
    wanted = {
        name: f"coalesce({sql}, old.{name})" for name, sql in _stored_sql(table, stored).items()
    }
    wanted |= {name: f"r.{name}" for name in ("admin_area_code", "rights_cell", *rule.bodies)}
    # It was there from the first day for which any file states it.
    wanted["stated_on"] = (
        "CASE WHEN old.stated_on IS NULL OR s.own_place_code IS NOT NULL THEN old.stated_on"
        " ELSE least(old.stated_on, r.stated_on) END"
    )
    return f"""
WITH wanted AS (
  SELECT r.row_number, r.id, {", ".join(f"{sql} AS {name}" for name, sql in wanted.items())}
  FROM pg_temp.record AS r JOIN pg_temp.stage AS s USING (row_number)
  JOIN {rule.table} AS old ON old.{key} = r.old_id
),
changed AS (
  UPDATE {rule.table} AS t
  SET load_id = :load_id, {", ".join(f"{name} = w.{name}" for name in wanted)}
  FROM wanted AS w
  WHERE t.{key} = w.id AND ({", ".join(f"t.{name}" for name in wanted)})
        IS DISTINCT FROM ({", ".join(f"w.{name}" for name in wanted)})
  RETURNING w.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
"""
