"""Stage one: which agency gets how much area in which places.

A local search makes the plan and, beside it, a relaxation and then HiGHS prove how much better
any plan could be. The search never waits for the proof nor depends on it: the same seed and number
of steps give the same plan.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import numpy as np

from assets.redeployment.solver.check import Rule, breaches
from assets.redeployment.solver.compact import solve
from assets.redeployment.solver.decomposed import Decomposed
from assets.redeployment.solver.faults import refuse_faults
from assets.redeployment.solver.greedy import best_fit
from assets.redeployment.solver.problem import Plan, Problem
from assets.redeployment.solver.relaxed import Relaxed
from assets.redeployment.solver.search import Course, improve
from assets.redeployment.solver.standing import Standing, of_parts, standing_of
from assets.redeployment.solver.tables import Tables, tables
from gis.errors import InputError, Phrase

_ROUNDING_YUAN: Final = 1.0
_PARTING_SECONDS: Final = 1.0
"""How long a run waits for its proof to end: HiGHS cannot be interrupted while it simplifies."""


class Stopped(StrEnum):
    """Why a run ended."""

    STEPS = "steps"
    TIME = "time"
    CANCELLED = "cancelled"
    PROVEN = "proven"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class Limits:
    """How long to look.

    Args:
        steps: Steps of the search; with it alone a run is the same whenever it is done again.
        seconds: Of the clock; how far the search gets by then depends on the machine.

    Without either a run goes on until nothing better can be, or it is cancelled.
    """

    steps: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Progress:
    """How a run stands.

    Args:
        objective_yuan: Of the best plan so far; null while an agency has no place.
        bound_yuan: No plan costs less; null while nothing is proven.
        gap: What of the objective may still be saved at most (0-1); null while either is missing.
            Below nought: the proof contradicts the plan, so one of them is wrong.
    """

    seconds: float
    steps: int
    objective_yuan: float | None
    bound_yuan: float | None

    @property
    def gap(self) -> float | None:
        if self.objective_yuan is None or self.bound_yuan is None:
            return None
        saved = self.objective_yuan - self.bound_yuan
        if abs(saved) <= max(_ROUNDING_YUAN, 1e-6 * self.objective_yuan):
            return 0.0
        return saved / max(self.objective_yuan, _ROUNDING_YUAN)


@dataclass(frozen=True)
class Outcome:
    """The best plan found, with what is proven of it and why the run ended.

    Args:
        proof_failed: What ended the proof before its time, or a bound above the plan: the plan
            stands, but nothing is proven of it. Null when all went well.
    """

    plan: Plan
    progress: Progress
    stopped: Stopped
    proof_failed: BaseException | None = None


class ProofContradicts(AssertionError):
    """A bound above a plan that keeps every rule: model, search or check has a fault."""


@dataclass
class _Proof:
    """What the second thread has proven so far; numbers are only ever replaced whole."""

    upper: float = np.inf
    bound: float = -np.inf
    is_impossible: bool = False
    over: threading.Event = field(default_factory=threading.Event)
    failed: BaseException | None = None

    def run(self, tables: Tables) -> None:
        try:
            relaxed = Relaxed(tables)
            while not (self.over.is_set() or relaxed.is_done):
                relaxed.step(self.upper)
                self._raise_to(relaxed.best.bound)
            finer = Decomposed(tables, relaxed.flat, relaxed.best)
            while not (self.over.is_set() or tables.without_sets or finer.is_done):
                finer.step()
                self._raise_to(finer.best.bound)
            if not self.over.is_set():
                answer = solve(tables, finer.best, is_over=self.over.is_set, tell=self._raise_to)
                self.is_impossible = answer.is_impossible
                self._raise_to(answer.bound)
        except BaseException as failed:
            self.failed = failed

    def _raise_to(self, bound: float) -> None:
        # An impossible problem has an infinite bound, which proves nothing of a plan.
        if np.isfinite(bound):
            self.bound = max(self.bound, bound)


def plan_buildings(
    problem: Problem,
    *,
    seed: int = 1,
    limits: Limits | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    start: Plan | None = None,
) -> Outcome:
    """A plan, and how far from the best it is at most.

    A cancelled run gives the best plan it had. Nothing is written anywhere: a run that is killed
    leaves nothing behind.

    Args:
        on_progress: Called about once a second, on the caller's thread.
        start: A plan to begin with, such as one that a person changed; by default a greedy one.

    Raises:
        InputError: The problem has a fault (`faults.refuse_faults`), or the plan to begin with
            breaks a rule of it; agencies without a place and its cost apart.
    """
    refuse_faults(problem)
    if start is not None:
        _refuse_start(problem, start)
    made = tables(problem)
    limits = limits or Limits(seconds=60.0)
    standing = standing_of(made, start or best_fit(made))
    proof = _Proof(standing.cost)
    run = _Run(limits, proof, on_progress, is_cancelled)
    prover = threading.Thread(
        target=proof.run, args=(made,), name="redeployment proof", daemon=True
    )
    prover.start()
    try:
        course = improve(
            standing,
            seed=seed,
            steps=2**62 if limits.steps is None else limits.steps,
            is_over=run.is_over,
            done=None if limits.steps is not None else run.part_done,
        )
    finally:
        proof.over.set()
        prover.join(_PARTING_SECONDS)
    best = Standing(made)
    best.put_all(course.placed)
    return _outcome(best.plan(), run.progress(course), run.stopped, proof.failed)


def _outcome(
    plan: Plan, progress: Progress, stopped: Stopped, failed: BaseException | None
) -> Outcome:
    """What a run gives; of a proof that failed or contradicts its plan nothing counts."""
    if failed is None and progress.gap is not None and progress.gap < 0:
        failed = ProofContradicts(f"bound {progress.bound_yuan} above {progress.objective_yuan}")
    if failed is not None:
        progress = replace(progress, bound_yuan=None)
    return Outcome(plan, progress, stopped, failed)


def _refuse_start(problem: Problem, start: Plan) -> None:
    for broken in breaches(problem, start):
        if broken.rule not in {Rule.PLACED, Rule.OBJECTIVE}:
            names = {one.agency_id: one.name for one in problem.agencies}
            places = {one.place_id: one.name for one in problem.places}
            raise InputError(
                "redeployment.fault.start",
                agency=names.get(broken.agency_id or 0, broken.agency_id or "—"),
                place=places.get(broken.place_id or 0, broken.place_id or "—"),
                rule=Phrase(f"redeployment.rule.{broken.rule.value}"),
            )


def search_again(
    problem: Problem,
    start: Plan,
    *,
    surcharge: Mapping[tuple[int, int], float],
    seed: int,
    limits: Limits,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Plan:
    """A plan that avoids what is surcharged (`tables.tables`), costed without the surcharge."""
    run = _Run(limits, None, None, is_cancelled)
    course = improve(
        standing_of(tables(problem, surcharge), start),
        seed=seed,
        steps=2**62 if limits.steps is None else limits.steps,
        is_over=run.is_over,
        done=None if limits.steps is not None else run.part_done,
    )
    made = tables(problem)
    paid = Standing(made)
    for agency, chosen in enumerate(course.placed):
        if chosen is not None:
            paid.put(agency, of_parts(made.menus[agency], chosen.parts))
    return paid.plan()


class _Run:
    """Watches the clock, the proof and the caller's wish to stop."""

    def __init__(
        self,
        limits: Limits,
        proof: _Proof | None,
        on_progress: Callable[[Progress], None] | None,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._limits = limits
        self._proof = proof or _Proof()
        self._on_progress = on_progress
        self._is_cancelled = is_cancelled
        self._begun = self._told = time.monotonic()
        self.stopped = Stopped.STEPS

    def is_over(self, course: Course) -> bool:
        now = time.monotonic()
        if course.is_whole:
            self._proof.upper = course.cost
        if self._on_progress is not None and now - self._told >= 1.0:
            self._told = now
            self._on_progress(self.progress(course))
        gap = self.progress(course).gap
        if self._is_cancelled():
            self.stopped = Stopped.CANCELLED
        elif self._limits.seconds is not None and now - self._begun >= self._limits.seconds:
            self.stopped = Stopped.TIME
        elif self._proof.is_impossible and self._limits.steps is None:
            self.stopped = Stopped.IMPOSSIBLE
        elif self._limits.steps is None and gap == 0:
            self.stopped = Stopped.PROVEN
        else:
            return False
        return True

    def part_done(self, _step: int) -> float:
        return (time.monotonic() - self._begun) / (self._limits.seconds or 60.0)

    def progress(self, course: Course) -> Progress:
        bound = self._proof.bound
        return Progress(
            round(time.monotonic() - self._begun, 2),
            course.steps,
            float(course.cost) if course.is_whole else None,
            float(bound) if np.isfinite(bound) else None,
        )
