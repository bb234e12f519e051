"""A copy of a register without the rows that somebody may not see: as if they had never been.

Plain deletions by the superuser, with triggers off, from whatever tables there are. Nothing of row
security, of policies or of the functions behind them takes part.
"""

from sqlalchemy import Connection, text

from gis.db import Database

_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname), a.attname FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = :column
WHERE c.relkind = 'r' AND n.nspname <> 'rights'"""
# What names places without a cell of its own, and the past of it: gone with any of them.
_LINKS = """
SELECT format('%I.%I', n.nspname, c.relname), a.attname FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey)
WHERE k.contype = 'f' AND k.confrelid = 'place.place'::regclass AND NOT EXISTS (
  SELECT FROM pg_attribute AS o WHERE o.attrelid = c.oid AND o.attname = 'rights_cell')"""
ANNOUNCED = (
    "campaign.campaign", "campaign.due_rule", "services.frozen_report", "space.standard",
    "inspection.inspection", "inspection.item", "inspection.term_rule",
)  # fmt: skip
"""Shown to everybody signed in, whatever their cell says."""


def forget_what_is_hidden(database: Database, cells: frozenset[int]) -> None:
    """Delete every row but those of these cells; commits."""
    with database.admin().begin() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        kept = {"cells": sorted(cells)}
        for name, column in _found(conn, _TABLES, column="rights_cell"):
            if name not in (*ANNOUNCED, *(f"history.{one.replace('.', '_')}" for one in ANNOUNCED)):
                conn.execute(text(f"DELETE FROM {name} WHERE {column} <> ALL (:cells)"), kept)
        for name, column in _found(conn, _LINKS):
            past = "history." + name.replace(".", "_")
            for each in (name, past):
                if conn.execute(text(f"SELECT to_regclass('{each}')")).scalar_one() is None:
                    continue
                conn.execute(
                    text(f"DELETE FROM {each} WHERE NOT EXISTS (SELECT FROM place.place AS p"
                         f" WHERE p.place_id = {each}.{column})")
                )  # fmt: skip
        _forget_of_others(conn, kept)


def _forget_of_others(conn: Connection, kept: dict[str, list[int]]) -> None:
    """What others brought and keep: no asker brought a file, saved a view or has a deputy."""
    names = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname <> 'profile'"
                 " AND relnamespace = 'staging'::regnamespace")  # fmt: skip
    for name in conn.execute(names).scalars().all():
        conn.execute(text(f"DELETE FROM staging.{name}"))
    conn.execute(text("DELETE FROM services.deputyship"))
    conn.execute(
        text("DELETE FROM services.saved_view WHERE organization_id IS NULL OR organization_id NOT"
             " IN (SELECT organization_id FROM rights.cell WHERE cell = ANY (:cells)"
             " AND organization_id IS NOT NULL)"), kept,
    )  # fmt: skip


def _found(conn: Connection, query: str, **values: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in conn.execute(text(query), values)]
