from dataclasses import replace

import pytest
from small_plans import DAY, agency

from assets.redeployment.solver.check import Rule, breaches, costs
from assets.redeployment.solver.problem import (
    Option,
    Place,
    Plan,
    Problem,
    Repair,
    Share,
    Together,
    Weights,
)

PROBLEM = Problem(
    agencies=(agency(1, 100, heads=10), agency(2, 60, heads=3)),
    places=(
        Place(7, "east", 1, 120.0, 1_000.0, fit_out_yuan_per_m2=60.0),
        Place(8, "west", 2, 90.0, 500.0),
        Place(9, "south", 1, 200.0, 70.0),
    ),
    options=tuple(Option(body, place, km) for body in (1, 2) for place, km in ((7, 1.0), (8, 3.0))),
    from_on=DAY,
    until=DAY.replace(year=2030),
    held=(Share(1, 7, 40.0), Share(2, 8, 80.0)),
    together=(Together(1, 2, 77.0),),
    weights=Weights(running=2.0, once=0.1, person_km=5.0, person_moved=3.0, extra_place=11.0),
)
SHARES = (Share(1, 7, 70.0), Share(1, 8, 30.0), Share(2, 8, 60.0))


def _plan(*shares: Share) -> Plan:
    made = Plan(shares, (), 0.0)
    return replace(made, objective_yuan=costs(PROBLEM, made).objective_yuan)


def test_costs_are_those_worked_out_by_hand() -> None:
    found = costs(PROBLEM, _plan(*SHARES))
    assert found.running == 2.0 * 1_500
    # Three of ten heads and all three of the other sit 2 km beyond their nearest option.
    assert found.distance == pytest.approx(5.0 * (3 * 2 + 3 * 2))
    assert found.once_yuan == pytest.approx(30 * 100.0 + 30 * 40.0)
    assert found.moving == pytest.approx(420.0)
    assert found.people_moved == pytest.approx(6)
    assert found.disruption == pytest.approx(18)
    assert found.extra_places == 11.0
    assert found.apart == 0
    assert breaches(PROBLEM, _plan(*SHARES)) == []


def test_a_wish_is_paid_for_only_while_it_is_not_met() -> None:
    apart = replace(PROBLEM, agencies=(agency(1, 100, heads=10), agency(2, 60, heads=3)))
    assert costs(apart, Plan((Share(1, 7, 100.0), Share(2, 8, 60.0)), (), 0.0)).apart == 77.0
    near = Plan((Share(1, 7, 100.0), Share(2, 9, 60.0)), (), 0.0)
    assert costs(apart, near).apart == 0


BROKEN = {
    Rule.PLACED: (PROBLEM, SHARES[:2]),
    Rule.NEED: (PROBLEM, (*SHARES[:2], Share(2, 8, 50.0))),
    Rule.CAPACITY: (PROBLEM, (Share(1, 7, 65.0), Share(1, 8, 35.0), Share(2, 8, 60.0))),
    Rule.MAX_PLACES: (replace(PROBLEM, agencies=(agency(1, 100, 10, 1), agency(2, 60))), SHARES),
    Rule.MIN_PART: (replace(PROBLEM, min_part_m2=31.0), SHARES),
    Rule.OPTION: (PROBLEM, (*SHARES[:2], Share(2, 9, 60.0))),
    Rule.FORBIDDEN: (replace(PROBLEM, forbidden=frozenset({(1, 8)})), SHARES),
    Rule.FIXED: (replace(PROBLEM, fixed=(Share(1, 7, 70.5),)), SHARES),
    Rule.PROTECTED: (
        replace(
            PROBLEM,
            agencies=(PROBLEM.agencies[0], replace(PROBLEM.agencies[1], needs_protected=True)),
        ),
        SHARES,
    ),
    Rule.REPAIR: (
        replace(
            PROBLEM, places=(PROBLEM.places[0], replace(PROBLEM.places[1], repair=Repair.UNFIT))
        ),
        SHARES,
    ),
    Rule.FREE_FROM: (
        replace(
            PROBLEM,
            places=(PROBLEM.places[0], replace(PROBLEM.places[1], free_from=DAY.replace(month=2))),
        ),
        SHARES,
    ),
    Rule.LEASE: (
        replace(
            PROBLEM,
            places=(
                PROBLEM.places[0],
                replace(PROBLEM.places[1], lease_ends_on=DAY.replace(year=2029)),
            ),
        ),
        SHARES,
    ),
    Rule.BUDGET: (replace(PROBLEM, budget_yuan=4_000.0), SHARES),
    Rule.PEOPLE_MOVED: (replace(PROBLEM, most_people_moved=5.0), SHARES),
    Rule.NO_AREA: (PROBLEM, (*SHARES, Share(2, 7, 0.0))),
    Rule.TWICE: (PROBLEM, (Share(1, 7, 35.0), Share(1, 7, 35.0), *SHARES[1:])),
    Rule.UNKNOWN: (PROBLEM, (*SHARES, Share(9, 7, 10.0), Share(1, 77, 10.0))),
    Rule.NO_DISTANCE: (
        replace(PROBLEM, options=(*PROBLEM.options[:3], Option(2, 8, None))),
        SHARES,
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_is_seen_when_it_alone_is_broken(rule: Rule) -> None:
    problem, shares = BROKEN[rule]
    known = [one for one in shares if one.agency_id < 9 and one.place_id < 77]
    plan = replace(_plan(*known), shares=shares)
    found = {one.rule for one in breaches(problem, plan)} - {Rule.OBJECTIVE}
    also = {Rule.NO_AREA: {Rule.MIN_PART}, Rule.MAX_PLACES: set()}.get(rule, set())
    assert found == {rule, *also}


def test_a_plan_that_says_it_costs_less_is_seen() -> None:
    cheap = replace(_plan(*SHARES), objective_yuan=1_000.0)
    assert [one.rule for one in breaches(PROBLEM, cheap)] == [Rule.OBJECTIVE]


@pytest.mark.parametrize("area_m2", [float("nan"), float("inf"), -5.0])
def test_what_is_no_area_is_seen_and_counts_for_nothing(area_m2: float) -> None:
    plan = replace(_plan(*SHARES), shares=(*SHARES[:2], Share(2, 8, area_m2)))
    assert Rule.NO_AREA in {one.rule for one in breaches(PROBLEM, plan)}


def test_an_objective_that_is_no_number_is_seen() -> None:
    plan = replace(_plan(*SHARES), objective_yuan=float("nan"))
    assert [one.rule for one in breaches(PROBLEM, plan)] == [Rule.OBJECTIVE]


def test_every_rule_is_tried() -> None:
    assert set(BROKEN) | {Rule.OBJECTIVE} == set(Rule)
