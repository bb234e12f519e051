"""Find the header block of a sheet: which rows, under which titles, in which units."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import pandas as pd

from assets.domain import ColumnContract
from etl.headers import Mapping, Paths, map_headers, nearest_contract, unit_factor
from etl.pack import Pack, fold
from etl.read.source import Grid
from gis.errors import SourceError

_HEADER_SEARCH_ROWS: Final = 20
_HEADER_DEPTHS: Final = (1, 2, 3)
_STATED_UNITS = re.compile(r"单位\s*:\s*([^\s;。()]+)")
_UNIT_MARKS = re.compile(r"[、,/]|和|及")
_COUNTED: Final = "count"


def find_mapping(
    grid: Grid,
    contracts: Sequence[ColumnContract],
    pack: Pack,
    *,
    file: str,
) -> Mapping | None:
    """The best header block and contract of a sheet; null when no row looks like a header.

    Title and note rows may stand above; the header has one to three rows, merged or with blanks
    in place of merges. Two columns may mean one field; see `refuse_two_on_one`.
    """
    best: Mapping | None = None
    top = grid.cells.head(_HEADER_SEARCH_ROWS + _HEADER_DEPTHS[-1])
    texts = _header_texts(top, grid.merges)
    # A wide data row can resemble a header only by accident, so the first best block stands; of
    # equal blocks ending in one row the deepest keeps the group names that units stand in.
    for end in range(min(len(texts), _HEADER_SEARCH_ROWS)):
        for depth in _HEADER_DEPTHS:
            start = end - depth + 1
            if start < 0 or (depth > 1 and _is_title(texts[start])):
                break
            paths = _paths(texts[start : end + 1], has_merges=bool(grid.merges))
            found = map_headers(paths, contracts, pack, sheet=grid.name or file, first_row=end + 1)
            if found and (
                best is None
                or found.score > best.score
                or (found.score == best.score and found.first_row == best.first_row)
            ):
                best = found
    if best and (stated := stated_units(grid, best.first_row, pack)):
        best = replace(
            best,
            columns=tuple(
                replace(one, factor=unit_factor(best.paths[one.index], one.column, pack, stated))
                for one in best.columns
            ),
        )
    return best


@dataclass(frozen=True)
class LackingHeader:
    """A row that reads like a header, but lacks a column that tells which thing a row is about.

    Args:
        row: Its number in the sheet, from 1.
        known: The headers that mean something, in sheet order.
        lacking: Per column it lacks the headers that would do, one for each field.
    """

    row: int
    known: tuple[str, ...]
    lacking: tuple[tuple[str, ...], ...]


def find_lacking(
    grid: Grid, contracts: Sequence[ColumnContract], pack: Pack
) -> LackingHeader | None:
    """The row nearest to a header in a sheet that has none; null when no row has two columns.

    Nearest has the most known columns; of equal ones the first that lacks the least.
    """
    nearest: LackingHeader | None = None
    worth = (0, 0)
    for row, texts in enumerate(_header_texts(grid.cells.head(_HEADER_SEARCH_ROWS), grid.merges)):
        paths = [(text,) if text else () for text in texts]
        near = nearest_contract(paths, contracts, pack)
        if near is not None and near.worth > worth:
            worth = near.worth
            known = tuple(column.header for column in near.columns)
            nearest = LackingHeader(row + 1, known, near.lacking)
    return nearest


def refuse_lacking(
    grid: Grid, contracts: Sequence[ColumnContract], pack: Pack, *, file: str
) -> None:
    """Refuse a sheet, or a table on it, with a header that does not say which thing a row is about.

    Raises:
        SourceError: Says which row, and which columns would do.
    """
    nearest = find_lacking(grid, contracts, pack)
    if nearest and nearest.lacking:
        raise SourceError(
            "load.header_lacks",
            file=file,
            sheet=grid.name,
            row=grid.first_row + nearest.row,
            known=nearest.known,
            lacking=tuple(" / ".join(words) for words in nearest.lacking),
        )


def guess_block(grid: Grid) -> tuple[Paths, int]:
    """The row that looks most like headers though none is known, and the index of the row under it.

    The first of the rows with the most different texts that are no numbers.
    """
    top = grid.cells.head(_HEADER_SEARCH_ROWS)
    texts = _header_texts(top, grid.merges)
    if not texts:
        return (), 0
    words = [len({text for text in row if text and not _is_number(text)}) for row in texts]
    end = words.index(max(words))
    return tuple((text,) if text else () for text in texts[end]), end + 1


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdigit()


def stated_units(grid: Grid, first_row: int, pack: Pack) -> dict[str, Decimal]:
    """Units that a line above the headers states for the whole sheet: 单位：万元、亩.

    Returns:
        Kind of unit (`m2`, `yuan`) to the factor of what is stated; nothing where nothing is.
    """
    found: dict[str, Decimal] = {}
    for row in _header_texts(grid.cells.head(min(first_row, _HEADER_SEARCH_ROWS)), ()):
        for text in row:
            for stated in _STATED_UNITS.findall(unicodedata.normalize("NFKC", text)):
                for part in _UNIT_MARKS.split(fold(stated)):
                    word = part.rpartition(":")[2]
                    for kind, units in pack.units.items():
                        if word in units and kind != _COUNTED:
                            found.setdefault(kind, units[word])
    return found


def _is_title(texts: Sequence[str]) -> bool:
    """A title, merged over the sheet or alone in its row, is no level of a header."""
    return len({text for text in texts if text}) <= 1


def _header_texts(top: pd.DataFrame, merges: Sequence[Any]) -> list[list[str]]:
    texts = [[_text(value) for value in row] for row in top.itertuples(index=False)]
    for (first_row, first_column), (last_row, last_column) in merges:
        if last_row >= len(texts) or first_column >= top.shape[1]:
            continue
        value = texts[first_row][first_column]
        for row in range(first_row, last_row + 1):
            for column in range(first_column, min(last_column, top.shape[1] - 1) + 1):
                texts[row][column] = value
    return texts


def _text(value: Any) -> str:
    if pd.isna(value):
        return ""
    return str(value).strip()


def _paths(block: Sequence[Sequence[str]], *, has_merges: bool) -> list[tuple[str, ...]]:
    """Header levels per column; without merges, a blank takes the group to its left."""
    levels = [list(row) for row in block]
    for depth, row in enumerate([] if has_merges else levels[:-1]):
        for column in range(1, len(row)):
            below = levels[depth + 1][column]
            if not row[column] and below:
                row[column] = row[column - 1]
    paths: list[tuple[str, ...]] = []
    for column in range(len(levels[0])):
        path: list[str] = []
        for row in levels:
            if row[column] and (not path or path[-1] != row[column]):
                path.append(row[column])
        paths.append(tuple(path))
    return paths
