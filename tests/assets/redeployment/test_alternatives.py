from itertools import combinations

import pytest

from assets.redeployment.solver.alternatives import LEAST_APART, alternatives, apart
from assets.redeployment.solver.building_stage import Limits, plan_buildings
from assets.redeployment.solver.check import breaches, costs
from assets.redeployment.solver.problem import Plan, Share
from bench.redeployment.instances import Size, instance

PROBLEM = instance(3, Size(agencies=24, places=70, options=12, slack=2.0, wishes=4))
STEPS = Limits(steps=400, seconds=None)


def test_three_plans_are_apart_and_each_keeps_every_rule() -> None:
    first = plan_buildings(PROBLEM, limits=STEPS).plan
    found = alternatives(PROBLEM, first, limits=STEPS)
    assert len(found) == 3
    assert found[0].plan == first
    for one in found:
        assert breaches(PROBLEM, one.plan) == []
        assert one.plan.objective_yuan == pytest.approx(
            costs(PROBLEM, one.plan).objective_yuan, abs=1
        )
    for one, other in combinations(found, 2):
        assert apart(PROBLEM, one.plan, other.plan) >= LEAST_APART
    assert found[1].costs_more_yuan <= found[2].costs_more_yuan
    assert alternatives(PROBLEM, first, limits=STEPS) == found


def test_a_cancelled_run_gives_what_it_has() -> None:
    first = plan_buildings(PROBLEM, limits=STEPS).plan
    assert [one.plan for one in alternatives(PROBLEM, first, is_cancelled=lambda: True)] == [first]


def test_apart_is_the_part_of_the_moved_area_that_goes_elsewhere() -> None:
    held = PROBLEM.held[0]
    free = next(
        one.place_id
        for one in PROBLEM.places
        if (held.agency_id, one.place_id)
        not in {(share.agency_id, share.place_id) for share in PROBLEM.held}
    )
    stays = Plan((held,), (), 0.0)
    moves = Plan((Share(held.agency_id, free, 50.0),), (), 0.0)
    more = Plan((Share(held.agency_id, free, 80.0),), (), 0.0)
    assert apart(PROBLEM, stays, stays) == 0
    assert apart(PROBLEM, stays, moves) == 1
    assert apart(PROBLEM, moves, moves) == 0
    assert apart(PROBLEM, moves, more) == pytest.approx(30 / 80)
    assert apart(PROBLEM, more, moves) == pytest.approx(30 / 80)
