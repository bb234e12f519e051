"""A problem as arrays: what each agency may do, listed once, and what a listed choice costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np

from assets.redeployment.solver.faults import usable_pairs
from assets.redeployment.solver.kernel import SLACK_M2, Choices, Floats, Ints
from assets.redeployment.solver.problem import MOST_FREE_PLACES, Agency, Problem


class _Plain(NamedTuple):
    """Arrays of a menu as lists: one number of an array costs ten of a list."""

    at: list[int]
    least: list[float]
    held: list[float]
    unit: list[float]
    once: list[float]
    people: list[float]
    site: list[int]


@dataclass(frozen=True)
class Menu:
    """What one agency may be given.

    The options are numbered from nought; one more, the last, is no place at all and fills up sets
    of fewer places. Each option has two pieces of area: what stays (cheaper) and what is moved
    in; piece `2 j` and `2 j + 1` belong to option `j`.

    Args:
        at: Index of the place of each option, the stand-in last.
        least: Area an option takes at least once it is used.
        held: Area the agency has there now.
        unit: Cost a year of one m² of each piece.
        once: Money paid once for one m² of each piece.
        people: Heads that move with one m² of each piece.
        sets: Options of each set of places, the cheapest sets (nobody else there) first.
        floor: What a set costs at least, places and other agencies aside.
        fixed_cost: What a set costs for its number of places.
        pieces: The pieces of each set from the cheapest on.
        site: Site of each option, -1 for the stand-in.
        wishes: Index of each agency it wishes to be with, and what it is worth.
        extra_place: What each place beyond the first costs.
        must: Options that every set has, since something is fixed there.
    """

    need: float
    people_all: int
    at: Ints
    least: Floats
    held: Floats
    unit: Floats
    once: Floats
    people: Floats
    sets: Ints
    floor: Floats
    fixed_cost: Floats
    pieces: Ints
    site: Ints
    wishes: tuple[tuple[int, float], ...]
    extra_place: float
    must: tuple[int, ...]
    most_places: int

    @cached_property
    def plain(self) -> _Plain:
        return _Plain(
            self.at.tolist(),
            self.least.tolist(),
            self.held.tolist(),
            self.unit.tolist(),
            self.once.tolist(),
            self.people.tolist(),
            self.site.tolist(),
        )

    @cached_property
    def choices(self) -> Choices:
        return Choices(
            self.sets,
            self.floor,
            self.fixed_cost,
            self.pieces,
            self.unit,
            self.least,
            self.held,
            self.once,
            self.people,
            float(self.need),
        )


@dataclass(frozen=True)
class Tables:
    """A whole problem; agencies and places by their position in it."""

    problem: Problem
    menus: tuple[Menu, ...]
    capacity: Floats
    running: Floats
    site: Ints
    budget: float
    most_moved: float

    @property
    def without_sets(self) -> list[int]:
        """Agencies too large for any set of their options, even with nobody else there."""
        return [at for at, menu in enumerate(self.menus) if not len(menu.sets)]

    @property
    def has_limits(self) -> bool:
        return bool(np.isfinite(self.budget) or np.isfinite(self.most_moved))


def tables(
    problem: Problem,
    surcharge: Mapping[tuple[int, int], float] | None = None,
    *,
    with_sets: bool = True,
) -> Tables:
    """The arrays of a problem that `refuse_faults` has let pass.

    Args:
        surcharge: Yuan a year added to each m² that comes to an agency in a place, by their ids:
            what has to be avoided, not what is paid.
        with_sets: Whether all sets of places are listed; `compact.shortage` does without.
    """
    usable = usable_pairs(problem)
    place_at = {one.place_id: at for at, one in enumerate(problem.places)}
    agency_at = {one.agency_id: at for at, one in enumerate(problem.agencies)}
    wishes: dict[int, list[tuple[int, float]]] = {}
    for wish in problem.together:
        one, other = agency_at[wish.one_id], agency_at[wish.other_id]
        wishes.setdefault(one, []).append((other, wish.weight_yuan))
        wishes.setdefault(other, []).append((one, wish.weight_yuan))
    lookup = _Lookup(problem, place_at, surcharge or {}, with_sets)
    return Tables(
        problem,
        tuple(
            _menu(problem, agency, usable[agency.agency_id], lookup, tuple(wishes.get(at, ())))
            for at, agency in enumerate(problem.agencies)
        ),
        np.array([one.capacity_m2 for one in problem.places]),
        np.array([one.running_yuan * problem.weights.running for one in problem.places]),
        np.array([one.site_id for one in problem.places], dtype=np.int64),
        np.inf if problem.budget_yuan is None else problem.budget_yuan,
        np.inf if problem.most_people_moved is None else problem.most_people_moved,
    )


class _Lookup:
    """What the problem says of pairs."""

    def __init__(
        self,
        problem: Problem,
        place_at: dict[int, int],
        surcharge: Mapping[tuple[int, int], float],
        with_sets: bool,
    ) -> None:
        self.with_sets = with_sets
        self.place_at = place_at
        self.surcharge = surcharge
        self.places = {one.place_id: one for one in problem.places}
        self.held = {(one.agency_id, one.place_id): one.area_m2 for one in problem.held}
        self.fixed = {(one.agency_id, one.place_id): one.area_m2 for one in problem.fixed}
        self.km = {(one.agency_id, one.place_id): one.distance_km for one in problem.options}


def _menu(
    problem: Problem,
    agency: Agency,
    usable: list[int],
    lookup: _Lookup,
    wishes: tuple[tuple[int, float], ...],
) -> Menu:
    pairs = [(agency.agency_id, one) for one in usable]
    need, weights = agency.need_m2, problem.weights
    heads = agency.people / need
    smallest = min(problem.min_part_m2, need)
    km = np.array([lookup.km[one] or 0.0 for one in pairs])
    least = np.array([max(smallest, lookup.fixed.get(one, 0.0)) for one in pairs])
    held = np.array([lookup.held.get(one, 0.0) for one in pairs])
    fit_out = np.array([lookup.places[one].fit_out_yuan_per_m2 for one in usable])
    once_moved = fit_out + problem.move_yuan_per_m2
    stay = (km - km.min()) * heads * weights.person_km
    moved = stay + once_moved * weights.once + heads * weights.person_moved
    moved += np.array([lookup.surcharge.get(one, 0.0) for one in pairs])
    must = [at for at, one in enumerate(pairs) if one in lookup.fixed]
    sets = _sets(len(pairs), must, agency.max_places if lookup.with_sets else max(1, len(must)))
    unit = _pieces(stay, moved)
    site = [lookup.places[one].site_id for one in usable]
    fixed_cost = ((sets < len(pairs)).sum(axis=1) - 1) * weights.extra_place
    menu = Menu(
        need=need,
        people_all=agency.people,
        at=np.array([lookup.place_at[one] for one in usable] + [len(problem.places)]),
        least=np.append(least, 0.0),
        held=np.append(held, 0.0),
        unit=unit,
        once=_pieces(np.zeros(len(pairs)), once_moved),
        people=_pieces(np.zeros(len(pairs)), np.full(len(pairs), heads)),
        sets=sets,
        floor=np.zeros(len(sets)),
        fixed_cost=fixed_cost.astype(float),
        pieces=cheapest_pieces(sets, unit),
        site=np.array([*site, -1]),
        wishes=wishes,
        extra_place=weights.extra_place,
        must=tuple(must),
        most_places=agency.max_places,
    )
    capacity = np.array([lookup.places[one].capacity_m2 for one in usable] + [0.0])
    cost, _ = fill(menu, slice(None), capacity)
    order = np.argsort(cost, kind="stable")
    order = order[np.isfinite(cost[order])]
    return replace(
        menu,
        sets=menu.sets[order],
        floor=cost[order],
        fixed_cost=menu.fixed_cost[order],
        pieces=menu.pieces[order],
    )


def _pieces(stay: Floats, moved: Floats) -> Floats:
    """Both pieces of each option in turn, and of the stand-in, which is never filled."""
    return np.append(np.column_stack([stay, moved]).ravel(), [0.0, 0.0])


def _sets(options: int, must: list[int], most: int) -> Ints:
    """Every set of at most so many options with those it must hold; stand-ins fill it up."""
    free = [at for at in range(options) if at not in must]
    width = max(most, 1)
    rows = [
        (*must, *more, *[options] * (width - len(must) - len(more)))
        for size in range(min(most - len(must), MOST_FREE_PLACES, len(free)) + 1)
        for more in combinations(free, size)
        if must or more
    ]
    return np.array(rows, dtype=np.int64)


def cheapest_pieces(sets: Ints, unit: Floats) -> Ints:
    """The pieces of each set in the order in which they are best filled."""
    pieces = np.concatenate([2 * sets, 2 * sets + 1], axis=1)
    order = np.argsort(unit[pieces], axis=1, kind="stable")
    return np.take_along_axis(pieces, order, axis=1)


def sizes(menu: Menu, room: Floats) -> tuple[Floats, Floats, Floats]:
    """What can be put into each option, what its least area costs, and the size of its pieces.

    Args:
        room: Free area at each option, the stand-in's last (nought).

    Returns:
        Area by option, cost of the least area by option, and area above it by piece.
    """
    most = np.minimum(room, menu.need)
    stays = np.minimum(menu.held, most)
    kept = np.minimum(menu.least, stays)
    least_cost = kept * menu.unit[::2] + (menu.least - kept) * menu.unit[1::2]
    piece = np.empty(2 * len(most))
    piece[::2] = stays - kept
    piece[1::2] = np.maximum(0.0, most - np.maximum(menu.least, stays))
    return most, least_cost, piece


def fill(menu: Menu, chosen: slice | Ints, room: Floats) -> tuple[Floats, Floats]:
    """What each chosen set costs at best with so much room, and the area of each of its pieces.

    A set whose places have too little room, together or one of them, costs infinity.
    The cost is that of the agency alone: running its places is not in it.
    """
    sets, pieces = menu.sets[chosen], menu.pieces[chosen]
    most, least_cost, size = sizes(menu, room)
    above = menu.need - menu.least[sets].sum(axis=1)
    offered = size[pieces]
    before = np.cumsum(offered, axis=1) - offered
    taken = np.clip(above[:, None] - before, 0.0, offered)
    cost = menu.fixed_cost[chosen] + least_cost[sets].sum(axis=1)
    cost += (taken * menu.unit[pieces]).sum(axis=1)
    fits = (most[sets] + SLACK_M2 >= menu.least[sets]).all(axis=1)
    fits &= (above >= -SLACK_M2) & (above <= offered.sum(axis=1) + SLACK_M2)
    return np.where(fits, cost, np.inf), taken


def areas(menu: Menu, chosen: int, taken: Floats) -> list[tuple[int, float]]:
    """Option and area of one set whose pieces were filled so; stand-ins left out."""
    none = len(menu.at) - 1
    found = {one: menu.plain.least[one] for one in menu.sets[chosen].tolist() if one < none}
    for piece, area in zip(menu.pieces[chosen].tolist(), taken.tolist(), strict=True):
        if piece // 2 in found:
            found[piece // 2] += area
    return sorted(found.items())
