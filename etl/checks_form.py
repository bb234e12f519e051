"""What a country's form asks of its cells: filled, of so many characters, of so many decimals."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.clean import Cleaned
from etl.issues import IssueList, Severity
from etl.pack import Pack

Rows = npt.NDArray[np.bool_]

_MOST: Final = 0.5
"""A sheet with more of the form's columns than this is on the form."""
_WHOLE_COLUMN: Final = 20
"""From so many cells on, a column that mostly breaks a rule is listed once."""
_LARGEST: Final = 10**12
"""No area has more square metres; the reader of numbers refuses them."""
_SLACK: Final = Decimal("0.000001")
"""What adding up in a workbook leaves beyond the decimals anybody wrote."""


def check_form(cleaned: Cleaned, pack: Pack, issues: IssueList) -> None:
    """List where a sheet is not filled in as its form asks; nothing is kept out for it.

    Args:
        cleaned: The table.
        pack: Vocabulary, with the rules of forms (`Pack.form_rules`).
        issues: Gets what was found; rows that are state secrets are asked for nothing.
    """
    name = cleaned.table.contract.name
    for field, limit in pack.form_rules.get((name, "characters"), {}).items():
        _check_length(cleaned, issues, field, limit or 0)
    for field, places in pack.form_rules.get((name, "decimals"), {}).items():
        _check_decimals(cleaned, issues, field, places or 0)
    asked = pack.form_rules.get((name, "filled"), {})
    present = [field for field in asked if _columns(cleaned, field)]
    if len(present) <= _MOST * len(asked):
        return
    for field in asked:
        if field in present:
            _check_filled(cleaned, issues, field)
        elif field not in _derived(cleaned):
            issues.add(
                sheet=cleaned.table.sheet, rows=[0], column=None, rule="required.no_column",
                severity=Severity.WARN, params={"column": pack.word_of(name, field)},
            )  # fmt: skip


def _columns(cleaned: Cleaned, field: str) -> list[str]:
    """The columns of a field that the sheet has: one, none, or those of the keyed one."""
    cells = cleaned.table.cells
    return [one for one in cells if one == field or one.startswith(f"{field}.")]


def _derived(cleaned: Cleaned) -> set[str]:
    """Fields that have values though no column of theirs stands in the sheet."""
    return {field for field, values in cleaned.values.items() if values.null_count < len(values)}


def _check_filled(cleaned: Cleaned, issues: IssueList, field: str) -> None:
    """Blank cells; of a keyed field, rows in which no column of it says anything."""
    table = cleaned.table
    columns = _columns(cleaned, field)
    is_keyed = columns != [field]
    is_blank = np.logical_and.reduce([_blank(cleaned, one) for one in columns])
    is_blank &= _answering(cleaned, field)
    is_blank &= ~np.isin(table.rows, issues.hidden_rows(table.sheet))
    if is_keyed:
        rule = "headcount.no_ranks"
        issues.add(
            sheet=table.sheet, rows=table.rows[is_blank], column=None, rule=rule,
            severity=Severity.WARN,
        )  # fmt: skip
        return
    asked = int(_answering(cleaned, field).sum())
    _list(cleaned, issues, field, "required.blank", is_blank, among=asked)


def _blank(cleaned: Cleaned, field: str) -> Rows:
    """Cells with nothing in them; a mark for nothing or a figure nobody can read is no blank."""
    cells = cleaned.table.cells[field]
    empty = cells.isna()
    if not (pd.api.types.is_numeric_dtype(cells) or empty.all()):
        empty |= cells.astype(str).str.strip() == ""
    return np.asarray(empty.to_numpy(dtype=bool))


def _answering(cleaned: Cleaned, field: str) -> Rows:
    """Rows in which a field is to be filled: a thing's first one, or each that names an agency."""
    table = cleaned.table
    is_head = np.asarray(table.group == table.rows)
    if not table.contract.column(_columns(cleaned, field)[0]).is_repeated:
        return is_head
    repeated = [one for one in table.cells if table.contract.column(one).is_repeated]
    says = ~np.logical_and.reduce([_blank(cleaned, one) for one in repeated])
    return np.asarray(is_head | says)


def _check_length(cleaned: Cleaned, issues: IssueList, field: str, limit: int) -> None:
    if field not in cleaned.values:
        return
    table = cleaned.table
    length = cleaned.text(field).fillna("").astype(str).str.len().to_numpy()
    is_long = (length > limit) & (table.group == table.rows)
    issues.add(
        sheet=table.sheet,
        rows=table.rows[is_long],
        column=table.header(field),
        rule="text.too_long",
        severity=Severity.WARN,
        original=table.cells[field].to_numpy()[is_long] if field in table.cells else None,
        params=[{"count": int(count), "limit": limit} for count in length[is_long]],
    )


def _check_decimals(cleaned: Cleaned, issues: IssueList, field: str, places: int) -> None:
    """Cells that carry more decimals than are kept, as their author wrote them.

    What is converted from another unit has decimals that nobody wrote.
    """
    table = cleaned.table
    if field not in table.cells or table.factor(field) != 1:
        return
    cells = table.cells[field]
    rounded = cells.map({value: _rounded(value, places) for value in cells.dropna().unique()})
    is_finer = rounded.notna().to_numpy() & (table.group == table.rows)
    kept = [str(one) for one in rounded[is_finer]]
    filled = int((~_blank(cleaned, field)).sum())
    _list(cleaned, issues, field, "number.decimals", is_finer, among=filled, suggestion=kept)


def _rounded(value: Any, places: int) -> str | None:
    """What is kept of a plain number with more decimals; null for any other value."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= _LARGEST:
        return None
    kept = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return format(kept, "f") if abs(kept - number) > _SLACK else None


def _list(
    cleaned: Cleaned,
    issues: IssueList,
    field: str,
    rule: str,
    where: Rows,
    *,
    among: int,
    suggestion: Sequence[str] | None = None,
) -> None:
    """Each cell, or the column once where most of its cells break the rule."""
    table = cleaned.table
    count = int(where.sum())
    rows = table.rows[where]
    params: Mapping[str, int] | None = None
    if count >= max(_WHOLE_COLUMN, _MOST * among):
        rule, rows, params = f"{rule}.all", rows[:1], {"count": count}
        suggestion = suggestion[:1] if suggestion else None
    issues.add(
        sheet=table.sheet,
        rows=rows,
        column=table.header(field),
        rule=rule,
        severity=Severity.WARN,
        original=table.cells[field].to_numpy()[where][: len(rows)],
        suggestion=suggestion,
        params=params,
    )
