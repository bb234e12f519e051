"""Rows of a sheet that say again what an earlier one said, or speak of the same thing otherwise."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from assets.domain import ColumnContract
from etl.issues import IssueList, Severity
from etl.table import Table

Rows = npt.NDArray[np.bool_]

_NUMBERING: Final = "sequence_no"


FirstRows = npt.NDArray[np.int64]


def find_repeats(
    values: dict[str, pa.Array], table: Table, issues: IssueList
) -> tuple[Rows, Rows, FirstRows]:
    """Later rows with a key that an earlier row of the sheet already has.

    A number stands once, so a second row with it is rejected. Where a sheet has no numbers, a row
    that says the same throughout is rejected too; one that has the name of an earlier row and says
    otherwise may be a second thing, so it waits for a person. Rows that our own workbook knows by
    place are never taken for one another.

    Returns:
        Rows that are rejected and rows that wait, whole groups; and where rows may become places,
        instead of the waiting rows, per row the earlier one it differs from, 0 for none: the merge
        holds these, with what a person may decide of them.
    """
    contract = table.contract
    firsts = np.zeros(len(table.rows), dtype="int64")
    is_head = table.group == table.rows
    is_rejected = np.zeros(len(table.rows), dtype=bool)
    unique = [name for name in contract.unique_fields if name in values]
    for name in unique:
        frame = pd.DataFrame({name: values[name].to_pandas()})
        repeated = _repeated(frame, is_head & _in_use(name, values, contract))
        _list(table, issues, name, repeated, values=frame[name], rule="duplicate.code")
        is_rejected |= _groups(table, repeated)
    key = [name for name in contract.natural_key if name in values]
    if unique or not key:
        return is_rejected, np.zeros(len(table.rows), dtype=bool), firsts
    frame = pd.DataFrame({name: values[name].to_pandas() for name in key})
    known = _known_by_place(table)
    is_named = is_head & frame[key[0]].notna().to_numpy()
    repeated = _repeated(frame, is_named, known)
    said = pd.DataFrame(
        {name: cells.to_pandas() for name, cells in values.items() if name != _NUMBERING}
    )
    same = repeated & _repeated(said, is_named, known)
    said_again = "duplicate.address" if key[0] == "address" else "duplicate.row"
    differs = repeated & ~same
    name, names = key[0], frame[key[0]]
    _list(table, issues, name, same, values=names, rule=said_again)
    rows = pd.Series(table.rows).where(is_named & ~repeated)
    first = rows.groupby([frame[one] for one in key], dropna=False).transform("first").to_numpy()
    if contract.place is not None and contract.place.may_create:
        firsts[differs] = first[differs]
        return _groups(table, same), np.zeros(len(table.rows), dtype=bool), firsts
    # Which of two positions is right, or whether two projects bear one name, no comparison with
    # the register can show: the file has to say it, and the sentence says how.
    _list(
        table, issues, name, differs,
        values=names, severity=Severity.QUESTION,
        rule="duplicate.position" if contract.record is None else "duplicate.record",
        params=[{"other": int(other)} for other in first[differs]],
    )  # fmt: skip
    return _groups(table, same), _groups(table, differs), firsts


def _in_use(name: str, values: dict[str, pa.Array], contract: ColumnContract) -> Rows:
    """Rows with a number that they do not say has ended: another row may take that one over."""
    found = values[name].is_valid()
    if (ends := contract.end_of(name)) in values:
        found = pc.and_(found, values[ends].is_null())
    return np.asarray(found.to_numpy(zero_copy_only=False))


def _known_by_place(table: Table) -> Rows:
    """Rows that carry a place code of their own."""
    if table.place_codes is None:
        return np.zeros(len(table.rows), dtype=bool)
    codes = pd.Series(table.place_codes, dtype=object)
    is_head = table.group == table.rows
    return np.asarray(codes.notna() & is_head & ~codes.where(is_head).duplicated(keep="first"))


def _repeated(frame: pd.DataFrame, among: Rows, known: Rows | None = None) -> Rows:
    """Rows whose values an earlier one has; those known by place count as the earlier ones."""
    known = np.zeros(len(frame), dtype=bool) if known is None else known
    order = np.flatnonzero(among)
    order = order[np.argsort(~known[order], kind="stable")]
    repeated = np.zeros(len(frame), dtype=bool)
    repeated[order] = frame.iloc[order].duplicated(keep="first").to_numpy()
    return repeated & ~known


def _groups(table: Table, rows: Rows) -> Rows:
    return np.asarray(np.isin(table.group, table.rows[rows]))


def _list(
    table: Table,
    issues: IssueList,
    field: str,
    rows: Rows,
    *,
    values: pd.Series,
    rule: str,
    severity: Severity = Severity.REJECT,
    params: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    issues.add(
        sheet=table.sheet,
        rows=table.rows[rows],
        column=table.header(field),
        rule=rule,
        severity=severity,
        original=values[rows],
        params=params,
    )
