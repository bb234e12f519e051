import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_plans import best_by_trying, is_sound, small_problem

from assets.redeployment.solver import building_stage
from assets.redeployment.solver.building_stage import (
    Limits,
    Progress,
    ProofContradicts,
    Stopped,
    plan_buildings,
)
from assets.redeployment.solver.check import Rule, breaches
from assets.redeployment.solver.compact import Answer, solve
from assets.redeployment.solver.decomposed import Decomposed
from assets.redeployment.solver.greedy import best_fit
from assets.redeployment.solver.problem import Plan, Problem, Share
from assets.redeployment.solver.relaxed import Relaxed
from assets.redeployment.solver.tables import Tables, tables
from gis.errors import InputError

STEPS = Limits(steps=600, seconds=None)


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_is_as_good_as_the_best_of_all_plans(seed: int) -> None:
    problem = small_problem(seed)
    if not is_sound(problem):
        pytest.skip("this seed makes a problem with a fault")
    best = best_by_trying(problem)
    made = tables(problem)
    relaxed = Relaxed(made)
    for _ in range(150):
        relaxed.step(best.objective_yuan if best else 1e6)
    exact = solve(made, Decomposed(made, relaxed.flat, relaxed.best).best)
    found = plan_buildings(problem, limits=STEPS)
    if best is None:
        assert exact.is_impossible
        assert found.plan.unplaced
        assert found.progress.objective_yuan is None
        return
    assert relaxed.best.bound <= best.objective_yuan + 1e-6
    assert exact.objective == pytest.approx(best.objective_yuan, abs=1)
    assert exact.bound == pytest.approx(best.objective_yuan, abs=1)
    assert found.plan.objective_yuan == pytest.approx(best.objective_yuan, abs=1)
    assert breaches(problem, found.plan) == []


def test_seeds_try_plans_and_problems_without_one() -> None:
    sound = [small_problem(seed) for seed in range(12) if is_sound(small_problem(seed))]
    assert len(sound) > 6


def test_one_seed_gives_one_plan() -> None:
    problem = small_problem(5, agencies=12, places=9)
    runs = [plan_buildings(problem, seed=3, limits=STEPS) for _ in range(2)]
    assert runs[0].plan == runs[1].plan
    assert [one.stopped for one in runs] == [Stopped.STEPS] * 2
    assert {one.rule for one in breaches(problem, runs[0].plan)} <= {Rule.PLACED}


def test_a_cancelled_run_keeps_the_best_plan_so_far() -> None:
    problem = small_problem(8, agencies=14, places=12)
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    found = plan_buildings(
        problem, limits=Limits(steps=10**9, seconds=None), is_cancelled=is_cancelled
    )
    assert found.stopped is Stopped.CANCELLED
    assert 0 < found.progress.steps < 10**6
    assert {one.rule for one in breaches(problem, found.plan)} <= {Rule.PLACED}


def test_a_run_tells_how_it_stands() -> None:
    problem = small_problem(8, agencies=14, places=12)
    told: list[Progress] = []
    found = plan_buildings(
        problem,
        limits=Limits(seconds=None),
        on_progress=told.append,
        is_cancelled=lambda: bool(told) and told[-1].gap is not None,
    )
    assert found.stopped in {Stopped.CANCELLED, Stopped.PROVEN}
    bounds = [one.bound_yuan for one in told if one.bound_yuan is not None]
    assert bounds == sorted(bounds)
    objective, bound = found.progress.objective_yuan, found.progress.bound_yuan
    assert objective == pytest.approx(found.plan.objective_yuan)
    assert bound is not None
    assert bound <= found.plan.objective_yuan + 1
    assert found.progress.gap is not None
    assert found.progress.gap >= 0


def test_a_run_without_time_keeps_what_it_began_with() -> None:
    problem = small_problem(8, agencies=14, places=12)
    found = plan_buildings(problem, limits=Limits(seconds=0.0))
    assert found.stopped is Stopped.TIME
    assert found.plan == best_fit(tables(problem))


def test_a_plan_that_a_person_made_is_where_a_run_may_begin() -> None:
    problem = small_problem(8, agencies=14, places=12)
    first = plan_buildings(problem, limits=STEPS)
    again = plan_buildings(problem, seed=9, limits=Limits(steps=64, seconds=None), start=first.plan)
    assert again.plan.objective_yuan <= first.plan.objective_yuan + 1e-6


def _starts(problem: Problem) -> dict[str, tuple[Share, ...]]:
    good = plan_buildings(problem, limits=STEPS).plan.shares
    first = good[0]
    strange = next(
        one.place_id
        for one in problem.places
        if (first.agency_id, one.place_id)
        not in {(each.agency_id, each.place_id) for each in problem.options}
    )
    return {
        "unknown": (*good, Share(999, first.place_id, 20.0)),
        "option": (replace(first, place_id=strange), *good[1:]),
        "need": (replace(first, area_m2=first.area_m2 * 9), *good[1:]),
        "twice": (first, *good),
    }


@pytest.mark.parametrize("rule", ["unknown", "option", "need", "twice"])
def test_a_plan_that_breaks_a_rule_is_no_beginning(rule: str) -> None:
    problem = small_problem(8, agencies=14, places=12)
    start = Plan(_starts(problem)[rule], (), 0.0)
    with pytest.raises(InputError) as refused:
        plan_buildings(problem, limits=STEPS, start=start)
    assert refused.value.key == "redeployment.fault.start"


def test_a_plan_with_somebody_left_out_is_a_beginning() -> None:
    problem = small_problem(8, agencies=14, places=12)
    whole = plan_buildings(problem, limits=STEPS).plan
    left_out = whole.shares[0].agency_id
    start = Plan(tuple(one for one in whole.shares if one.agency_id != left_out), (left_out,), 0.0)
    assert not plan_buildings(problem, limits=STEPS, start=start).plan.unplaced


def test_a_bound_above_the_plan_is_told_and_not_taken_for_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (Progress(1.0, 1, 100.0, 150.0).gap or 0) < 0
    assert Progress(1.0, 1, 1e7, 1e7 + 0.5).gap == 0
    problem = small_problem(8, agencies=14, places=12)
    monkeypatch.setattr(
        building_stage._Proof, "_raise_to", lambda proof, _bound: setattr(proof, "bound", 1e12)
    )
    told: list[Progress] = []
    found = plan_buildings(
        problem,
        limits=Limits(),
        on_progress=told.append,
        is_cancelled=lambda: bool(told) and told[-1].bound_yuan is not None,
    )
    assert isinstance(found.proof_failed, ProofContradicts)
    assert found.progress.gap is None
    assert found.stopped is Stopped.CANCELLED
    assert not found.plan.unplaced


def test_a_failed_proof_leaves_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem(8, agencies=14, places=12)

    def fails(_tables: Tables) -> None:
        raise MemoryError

    monkeypatch.setattr(building_stage, "Relaxed", fails)
    found = plan_buildings(problem, limits=STEPS)
    assert isinstance(found.proof_failed, MemoryError)
    assert found.progress.bound_yuan is None
    assert found.plan == plan_buildings(problem, limits=STEPS).plan


def test_a_proof_that_does_not_listen_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    listens = threading.Event()

    def waits(*_: object, **__: object) -> Answer:
        listens.wait(60)
        return Answer(-np.inf, is_impossible=False, objective=np.inf)

    monkeypatch.setattr(building_stage, "Relaxed", waits)
    begun = time.monotonic()
    found = plan_buildings(
        small_problem(8, agencies=14, places=12), limits=STEPS, is_cancelled=lambda: True
    )
    listens.set()
    assert found.stopped is Stopped.CANCELLED
    assert time.monotonic() - begun < 40


def test_no_steps_are_none_and_steps_alone_know_no_clock() -> None:
    problem = small_problem(8, agencies=14, places=12)
    found = plan_buildings(problem, limits=Limits(steps=0))
    assert found.plan == best_fit(tables(problem))
    assert (found.stopped, found.progress.steps) == (Stopped.STEPS, 0)
    assert Limits(steps=10).seconds is None


def test_nothing_is_said_on_standard_output(tmp_path: Path) -> None:
    # Written below Python, so only another process sees it.
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from small_plans import small_problem\n"
            "from assets.redeployment.solver.compact import shortage, solve\n"
            "from assets.redeployment.solver.tables import tables\n"
            "solve(tables(small_problem(2))); shortage(tables(small_problem(2)))",
        ],
        env={"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    assert said.stdout == b""


def test_prices_only_rise_to_the_cost_of_the_best_plan() -> None:
    made = tables(small_problem(8, agencies=14, places=12))
    relaxed = Relaxed(made)
    bounds = []
    for _ in range(100):
        relaxed.step(1e6)
        bounds.append(relaxed.best.bound)
    assert bounds == sorted(bounds)
    assert np.isfinite(bounds[-1])
    assert bounds[-1] > bounds[0]
