"""What is kept of a load beside the register: its counts, the rows that wait, the issues."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from pandas.api.types import is_scalar
from sqlalchemy import Connection, text, update

from etl.clean.values import plain_text
from etl.issues import IssueList
from etl.merge import Outcome
from etl.prepare import Prepared, Sheet
from gis.crs import STORAGE_SRID
from gis.db import run_script
from gis.loads.model import LoadState, load
from gis.places.actions import copy_rows

_MOST_DRAWN_POINTS: Final = 200


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


def record(
    conn: Connection,
    prepared: Prepared,
    outcomes: Sequence[npt.NDArray[Any]],
    load_id: int,
) -> LoadResult:
    """Close a load that has merged: keep what did not reach the register, the issues, the counts.

    Args:
        conn: In the load's transaction.
        prepared: The file.
        outcomes: Per sheet what became of each row.
        load_id: This load.
    """
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
    known = [(column.header, table.cells[column.field]) for column in table.columns]
    unknown = [(column.header, column.cells) for column in table.unknown]
    for position, (header, column) in enumerate((*known, *unknown)):
        cells = column.mask(secret)[held]
        written = [_as_text(cell) for cell in cells]
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
                    "header": pa.array([header] * count, pa.string()),
                    "cell": pa.array(written, pa.string()),
                }
            ),
        )


def _as_text(cell: Any) -> str | None:
    if not is_scalar(cell):  # A list of a GeoJSON layer.
        return plain_text(cell.tolist() if isinstance(cell, np.ndarray) else cell)
    return None if pd.isna(cell) else plain_text(cell)


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
