"""Cells of the further rows of one thing that say other than its first row: the first is taken.

Several rows describe one property where several agencies use it. What belongs to the property is
read from its first row; a figure that a clerk wrote for each agency instead would otherwise go
without a word.
"""

from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from assets.domain import ColumnType
from etl.clean import Cleaned
from etl.headers import MappedColumn
from etl.issues import IssueList, Severity

_NUMBERING: Final = "sequence_no"
"""Each row may have a number of its own."""


def note_group_differences(cleaned: Cleaned, issues: IssueList) -> None:
    """List each cell of a further row that differs from that of the first, once cleaned.

    Args:
        cleaned: Before pieces of footprints are joined: their rows are a group of another sort.
        issues: Gets one for each such cell, with what the first row says.
    """
    table = cleaned.table
    further = np.flatnonzero(table.group != table.rows)
    if not further.size:
        return
    first = np.searchsorted(table.rows, table.group[further])
    for mapped in table.columns:
        column = mapped.column
        if column.is_repeated or column.field == _NUMBERING or column.unkept is not None:
            continue
        said, known = _read(cleaned, mapped, further), _read(cleaned, mapped, first)
        differs = np.array(
            [one is not None and one != other for one, other in zip(said, known, strict=True)],
            dtype=bool,
        )
        cells = table.cells[mapped.field].to_numpy(dtype=object)
        is_figure = column.type in (ColumnType.NUMBER, ColumnType.INTEGER)
        issues.add(
            sheet=table.sheet,
            rows=table.rows[further[differs]],
            column=mapped.header,
            rule="area.changed_in_group" if is_figure else "column.group_differs",
            severity=Severity.WARN,
            original=cells[further[differs]],
            suggestion=cells[first[differs]],
        )


def _read(cleaned: Cleaned, mapped: MappedColumn, rows: npt.NDArray[np.int64]) -> list[Any]:
    """A column as it was understood; as it stands where positions are read later."""
    if mapped.field not in cleaned.values:
        cells = cleaned.table.cells[mapped.field].astype(object).iloc[rows]
        return list(cells.where(cells.notna(), None))
    said: list[Any] = cleaned.values[mapped.field].take(pa.array(rows)).to_pylist()
    if mapped.column.type is ColumnType.NUMBER:
        return [None if one is None else Decimal(one) for one in said]
    return said
