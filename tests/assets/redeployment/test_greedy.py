import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plans import best_by_trying, is_sound, small_problem

from assets.redeployment.solver.check import Rule, breaches
from assets.redeployment.solver.greedy import GREEDY
from assets.redeployment.solver.ground import (
    ground,
    place_best,
    placements,
    settle,
    state_of,
)
from assets.redeployment.solver.standing import Standing
from assets.redeployment.solver.tables import tables


@pytest.mark.parametrize("planner", GREEDY)
@settings(max_examples=40)
@given(seed=st.integers(0, 10**9))
def test_what_a_planner_places_keeps_every_rule(planner: str, seed: int) -> None:
    problem = small_problem(seed, agencies=6, places=6)
    if not is_sound(problem):
        return
    plan = GREEDY[planner](tables(problem))
    left_out = [one.agency_id for one in breaches(problem, plan) if one.rule is Rule.PLACED]
    assert left_out == list(plan.unplaced)
    assert {one.rule for one in breaches(problem, plan)} <= {Rule.PLACED}
    assert GREEDY[planner](tables(problem)) == plan


def test_one_agency_alone_gets_its_best_places() -> None:
    tried = 0
    for seed in range(60):
        problem = small_problem(seed, agencies=2, places=5)
        problem = replace(
            problem, agencies=problem.agencies[:1], together=(), most_people_moved=None
        )
        problem = replace(
            problem,
            options=tuple(one for one in problem.options if one.agency_id == 1),
            held=tuple(one for one in problem.held if one.agency_id == 1),
        )
        best = best_by_trying(problem)
        if not is_sound(problem) or best is None:
            continue
        tried += 1
        found = Standing(tables(problem)).best(0)
        assert found is not None
        assert found[0] == pytest.approx(best.objective_yuan)
    assert tried > 30


def test_a_place_that_is_open_already_costs_nothing_more_to_run() -> None:
    made = tables(small_problem(1))
    standing = Standing(made)
    first = standing.best(0)
    assert first is not None
    standing.put(0, first[1])
    assert standing.cost == pytest.approx(first[0])
    standing.take(0)
    assert standing.cost == pytest.approx(0)
    assert (standing.room == Standing(made).room).all()
    assert standing.users.sum() == 0


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9))
def test_the_compiled_standing_reckons_as_the_other_does(seed: int) -> None:
    problem = small_problem(seed, agencies=6, places=6)
    if not is_sound(problem):
        return
    made = tables(problem)
    if made.without_sets:
        return
    joined, standing = ground(made), Standing(made)
    state, nothing = state_of(joined, standing), np.zeros(len(made.capacity) + 1)
    order = random.Random(seed).choices(range(6), k=15)
    for agency in order:
        if standing.take(agency) is not None:
            settle(joined, state, agency, -1)
        found = standing.best(agency)
        assert place_best(joined, state, agency, nothing) == (found is not None)
        if found is not None:
            standing.put(agency, found[1])
    assert state.sums == pytest.approx([standing.cost, standing.once, standing.people], abs=1e-6)
    assert state.room == pytest.approx(standing.room, abs=1e-6)
    assert state.users.tolist() == standing.users.tolist()
    again = [one.parts if one else None for one in placements(made, state.option, state.area)]
    for mine, other in zip(again, standing.placed, strict=True):
        assert (mine is None) == (other is None)
        if mine is not None and other is not None:
            assert [option for option, _ in mine] == [one for one, _ in other.parts]
            areas = [area for _, area in other.parts]
            assert [area for _, area in mine] == pytest.approx(areas)
