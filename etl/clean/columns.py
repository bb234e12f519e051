"""Clean a table column by column: work is done once per distinct value, then spread by index."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assets.domain import Column, ColumnType
from etl.clean import codes, values
from etl.clean.address import with_address
from etl.clean.cells import (
    distinct_of,
    with_cells_above,
    with_leading_zeros,
    with_numbers_among_texts,
    with_odd_signs,
    with_other_forms,
    with_texts_among_numbers,
)
from etl.clean.levels import level_in_words, unread_rows, with_levels, with_words
from etl.clean.repeats import find_repeats
from etl.clean.texts import CERTIFICATES, FREE_TEXT, read_text, with_codes_for_names, with_divisions
from etl.clean.values import Read
from etl.headers import MappedColumn
from etl.issues import IssueList, Severity
from etl.pack import Pack, fold
from etl.table import Table

_CODE_CHECKS: Final[dict[str, Callable[[str], str | None]]] = {
    "credit_code": codes.credit_code_fault,
    "real_estate_unit": codes.real_estate_unit_fault,
    "certificate": codes.certificate_fault,
}
_TELLS = re.compile(r"[1-9\u4e00-\u9fff]|[a-z]{2}")
_FIRST_YEAR: Final = 1840
_OF_WHOLE_COLUMN: Final = frozenset({"text.spaces", "text.full_width", "cell.nothing_in_words"})
"""Repairs that say the same of every cell: a column that mostly needs them is listed once."""
_WHOLE_COLUMN: Final = 20
_FORMULA_ERRORS: Final = (
    "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "Err:502",
    "Err:508",
)  # fmt: skip
# Arrow's expression syntax (RE2), in which a code point stands in braces.
_DIRTY_TEXT: Final = (
    r"^\s|\s$|\s\s|[\x00-\x1f\x7f\x{200b}-\x{200f}\x{feff}\x{3000}]"
    r"|[\x{ff10}-\x{ff19}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}]|\p{Han}\s+\p{Han}"
)
_PLAIN_CODE: Final = r"^(?:[A-Z][A-Z-]*)?[0-9][0-9A-Z-]{4,}$"


@dataclass(frozen=True)
class Cleaned:
    """A table after cleaning.

    Args:
        table: Where it came from, with the original cells.
        values: One Arrow array per field, same length as the table: numbers as plain decimal
            text (the database rounds), integers int64, dates date32, booleans, text; null where
            the cell says nothing readable.
        is_rejected: Rows that stay in staging.
        is_waiting: Rows that a person must say something of first.
        repeats: Per row the earlier row of its name or address from which it differs, 0 for none.
        is_unread: Rows in which what tells parts of a building apart could not be read.
    """

    table: Table
    values: dict[str, pa.Array]
    is_rejected: npt.NDArray[np.bool_]
    is_waiting: npt.NDArray[np.bool_]
    repeats: npt.NDArray[np.int64]
    is_unread: npt.NDArray[np.bool_]

    def text(self, field: str) -> pd.Series:
        """A text field as an object series, null where absent or unmapped."""
        if field not in self.values:
            return pd.Series([None] * len(self.table.rows), dtype=object)
        return pd.Series(self.values[field].to_pylist(), dtype=object)

    def number(self, field: str) -> npt.NDArray[np.float64]:
        """A numeric field as float64 for checks only, NaN where absent."""
        if field not in self.values:
            return np.full(len(self.table.rows), np.nan)
        array = self.values[field]
        return np.array(
            pc.cast(array, pa.float64()).to_numpy(zero_copy_only=False), dtype="float64"
        )


def clean_table(table: Table, pack: Pack, issues: IssueList) -> Cleaned:
    """Clean every column, warn per repaired cell, reject rows without what they must have."""
    is_rejected = np.zeros(len(table.rows), dtype=bool)
    cleaned: dict[str, pa.Array] = {}
    for mapped in table.columns:
        series = with_cells_above(
            table.cells[mapped.field],
            table,
            mapped,
            same=pack.markers.get("same", frozenset()),
            issues=issues,
        )
        reader, arrow = _reader(mapped.column, mapped.factor, pack)
        if (fast := _fast(series, mapped.column, mapped.factor)) is not None:
            cleaned[mapped.field] = fast
        else:
            cleaned[mapped.field] = _by_distinct(
                table, mapped, series, reader=reader, arrow=arrow, pack=pack, issues=issues
            )
    cleaned = with_address(table, cleaned, pack)
    cleaned = with_codes_for_names(table, cleaned, issues)
    table, cleaned = with_divisions(table, cleaned)
    cleaned = with_words(table, with_levels(table, cleaned), pack)
    for column in table.contract.columns:
        if column.is_required:
            is_rejected |= _refuse_missing(column.field, cleaned, table, issues)
    repeated, is_waiting, repeats = find_repeats(cleaned, table, issues)
    is_rejected |= repeated
    is_unread = unread_rows(table, cleaned, pack)
    return Cleaned(table, cleaned, is_rejected, is_waiting, repeats, is_unread)


def _fast(series: pd.Series, column: Column, factor: Decimal) -> pa.Array | None:
    """Columns that a typed file already holds clean; null when a cell needs reading."""
    if column.type is ColumnType.NUMBER and factor == 1 and column.unit != "m2":
        return _float_text(series)
    if column.type is ColumnType.NUMBER and factor == 1 and pd.api.types.is_float_dtype(series):
        values_ = series.to_numpy()
        return None if (values_ < 0).any() else _float_text(series)
    if column.type is ColumnType.COORDINATE:
        return _float_text(series)
    if column.type is ColumnType.INTEGER and isinstance(series.dtype, pd.Int64Dtype):
        array = pa.array(series, type=pa.int64(), from_pandas=True)
        return None if pc.any(pc.less(array, 0)).as_py() else array
    if column.type is ColumnType.TEXT and isinstance(series.dtype, pd.StringDtype):
        array = pa.array(series, type=pa.string(), from_pandas=True)
        dirty = pc.any(pc.match_substring_regex(array, _DIRTY_TEXT)).as_py()
        short = pc.any(pc.less(pc.utf8_length(array), 5)).as_py()
        is_checked = column.check is not None or column.field in CERTIFICATES
        return None if dirty or short or is_checked else array
    if column.type is ColumnType.CODE and isinstance(series.dtype, pd.StringDtype):
        return None if column.check else _plain_codes(series)
    return None


def _plain_codes(series: pd.Series) -> pa.Array | None:
    """Codes that read as they stand: capitals and digits, no word and no mark of nothing."""
    array = pa.array(series, type=pa.string(), from_pandas=True)
    odd = pc.invert(pc.match_substring_regex(array, _PLAIN_CODE))
    return None if pc.any(odd).as_py() else array


def _float_text(series: pd.Series) -> pa.Array | None:
    if not pd.api.types.is_float_dtype(series):
        return None
    array = pa.array(series, from_pandas=True)
    if pc.any(pc.invert(pc.is_finite(array))).as_py():
        return None
    # The shortest text that reads back as the same double is what the file's author typed.
    return pc.cast(array, pa.string())


def _reader(
    column: Column, factor: Decimal, pack: Pack
) -> tuple[Callable[[Any], Read], pa.DataType]:
    """How cells of a column are read, and what they become."""
    about = pack.markers.get("about", frozenset())
    units = pack.units.get(column.unit or "count", {})
    match column.type:
        case ColumnType.NUMBER:
            return (
                lambda value: _area_rule(
                    values.read_number(value, factor=factor, units=units, about=about), column
                ),
                pa.string(),
            )
        case ColumnType.INTEGER:
            return (
                lambda value: _count_rule(
                    values.read_integer(value, units=units, about=about), column, value
                ),
                pa.int64(),
            )
        case ColumnType.YEAR:
            return lambda value: _year_rule(values.read_year(value, about=about)), pa.int64()
        case ColumnType.DATE:
            return lambda value: values.read_date(value, about=about), pa.date32()
        case ColumnType.BOOLEAN:
            yes = pack.markers.get("yes", frozenset())
            no = pack.markers.get("no", frozenset())
            return lambda value: values.read_boolean(value, yes=yes, no=no), pa.bool_()
        case ColumnType.ENUM:
            synonyms = pack.enums.get(column.enum or "", {})
            return lambda value: values.read_enum(value, synonyms=synonyms), pa.string()
        case ColumnType.CODE:
            return lambda value: _checked(values.read_code(value), column), pa.string()
        case _:
            return lambda value: _checked(read_text(value, column.field), column), pa.string()


def _area_rule(found: Read, column: Column) -> Read:
    if found.value is not None and found.value < 0 and column.unit is not None:
        return Read(None, "number.negative")
    return found


def _count_rule(found: Read, column: Column, value: Any) -> Read:
    """Of whole numbers only the level of a floor may be below nought, or said in words."""
    if column.field == "floor_level":
        return level_in_words(found, value)
    if found.value is not None and found.value < 0:
        return Read(None, "number.negative")
    return found


def _year_rule(found: Read) -> Read:
    this_year = dt.datetime.now(tz=dt.UTC).year
    if found.value is not None and not _FIRST_YEAR <= found.value <= this_year + 5:
        return Read(None, "year.impossible")
    return found


def _checked(found: Read, column: Column) -> Read:
    """The code check of a column, which only warns; a nought or a sign is no certificate."""
    if column.field in CERTIFICATES and found.value and not _TELLS.search(fold(found.value)):
        return Read(None, "certificate.nothing")
    if column.field in CERTIFICATES:
        numbers = codes.certificate_numbers(found.value or "")
        if len(numbers) > 1:
            return _several(found.value, numbers, column)
    if column.check is None or found.value is None or found.rule == "code.scientific":
        return found
    fault = _CODE_CHECKS[column.check](fold(found.value).upper())
    return Read(found.value, fault or found.rule)


def _several(value: Any, numbers: list[str], column: Column) -> Read:
    """Several numbers of a cell, and those of them that the check of the column finds odd."""
    if column.check is None:
        return Read(value, "certificate.several")
    check = _CODE_CHECKS[column.check]
    odd = [one for one in numbers if check(fold(one).upper())]
    if not odd:
        return Read(value, "certificate.several")
    return Read(value, "certificate.several_form", {"numbers": "、".join(odd)})


def _by_distinct(
    table: Table,
    mapped: MappedColumn,
    series: pd.Series,
    *,
    reader: Callable[[Any], Read],
    arrow: pa.DataType,
    pack: Pack,
    issues: IssueList,
) -> pa.Array:
    column = mapped.column
    positions, distinct = distinct_of(series)
    blanks = pack.markers.get("blank", frozenset())
    if column.type is ColumnType.BOOLEAN:
        # "无" says no to a yes-or-no question; elsewhere it says that there is nothing.
        blanks -= pack.markers.get("no", frozenset())
    unknowns = _unknowns(column, pack)
    read = [
        Read(rule=_nothing(value, column))
        if values.is_blank(value, blanks)
        else Read(None, unknowns[fold(value)])
        if isinstance(value, str) and fold(value) in unknowns
        else reader(value)
        for value in distinct
    ]
    is_number = column.type is ColumnType.NUMBER
    counts = np.bincount(positions, minlength=len(distinct) + 1)[:-1]
    if column.type is ColumnType.CODE:
        read = with_leading_zeros(distinct, read)
        read = with_numbers_among_texts(distinct, read, counts)
    elif column.type is ColumnType.BOOLEAN:
        read = with_odd_signs(distinct, read, counts)
    elif column.type in (ColumnType.DATE, ColumnType.YEAR):
        read = with_other_forms(distinct, read, counts)
    elif is_number:
        read = with_texts_among_numbers(distinct, read, counts)
    read.append(Read())
    taken = pa.array(
        [format(one.value, "f") if is_number and one.value is not None else one.value
         for one in read],
        type=arrow,
    )  # fmt: skip
    _list_repairs(table, mapped, read=read, positions=positions, distinct=distinct, issues=issues)
    return taken.take(pa.array(positions))


def _nothing(value: Any, column: Column) -> str | None:
    """What a mark for nothing is in a column of areas, where it may mean nought or not known."""
    is_mark = isinstance(value, str) and value.strip() and column.unit == "m2"
    return "cell.nothing_in_words" if is_mark else None


def _unknowns(column: Column, pack: Pack) -> dict[str, str]:
    """Marks that a figure exists and does not stand here, and what a broken formula leaves."""
    if column.field in FREE_TEXT:
        return {}
    marks = {fold(text): "cell.formula_error" for text in _FORMULA_ERRORS}
    return marks | dict.fromkeys(pack.markers.get("unknown", frozenset()), "cell.unknown")


def _list_repairs(
    table: Table,
    mapped: MappedColumn,
    *,
    read: list[Read],
    positions: npt.NDArray[np.int64],
    distinct: list[Any],
    issues: IssueList,
) -> None:
    faulty = np.array([one.rule is not None for one in read])
    if not faulty.any():
        return
    # A group's cell was filled down; its issue is listed once, where it stands.
    hit = np.flatnonzero(faulty[positions])
    if not mapped.column.is_repeated:
        hit = hit[table.group[hit] == table.rows[hit]]
    at = positions[hit]
    filled = int((positions < len(distinct)).sum())
    for rule in dict.fromkeys(read[one].rule for one in np.unique(at)):
        chosen = [row for row, one in zip(hit, at, strict=True) if read[one].rule == rule]
        is_whole = rule in _OF_WHOLE_COLUMN and len(chosen) >= max(_WHOLE_COLUMN, filled / 2)
        count, chosen = len(chosen), chosen[:1] if is_whole else chosen
        issues.add(
            sheet=table.sheet,
            rows=table.rows[chosen],
            column=mapped.header,
            rule=f"{rule}.all" if is_whole else str(rule),
            severity=Severity.WARN,
            original=[values.plain_text(distinct[positions[row]]) for row in chosen],
            suggestion=[read[positions[row]].value for row in chosen],
            params={"count": count} if is_whole else [dict(read[positions[row]].params or {})
                                                      for row in chosen],
        )  # fmt: skip


def _refuse_missing(
    field: str, cleaned: dict[str, pa.Array], table: Table, issues: IssueList
) -> npt.NDArray[np.bool_]:
    count = len(table.rows)
    missing = (
        cleaned[field].is_null().to_numpy(zero_copy_only=False)
        if field in cleaned
        else np.ones(count, dtype=bool)
    )
    original = table.cells[field].to_numpy()[missing] if field in table.cells else None
    issues.add(
        sheet=table.sheet,
        rows=table.rows[missing],
        column=table.header(field) or field,
        rule="required.missing",
        severity=Severity.REJECT,
        original=original,
    )
    return np.asarray(missing)
