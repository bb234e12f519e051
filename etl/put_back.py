"""Rows of the register as they stood before some loads, put back set by set in one transaction."""

from sqlalchemy import Connection, Table, text

from assets.estate.actions import refresh_all_derived
from assets.registry import METADATA
from etl.changed_since import Changed, changed_rows, refuse
from etl.later_loads import history_of, key_of, later_on_same_rows, undone_tables
from gis.db import run_script
from gis.history import digest_sql, history_name
from gis.places.actions import touch


def put_back(conn: Connection, load_id: int, undone: list[int]) -> int:
    """Put back what these loads left otherwise, and say how many rows.

    Args:
        conn: In the transaction of the undo.
        load_id: The load that was asked for.
        undone: It and the later ones taken back with it.

    Raises:
        Conflict: Rows were changed since; nothing was put back.
    """
    touched = [table for table in undone_tables() if _collect(conn, table, undone)]
    _refuse_changed(conn, load_id, touched, undone)
    touch(conn)
    for table in touched:
        if "place_id" in table.columns and table.name != "place":
            _touch_by(conn, table, "place_id")
    _touch_by(conn, METADATA.tables["place.place"], "parent_id")
    rows = 0
    _drop_derived(conn)
    # Children first on the way out, parents first on the way in; parents are changed between.
    for table in reversed(touched):
        rows += _let_go(conn, touched, table)
        if table.fullname == "organization.organization":
            run_script(
                conn,
                "SELECT rights.forget_unused_cells(array_agg(organization_id))"
                f" FROM {_name(table)} WHERE history_operation = 'I'",
            )
        rows += _delete(conn, table)
    for table in touched:
        rows += _insert(conn, table)
        rows += _update(conn, table)
    run_script(
        conn,
        "DELETE FROM pg_temp.touched_place AS t WHERE NOT EXISTS"
        " (SELECT FROM place.place AS p WHERE p.place_id = t.place_id)",
    )
    run_script(conn, "SET LOCAL enable_nestloop = on")
    refresh_all_derived(conn)
    return rows


def _let_go(conn: Connection, touched: list[Table], going: Table) -> int:
    """Put back those rows that these loads hung on a row they made, before that row goes.

    Such as a place that was known before and got a steward: nothing may point at what is deleted.
    """
    rows = 0
    for table in touched:
        for constraint in table.foreign_key_constraints:
            if constraint.referred_table is not going:
                continue
            points = " AND ".join(
                f"t.{one.parent.name} = gone.{one.column.name}"
                for one in constraint.elements
                if one.column.name in key_of(going)
            )
            if points:
                rows += _update(
                    conn,
                    table,
                    f" AND EXISTS (SELECT FROM {_name(going)} AS gone"
                    f" WHERE gone.history_operation = 'I' AND {points})",
                )
    return rows


def _name(table: Table) -> str:
    return f"pg_temp.undo_{history_name(table)}"


def _collect(conn: Connection, table: Table, undone: list[int]) -> bool:
    """One row per touched row: how it began (`first_*`), how these loads left it (`last_*`)."""
    key = ", ".join(key_of(table))
    history = history_of(table)
    has_any = conn.execute(
        text(f"SELECT EXISTS (SELECT FROM {history} WHERE history_load_id = ANY (:undone))"),
        {"undone": undone},
    ).scalar_one()
    if not has_any:
        return False
    conn.execute(
        text(
            f"""
            CREATE TEMP TABLE undo_{history_name(table)} ON COMMIT DROP AS
            SELECT first.*, last.last_id, last.last_operation, last.last_digest
            FROM (SELECT DISTINCT ON ({key}) * FROM {history}
                  WHERE history_load_id = ANY (:undone) ORDER BY {key}, history_id) AS first
            JOIN (SELECT DISTINCT ON ({key}) {key}, history_id AS last_id,
                         history_operation AS last_operation, history_digest AS last_digest
                  FROM {history} WHERE history_load_id = ANY (:undone)
                  ORDER BY {key}, history_id DESC) AS last USING ({key})
            """
        ),
        {"undone": undone},
    )
    run_script(conn, f"ANALYZE {_name(table)}")
    return True


def _refuse_changed(
    conn: Connection, load_id: int, touched: list[Table], undone: list[int]
) -> None:
    """Refuse when any row is no longer what these loads left.

    Raises:
        Conflict: With how many rows, whose and changed by whom, and which later loads.
    """
    found: list[Changed] = []
    later: set[int] = set()
    for table in touched:
        is_changed = (
            f"CASE WHEN u.last_operation = 'D' THEN t.{key_of(table)[0]} IS NOT NULL"
            f" ELSE t.{key_of(table)[0]} IS NULL"
            f" OR u.last_digest IS DISTINCT FROM {digest_sql(table, 't')} END"
        )
        if changed := changed_rows(conn, table, _name(table), is_changed):
            found.append(changed)
            later |= set(later_on_same_rows(conn, table, undone))
    refuse(load_id, found, sorted(later))


def _touch_by(conn: Connection, table: Table, column: str) -> None:
    """Places whose derived facts may change: those of the rows, before and after."""
    name = _name(table)
    exists = conn.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar_one()
    if exists is None:
        return
    same = " AND ".join(f"t.{one} = u.{one}" for one in key_of(table))
    own = "UNION SELECT u.place_id FROM {name} AS u" if table.name == "place" else ""
    run_script(
        conn,
        f"INSERT INTO pg_temp.touched_place SELECT DISTINCT place_id FROM ("
        f" SELECT u.{column} AS place_id FROM {name} AS u"
        f" UNION SELECT t.{column} FROM {name} AS u JOIN {table.fullname} AS t ON {same}"
        f" {own.format(name=name)}) AS found"
        " WHERE place_id IS NOT NULL ON CONFLICT DO NOTHING",
    )


def _drop_derived(conn: Connection) -> None:
    """Derived rows of places and holdings that go; the rest is renewed at the end."""
    for derived, owner, column in (
        ("place.counted_area", "place.place", "place_id"),
        ("estate.holding_leaf", "place.place", "place_id"),
        ("estate.holding_leaf", "estate.holding", "holding_id"),
    ):
        gone = _name(METADATA.tables[owner])
        if conn.execute(text("SELECT to_regclass(:name)"), {"name": gone}).scalar_one():
            run_script(
                conn,
                f"DELETE FROM {derived} AS d USING {gone} AS u WHERE d.{column} = u.{column}"
                " AND u.history_operation = 'I'",
            )


def _delete(conn: Connection, table: Table) -> int:
    same = " AND ".join(f"t.{name} = u.{name}" for name in key_of(table))
    return conn.execute(
        text(
            f"DELETE FROM {table.fullname} AS t USING {_name(table)} AS u"
            f" WHERE {same} AND u.history_operation = 'I'"
        )
    ).rowcount


def _insert(conn: Connection, table: Table) -> int:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    same = " AND ".join(f"t.{name} = u.{name}" for name in key_of(table))
    return conn.execute(
        text(
            f"INSERT INTO {table.fullname} ({columns}) SELECT {columns} FROM {_name(table)} AS u"
            " WHERE u.history_operation IN ('U', 'D')"
            f" AND NOT EXISTS (SELECT FROM {table.fullname} AS t WHERE {same})"
        )
    ).rowcount


def _update(conn: Connection, table: Table, only: str = "") -> int:
    key = key_of(table)
    others = [column.name for column in table.columns if column.name not in key]
    if not others:
        return 0
    same = " AND ".join(f"t.{name} = u.{name}" for name in key)
    sets = ", ".join(f'"{name}" = u."{name}"' for name in others)
    now = ", ".join(f't."{name}"' for name in others)
    then = ", ".join(f'u."{name}"' for name in others)
    return conn.execute(
        text(
            f"UPDATE {table.fullname} AS t SET {sets} FROM {_name(table)} AS u"
            f" WHERE {same} AND u.history_operation = 'U'"
            f" AND ROW({now}) IS DISTINCT FROM ROW({then}){only}"
        )
    ).rowcount
