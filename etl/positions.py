"""From coordinate columns as people fill them to two numbers a row, every repair listed.

A repair that the whole column needs is one issue of the column; otherwise each row that was
repaired is listed with what stood there and what was taken.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.clean import Cleaned
from etl.clean.coordinates import EAST, NORTH, Spot, read_spot
from etl.issues import IssueList, Severity

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

FIELDS: Final = ("longitude", "latitude", "position")
_FEWEST_AGREEING: Final = 2


@dataclass
class Positions:
    """Two numbers a row, in the file's own datum; NaN where the row says nothing.

    Args:
        x: Longitude in degrees or easting in metres, as far as the file says which it is.
        y: Latitude in degrees or northing in metres.
    """

    x: Floats
    y: Floats

    @property
    def is_given(self) -> Bools:
        """Rows with both numbers."""
        return np.asarray(~np.isnan(self.x) & ~np.isnan(self.y))

    def exchange(self, rows: Bools) -> None:
        """Swap the two numbers of some rows."""
        self.x[rows], self.y[rows] = self.y[rows], self.x[rows]


@dataclass(frozen=True)
class _Cells:
    """The spots of one column, spread to its rows."""

    first: Floats
    second: Floats
    first_axis: npt.NDArray[np.object_]
    second_axis: npt.NDArray[np.object_]
    rule: npt.NDArray[np.object_]


def has_positions(cleaned: Cleaned) -> bool:
    """Whether the table has columns that say where its rows lie."""
    values = cleaned.values
    return "position" in values or ("longitude" in values and "latitude" in values)


def read_positions(cleaned: Cleaned, issues: IssueList) -> tuple[Positions, Bools]:
    """The position of each row, and which rows give half of one or none that can be read."""
    count = len(cleaned.table.rows)
    found = {name: _cells(cleaned, name) for name in FIELDS if name in cleaned.values}
    x, y = np.full(count, np.nan), np.full(count, np.nan)
    if "position" in found:
        x, y = _pair(found["position"])
    if "longitude" in found and "latitude" in found:
        own_x, own_y = _columns(found["longitude"], found["latitude"])
        is_blank = np.isnan(x)
        x[is_blank], y[is_blank] = own_x[is_blank], own_y[is_blank]
    written = np.zeros(count, dtype=bool)
    for name, cells in found.items():
        has_cell = ~np.isnan(cells.first) | pd.notna(cells.rule)
        written |= has_cell
        for rule in dict.fromkeys(cells.rule[pd.notna(cells.rule)]):
            where = cells.rule == rule
            taken = [
                f"{one:.9g}" if np.isnan(other) else f"{one:.9g}, {other:.9g}"
                for one, other in zip(cells.first[where], cells.second[where], strict=True)
            ]
            list_repair(
                cleaned, issues, where, str(rule), among=has_cell, field=name,
                suggestion=None if rule == "coordinates.unreadable" else taken,
            )  # fmt: skip
    positions = Positions(x, y)
    return positions, written & ~positions.is_given


def _cells(cleaned: Cleaned, field: str) -> _Cells:
    texts = cleaned.text(field)
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype="float64", copy=True)
    numbers[np.abs(numbers) >= 1e12] = np.nan
    cells = _Cells(
        first=numbers,
        second=np.full(len(texts), np.nan),
        first_axis=np.full(len(texts), None, dtype=object),
        second_axis=np.full(len(texts), None, dtype=object),
        rule=np.full(len(texts), None, dtype=object),
    )
    others = np.flatnonzero(np.isnan(numbers) & texts.notna().to_numpy())
    codes, distinct = pd.factorize(texts.iloc[others])
    spots = [read_spot(str(text)) for text in distinct]
    for name, empty in (("first", np.nan), ("second", np.nan), ("first_axis", None),
                        ("second_axis", None), ("rule", None)):  # fmt: skip
        values = np.array([_part(spot, name, empty) for spot in spots], dtype=object)
        if len(values):
            getattr(cells, name)[others] = values[codes]
    return cells


def _part(spot: Spot, name: str, empty: Any) -> Any:
    value = getattr(spot, name)
    return empty if value is None else value


def _pair(cells: _Cells) -> tuple[Floats, Floats]:
    """Both numbers of one cell; without marks the longitude is written first."""
    is_turned = (cells.first_axis == NORTH) | (cells.second_axis == EAST)
    x = np.where(is_turned, cells.second, cells.first)
    y = np.where(is_turned, cells.first, cells.second)
    is_half = np.isnan(x) | np.isnan(y)
    return np.where(is_half, np.nan, x), np.where(is_half, np.nan, y)


def _columns(east: _Cells, north: _Cells) -> tuple[Floats, Floats]:
    """Two columns; a cell that holds both numbers counts for both, marks overrule the header."""
    x, y = east.first.copy(), north.first.copy()
    is_turned = (east.first_axis == NORTH) & (north.first_axis != NORTH)
    is_turned |= (north.first_axis == EAST) & (east.first_axis != EAST)
    x[is_turned], y[is_turned] = y[is_turned], x[is_turned]
    for cells in (east, north):
        pair_x, pair_y = _pair(cells)
        whole = ~np.isnan(pair_x)
        x[whole], y[whole] = pair_x[whole], pair_y[whole]
    return x, y


def list_repair(
    cleaned: Cleaned,
    issues: IssueList,
    where: Bools,
    rule: str,
    *,
    among: Bools,
    severity: Severity = Severity.WARN,
    field: str | None = None,
    suggestion: Any = None,
    params: dict[str, Any] | None = None,
) -> None:
    """One issue where every row that could need a repair needed it, else one a row.

    Args:
        cleaned: The table.
        issues: Gets them.
        where: Rows that were repaired.
        rule: Its rule; `.all` is added for the whole column.
        among: Rows that could have needed it.
        severity: What it does.
        field: Whose original text is shown; null shows longitude and latitude.
        suggestion: What was taken, one per repaired row.
        params: What the message fills in besides `count`.
    """
    table = cleaned.table
    positions = np.flatnonzero(where)
    if not len(positions):
        return
    is_whole = severity is Severity.WARN and rule != "coordinates.unreadable"
    is_whole &= len(positions) >= _FEWEST_AGREEING and bool((where == among).all())
    taken = None if suggestion is None else list(suggestion)
    if is_whole:
        positions, rule = positions[:1], f"{rule}.all"
        taken = None if taken is None else taken[:1]
    issues.add(
        sheet=table.sheet,
        rows=table.rows[positions],
        column=next(filter(None, (table.header(name) for name in (field or "", *FIELDS))), None),
        rule=rule,
        severity=severity,
        original=originals(cleaned, positions, field),
        suggestion=taken,
        params={**(params or {}), "count": int(where.sum())},
    )


def originals(
    cleaned: Cleaned, positions: npt.NDArray[np.int64], field: str | None = None
) -> list[str] | None:
    """The cells as they stand in the file; longitude and latitude together unless one is named."""
    cells = cleaned.table.cells
    names = [field] if field else [name for name in FIELDS if name in cells]
    if not any(name in cells for name in names):
        return None
    columns = [cells[name].to_numpy()[positions] for name in names]
    return [
        ", ".join(str(cell) for cell in row if not pd.isna(cell))
        for row in zip(*columns, strict=True)
    ]
