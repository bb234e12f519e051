"""Invented building footprints as dense as a city's: blocks between streets, turned a little.

About 400 buildings a square kilometre (OpenStreetMap has 150 for the middle of Shanghai), 5 to 13
vertices each: a tile of zoom 14 holds some 1,700 of them, one of zoom 16 some 110.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

SOUTH_WEST: Final = (119.80, 31.68)
SEED: Final = 20251
_BLOCK_M: Final = (220.0, 180.0)
_STREET_M: Final = 24.0
_LOTS: Final = (4, 4)
_METRES_A_DEGREE: Final = 111_000.0

_SHAPES: Final = (
    # Corners in the unit square, how often: plain, angled, winged, around a court, a cross.
    (((0, 0), (1, 0), (1, 1), (0, 1)), 0.4),
    (((0, 0), (1, 0), (1, 0.45), (0.4, 0.45), (0.4, 1), (0, 1)), 0.3),
    (((0, 0), (1, 0), (1, 0.4), (0.7, 0.4), (0.7, 1), (0.3, 1), (0.3, 0.4), (0, 0.4)), 0.1),
    (((0, 0), (1, 0), (1, 1), (0.7, 1), (0.7, 0.4), (0.3, 0.4), (0.3, 1), (0, 1)), 0.1),
    (
        (
            (0.3, 0),
            (0.7, 0),
            (0.7, 0.3),
            (1, 0.3),
            (1, 0.7),
            (0.7, 0.7),
            (0.7, 1),
            (0.3, 1),
            (0.3, 0.7),
            (0, 0.7),
            (0, 0.3),
            (0.3, 0.3),
        ),
        0.1,
    ),
)


@dataclass(frozen=True)
class Footprints:
    """Buildings in rows: all arrays are as long as `shapes`."""

    shapes: NDArray[Any]
    """Polygons in degrees, one a building; none overlaps another."""
    ground_area_m2: NDArray[np.float64]
    floors: NDArray[np.int64]
    year_built: NDArray[np.int64]
    extent: tuple[float, float, float, float]
    """West, south, east, north of the blocks in degrees."""


def make_footprints(count: int, *, seed: int = SEED) -> Footprints:
    """A number of buildings in square rows of blocks; the same seed makes the same city."""
    random = np.random.default_rng(seed)
    per_block = _LOTS[0] * _LOTS[1]
    blocks = math.ceil(count / per_block)
    across = math.ceil(math.sqrt(blocks))
    building = np.arange(count)
    block, lot = building // per_block, building % per_block
    turn = random.normal(0, 0.05, blocks)[block]
    lot_size = np.array([(side - _STREET_M) / n for side, n in zip(_BLOCK_M, _LOTS, strict=True)])
    size = lot_size * random.uniform(0.5, 0.8, (count, 2))
    corner = np.stack([lot % _LOTS[0], lot // _LOTS[0]], axis=1) * lot_size
    corner = corner + (lot_size - size) * random.uniform(0, 1, (count, 2)) - np.array(_BLOCK_M) / 2
    kinds = random.choice(len(_SHAPES), count, p=[share for _, share in _SHAPES])
    shapes = np.empty(count, dtype=object)
    areas = np.empty(count)
    centre = np.stack([block % across, block // across], axis=1) * np.array(_BLOCK_M)
    centre = centre + np.array(_BLOCK_M) / 2
    for kind, (corners, _share) in enumerate(_SHAPES):
        chosen = kinds == kind
        metres = np.array(corners)[None, :, :] * size[chosen, None, :] + corner[chosen, None, :]
        cos, sin = np.cos(turn[chosen])[:, None], np.sin(turn[chosen])[:, None]
        x, y = metres[:, :, 0], metres[:, :, 1]
        turned = np.stack([x * cos - y * sin, x * sin + y * cos], axis=2) + centre[chosen, None, :]
        areas[chosen] = shapely.area(shapely.polygons(turned))
        shapes[chosen] = shapely.polygons(_degrees(turned))
    rows = math.ceil(blocks / across)
    north_east = _degrees(np.array([across, rows]) * np.array(_BLOCK_M))
    return Footprints(
        shapes,
        areas,
        floors=np.clip(random.geometric(0.22, count), 1, 33),
        year_built=random.integers(1965, 2025, count),
        extent=(*SOUTH_WEST, float(north_east[0]), float(north_east[1])),
    )


def _degrees(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    # A bench needs plausible sizes, not a projection.
    scale: NDArray[np.float64] = np.array(
        [1 / (_METRES_A_DEGREE * math.cos(math.radians(SOUTH_WEST[1]))), 1 / _METRES_A_DEGREE]
    )
    corner: NDArray[np.float64] = np.array(SOUTH_WEST)
    return corner + metres * scale
