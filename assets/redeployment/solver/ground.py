"""The tables of all agencies one after the other, and a standing on them, for compiled loops."""

from typing import NamedTuple

import numpy as np

from assets.redeployment.solver.kernel import (
    SLACK_M2,
    Choices,
    Floats,
    Ints,
    cheapest_set,
    compiled,
)
from assets.redeployment.solver.standing import Placement, Standing, of_parts
from assets.redeployment.solver.tables import Tables


class Ground(NamedTuple):
    """What never changes: menus joined, options of each agency by their number in its menu.

    Args:
        first_set: Where each agency's sets begin, and the end; so for options and wishes.
        capacity: By place, nought for the stand-in; so for running.
        wish_of: The other agency of each wish, by wish.
        limits: Money and heads that may move; infinite without a limit.
    """

    first_set: Ints
    first_option: Ints
    first_wish: Ints
    sets: Ints
    floor: Floats
    fixed_cost: Floats
    pieces: Ints
    at: Ints
    least: Floats
    held: Floats
    unit: Floats
    once: Floats
    people: Floats
    site: Ints
    need: Floats
    extra_place: Floats
    capacity: Floats
    running: Floats
    wish_of: Ints
    worth: Floats
    limits: Floats


class State(NamedTuple):
    """Who sits where.

    Args:
        option: Of each agency its options, the stand-in where it has fewer; area likewise.
        is_placed: Whether each agency has a place.
        sums: Cost, money paid once and heads that move, of all that are placed.
    """

    room: Floats
    users: Ints
    option: Ints
    area: Floats
    is_placed: Ints
    sums: Floats


def ground(tables: Tables) -> Ground:
    """The tables as one."""
    menus = tables.menus
    width = max((one.sets.shape[1] for one in menus), default=1)
    sets, pieces = [], []
    for menu in menus:
        none, more = len(menu.at) - 1, width - menu.sets.shape[1]
        sets.append(np.pad(menu.sets, ((0, 0), (0, more)), constant_values=none))
        pieces.append(np.pad(menu.pieces, ((0, 0), (0, 2 * more)), constant_values=2 * none))
    wishes = [wish for menu in menus for wish in menu.wishes]
    return Ground(
        np.cumsum([0] + [len(one.sets) for one in menus]),
        np.cumsum([0] + [len(one.at) for one in menus]),
        np.cumsum([0] + [len(one.wishes) for one in menus]),
        np.concatenate(sets),
        np.concatenate([one.floor for one in menus]),
        np.concatenate([one.fixed_cost for one in menus]),
        np.concatenate(pieces),
        np.concatenate([one.at for one in menus]),
        np.concatenate([one.least for one in menus]),
        np.concatenate([one.held for one in menus]),
        np.concatenate([one.unit for one in menus]),
        np.concatenate([one.once for one in menus]),
        np.concatenate([one.people for one in menus]),
        np.concatenate([one.site for one in menus]),
        np.array([one.need for one in menus], dtype=np.float64),
        np.array([one.extra_place for one in menus], dtype=np.float64),
        np.append(tables.capacity, 0.0),
        np.append(tables.running, 0.0),
        np.array([other for other, _ in wishes], dtype=np.int64),
        np.array([worth for _, worth in wishes], dtype=np.float64),
        np.array([tables.budget, tables.most_moved], dtype=np.float64),
    )


def state_of(made: Ground, standing: Standing) -> State:
    """The state that a standing is in."""
    agencies, width = len(made.need), made.sets.shape[1]
    state = State(
        standing.room.copy(),
        standing.users.copy(),
        np.empty((agencies, width), dtype=np.int64),
        np.zeros((agencies, width)),
        np.zeros(agencies, dtype=np.int64),
        np.array([standing.cost, standing.once, standing.people]),
    )
    for agency, placed in enumerate(standing.placed):
        state.option[agency] = made.first_option[agency + 1] - made.first_option[agency] - 1
        for column, (option, area) in enumerate(placed.parts if placed else ()):
            state.option[agency, column], state.area[agency, column] = option, area
            state.is_placed[agency] = 1
    return state


def placements(tables: Tables, option: Ints, area: Floats) -> list[Placement | None]:
    """Choices as a standing takes them, costed anew."""
    found: list[Placement | None] = []
    for menu, options, areas in zip(tables.menus, option.tolist(), area.tolist(), strict=True):
        parts = [one for one in zip(options, areas, strict=True) if one[1] > SLACK_M2]
        found.append(of_parts(menu, sorted(parts)) if parts else None)
    return found


@compiled
def unmet(made: Ground, state: State, agency: int) -> float:
    """Wishes between the agency and those that are placed, which its places leave unmet."""
    cost, mine = 0.0, made.first_option[agency]
    for wish in range(made.first_wish[agency], made.first_wish[agency + 1]):
        other = made.wish_of[wish]
        if state.is_placed[other] == 0:
            continue
        theirs, is_met = made.first_option[other], False
        for one in state.option[agency]:
            for each in state.option[other]:
                site = made.site[mine + one]
                is_met = is_met or (site >= 0 and site == made.site[theirs + each])
        if not is_met:
            cost += made.worth[wish]
    return cost


@compiled
def settle(made: Ground, state: State, agency: int, sign: int) -> None:
    """Reckons the options and areas of an agency in (1) or out (-1), and its wishes."""
    first, parts = made.first_option[agency], 0
    cost = 0.0
    for column in range(state.option.shape[1]):
        area = state.area[agency, column]
        if area <= 0.0:
            continue
        option = first + state.option[agency, column]
        place = made.at[option]
        state.room[place] -= sign * area
        state.users[place] += sign
        if state.users[place] == (1 if sign > 0 else 0):
            cost += made.running[place]
        stays = min(area, made.held[option])
        moved = area - stays
        cost += stays * made.unit[2 * option] + moved * made.unit[2 * option + 1]
        state.sums[1] += sign * moved * made.once[2 * option + 1]
        state.sums[2] += sign * moved * made.people[2 * option + 1]
        parts += 1
    cost += made.extra_place[agency] * max(0, parts - 1) + unmet(made, state, agency)
    state.sums[0] += sign * cost
    state.is_placed[agency] = 1 if sign > 0 else 0


@compiled
def _near(made: Ground, state: State, agency: int) -> Floats:
    """Which options meet which wish, as `kernel.cheapest_set` takes it; unplaced others nought."""
    first, end = made.first_option[agency], made.first_option[agency + 1]
    start = made.first_wish[agency]
    near = np.zeros((made.first_wish[agency + 1] - start, end - first))
    for wish in range(len(near)):
        other = made.wish_of[start + wish]
        if state.is_placed[other] == 0:
            continue
        near[wish, end - first - 1] = made.worth[start + wish]
        theirs = made.first_option[other]
        for each in state.option[other]:
            site = made.site[theirs + each]
            for option in range(end - first - 1):
                if site >= 0 and made.site[first + option] == site:
                    near[wish, option] = 1.0
    return near


@compiled
def place_best(made: Ground, state: State, agency: int, more: Floats) -> bool:
    """Places an agency that stands nowhere at its best; false: no set fits.

    Args:
        more: Added to what opening each closed place costs; never makes it negative.
    """
    low, high = made.first_set[agency], made.first_set[agency + 1]
    first, end = made.first_option[agency], made.first_option[agency + 1]
    choices = Choices(
        made.sets[low:high],
        made.floor[low:high],
        made.fixed_cost[low:high],
        made.pieces[low:high],
        made.unit[2 * first : 2 * end],
        made.least[first:end],
        made.held[first:end],
        made.once[2 * first : 2 * end],
        made.people[2 * first : 2 * end],
        made.need[agency],
    )
    room, opening = np.empty(end - first), np.zeros(end - first)
    for option in range(end - first):
        place = made.at[first + option]
        room[option] = state.room[place]
        if state.users[place] == 0:
            opening[option] = made.running[place] + more[place]
    left = (made.limits[0] - state.sums[1], made.limits[1] - state.sums[2])
    _, chosen, taken = cheapest_set(choices, room, opening, _near(made, state, agency), left)
    if chosen < 0:
        return False
    for column in range(state.option.shape[1]):
        option = choices.sets[chosen, column]
        area = choices.least[option]
        for piece in range(len(taken)):
            if choices.pieces[chosen, piece] // 2 == option and option < end - first - 1:
                area += taken[piece]
        state.option[agency, column] = option if area > SLACK_M2 else end - first - 1
        state.area[agency, column] = area if area > SLACK_M2 else 0.0
    settle(made, state, agency, 1)
    return True
