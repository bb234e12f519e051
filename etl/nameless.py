"""Rows that do not say which thing they mean: nothing could find it again, so they wait."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from assets.domain import ColumnContract
from etl.clean import Cleaned
from etl.georeference import Located
from etl.issues import IssueList, Severity

_CERTIFICATES: Final = ("certificate_no", "land_certificate_no")

Rows = npt.NDArray[np.bool_]


def reject_nameless(cleaned: Cleaned, located: Located, issues: IssueList) -> Rows:
    """Rows of a list of places with no number, name, address, certificate or shape: rejected.

    Loaded, each would become a place under a number of ours, and one more with every load of the
    file. A state secret is known by its figures, so its rows say enough.

    Returns:
        These rows, without the further rows of a thing.
    """
    table, rule = cleaned.table, cleaned.table.contract.place
    if rule is None or not rule.may_create:
        return np.zeros(len(table.rows), dtype=bool)
    is_told = ~shapely.is_missing(located.geometry)
    if table.place_codes is not None:
        is_told |= np.array([code is not None for code in table.place_codes], dtype=bool)
    for field in _telling(table.contract):
        if field in cleaned.values:
            is_told |= _filled(cleaned.values[field])
    for field in _CERTIFICATES:
        if field in cleaned.values:
            is_told |= cleaned.text(field).fillna("").str.contains(r"\d").to_numpy(dtype=bool)
    if "secrecy" in cleaned.values:
        is_told |= (cleaned.text("secrecy") == "secret").to_numpy(dtype=bool)
    is_nameless = ~is_told & (table.group == table.rows)
    issues.add(
        sheet=table.sheet,
        rows=table.rows[is_nameless],
        column=next(filter(None, map(table.header, _telling(table.contract))), None),
        rule="row.nameless",
        severity=Severity.REJECT,
    )
    return np.asarray(is_nameless)


def _telling(contract: ColumnContract) -> tuple[str, ...]:
    """Fields of which one says which thing a row means, those a clerk would fill first."""
    rule = contract.place
    told = rule.told_by if rule is not None else ()
    numbers = tuple(
        column.field
        for column in contract.columns
        if (column.stores or "").startswith("identifier.")
    )
    return tuple(dict.fromkeys((*told, "name", "address", "code", *numbers)))


def _filled(values: pa.Array) -> Rows:
    return np.asarray(pc.is_valid(values).to_numpy(zero_copy_only=False))
