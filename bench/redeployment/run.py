"""Proven gaps of the frozen problems, and their cost beside that of the best greedy planner."""

import statistics
from collections.abc import Mapping
from typing import Final

from assets.redeployment.solver.building_stage import Limits, Outcome, plan_buildings
from assets.redeployment.solver.check import breaches
from assets.redeployment.solver.greedy import GREEDY
from assets.redeployment.solver.problem import Problem
from assets.redeployment.solver.tables import tables
from bench.redeployment.instances import Size, digest, instance
from bench.result import Context, Figures

SECONDS: Final = (60, 300)
GREEDY_SECONDS: Final = 60
GREEDY_SEEDS: Final = tuple(range(101, 121))
FROZEN: Final[Mapping[int, str]] = {
    1: "bd5527119ca2914f",
    2: "25afa30e4313bb6a",
    3: "2b9121dc5ee55b96",
    4: "44eb8ba66c0e9481",
    5: "6bcd897ee6fbf3fe",
}
"""Digest by seed: a generator that makes other problems is not the one that was measured."""


def frozen(seed: int) -> Problem:
    """The frozen problem of a seed, from tight (1) to roomy (5)."""
    problem = instance(seed, Size(slack=1.5 + seed / 10))
    if digest(problem) != FROZEN[seed]:
        raise AssertionError(f"problem {seed} is another one than was frozen: {digest(problem)}")
    return problem


def run(context: Context) -> Figures:
    """The figures of `bench redeployment`; `--seconds` stands for the 60, `--rounds` for seeds."""
    short = context.seconds or SECONDS[0]
    seconds = {"gap_60s": short, "gap_300s": short * SECONDS[1] // SECONDS[0]}
    values: dict[str, float] = {}
    beside: dict[str, str] = {}
    for name, each in seconds.items():
        gaps = []
        for seed in list(FROZEN)[: context.rounds]:
            context.say("bench.problem", seed=seed, seconds=each)
            found = _planned(frozen(seed), each)
            gaps.append(1.0 if found.progress.gap is None else found.progress.gap)
            beside[f"{name} of problem {seed}"] = _said(found)
        values[name] = round(max(gaps), 4)
    ratios = []
    for seed in GREEDY_SEEDS[: context.rounds]:
        context.say("bench.problem", seed=seed, seconds=context.seconds or GREEDY_SECONDS)
        ratio, said = _against_greedy(seed, context.seconds or GREEDY_SECONDS)
        ratios.append(ratio)
        beside[f"greedy of problem {seed}"] = said
    values["vs_greedy_median"] = round(statistics.median(ratios), 3)
    values["vs_greedy_min"] = round(min(ratios), 3)
    return Figures(values, beside)


def _against_greedy(seed: int, seconds: int) -> tuple[float, str]:
    """Cost of the best complete greedy plan over ours; a greedy plan that leaves out is none."""
    problem = instance(seed, Size(slack=1.8))
    made = tables(problem)
    plans = {name: planner(made) for name, planner in GREEDY.items()}
    costs = {name: one.objective_yuan for name, one in plans.items() if not one.unplaced}
    if not costs:
        raise AssertionError(f"no greedy planner places everybody in problem {seed}")
    ours = _planned(problem, seconds).plan.objective_yuan
    said = ", ".join(f"{name} {cost / 1e6:.2f}" for name, cost in sorted(costs.items()))
    return min(costs.values()) / ours, f"{said}; ours {ours / 1e6:.2f} million yuan"


def _planned(problem: Problem, seconds: int) -> Outcome:
    found = plan_buildings(problem, limits=Limits(seconds=seconds))
    if found.proof_failed is not None:
        raise found.proof_failed
    broken = breaches(problem, found.plan)
    if broken:
        raise AssertionError(f"the plan breaks rules: {broken[:5]}")
    return found


def _said(found: Outcome) -> str:
    gap, bound = found.progress.gap, found.progress.bound_yuan
    return (
        f"{found.plan.objective_yuan / 1e6:.3f} million yuan, at least {(bound or 0) / 1e6:.3f},"
        f" gap {100 if gap is None else 100 * gap:.2f} %, {found.progress.steps} steps"
    )
