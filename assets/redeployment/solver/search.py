"""Local search: takes some agencies out and puts each back at its best, again and again.

What is put back is placed exactly over all sets of places it may have; what is accepted is decided
by annealing. The course depends on the seed and the number of steps alone, never on the clock. All
of it is compiled and lets go of the interpreter, so that the proof beside it is not held up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from assets.redeployment.solver.ground import (
    Ground,
    State,
    ground,
    place_best,
    placements,
    settle,
    state_of,
)
from assets.redeployment.solver.kernel import Floats, Ints, compiled
from assets.redeployment.solver.standing import Placement, Standing
from assets.redeployment.solver.tables import Tables

Dice = npt.NDArray[np.uint64]
_MOST_OUT: Final = 9
"""Agencies taken out in one step at most."""
_UNPLACED: Final = 1e4
"""What a square metre that finds no place costs in the search: more than any place."""
_NOISE: Final = 0.32
_LOOK: Final = 64
"""Steps between two looks at whether to stop."""
_NEAR: Final = 30
"""Agencies that one may be taken out with."""


@dataclass
class Course:
    """What the search has come to.

    Args:
        placed: Choice of each agency in the best plan; null: no room. Filled at the end.
        cost: Of the best plan so far, what is unplaced included.
        is_whole: Whether everybody has a place in it.
    """

    placed: list[Placement | None]
    cost: float
    is_whole: bool
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
    tables = standing.tables
    made = ground(tables)
    state = state_of(made, standing)
    near = _neighbours(tables)
    dice = np.array([seed], dtype=np.uint64)
    best = (state.option.copy(), state.area.copy(), np.array([_cost(made, state)]))
    course = Course([], best[2][0], _is_whole(best[1]))
    hot, cold = heat[0] * abs(course.cost), heat[1] * abs(course.cost)
    while course.steps < steps and not is_over(course):
        part = done(course.steps) if done else course.steps / steps
        warmth = hot * (cold / hot) ** min(1.0, part) if hot > 0 else 0.0
        count = min(_LOOK, steps - course.steps)
        _steps((made, near), state, dice, (count, max(warmth, 1e-9)), best)
        course.steps += count
        course.cost, course.is_whole = float(best[2][0]), _is_whole(best[1])
    course.placed = placements(tables, best[0], best[1])
    return course


def _is_whole(area: Floats) -> bool:
    return bool((area.sum(axis=1) > 0).all())


def _neighbours(tables: Tables) -> Ints:
    """Agencies by how many options they have in common, most first; each begins with itself.

    Where fewer have one in common, the agency itself fills the row.
    """
    has = np.zeros((len(tables.menus), len(tables.capacity) + 1))
    for agency, menu in enumerate(tables.menus):
        has[agency, menu.at[:-1]] = 1
    common = has @ has.T
    np.fill_diagonal(common, np.inf)
    order = np.argsort(-common, axis=1, kind="stable")[:, :_NEAR]
    alone = np.arange(len(order))[:, None]
    return np.where(np.take_along_axis(common, order, axis=1) > 0, order, alone)


@compiled
def _draw(dice: Dice) -> float:
    """A number from nought to below one (splitmix64): the same on every machine."""
    dice[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = dice[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return float(mixed >> np.uint64(11)) / 9007199254740992.0


@compiled
def _below(dice: Dice, end: int) -> int:
    return min(int(_draw(dice) * end), end - 1)


@compiled
def _cost(made: Ground, state: State) -> float:
    cost = state.sums[0]
    for agency in range(len(made.need)):
        if state.is_placed[agency] == 0:
            cost += _UNPLACED * made.need[agency]
    return float(cost)


@compiled
def _some(row: Ints, out: Ints, count: int, most: int, dice: Dice) -> int:
    """Adds agencies drawn from a row; gives how many are out then."""
    for _ in range(3 * most):
        if count >= most:
            break
        other = row[_below(dice, len(row))]
        is_out = False
        for at in range(count):
            is_out = is_out or out[at] == other
        if not is_out:
            out[count] = other
            count += 1
    return count


@compiled
def _chosen(made: Ground, state: State, near: Ints, dice: Dice, out: Ints) -> int:
    """Who goes out: neighbours, or all users of a place and some who could use it instead."""
    agencies, width = len(made.need), near.shape[1]
    most = min(agencies, 2 + _below(dice, _MOST_OUT - 1))
    out[0] = _below(dice, agencies)
    missing = agencies - state.is_placed.sum()
    if missing > 0 and _draw(dice) < 0.5:
        left = _below(dice, missing)
        for agency in range(agencies):
            if state.is_placed[agency] == 0:
                if left == 0:
                    out[0] = agency
                left -= 1
    start, count = out[0], 1
    if state.is_placed[start] == 0 or _draw(dice) < 0.5:
        return _some(near[start, : 3 * most], out, count, most, dice)
    parts = (state.area[start] > 0).sum()
    place = _place(made, state, start, _below(dice, parts))
    for at in range(1, width):
        if count < most and near[start, at] != start and _uses(made, state, near[start, at], place):
            out[count] = near[start, at]
            count += 1
    return _some(near[start, : 2 * most], out, count, most, dice)


@compiled
def _place(made: Ground, state: State, agency: int, part: int) -> int:
    """The place of an agency's part of that number; empty parts do not count."""
    place = -1
    for column in range(state.area.shape[1]):
        if state.area[agency, column] > 0:
            if part == 0:
                place = made.at[made.first_option[agency] + state.option[agency, column]]
            part -= 1
    return place


@compiled
def _uses(made: Ground, state: State, agency: int, place: int) -> bool:
    for column in range(state.area.shape[1]):
        option = made.first_option[agency] + state.option[agency, column]
        if state.area[agency, column] > 0 and made.at[option] == place:
            return True
    return False


@compiled
def _order(made: Ground, out: Ints, count: int, dice: Dice) -> None:
    """Who is put back first: anybody, or now and then the large ones."""
    keys = np.empty(count)
    is_by_size = _draw(dice) < 0.5
    for at in range(count):
        key = 0.7 + 0.6 * _draw(dice)
        keys[at] = -made.need[out[at]] * key if is_by_size else key
    by_key = np.argsort(keys)
    out[:count] = out[:count][by_key]


@compiled
def _noise(made: Ground, dice: Dice, more: Floats) -> None:
    """Closed places look dearer or cheaper to open than they are: other ones are opened."""
    factors = np.empty(8)
    for at in range(8):
        # Three draws together are near enough to a bell of deviation one.
        factors[at] = 2.0 * (_draw(dice) + _draw(dice) + _draw(dice)) - 3.0
    shift = _below(dice, 7) + 1
    for place in range(len(more)):
        more[place] = max(_NOISE * factors[place * shift % 8], -0.9) * made.running[place]


@compiled
def _steps(
    field: tuple[Ground, Ints],
    state: State,
    dice: Dice,
    course: tuple[int, float],
    best: tuple[Ints, Floats, Floats],
) -> None:
    """So many steps at one temperature; `best` is kept up to date."""
    made, near = field
    out = np.empty(_MOST_OUT, dtype=np.int64)
    option = np.empty((len(out), state.option.shape[1]), dtype=np.int64)
    area = np.empty((len(out), state.option.shape[1]))
    more = np.zeros(len(made.running))
    none = np.zeros(len(made.running))
    cost = _cost(made, state)
    for _ in range(course[0]):
        count = _chosen(made, state, near, dice, out)
        _order(made, out, count, dice)
        sums = state.sums.copy()
        for at in range(count):
            agency = out[at]
            option[at], area[at] = state.option[agency], state.area[agency]
            _take(made, state, agency)
        is_noisy = _draw(dice) < 0.6
        if is_noisy:
            _noise(made, dice, more)
        for at in range(count):
            place_best(made, state, out[at], more if is_noisy else none)
        found = _cost(made, state)
        if found <= cost or _draw(dice) < np.exp((cost - found) / course[1]):
            cost = found
            if found < best[2][0] - 1e-6:
                best[0][:], best[1][:], best[2][0] = state.option, state.area, found
            continue
        for at in range(count):
            _take(made, state, out[at])
        for at in range(count):
            agency = out[at]
            state.option[agency], state.area[agency] = option[at], area[at]
            if area[at].sum() > 0:
                settle(made, state, agency, 1)
        # As it was, without what rounding would leave.
        state.sums[:] = sums


@compiled
def _take(made: Ground, state: State, agency: int) -> None:
    if state.is_placed[agency] == 1:
        settle(made, state, agency, -1)
        state.area[agency] = 0.0
        state.option[agency] = made.first_option[agency + 1] - made.first_option[agency] - 1
