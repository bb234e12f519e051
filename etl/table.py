"""Data rows of a sheet or layer under their fields: header, note and total rows are out."""

import itertools
import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.domain import ColumnContract
from etl.headers import MappedColumn, Mapping
from etl.pack import Pack, fold
from etl.persons import heads_by_person
from etl.read.source import Grid, Layer
from etl.unknown_columns import UnknownColumn, unknown_columns

_MARKER_COLUMNS: Final = 3
_LONGEST_TOTAL: Final = 12
_NOTE_CELLS: Final = 4
_COUNTING = re.compile(r"^\(?(\d{1,3}|[甲乙丙丁戊己庚辛壬癸])\)?$")
_GROUP_FIELDS: Final = ("sequence_no", "address", "code", "name")
_CARD: Final = "asset_card_code"


@dataclass(frozen=True)
class Table:
    """What a sheet says, one row per data row.

    Args:
        file: File name as the person knows it.
        sheet: Sheet or layer name; null for a csv file.
        contract: What kind of sheet it is.
        columns: How each field's column was found.
        unknown: Columns that were not understood, with their cells.
        rows: Row number of each data row as a person counts it.
        cells: Original values, columns named by field; group cells filled down.
        group: Row number of the first row of the thing each row describes; equal to `rows`
            unless several rows describe one thing.
        wkb: Geometry per row; null for a sheet.
        crs: The layer's own coordinate system; null when it states none.
        place_codes: Place code per row from our own exported workbook; null without.
    """

    file: str
    sheet: str | None
    contract: ColumnContract
    columns: tuple[MappedColumn, ...]
    unknown: tuple[UnknownColumn, ...]
    rows: npt.NDArray[np.int64]
    cells: pd.DataFrame
    group: npt.NDArray[np.int64]
    wkb: npt.NDArray[np.object_] | None = None
    crs: str | None = None
    place_codes: npt.NDArray[np.object_] | None = None
    headers: MappingType[str, str] = field(default_factory=dict)

    def header(self, field_name: str) -> str | None:
        """The header a person sees over a field; null when the file does not carry it."""
        return self.headers.get(field_name)

    def factor(self, field_name: str) -> Decimal:
        """What turns a bare number of the column into the contract's unit."""
        for column in self.columns:
            if column.field == field_name:
                return column.factor
        return Decimal(1)


def table_of_grid(
    grid: Grid, mapping: Mapping, pack: Pack, *, file: str, codes: pd.DataFrame | None
) -> Table:
    """The data rows of a sheet.

    Args:
        grid: The raw sheet.
        mapping: Its header.
        pack: Words that mark totals and notes.
        file: File name.
        codes: Place codes of our own export (`sheet, row, place_code`); null without.
    """
    body = grid.cells.iloc[mapping.first_row :]
    body = body[body.notna().any(axis=1)]
    body = body[~_marked_rows(body, pack)]
    if len(body) and _is_counting(body.iloc[0]):
        body = body.iloc[1:]
    index = body.index.to_numpy(dtype="int64")
    cells = pd.DataFrame(
        {column.field: body[column.index].to_numpy() for column in mapping.columns}
    )
    heads = _heads(grid, mapping, index, cells)
    cells = _filled(cells, heads, mapping)
    rows = index + grid.first_row + 1
    return Table(
        file=file,
        sheet=grid.name,
        contract=mapping.contract,
        columns=mapping.columns,
        unknown=unknown_columns(mapping, lambda index: body[index]),
        rows=rows,
        cells=cells,
        group=rows[heads],
        place_codes=_codes(codes, grid.name, rows),
        headers={column.field: column.header for column in mapping.columns},
    )


def table_of_layer(layer: Layer, mapping: Mapping, *, file: str) -> Table:
    """The features of a layer; a feature's row number is its place in the file, from 1."""
    rows = np.arange(1, len(layer.attributes) + 1, dtype="int64")
    cells = pd.DataFrame(
        {
            column.field: layer.attributes.iloc[:, column.index].reset_index(drop=True)
            for column in mapping.columns
        }
    )
    return Table(
        file=file,
        sheet=layer.name,
        contract=mapping.contract,
        columns=mapping.columns,
        unknown=unknown_columns(mapping, lambda index: layer.attributes.iloc[:, index]),
        rows=rows,
        cells=cells,
        group=rows,
        wkb=layer.wkb,
        crs=layer.crs,
        headers={column.field: column.header for column in mapping.columns},
    )


def _marked_rows(body: pd.DataFrame, pack: Pack) -> npt.NDArray[np.bool_]:
    """Total rows and note rows, by the words in their first cells."""
    totals = pack.markers.get("total", frozenset())
    notes = pack.markers.get("note", frozenset())
    is_total = np.zeros(len(body), dtype=bool)
    is_note = np.zeros(len(body), dtype=bool)
    filled = body.notna().sum(axis=1).to_numpy()
    for position in range(min(_MARKER_COLUMNS, body.shape[1])):
        codes, distinct = pd.factorize(body.iloc[:, position], use_na_sentinel=True)
        folded = [fold(value) if isinstance(value, str) else "" for value in distinct]
        total = np.array([_is_total(text, totals) for text in folded] + [False])
        note = np.array([_is_note(text, notes) for text in folded] + [False])
        is_total |= total[codes]
        is_note |= note[codes]
    # A note stands alone or beside a signature and a date; a data row fills its columns.
    return np.asarray(is_total | (is_note & (filled <= _NOTE_CELLS)))


def _is_total(text: str, totals: frozenset[str]) -> bool:
    if text in totals:
        return True
    return len(text) <= _LONGEST_TOTAL and any(
        not word.isascii() and text.endswith(word) for word in totals
    )


def _is_note(text: str, notes: frozenset[str]) -> bool:
    return any(text.startswith(word + mark) for word in notes for mark in (":", "(", "1"))


def _is_counting(row: pd.Series) -> bool:
    """Whether a row only numbers the columns, as many forms do under the header."""
    texts = [str(value).removesuffix(".0") for value in row if not pd.isna(value)]
    if len(texts) < 3 or not all(_COUNTING.match(text) for text in texts):
        return False
    numbers = [int(text.strip("()")) for text in texts if text.strip("()").isdigit()]
    return len(numbers) >= 3 and all(
        later == earlier + 1 for earlier, later in itertools.pairwise(numbers)
    )


def _heads(
    grid: Grid, mapping: Mapping, index: npt.NDArray[np.int64], cells: pd.DataFrame
) -> npt.NDArray[np.int64]:
    """Position of the first row of the thing each row belongs to."""
    own = np.arange(len(index), dtype="int64")
    if mapping.contract.place is not None and mapping.contract.place.people:
        return heads_by_person(cells, mapping.contract)
    repeated = [column.field for column in mapping.columns if column.column.is_repeated]
    if not repeated or not len(index):
        return own
    # A row without number, address, code and name goes on with the thing above it, as after a
    # round trip through csv, or where a clerk added an agency under merged cells.
    named = [name for name in _GROUP_FIELDS if name in cells]
    is_start = cells[named].notna().any(axis=1).to_numpy()
    is_start = is_start | cells[repeated].isna().all(axis=1).to_numpy() | _other_cards(cells)
    for first, last in _merged_heads(grid, mapping, index):
        is_start[first] = True
        is_start[first + 1 : last + 1] = False
    is_start[0] = True
    return np.maximum.accumulate(np.where(is_start, own, 0))


def _other_cards(cells: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows with an asset card that the rows above have not: a thing has one, so it is another.

    Under a merged cell it is not, whatever its card says: that is told.
    """
    if _CARD not in cells:
        return np.zeros(len(cells), dtype=bool)
    written = cells[_CARD]
    card = written.where(written.astype(str).str.contains(r"\d")).map(
        lambda value: fold(str(value)), "ignore"
    )
    return np.asarray(card.notna() & (card != card.ffill().shift()), dtype=bool)


def _merged_heads(
    grid: Grid, mapping: Mapping, index: npt.NDArray[np.int64]
) -> list[tuple[int, int]]:
    positions = {column.field: column.index for column in mapping.columns}
    for name in _GROUP_FIELDS:
        spans = [
            (first_row, last_row)
            for (first_row, first_column), (last_row, last_column) in grid.merges
            if name in positions
            and first_column <= positions[name] <= last_column
            and last_row > first_row >= mapping.first_row
        ]
        if spans:
            firsts = np.searchsorted(index, [span[0] for span in spans], side="left")
            lasts = np.searchsorted(index, [span[1] for span in spans], side="right") - 1
            return [
                (int(first), int(last))
                for first, last in zip(firsts, lasts, strict=True)
                if last > first
            ]
    return []


def _filled(cells: pd.DataFrame, heads: npt.NDArray[np.int64], mapping: Mapping) -> pd.DataFrame:
    """Group cells of continuing rows take the value of their first row where they are blank."""
    if (heads == np.arange(len(cells))).all():
        return cells
    filled = {}
    for column in mapping.columns:
        values = cells[column.field]
        if not column.column.is_repeated:
            values = values.where(values.notna(), values.iloc[heads].to_numpy())
        filled[column.field] = values
    return pd.DataFrame(filled)


def _codes(
    codes: pd.DataFrame | None, sheet: str | None, rows: npt.NDArray[np.int64]
) -> npt.NDArray[Any] | None:
    if codes is None:
        return None
    own = codes[codes["sheet"] == sheet].drop_duplicates("row").set_index("row")["place_code"]
    return np.asarray(own.reindex(rows).astype(object).where(lambda found: found.notna(), None))
