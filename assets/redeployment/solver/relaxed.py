"""What every plan costs at least: room and opening are paid for by price instead of being kept.

With a price on each m² of a place and one on each use of it, agencies no longer meet: each takes
its best set, exactly, over all its sets (Lagrangian relaxation). Whatever the prices, the sum is
a lower bound; the prices are moved by an averaged subgradient to make it high.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from assets.redeployment.solver.kernel import SLACK_M2, Floats, Ints, compiled
from assets.redeployment.solver.tables import Tables

_PATIENCE: Final = 12
_MEMORY: Final = 0.3
_LAST_STEP: Final = 0.5
_MOST_STEPS: Final = 250
"""From here on the finer relaxation gets farther in the same time."""


class Flat(NamedTuple):
    """The menus of all agencies one after the other, without stand-ins but for the last option.

    Args:
        first_set: Where each agency's sets begin, and their end.
        sets: Options by their position among all of them; the last position is the stand-in.
        at: Place of each option.
        unit: Cost of what stays and of what is moved in, by option.
    """

    first_set: Ints
    sets: Ints
    fixed_cost: Floats
    need: Floats
    at: Ints
    least: Floats
    held: Floats
    most: Floats
    unit: Floats


@dataclass
class Prices:
    """Prices of a m² by place and of a use by option, what they prove, and each agency's part.

    The finer relaxation (`decomposed`) has prices of a m² by option too, which cuts are made of.
    """

    area: Floats
    use: Floats
    bound: float
    of_agency: Floats


def flat(tables: Tables) -> Flat:
    """The tables of all agencies as one."""
    menus = tables.menus
    first = np.cumsum([0] + [len(one.at) - 1 for one in menus])
    width = max(one.sets.shape[1] for one in menus)
    stand_in = int(first[-1])
    sets = []
    for start, menu in zip(first, menus, strict=False):
        mine = np.where(menu.sets == len(menu.at) - 1, stand_in, menu.sets + start)
        more = np.full((len(mine), width - mine.shape[1]), stand_in)
        sets.append(np.concatenate([mine, more], axis=1))
    capacity = np.append(tables.capacity, 0.0)
    most = [np.minimum(capacity[one.at[:-1]], one.need) for one in menus]
    return Flat(
        np.cumsum([0] + [len(one.sets) for one in menus]),
        np.concatenate(sets),
        np.concatenate([one.fixed_cost for one in menus]),
        np.array([one.need for one in menus]),
        np.append(np.concatenate([one.at[:-1] for one in menus]), len(tables.capacity)),
        np.append(np.concatenate([one.least[:-1] for one in menus]), 0.0),
        np.append(np.concatenate([one.held[:-1] for one in menus]), 0.0),
        np.append(np.concatenate(most), 0.0),
        np.concatenate([*(one.unit.reshape(-1, 2)[:-1] for one in menus), [[0.0, 0.0]]]),
    )


class Relaxed:
    """The relaxation in the making: `step` until `is_done`."""

    def __init__(self, tables: Tables) -> None:
        self.flat = flat(tables)
        self._is_impossible = bool(tables.without_sets)
        self._capacity, self._running = tables.capacity, tables.running
        self._places = len(tables.capacity)
        self._pace = 1.0
        self._without = self._steps = 0
        self._area_off = np.zeros(self._places)
        self._use_off = np.zeros(len(self.flat.at))
        full = np.maximum(self._capacity, 1.0)
        self._scale = full
        self._now = Prices(0.9 * self._running / full, np.zeros(len(self.flat.at)), -np.inf, full)
        self.best = self._now
        self._is_first = True

    @property
    def is_done(self) -> bool:
        """Whether more steps would change little, or an agency has no answer at all."""
        return self._is_impossible or self._pace < _LAST_STEP or self._steps >= _MOST_STEPS

    def step(self, upper: float) -> None:
        """Asks every agency at today's prices and moves them.

        Args:
            upper: Cost of the best plan known, which tells how far to go.
        """
        if self._is_impossible:
            return
        self._steps += 1
        area, use = self._now.area, self._now.use
        of_agency, areas, used = answers(self.flat, np.append(area, 0.0)[self.flat.at], use)
        option_place = self.flat.at[:-1]
        use_of_place = np.bincount(option_place, use[:-1], self._places)
        left = self._running - area * self._capacity - use_of_place
        is_open = (left < 0).astype(float)
        bound = float(of_agency.sum() + left[left < 0].sum())
        self._now = Prices(area, use, bound, of_agency)
        self._without += 1
        if bound > self.best.bound:
            self.best, self._without = self._now, 0
        elif self._without > _PATIENCE:
            self._pace, self._without = self._pace * 0.7, 0
            area, use = self.best.area, self.best.use
        part = 1.0 if self._is_first else _MEMORY
        self._is_first = False
        taken = np.bincount(option_place, areas[:-1], self._places)
        area_off = (taken - self._capacity * is_open) / self._scale
        self._area_off += part * (area_off - self._area_off)
        use_off = used - np.append(is_open[option_place], 0.0)
        self._use_off += part * (use_off - self._use_off)
        square = (self._area_off**2).sum() + (self._use_off**2).sum()
        far = self._pace * max(upper - bound, 1e-6 * abs(upper)) / max(square, 1e-9)
        self._now = Prices(
            np.maximum(0.0, area + far * self._area_off / self._scale),
            np.maximum(0.0, use + far * self._use_off),
            -np.inf,
            of_agency,
        )


@compiled
def _order_in(keys: Floats, at: Ints, count: int) -> None:
    """Sorts the first few positions by their keys."""
    for end in range(1, count):
        moved = at[end]
        here = end
        while here > 0 and keys[at[here - 1]] > keys[moved]:
            at[here] = at[here - 1]
            here -= 1
        at[here] = moved


@compiled
def _fill(
    flat: Flat, row: int, price: Floats, above: float, pieces: tuple[Floats, Floats, Ints]
) -> float:
    """Cost of the area above the least in one set; `pieces` are left with what was taken."""
    size, unit, order = pieces
    count = 0
    for option in flat.sets[row]:
        stays = min(flat.held[option], flat.most[option])
        size[count] = stays - min(flat.least[option], stays)
        size[count + 1] = max(0.0, flat.most[option] - max(flat.least[option], stays))
        unit[count] = flat.unit[option, 0] + price[option]
        unit[count + 1] = flat.unit[option, 1] + price[option]
        order[count], order[count + 1] = count, count + 1
        count += 2
    _order_in(unit, order, count)
    cost = 0.0
    for piece in order:
        size[piece] = min(size[piece], above)
        above -= size[piece]
        cost += size[piece] * unit[piece]
    return cost


@compiled
def _best_row(
    flat: Flat, agency: int, price: Floats, base: Floats, pieces: tuple[Floats, Floats, Ints]
) -> tuple[float, int]:
    """Cost and position of the agency's best set; `base` is what the least areas cost."""
    best, chosen = np.inf, -1
    for row in range(flat.first_set[agency], flat.first_set[agency + 1]):
        found, above, lowest = flat.fixed_cost[row], flat.need[agency], np.inf
        for option in flat.sets[row]:
            found += base[option]
            above -= flat.least[option]
            if flat.most[option] > 0:
                lowest = min(lowest, flat.unit[option, 0] + price[option])
        if above > SLACK_M2:
            if found + above * lowest >= best:
                continue
            found += _fill(flat, row, price, above, pieces)
        if found < best:
            best, chosen = found, row
    return best, chosen


@compiled
def answers(flat: Flat, area_price: Floats, use_price: Floats) -> tuple[Floats, Floats, Floats]:
    """Cost of each agency's best set at these prices, the area and the use of each option."""
    options, width = len(flat.least), flat.sets.shape[1]
    price = np.empty(options)
    base = np.empty(options)
    for at in range(options):
        price[at] = area_price[at]
        stays = min(flat.least[at], flat.held[at])
        base[at] = stays * flat.unit[at, 0] + (flat.least[at] - stays) * flat.unit[at, 1]
        base[at] += flat.least[at] * price[at] + use_price[at]
    pieces = (np.zeros(2 * width), np.zeros(2 * width), np.zeros(2 * width, np.int64))
    cost = np.empty(len(flat.need))
    areas, used = np.zeros(options), np.zeros(options)
    for agency in range(len(flat.need)):
        cost[agency], chosen = _best_row(flat, agency, price, base, pieces)
        above = flat.need[agency]
        for option in flat.sets[chosen]:
            above -= flat.least[option]
        _fill(flat, chosen, price, max(above, 0.0), pieces)
        for column in range(width):
            option = flat.sets[chosen, column]
            if flat.most[option] > 0:
                areas[option] += flat.least[option] + pieces[0][2 * column]
                areas[option] += pieces[0][2 * column + 1]
                used[option] = 1.0
    return cost, areas, used
