"""Judges a plan from the problem alone: every rule and the cost, written a second time.

Nothing of the solver's arrays or choices is used here, so that a mistake of theirs shows.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import TypeVar

from assets.redeployment.solver.problem import (
    TOLERANCE_M2,
    Agency,
    Place,
    Plan,
    Problem,
    Repair,
    Share,
)

K = TypeVar("K")


class Rule(StrEnum):
    """A rule that a plan may break."""

    PLACED = "placed"
    NEED = "need"
    CAPACITY = "capacity"
    MAX_PLACES = "max_places"
    MIN_PART = "min_part"
    OPTION = "option"
    FORBIDDEN = "forbidden"
    FIXED = "fixed"
    PROTECTED = "protected"
    REPAIR = "repair"
    FREE_FROM = "free_from"
    LEASE = "lease"
    BUDGET = "budget"
    PEOPLE_MOVED = "people_moved"
    OBJECTIVE = "objective"
    NO_AREA = "no_area"
    TWICE = "twice"
    UNKNOWN = "unknown"
    NO_DISTANCE = "no_distance"


@dataclass(frozen=True)
class Breach:
    """One rule that the plan breaks.

    Args:
        agency_id: Null: it is about no agency; so for the place.
        amount: By how much, in the rule's unit (m², places, yuan, heads); nought: it is yes or no.
    """

    rule: Rule
    agency_id: int | None = None
    place_id: int | None = None
    amount: float = 0.0


@dataclass(frozen=True)
class Costs:
    """The objective by its parts, in weighted yuan a year, and what stands beside it."""

    running: float
    distance: float
    moving: float
    disruption: float
    extra_places: float
    apart: float
    moved_m2: float
    people_moved: float
    once_yuan: float

    @property
    def objective_yuan(self) -> float:
        return (
            self.running
            + self.distance
            + self.moving
            + self.disruption
            + self.extra_places
            + self.apart
        )


def breaches(problem: Problem, plan: Plan) -> list[Breach]:
    """Every rule that the plan breaks; none when it can be carried out as it stands."""
    found = list(_of_shares(problem, plan))
    plan = _readable(problem, plan)
    found += _of_pairs(problem, plan)
    found += _of_agencies(problem, plan)
    used = _summed((one.place_id, one.area_m2) for one in plan.shares)
    for place in problem.places:
        over_m2 = used.get(place.place_id, 0.0) - place.capacity_m2
        if over_m2 > TOLERANCE_M2:
            found.append(Breach(Rule.CAPACITY, place_id=place.place_id, amount=over_m2))
    found += _of_the_whole(problem, plan)
    return found


def costs(problem: Problem, plan: Plan) -> Costs:
    """What a plan costs by the problem's weights, summed share by share."""
    agencies = {one.agency_id: one for one in problem.agencies}
    places = {one.place_id: one for one in problem.places}
    held = {(one.agency_id, one.place_id): one.area_m2 for one in problem.held}
    nearest, km_of = _distances(problem)
    weights = problem.weights
    person_km = moved_m2 = people_moved = once_yuan = 0.0
    for share in plan.shares:
        agency, place = agencies[share.agency_id], places[share.place_id]
        a_head_m2 = agency.need_m2 / agency.people
        came_m2 = max(0.0, share.area_m2 - held.get((share.agency_id, share.place_id), 0.0))
        farther = km_of.get((share.agency_id, share.place_id), 0.0) - nearest.get(
            share.agency_id, 0.0
        )
        person_km += share.area_m2 / a_head_m2 * farther
        moved_m2 += came_m2
        people_moved += came_m2 / a_head_m2
        once_yuan += came_m2 * (place.fit_out_yuan_per_m2 + problem.move_yuan_per_m2)
    mine = _places_of(plan)
    return Costs(
        running=weights.running
        * sum(places[one].running_yuan for one in {share.place_id for share in plan.shares}),
        distance=weights.person_km * person_km,
        moving=weights.once * once_yuan,
        disruption=weights.person_moved * people_moved,
        extra_places=weights.extra_place * sum(len(one) - 1 for one in mine.values()),
        apart=sum(
            wish.weight_yuan
            for wish in problem.together
            if wish.one_id in mine
            and wish.other_id in mine
            and not {places[one].site_id for one in mine[wish.one_id]}
            & {places[one].site_id for one in mine[wish.other_id]}
        ),
        moved_m2=moved_m2,
        people_moved=people_moved,
        once_yuan=once_yuan,
    )


def _of_shares(problem: Problem, plan: Plan) -> Iterator[Breach]:
    """What makes a share no share: nobody's, of nowhere, no area, or a second one of its pair."""
    agencies = {one.agency_id for one in problem.agencies}
    places = {one.place_id for one in problem.places}
    seen: set[tuple[int, int]] = set()
    for share in plan.shares:
        pair = (share.agency_id, share.place_id)
        if share.agency_id not in agencies or share.place_id not in places:
            yield Breach(Rule.UNKNOWN, *pair)
        # Written so that what is no number at all is found too.
        if not 0 < share.area_m2 < math.inf:
            yield Breach(Rule.NO_AREA, *pair)
        if pair in seen:
            yield Breach(Rule.TWICE, *pair)
        seen.add(pair)


def _readable(problem: Problem, plan: Plan) -> Plan:
    """The plan with one share a pair, without those that cannot be reckoned with."""
    agencies = {one.agency_id for one in problem.agencies}
    places = {one.place_id for one in problem.places}
    area = _summed(
        ((one.agency_id, one.place_id), one.area_m2)
        for one in plan.shares
        if one.agency_id in agencies and one.place_id in places and math.isfinite(one.area_m2)
    )
    return replace(plan, shares=tuple(Share(*pair, area_m2) for pair, area_m2 in area.items()))


def _of_pairs(problem: Problem, plan: Plan) -> Iterator[Breach]:
    agencies = {one.agency_id: one for one in problem.agencies}
    places = {one.place_id: one for one in problem.places}
    options = {(one.agency_id, one.place_id): one.distance_km for one in problem.options}
    area = _summed(((one.agency_id, one.place_id), one.area_m2) for one in plan.shares)
    for (agency_id, place_id), area_m2 in area.items():
        agency, place = agencies[agency_id], places[place_id]
        if (agency_id, place_id) not in options:
            yield Breach(Rule.OPTION, agency_id, place_id)
        elif options[agency_id, place_id] is None:
            yield Breach(Rule.NO_DISTANCE, agency_id, place_id)
        if (agency_id, place_id) in problem.forbidden:
            yield Breach(Rule.FORBIDDEN, agency_id, place_id)
        for rule in _unfit(problem, agency, place):
            yield Breach(rule, agency_id, place_id)
        short_m2 = min(problem.min_part_m2, agency.need_m2) - area_m2
        if short_m2 > TOLERANCE_M2:
            yield Breach(Rule.MIN_PART, agency_id, place_id, short_m2)
    for share in problem.fixed:
        short_m2 = share.area_m2 - area.get((share.agency_id, share.place_id), 0.0)
        is_used = (share.agency_id, share.place_id) in area
        if short_m2 > TOLERANCE_M2 or not is_used:
            yield Breach(Rule.FIXED, share.agency_id, share.place_id, max(0.0, short_m2))


def _unfit(problem: Problem, agency: Agency, place: Place) -> Iterator[Rule]:
    if agency.needs_protected and not place.is_protected:
        yield Rule.PROTECTED
    if place.repair is Repair.UNFIT:
        yield Rule.REPAIR
    if place.free_from is not None and problem.from_on < place.free_from:
        yield Rule.FREE_FROM
    if place.lease_ends_on is not None and place.lease_ends_on < problem.until:
        yield Rule.LEASE


def _of_agencies(problem: Problem, plan: Plan) -> Iterator[Breach]:
    given = _summed((one.agency_id, one.area_m2) for one in plan.shares)
    mine = _places_of(plan)
    for agency in problem.agencies:
        if agency.agency_id not in mine:
            yield Breach(Rule.PLACED, agency.agency_id, amount=agency.need_m2)
            continue
        off_m2 = abs(given[agency.agency_id] - agency.need_m2)
        if off_m2 > TOLERANCE_M2:
            yield Breach(Rule.NEED, agency.agency_id, amount=off_m2)
        over = len(mine[agency.agency_id]) - agency.max_places
        if over > 0:
            yield Breach(Rule.MAX_PLACES, agency.agency_id, amount=over)


def _of_the_whole(problem: Problem, plan: Plan) -> Iterator[Breach]:
    found = costs(problem, plan)
    if problem.budget_yuan is not None and found.once_yuan > problem.budget_yuan + 1:
        yield Breach(Rule.BUDGET, amount=found.once_yuan - problem.budget_yuan)
    most = problem.most_people_moved
    if most is not None and found.people_moved > most + 0.01:
        yield Breach(Rule.PEOPLE_MOVED, amount=found.people_moved - most)
    off = abs(found.objective_yuan - plan.objective_yuan)
    if not off <= max(1.0, 1e-6 * found.objective_yuan):
        yield Breach(Rule.OBJECTIVE, amount=off)


def _distances(problem: Problem) -> tuple[dict[int, float], dict[tuple[int, int], float]]:
    """Km to the nearest place each agency may have, and to each of its options."""
    agencies = {one.agency_id: one for one in problem.agencies}
    places = {one.place_id: one for one in problem.places}
    km_of = {(one.agency_id, one.place_id): one.distance_km or 0.0 for one in problem.options}
    may = sorted(
        (agency_id, km)
        for (agency_id, place_id), km in km_of.items()
        if (agency_id, place_id) not in problem.forbidden
        and not list(_unfit(problem, agencies[agency_id], places[place_id]))
        and places[place_id].capacity_m2 >= min(problem.min_part_m2, agencies[agency_id].need_m2)
    )
    return {agency: next(rows)[1] for agency, rows in groupby(may, lambda row: row[0])}, km_of


def _places_of(plan: Plan) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for share in plan.shares:
        found[share.agency_id].add(share.place_id)
    return dict(found)


def _summed(pairs: Iterator[tuple[K, float]]) -> dict[K, float]:
    found: dict[K, float] = defaultdict(float)
    for key, value in pairs:
        found[key] += value
    return dict(found)
