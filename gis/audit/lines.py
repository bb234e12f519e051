"""Digests of lines of history, in SQL, and the record of lines that a rule removes."""

from typing import Final

from sqlalchemy import Connection, MetaData, Table

from gis.db import run_script
from gis.history import (
    META_COLUMNS,
    SCHEMA,
    add_history_tables,
    digest_sql,
    history_name,
    kept_tables,
)

_PLAIN_TEXT: Final = (
    ("timezone", "'UTC'"),
    ("datestyle", "'ISO, YMD'"),
    ("intervalstyle", "'iso_8601'"),
    ("bytea_output", "'hex'"),
    ("extra_float_digits", "1"),
)
"""How values are written out; a line has one digest, whoever asks."""


def history_tables(metadata: MetaData) -> list[Table]:
    """The tables that keep the past, what was removed from it, and who took data away, by name."""
    add_history_tables(metadata)
    found = [
        table
        for table in metadata.tables.values()
        if table.schema == SCHEMA and "history_transaction_id" in table.columns
    ]
    return sorted(found, key=lambda table: table.name)


def write_plainly(conn: Connection) -> None:
    """Make values read the same in this transaction as in every other one of this module."""
    run_script(conn, "; ".join(f"SET LOCAL {name} = {value}" for name, value in _PLAIN_TEXT))


def line_digest_sql(table: Table, alias: str) -> str:
    """SQL for the digest of a line of history, under `write_plainly`.

    Columns by name, those without a value left out: one that a later version adds changes nothing.
    """
    parts = ", ".join(
        f"'{column.name}=' || pg_catalog.quote_literal({alias}.\"{column.name}\"::text)"
        for column in sorted(table.columns, key=lambda column: column.name)
    )
    return f"pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(',', {parts}), 'UTF8'))"


def erasure_ddl(table: Table) -> list[str]:
    """Statements that (re-)create the record of what is removed from a table of history."""
    settings = " ".join(f"SET {name} = {value}" for name, value in _PLAIN_TEXT)
    function = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.erased_{table.name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog {settings} AS $function$
{erasing_body(table)}
$function$"""
    triggers = [
        f"CREATE OR REPLACE TRIGGER erased_{event} AFTER {event.upper()} ON {table.fullname}"
        f" REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.erased_{table.name}()"
        for event, rows in (
            ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("delete", "OLD TABLE AS old_rows"),
        )
    ]
    return [function, *triggers]


def erasing_body(table: Table) -> str:
    """What the trigger of `erasure_ddl` does."""

    def note(after: str, source: str) -> str:
        return (
            "INSERT INTO history.erasure (table_name, line_id, line_transaction_id, digest_before,"
            " digest_after, history_transaction_id, history_at, history_account_id)\n"
            f"    SELECT '{table.name}', o.history_id, o.history_transaction_id,"
            f" {line_digest_sql(table, 'o')}, {after},"
            " pg_current_xact_id()::text::bigint, now(), rights.current_account_id()\n"
            f"    FROM {source}\n    WHERE {line_digest_sql(table, 'o')} IS DISTINCT FROM {after};"
        )

    return f"""BEGIN
  IF TG_OP = 'DELETE' THEN
    {note("NULL", "old_rows AS o")}
  ELSE
    {note(line_digest_sql(table, "n"), "old_rows AS o JOIN new_rows AS n USING (history_id)")}
  END IF;
  RETURN NULL;
END"""


def audit_ddl(metadata: MetaData) -> list[str]:
    """Statements that (re-)create what seals rest on, once the triggers of history stand.

    Rows that a revision brought along have no line, for nothing is recorded before it has run:
    each is given one, as it was found.
    """
    return [
        *(statement for table in history_tables(metadata) for statement in erasure_ddl(table)),
        *(found_sql(table) for table in kept_tables(metadata)),
        _SEALED_HEAD,
        _NOTE_ACCESS,
    ]


_SEALED_HEAD: Final = """
-- What reports print: by it a chain that was cut or made anew later is found.
CREATE OR REPLACE FUNCTION history.sealed_head(
  OUT seal_id int, OUT sealed_at timestamptz, OUT mac bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT seal_id, sealed_at, mac FROM history.seal ORDER BY seal_id DESC LIMIT 1
$$"""


_NOTE_ACCESS: Final = """
-- Written in the name of whoever asks, who can neither choose another nor take it back.
CREATE OR REPLACE FUNCTION history.note_access(kind text, name text, said jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  INSERT INTO history.access
    (history_transaction_id, history_at, history_account_id, kind, name, said)
  VALUES (pg_current_xact_id()::text::bigint, now(), rights.current_account_id(), kind, name, said)
$$"""


def found_sql(table: Table, condition: str = "true") -> str:
    """A line, of an insertion by nobody, for the rows `t` of a table that have none."""
    name = history_name(table)
    key = [column.name for column in table.primary_key.columns]
    short = [c.name for c in table.columns if c.name in key or c.name == "rights_cell"]
    meta = ", ".join(META_COLUMNS[1:])
    columns = ", ".join(f'"{column}"' for column in short)
    same = " AND ".join(f'h."{column}" = t."{column}"' for column in key)
    found = ", ".join(f't."{column}"' for column in short)
    return (
        f"INSERT INTO {SCHEMA}.{name} ({meta}, {columns}) SELECT 'I',"
        f" pg_current_xact_id()::text::bigint, now(), NULL, NULL, {digest_sql(table, 't')},"
        f" {found} FROM {table.fullname} AS t"
        f" WHERE ({condition}) AND NOT EXISTS (SELECT FROM {SCHEMA}.{name} AS h WHERE {same});"
    )
