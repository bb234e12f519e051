"""A finer bound: each agency and each place answers exactly, and prices make them agree.

Every pair of agency and place has a price on its area and one on its use. The agency pays them, the
place earns them: the agency takes its best set, the place those that earn it most (`knapsack`).
Whatever the prices, both sums together are a lower bound. What a wish is worth is parted between
its two agencies at each site that both may have: each earns its part there. Prices are moved
along the disagreement, each at a pace of its own (as Adam does), by a schedule in steps.
"""

from typing import Final

import numpy as np

from assets.redeployment.solver.kernel import Floats, Ints, compiled
from assets.redeployment.solver.knapsack import most_earned
from assets.redeployment.solver.relaxed import Flat, Prices, answers
from assets.redeployment.solver.tables import Tables

_STEPS: Final = 1_200
_PACE: Final = (8e-3, 1e-4)
"""First and last change of a price in one step, in parts of what an agency costs on average."""
_MEMORY: Final = 0.8
_LONG_MEMORY: Final = 0.99


class Decomposed:
    """The finer relaxation in the making: `step` until `is_done`."""

    def __init__(self, tables: Tables, flat: Flat, begun: Prices) -> None:
        self.flat = flat
        by_option = np.append(begun.area, 0.0)[flat.at]
        self.best = Prices(by_option, begun.use, begun.bound, begun.of_agency)
        self.steps = 0
        place = flat.at[:-1]
        self._capacity, self._running = tables.capacity, tables.running
        self._order = np.argsort(place, kind="stable")
        self._first = np.searchsorted(place[self._order], np.arange(len(tables.capacity) + 1))
        self._size = np.maximum(flat.most[:-1], 1.0)
        self._wishes = _Wishes(tables)
        # Area prices are kept as what all the area an option may take would cost.
        area = by_option[:-1] * self._size
        self._at = np.concatenate([area, begun.use[:-1], self._wishes.halves])
        self._mean, self._square = np.zeros(len(self._at)), np.zeros(len(self._at))
        self._scale = max(begun.bound, 1.0) / len(tables.menus)

    @property
    def is_done(self) -> bool:
        """Whether the schedule is over, or parts may be so small that none of this holds."""
        return self.steps >= _STEPS or bool((self.flat.least[:-1] <= 0).any())

    def step(self) -> None:
        """Asks agencies and places at today's prices and moves these."""
        options = len(self._size)
        area, use = self._at[:options] / self._size, self._at[options : 2 * options]
        parts = self._at[2 * options :]
        paid = use - self._wishes.earned(parts, options)
        of_agency, areas, used = answers(self.flat, np.append(area, 0.0), np.append(paid, 0.0))
        of_place, taken = _earnings(
            (self._order, self._first),
            (self._capacity, self._running),
            (self.flat.least[:-1], self.flat.most[:-1]),
            (area, use),
        )
        bound = float(of_agency.sum() + of_place.sum() + self._wishes.worth)
        if bound > self.best.bound:
            self.best = Prices(np.append(area, 0.0), np.append(paid, 0.0), bound, of_agency)
        off = np.concatenate(
            [
                (areas[:-1] - taken) / self._size,
                used[:-1] - (taken > 0),
                self._wishes.off(used[:-1]),
            ]
        )
        self.steps += 1
        self._mean += (1 - _MEMORY) * (off - self._mean)
        self._square += (1 - _LONG_MEMORY) * (off**2 - self._square)
        pace = _PACE[0] * (_PACE[1] / _PACE[0]) ** (self.steps / _STEPS) * self._scale
        far = pace / (1 - _MEMORY**self.steps)
        wide = np.sqrt(self._square / (1 - _LONG_MEMORY**self.steps)) + 1e-3
        self._at = self._at + far * self._mean / wide
        self._at[2 * options :] = np.clip(self._at[2 * options :], 0.0, self._wishes.most)


class _Wishes:
    """Sites that both agencies of a wish may have; one part of its worth for each of them.

    The first agency earns that part where it uses an option of the site, the other the rest.
    """

    def __init__(self, tables: Tables) -> None:
        first = np.cumsum([0] + [len(one.at) - 1 for one in tables.menus])
        pairs, most, mine, others = 0, [], [], []
        self.worth = 0.0
        for agency, menu in enumerate(tables.menus):
            for other, worth in menu.wishes:
                if agency > other:
                    continue
                self.worth += worth
                theirs = tables.menus[other]
                for site in sorted(set(menu.site[:-1].tolist()) & set(theirs.site[:-1].tolist())):
                    mine += [(first[agency] + at, pairs) for at in _of_site(menu.site, site)]
                    others += [(first[other] + at, pairs) for at in _of_site(theirs.site, site)]
                    most.append(worth)
                    pairs += 1
        self.most = np.array(most, dtype=np.float64)
        self.halves = self.most / 2
        self._mine = np.array(mine, dtype=np.int64).reshape(-1, 2).T
        self._others = np.array(others, dtype=np.int64).reshape(-1, 2).T

    def earned(self, parts: Floats, options: int) -> Floats:
        """What each use of an option earns its agency."""
        found = np.bincount(self._mine[0], parts[self._mine[1]], options)
        rest = (self.most - parts)[self._others[1]]
        return np.asarray(found + np.bincount(self._others[0], rest, options))

    def off(self, used: Floats) -> Floats:
        """How much oftener the other agency is at the site than the first."""
        pairs = len(self.most)
        mine = np.bincount(self._mine[1], used[self._mine[0]], pairs)
        return np.asarray(np.bincount(self._others[1], used[self._others[0]], pairs) - mine)


def _of_site(sites: Ints, site: int) -> list[int]:
    return [int(at) for at in np.flatnonzero(sites[:-1] == site)]


@compiled
def _earnings(
    listed: tuple[Ints, Ints],
    paid: tuple[Floats, Floats],
    bounds: tuple[Floats, Floats],
    prices: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    """What each place costs beyond what it earns where it is open, and the area it would give.

    Args:
        listed: Options by place, and where each place's begin.
        paid: Capacity and running cost of the places.
        bounds: Least and most area of the options.
        prices: What an option earns the place for a m², and for its use.
    """
    order, first = listed
    capacity, running = paid
    cost, area = np.zeros(len(capacity)), np.zeros(len(order))
    for place in range(len(capacity)):
        mine = order[first[place] : first[place + 1]]
        if len(mine) == 0:
            continue
        earned, areas = most_earned(
            capacity[place],
            (bounds[0][mine], bounds[1][mine]),
            (prices[0][mine], prices[1][mine]),
            running[place],
        )
        cost[place] = running[place] - earned
        area[mine] = areas
    return cost, area
