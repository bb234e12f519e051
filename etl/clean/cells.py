"""What a cell means beside the others of its column: the one above, the code's usual length."""

import re
from collections import Counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.clean.read import Read, plain_text
from etl.headers import MappedColumn
from etl.issues import IssueList, Severity
from etl.pack import fold
from etl.table import Table

_WORDS: Final = frozenset({"是", "否"})
_DIGITS: Final = re.compile(r"\d+")


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


def with_numbers_among_texts(
    distinct: list[Any], read: list[Read], counts: npt.NDArray[np.int64]
) -> list[Read]:
    """Codes that a sheet kept as numbers, told where half of the column or more stands as text.

    Args:
        distinct: Distinct cells of a column of codes.
        read: What they were read as.
        counts: How often each stands in the column.
    """
    is_number = np.array([isinstance(one, float) for one in distinct], dtype=bool)
    if not _is_minority(is_number, counts):
        return read
    return [
        Read(found.value, "code.number") if odd and found.value and not found.rule else found
        for odd, found in zip(is_number, read, strict=True)
    ]


def with_texts_among_numbers(
    distinct: list[Any], read: list[Read], counts: npt.NDArray[np.int64]
) -> list[Read]:
    """Figures kept as text, told where half of the column or more are numbers: sums pass them by.

    Args:
        distinct: Distinct cells of a column of numbers.
        read: What they were read as.
        counts: How often each stands in the column.
    """
    is_text = np.array([isinstance(one, str) for one in distinct], dtype=bool)
    if not _is_minority(is_text, counts):
        return read
    return [
        Read(found.value, "number.as_text")
        if odd and found.value is not None and not found.rule
        else found
        for odd, found in zip(is_text, read, strict=True)
    ]


def with_odd_signs(
    distinct: list[Any], read: list[Read], counts: npt.NDArray[np.int64]
) -> list[Read]:
    """Yes and no in signs, where half of the column or more is in words; they are taken, and told.

    Args:
        distinct: Distinct cells of a yes-or-no column.
        read: What they were read as.
        counts: How often each stands in the column.
    """
    is_sign = np.array(
        [not (isinstance(one, str) and fold(one) in _WORDS) for one in distinct], dtype=bool
    )
    if not _is_minority(is_sign, counts):
        return read
    return [
        Read(found.value, "boolean.sign")
        if odd and found.value is not None and not found.rule
        else found
        for odd, found in zip(is_sign, read, strict=True)
    ]


def with_other_forms(
    distinct: list[Any], read: list[Read], counts: npt.NDArray[np.int64]
) -> list[Read]:
    """Dates and years written in another form than most of the column; they are taken, and told.

    Args:
        distinct: Distinct cells of a column of dates or years.
        read: What they were read as.
        counts: How often each stands in the column.
    """
    forms = [
        _DIGITS.sub("9", one.strip()) if isinstance(one, str) else type(one).__name__
        for one in distinct
    ]
    frequent: Counter[str] = Counter()
    for form, count in zip(forms, counts.tolist(), strict=True):
        frequent[form] += count
    usual, often = frequent.most_common(1)[0] if frequent else ("", 0)
    if 2 * often <= sum(frequent.values()):
        return read
    return [
        Read(found.value, "date.other_form")
        if form != usual and found.value is not None and not found.rule
        else found
        for form, found in zip(forms, read, strict=True)
    ]


def _is_minority(odd: npt.NDArray[np.bool_], counts: npt.NDArray[np.int64]) -> bool:
    """Whether some stand otherwise; of as many on either side the proper form is the usual one."""
    return bool(odd.any()) and 2 * int(counts[odd].sum()) <= int(counts.sum())


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
