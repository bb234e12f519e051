"""The tables of a read file, and what is to be said of how they were taken."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.domain import ColumnContract
from etl.header_block import refuse_lacking
from etl.headers import Mapping, refuse_two_on_one, refuse_without_key, unit_factor
from etl.issues import IssueList, Severity
from etl.meaning import Meant
from etl.pack import Pack
from etl.read.source import Grid, Note, Source
from etl.side_by_side import refuse_side_by_side
from etl.table import Table, table_of_grid, table_of_layer


def tables_of(
    source: Source,
    sheets: Sequence[Meant],
    contracts: Sequence[ColumnContract],
    pack: Pack,
    issues: IssueList,
) -> tuple[list[Table], list[str]]:
    """Every table that is to be loaded, in file order, and the names of sheets and layers without.

    Hidden sheets are read like others, and said to be hidden: what an office does not see, it
    would not look for.

    Raises:
        SourceError: Tables stand side by side, a second one lacks a column, two columns mean one
            field, or none tells the rows apart.
    """
    tables: list[Table] = []
    skipped: list[str] = []
    for one in sheets:
        if one.mapping is None:
            if one.grid is not None and one.grid.first_row and one.meaning is None:
                # The rows of a table under another would else be taken for rows of that one.
                refuse_lacking(one.grid, contracts, pack, file=source.file)
            skipped.append(one.name)
            continue
        sheet = one.grid.name if one.grid else one.name
        if one.grid is not None:
            others = contracts if one.meaning is None else ()
            refuse_side_by_side(one.grid, one.mapping, others, pack, file=source.file)
        refuse_two_on_one(one.mapping, file=source.file, sheet=sheet)
        refuse_without_key(one.mapping, pack, file=source.file, sheet=sheet)
        if one.grid is not None:
            codes = source.place_codes
            tables.append(table_of_grid(one.grid, one.mapping, pack, file=source.file, codes=codes))
            _note_grid(one.grid, issues)
            _note_units(one.grid, one.mapping, pack, issues)
        elif one.layer is not None:
            tables.append(table_of_layer(one.layer, one.mapping, file=source.file))
    _list_notes(source.notes, tables, issues)
    return tables, skipped


def _note_grid(grid: Grid, issues: IssueList) -> None:
    """What a person should know of how a sheet was taken."""
    for rule, rows in (
        ("sheet.hidden", [0] if grid.is_hidden else []),
        ("sheet.several_tables", [grid.first_row + 1] if grid.first_row else []),
        ("sheet.header_repeated", list(grid.repeated_headers)),
    ):
        issues.add(sheet=grid.name, rows=rows, column=None, rule=rule, severity=Severity.WARN)


def _note_units(grid: Grid, mapping: Mapping, pack: Pack, issues: IssueList) -> None:
    """Columns whose figures are taken in the unit that stands above the sheet, not in a header."""
    for column in mapping.columns:
        own = unit_factor(mapping.paths[column.index], column.column, pack)
        if column.factor != own:
            issues.add(
                sheet=grid.name,
                rows=[0],
                column=column.header,
                rule="number.unit_of_title",
                severity=Severity.WARN,
                params={"factor": f"{column.factor.normalize():f}"},
            )


def _list_notes(notes: Sequence[Note], tables: Sequence[Table], issues: IssueList) -> None:
    """What the reading had to say; of cells, only of those that are data."""
    if not notes:
        return
    listed = pd.DataFrame([vars(note) for note in notes], dtype=object)
    for (rule, sheet, column), part in listed.groupby(
        ["rule", "sheet", "column"], dropna=False, sort=False
    ):
        rows = part["row"].fillna(0).to_numpy(dtype="int64")
        header = None if pd.isna(column) else str(column)
        name = None if pd.isna(sheet) else str(sheet)
        is_shown = np.ones(len(rows), dtype=bool)
        if header is not None:
            header, is_shown = _of_data(tables, name, header, rows)
        issues.add(
            sheet=name,
            rows=rows[is_shown],
            column=header,
            rule=str(rule),
            severity=Severity.WARN,
            original=part["original"][is_shown],
            suggestion=part["suggestion"][is_shown],
        )


def _of_data(
    tables: Sequence[Table], sheet: str | None, letters: str, rows: npt.NDArray[np.int64]
) -> tuple[str, npt.NDArray[np.bool_]]:
    """The header over a column letter, and which rows are data rows of a table that has it."""
    header = letters
    is_data = np.zeros(len(rows), dtype=bool)
    position = _position(letters)
    for table in tables:
        for column in table.columns:
            if table.sheet == sheet and column.index == position:
                header = column.header
                is_data |= np.isin(rows, table.rows)
    return header, is_data


def _position(letters: str) -> int:
    number = 0
    for letter in re.sub(r"[^A-Z]", "", letters):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
