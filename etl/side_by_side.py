"""Tables beside one another on one sheet: told apart, located, and refused.

A row is known by its sheet and number from the issue list to the undo; two tables in one row would
share that, so they are not read. Tables below one another are (`etl.blocks`).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from openpyxl.utils import get_column_letter

from assets.domain import ColumnContract
from etl.header_block import find_mapping
from etl.headers import Mapping
from etl.pack import Pack
from etl.read.source import Grid
from gis.errors import SourceError

_LEAST_REPEATED: Final = 3
"""Columns that come again with nothing blank between: fewer are two columns for one field."""
_LEAST_COLUMNS: Final = 2
_LOST: Final = 2
"""Columns that only a contract of their own knows: fewer are a header nobody has heard of."""
_FEWEST_ROWS: Final = 3
"""Of fewer rows all are different soon."""
_HEAD_ROWS: Final = 40
"""More than a header is searched in."""
Pair = tuple[Mapping, Mapping]
Gaps = Sequence[tuple[int, int]]
"""Of each run of blank columns between filled ones: its first, and the column behind it."""


def refuse_side_by_side(
    grid: Grid,
    mapping: Mapping,
    contracts: Sequence[ColumnContract],
    pack: Pack,
    *,
    file: str,
) -> None:
    """Refuse a sheet with tables beside one another: their rows would be taken for one.

    Args:
        grid: The sheet, or one of the tables that stand below one another on it.
        mapping: What its header means.
        contracts: What a table to the right may be; none where a person stated the columns.
        pack: Vocabulary.
        file: File name.

    Raises:
        SourceError: Says where both headers stand.
    """
    used = np.flatnonzero(grid.cells.notna().any().to_numpy())
    gaps = [(int(left) + 1, int(right)) for left, right in pairwise(used) if right > left + 1]
    pair = _after_gap(mapping, gaps) or _again(mapping)
    for _gap, start in gaps if pair is None and contracts else ():
        pair = pair or _apart(grid, start, mapping, contracts, pack, file=file)
    if pair is None:
        return
    first, second = pair
    start = second.columns[0].index
    blank = [gap for gap, after in gaps if first.columns[-1].index < gap and after <= start]
    raise SourceError(
        "load.tables_side_by_side" if blank else "load.tables_adjoining",
        file=file,
        sheet=grid.name,
        column=second.columns[0].header,
        first=_range(grid, first),
        second=_range(grid, second),
        start=get_column_letter(start + 1),
        gap=get_column_letter(blank[-1] + 1) if blank else None,
    )


def _after_gap(mapping: Mapping, gaps: Gaps) -> Pair | None:
    """The header cut at the blank column after which a field comes a second time."""
    seen: dict[str, int] = {}
    for column in mapping.columns:
        earlier = seen.setdefault(column.field, column.index)
        starts = [start for gap, start in gaps if earlier < gap < column.index]
        if starts:
            return _cut(mapping, starts[-1])
    return None


def _again(mapping: Mapping) -> Pair | None:
    """The header cut where the fields of its first columns come again, and no others."""
    fields = [column.field for column in mapping.columns]
    for place in range(_LEAST_REPEATED, len(fields) - _LEAST_REPEATED + 1):
        again = fields[place:]
        if again[:_LEAST_REPEATED] == fields[:_LEAST_REPEATED] and not {*again} - {*fields[:place]}:
            return _cut(mapping, mapping.columns[place].index)
    return None


def _cut(mapping: Mapping, start: int) -> Pair:
    left = tuple(column for column in mapping.columns if column.index < start)
    right = tuple(column for column in mapping.columns if column.index >= start)
    return replace(mapping, columns=left), replace(mapping, columns=right)


def _apart(
    grid: Grid,
    start: int,
    mapping: Mapping,
    contracts: Sequence[ColumnContract],
    pack: Pack,
    *,
    file: str,
) -> Pair | None:
    """The headers on either side of a blank column; null when the rows only go on behind it.

    They are two when their rows differ, when one table ends before the other, or when each names
    things of its own kind.
    """
    head = grid.cells.head(_HEAD_ROWS)
    is_right = np.broadcast_to(np.arange(head.shape[1]) >= start, head.shape)
    merges = tuple(one for one in grid.merges if one[0][1] >= start)
    left, right = (
        find_mapping(replace(grid, cells=cells, merges=around), contracts, pack, file=file)
        for cells, around in ((head.mask(is_right), grid.merges), (head.where(is_right), merges))
    )
    if left is None or right is None:
        return None
    filled = grid.cells.notna().to_numpy()
    ends = [np.flatnonzero(side.any(axis=1))[-1] for side in (filled[:, :start], filled[:, start:])]
    is_level = left.first_row == right.first_row == mapping.first_row and ends[0] == ends[1]
    if is_level and not _are_two_kinds(grid, mapping, left, right):
        return None
    return left, right


def _are_two_kinds(grid: Grid, mapping: Mapping, left: Mapping, right: Mapping) -> bool:
    """Whether two level headers speak of two kinds of things.

    One table with a blank column in it has columns of one contract on both sides. Of two tables,
    read as one, columns are lost that their own contract knows; one such column is enough where
    both sides number their rows, each with other numbers throughout.
    """
    if (
        left.contract.name == right.contract.name
        or min(map(_width, (left, right))) < _LEAST_COLUMNS
    ):
        return False
    known = {column.index for column in mapping.columns}
    lost = sum(one.index not in known for side in (left, right) for one in side.columns)
    return lost >= _LOST or (lost > 0 and all(_is_numbered(grid, side) for side in (left, right)))


def _width(mapping: Mapping) -> int:
    return len(mapping.fields)


def _is_numbered(grid: Grid, mapping: Mapping) -> bool:
    """Whether some column that numbers a table's rows says something else in each of them."""
    body = grid.cells.iloc[mapping.first_row :]
    for column in mapping.columns:
        cells = body.iloc[:, column.index].dropna()
        is_number = column.field in mapping.contract.unique_fields
        if is_number and len(cells) >= _FEWEST_ROWS and not cells.duplicated().any():
            return True
    return False


def _range(grid: Grid, mapping: Mapping) -> str:
    """Where a header's lowest row stands, as an office program writes it."""
    row = grid.first_row + mapping.first_row
    ends = mapping.columns[0].index, mapping.columns[-1].index
    return ":".join(f"{get_column_letter(end + 1)}{row}" for end in ends)
