"""Take a load back exactly: its history lines reversed, set-based, in one transaction.

For every row a load touched, its first line tells what stood before and its last line what it left.
The row is put back only when it still is what the load left and nobody wrote to it since; if any
row is not, nothing is undone and the later loads are named.
"""

import contextlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import IntegrityError

from assets.estate.actions import refresh_all_derived
from assets.registry import METADATA
from etl.changed_since import Changed, changed_rows, refuse, thing
from etl.forbidden import refuse_forbidden_rows, refuse_loads_of_others, refuse_strangers
from etl.load import settle_stale_loads
from gis.db import Database, Role, run_script, transaction
from gis.errors import Conflict, NotFound, OneMapError, Phrase
from gis.history import SCHEMA, digest_sql, history_name, kept_tables
from gis.loads.model import LOAD_LOCK, LoadState
from gis.places.actions import touch

EXEMPT: Final = ("rights", "staging")
"""Schemas whose rows no load makes."""


@dataclass(frozen=True)
class UndoResult:
    """What an undo did.

    Args:
        load_id: The undo's own number in the register of loads.
        undone: Loads taken back, newest first.
        rows: Rows of the register that were put back.
    """

    load_id: int
    undone: tuple[int, ...]
    rows: int


def undo_load(
    database: Database,
    load_id: int,
    *,
    token: str | None,
    and_later: bool = False,
    job_id: int | None = None,
) -> UndoResult:
    """Take back a load.

    Args:
        database: Where.
        load_id: Which load.
        token: The session in whose name.
        and_later: Also all later loads that touch the same rows, or hang rows on them.
        job_id: The job it belongs to; null for the command line.

    Raises:
        NotFound: There is no such load.
        Forbidden: Another account brought it, or the account may not write some of its rows.
        Conflict: It is not a committed load, or rows were changed since; nothing was undone.
    """
    loader = database.engine(Role.LOADER)
    with transaction(loader, token) as conn:
        refuse_strangers(conn)
        settle_stale_loads(conn)
        own_id = _begin(conn, load_id, job_id)
    try:
        with transaction(loader, token, load_id=own_id) as conn:
            run_script(conn, LOAD_LOCK)
            run_script(conn, "SET LOCAL enable_nestloop = off")
            undone = _loads_to_undo(conn, load_id, and_later=and_later)
            refuse_loads_of_others(conn, undone)
            refuse_forbidden_rows(conn, undone)
            rows = _reverse(conn, load_id, undone)
            _register(conn, own_id, undone, rows)
            run_script(conn, "SELECT rights.forget_unused_cells()")
    except BaseException as error:
        with contextlib.suppress(Exception), transaction(loader, token) as conn:
            state = LoadState.REFUSED if isinstance(error, OneMapError) else LoadState.FAILED
            conn.execute(
                text("UPDATE staging.load SET state = :s, ended_at = now() WHERE load_id = :id"),
                {"s": state.value, "id": own_id},
            )
        if isinstance(error, IntegrityError):
            raise _built_upon(database, load_id, error, token=token) from error
        raise
    return UndoResult(own_id, tuple(sorted(undone, reverse=True)), rows)


def _built_upon(
    database: Database, load_id: int, error: IntegrityError, *, token: str | None
) -> Conflict:
    """Something outside these loads hangs on a row they made: what it is, and of which loads."""
    name = f"{error.orig.diag.schema_name}.{error.orig.diag.table_name}"  # type: ignore[union-attr]
    with transaction(database.engine(Role.LOADER), token) as conn:
        later = sorted(set(_loads_to_undo(conn, load_id, and_later=True)) - {load_id})
    table = METADATA.tables.get(name)
    return Conflict(
        "load.built_upon" if later else "load.built_upon_by_hand",
        load_id=load_id,
        thing=thing(table) if table is not None and table in _tables() else None,
        later=", ".join(str(one) for one in later),
    )


def _begin(conn: Connection, load_id: int, job_id: int | None) -> int:
    found = conn.execute(
        text("SELECT state, file_name, file_sha256 FROM staging.load WHERE load_id = :id"),
        {"id": load_id},
    ).one_or_none()
    if found is None:
        raise NotFound("load.no_such_load", load_id=load_id)
    if found.state != LoadState.COMMITTED.value:
        raise Conflict(
            "load.not_undoable", load_id=load_id, state=Phrase(f"load.state.{found.state}")
        )
    own_id: int = conn.execute(
        text(
            "INSERT INTO staging.load"
            " (file_name, file_sha256, options, account_id, backend_pid, job_id)"
            " VALUES (:name, :sha, jsonb_build_object('undoes', CAST(:id AS bigint)),"
            " rights.current_account_id(), pg_backend_pid(), :job_id) RETURNING load_id"
        ),
        {"name": found.file_name, "sha": found.file_sha256, "id": load_id, "job_id": job_id},
    ).scalar_one()
    return own_id


def _tables() -> list[Table]:
    """Tables an undo puts back, parents before children."""
    return [table for table in kept_tables(METADATA) if table.schema not in EXEMPT]


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _history(table: Table) -> str:
    return f"{SCHEMA}.{history_name(table)}"


def _loads_to_undo(conn: Connection, load_id: int, *, and_later: bool) -> list[int]:
    """The load, and where asked all later ones that build on it, to any depth."""
    undone = [load_id]
    while and_later:
        later: set[int] = set()
        for table in _tables():
            later |= set(_later_on_same_rows(conn, table, undone))
            later |= set(_later_on_rows_hung(conn, table, undone))
        new = sorted(later - set(undone))
        if not new:
            break
        undone += new
    return undone


def _later_on_same_rows(conn: Connection, table: Table, undone: list[int]) -> list[int]:
    key = ", ".join(_key(table))
    return list(
        conn.execute(
            text(
                f"SELECT DISTINCT later.history_load_id FROM {_history(table)} AS later"
                f" JOIN {_history(table)} AS ours USING ({key})"
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
    key = " AND ".join(f"h.{name} = t.{name}" for name in _key(table))
    same = key.replace("h.", "since.")
    for constraint in table.foreign_key_constraints:
        target = constraint.referred_table
        if target not in _tables() or len(_key(target)) != 1:
            continue
        pairs = [
            element.parent.name
            for element in constraint.elements
            if element.column.name == _key(target)[0]
        ]
        for column in pairs:
            found |= set(
                conn.execute(
                    text(
                        f"SELECT DISTINCT h.history_load_id FROM {table.fullname} AS t"
                        f" JOIN {_history(table)} AS h ON {key}"
                        f" JOIN {_history(target)} AS made"
                        f" ON made.{_key(target)[0]} = t.{column}"
                        " WHERE made.history_load_id = ANY (:undone)"
                        " AND made.history_operation = 'I'"
                        " AND h.history_load_id <> ALL (:undone)"
                        f" AND NOT EXISTS (SELECT FROM {_history(table)} AS since WHERE {same}"
                        " AND since.history_id > h.history_id AND since.history_operation <> 'I'"
                        f" AND since.{column} IS DISTINCT FROM t.{column})"
                    ),
                    {"undone": undone},
                ).scalars()
            )
    return sorted(found)


def _reverse(conn: Connection, load_id: int, undone: list[int]) -> int:
    touched = [table for table in _tables() if _collect(conn, table, undone)]
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
                if one.column.name in _key(going)
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
    key = ", ".join(_key(table))
    history = _history(table)
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
            f"CASE WHEN u.last_operation = 'D' THEN t.{_key(table)[0]} IS NOT NULL"
            f" ELSE t.{_key(table)[0]} IS NULL"
            f" OR u.last_digest IS DISTINCT FROM {digest_sql(table, 't')} END"
        )
        if changed := changed_rows(conn, table, _name(table), is_changed):
            found.append(changed)
            later |= set(_later_on_same_rows(conn, table, undone))
    refuse(load_id, found, sorted(later))


def _touch_by(conn: Connection, table: Table, column: str) -> None:
    """Places whose derived facts may change: those of the rows, before and after."""
    name = _name(table)
    exists = conn.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar_one()
    if exists is None:
        return
    same = " AND ".join(f"t.{one} = u.{one}" for one in _key(table))
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
    same = " AND ".join(f"t.{name} = u.{name}" for name in _key(table))
    return conn.execute(
        text(
            f"DELETE FROM {table.fullname} AS t USING {_name(table)} AS u"
            f" WHERE {same} AND u.history_operation = 'I'"
        )
    ).rowcount


def _insert(conn: Connection, table: Table) -> int:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    same = " AND ".join(f"t.{name} = u.{name}" for name in _key(table))
    return conn.execute(
        text(
            f"INSERT INTO {table.fullname} ({columns}) SELECT {columns} FROM {_name(table)} AS u"
            " WHERE u.history_operation IN ('U', 'D')"
            f" AND NOT EXISTS (SELECT FROM {table.fullname} AS t WHERE {same})"
        )
    ).rowcount


def _update(conn: Connection, table: Table, only: str = "") -> int:
    key = _key(table)
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


def _register(conn: Connection, own_id: int, undone: list[int], rows: int) -> None:
    conn.execute(
        text(
            "UPDATE staging.load SET state = 'undone', undone_by_load_id = :own"
            " WHERE load_id = ANY (:undone)"
        ),
        {"own": own_id, "undone": undone},
    )
    conn.execute(
        text(
            "UPDATE staging.load SET state = 'committed', ended_at = clock_timestamp(),"
            " row_count = :rows, updated_count = :rows WHERE load_id = :own"
        ),
        {"own": own_id, "rows": rows},
    )
