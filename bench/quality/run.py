"""Bringing both generators' files before the loader, and what it says of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from sqlalchemy import text

from bench.clerks.page import Planted
from bench.clerks.write import write_clerks
from bench.quality.kinds import LEFT_OUT
from bench.quality.sample_truth import read_truth
from bench.quality.score import Found, Tally, score
from etl.load import load_file, try_prepared
from etl.options import LoadOptions, prepare_file
from etl.prepare import Prepared
from etl.sample.manifest import files_of
from etl.sample.write import write_city
from gis.db import Database, Role, transaction

Say = Callable[[str], None]


def sample_city(
    database: Database, token: str, folder: Path, *, seed: int, scale: float, say: Say
) -> Tally:
    """Write a sample city, load it file by file as anybody would, and count what was listed."""
    write_city(folder, seed=seed, scale=scale)
    planted = read_truth(folder)
    found: list[Found] = []
    for path in files_of(folder):
        say(path.name)
        prepared = prepare_file(database, path, token=token, options=LoadOptions(), file=path.name)
        found += _left_out(path, prepared)
        result = load_file(database, path, token=token)
        found += kept(database, token, result.load_id, path.name)
    return score(under_known_names(planted, found), found)


def clerks(
    database: Database, token: str, folder: Path, *, seed: int, size: int, say: Say
) -> Tally:
    """Load what clerks filed before, and check what they hand in now; nothing of it is kept."""
    written = write_clerks(folder, seed=seed, size=size)
    for path in written.clean:
        say(path.name)
        load_file(database, path, token=token)
    found: list[Found] = []
    for path in written.spoilt:
        say(path.name)
        prepared = prepare_file(database, path, token=token, options=LoadOptions(), file=path.name)
        try_prepared(database, prepared, token=token, options=LoadOptions())
        found += _left_out(path, prepared)
        found += [
            _found(path.name, one.sheet, one.row, (one.column, one.rule, one.params))
            for one in prepared.issues.frame().itertuples()
        ]
    return score(written.planted, found)


def kept(database: Database, token: str, load_id: int | None, file: str) -> list[Found]:
    """What the register of loads holds of a load."""
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        rows = conn.execute(
            text(
                "SELECT sheet, row_number, column_header, rule, params FROM staging.issue"
                " WHERE load_id = :load_id"
            ),
            {"load_id": load_id},
        ).all()
    return [_found(file, row[0], row[1], tuple(row[2:])) for row in rows]


def _found(file: str, sheet: str | None, row: int, told: tuple[Any, ...]) -> Found:
    column, rule, params = told
    is_pair = bool(params) and "other_row" in params
    # What is said of a whole column stands at its first row.
    number = 0 if rule.endswith(".all") else int(row or 0)
    return Found(file, sheet, number, column, rule, int(params["other_row"]) if is_pair else None)


def _left_out(path: Path, prepared: Prepared) -> list[Found]:
    """Rows between the first data row and the last filled one that were not taken for data."""
    if path.suffix != ".xlsx":
        return []
    book = openpyxl.load_workbook(path, read_only=False, data_only=True)
    found = []
    for sheet in prepared.sheets:
        table = sheet.table
        if not len(table.rows):
            continue
        cells = book[str(table.sheet)]
        taken = set(table.rows.tolist())
        start = int(np.min(table.rows))
        below = cells.iter_rows(min_row=start + 1, values_only=True)
        for row, values in enumerate(below, start + 1):
            if row not in taken and sum(value is not None for value in values) > 1:
                found.append(Found(path.name, table.sheet, row, None, LEFT_OUT))
    return found


def under_known_names(planted: Sequence[Planted], found: Sequence[Found]) -> list[Planted]:
    """The truth names no layer of a file that has but one; the loader may call it by a name."""
    only: dict[str, set[str | None]] = {}
    for one in found:
        only.setdefault(one.file, set()).add(one.sheet)
    return [
        replace(one, sheet=min(only[one.file], key=str))
        if one.sheet is None and len(only.get(one.file, ())) == 1
        else one
        for one in planted
    ]
