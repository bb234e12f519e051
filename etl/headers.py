"""Say which field each column of a header block is, and which kind of sheet that makes."""

import re
import unicodedata
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from assets.domain import Column, ColumnContract
from etl.pack import Pack, fold, header_key
from gis.errors import SourceError

_SHEET_NAME_WORTH: Final = 1.5
_FEWEST_COLUMNS: Final = 2
Paths = Sequence[tuple[str, ...]]
"""Header levels per column, from the top down; empty where there is no header."""
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
        score = _telling(columns) + _SHEET_NAME_WORTH * is_named
        if best is None or score > best.score:
            best = Mapping(contract, tuple(columns), tuple(unknown), first_row, score, tuple(paths))
    return best


def _telling(columns: Sequence[MappedColumn]) -> int:
    """How many fields speak for a kind of sheet: what no kind keeps speaks for none."""
    return len({column.field for column in columns if not column.column.is_of_no_use})


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
        found = _field(contract, key, pack) or _end_beside(contract, key, columns, index, pack)
        if found is None:
            unknown.append((index, header))
            continue
        field, column = found
        if column.is_of_no_use and any(one.field == field for one in columns):
            unknown.append((index, header))  # two of what is not kept are no contradiction
            continue
        factor = unit_factor(path, column, pack)
        columns.append(MappedColumn(index, header, field, column, factor))
    return _filled_in(contract, columns, paths, pack), unknown


def _filled_in(
    contract: ColumnContract, columns: Sequence[MappedColumn], paths: Paths, pack: Pack
) -> list[MappedColumn]:
    """A column read as the field it stands for, where no other column of the sheet is that one."""
    fields = {column.field for column in columns}
    filled = []
    for one in columns:
        field = one.column.stands_for
        if field is None or field in fields:
            filled.append(one)
            continue
        fields.add(field)
        column = contract.column(field)
        factor = unit_factor(paths[one.index], column, pack)
        filled.append(replace(one, field=field, column=column, factor=factor))
    return filled


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


def _end_beside(
    contract: ColumnContract,
    key: tuple[str, ...],
    columns: Sequence[MappedColumn],
    index: int,
    pack: Pack,
) -> tuple[str, Column] | None:
    """Right of a number, a bare day of ending says until when that number is in use."""
    if not columns or columns[-1].index != index - 1:
        return None
    ends = contract.end_of(columns[-1].field)
    if ends is None or key[-1] not in pack.markers.get("number_end", frozenset()):
        return None
    return ends, contract.column(ends)


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
