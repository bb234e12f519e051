"""Outlines of rooms out of lines: closed ones as they are, loose ones where they meet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from etl.plans.drawing import HOLE
from etl.plans.model import Fault, Finding
from etl.plans.near import meeting
from gis.errors import InputError

SNAP_M: Final = 0.001
"""Ends that are nearer are one: drawing programs round."""
SLIVER_M: Final = 0.3
"""Narrower is no room; the narrowest shaft that surveys list is wider."""
SLIVER_M2: Final = 0.5
_SAME: Final = 0.99
"""Share of two outlines that is common where they are one drawn twice."""
_SAME_MIDDLE_M: Final = 0.1
_FAR_M: Final = 3.0
"""A gap that is wider is no slip of the hand: the line ends there."""
MOST_CORNERS: Final = 300_000
"""Of all lines of rooms together: a floor with a thousand round rooms has fewer."""
MOST_OUTLINES: Final = 20_000
_MOST_COMPARED: Final = 50_000
"""Pairs of outlines with one middle and one area, which are laid over each other."""
_MOST_ENDS: Final = 5_000
"""More loose ends have lines that are no outlines, such as hatching drawn stroke by stroke."""

_Spot = tuple[float, float]
_Gap = tuple[_Spot, _Spot, float]


@dataclass(frozen=True)
class Outlines:
    """Polygons of rooms, metres.

    Args:
        polygons: Shapely, valid.
        layers: Layer of each.
        findings: What is wrong with outlines; `rooms` by position in `polygons`.
        unclosed: What outlines that do not close would about hold.
    """

    polygons: npt.NDArray[np.object_]
    layers: Sequence[str]
    findings: Sequence[Finding]
    unclosed: npt.NDArray[np.object_]


def outlines_of(strokes: pd.DataFrame, *, unit_m: float, close_m: float = 0.0) -> Outlines:
    """The outlines that the lines of some layers make.

    Args:
        strokes: `layer, kind, is_closed, line` in metres.
        unit_m: Metres of a unit of the drawing, for positions of findings.
        close_m: Gaps up to this are closed; 0 closes none.
    """
    at = _At(unit_m)
    findings: list[Finding] = []
    found: list[tuple[Any, str, str]] = []
    unclosed: list[Any] = []
    refuse_too_many(strokes)
    for layer, lines in strokes.groupby("layer", sort=True):
        shapes, kinds = lines["line"].to_numpy(), lines["kind"].to_numpy()
        outer = _outer(kinds)
        is_ring = lines["is_closed"].to_numpy(bool) | _meets(shapes)
        is_ring &= shapely.get_num_coordinates(shapes) > 2
        is_hatch = kinds == "HATCH"
        divided = _is_divided(shapes, is_ring, ~is_ring & ~is_hatch)
        # Walls that meet the edge of a courtyard divide what lies around it.
        is_ring &= ~np.isin(outer, outer[divided])
        found += [
            (polygon, str(layer), str(kinds[position]))
            for position, polygon in _polygons(shapes, outer, np.flatnonzero(is_ring))
        ]
        is_loose = ~is_ring & ~is_hatch
        made, gaps, dangling = _network(shapes[is_loose], close_m)
        found += [(one, str(layer), "") for one in made]
        unclosed += dangling
        for first, last, gap_m in gaps:
            spot = at.of((first[0] + last[0]) / 2, (first[1] + last[1]) / 2)
            params = {"gap_m": round(gap_m, 3)}
            findings.append(Finding(Fault.UNCLOSED, *spot, str(layer), params=params))
    polygons, layers = _sound(found, at, findings)
    return Outlines(polygons, layers, findings, np.array(unclosed, dtype=object))


def refuse_too_many(strokes: pd.DataFrame) -> None:
    """Refuses lines that no floor plan has, before anything is made of them.

    Raises:
        InputError: There are too many, or one has too many corners.
    """
    corners = shapely.get_num_coordinates(strokes["line"].to_numpy())
    if corners.sum() > MOST_CORNERS:
        raise InputError("plan.too_many_corners", count=int(corners.sum()), limit=MOST_CORNERS)


def _outer(kinds: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Position of the outline that each line is of: of an inner edge the one before it."""
    places = np.arange(len(kinds))
    return np.maximum.accumulate(np.where(kinds == HOLE, 0, places))


def _polygons(
    shapes: npt.NDArray[np.object_], outer: npt.NDArray[np.int64], rings: npt.NDArray[np.int64]
) -> Iterator[tuple[int, Any]]:
    """Position of each outline, and what is within it."""
    holes: dict[int, list[Any]] = {}
    for place in rings.tolist():
        if outer[place] == place:
            holes[place] = []
        else:
            holes[int(outer[place])].append(shapely.get_coordinates(shapes[place]))
    for place, inner in holes.items():
        yield place, shapely.Polygon(shapely.get_coordinates(shapes[place]), inner)


class _At:
    """Positions in the units of the drawing."""

    def __init__(self, unit_m: float) -> None:
        self._unit_m = unit_m

    def of(self, x: float, y: float) -> tuple[float, float]:
        return x / self._unit_m, y / self._unit_m

    def middle(self, shape: Any) -> tuple[float, float]:
        inside = shapely.point_on_surface(shape)
        return self.of(inside.x, inside.y)


def _meets(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    return np.asarray(shapely.distance(first, last) <= SNAP_M)


def _is_divided(
    shapes: npt.NDArray[np.object_], is_ring: npt.NDArray[np.bool_], is_loose: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Closed lines at which others begin or end: walls within them make several rooms of one."""
    divided = np.zeros(len(shapes), dtype=bool)
    loose = shapes[is_loose]
    ends = np.concatenate([shapely.get_point(loose, 0), shapely.get_point(loose, -1)])
    if len(ends) and is_ring.any():
        rings = np.flatnonzero(is_ring)
        tree = shapely.STRtree(shapes[rings])
        divided[rings[tree.query(ends, predicate="dwithin", distance=SNAP_M)[1]]] = True
    return divided


def _network(
    lines: npt.NDArray[np.object_], close_m: float
) -> tuple[list[Any], list[_Gap], list[Any]]:
    """Polygons that loose lines close together, the gaps left, and what those leave open."""
    if not len(lines):
        return [], [], []
    meeting(_segments(lines))  # refuses what would take hours to cut
    snapped = shapely.set_precision(lines, SNAP_M)
    joined = shapely.union_all(snapped[~shapely.is_empty(snapped)])
    gaps = _gaps(joined)
    close_m = max(close_m, 2 * SNAP_M)  # ends that one grid point parts
    closed = [gap for gap in gaps if gap[2] <= close_m]
    if closed:
        bridges = shapely.linestrings([[gap[0], gap[1]] for gap in closed])
        joined = shapely.union_all([joined, *shapely.set_precision(bridges, SNAP_M)])
        gaps = [gap for gap in gaps if gap[2] > close_m]
    made, _cuts, dangles, _invalid = shapely.polygonize_full([joined])
    hulls = shapely.convex_hull(shapely.get_parts(shapely.line_merge(dangles)))
    return list(shapely.get_parts(made)), gaps, list(hulls)


def _segments(lines: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Every straight piece of some lines."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    ends = np.stack([points[:-1], points[1:]], axis=1)[line[:-1] == line[1:]]
    pieces: npt.NDArray[np.object_] = shapely.linestrings(ends)
    return pieces


def _gaps(joined: Any) -> list[_Gap]:
    """Where lines end that should go on: two points and how far they are apart.

    Loose ends go together in pairs, the nearest first; one that is left belongs to the other end
    of its own line, or else to the line it stops short of.
    """
    _made, _cuts, dangles, _invalid = shapely.polygonize_full([joined])
    chains = shapely.get_parts(shapely.line_merge(dangles))
    if not len(chains):
        return []
    ends = np.concatenate([shapely.get_point(chains, 0), shapely.get_point(chains, -1)])
    chain = np.tile(np.arange(len(chains)), 2)
    segments = shapely.get_parts(joined)
    tree = shapely.STRtree(segments)
    free = np.flatnonzero(~_touched(ends, tree))
    if len(free) > _MOST_ENDS:
        raise InputError("plan.too_many_ends", count=len(free), limit=_MOST_ENDS)
    ends, chain = ends[free], chain[free]
    found = [(_spot(ends[a]), _spot(ends[b]), gap) for a, b, gap in _pairs(ends)]
    paired = {at for a, b, _gap in found for at in (a, b)}
    left = [position for position in range(len(ends)) if _spot(ends[position]) not in paired]
    for position in left:
        others = [one for one in left if one != position and chain[one] == chain[position]]
        if not others:
            found += _short_of(ends[position], tree, segments)
        elif others[0] > position:
            gap = float(shapely.distance(ends[position], ends[others[0]]))
            found.append((_spot(ends[position]), _spot(ends[others[0]]), gap))
    return found


def _pairs(ends: npt.NDArray[np.object_]) -> Iterator[tuple[int, int, float]]:
    """Positions of ends near each other, each in one pair, the nearest first."""
    one, other = meeting(ends, within=_FAR_M)
    apart = shapely.distance(ends[one], ends[other])
    taken: set[int] = set()
    for nearest in np.argsort(apart, kind="stable"):
        a, b = int(one[nearest]), int(other[nearest])
        if not {a, b} & taken:
            taken |= {a, b}
            yield a, b, float(apart[nearest])


def _short_of(end: Any, tree: Any, segments: npt.NDArray[np.object_]) -> Iterator[_Gap]:
    """From an end to the nearest line that does not begin there."""
    near = segments[tree.query(end, predicate="dwithin", distance=_FAR_M)]
    near = near[shapely.distance(near, end) > SNAP_M / 10]
    if len(near):
        bridge = min((shapely.shortest_line(end, one) for one in near), key=lambda one: one.length)
        yield _spot(end), _spot(shapely.get_point(bridge, -1)), float(bridge.length)
    else:
        yield _spot(end), _spot(end), _FAR_M


def _touched(ends: npt.NDArray[np.object_], tree: Any) -> npt.NDArray[np.bool_]:
    """Ends at which another line begins or passes: nothing is open there."""
    end, _segment = tree.query(ends, predicate="dwithin", distance=SNAP_M / 10)
    return np.asarray(np.bincount(end, minlength=len(ends)) > 1)


def _spot(point: Any) -> _Spot:
    return float(point.x), float(point.y)


def _sound(
    found: Sequence[tuple[Any, str, str]], at: _At, findings: list[Finding]
) -> tuple[npt.NDArray[np.object_], list[str]]:
    """Polygons without repeats and slivers, each of one piece; the rest is listed."""
    if len(found) > MOST_OUTLINES:
        raise InputError("plan.too_many_rooms", limit=MOST_OUTLINES)
    whole: list[tuple[Any, str, str, bool]] = []
    for polygon, layer, kind in found:
        is_valid = bool(shapely.is_valid(polygon))
        piece = polygon if is_valid else _mended(polygon)
        if piece is None:
            continue
        width = 2 * piece.area / piece.length if piece.length else 0.0
        if piece.area < SLIVER_M2 or width < SLIVER_M:
            params = {"area_m2": round(piece.area, 2), "width_m": round(width, 2)}
            findings.append(Finding(Fault.SLIVER, *at.middle(piece), layer, params=params))
        else:
            whole.append((piece, layer, kind, is_valid))
    kept = _once(whole, at, findings)
    polygons = np.array([one[0] for one in kept], dtype=object)
    for position, (piece, layer, _kind, is_valid) in enumerate(kept):
        if not is_valid:
            findings.append(Finding(Fault.CROSSING, *at.middle(piece), layer, (position,)))
    return polygons, [one[1] for one in kept]


def _mended(polygon: Any) -> Any:
    """The largest part of an outline that crosses itself; null where nothing is within it."""
    meeting(_segments(np.array([polygon.exterior, *polygon.interiors], dtype=object)))
    return _largest(shapely.make_valid(polygon))


def _largest(shape: Any) -> Any:
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    parts += [
        inner for one in shapely.get_parts(shape) if one.geom_type == "MultiPolygon"
        for inner in one.geoms
    ]  # fmt: skip
    return max(parts, key=lambda one: one.area, default=None)


def _once(
    whole: Sequence[tuple[Any, str, str, bool]], at: _At, findings: list[Finding]
) -> list[tuple[Any, str, str, bool]]:
    """Each outline once: a hatch in an outline is its filling, another line of its kind a slip."""
    shapes = np.array([one[0] for one in whole], dtype=object)
    if not len(shapes):
        return []
    first, second = meeting(shapely.centroid(shapes), within=_SAME_MIDDLE_M)
    areas = shapely.area(shapes)
    least, most = np.sort([areas[first], areas[second]], axis=0)
    alike = least >= _SAME * most
    if alike.sum() > _MOST_COMPARED:
        raise InputError("plan.too_dense", limit=_MOST_COMPARED)
    dropped: set[int] = set()
    for a, b in sorted(zip(first[alike].tolist(), second[alike].tolist(), strict=True)):
        if a in dropped or b in dropped or not _is_same(shapes[a], shapes[b]):
            continue
        dropped.add(b)
        if "HATCH" not in {whole[a][2], whole[b][2]}:
            findings.append(Finding(Fault.TWICE, *at.middle(shapes[b]), whole[b][1]))
    return [one for position, one in enumerate(whole) if position not in dropped]


def _is_same(one: Any, other: Any) -> bool:
    common = shapely.intersection(one, other).area
    return bool(common >= _SAME * max(one.area, other.area))
