"""Look at a file before it is loaded: how it will be read, and what would happen."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.domain import ColumnType
from etl.clean.values import plain_text
from etl.headers import MappedColumn
from etl.issues import IssueList, Severity
from etl.load import try_prepared
from etl.located import Register
from etl.meaning import applied_profiles, meant_sheets
from etl.options import LoadOptions, packs_and_contracts
from etl.pack import load_pack
from etl.prepare import Prepared, Sheet, prepare
from etl.profiles import refuse_other_files, saved_meanings
from etl.proposal import propose
from etl.read import read_source
from gis.db import Database
from gis.errors import OneMapError, packed

_FIRST_ROWS: Final = 12
_BAD_ROWS: Final = 12
_MOST_ISSUES: Final = 500
_MOST_CHANGES: Final = 2_000
_LONGEST_CELL: Final = 200


def try_file(
    database: Database,
    path: Path,
    *,
    token: str | None,
    options: LoadOptions,
    file: str,
    progress: Callable[[str, str], None],
) -> dict[str, Any]:
    """What a person decides on before a load, as plain values for JSON.

    Returns:
        `sheets` (see `etl.proposal`), `profiles` applied, `result` (the counts of a load; null
        when it would be refused), `problem` (key and parameters of why), `preview` by sheet,
        `facets` and the first `issues`; of what would change the first `changes`, value by value,
        and `change_count`.

    Raises:
        SourceError: The file cannot be read at all.
    """
    progress("read", file)
    packs, contracts = packs_and_contracts(options.profile)
    pack = load_pack(packs)
    saved = saved_meanings(database, token, options.profile)
    source = read_source(path, file=file)
    sheets = meant_sheets(source, contracts, pack, (*options.sheets, *saved))
    found: dict[str, Any] = {
        "sheets": propose(sheets, contracts, pack),
        "profiles": applied_profiles(sheets),
        **_NOTHING,
    }
    try:
        refuse_other_files(source.file, sheets, options.profile)
        register = Register(database, token)
        prepared = prepare(
            source, contracts, pack, datum=options.datum, known=register, sheets=sheets
        )
        changes: list[pd.DataFrame] = []
        result, outcomes = try_prepared(
            database, prepared, token=token, options=options, progress=progress, changes=changes
        )
    except OneMapError as refused:
        params = {name: packed(value) for name, value in refused.params.items()}
        return {**found, "problem": {"key": refused.key, "params": params}}
    hidden = {
        sheet.table.sheet or file: prepared.issues.hidden_rows(sheet.table.sheet)
        for sheet in prepared.sheets
    }
    return {
        **found,
        "sheets": propose(sheets, contracts, pack, hidden),
        "result": result.as_json(),
        **_findings(prepared, outcomes),
        **_changes(changes[0]),
    }


_NOTHING: Final[dict[str, Any]] = {
    "result": None,
    "problem": None,
    "preview": [],
    "facets": [],
    "issues": [],
    "secret_rows": 0,
    "changes": [],
    "change_count": 0,
}


def _findings(prepared: Prepared, outcomes: list[npt.NDArray[Any]]) -> dict[str, Any]:
    secret = [prepared.issues.hidden_rows(sheet.table.sheet) for sheet in prepared.sheets]
    return {
        "secret_rows": sum(len(rows) for rows in secret),
        "preview": _preview(prepared, outcomes),
        "facets": _facets(prepared.issues),
        "issues": _issues(prepared.issues.frame().head(_MOST_ISSUES)),
    }


def _changes(found: pd.DataFrame) -> dict[str, Any]:
    """Values that stand and would be others; rows that only come in are counted elsewhere."""
    changed = found[found["field"].notna() & (found["outcome"] == "updated")]
    listed = [
        {**one, "old": _cut(one["old"]), "new": _cut(one["new"])}
        for one in changed.head(_MOST_CHANGES).to_dict("records")
    ]
    return {"changes": listed, "change_count": len(changed)}


def _facets(issues: IssueList) -> list[dict[str, Any]]:
    """How many issues of each rule in each column, most first."""
    frame = issues.frame()
    if frame.empty:
        return []
    keys = frame[["severity", "rule", "column"]].fillna("")
    counts = keys.value_counts(sort=True)
    return [
        {"severity": severity, "rule": rule, "column": column or None, "count": int(count)}
        for (severity, rule, column), count in counts.items()
    ]


def _issues(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "sheet": one["sheet"],
            "row": int(one["row"]),
            "column": one["column"],
            "rule": one["rule"],
            "severity": one["severity"],
            "original": _cut(one["original"]),
            "suggestion": _cut(one["suggestion"]),
            "params": one.get("params"),
        }
        for one in frame.to_dict("records")
    ]


def _cut(text: Any) -> str | None:
    return None if text is None or pd.isna(text) else str(text)[:_LONGEST_CELL]


def _preview(prepared: Prepared, outcomes: list[npt.NDArray[Any]]) -> list[dict[str, Any]]:
    issues = prepared.issues.frame()
    return [
        _sheet_preview(
            sheet,
            outcome,
            issues[_is_of(issues, sheet)],
            prepared.issues.hidden_rows(sheet.table.sheet),
        )
        for sheet, outcome in zip(prepared.sheets, outcomes, strict=True)
    ]


def _is_of(issues: pd.DataFrame, sheet: Sheet) -> pd.Series:
    name = sheet.table.sheet
    return issues["sheet"].isna() if name is None else issues["sheet"] == name


def _sheet_preview(
    sheet: Sheet,
    outcome: npt.NDArray[Any],
    issues: pd.DataFrame,
    hidden: npt.NDArray[np.int64],
) -> dict[str, Any]:
    """The first rows, and the first of those that do not go through; of state secrets none."""
    table = sheet.table
    open_rows = np.flatnonzero(~np.isin(table.rows, hidden))
    held = issues[issues["severity"] != Severity.WARN.value]["row"].to_numpy(dtype="int64")
    first, later = open_rows[:_FIRST_ROWS], open_rows[_FIRST_ROWS:]
    bad = later[np.isin(table.rows[later], held)]
    chosen = [int(at) for at in (*first, *bad[:_BAD_ROWS])]
    by_row = {int(row): group for row, group in issues.groupby("row")}
    return {
        "sheet": table.sheet or table.file,
        "contract": table.contract.name,
        "row_count": len(table.rows),
        "columns": [{"field": one.field, "header": one.header} for one in table.columns],
        "rows": [
            {
                "row": int(table.rows[at]),
                "outcome": str(outcome[at]),
                "cells": [_cell(sheet, one, at) for one in table.columns],
                "issues": _issues(by_row[int(table.rows[at])])
                if int(table.rows[at]) in by_row
                else [],
            }
            for at in chosen
        ],
    }


def _cell(sheet: Sheet, column: MappedColumn, at: int) -> list[str | None]:
    """The cell as it stands, and as it will be read; a word of a list is its own reading."""
    original = sheet.table.cells[column.field].iloc[at]
    stands = None if pd.isna(original) else plain_text(original)[:_LONGEST_CELL]
    values = sheet.cleaned.values.get(column.field)
    taken = None if values is None else values[at].as_py()
    if taken is not None and column.column.type is ColumnType.ENUM:
        return [stands, stands]
    if taken is not None and column.column.type is ColumnType.NUMBER:
        taken = format(Decimal(taken).normalize(), "f")
    return [stands, None if taken is None else str(taken)[:_LONGEST_CELL]]
