"""Columns of a sheet that are matched to no field: told once each, and kept of rows that wait."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from openpyxl.utils import get_column_letter

from etl.headers import Mapping
from etl.issues import IssueList, Severity


@dataclass(frozen=True)
class UnknownColumn:
    """A column that nobody knows, or that the person who read the file chose to leave out.

    Args:
        index: Position in the sheet, from 0.
        header: Its header; where another column has the same one, with its number in the sheet.
        cells: Its original cells, one per data row.
        is_nameless: Nothing stands over it; `header` is its letter in brackets.
    """

    index: int
    header: str
    cells: pd.Series
    is_nameless: bool = False


def unknown_columns(
    mapping: Mapping, cells_at: Callable[[int], pd.Series]
) -> tuple[UnknownColumn, ...]:
    """The columns of a mapping without a field; `cells_at` gives the cells of one.

    In sheet order; behind them those that have cells and no header at all.
    """
    taken = {column.header for column in mapping.columns}
    found = []
    for index, header in mapping.unknown:
        name = header if header not in taken else f"{header} [{index + 1}]"
        taken.add(name)
        found.append(UnknownColumn(index, name, cells_at(index).reset_index(drop=True)))
    for index, path in enumerate(mapping.paths):
        cells = cells_at(index) if not path else None
        if cells is not None and any(map(_is_filled, cells.dropna())):
            name = f"[{get_column_letter(index + 1)}]"
            found.append(UnknownColumn(index, name, cells.reset_index(drop=True), is_nameless=True))
    return tuple(found)


def note_unknown(sheet: str | None, columns: tuple[UnknownColumn, ...], issues: IssueList) -> None:
    """List each column that has anything to lose, with how many cells that is."""
    issues.know_columns(sheet, {one.header: one.index + 1 for one in columns})
    for one in columns:
        if count := sum(map(_is_filled, one.cells.dropna())):
            issues.add(
                sheet=sheet,
                rows=[0],
                column=one.header,
                rule="column.no_header" if one.is_nameless else "column.unknown",
                severity=Severity.WARN,
                params={"count": count},
            )


def _is_filled(cell: object) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())
