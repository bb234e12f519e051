"""Places lots along the streets of a town: blocks between streets, fullest near the centre."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.sample.footprints import Lot
from etl.sample.quantities import stage
from etl.sample.towns import Town, district_outline, towns
from etl.sample.vocabulary import words

_BOUNDARY_CLEARANCE_M: Final = 40.0
_NEIGHBOUR_M: Final = 5.0
_METRES_PER_HOUSE_NUMBER: Final = 6.0
_ATTEMPTS: Final = ((1.0, 0.18), (1.6, 0.18), (2.6, 0.1), (4.2, 0.0))
"""How far the street grid reaches and how much of it is private, until all lots fit."""


@dataclass
class Block:
    """The land between four streets, with the column and row it stands in."""

    column: int
    row: int
    west: float
    south: float
    east: float
    north: float
    is_taken: bool = False


class Grid:
    """The street grid of one town: blocks inside the town's own part of its district."""

    def __init__(self, town: Town, reach_m: float, private_share: float, seed: int) -> None:
        rng = stage(seed, f"streets{town.index}")
        self.town = town
        self.rng = rng
        self.private_share = private_share
        self.columns = _lines(rng, reach_m, 120, 230)
        self.rows = _lines(rng, reach_m, 100, 190)
        self.street_of_row = _street_names(town, len(self.rows) + 1, seed)
        self.numbers: set[tuple[str, int]] = set()
        self.blocks = {(block.column, block.row): block for block in self._usable()}
        self.order = self._outward(self.blocks.values())
        self.remainders: list[Block] = []

    def _outward(self, blocks: Iterable[Block]) -> list[Block]:
        """Blocks from the centre out, loosely."""
        return sorted(
            blocks,
            key=lambda block: (
                math.hypot(block.west + block.east, block.south + block.north)
                * self.rng.lognormal(0.0, 0.5)
            ),
        )

    def _usable(self) -> Iterator[Block]:
        """Blocks that lie in the district, away from its edge, nearer to this town than others."""
        blocks = [
            Block(i, j, west, south, east, north)
            for i, (west, east) in enumerate(self.columns)
            for j, (south, north) in enumerate(self.rows)
        ]
        rings = np.array(
            [
                [(b.west, b.south), (b.east, b.south), (b.east, b.north), (b.west, b.north)]
                for b in blocks
            ]
        )
        local = self.town.to_local(rings.reshape(-1, 2)).reshape(-1, 4, 2)
        land = district_outline(self.town.district.division_code).buffer(-_BOUNDARY_CLEARANCE_M)
        shapely.prepare(land)
        inside = shapely.contains(land, shapely.polygons(local)) & self._is_nearest(local)
        return (block for block, is_inside in zip(blocks, inside, strict=True) if is_inside)

    def _is_nearest(self, corners: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether all corners lie nearer to this town than to any other of the same polygon."""
        same = [
            town
            for town in towns()
            if town.district.division_code == self.town.district.division_code
        ]
        centres = np.array([(town.x_m, town.y_m) for town in same])
        away = np.linalg.norm(corners[:, :, None, :] - centres, axis=3)
        own = next(place for place, town in enumerate(same) if town.index == self.town.index)
        return np.asarray((away.argmin(axis=2) == own).all(axis=1))

    def place(self, lots: Sequence[Lot]) -> list[Lot]:
        """Place the lots, large ones in whole blocks; returns those that found no room."""
        order = self.rng.permutation(len(lots))
        waiting: list[Lot] = []
        large: list[Lot] = []
        small: list[Lot] = []
        for position in order:
            lot = lots[position]
            (small if lot.width <= 105 and lot.depth <= 82 else large).append(lot)
        large.sort(key=lambda lot: -lot.width * lot.depth)
        for lot in large:
            if not self._place_large(lot):
                waiting.append(lot)
        return waiting + self._place_small(small)

    def _place_large(self, lot: Lot) -> bool:
        start = int(self.rng.integers(0, max(1, min(len(self.order), 60))))
        for block in self.order[start:]:
            span = None if block.is_taken else self._span(block, lot)
            if span:
                for taken in span:
                    taken.is_taken = True
                last = span[-1]
                x = block.west + min(6.0, last.east - block.west - lot.width)
                y = block.south + min(6.0, last.north - block.south - lot.depth)
                self._settle(lot, x, y, block.row)
                if len(span) == 1:
                    beside = x + lot.width + _NEIGHBOUR_M
                    self.remainders.append(replace(block, west=beside, is_taken=False))
                return True
        return False

    def _span(self, block: Block, lot: Lot) -> list[Block] | None:
        """The free blocks, eastward and northward, that together are large enough."""
        columns, rows = 1, 1
        while self._edge(self.columns, block.column + columns) - block.west < lot.width:
            columns += 1
            if columns > 6:
                return None
        while self._edge(self.rows, block.row + rows) - block.south < lot.depth:
            rows += 1
            if rows > 6:
                return None
        span = [
            self.blocks.get((block.column + i, block.row + j))
            for i in range(columns)
            for j in range(rows)
        ]
        free = [found for found in span if found and not found.is_taken]
        return free if len(free) == len(span) else None

    @staticmethod
    def _edge(lines: list[tuple[float, float]], end: int) -> float:
        return lines[end - 1][1] if end <= len(lines) else math.inf

    def _place_small(self, lots: list[Lot]) -> list[Lot]:
        """Fill blocks from the centre out: a row of lots on the south street, one on the north."""
        queue = list(reversed(lots))
        for block in self._outward([*self.order, *self.remainders]):
            if not queue:
                break
            if block.is_taken or self.rng.random() < self.private_share:
                continue
            block.is_taken = True
            deepest = self._shelf(queue, block, block.north - block.south, is_south=True)
            rest = block.north - block.south - deepest - 6.0
            if rest > 20:
                self._shelf(queue, block, rest, is_south=False)
        return queue

    def _shelf(self, queue: list[Lot], block: Block, depth: float, *, is_south: bool) -> float:
        """Lots side by side along one street of a block; returns the depth they take."""
        x = block.west + float(self.rng.uniform(0, 25))
        deepest = 0.0
        while queue and queue[-1].depth <= depth and x + queue[-1].width <= block.east:
            lot = queue.pop()
            y = block.south if is_south else block.north - lot.depth
            self._settle(lot, x, y, block.row if is_south else block.row + 1)
            deepest = max(deepest, lot.depth)
            x += lot.width + _NEIGHBOUR_M + float(self.rng.exponential(144.0 * self.private_share))
        return deepest

    def _settle(self, lot: Lot, x: float, y: float, row: int) -> None:
        street = self.street_of_row[row]
        number = 2 * round((x - self.columns[0][0]) / _METRES_PER_HOUSE_NUMBER / 2) + row % 2 + 1
        while (street, number) in self.numbers:
            number += 2
        self.numbers.add((street, number))
        lot.corner, lot.street, lot.house_number = (x, y), street, number


def _lines(
    rng: np.random.Generator, reach_m: float, least: float, most: float
) -> list[tuple[float, float]]:
    """Blocks along one axis, from -reach to +reach, with streets of 14 to 34 m between them."""
    found: list[tuple[float, float]] = []
    at = -reach_m
    while at < reach_m:
        size = float(rng.uniform(least, most))
        found.append((at, at + size))
        at += size + float(rng.choice([14.0, 18.0, 24.0, 34.0]))
    return found


def _street_names(town: Town, count: int, seed: int) -> list[str]:
    """Names of the streets along a town's rows; no two centres of a district share one.

    Only addresses in the centres leave the town's name out, so only there it would confuse.
    """
    centres = [other for other in towns() if other.is_core and other.district is town.district]
    if not town.is_core:
        return [f"{name}路" for name in words(stage(seed, f"names{town.index}"), count)]
    names = words(stage(seed, f"names{town.district.code}"), count * len(centres))
    return [f"{name}路" for name in names[centres.index(town) :: len(centres)]]


def place_in_town(town: Town, lots: Sequence[Lot], seed: int) -> list[Lot]:
    """Place lots in a town's part of its district, on as small a street grid as holds them.

    Returns:
        The lots that found no room; none unless the part is full.
    """
    needed_m2 = sum((lot.width + 25) * (lot.depth + 12) for lot in lots)
    waiting = list(lots)
    for growth, private_share in _ATTEMPTS:
        reach_m = growth * max(600.0, 2.0 * math.sqrt(needed_m2))
        waiting = Grid(town, reach_m, private_share, seed).place(lots)
        if not waiting:
            break
    return waiting
