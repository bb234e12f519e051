"""Redeployment problems small enough to try everything, on a grid of whole pieces of area."""

import random
from collections.abc import Iterator
from datetime import date
from itertools import product

from assets.redeployment.solver.check import breaches, costs
from assets.redeployment.solver.faults import refuse_faults
from assets.redeployment.solver.problem import (
    Agency,
    Option,
    Place,
    Plan,
    Problem,
    Share,
    Together,
    Weights,
)
from gis.errors import InputError

GRID_M2 = 20.0
DAY = date(2026, 1, 1)


def agency(agency_id: int, need_m2: float, heads: int = 4, max_places: int = 2) -> Agency:
    return Agency(
        agency_id, f"agency {agency_id}", {"staff": heads}, {"staff": need_m2}, 0.0, max_places
    )


def small_problem(seed: int, agencies: int = 3, places: int = 4) -> Problem:
    """All areas are whole pieces of the grid, so the best plan is found on it."""
    dice = random.Random(seed)
    bodies = tuple(
        agency(at, GRID_M2 * dice.randint(1, 5), dice.randint(1, 9), dice.randint(1, 3))
        for at in range(1, agencies + 1)
    )
    total = sum(one.need_m2 for one in bodies) / GRID_M2
    rooms = tuple(
        Place(
            at,
            f"place {at}",
            at // 2,
            GRID_M2 * dice.randint(2, max(3, int(total / 2))),
            dice.randint(0, 9) * 3_000.0,
            dice.randint(0, 9) * 100.0,
        )
        for at in range(101, 101 + places)
    )
    options = tuple(
        Option(body.agency_id, room.place_id, dice.randint(0, 5) * 1.0)
        for body in bodies
        for room in dice.sample(rooms, dice.randint(2, places))
    )
    held = tuple(
        Share(one.agency_id, one.place_id, GRID_M2 * dice.randint(1, 3))
        for one in options
        if dice.random() < 0.4
    )
    return Problem(
        bodies,
        rooms,
        options,
        DAY,
        DAY.replace(year=2030),
        held,
        together=(Together(1, 2, dice.randint(0, 2) * 9_000.0),),
        weights=Weights(extra_place=dice.choice([0.0, 5_000.0])),
        min_part_m2=GRID_M2,
        most_people_moved=dice.choice([None, sum(one.people for one in bodies) * 0.7]),
    )


def best_by_trying(problem: Problem) -> Plan | None:
    """The cheapest plan of all those on the grid; null where none keeps every rule."""
    best: Plan | None = None
    ways = [list(_ways(problem, one)) for one in problem.agencies]
    for shares in product(*ways):
        plan = Plan(tuple(one for part in shares for one in part), (), 0.0)
        if any(_used(plan, place.place_id) > place.capacity_m2 for place in problem.places):
            continue
        cost = costs(problem, plan).objective_yuan
        plan = Plan(plan.shares, (), cost)
        if (best is None or cost < best.objective_yuan) and not breaches(problem, plan):
            best = plan
    return best


def _ways(problem: Problem, body: Agency) -> Iterator[tuple[Share, ...]]:
    """Every way to part an agency's pieces over its options."""
    mine = [one.place_id for one in problem.options if one.agency_id == body.agency_id]
    pieces = round(body.need_m2 / GRID_M2)
    for parts in product(range(pieces + 1), repeat=len(mine)):
        used = [(place, part) for place, part in zip(mine, parts, strict=True) if part]
        if sum(parts) == pieces and len(used) <= body.max_places:
            yield tuple(Share(body.agency_id, place, part * GRID_M2) for place, part in used)


def _used(plan: Plan, place_id: int) -> float:
    return sum(one.area_m2 for one in plan.shares if one.place_id == place_id)


def is_sound(problem: Problem) -> bool:
    """Whether the problem has no fault; dice make some that have."""
    try:
        refuse_faults(problem)
    except InputError:
        return False
    return True
