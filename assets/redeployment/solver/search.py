"""Local search: takes some agencies out and puts each back at its best, again and again.

What is put back is placed exactly over all sets of places it may have; what is accepted is decided
by annealing. The course depends on the seed and the number of steps alone, never on the clock.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from assets.redeployment.solver.standing import Placement, Standing
from assets.redeployment.solver.tables import Tables

_MOST_OUT: Final = 9
"""Agencies taken out in one step at most."""
_UNPLACED: Final = 1e4
"""What a square metre that finds no place costs in the search: more than any place."""
_NOISE: Final = 0.08
_LOOK: Final = 64
"""Steps between two looks at whether to stop."""


@dataclass
class Course:
    """What the search has come to.

    Args:
        placed: Choice of each agency in the best plan so far; null: no room was found.
        cost: Its cost, what is unplaced included.
    """

    placed: list[Placement | None]
    cost: float
    steps: int = 0


def improve(
    standing: Standing,
    *,
    seed: int,
    steps: int,
    is_over: Callable[[Course], bool] = lambda _course: False,
    heat: tuple[float, float] = (3e-4, 1e-5),
    done: Callable[[int], float] | None = None,
) -> Course:
    """The best plan found in so many steps from where it stands.

    Args:
        is_over: Asked now and then; true ends the search with what it has.
        heat: First and last temperature, in parts of the cost.
        done: Part of the run that is over (0-1) after so many steps; by default by steps.
    """
    dice = random.Random(seed)  # noqa: S311 - a seed is meant to repeat
    tables = standing.tables
    near = _neighbours(tables)
    cost = _cost(standing)
    best = Course(list(standing.placed), cost)
    hot, cold = heat[0] * abs(cost), heat[1] * abs(cost)
    for step in range(steps):
        if step % _LOOK == 0:
            best.steps = step
            part = done(step) if done else step / steps
            warmth = hot * (cold / hot) ** min(1.0, part) if hot > 0 else 0.0
            if is_over(best):
                break
        out = _chosen(standing, near, dice)
        before = [(agency, standing.take(agency)) for agency in out]
        _put_back(standing, out, dice)
        found = _cost(standing)
        if found <= cost or dice.random() < math.exp((cost - found) / max(warmth, 1e-9)):
            cost = found
            if found < best.cost - 1e-6:
                best.placed, best.cost = list(standing.placed), found
        else:
            for agency in out:
                standing.take(agency)
            for agency, placement in before:
                if placement is not None:
                    standing.put(agency, placement)
    else:
        best.steps = steps
    return best


def _cost(standing: Standing) -> float:
    menus = standing.tables.menus
    return standing.cost + sum(_UNPLACED * menus[at].need for at in standing.unplaced())


def _neighbours(tables: Tables) -> list[list[int]]:
    """Agencies by how many options they have in common, most first; each begins with itself."""
    has = np.zeros((len(tables.menus), len(tables.capacity) + 1))
    for agency, menu in enumerate(tables.menus):
        has[agency, menu.at[:-1]] = 1
    common = has @ has.T
    np.fill_diagonal(common, np.inf)
    order = np.argsort(-common, axis=1, kind="stable")
    return [
        [int(other) for other in order[agency] if common[agency, other] > 0][:30]
        for agency in range(len(tables.menus))
    ]


def _chosen(standing: Standing, near: list[list[int]], dice: random.Random) -> list[int]:
    """Who goes out: neighbours, or all users of a place and some who could use it instead."""
    agencies = len(near)
    count = min(agencies, dice.randint(2, _MOST_OUT))
    start = dice.randrange(agencies)
    missing = standing.unplaced()
    if missing and dice.random() < 0.5:
        start = dice.choice(missing)
    placed = standing.placed[start]
    if placed is None or dice.random() < 0.5:
        pool = near[start][: 3 * count]
        return sorted({start, *dice.sample(pool, min(count - 1, len(pool)))})
    menu = standing.tables.menus[start]
    place = menu.plain.at[dice.choice(placed.parts)[0]]
    users = [at for at in near[start] if _uses(standing, at, place)]
    more = [at for at in near[start][: 2 * count] if at not in users]
    return sorted(
        {start, *users[:count], *dice.sample(more, min(max(0, count - len(users)), len(more)))}
    )


def _uses(standing: Standing, agency: int, place: int) -> bool:
    placed = standing.placed[agency]
    at = standing.tables.menus[agency].plain.at
    return placed is not None and any(at[option] == place for option, _ in placed.parts)


def _put_back(standing: Standing, out: list[int], dice: random.Random) -> None:
    order = list(out)
    dice.shuffle(order)
    if dice.random() < 0.5:
        order.sort(key=lambda at: -standing.tables.menus[at].need * dice.uniform(0.7, 1.3))
    more = None
    if dice.random() < 0.6:
        # Places look dearer or cheaper to open than they are: other ones are opened and closed.
        factor = np.array([dice.gauss(0, 1) for _ in range(8)])
        more = standing.running * _NOISE * 4 * factor[np.arange(len(standing.running)) * 7 % 8]
        more = np.where(standing.users > 0, 0.0, np.maximum(more, -0.9 * standing.running))
    for agency in order:
        found = standing.best(agency, more)
        if found is not None:
            standing.put(agency, found[1])
