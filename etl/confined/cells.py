"""Cells of a sheet as Arrow: each column a union of the types that its cells have."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

BATCH_ROWS: Final = 20_000

# The order is the type code in the union.
CELL_TYPES: Final = (
    ("nothing", pa.null()),
    ("text", pa.string()),
    ("number", pa.float64()),
    ("truth", pa.bool_()),
    ("date", pa.date32()),
    ("instant", pa.timestamp("us")),
)
_CODE_OF: Final = {
    type(None): 0,
    str: 1,
    float: 2,
    bool: 3,
    dt.date: 4,
    dt.datetime: 5,
}
CELL: Final = pa.dense_union([pa.field(name, kind) for name, kind in CELL_TYPES])
_EXACT_INTEGER: Final = 1 << 53


def cell_schema(width: int) -> pa.Schema:
    """Schema of a sheet of a width: positional columns."""
    return pa.schema([pa.field(str(position), CELL) for position in range(width)])


def cell_batches(rows: Iterable[Sequence[Any]], width: int) -> Iterator[pa.RecordBatch]:
    """A sheet's rows in batches; short rows are filled with nothing, empty text is nothing."""
    schema = cell_schema(width)
    source = iter(rows)
    while chunk := list(itertools.islice(source, BATCH_ROWS)):
        if any(len(row) != width for row in chunk):
            chunk = [[*row, *[None] * (width - len(row))] for row in chunk]
        columns = [_cells(column) for column in zip(*chunk, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _cells(column: Sequence[Any]) -> pa.Array:
    kinds = set(map(type, column))
    if not kinds <= _CODE_OF.keys():
        column = [_plain(cell) for cell in column]
    if str in kinds:
        column = [None if cell == "" else cell for cell in column]
    codes = np.fromiter((_CODE_OF[kind] for kind in map(type, column)), np.int8, len(column))
    offsets = np.zeros(len(column), np.int32)
    children = []
    for code, (_name, kind) in enumerate(CELL_TYPES):
        mine = codes == code
        offsets[mine] = np.arange(mine.sum(), dtype=np.int32)
        children.append(pa.array(list(itertools.compress(column, mine)), kind))
    return pa.UnionArray.from_dense(
        pa.array(codes), pa.array(offsets), children, [name for name, _kind in CELL_TYPES]
    )


def _plain(cell: Any) -> Any:
    """A cell of a type of its own as one of the known types."""
    if type(cell) in _CODE_OF:
        return cell
    if isinstance(cell, int) and abs(cell) < _EXACT_INTEGER:
        return float(cell)
    return str(cell)
