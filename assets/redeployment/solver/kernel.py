"""The one loop that everything waits for, compiled: the best set of places for one agency."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from assets.redeployment.solver.problem import ROUNDING_M2

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SLACK_M2: Final = ROUNDING_M2
F = TypeVar("F", bound=Callable[..., Any])


class Choices(NamedTuple):
    """The arrays of a `tables.Menu` that the loop reads; what they hold is said there."""

    sets: Ints
    floor: Floats
    fixed_cost: Floats
    pieces: Ints
    unit: Floats
    least: Floats
    held: Floats
    once: Floats
    people: Floats
    need: float


def compiled(function: F) -> F:
    """The function compiled at its first call, and kept on disk where there is a place for it."""
    try:
        return cast(F, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # nothing may be written, neither beside the code nor at home
        return cast(F, njit(nogil=True)(function))


@compiled
def _sizes(choices: Choices, room: Floats) -> tuple[Floats, Floats, Floats]:
    """Most area of each option, cost of its least area, and what its pieces take above that."""
    options = len(choices.least)
    most, cost, size = np.empty(options), np.empty(options), np.empty(2 * options)
    for at in range(options):
        least, stay, move = choices.least[at], choices.unit[2 * at], choices.unit[2 * at + 1]
        most[at] = min(room[at], choices.need)
        stays = min(choices.held[at], most[at])
        kept = min(least, stays)
        cost[at] = kept * stay + (least - kept) * move
        size[2 * at] = stays - kept
        size[2 * at + 1] = max(0.0, most[at] - max(least, stays))
    return most, cost, size


@compiled
def _above(choices: Choices, at: int, most: Floats, size: Floats) -> float:
    """Area that a set has to hold above its least; -1: it cannot."""
    above, offered = choices.need, 0.0
    for option in choices.sets[at]:
        if most[option] + SLACK_M2 < choices.least[option]:
            return -1.0
        above -= choices.least[option]
        offered += size[2 * option] + size[2 * option + 1]
    if above < -SLACK_M2 or above > offered + SLACK_M2:
        return -1.0
    return max(above, 0.0)


@compiled
def _unmet(choices: Choices, at: int, near: Floats) -> float:
    """What the wishes cost that no option of the set meets."""
    none = len(choices.least) - 1
    cost = 0.0
    for wish in range(near.shape[0]):
        worth = near[wish, none]
        for option in choices.sets[at]:
            if option < none and near[wish, option] > 0:
                worth = 0.0
        cost += worth
    return cost


@compiled
def _moves(choices: Choices, at: int, taken: Floats) -> tuple[float, float]:
    """Money paid once, and heads that move, for a set whose pieces are taken so."""
    money, heads = 0.0, 0.0
    for option in choices.sets[at]:
        first = max(0.0, choices.least[option] - choices.held[option])
        money += first * choices.once[2 * option + 1]
        heads += first * choices.people[2 * option + 1]
    for place in range(len(taken)):
        money += taken[place] * choices.once[choices.pieces[at, place]]
        heads += taken[place] * choices.people[choices.pieces[at, place]]
    return money, heads


@compiled
def cheapest_set(
    choices: Choices, room: Floats, opening: Floats, near: Floats, left: tuple[float, float]
) -> tuple[float, int, Floats]:
    """The set that costs least with so much room, and how much of each of its pieces is taken.

    Args:
        room: Free area at each option, nought at the stand-in.
        opening: What using each option costs beside the agency's own cost; not negative.
        near: Which options meet which wish (wishes by options); what an unmet wish costs stands
            in the stand-in's column.
        left: Money and heads that may still move; infinite without a limit.

    Returns:
        Cost (infinite when no set fits), position of the set (-1), areas of its pieces.
    """
    most, least_cost, size = _sizes(choices, room)
    best, chosen = np.inf, -1
    taken, best_taken = np.zeros(choices.pieces.shape[1]), np.zeros(choices.pieces.shape[1])
    has_limits = np.isfinite(left[0]) or np.isfinite(left[1])
    for at in range(len(choices.sets)):
        # Sets come by rising floor, and opening is never negative.
        if choices.floor[at] >= best:
            break
        beyond, cost = 0.0, choices.fixed_cost[at]
        for option in choices.sets[at]:
            beyond += opening[option]
            cost += least_cost[option]
        if choices.floor[at] + beyond >= best:
            continue
        above = _above(choices, at, most, size)
        if above < 0.0:
            continue
        cost += beyond + _unmet(choices, at, near)
        for place in range(len(taken)):
            piece = choices.pieces[at, place]
            taken[place] = min(above, size[piece])
            above -= taken[place]
            cost += taken[place] * choices.unit[piece]
        if cost >= best:
            continue
        if has_limits:
            money, heads = _moves(choices, at, taken)
            if money > left[0] + SLACK_M2 or heads > left[1] + SLACK_M2:
                continue
        best, chosen = cost, at
        best_taken[:] = taken
    return best, chosen, best_taken
