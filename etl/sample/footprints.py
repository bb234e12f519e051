"""Building shapes and the lots they stand in, on the grid of a town's streets.

All coordinates are metres along (x) and across (y) the streets; buildings face south. A building
is one to three bars (rectangles); bars of one building touch and never overlap.
"""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from etl.sample.quantities import HUNDREDTHS

STOREY_M: Final = 3.6
WING_M: Final = 16.2
"""Depth of a wing with a corridor between two rows of rooms."""
LONGEST_M: Final = 105.0

Bar = tuple[float, float, float, float]
"""West, south, east, north."""


@dataclass
class Building:
    """One building; `area` is gross floor area in hundredths of m2, all floors together.

    `bars` and `outline` stand relative to the south-west corner of its bounding box, `x`, `y`
    relative to its lot.
    """

    name: str
    use: str
    area: int
    above: int
    below: int
    bars: list[Bar]
    outline: list[tuple[float, float]]
    year: int
    structure: str
    x: float = 0.0
    y: float = 0.0
    number: int = 0

    @property
    def width(self) -> float:
        return max(bar[2] for bar in self.bars)

    @property
    def depth(self) -> float:
        return max(bar[3] for bar in self.bars)

    @property
    def height_m(self) -> float:
        return round(self.above * STOREY_M + 0.6, 1)

    @property
    def levels(self) -> list[int]:
        """Signed floor levels from the lowest; there is no level 0."""
        return [*range(-self.below, 0), *range(1, self.above + 1)]


@dataclass
class Lot:
    """A fenced piece of land with its buildings; placed once `corner` and `street` are known."""

    width: float
    depth: float
    buildings: list[Building] = field(default_factory=list)
    corner: tuple[float, float] = (0.0, 0.0)
    street: str = ""
    house_number: int = 0

    @property
    def land_area(self) -> int:
        """Hundredths of m2."""
        return round(self.width * self.depth * HUNDREDTHS)


def floors_for(rng: np.random.Generator, area_m2: float) -> tuple[int, int]:
    """Floors above and below ground that suit a gross floor area."""
    low, high = next(
        (pair for limit, pair in _FLOORS_BY_AREA if area_m2 < limit), _FLOORS_BY_AREA[-1][1]
    )
    above = int(rng.integers(low, high + 1))
    below = int(area_m2 > 4_000 and rng.random() < 0.3) + int(above > 15)
    return above, below


_FLOORS_BY_AREA: Final = (
    (250.0, (1, 2)),
    (900.0, (2, 3)),
    (2_500.0, (3, 5)),
    (6_000.0, (4, 6)),
    (12_000.0, (5, 11)),
    (25_000.0, (9, 18)),
    (1e12, (16, 26)),
)


def shape_building(
    rng: np.random.Generator, floor_area_m2: float
) -> tuple[list[Bar], list[tuple[float, float]]]:
    """Bars and outline of a building whose floor has exactly this area: a bar, an L or a U."""
    wing = min(WING_M, max(6.0, math.sqrt(floor_area_m2 / 1.7)))
    kind = rng.random()
    longest = floor_area_m2 / wing
    if longest > LONGEST_M * 2.6:  # a hall: no corridor wing is that long
        wing = math.sqrt(floor_area_m2 / 1.6)
        longest = floor_area_m2 / wing
        return [(0, 0, longest, wing)], [(0, 0), (longest, 0), (longest, wing), (0, wing)]
    if longest > LONGEST_M or (floor_area_m2 > 900 and kind < 0.22):
        return _u_shape(wing, longest)
    if floor_area_m2 > 500 and kind < 0.5:
        return _l_shape(wing, longest, is_mirrored=kind < 0.36)
    return [(0, 0, longest, wing)], [(0, 0), (longest, 0), (longest, wing), (0, wing)]


def _l_shape(
    wing: float, total: float, *, is_mirrored: bool
) -> tuple[list[Bar], list[tuple[float, float]]]:
    main, side = 0.64 * total, 0.36 * total
    bars: list[Bar] = [(0, side, main, side + wing), (0, 0, wing, side)]
    outline = [(0, 0), (wing, 0), (wing, side), (main, side), (main, side + wing), (0, side + wing)]
    if is_mirrored:
        bars = [(main - east, south, main - west, north) for west, south, east, north in bars]
        outline = [(main - x, y) for x, y in reversed(outline)]
    return bars, outline


def _u_shape(wing: float, total: float) -> tuple[list[Bar], list[tuple[float, float]]]:
    main, side = 0.52 * total, 0.24 * total
    main = max(main, 2.6 * wing)
    side = (total - main) / 2
    top = side + wing
    bars: list[Bar] = [
        (0, side, main, top),
        (0, 0, wing, side),
        (main - wing, 0, main, side),
    ]
    outline = [
        (0, 0),
        (wing, 0),
        (wing, side),
        (main - wing, side),
        (main - wing, 0),
        (main, 0),
        (main, top),
        (0, top),
    ]
    return bars, outline


def arrange(rng: np.random.Generator, buildings: list[Building], *, is_fenced: bool) -> Lot:
    """A lot with the buildings in rows behind one another, the first building at the front."""
    margin = float(rng.uniform(7, 15)) if is_fenced else 2.0
    gap = float(rng.uniform(9, 15))
    widest = max(building.width for building in buildings)
    covered = sum(building.width * building.depth for building in buildings)
    row_width = max(widest, 1.9 * math.sqrt(covered))
    rows: list[list[Building]] = [[buildings[0]]]
    for building in buildings[1:]:
        used = sum(other.width + gap for other in rows[-1])
        if len(rows) == 1 and len(rows[0]) == 1 and widest == buildings[0].width:
            fits = used + building.width <= 1.25 * row_width
        else:
            fits = used + building.width <= row_width
        if fits:
            rows[-1].append(building)
        else:
            rows.append([building])
    widths = [sum(other.width for other in row) + gap * (len(row) - 1) for row in rows]
    yard = float(rng.uniform(4, 16)) if is_fenced else 0.0
    lot = Lot(width=max(widths) + 2 * margin, depth=0.0, buildings=buildings)
    y = margin + yard
    for row, width in zip(rows, widths, strict=True):
        x = (lot.width - width) / 2
        for building in row:
            building.x, building.y = x, y
            x += building.width + gap
        y += max(building.depth for building in row) + gap
    lot.depth = y - gap + margin
    return lot


def corners(bars: NDArray[np.float64]) -> NDArray[np.float64]:
    """Closed rings (n, 5, 2) of rectangles given as west, south, east, north (n, 4)."""
    west, south, east, north = bars.T
    return np.stack(
        [
            np.column_stack([west, south]),
            np.column_stack([east, south]),
            np.column_stack([east, north]),
            np.column_stack([west, north]),
            np.column_stack([west, south]),
        ],
        axis=1,
    )
