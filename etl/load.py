"""Bring a file into the register: one transaction, one load, every row accounted for."""

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import Connection, insert, text, update

from assets.estate.actions import refresh_all_derived
from etl.clean.values import plain_text
from etl.decided import only_decided
from etl.difference import begin_difference, difference
from etl.forbidden import refuse_forbidden_rows, refuse_strangers
from etl.issues import IssueList
from etl.limits import Limits
from etl.merge import Outcome, merge_sheet
from etl.merge.places import settle_anchors
from etl.merge.stubs import begin_stubs, make_stubs_of_load
from etl.options import LoadOptions, prepare_file
from etl.prepare import Prepared, Sheet
from etl.terms import save_terms
from gis.crs import STORAGE_SRID
from gis.db import Database, Role, compress_quickly, run_script, transaction
from gis.errors import OneMapError
from gis.loads.model import LOAD_LOCK, LoadState, load
from gis.places.actions import copy_rows, touch
from gis.places.counted import settle_counted

_MOST_DRAWN_POINTS: Final = 200

Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class LoadResult:
    """What became of a file; `rows` is the sum of the five outcomes."""

    load_id: int | None
    rows: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    waiting: int
    issues: int

    def as_json(self) -> dict[str, int | None]:
        """The contract of `--json`."""
        return asdict(self)


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
    progress("sheets", str(len(prepared.sheets)))
    for sheet in prepared.sheets:
        if sheet.located.datum_by == "displacement":
            progress("datum", str(sheet.located.datum))
    loader = database.engine(Role.LOADER)
    with transaction(loader, token) as conn:
        refuse_strangers(conn)
        settle_stale_loads(conn)
        save_terms(conn)
        load_id = _begin(conn, prepared, chosen, job_id)
    try:
        with transaction(loader, token) as conn:
            result = _merge(conn, prepared, chosen, load_id, progress)
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
    progress("derive", "")
    run_script(conn, "SET LOCAL enable_nestloop = on")
    make_stubs_of_load(conn)
    settle_anchors(conn, load_id)
    refresh_all_derived(conn)
    refuse_forbidden_rows(conn, [load_id])
    progress("record", "")
    return _record(conn, prepared, outcomes, load_id)


def _record(
    conn: Connection,
    prepared: Prepared,
    outcomes: Sequence[npt.NDArray[Any]],
    load_id: int,
) -> LoadResult:
    counts = Counter(
        outcome
        for sheet, one in zip(prepared.sheets, outcomes, strict=True)
        for outcome in (one if sheet.is_chosen is None else one[sheet.is_chosen])
    )
    _keep_held_rows(conn, prepared.sheets, outcomes, prepared.issues, load_id)
    _keep_issues(conn, prepared.issues, load_id)
    result = LoadResult(
        load_id=load_id,
        rows=sum(counts.values()),
        inserted=counts[Outcome.INSERTED],
        updated=counts[Outcome.UPDATED],
        unchanged=counts[Outcome.UNCHANGED],
        rejected=counts[Outcome.REJECTED],
        waiting=counts[Outcome.WAITING],
        issues=len(prepared.issues),
    )
    conn.execute(
        update(load)
        .where(load.c.load_id == load_id)
        .values(
            state=LoadState.COMMITTED.value,
            ended_at=text("clock_timestamp()"),
            row_count=result.rows,
            inserted_count=result.inserted,
            updated_count=result.updated,
            unchanged_count=result.unchanged,
            rejected_count=result.rejected,
            waiting_count=result.waiting,
            issue_count=result.issues,
        )
    )
    return result


def _keep_held_rows(
    conn: Connection,
    sheets: Sequence[Sheet],
    outcomes: Sequence[npt.NDArray[Any]],
    issues: IssueList,
    load_id: int,
) -> None:
    """Original cells of the rows that did not reach the register; of state secrets none."""
    run_script(
        conn,
        "CREATE TEMP TABLE held_cell (sheet text, row_number integer, contract text,"
        " outcome text, position integer, header text, cell text) ON COMMIT DROP",
    )
    for sheet, outcome in zip(sheets, outcomes, strict=True):
        held = np.isin(outcome, (Outcome.REJECTED, Outcome.WAITING))
        held = held if sheet.is_chosen is None else held & sheet.is_chosen
        if held.any():
            secret = np.isin(sheet.table.rows, issues.hidden_rows(sheet.table.sheet))
            _copy_held(conn, sheet, outcome, held, secret)
    conn.execute(
        text(
            "INSERT INTO staging.held_row (load_id, sheet, row_number, contract, outcome, cells)"
            " SELECT :load_id, sheet, row_number, min(contract), min(outcome),"
            " jsonb_object_agg(header, cell ORDER BY position)"
            " FROM pg_temp.held_cell GROUP BY sheet, row_number"
        ),
        {"load_id": load_id},
    )


def _copy_held(
    conn: Connection,
    sheet: Sheet,
    outcome: npt.NDArray[Any],
    held: npt.NDArray[np.bool_],
    secret: npt.NDArray[np.bool_],
) -> None:
    table = sheet.table
    count = int(held.sum())
    for position, column in enumerate(table.columns):
        cells = table.cells[column.field].mask(secret)[held]
        written = [None if pd.isna(cell) else plain_text(cell) for cell in cells]
        copy_rows(
            conn,
            "pg_temp.held_cell",
            pa.table(
                {
                    "sheet": pa.array([table.sheet or ""] * count, pa.string()),
                    "row_number": pa.array(table.rows[held]),
                    "contract": pa.array([table.contract.name] * count, pa.string()),
                    "outcome": pa.array([str(one) for one in outcome[held]], pa.string()),
                    "position": pa.array([position] * count, pa.int64()),
                    "header": pa.array([column.header] * count, pa.string()),
                    "cell": pa.array(written, pa.string()),
                }
            ),
        )


def _keep_issues(conn: Connection, issues: IssueList, load_id: int) -> None:
    found = issues.frame()
    if found.empty:
        return
    count = len(found)

    def written(name: str) -> pa.Array:
        return pa.array(found[name], pa.string(), from_pandas=True)

    copy_rows(
        conn,
        "staging.issue",
        pa.table(
            {
                "load_id": pa.array([load_id] * count, pa.int64()),
                "issue_number": pa.array(range(1, count + 1), pa.int64()),
                "sheet": written("sheet"),
                "row_number": pa.array(found["row"], pa.int64()),
                "column_header": written("column"),
                "column_number": pa.array(found["column_number"], pa.int32()),
                "rule": written("rule"),
                "severity": written("severity"),
                "suggestion": written("suggestion"),
                "original": written("original"),
                "params": pa.array(
                    [None if one is None else json.dumps(one) for one in found["params"]],
                    pa.string(),
                ),
                "geom": pa.array(_drawn(found["geom"]), pa.string(), from_pandas=True),
            }
        ),
    )


def _drawn(shapes: "pd.Series[Any]") -> npt.NDArray[Any]:
    """Shapes as hexadecimal EWKB; of a long outline only the box is kept."""
    found = shapes.to_numpy(dtype=object, copy=True)
    is_long = shapely.get_num_coordinates(found) > _MOST_DRAWN_POINTS
    found[is_long] = shapely.envelope(found[is_long])
    marked = shapely.set_srid(found, STORAGE_SRID)
    return np.asarray(shapely.to_wkb(marked, hex=True, include_srid=True))


def _end(conn: Connection, load_id: int, state: LoadState) -> None:
    conn.execute(
        update(load)
        .where(load.c.load_id == load_id, load.c.state == LoadState.RUNNING.value)
        .values(state=state.value, ended_at=text("clock_timestamp()"))
    )
