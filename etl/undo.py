"""Take a load back exactly: its history lines reversed, set-based, in one transaction.

For every row a load touched, its first line tells what stood before and its last line what it left.
The row is put back only when it still is what the load left and nobody wrote to it since; if any
row is not, nothing is undone and the later loads are named.
"""

import contextlib
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from assets.registry import METADATA
from etl.changed_since import thing
from etl.forbidden import refuse_forbidden_rows, refuse_loads_of_others, refuse_strangers
from etl.later_loads import loads_to_undo, undone_tables
from etl.load import settle_stale_loads
from etl.put_back import put_back
from gis.db import Database, Role, run_script, transaction
from gis.errors import Conflict, NotFound, OneMapError, Phrase
from gis.loads.model import LOAD_LOCK, LoadState


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
            undone = loads_to_undo(conn, load_id, and_later=and_later)
            refuse_loads_of_others(conn, undone)
            refuse_forbidden_rows(conn, undone)
            rows = put_back(conn, load_id, undone)
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
        later = sorted(set(loads_to_undo(conn, load_id, and_later=True)) - {load_id})
    table = METADATA.tables.get(name)
    return Conflict(
        "load.built_upon" if later else "load.built_upon_by_hand",
        load_id=load_id,
        thing=thing(table) if table is not None and table in undone_tables() else None,
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
