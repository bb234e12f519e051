"""Three planners that never look back: what a careful person does with a list and a map."""

from collections.abc import Callable
from typing import Final

import numpy as np

from assets.redeployment.solver.problem import Plan
from assets.redeployment.solver.standing import Placement, Standing
from assets.redeployment.solver.tables import Tables

_ATTEMPTS: Final = 8


def cheapest_insertion(tables: Tables) -> Plan:
    """Places whoever costs least to place now, until all stand."""
    return _one_by_one(tables, lambda _standing, _agency, found: found[0])


def regret(tables: Tables) -> Plan:
    """Places whoever would lose most if its best places were gone."""
    return _one_by_one(tables, lambda standing, agency, found: -_loss(standing, agency, found))


def best_fit(tables: Tables) -> Plan:
    """Places the largest first where it costs least and least is left over."""
    needs = [menu.need for menu in tables.menus]
    # What is left over costs what running it costs, even where somebody sits already.
    waste = np.append(tables.running, 0.0)
    by_size = sorted(range(len(needs)), key=lambda at: -needs[at])

    def attempt(first: list[int]) -> Standing:
        standing = Standing(tables)
        for agency in [*first, *(at for at in by_size if at not in first)]:
            left = np.divide(standing.room, np.append(tables.capacity, 1.0))
            found = standing.best(agency, cost_more=np.where(standing.users > 0, 0.0, waste * left))
            if found is not None:
                standing.put(agency, found[1])
        return standing

    return _until_all_stand(attempt)


GREEDY: Final[dict[str, Callable[[Tables], Plan]]] = {
    "regret": regret,
    "best_fit": best_fit,
    "cheapest_insertion": cheapest_insertion,
}


def _one_by_one(
    tables: Tables, key: Callable[[Standing, int, tuple[float, Placement]], float]
) -> Plan:
    """Places the agency of the least key each time; a key holds until a place of it changes."""
    near = _sharing(tables)
    return _until_all_stand(lambda first: _attempt(tables, key, near, first))


def _until_all_stand(attempt: Callable[[list[int]], Standing]) -> Plan:
    """Tries again with those first that found no room; the attempt that places most counts."""
    first: list[int] = []
    best = standing = attempt(first)
    for _ in range(_ATTEMPTS):
        missing = standing.unplaced()
        if not missing:
            return standing.plan()
        first = [*missing, *(at for at in first if at not in missing)]
        standing = attempt(first)
        if len(standing.unplaced()) < len(best.unplaced()):
            best = standing
    return best.plan()


def _attempt(
    tables: Tables,
    key: Callable[[Standing, int, tuple[float, Placement]], float],
    near: list[set[int]],
    first: list[int],
) -> Standing:
    standing = Standing(tables)
    for agency in first:
        found = standing.best(agency)
        if found is not None:
            standing.put(agency, found[1])
    waiting = {at for at in range(len(tables.menus)) if standing.placed[at] is None}
    known: dict[int, tuple[float, tuple[float, Placement]]] = {}
    stale = set(waiting)
    while waiting:
        for agency in sorted(stale & waiting):
            found = standing.best(agency)
            if found is None:
                # Room only shrinks: who finds none now will find none later.
                waiting.discard(agency)
                known.pop(agency, None)
            else:
                known[agency] = (key(standing, agency, found), found)
        if not waiting:
            break
        chosen = min(waiting, key=lambda agency: (known[agency][0], agency))
        standing.put(chosen, known.pop(chosen)[1][1])
        waiting.discard(chosen)
        # What one may still move depends on everybody, where there is a limit.
        stale = waiting if tables.has_limits else near[chosen]
    return standing


def _loss(standing: Standing, agency: int, found: tuple[float, Placement]) -> float:
    """What the agency loses if the places of its best choice were full."""
    menu = standing.tables.menus[agency]
    taken = [int(menu.at[option]) for option, _ in found[1].parts]
    room = standing.room[taken]
    standing.room[taken] = 0.0
    second = standing.best(agency)
    standing.room[taken] = room
    # Who has no second choice goes first, the largest of them before the others.
    return second[0] - found[0] if second else 1e12 + menu.need


def _sharing(tables: Tables) -> list[set[int]]:
    """For each agency those with a common option or wish, whose keys its choice may change."""
    users: dict[int, set[int]] = {}
    for agency, menu in enumerate(tables.menus):
        for at in menu.at[:-1]:
            users.setdefault(int(at), set()).add(agency)
    return [
        set().union(*(users[int(at)] for at in menu.at[:-1]), (other for other, _ in menu.wishes))
        for menu in tables.menus
    ]
