import pytest

from assets.redeployment.solver.check import breaches
from assets.redeployment.solver.faults import refuse_faults
from assets.redeployment.solver.greedy import best_fit
from assets.redeployment.solver.tables import tables
from bench.redeployment.instances import Size, instance
from bench.redeployment.run import FROZEN, frozen


@pytest.mark.parametrize("seed", FROZEN)
def test_frozen_problems_are_those_that_were_measured(seed: int) -> None:
    problem = frozen(seed)
    assert (len(problem.agencies), len(problem.places)) == (238, 624)
    refuse_faults(problem)


def test_a_plan_of_a_whole_city_keeps_every_rule() -> None:
    problem = instance(7, Size(slack=2.0))
    plan = best_fit(tables(problem))
    assert not plan.unplaced
    assert breaches(problem, plan) == []
