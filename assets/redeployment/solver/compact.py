"""The problem as one mixed-integer model for HiGHS: it raises the bound and knows what is possible.

Alone it finds poor plans and a loose bound in minutes; with the cuts that the relaxation's prices
give for each agency it starts where that ended, and its own cuts go on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import highspy
import numpy as np

from assets.redeployment.solver.problem import TOLERANCE_M2
from assets.redeployment.solver.relaxed import Prices
from assets.redeployment.solver.tables import Menu, Tables

_INF: Final = highspy.kHighsInf


class _Quiet(highspy.Highs):
    """HiGHS says its name on standard output as soon as it is made, where answers belong."""

    def enableCallbacks(self) -> None:  # noqa: N802 - called by its constructor
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def _quiet() -> highspy.Highs:
    """A silent solver of one thread, so that a run is the same when it is done again."""
    solver = _Quiet()  # type: ignore[no-untyped-call]
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    return solver


@dataclass
class _Model:
    """Columns and rows as they are written down."""

    cost: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    start: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    agency_rows: list[tuple[int, int]] = field(default_factory=list)
    """Of each agency the row of its area and that of its number of places."""
    short: list[int] = field(default_factory=list)
    """Of each agency the column of the area it goes without."""
    extra: list[tuple[int, int]] = field(default_factory=list)
    """Row and column of ones that come to a row after it was written."""

    def column(self, cost: float, upper: float, *, whole: bool = False) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.cost) - 1

    def row(self, low: float, high: float, terms: list[tuple[int, float]]) -> None:
        self.low.append(low)
        self.high.append(high)
        self.columns += [column for column, _ in terms]
        self.values += [float(value) for _, value in terms]
        self.start.append(len(self.columns))

    def given_to(self, solver: highspy.Highs, offset: float) -> None:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.low)
        lp.col_cost_, lp.col_upper_ = np.array(self.cost), np.array(self.upper)
        lp.col_lower_ = np.zeros(len(self.cost))
        lp.row_lower_, lp.row_upper_ = np.array(self.low), np.array(self.high)
        lp.offset_ = offset
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(self.start)
        lp.a_matrix_.index_ = np.array(self.columns)
        lp.a_matrix_.value_ = np.array(self.values)
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in self.whole]
        solver.passModel(lp)
        for row, column in self.extra:
            solver.changeCoeff(row, column, 1.0)


@dataclass(frozen=True)
class Answer:
    """What HiGHS came to.

    Args:
        bound: No plan costs less; minus infinity when nothing is proven.
        is_impossible: Whether it is proven that no plan keeps every rule.
        objective: Cost of the best plan it found itself; infinite when it found none.
    """

    bound: float
    is_impossible: bool
    objective: float


def solve(
    tables: Tables,
    prices: Prices | None = None,
    *,
    upper: float = _INF,
    is_over: Callable[[], bool] = lambda: False,
    tell: Callable[[float], None] = lambda bound: None,  # noqa: ARG005 - nobody listens
) -> Answer:
    """Works on the whole problem until it is solved or over.

    Args:
        prices: Of the relaxation: each agency's answer at them becomes a cut.
        upper: Cost of a known plan; dearer ones are not looked for.
        tell: Given each bound that is higher than the one before.
    """
    if tables.without_sets:
        return Answer(-np.inf, is_impossible=True, objective=np.inf)
    solver = _quiet()
    solver.setOptionValue("mip_rel_gap", 1e-6)
    if upper < _INF:
        solver.setOptionValue("objective_bound", upper)
    model = _model(tables, prices)
    offset = -sum(menu.extra_place for menu in tables.menus)
    model.given_to(solver, offset)

    def look(event: Any) -> None:
        tell(event.data_out.mip_dual_bound)
        if is_over():
            event.interrupt()

    solver.cbMipInterrupt.subscribe(look)
    solver.run()
    info, status = solver.getInfo(), solver.getModelStatus()
    # Every column is bounded, so "unbounded or infeasible" can only mean the latter.
    is_impossible = status in {
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    }
    has_plan = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Answer(
        info.mip_dual_bound if np.isfinite(info.mip_dual_bound) else -np.inf,
        is_impossible,
        info.objective_function_value if has_plan else np.inf,
    )


@dataclass(frozen=True)
class _Shared:
    """What agencies have in common: columns of open places, and what all of them add up to."""

    opened: list[int]
    loads: list[list[tuple[int, float]]]
    once: list[tuple[int, float]]
    moved: list[tuple[int, float]]


@dataclass(frozen=True)
class Shortage:
    """What is missing when as little as can be is missing altogether.

    Args:
        by_agency_m2: The least that was found.
        is_proven: Whether it is proven that something is missing, or that nothing is; a run that
            ended before may know neither.
    """

    by_agency_m2: list[float]
    is_proven: bool

    @property
    def is_short(self) -> bool:
        return any(one > TOLERANCE_M2 for one in self.by_agency_m2)


def shortage(
    tables: Tables, *, seconds: float = 60.0, is_over: Callable[[], bool] = lambda: False
) -> Shortage:
    """Area that each agency is short of when as little as can be is missing altogether."""
    model = _model(tables, None)
    _let_be_short(model, tables)
    solver = _quiet()
    solver.setOptionValue("time_limit", max(seconds, 0.0))
    model.given_to(solver, 0.0)

    def look(event: Any) -> None:
        if is_over():
            event.interrupt()

    solver.cbMipInterrupt.subscribe(look)
    solver.run()
    info = solver.getInfo()
    is_solved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        answer = solver.getSolution().col_value
        missing = [max(0.0, answer[column]) for column in model.short]
    else:
        # Fixed areas apart, nobody having anything keeps every rule.
        missing = [menu.need for menu in tables.menus]
        is_solved = solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible
    found = Shortage(missing, is_solved or info.mip_dual_bound > TOLERANCE_M2)
    return found if found.is_short else replace(found, is_proven=True)


def _model(tables: Tables, prices: Prices | None) -> _Model:
    model = _Model()
    opened = [model.column(cost, 1.0, whole=True) for cost in tables.running]
    shared = _Shared(opened, [[] for _ in opened], [], [])
    at_site: list[dict[int, list[tuple[int, float]]]] = []
    first = 0
    for agency, menu in enumerate(tables.menus):
        cut = None
        if prices is not None:
            options = slice(first, first + len(menu.at) - 1)
            price = prices.area[options], prices.use[options]
            cut = (*price, float(prices.of_agency[agency]))
        first += len(menu.at) - 1
        at_site.append(_agency(model, tables, menu, shared, cut))
    for place, terms in enumerate(shared.loads):
        model.row(-_INF, 0.0, [*terms, (opened[place], -float(tables.capacity[place]))])
    for limit, terms in ((tables.budget, shared.once), (tables.most_moved, shared.moved)):
        if np.isfinite(limit):
            model.row(-_INF, limit, terms)
    for agency, menu in enumerate(tables.menus):
        for other, worth in menu.wishes:
            if agency < other:
                _wish(model, at_site[agency], at_site[other], worth)
    return model


def _let_be_short(model: _Model, tables: Tables) -> None:
    """From here on all that costs is the area that an agency goes without."""
    model.cost = [0.0] * len(model.cost)
    for menu, (needs, uses) in zip(tables.menus, model.agency_rows, strict=True):
        model.short.append(model.column(1.0, menu.need))
        model.extra.append((needs, model.short[-1]))
        model.low[uses] = 0.0


def _agency(
    model: _Model,
    tables: Tables,
    menu: Menu,
    shared: _Shared,
    cut: tuple[Any, Any, float] | None,
) -> dict[int, list[tuple[int, float]]]:
    """Columns and rows of one agency; gives what it uses by site."""
    all_area: list[tuple[int, float]] = []
    all_used: list[tuple[int, float]] = []
    cut_terms: list[tuple[int, float]] = []
    at_site: dict[int, list[tuple[int, float]]] = {}
    for option in range(len(menu.at) - 1):
        place = int(menu.at[option])
        most = min(menu.need, float(tables.capacity[place]))
        used = model.column(menu.extra_place, 1.0, whole=True)
        stays = model.column(menu.unit[2 * option], min(float(menu.held[option]), most))
        moves = model.column(menu.unit[2 * option + 1], most)
        area = [(stays, 1.0), (moves, 1.0)]
        model.row(-_INF, 0.0, [*area, (used, -most)])
        model.row(0.0, _INF, [*area, (used, -float(menu.least[option]))])
        model.row(-_INF, 0.0, [(stays, 1.0), (used, -min(float(menu.held[option]), most))])
        model.row(-_INF, 0.0, [(used, 1.0), (shared.opened[place], -1.0)])
        if option in menu.must:
            model.row(1.0, 1.0, [(used, 1.0)])
        shared.loads[place] += area
        all_area += area
        all_used.append((used, 1.0))
        at_site.setdefault(int(menu.site[option]), []).append((used, 1.0))
        shared.once.append((moves, menu.once[2 * option + 1]))
        shared.moved.append((moves, menu.people[2 * option + 1]))
        if cut is not None:
            by_area, by_use = float(cut[0][option]), float(cut[1][option])
            cut_terms.append((stays, menu.unit[2 * option] + by_area))
            cut_terms.append((moves, menu.unit[2 * option + 1] + by_area))
            cut_terms.append((used, menu.extra_place + by_use))
    model.agency_rows.append((len(model.low), len(model.low) + 1))
    model.row(menu.need, menu.need, all_area)
    model.row(1.0, menu.most_places, all_used)
    if cut is not None:
        model.row(cut[2] + menu.extra_place, _INF, cut_terms)
    return at_site


def _wish(
    model: _Model,
    mine: dict[int, list[tuple[int, float]]],
    others: dict[int, list[tuple[int, float]]],
    worth: float,
) -> None:
    met: list[tuple[int, float]] = [(model.column(worth, 1.0), 1.0)]
    for site in sorted(mine.keys() & others.keys()):
        both = model.column(0.0, 1.0)
        for uses in (mine[site], others[site]):
            model.row(-_INF, 0.0, [(both, 1.0), *((used, -1.0) for used, _ in uses)])
        met.append((both, 1.0))
    model.row(1.0, _INF, met)
