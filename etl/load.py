"""Bring a file into the register: one transaction, one load, every row accounted for."""

import contextlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, insert, text, update

from assets.estate.actions import find_places, refresh_all_derived
from etl.decided import only_decided
from etl.difference import begin_difference, difference
from etl.forbidden import refuse_forbidden_rows, refuse_strangers
from etl.limits import Limits
from etl.merge import merge_sheet
from etl.merge.divisions import take_successor_of_cover
from etl.merge.places import settle_anchors
from etl.merge.stubs import begin_stubs, make_stubs_of_load
from etl.merge.title_owners import settle_owners
from etl.options import LoadOptions, prepare_file
from etl.prepare import Prepared
from etl.record import LoadResult, record
from etl.terms import save_terms
from gis.db import Database, Role, compress_quickly, run_script, transaction
from gis.errors import OneMapError
from gis.loads.model import LOAD_LOCK, LoadState, load
from gis.places.actions import touch
from gis.places.counted import settle_counted

__all__ = [
    "LoadOptions",
    "LoadResult",
    "check_file",
    "load_file",
    "load_prepared",
    "settle_stale_loads",
    "try_prepared",
]

Progress = Callable[[str, str], None]


def load_file(
    database: Database,
    path: Path,
    *,
    token: str | None,
    options: LoadOptions | None = None,
    file: str | None = None,
    limits: Limits | None = None,
    progress: Progress = lambda _step, _what: None,
    job_id: int | None = None,
    taken: list[Prepared] | None = None,
) -> LoadResult:
    """Load a file in the name of whoever holds the session token.

    Args:
        database: Where.
        path: The file.
        token: The session in whose name.
        options: How it is to be read.
        file: Its name as the person knows it; null takes the path's.
        limits: Ceilings; null takes the defaults.
        progress: Called with a step and what it is about, before the step.
        job_id: The job it belongs to; null for the command line.
        taken: Where given, gets the file as it was read.

    Raises:
        SourceError: The file breaks its promise; nothing changed.
        Forbidden: The account may not write some of its rows; nothing changed.
    """
    chosen = options or LoadOptions()
    progress("read", file or path.name)
    prepared = prepare_file(database, path, token=token, options=chosen, file=file, limits=limits)
    if taken is not None:
        taken.append(prepared)
    if chosen.decided_of is not None:
        prepared = only_decided(database, prepared, chosen.decided_of, token=token)
    return load_prepared(
        database, prepared, token=token, options=chosen, progress=progress, job_id=job_id
    )


def load_prepared(
    database: Database,
    prepared: Prepared,
    *,
    token: str | None,
    options: LoadOptions,
    progress: Progress = lambda _step, _what: None,
    job_id: int | None = None,
) -> LoadResult:
    """Load a file that was read and made ready already. See `load_file`.

    Raises:
        Forbidden: The account may not write some of its rows; nothing changed.
    """
    progress("sheets", str(len(prepared.sheets)))
    for sheet in prepared.sheets:
        if sheet.located.datum_by == "displacement":
            progress("datum", str(sheet.located.datum))
    loader = database.engine(Role.LOADER)
    with transaction(loader, token) as conn:
        refuse_strangers(conn)
        settle_stale_loads(conn)
        save_terms(conn)
        load_id = _begin(conn, prepared, options, job_id)
    try:
        with transaction(loader, token) as conn:
            result = _merge(conn, prepared, options, load_id, progress)
    except BaseException as error:
        state = LoadState.REFUSED if isinstance(error, OneMapError) else LoadState.FAILED
        with contextlib.suppress(Exception), transaction(loader, token) as conn:
            _end(conn, load_id, state)
        raise
    return result


def check_file(
    database: Database,
    path: Path,
    *,
    token: str | None,
    options: LoadOptions | None = None,
    file: str | None = None,
    limits: Limits | None = None,
    progress: Progress = lambda _step, _what: None,
    changes: list[pd.DataFrame] | None = None,
    taken: list[Prepared] | None = None,
) -> tuple[LoadResult, pd.DataFrame]:
    """What a load would do, and every issue; nothing is kept. `changes`: see `try_prepared`.

    `taken`, where given, gets the file as it was read.

    Raises:
        SourceError: The file breaks its promise.
    """
    chosen = options or LoadOptions()
    progress("read", file or path.name)
    prepared = prepare_file(database, path, token=token, options=chosen, file=file, limits=limits)
    if taken is not None:
        taken.append(prepared)
    result, _outcomes = try_prepared(
        database, prepared, token=token, options=chosen, progress=progress, changes=changes
    )
    return result, prepared.issues.frame()


def try_prepared(
    database: Database,
    prepared: Prepared,
    *,
    token: str | None,
    options: LoadOptions,
    progress: Progress = lambda _step, _what: None,
    changes: list[pd.DataFrame] | None = None,
) -> tuple[LoadResult, list[npt.NDArray[Any]]]:
    """Load and roll back; `changes`, where given, gets the one table of `etl.difference`.

    Returns:
        What a load would do, and per sheet the outcome of each row.
    """
    progress("sheets", str(len(prepared.sheets)))
    outcomes: list[npt.NDArray[Any]] = []
    with database.engine(Role.LOADER).connect() as conn:
        opened = conn.begin()
        conn.execute(text("SELECT set_config('onemap.session', :t, true)"), {"t": token or ""})
        refuse_strangers(conn)
        save_terms(conn)
        load_id = _begin(conn, prepared, options)
        if changes is not None:
            begin_difference(conn)
        result = _merge(conn, prepared, options, load_id, progress, outcomes=outcomes)
        if changes is not None:
            changes.append(difference(conn, prepared, outcomes, load_id))
        opened.rollback()
    return LoadResult(**{**asdict(result), "load_id": None}), outcomes


def settle_stale_loads(conn: Connection) -> None:
    """Mark loads whose process is gone as failed: their transaction left nothing behind."""
    conn.execute(
        text(
            "UPDATE staging.load SET state = 'failed', ended_at = now() WHERE state = 'running'"
            " AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = load.backend_pid"
            "                 AND a.backend_start <= load.started_at)"
        )
    )


def _begin(
    conn: Connection, prepared: Prepared, options: LoadOptions, job_id: int | None = None
) -> int:
    stated_on = options.as_of or prepared.stated_on
    load_id: int = conn.execute(
        insert(load)
        .values(
            file_name=prepared.file,
            file_sha256=bytes.fromhex(prepared.sha256),
            profile=options.profile or prepared.profile,
            options={
                "datum": options.datum,
                "any_area": options.any_area,
                "as_of": options.as_of.isoformat() if options.as_of else None,
                "stated_on": stated_on.isoformat() if stated_on else None,
                "decided_of": options.decided_of,
                "datums_used": [
                    {
                        "sheet": sheet.table.sheet,
                        "datum": sheet.located.datum,
                        "by": sheet.located.datum_by,
                    }
                    for sheet in prepared.sheets
                    if sheet.located.datum_by
                ],
            },
            account_id=text("rights.current_account_id()"),
            backend_pid=text("pg_backend_pid()"),
            job_id=job_id,
        )
        .returning(load.c.load_id)
    ).scalar_one()
    return load_id


def _merge(
    conn: Connection,
    prepared: Prepared,
    options: LoadOptions,
    load_id: int,
    progress: Progress,
    *,
    outcomes: list[npt.NDArray[Any]] | None = None,
) -> LoadResult:
    run_script(conn, LOAD_LOCK)
    conn.execute(text("SELECT set_config('onemap.load_id', :id, true)"), {"id": str(load_id)})
    conn.execute(
        text("UPDATE staging.load SET backend_pid = pg_backend_pid() WHERE load_id = :id"),
        {"id": load_id},
    )
    run_script(
        conn, "CREATE TEMP TABLE this_load (stated_on date, stated_area text) ON COMMIT DROP"
    )
    conn.execute(
        text("INSERT INTO pg_temp.this_load VALUES (:stated_on, :stated_area)"),
        {
            "stated_on": options.as_of or prepared.stated_on,
            "stated_area": prepared.stated_area,
        },
    )
    take_successor_of_cover(conn, prepared.issues)
    settle_counted(conn)
    touch(conn)
    begin_stubs(conn)
    compress_quickly(conn)
    # Statistics know nothing of rows this transaction brings, and a nested loop chosen for a table
    # believed empty takes minutes; a hash over the whole table costs a second at worst.
    run_script(conn, "SET LOCAL enable_nestloop = off")
    outcomes = [] if outcomes is None else outcomes
    for sheet in prepared.sheets:
        progress("merge", sheet.table.sheet or sheet.table.file)
        outcomes.append(
            merge_sheet(conn, sheet, prepared.issues, load_id=load_id, any_area=options.any_area)
        )
    settle_owners(conn)
    progress("derive", "")
    run_script(conn, "SET LOCAL enable_nestloop = on")
    make_stubs_of_load(conn)
    settle_anchors(conn, load_id)
    # What this load brought may be what a card of an earlier one speaks of.
    find_places(conn)
    refresh_all_derived(conn)
    refuse_forbidden_rows(conn, [load_id])
    progress("record", "")
    return record(conn, prepared, outcomes, load_id)


def _end(conn: Connection, load_id: int, state: LoadState) -> None:
    conn.execute(
        update(load)
        .where(load.c.load_id == load_id, load.c.state == LoadState.RUNNING.value)
        .values(state=state.value, ended_at=text("clock_timestamp()"))
    )
