"""Which later loads build on a load: on rows it touched, or on rows it made."""

from typing import Final

from sqlalchemy import Connection, Table, text

from assets.registry import METADATA
from gis.history import SCHEMA, history_name, kept_tables

EXEMPT: Final = ("rights", "staging")
"""Schemas whose rows no load makes."""


def undone_tables() -> list[Table]:
    """Tables an undo puts back, parents before children."""
    return [table for table in kept_tables(METADATA) if table.schema not in EXEMPT]


def key_of(table: Table) -> list[str]:
    """The columns of its primary key."""
    return [column.name for column in table.primary_key.columns]


def history_of(table: Table) -> str:
    """Schema and name of its history."""
    return f"{SCHEMA}.{history_name(table)}"


def loads_to_undo(conn: Connection, load_id: int, *, and_later: bool) -> list[int]:
    """The load, and where asked all later ones that build on it, to any depth."""
    undone = [load_id]
    while and_later:
        later: set[int] = set()
        for table in undone_tables():
            later |= set(later_on_same_rows(conn, table, undone))
            later |= set(_later_on_rows_hung(conn, table, undone))
        new = sorted(later - set(undone))
        if not new:
            break
        undone += new
    return undone


def later_on_same_rows(conn: Connection, table: Table, undone: list[int]) -> list[int]:
    """Later loads that touched rows of a table which these loads touched."""
    key = ", ".join(key_of(table))
    return list(
        conn.execute(
            text(
                f"SELECT DISTINCT later.history_load_id FROM {history_of(table)} AS later"
                f" JOIN {history_of(table)} AS ours USING ({key})"
                " WHERE ours.history_load_id = ANY (:undone)"
                " AND later.history_id > ours.history_id"
                " AND later.history_load_id <> ALL (:undone)"
            ),
            {"undone": undone},
        ).scalars()
    )


def _later_on_rows_hung(conn: Connection, table: Table, undone: list[int]) -> list[int]:
    """Later loads whose rows in a table point at rows that these loads made.

    A line before the one that made a row point there is of an earlier load, and no reason.
    """
    found: set[int] = set()
    key = " AND ".join(f"h.{name} = t.{name}" for name in key_of(table))
    same = key.replace("h.", "since.")
    for constraint in table.foreign_key_constraints:
        target = constraint.referred_table
        if target not in undone_tables() or len(key_of(target)) != 1:
            continue
        pairs = [
            element.parent.name
            for element in constraint.elements
            if element.column.name == key_of(target)[0]
        ]
        for column in pairs:
            found |= set(
                conn.execute(
                    text(
                        f"SELECT DISTINCT h.history_load_id FROM {table.fullname} AS t"
                        f" JOIN {history_of(table)} AS h ON {key}"
                        f" JOIN {history_of(target)} AS made"
                        f" ON made.{key_of(target)[0]} = t.{column}"
                        " WHERE made.history_load_id = ANY (:undone)"
                        " AND made.history_operation = 'I'"
                        " AND h.history_load_id <> ALL (:undone)"
                        f" AND NOT EXISTS (SELECT FROM {history_of(table)} AS since WHERE {same}"
                        " AND since.history_id > h.history_id AND since.history_operation <> 'I'"
                        f" AND since.{column} IS DISTINCT FROM t.{column})"
                    ),
                    {"undone": undone},
                ).scalars()
            )
    return sorted(found)
