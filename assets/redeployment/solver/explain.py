"""Why an agency goes where it goes; without a plan, which rules conflict and what is missing."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import combinations
from typing import Final

from assets.redeployment.solver.check import Costs, Rule, costs
from assets.redeployment.solver.compact import Shortage, shortage
from assets.redeployment.solver.faults import refuse_faults
from assets.redeployment.solver.problem import (
    MOST_FREE_PLACES,
    TOLERANCE_M2,
    Agency,
    Plan,
    Problem,
)
from assets.redeployment.solver.standing import Standing, standing_of
from assets.redeployment.solver.tables import tables
from gis.errors import InputError

SERVICE: Final = "service"
"""Stands for a rank where service area is missing."""
_TERMS: Final = tuple(one.name for one in fields(Costs))[:6]


@dataclass(frozen=True)
class Reason:
    """What an agency has, and what it would have if it could not go to its main place.

    Args:
        place_id: Where most of its area is.
        next_places: Where it would go then, the others staying; empty: it would find no room.
        costs_more_yuan: What the whole plan would cost more a year; null with no next places.
        by_term: The same by the terms of the objective (`check.Costs`); nought left out.
    """

    agency_id: int
    place_id: int
    next_places: tuple[int, ...]
    costs_more_yuan: float | None
    by_term: Mapping[str, float]


@dataclass(frozen=True)
class Conflict:
    """Why no plan keeps every rule.

    Args:
        rules: A smallest set of kinds of rule that cannot all be kept: with any one of them lifted
            the others can. Empty: room is missing whatever the rules are.
        missing_m2: Area that is short at least, by agency and rank (`SERVICE` for service area);
            of an agency's ranks each goes short in the same proportion.
        is_proven: Whether all of that is certain. Where time ran out or the run was cancelled, a
            smaller set of rules, less area or even nothing at all may be missing.
    """

    rules: tuple[Rule, ...]
    missing_m2: Mapping[int, Mapping[str, float]]
    is_proven: bool = True


def reasons(problem: Problem, plan: Plan) -> list[Reason]:
    """The reason for each placed agency of a plan, in the order of the problem."""
    made = tables(problem)
    standing = standing_of(made, plan)
    paid = costs(problem, plan)
    return [
        _reason(problem, standing, agency, paid)
        for agency, placed in enumerate(standing.placed)
        if placed is not None
    ]


def conflict(
    problem: Problem, *, seconds: float = 120.0, is_cancelled: Callable[[], bool] = lambda: False
) -> Conflict | None:
    """The rules that conflict and what is missing; null when a plan can keep them all.

    Args:
        seconds: For all that is tried together.

    Raises:
        InputError: The problem has a fault that stands by itself.
    """
    refuse_faults(problem)
    patience = _Patience(time.monotonic() + seconds, is_cancelled)
    missing = patience.shortage(problem)
    if not missing.is_short:
        return None
    by_agency = {
        agency.agency_id: _by_rank(agency, short_m2)
        for agency, short_m2 in zip(problem.agencies, missing.by_agency_m2, strict=True)
        if short_m2 > TOLERANCE_M2
    }
    rules = _smallest(problem, patience)
    return Conflict(rules, by_agency, missing.is_proven and patience.was_enough)


class _Patience:
    """Tries problems until the time of all of them is over."""

    def __init__(self, until: float, is_cancelled: Callable[[], bool]) -> None:
        self._until = until
        self._is_cancelled = is_cancelled
        self.was_enough = True

    def is_over(self) -> bool:
        return self._is_cancelled() or time.monotonic() >= self._until

    def shortage(self, problem: Problem) -> Shortage:
        left = self._until - time.monotonic()
        return shortage(tables(problem, with_sets=False), seconds=left, is_over=self.is_over)

    def cannot(self, problem: Problem) -> bool:
        """Whether it is proven that no plan keeps the rules; notes where that stays open."""
        try:
            # Lifted rules let in more options than a search may have, which is no conflict.
            refuse_faults(problem, most_options=None)
        except InputError:
            return True
        found = self.shortage(problem)
        self.was_enough = self.was_enough and found.is_proven
        return found.is_short and found.is_proven


def _reason(problem: Problem, standing: Standing, agency: int, paid: Costs) -> Reason:
    placed = standing.placed[agency]
    assert placed is not None  # noqa: S101 - the caller asks for placed agencies only
    menu = standing.tables.menus[agency]
    main = int(menu.at[max(placed.parts, key=lambda part: part[1])[0]])
    agency_id, place_id = problem.agencies[agency].agency_id, problem.places[main].place_id
    standing.take(agency)
    room, standing.room[main] = standing.room[main], 0.0
    found = standing.best(agency)
    standing.room[main] = room
    if found is None:
        standing.put(agency, placed)
        return Reason(agency_id, place_id, (), None, {})
    standing.put(agency, found[1])
    other = standing.plan()
    standing.take(agency)
    standing.put(agency, placed)
    would = costs(problem, other)
    by_term = {name: getattr(would, name) - getattr(paid, name) for name in _TERMS}
    return Reason(
        agency_id,
        place_id,
        tuple(problem.places[int(menu.at[option])].place_id for option, _ in found[1].parts),
        would.objective_yuan - paid.objective_yuan,
        {name: yuan for name, yuan in by_term.items() if abs(yuan) >= 1},
    )


def _by_rank(agency: Agency, short_m2: float) -> dict[str, float]:
    part = short_m2 / agency.need_m2
    needs = {**agency.office_m2, SERVICE: agency.service_m2}
    return {rank: round(m2 * part, 2) for rank, m2 in needs.items() if m2 * part >= TOLERANCE_M2}


def _smallest(problem: Problem, patience: _Patience) -> tuple[Rule, ...]:
    """The fewest kinds of rule that alone, all others lifted, leave somebody short; else all."""
    kinds = [kind for kind, lift in _LIFTS.items() if lift(problem) != problem]
    for size in range(len(kinds) + 1):
        for kept in combinations(kinds, size):
            if patience.is_over():
                patience.was_enough = False
                return tuple(kinds)
            lifted = problem
            for kind in kinds:
                if kind not in kept:
                    lifted = _LIFTS[kind](lifted)
            if patience.cannot(lifted):
                return kept
    return tuple(kinds)


def _more_places(problem: Problem) -> Problem:
    fixed = [one.agency_id for one in problem.fixed]
    return replace(
        problem,
        agencies=tuple(
            replace(one, max_places=fixed.count(one.agency_id) + MOST_FREE_PLACES)
            for one in problem.agencies
        ),
    )


def _unfixed(problem: Problem) -> Problem:
    # Fixed places let an agency have more than the free ones; without them they do not.
    return replace(
        problem,
        fixed=(),
        agencies=tuple(
            replace(one, max_places=min(one.max_places, MOST_FREE_PLACES))
            for one in problem.agencies
        ),
    )


_LIFTS: Final[Mapping[Rule, Callable[[Problem], Problem]]] = {
    Rule.BUDGET: lambda problem: replace(problem, budget_yuan=None),
    Rule.PEOPLE_MOVED: lambda problem: replace(problem, most_people_moved=None),
    Rule.MAX_PLACES: _more_places,
    Rule.MIN_PART: lambda problem: replace(problem, min_part_m2=0.0),
    Rule.FIXED: _unfixed,
    Rule.FORBIDDEN: lambda problem: replace(problem, forbidden=frozenset()),
    Rule.PROTECTED: lambda problem: replace(
        problem, agencies=tuple(replace(one, needs_protected=False) for one in problem.agencies)
    ),
    Rule.LEASE: lambda problem: replace(
        problem, places=tuple(replace(one, lease_ends_on=None) for one in problem.places)
    ),
    Rule.FREE_FROM: lambda problem: replace(
        problem, places=tuple(replace(one, free_from=None) for one in problem.places)
    ),
}
"""What a problem is without one kind of rule."""
