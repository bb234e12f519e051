from dataclasses import replace

import pytest
from small_plans import DAY, agency, best_by_trying, is_sound, small_problem

from assets.redeployment.solver.building_stage import Limits, plan_buildings
from assets.redeployment.solver.check import Rule
from assets.redeployment.solver.explain import SERVICE, conflict, reasons
from assets.redeployment.solver.problem import Option, Place, Plan, Problem, Share, Weights

PLACES = (Place(7, "east", 1, 100.0, 1_000.0), Place(8, "west", 2, 100.0, 9_000.0))
BODY = replace(agency(1, 60, heads=3), service_m2=20.0)
PROBLEM = Problem(
    agencies=(BODY, agency(2, 90, heads=3)),
    places=(*PLACES, Place(9, "north", 3, 90.0, 5_000.0, is_protected=True)),
    options=(
        Option(1, 7, 1.0),
        Option(1, 8, 3.0),
        Option(2, 8, 1.0),
        Option(2, 9, 1.0),
    ),
    from_on=DAY,
    until=DAY.replace(year=2030),
    weights=Weights(person_km=10.0),
)


def test_the_next_best_place_and_what_it_would_cost() -> None:
    plan = plan_buildings(PROBLEM, limits=Limits(steps=200, seconds=None)).plan
    assert plan.shares == (Share(1, 7, 80.0), Share(2, 9, 90.0))
    first, second = reasons(PROBLEM, plan)
    assert (first.place_id, first.next_places) == (7, (8,))
    assert first.by_term == pytest.approx({"running": 8_000.0, "distance": 3 * 2 * 10.0})
    assert first.costs_more_yuan == pytest.approx(8_060.0)
    assert (second.place_id, second.next_places) == (9, (8,))
    assert second.costs_more_yuan == pytest.approx(4_000.0)


def test_an_agency_with_no_other_room_has_no_next_best() -> None:
    plan = Plan((Share(1, 8, 80.0), Share(2, 9, 90.0)), (), 0.0)
    found = {one.agency_id: one for one in reasons(PROBLEM, plan)}
    assert found[1].next_places == (7,)
    assert found[1].costs_more_yuan == pytest.approx(-8_060.0)
    assert found[2].next_places == ()
    assert found[2].costs_more_yuan is None


CONFLICTS = {
    "nothing wrong": (PROBLEM, None),
    "too little room": (
        replace(PROBLEM, options=(Option(1, 8, 1.0), Option(2, 8, 1.0))),
        (),
    ),
    "one kind of rule": (
        replace(PROBLEM, forbidden=frozenset({(2, 8)}), places=(*PLACES, Place(9, "n", 3, 50.0))),
        (Rule.FORBIDDEN,),
    ),
    "two kinds of rule": (
        replace(
            PROBLEM,
            places=(
                replace(PLACES[0], lease_ends_on=DAY.replace(year=2027)),
                PLACES[1],
                PROBLEM.places[2],
            ),
            forbidden=frozenset({(2, 9)}),
        ),
        (Rule.FORBIDDEN, Rule.LEASE),
    ),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_the_fewest_rules_that_conflict(name: str) -> None:
    problem, rules = CONFLICTS[name]
    found = conflict(problem)
    assert (None if found is None else found.rules) == rules


def test_what_is_missing_by_agency_and_rank() -> None:
    body = replace(BODY, office_m2={"bureau": 30.0, "staff": 30.0})
    problem = replace(PROBLEM, agencies=(body,), options=(Option(1, 7, 1.0),))
    problem = replace(problem, places=(replace(PLACES[0], capacity_m2=60.0), *PROBLEM.places[1:]))
    found = conflict(problem)
    assert found is not None
    assert found.rules == ()
    assert found.missing_m2 == {1: {"bureau": 7.5, "staff": 7.5, SERVICE: 5.0}}


def test_lifted_rules_that_let_in_many_options_are_no_conflict() -> None:
    # Fifty more places come in with the ban lifted; what is missing is room, whatever the rules.
    more = tuple(Place(at, f"place {at}", at, 100.0) for at in range(100, 150))
    problem = replace(
        PROBLEM,
        places=(*PROBLEM.places, *more),
        options=(
            Option(1, 8, 1.0),
            Option(2, 8, 1.0),
            *(Option(2, at, 1.0) for at in range(100, 150)),
        ),
        forbidden=frozenset((2, at) for at in range(100, 150)),
    )
    found = conflict(problem)
    assert found is not None
    assert found.rules == (Rule.FORBIDDEN,)
    assert found.is_proven


def test_without_time_nothing_is_taken_for_proof() -> None:
    problem, _ = CONFLICTS["two kinds of rule"]
    for found in (conflict(problem, seconds=0.0), conflict(problem, is_cancelled=lambda: True)):
        assert found is None or not found.is_proven


@pytest.mark.parametrize("seed", range(12))
def test_a_conflict_is_found_exactly_where_no_plan_is(seed: int) -> None:
    problem = small_problem(seed)
    if is_sound(problem):
        assert (conflict(problem) is None) == (best_by_trying(problem) is not None)
