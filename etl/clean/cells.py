"""What a cell means beside the others of its column: the one above, the code's usual length."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.clean.read import Read, plain_text
from etl.headers import MappedColumn
from etl.issues import IssueList, Severity
from etl.pack import fold
from etl.table import Table


def with_cells_above(
    series: pd.Series,
    table: Table,
    mapped: MappedColumn,
    *,
    same: frozenset[str],
    issues: IssueList,
) -> pd.Series:
    """A column in which every cell that says "as above" has the value of the row above.

    Args:
        series: The column as it stands.
        table: Where it comes from.
        mapped: Which column.
        same: Folded marks, such as 同上 and 〃.
        issues: Gets one for each such cell; without a cell above it the mark stays unread.
    """
    codes, distinct = pd.factorize(series, use_na_sentinel=True)
    means_same = np.array(
        [isinstance(one, str) and fold(one) in same for one in distinct] + [False]
    )
    if not means_same.any():
        return series
    is_same = means_same[codes]
    above = np.maximum.accumulate(np.where(is_same, -1, np.arange(len(series))))
    has_above = above >= 0
    values = series.to_numpy(dtype=object)
    taken = np.where(is_same & has_above, values[np.maximum(above, 0)], values)
    taken[is_same & ~has_above] = None
    hit = is_same & (mapped.column.is_repeated | (table.group == table.rows))
    for where, rule in (
        (hit & has_above, "cell.same_as_above"),
        (hit & ~has_above, "cell.nothing_above"),
    ):
        issues.add(
            sheet=table.sheet,
            rows=table.rows[where],
            column=mapped.header,
            rule=rule,
            severity=Severity.WARN,
            original=[plain_text(one) for one in values[where]],
            suggestion=[None if pd.isna(one) else plain_text(one) for one in taken[where]],
        )
    return pd.Series(taken, index=series.index, dtype=object)


def with_leading_zeros(distinct: list[Any], read: list[Read]) -> list[Read]:
    """Codes that a sheet kept as numbers, with the zeros in front that it took from them.

    Only where the column shows how long its codes are: all that stand as text are digits of one
    length, and some begin with a zero.

    Args:
        distinct: Distinct cells of a column of codes.
        read: What they were read as.
    """
    texts = [one for one in distinct if isinstance(one, str) and one.strip().isdigit()]
    lengths = {len(one.strip()) for one in texts}
    if len(lengths) != 1 or not any(one.strip().startswith("0") for one in texts):
        return read
    [length] = lengths
    return [
        Read(found.value.zfill(length), "code.leading_zeros")
        if isinstance(cell, float) and found.value is not None and len(found.value) < length
        else found
        for cell, found in zip(distinct, read, strict=True)
    ]


def distinct_of(series: pd.Series) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Index into the distinct cells per row; nulls point past the end.

    Cells of different types that compare equal (1, 1.0, True) must stay apart, for they read
    differently; so object columns are told apart by type as well.
    """
    if series.dtype == object:
        kinds = series.map(type)
        if len(kinds) and not (kinds == kinds.iloc[0]).all():
            keys = pd.MultiIndex.from_arrays([kinds.map(lambda kind: kind.__name__), series])
            codes_, _unique = pd.factorize(keys)
            first = pd.Series(codes_).drop_duplicates().index
            distinct = series.iloc[first].tolist()
            return codes_.astype("int64"), distinct
    codes_, unique = pd.factorize(series, use_na_sentinel=True)
    codes_ = np.where(codes_ < 0, len(unique), codes_)
    return codes_.astype("int64"), list(unique)
