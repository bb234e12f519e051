"""Put a table's geometry, or its coordinate columns, into storage coordinates and mend it."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from etl import datum as datums
from etl.clean import Cleaned
from etl.issues import IssueList, Severity
from etl.read.geographic import geometries
from gis.errors import SourceError

Bools = npt.NDArray[np.bool_]

_POLYGONAL: Final = (3, 6)
_POINTS: Final = (0, 4)
_COLLECTION: Final = 7
_NULL_ISLAND_DEGREES: Final = 0.01
_MOST_POINTS: Final = 100_000
"""Corners of one shape; the most winding parcel has thousands, and a map must draw it."""
_AREA_KEPT: Final = 0.01
"""A repair may change the area of a ring by this share; more is another shape."""


@dataclass(frozen=True)
class Located:
    """Where the rows of a table lie.

    Args:
        geometry: Shapely geometry per row in storage coordinates; null without a location.
        is_rejected: Rows whose location is impossible or beyond repair.
        source: How the location came: `polygon`, `point`, or null, per row.
        datum: What the coordinates were stated in; null when there were none.
    """

    geometry: npt.NDArray[np.object_]
    is_rejected: Bools
    source: npt.NDArray[np.object_]
    datum: str | None


def locate(
    cleaned: Cleaned, issues: IssueList, *, stated: str | None, fallback: str | None = None
) -> Located:
    """The location of each row of a table.

    Args:
        cleaned: The table.
        issues: Gets what was mended or refused.
        stated: The datum the person states; overrules everything in the file.
        fallback: The datum of the pack the headers come from; null where a country has several.

    Raises:
        SourceError: There are coordinates, and nobody says in which datum.
    """
    if cleaned.table.wkb is not None:
        return _locate_layer(cleaned, issues, stated=stated)
    if "longitude" in cleaned.values and "latitude" in cleaned.values:
        return _locate_columns(cleaned, issues, stated=stated, fallback=fallback)
    count = len(cleaned.table.rows)
    nothing = np.full(count, None, dtype=object)
    return Located(nothing, np.zeros(count, dtype=bool), nothing.copy(), None)


def _locate_layer(cleaned: Cleaned, issues: IssueList, *, stated: str | None) -> Located:
    table = cleaned.table
    found = geometries(table.wkb)
    datum = stated or table.crs
    has_shape = ~shapely.is_missing(found) & ~shapely.is_empty(found)
    is_unreadable = pd.notna(table.wkb) & shapely.is_missing(found)
    if datum is None and has_shape.any():
        raise SourceError("load.unknown_datum", file=table.file, sheet=table.sheet)
    is_huge = shapely.get_num_coordinates(found) > _MOST_POINTS
    found = np.where(has_shape & ~is_huge, shapely.force_2d(found), None)
    is_rejected = _reject(is_unreadable, "geometry.unreadable", cleaned, issues)
    is_rejected |= _reject(is_huge, "geometry.too_many_points", cleaned, issues)
    if datum is not None:
        _refuse_unknown(datum, table.file, table.sheet)
        found = _moved(found, datum, cleaned, issues)
    found, is_beyond = _mended(found, cleaned, issues)
    is_impossible = _impossible(found)
    is_rejected |= is_beyond | _reject(is_impossible, "coordinates.impossible", cleaned, issues)
    found[is_rejected] = None
    kinds = shapely.get_type_id(found)
    source = np.full(len(found), None, dtype=object)
    source[np.isin(kinds, _POLYGONAL)] = "polygon"
    source[np.isin(kinds, _POINTS)] = "point"
    return Located(found, is_rejected, source, datum)


def _moved(found: Any, datum: str, cleaned: Cleaned, issues: IssueList) -> Any:
    transform = datums.to_storage(datum)
    if transform is None:
        return found
    if datums.is_projected(datum):
        lowest = shapely.bounds(found)[:, 0]
        prefixed = np.nan_to_num(lowest) >= 1e7
        # A system whose own eastings carry the zone number is no mistake.
        if prefixed.any() and not _has_zone(datum):
            found[prefixed] = shapely.transform(
                found[prefixed],
                lambda at: np.column_stack([datums.without_zone(at[:, 0]), at[:, 1]]),
            )
            _warn(prefixed, "coordinates.zone_prefix", cleaned, issues)
    return shapely.transform(found, transform)


def _has_zone(datum: str) -> bool:
    operation = CRS.from_user_input(datum).coordinate_operation
    if operation is None:
        return False
    eastings = [float(one.value) for one in operation.params if one.name == "False easting"]
    return bool(eastings and eastings[0] >= 1e6)


def _mended(found: Any, cleaned: Cleaned, issues: IssueList) -> tuple[Any, Bools]:
    """Valid polygons or points; true where no repair keeps the shape."""
    kinds = shapely.get_type_id(found)
    missing = shapely.is_missing(found)
    is_wrong = ~missing & ~np.isin(kinds, (*_POLYGONAL, *_POINTS, _COLLECTION))
    is_bad = ~missing & (~shapely.is_valid(found) | (kinds == _COLLECTION)) & ~is_wrong
    is_flat = ~missing & np.isin(kinds, _POLYGONAL) & ~is_bad & (shapely.area(found) == 0)
    is_beyond = is_flat.copy()
    if is_bad.any():
        before = np.abs(shapely.area(found[is_bad]))
        repaired = _polygonal(
            shapely.make_valid(found[is_bad], method="structure", keep_collapsed=False)
        )
        after = shapely.area(repaired)
        kept = (after > 0) & (np.abs(after - before) <= _AREA_KEPT * after)
        positions = np.flatnonzero(is_bad)
        found[positions[kept]] = repaired[kept]
        is_beyond[positions[~kept]] = True
        is_mended = np.zeros(len(found), dtype=bool)
        is_mended[positions[kept]] = True
        _warn(is_mended, "geometry.repaired", cleaned, issues)
    _reject(is_wrong, "geometry.wrong_type", cleaned, issues)
    _reject(is_beyond, "geometry.beyond_repair", cleaned, issues)
    return found, is_beyond | is_wrong


def _polygonal(shapes: Any) -> Any:
    """The polygon parts of each shape, as one shape."""
    kinds = shapely.get_type_id(shapes)
    for position in np.flatnonzero(kinds == _COLLECTION):
        parts = [
            part
            for part in shapely.get_parts(shapes[position])
            if shapely.get_type_id(part) in _POLYGONAL
        ]
        shapes[position] = shapely.union_all(parts)
    return shapes


def _impossible(found: Any) -> Bools:
    bounds = shapely.bounds(found)
    known = ~np.isnan(bounds).any(axis=1)
    west, south, east, north = np.nan_to_num(bounds).T
    inside = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    # Null Island: what software writes for coordinates it does not have.
    reach = np.max(np.abs([west, south, east, north]), axis=0)
    at_origin = reach < _NULL_ISLAND_DEGREES
    missing = shapely.is_missing(found)
    return np.asarray((known & (~inside | at_origin)) | (~known & ~missing))


def _locate_columns(
    cleaned: Cleaned, issues: IssueList, *, stated: str | None, fallback: str | None
) -> Located:
    table = cleaned.table
    x, y = cleaned.number("longitude"), cleaned.number("latitude")
    is_given = ~np.isnan(x) & ~np.isnan(y)
    is_half = np.isnan(x) != np.isnan(y)
    datum = cleaned.text("datum").to_numpy().copy()
    if stated:
        datum[:] = stated
    elif fallback:
        datum[pd.isna(datum)] = fallback
    if (is_given & pd.isna(datum)).any():
        raise SourceError("load.unknown_datum", file=table.file, sheet=table.sheet)
    swapped = is_given & (np.abs(y) > 90) & (np.abs(x) <= 90) & (np.abs(y) <= 180)
    x[swapped], y[swapped] = y[swapped], x[swapped]
    _warn(swapped, "coordinates.swapped", cleaned, issues)
    found = np.full(len(x), None, dtype=object)
    for name in dict.fromkeys(datum[is_given]):
        _refuse_unknown(name, table.file, table.sheet)
        here = is_given & (datum == name)
        at = np.column_stack([x[here], y[here]])
        transform = datums.to_storage(name)
        usable = datums.is_projected(name) | ((np.abs(at[:, 0]) <= 180) & (np.abs(at[:, 1]) <= 90))
        if transform is not None:
            if datums.is_projected(name) and not _has_zone(name):
                at[:, 0] = datums.without_zone(at[:, 0])
            at[usable] = transform(at[usable])
        found[here] = shapely.points(at)
    is_rejected = _reject(_impossible(found) | is_half, "coordinates.impossible", cleaned, issues)
    found[is_rejected] = None
    source = np.full(len(found), None, dtype=object)
    source[~shapely.is_missing(found)] = "point"
    names = list(dict.fromkeys(datum[is_given]))
    return Located(found, is_rejected, source, names[0] if len(names) == 1 else None)


def _refuse_unknown(datum: str, file: str, sheet: str | None) -> None:
    if not datums.is_known(datum):
        raise SourceError("load.unsupported_datum", file=file, sheet=sheet, datum=datum)


def _reject(where: Bools, rule: str, cleaned: Cleaned, issues: IssueList) -> Bools:
    _list(where, rule, Severity.REJECT, cleaned, issues)
    return np.asarray(where)


def _warn(where: Bools, rule: str, cleaned: Cleaned, issues: IssueList) -> None:
    _list(where, rule, Severity.WARN, cleaned, issues)


def _list(where: Bools, rule: str, severity: Severity, cleaned: Cleaned, issues: IssueList) -> None:
    table = cleaned.table
    original = None
    if "longitude" in table.cells and where.any():
        original = [
            f"{east}, {north}"
            for east, north in zip(
                table.cells["longitude"][where], table.cells["latitude"][where], strict=True
            )
        ]
    issues.add(
        sheet=table.sheet,
        rows=table.rows[where],
        column=table.header("longitude"),
        rule=rule,
        severity=severity,
        original=original,
    )
