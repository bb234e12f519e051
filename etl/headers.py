"""Find the header block of a sheet, and say which field each column is."""

import re
import unicodedata
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from assets.domain import Column, ColumnContract
from etl.pack import Pack, fold, header_key
from etl.read.source import Grid
from gis.errors import SourceError

_HEADER_SEARCH_ROWS: Final = 20
_HEADER_DEPTHS: Final = (1, 2, 3)
_SHEET_NAME_WORTH: Final = 1.5
_FEWEST_COLUMNS: Final = 2
Paths = Sequence[tuple[str, ...]]
"""Header levels per column, from the top down; empty where there is no header."""

_STATED_UNITS = re.compile(r"单位\s*:\s*([^\s;。()]+)")
_UNIT_MARKS = re.compile(r"[、,/]|和|及")
_COUNTED: Final = "count"
_BRACKET = re.compile(r"\(([^()]*)\)")


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file that has found its field.

    Args:
        index: Position in the sheet, from 0.
        header: The header as the person reads it, its levels joined by `/`.
        field: Canonical field, `stem.key` for a keyed column.
        column: The contract's column.
        factor: What turns a bare number into the contract's unit; exact.
    """

    index: int
    header: str
    field: str
    column: Column
    factor: Decimal = Decimal(1)


@dataclass(frozen=True)
class Mapping:
    """How a sheet maps to a contract.

    Args:
        contract: The kind of sheet.
        columns: Columns with a field, in sheet order.
        unknown: (position, header) of the columns nobody knows; their cells are not loaded.
        first_row: Index of the first row under the header block.
        score: How well it fits; only compares mappings of one sheet.
        paths: Header levels of every column of the sheet, known or not.
    """

    contract: ColumnContract
    columns: tuple[MappedColumn, ...]
    unknown: tuple[tuple[int, str], ...]
    first_row: int
    score: float
    paths: Paths = ()

    @property
    def fields(self) -> frozenset[str]:
        """All mapped fields."""
        return frozenset(column.field for column in self.columns)


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


@dataclass(frozen=True)
class Near:
    """A contract that headers resemble most, though they lack what it cannot do without.

    Args:
        contract: Which.
        columns: Its columns among the headers; two at least.
        lacking: Groups of words of which one column each is needed.
    """

    contract: ColumnContract
    columns: Sequence[MappedColumn]
    lacking: tuple[tuple[str, ...], ...]

    @property
    def worth(self) -> tuple[int, int]:
        """What ranks it: most known fields, then least lacking."""
        return len({column.field for column in self.columns}), -len(self.lacking)


def nearest_contract(paths: Paths, contracts: Sequence[ColumnContract], pack: Pack) -> Near | None:
    """The contract most of whose columns a row of headers has; null under two columns."""
    nearest: Near | None = None
    for contract in contracts:
        columns, _unknown = propose_columns(contract, paths, pack)
        fields = {column.field for column in columns}
        lacking = tuple(
            pack.words_of(contract.name, group)
            for group in contract.key_fields
            if fields.isdisjoint(group)
        )
        near = Near(contract, columns, lacking)
        if len(fields) >= _FEWEST_COLUMNS and (nearest is None or near.worth > nearest.worth):
            nearest = near
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


def map_headers(
    paths: Sequence[tuple[str, ...]],
    contracts: Sequence[ColumnContract],
    pack: Pack,
    *,
    sheet: str,
    first_row: int = 0,
) -> Mapping | None:
    """The contract that a row of header paths fits best; null when none fits.

    Args:
        paths: Per column its header from the top level down; empty where there is none.
        contracts: Candidates; a tie goes to the earlier.
        pack: Vocabulary.
        sheet: Sheet, layer or file name: a hint, not a rule.
        first_row: Passed through to the mapping.
    """
    best: Mapping | None = None
    for contract in contracts:
        columns, unknown = propose_columns(contract, paths, pack)
        fields = {column.field for column in columns}
        is_named = _is_named(contract.name, sheet, pack)
        if len(fields) < (1 if is_named else _FEWEST_COLUMNS) or not all(
            any(field in fields for field in group) for group in contract.key_fields
        ):
            continue
        score = len(fields) + _SHEET_NAME_WORTH * is_named
        if best is None or score > best.score:
            best = Mapping(contract, tuple(columns), tuple(unknown), first_row, score, tuple(paths))
    return best


def refuse_two_on_one(mapping: Mapping, *, file: str, sheet: str | None) -> None:
    """Refuse a sheet in which two columns mean one field.

    Raises:
        SourceError: Names both columns.
    """
    seen: dict[str, MappedColumn] = {}
    for column in mapping.columns:
        if earlier := seen.get(column.field):
            raise SourceError(
                "load.two_columns_one_field",
                file=file,
                sheet=sheet,
                column=column.header,
                other=earlier.header,
                field=column.field,
            )
        seen[column.field] = column


def refuse_without_key(mapping: Mapping, pack: Pack, *, file: str, sheet: str | None) -> None:
    """Refuse a sheet without the columns that say which thing a row is about.

    Raises:
        SourceError: Names the fields in the filer's words, one of which must have a column.
    """
    for group in mapping.contract.key_fields:
        if not any(field in mapping.fields for field in group):
            words = pack.words_of(mapping.contract.name, group)
            fields = " / ".join(word.replace("/", "·") for word in words)
            raise SourceError("load.no_key_column", file=file, sheet=sheet, fields=fields)


def propose_columns(
    contract: ColumnContract, paths: Paths, pack: Pack
) -> tuple[list[MappedColumn], list[tuple[int, str]]]:
    """Columns that find a field in a contract, and (position, header) of those that do not."""
    keys = [tuple(header_key(part) for part in path) for path in paths]
    columns: list[MappedColumn] = []
    unknown: list[tuple[int, str]] = []
    for index, (path, key) in enumerate(zip(paths, keys, strict=True)):
        if not path:
            continue
        header = "/".join(path)
        found = _field(contract, key, pack)
        if found is None:
            unknown.append((index, header))
            continue
        field, column = found
        factor = unit_factor(path, column, pack)
        columns.append(MappedColumn(index, header, field, column, factor))
    return columns, unknown


def _field(contract: ColumnContract, key: tuple[str, ...], pack: Pack) -> tuple[str, Column] | None:
    """The longest tail of the header path that the pack knows, groups before the bare leaf."""
    for start in range(len(key)):
        tail = key[start:]
        candidates = ["/".join(tail)]
        if len(tail) > 2:
            candidates.append(f"{tail[0]}/{tail[-1]}")
        for candidate in candidates:
            field = pack.field_of(contract.name, candidate)
            if field is None:
                continue
            try:
                return field, contract.column(field)
            except KeyError:
                continue
    # Files made for onemap may simply use its own field names.
    for column in contract.columns:
        if key and not column.is_keyed and key[-1] == header_key(column.field):
            return column.field, column
    return None


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


def unit_factor(
    path: tuple[str, ...],
    column: Column,
    pack: Pack,
    stated: MappingType[str, Decimal] = MappingProxyType({}),
) -> Decimal:
    """The factor of the unit in a header or a group above it; else of the unit the sheet states."""
    if column.unit is None:
        return Decimal(1)
    units = pack.units.get(column.unit, {})
    for part in reversed(path):
        plain = unicodedata.normalize("NFKC", part)
        for bracket in _BRACKET.findall(plain):
            text = fold(bracket).removeprefix("单位").lstrip(":")
            if text in units:
                return units[text]
        # Foreign headers carry the unit as words: "Building Rentable Square Feet".
        folded = plain.casefold()
        for synonym, factor in units.items():
            if synonym.isascii() and len(synonym) > 3 and synonym in fold(folded):
                return factor
    return stated.get(column.unit, Decimal(1))


def _is_named(contract: str, sheet: str, pack: Pack) -> bool:
    name = fold(sheet)
    return any(known == contract and part in name for known, part in pack.sheets)


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
