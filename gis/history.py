"""Typed history: beside every business table one table with its former rows.

Statement triggers write it from transition tables: the old row as it stood, and the digest of the
new one. An inserted row leaves its key and digest, a deleted row its old self. That is enough to
show what changed, to reverse a load exactly, and to tell whether a row still is what the last
recorded change left. Only the owner of the tables can alter lines; that the owner did not, the
seals of `gis.audit` prove.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
)

SCHEMA: Final = "history"
IS_HISTORY_OF: Final = "history_of"
"""`info` of a history table: the full name of the table whose past it keeps."""
META_COLUMNS: Final = (
    "history_id",
    "history_operation",
    "history_transaction_id",
    "history_at",
    "history_account_id",
    "history_load_id",
    "history_digest",
)


def is_kept(table: Table) -> bool:
    """Whether a table's changes are recorded: all but those that say `history: False`."""
    return table.schema != SCHEMA and bool(table.info.get("history", True))


def kept_tables(metadata: MetaData) -> list[Table]:
    """Tables whose changes are recorded, parents before children."""
    return [table for table in metadata.sorted_tables if is_kept(table)]


def history_name(table: Table) -> str:
    """Name, within schema `history`, of the table that keeps a table's past."""
    return f"{table.schema}_{table.name}"


def add_history_tables(metadata: MetaData) -> None:
    """Adds to the metadata the history table of every kept table; a second call adds nothing."""
    for table in kept_tables(metadata):
        if f"{SCHEMA}.{history_name(table)}" not in metadata.tables:
            _history_table(metadata, table)


def _history_table(metadata: MetaData, table: Table) -> Table:
    name = history_name(table)
    key = [column.name for column in table.primary_key.columns]
    copies = [
        Column(column.name, column.type, nullable=column.name not in key)
        for column in table.columns
    ]
    return Table(
        name,
        metadata,
        Column("history_id", BigInteger, Identity(always=True), primary_key=True),
        Column("history_operation", String(1), nullable=False, comment="I, U or D"),
        Column("history_transaction_id", BigInteger, nullable=False),
        Column("history_at", DateTime(timezone=True), nullable=False),
        Column("history_account_id", BigInteger),
        Column("history_load_id", BigInteger),
        Column("history_digest", LargeBinary, comment="SHA-256 of the row after; null if deleted"),
        *copies,
        # Undo reads the lines of one load.
        Index(f"ix_{name}_load", "history_load_id"),
        # Sealing reads what the latest transactions wrote, at the end of the table; so small an
        # index costs a load nothing.
        Index(f"ix_{name}_sealing", "history_transaction_id", postgresql_using="brin"),
        # The card reads the past of one row, newest first.
        Index(f"ix_{name}_key", *key, "history_id"),
        schema=SCHEMA,
        info={"history": False, IS_HISTORY_OF: table.fullname},
        comment=f"Former rows of {table.fullname}",
    )


def digest_sql(table: Table, alias: str) -> str:
    """SQL for the digest of a row: SHA-256 of its columns in the order of the model.

    The same text must be used wherever digests are compared (undo, audit).
    """
    columns = ", ".join(f'{alias}."{column.name}"' for column in table.columns)
    return f"pg_catalog.sha256(pg_catalog.convert_to(ROW({columns})::text, 'UTF8'))"


def trigger_ddl(table: Table) -> list[str]:
    """Statements that (re-)create the recording function and triggers of a table."""
    name = history_name(table)
    key = [column.name for column in table.primary_key.columns]
    every = [column.name for column in table.columns]
    short = [c for c in every if c in key or c == "rights_cell"]
    same_row = " AND ".join(f'o."{column}" = n."{column}"' for column in key)
    meta = ", ".join(META_COLUMNS[1:])

    def write(operation: str, columns: list[str], alias: str, digest: str, source: str) -> str:
        return (
            f"INSERT INTO {SCHEMA}.{name} ({meta}, {_quoted(columns)})\n"
            f"    SELECT '{operation}', by_transaction, now(), by_account, by_load, {digest},"
            f" {_quoted(columns, alias)}\n    FROM {source};"
        )

    body = f"""
  IF TG_OP = 'INSERT' THEN
    {write("I", short, "n", digest_sql(table, "n"), "new_rows n")}
  ELSIF TG_OP = 'UPDATE' THEN
    {
        write(
            "U",
            every,
            "o",
            digest_sql(table, "n"),
            f"old_rows o JOIN new_rows n ON {same_row} WHERE NOT (o *= n)",
        )
    }
  ELSE
    {write("D", every, "o", "NULL", "old_rows o")}
  END IF;
  RETURN NULL;"""
    function = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.record_{name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
DECLARE
  -- Not named like columns: tables have an account_id and a load_id of their own.
  by_account bigint := rights.current_account_id();
  by_load bigint := nullif(current_setting('onemap.load_id', true), '')::bigint;
  by_transaction bigint := pg_current_xact_id()::text::bigint;
BEGIN{body}
END $function$"""
    referencing = {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    }
    triggers = [
        f"CREATE OR REPLACE TRIGGER history_{event} AFTER {event.upper()} ON {table.fullname}"
        f" REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.record_{name}()"
        for event, tables in referencing.items()
    ]
    return [function, *triggers]


def _quoted(columns: list[str], alias: str | None = None) -> str:
    prefix = f"{alias}." if alias else ""
    return ", ".join(f'{prefix}"{column}"' for column in columns)
