"""What one place can earn at most from those who may use it, at given prices: each place exactly.

An agency in a place has no area there, or at least its least; so which agencies fit together is a
question of its own, which a price on each m² alone does not ask.
"""

from typing import Final

import numpy as np

from assets.redeployment.solver.kernel import SLACK_M2, Floats, Ints, compiled

_MOST_NODES: Final = 3_000
"""Sets of agencies looked at in one place; beyond that the bound of the whole place counts."""


@compiled
def _segments(
    least: Floats, most: Floats, area_price: Floats, use_price: Floats
) -> tuple[Floats, Floats, Ints]:
    """Slope and size of each agency's pieces of earnings (three each), and their order.

    Of an undecided agency: what its least area earns a m², then each m² above; or, where the use
    costs, all of it at once. What is above the least is also what an agency in place may still get.
    """
    count = len(least)
    slope, size = np.full(3 * count, -np.inf), np.zeros(3 * count)
    for at in range(count):
        slope[3 * at + 1], size[3 * at + 1] = area_price[at], most[at] - least[at]
        first = area_price[at] + use_price[at] / least[at]
        # By what the slopes are after rounding: what is above the least has to come second.
        if first > area_price[at]:
            slope[3 * at], size[3 * at] = first, least[at]
        elif most[at] > 0.0:
            slope[3 * at + 2] = area_price[at] + use_price[at] / most[at]
            size[3 * at + 2] = most[at]
    return slope, size, np.argsort(-slope)


@compiled
def _filled(
    capacity: float,
    status: Ints,
    segments: tuple[Floats, Floats, Ints],
    area: Floats,
) -> tuple[float, int]:
    """Most that undecided agencies and those in place earn if parts of agencies could be had.

    Leaves each agency's area beyond what those in place have at least; gives the agency that has
    but a part of what it would need, -1 when there is none.
    """
    slope, size, order = segments
    area[:] = 0.0
    earned, parted = 0.0, -1
    for piece in order:
        at, kind = piece // 3, piece % 3
        if capacity <= SLACK_M2 or slope[piece] <= 0.0:
            break
        if status[at] == 2 or (status[at] == 1 and kind != 1):
            continue
        if status[at] == 0 and kind == 1 and size[3 * at] == 0.0:
            # An undecided agency has this piece only beside its least.
            continue
        taken = min(size[piece], capacity)
        capacity -= taken
        area[at] += taken
        earned += taken * slope[piece]
        if kind != 1 and taken < size[piece] - SLACK_M2:
            parted = at
    return earned, parted


@compiled
def _back(status: Ints, path: Ints, depth: int) -> int:
    """Turns the last agency that was put in place away; gives the depth, nought at the end."""
    while depth > 0 and status[path[depth - 1]] == 2:
        depth -= 1
        status[path[depth]] = 0
    if depth > 0:
        status[path[depth - 1]] = 2
    return depth


@compiled
def most_earned(
    capacity: float,
    bounds: tuple[Floats, Floats],
    prices: tuple[Floats, Floats],
    enough: float,
) -> tuple[float, Floats]:
    """The most a place earns, and the area of each agency that earns it.

    Args:
        bounds: Least area (above nought) and most area of each agency, where it has any.
        prices: For each m² of each agency, and for any area of it at all, of any sign.
        enough: Less than this need not be told apart: it is given instead, with no areas.
    """
    (least, most), (area_price, use_price) = bounds, prices
    count = len(least)
    segments = _segments(least, most, area_price, use_price)
    status, path = np.zeros(count, np.int64), np.empty(count, np.int64)
    area, best_area = np.zeros(count), np.zeros(count)
    best, depth, root = enough, 0, enough
    for node in range(_MOST_NODES):
        left = capacity - (least * (status == 1)).sum()
        goes_on = False
        if left >= -SLACK_M2:
            earned, parted = _filled(left, status, segments, area)
            earned += ((use_price + area_price * least) * (status == 1)).sum()
            if node == 0:
                root = max(root, earned)
            if earned > best + 1e-9 and parted >= 0:
                path[depth], status[parted] = parted, 1
                depth += 1
                goes_on = True
            elif earned > best + 1e-9:
                best = earned
                best_area[:] = area + least * (status == 1)
        if not goes_on:
            depth = _back(status, path, depth)
        if depth == 0:
            return best, best_area
    return max(root, best), best_area
