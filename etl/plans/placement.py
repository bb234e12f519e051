"""Where on the ground a plan lies: turned, moved and, if need be, mirrored and stretched a little.

Ground metres are those of the zone that the building lies in. Sizes of rooms come from the drawing,
never from the placement.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely import affinity

from gis.crs import STORAGE_SRID, gauss_krueger_srid
from gis.errors import InputError

MOST_RESIDUAL_M: Final = 1.0
"""How far the worst point may lie from where it belongs; a plan further off is of another house."""
MOST_STRETCH: Final = 0.02
"""How much a distance on the ground may differ from the drawn one: more is another unit."""
_LIKE: Final = 0.02
"""Two ways of laying a plan whose common shares differ by less cannot be told apart."""
_LEAST_APART_M: Final = 1.0
_QUARTER: Final = 90.0


@dataclass(frozen=True)
class Placement:
    """How a plan is laid on the ground.

    Args:
        matrix: `a, b, d, e, x, y` of `shapely.affinity`: drawing metres to ground metres.
        srid: System of the ground metres.
        by: `control`, `footprint`, `rooms` or `own`.
        residual_m: Of the worst point; 0 where the plan has coordinates of its own.
        turned: Degrees counterclockwise.
        stretch: Ground over drawing.
        is_mirrored: Whether the plan was drawn as seen from below.
        share: Of the footprint, what plan and footprint have in common over what either covers;
            null where no footprint was asked.
        residuals_m: Of each control point, in their order.
    """

    matrix: tuple[float, float, float, float, float, float]
    srid: int
    by: str
    residual_m: float
    turned: float = 0.0
    stretch: float = 1.0
    is_mirrored: bool = False
    share: float | None = None
    residuals_m: tuple[float, ...] = ()

    def in_degrees(self, shape: Any) -> Any:
        """A shape of the plan, metres, as it is kept on the map."""
        change = pyproj.Transformer.from_crs(self.srid, STORAGE_SRID, always_xy=True)
        return shapely.transform(
            affinity.affine_transform(shape, self.matrix),
            lambda at: np.column_stack(change.transform(at[:, 0], at[:, 1])),
        )


@dataclass(frozen=True)
class Control:
    """A point of which both is known: where it is drawn, and where it lies.

    Args:
        x: In units of the drawing.
        y: See `x`.
        longitude: Degrees.
        latitude: Degrees.
    """

    x: float
    y: float
    longitude: float
    latitude: float


def ground_srid(shape: Any) -> int:
    """The metric system for a shape in degrees."""
    return gauss_krueger_srid(float(shapely.centroid(shape).x))


def on_ground(shape: Any, srid: int) -> Any:
    """A shape in degrees in ground metres."""
    change = pyproj.Transformer.from_crs(STORAGE_SRID, srid, always_xy=True)
    return shapely.transform(
        shape, lambda at: np.column_stack(change.transform(at[:, 0], at[:, 1]))
    )


def by_control(controls: Sequence[Control], unit_m: float) -> Placement:
    """The turn, shift and stretch that fit control points best, by least squares.

    Raises:
        InputError: Fewer than two points, two of them at one spot, out of the national zones, or
            they contradict each other.
    """
    if len(controls) < 2:
        raise InputError("plan.few_controls", count=len(controls))
    try:
        srid = gauss_krueger_srid(controls[0].longitude)
    except ValueError as error:
        raise InputError("plan.control_far", longitude=controls[0].longitude) from error
    drawn = np.array([complex(one.x * unit_m, one.y * unit_m) for one in controls])
    change = pyproj.Transformer.from_crs(STORAGE_SRID, srid, always_xy=True)
    east, north = change.transform(
        [one.longitude for one in controls], [one.latitude for one in controls]
    )
    return _fitted(drawn, np.array(list(map(complex, east, north))), srid, by="control")


def _fitted(
    drawn: npt.NDArray[np.complex128], ground: npt.NDArray[np.complex128], srid: int, *, by: str
) -> Placement:
    """The similarity between two lists of points, as complex numbers.

    Raises:
        InputError: The points lie at one spot, or no similarity brings them together.
    """
    middle, target = drawn.mean(), ground.mean()
    spread = np.abs(drawn - middle)
    if spread.max() < _LEAST_APART_M:
        raise InputError("plan.controls_at_one_spot", metres=_LEAST_APART_M)
    factor = (np.conj(drawn - middle) @ (ground - target)) / (spread**2).sum()
    stretch = float(abs(factor))
    if not 1 - MOST_STRETCH <= stretch <= 1 + MOST_STRETCH:
        raise InputError("plan.stretched", factor=f"{stretch:.4g}", most=MOST_STRETCH * 100)
    shift = target - factor * middle
    residuals = np.abs(factor * drawn + shift - ground)
    if residuals.max() > MOST_RESIDUAL_M:
        raise InputError(
            "plan.residual", metres=f"{residuals.max():.2f}", most=MOST_RESIDUAL_M,
            point=int(residuals.argmax()) + 1,
        )  # fmt: skip
    a, b = float(factor.real), float(factor.imag)
    return Placement(
        (a, -b, b, a, float(shift.real), float(shift.imag)), srid, by, float(residuals.max()),
        turned=math.degrees(math.atan2(b, a)) % 360, stretch=stretch,
        residuals_m=tuple(residuals.tolist()),
    )  # fmt: skip


def by_own(srid: int) -> Placement:
    """A plan that is already where it belongs."""
    return Placement((1.0, 0.0, 0.0, 1.0, 0.0, 0.0), srid, "own", 0.0)


def by_footprint(
    floor: Any, footprint: Any, *, turn: int | None = None, marks: Sequence[tuple[Any, Any]] = ()
) -> Placement:
    """The way of laying a plan in which it covers the footprint of its building best.

    Args:
        floor: Outline of the floor, drawing metres.
        footprint: Of the building, degrees.
        turn: Which way is meant, in degrees, where several are alike; null takes the best.
        marks: Points of the plan, drawing metres, and where the register has them, degrees: rooms
            it knows by number. They tell ways apart that cover alike.

    Raises:
        InputError: No way fits, or several do and nothing says which is meant.
    """
    srid = ground_srid(footprint)
    ground = _hull(on_ground(footprint, srid))
    ways = sorted(_ways(_hull(floor), ground, srid), key=lambda one: -(one.share or 0.0))
    best = [
        one for one in ways
        if (one.share or 0.0) >= (ways[0].share or 0.0) - _LIKE
        and one.residual_m <= MOST_RESIDUAL_M
    ]  # fmt: skip
    if not best:
        raise InputError(
            "plan.fits_nowhere", metres=f"{ways[0].residual_m:.2f}", most=MOST_RESIDUAL_M,
            share=round(100 * (ways[0].share or 0.0)),
        )  # fmt: skip
    upright = [one for one in best if not one.is_mirrored] or best
    if turn is not None:
        near = [one for one in upright if _apart(one.turned, turn) <= _QUARTER / 2]
        if not near:
            raise InputError("plan.no_such_turn", turn=turn, known=_turns(upright))
        return near[0]
    if len(marks) > 1:
        return min(upright, key=lambda one: _miss(one, marks))
    if len(upright) > 1:
        raise InputError("plan.fits_several_ways", known=_turns(upright))
    return upright[0]


def _turns(ways: Sequence[Placement]) -> str:
    return ", ".join(str(round(one.turned) % 360) for one in ways)


def _apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def _miss(way: Placement, marks: Sequence[tuple[Any, Any]]) -> float:
    """Metres between where marks come to lie and where they are, the middle one."""
    drawn = [affinity.affine_transform(one, way.matrix) for one, _ in marks]
    known = [on_ground(one, way.srid) for _, one in marks]
    return float(np.median(shapely.distance(np.array(drawn), np.array(known))))


def _hull(shape: Any) -> Any:
    """The outline of a shape in one piece; its outermost lines where it is of several."""
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    if len(parts) == 1:
        return shapely.Polygon(parts[0].exterior)
    return shapely.convex_hull(shape)


def _ways(floor: Any, ground: Any, srid: int) -> Iterator[Placement]:
    """Turned by quarters and mirrored, the longer side on the longer side, middle on middle."""
    centre, target = shapely.centroid(floor), shapely.centroid(ground)
    for is_mirrored in (False, True):
        drawn = affinity.scale(floor, -1.0, 1.0, origin=centre) if is_mirrored else floor
        first = _direction(ground) - _direction(drawn)
        for quarter in range(4):
            turned = (first + quarter * _QUARTER) % 360
            cos, sin = math.cos(math.radians(turned)), math.sin(math.radians(turned))
            flip = -1.0 if is_mirrored else 1.0
            a, b, d, e = cos * flip, -sin, sin * flip, cos
            x = target.x - a * centre.x - b * centre.y
            y = target.y - d * centre.x - e * centre.y
            laid = affinity.affine_transform(floor, (a, b, d, e, x, y))
            common = shapely.intersection(laid, ground).area
            share = common / (laid.area + ground.area - common)
            far = shapely.hausdorff_distance(laid.exterior, ground.exterior, densify=0.05)
            yield Placement(
                (a, b, d, e, x, y), srid, "footprint", float(far), turned=turned,
                is_mirrored=is_mirrored, share=float(share),
            )  # fmt: skip


def _direction(shape: Any) -> float:
    """Degrees of the longer side of the smallest rectangle around a shape."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(shape))
    sides = np.diff(corners[:3], axis=0)
    longest = sides[int(np.hypot(*sides.T).argmax())]
    return math.degrees(math.atan2(longest[1], longest[0])) % 180
