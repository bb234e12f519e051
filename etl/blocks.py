"""The tables that stand below one another on one sheet, and headers that printing repeats."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.domain import ColumnContract
from etl.header_block import find_mapping
from etl.headers import Mapping
from etl.pack import Pack, header_key
from etl.read.source import Grid

_LEAST_HEADER_WORDS: Final = 3
_HEADER_SHARE: Final = 0.6
_MOST_TABLES: Final = 50
"""On one sheet; rows like headers in such numbers are data."""


def blocks_of(
    grid: Grid, contracts: Sequence[ColumnContract], pack: Pack, *, file: str
) -> list[Grid]:
    """The sheet as one grid per table, from the top; a sheet without a header as it is.

    Rows that repeat the header are left out and numbered in `repeated_headers`. What resembles a
    header and has no row below stays data of the table above.
    """
    mapping = find_mapping(grid, contracts, pack, file=file)
    if mapping is None:
        return [grid]
    if above := _end_above(grid, mapping, contracts, pack, file=file):
        top = replace(grid, cells=grid.cells.iloc[:above])
        return [
            part
            for one in (top, _below(grid, above))
            for part in blocks_of(one, contracts, pack, file=file)
        ]
    body = grid.cells.iloc[mapping.first_row :]
    headers = np.flatnonzero(_looks_like_header(body, pack)) + mapping.first_row
    is_repeated = np.array([_repeats(grid.cells.iloc[row], mapping) for row in headers], dtype=bool)
    repeated, others = headers[is_repeated], headers[~is_repeated]
    end, below = len(grid.cells), []
    if 0 < len(others) <= _MOST_TABLES:
        start = _above_title(grid.cells, int(others[0]), mapping.first_row)
        rest = _below(grid, start)
        has_rows = rest.cells.iloc[int(others[0]) - start + 1 :].notna().any(axis=None)
        if has_rows or find_mapping(rest, contracts, pack, file=file):
            end, below = start, blocks_of(rest, contracts, pack, file=file)
    repeated = repeated[repeated < end]
    if not len(repeated) and not below:
        return [grid]
    own = replace(
        grid,
        cells=grid.cells.iloc[:end].drop(index=grid.cells.index[repeated]),
        repeated_headers=tuple(int(row) + grid.first_row + 1 for row in repeated),
    )
    return [own, *below]


def _end_above(
    grid: Grid, mapping: Mapping, contracts: Sequence[ColumnContract], pack: Pack, *, file: str
) -> int | None:
    """Where a table above the best header ends; null when only titles stand there.

    The best header of a sheet has the most columns; a narrower table may stand above it.
    """
    depth = max(map(len, mapping.paths), default=1)
    end = _above_title(grid.cells, mapping.first_row - depth, 0)
    if end < 2:
        return None
    top = grid.cells.iloc[:end]
    is_header = _looks_like_header(top, pack)
    is_row = (
        (top.notna().sum(axis=1) > 1).to_numpy() & ~is_header & np.maximum.accumulate(is_header)
    )
    if not is_row.any():
        return None
    return end if find_mapping(replace(grid, cells=top), contracts, pack, file=file) else None


def _looks_like_header(body: pd.DataFrame, pack: Pack) -> npt.NDArray[np.bool_]:
    """Rows of nothing but text, most of whose cells are words of a header."""
    words = {key.rpartition("/")[2] for _contract, key in pack.headers}
    known = np.zeros(len(body), dtype=np.int64)
    texts = np.zeros(len(body), dtype=np.int64)
    for position in range(body.shape[1]):
        codes, distinct = pd.factorize(body.iloc[:, position], use_na_sentinel=True)
        is_text = [isinstance(one, str) for one in distinct]
        hits = [isinstance(one, str) and header_key(one) in words for one in distinct]
        known += np.array([*hits, False])[codes]
        texts += np.array([*is_text, False])[codes]
    filled = body.notna().sum(axis=1).to_numpy()
    return np.asarray(
        (known >= _LEAST_HEADER_WORDS) & (known >= _HEADER_SHARE * filled) & (texts == filled)
    )


def _repeats(row: pd.Series, mapping: Mapping) -> bool:
    """Whether a row says again what stands in the header, at the same places."""
    said = [
        header_key(str(row.iloc[column.index])) in map(header_key, column.header.split("/"))
        for column in mapping.columns
        if not pd.isna(row.iloc[column.index])
    ]
    least = min(_LEAST_HEADER_WORDS, len(mapping.columns))
    return sum(said) >= max(least, _HEADER_SHARE * len(said))


def _above_title(cells: pd.DataFrame, header: int, first_row: int) -> int:
    """The row at which the table of a header begins: its titles and blank rows go with it."""
    row = header
    while row > first_row and cells.iloc[row - 1].notna().sum() <= 1:
        row -= 1
    return row


def _below(grid: Grid, start: int) -> Grid:
    merges = tuple(
        ((top - start, left), (bottom - start, right))
        for (top, left), (bottom, right) in grid.merges
        if top >= start
    )
    cells = grid.cells.iloc[start:].reset_index(drop=True)
    return Grid(grid.name, cells, merges, grid.is_hidden, grid.first_row + start)
