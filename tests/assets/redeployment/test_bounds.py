"""What the proof takes for granted, tried against everything that could be."""

import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from small_plans import best_by_trying, is_sound, small_problem

from assets.redeployment.solver.compact import solve
from assets.redeployment.solver.decomposed import Decomposed
from assets.redeployment.solver.knapsack import most_earned
from assets.redeployment.solver.relaxed import Relaxed
from assets.redeployment.solver.tables import tables


@settings(max_examples=60)
@given(seed=st.integers(0, 10**9))
def test_a_place_earns_the_most_of_all_sets_of_agencies(seed: int) -> None:
    dice = random.Random(seed)
    count = dice.randint(1, 6)
    capacity = dice.uniform(50, 600)
    least = np.array([dice.choice([30.0, 60.0, 90.0]) for _ in range(count)])
    most = least + np.array([dice.choice([0.0, 50.0, 300.0]) for _ in range(count)])
    area = np.array([dice.choice([0.0, 5.0, -3.0, dice.gauss(0, 20)]) for _ in range(count)])
    use = np.array([dice.choice([0.0, 900.0, -900.0, dice.gauss(0, 2000)]) for _ in range(count)])
    best = 0.0
    for used in product((False, True), repeat=count):
        mine = np.flatnonzero(used)
        if mine.size and least[mine].sum() <= capacity:
            bounds = list(zip(least[mine], most[mine], strict=True))
            found = linprog(-area[mine], np.ones((1, mine.size)), [capacity], bounds=bounds)
            best = max(best, use[mine].sum() - found.fun)
    earned, areas = most_earned(capacity, (least, most), (area, use), 0.0)
    assert earned == pytest.approx(best, abs=1e-4)
    assert (areas * area).sum() + use[areas > 0].sum() == pytest.approx(best, abs=1e-4)
    assert areas.sum() <= capacity + 1e-6


@pytest.mark.parametrize("seed", range(14))
def test_the_finer_bound_is_never_above_the_best_plan_and_its_cuts_hold(seed: int) -> None:
    problem = small_problem(seed)
    best = best_by_trying(problem) if is_sound(problem) else None
    if best is None:
        pytest.skip("this seed makes a problem without a plan")
    made = tables(problem)
    coarse = Relaxed(made)
    for _ in range(60):
        coarse.step(best.objective_yuan)
    finer = Decomposed(made, coarse.flat, coarse.best)
    while not finer.is_done:
        finer.step()
    assert coarse.best.bound - 1e-6 <= finer.best.bound <= best.objective_yuan + 1e-3
    assert solve(made, finer.best).objective == pytest.approx(best.objective_yuan, abs=1)


def test_the_finer_bound_is_higher_where_places_are_many() -> None:
    made = tables(small_problem(8, agencies=14, places=12))
    coarse = Relaxed(made)
    while not coarse.is_done:
        coarse.step(1.2e5)
    finer = Decomposed(made, coarse.flat, coarse.best)
    for _ in range(400):
        finer.step()
    assert finer.best.bound > coarse.best.bound * 1.001
