"""Mend outlines, and say of each what was wrong, where, and what the repair did to its area."""

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from etl.clean import Cleaned
from etl.issues import IssueList, Severity

Bools = npt.NDArray[np.bool_]
Shapes = Any

POLYGONAL: Final = (3, 6)
POINTS: Final = (0, 4)
_COLLECTION: Final = 7
_AREA_KEPT: Final = 0.01
"""A repair may change the area of a ring by this share; more is another shape."""
_SLIVER_WIDTH_M: Final = 0.15
"""Mean width of an outline that can be no building, room or parcel."""
_MAJOR_M: Final = 6378137.0
_ECCENTRICITY: Final = 0.0066943800229
_SPOT = re.compile(r"\[(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)\]")


def mend(found: Shapes, cleaned: Cleaned, issues: IssueList) -> tuple[Shapes, Bools]:
    """Valid polygons or points, in storage coordinates; true where no repair keeps the shape."""
    found = _without_repeated(found, cleaned, issues)
    kinds = shapely.get_type_id(found)
    missing = shapely.is_missing(found)
    is_wrong = ~missing & ~np.isin(kinds, (*POLYGONAL, *POINTS, _COLLECTION))
    is_bad = ~missing & (~shapely.is_valid(found) | (kinds == _COLLECTION)) & ~is_wrong
    is_flat = ~missing & np.isin(kinds, POLYGONAL) & ~is_bad & (shapely.area(found) == 0)
    is_beyond = is_flat.copy()
    if is_bad.any():
        positions = np.flatnonzero(is_bad)
        before = found[positions]
        repaired = polygonal(shapely.make_valid(before, method="structure", keep_collapsed=False))
        size = shapely.area(repaired)
        kept = size > 0
        kept &= np.abs(size - np.abs(shapely.area(before))) <= _AREA_KEPT * size
        found[positions[kept]] = repaired[kept]
        is_beyond[positions[~kept]] = True
        _list_repaired(positions[kept], before[kept], repaired[kept], cleaned, issues)
    _reject(is_wrong, "geometry.wrong_type", cleaned, issues)
    _reject(is_beyond, "geometry.beyond_repair", cleaned, issues, spots=_spots(found[is_beyond]))
    _list_slivers(found, is_wrong | is_beyond, cleaned, issues)
    return found, is_beyond | is_wrong


def areas_m2(shapes: Shapes) -> npt.NDArray[np.float64]:
    """Area of outlines in storage coordinates, by the ellipsoid's scale at their middle.

    Good to a millionth for a building or a site; the register's own figures come from PostGIS.
    """
    return np.asarray(shapely.area(shapes) * np.prod(_scales(shapes), axis=0))


def _scales(shapes: Shapes) -> npt.NDArray[np.float64]:
    """Metres per degree east and north at the middle of each shape."""
    bounds = shapely.bounds(shapes)
    latitude = np.radians((bounds[:, 1] + bounds[:, 3]) / 2)
    bend = 1 - _ECCENTRICITY * np.sin(latitude) ** 2
    east = np.radians(_MAJOR_M * np.cos(latitude) / np.sqrt(bend))
    north = np.radians(_MAJOR_M * (1 - _ECCENTRICITY) / bend**1.5)
    return np.array([east, north])


def polygonal(shapes: Shapes) -> Shapes:
    """The polygon parts of each shape, as one shape."""
    kinds = shapely.get_type_id(shapes)
    for position in np.flatnonzero(kinds == _COLLECTION):
        parts = [
            part
            for part in shapely.get_parts(shapes[position])
            if shapely.get_type_id(part) in POLYGONAL
        ]
        shapes[position] = shapely.union_all(parts)
    return shapes


def _without_repeated(found: Shapes, cleaned: Cleaned, issues: IssueList) -> Shapes:
    """Corners that stand twice in a row say nothing; one of each pair is dropped."""
    is_outline = np.isin(shapely.get_type_id(found), POLYGONAL)
    if not is_outline.any():
        return found
    positions = np.flatnonzero(is_outline)
    before = shapely.get_num_coordinates(found[positions])
    shorter = _shortened(found[positions])
    dropped = before - shapely.get_num_coordinates(shorter)
    # A ring of one spot has no corner to keep: the checks that follow refuse it.
    hit = (dropped > 0) & ~shapely.is_empty(shorter)
    rows = positions[hit]
    found[rows] = shorter[hit]
    _add(
        rows, "geometry.repeated_points", Severity.WARN, cleaned, issues,
        params=[{"points": int(one)} for one in dropped[hit]],
        where=shapely.point_on_surface(shapely.envelope(found[rows])),
    )  # fmt: skip
    return found


def _shortened(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The shapes without repeated corners; one with a ring that has too few left stays as it is."""
    try:
        return np.asarray(shapely.remove_repeated_points(shapes))
    except shapely.errors.GEOSException:
        if len(shapes) == 1:
            return shapes
    # Halved until the one that cannot be shortened stands alone.
    middle = len(shapes) // 2
    return np.concatenate([_shortened(shapes[:middle]), _shortened(shapes[middle:])])


def _list_repaired(
    rows: npt.NDArray[np.int64], before: Shapes, after: Shapes, cleaned: Cleaned, issues: IssueList
) -> None:
    scale = np.prod(_scales(after), axis=0)
    was = np.abs(shapely.area(before)) * scale
    now = shapely.area(after) * scale
    _add(
        rows, "geometry.repaired", Severity.WARN, cleaned, issues,
        params=[
            {"before_m2": round(float(one), 2), "after_m2": round(float(other), 2)}
            for one, other in zip(was, now, strict=True)
        ],
        where=_spots(before),
    )  # fmt: skip


def _list_slivers(found: Shapes, is_out: Bools, cleaned: Cleaned, issues: IssueList) -> None:
    rows = np.flatnonzero(np.isin(shapely.get_type_id(found), POLYGONAL) & ~is_out)
    if not len(rows):
        return
    size = areas_m2(found[rows])
    # A perimeter measured in degrees of the finer axis is at most as long as the true one.
    east, north = _scales(found[rows])
    perimeter = shapely.length(found[rows]) * np.minimum(east, north)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = 2 * size / perimeter
    thin = width < _SLIVER_WIDTH_M
    rows = rows[thin]
    _add(
        rows, "geometry.sliver", Severity.WARN, cleaned, issues,
        params=[
            {"area_m2": round(float(one), 2), "width_m": round(float(other), 3)}
            for one, other in zip(size[thin], width[thin], strict=True)
        ],
        where=found[rows],
    )  # fmt: skip


def _spots(shapes: Shapes) -> npt.NDArray[np.object_]:
    """Where an outline crosses itself, else the middle of its box."""
    spots = shapely.centroid(shapely.envelope(shapes))
    for position, reason in enumerate(shapely.is_valid_reason(shapes)):
        if reason and (match := _SPOT.search(reason)):
            spots[position] = shapely.Point(float(match[1]), float(match[2]))
    return np.asarray(spots)


def _reject(
    where: Bools, rule: str, cleaned: Cleaned, issues: IssueList, *, spots: Shapes = None
) -> None:
    _add(np.flatnonzero(where), rule, Severity.REJECT, cleaned, issues, where=spots)


def _add(
    rows: npt.NDArray[np.int64],
    rule: str,
    severity: Severity,
    cleaned: Cleaned,
    issues: IssueList,
    *,
    params: list[dict[str, Any]] | None = None,
    where: Shapes = None,
) -> None:
    issues.add(
        sheet=cleaned.table.sheet,
        rows=cleaned.table.rows[rows],
        column=None,
        rule=rule,
        severity=severity,
        params=params,
        where=where,
    )
