"""Several plans that differ: at least a fifth of what moves goes elsewhere in each pair."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from assets.redeployment.solver.building_stage import Limits, search_again
from assets.redeployment.solver.problem import TOLERANCE_M2, Plan, Problem

LEAST_APART: Final = 0.2
"""Part of the moved area that has to go elsewhere for two plans to be two."""
_SURCHARGE: Final = (0.05, 0.15, 0.4, 1.0)
"""How much dearer, in parts of what the plan costs, all moves of earlier plans are made."""


@dataclass(frozen=True)
class Alternative:
    """A plan with what tells it from the best.

    Args:
        apart: Least part of the moved area that goes elsewhere than in any plan before it (0-1);
            null for the first.
        costs_more_yuan: Than the first.
    """

    plan: Plan
    apart: float | None
    costs_more_yuan: float


def apart(problem: Problem, one: Plan, other: Plan) -> float:
    """Part of the moved area of two plans that goes elsewhere (0-1), of the one that moves more.

    Two plans that move nothing are the same; one that moves nothing and one that moves are apart.
    """
    mine, others = _moved(problem, one), _moved(problem, other)
    most = max(sum(mine.values()), sum(others.values()))
    if most == 0:
        return 0.0
    common = sum(min(area, others.get(pair, 0.0)) for pair, area in mine.items())
    return 1.0 - common / most


def alternatives(
    problem: Problem,
    first: Plan,
    *,
    count: int = 3,
    seed: int = 1,
    limits: Limits | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[Alternative]:
    """A plan and others that differ from it and from one another, cheapest of these first.

    Each further plan is looked for with the moves of the earlier ones made dearer, a little at
    first, and costed without that. Fewer come back when rules leave no other plan, or when the run
    was cancelled.

    Args:
        first: The best plan found, with everybody placed.
        limits: Of each search; there are up to four for a plan.
    """
    found = [Alternative(first, None, 0.0)]
    while len(found) < count and not is_cancelled():
        earlier = [one.plan for one in found]
        plan = _another(problem, earlier, seed, limits or Limits(seconds=15), is_cancelled)
        if plan is None:
            break
        nearest = min(apart(problem, one, plan) for one in earlier)
        found.append(Alternative(plan, nearest, plan.objective_yuan - first.objective_yuan))
    return [found[0], *sorted(found[1:], key=lambda one: one.costs_more_yuan)]


def _another(
    problem: Problem,
    earlier: list[Plan],
    seed: int,
    limits: Limits,
    is_cancelled: Callable[[], bool],
) -> Plan | None:
    """The cheapest plan found that is apart from all earlier ones; null: none was found."""
    for part in _SURCHARGE:
        if is_cancelled():
            break
        plan = search_again(
            problem,
            earlier[0],
            surcharge=_surcharge(problem, earlier, part),
            seed=seed + len(earlier),
            limits=limits,
            is_cancelled=is_cancelled,
        )
        if not plan.unplaced and min(apart(problem, one, plan) for one in earlier) >= LEAST_APART:
            return plan
    return None


def _surcharge(problem: Problem, earlier: list[Plan], part: float) -> dict[tuple[int, int], float]:
    """Yuan for each m² moved as an earlier plan moves it: more where more of them do so."""
    found: dict[tuple[int, int], float] = {}
    for plan in earlier:
        moved = _moved(problem, plan)
        all_m2 = sum(moved.values())
        for pair in moved:
            found[pair] = found.get(pair, 0.0) + part * plan.objective_yuan / all_m2
    return found


def _moved(problem: Problem, plan: Plan) -> dict[tuple[int, int], float]:
    """Area that comes to an agency in a place, by both."""
    held = {(one.agency_id, one.place_id): one.area_m2 for one in problem.held}
    came = {
        (one.agency_id, one.place_id): one.area_m2 - held.get((one.agency_id, one.place_id), 0.0)
        for one in plan.shares
    }
    return {pair: area for pair, area in came.items() if area > TOLERANCE_M2}
