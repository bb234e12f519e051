"""Who sits where while a plan is being made: kept up to date step by step, and taken back."""

from collections.abc import Iterable

import numpy as np

from assets.redeployment.solver.kernel import SLACK_M2, Floats, cheapest_set
from assets.redeployment.solver.problem import TOLERANCE_M2, Plan, Share
from assets.redeployment.solver.tables import Menu, Tables, areas

_NO_WISHES = np.zeros((0, 0))


class Placement:
    """One agency's choice: the set, the area of its options, and what it costs by itself."""

    __slots__ = ("cost", "once", "parts", "people")

    def __init__(
        self, parts: list[tuple[int, float]], cost: float, once: float, people: float
    ) -> None:
        self.parts = parts
        self.cost = cost
        self.once = once
        self.people = people


class Standing:
    """A plan in the making.

    `room` and `users` have one entry more than there are places, for the stand-in.
    """

    def __init__(self, made_from: Tables) -> None:
        self.tables = made_from
        self.room = np.append(made_from.capacity, 0.0)
        self.users = np.zeros(len(made_from.capacity) + 1, dtype=np.int64)
        self.running = np.append(made_from.running, 0.0)
        self.placed: list[Placement | None] = [None] * len(made_from.menus)
        self.sites: list[frozenset[int]] = [frozenset()] * len(made_from.menus)
        self.once = 0.0
        self.people = 0.0
        self.cost = 0.0

    def unplaced(self) -> list[int]:
        if None not in self.placed:
            return []
        return [at for at, one in enumerate(self.placed) if one is None]

    def best(self, agency: int, cost_more: Floats | None = None) -> tuple[float, Placement] | None:
        """The cheapest way to place the agency among the others; null where none fits.

        Args:
            cost_more: Added to what opening each place costs, stand-in included.

        Returns:
            What the whole plan costs more, and the placement.
        """
        menu = self.tables.menus[agency]
        opening = np.where(self.users[menu.at] > 0, 0.0, self.running[menu.at])
        if cost_more is not None:
            opening = opening + cost_more[menu.at]
        best, chosen, taken = cheapest_set(
            menu.choices,
            self.room[menu.at],
            opening,
            self._near(menu),
            (self.tables.budget - self.once, self.tables.most_moved - self.people),
        )
        return None if chosen < 0 else (best, placement(menu, chosen, taken))

    def put(self, agency: int, chosen: Placement) -> None:
        """Places an agency that stands nowhere."""
        menu = self.tables.menus[agency]
        for option, area in chosen.parts:
            at = menu.plain.at[option]
            self.room[at] -= area
            self.users[at] += 1
            if self.users[at] == 1:
                self.cost += self.running[at]
        self.placed[agency] = chosen
        self.sites[agency] = frozenset(menu.plain.site[option] for option, _ in chosen.parts)
        self.once += chosen.once
        self.people += chosen.people
        self.cost += chosen.cost + self._unmet(agency)

    def take(self, agency: int) -> Placement | None:
        """Takes an agency out of its places; null where it has none."""
        chosen = self.placed[agency]
        if chosen is None:
            return None
        menu = self.tables.menus[agency]
        self.cost -= chosen.cost + self._unmet(agency)
        for option, area in chosen.parts:
            at = menu.plain.at[option]
            self.room[at] += area
            self.users[at] -= 1
            if self.users[at] == 0:
                self.cost -= self.running[at]
        self.placed[agency] = None
        self.sites[agency] = frozenset()
        self.once -= chosen.once
        self.people -= chosen.people
        return chosen

    def put_all(self, chosen: Iterable[Placement | None]) -> None:
        for agency, one in enumerate(chosen):
            if one is not None:
                self.put(agency, one)

    def plan(self) -> Plan:
        problem = self.tables.problem
        shares = [
            Share(
                problem.agencies[agency].agency_id,
                problem.places[self.tables.menus[agency].at[option]].place_id,
                area,
            )
            for agency, one in enumerate(self.placed)
            for option, area in (one.parts if one else ())
        ]
        return Plan(
            tuple(sorted(shares, key=lambda one: (one.agency_id, one.place_id))),
            tuple(problem.agencies[at].agency_id for at in self.unplaced()),
            float(self.cost),
        )

    def _unmet(self, agency: int) -> float:
        """Wishes between the agency and those that stand, which it leaves unmet."""
        mine = self.sites[agency]
        return sum(
            worth
            for other, worth in self.tables.menus[agency].wishes
            if self.sites[other] and not mine & self.sites[other]
        )

    def _near(self, menu: Menu) -> Floats:
        """Which options meet which wish, for the wishes whose other agency stands."""
        standing = [(self.sites[other], worth) for other, worth in menu.wishes if self.sites[other]]
        if not standing:
            return _NO_WISHES
        near = np.zeros((len(standing), len(menu.site)))
        for row, (sites, worth) in enumerate(standing):
            near[row] = [site in sites for site in menu.plain.site]
            near[row, -1] = worth
        return near


def placement(menu: Menu, chosen: int, taken: Floats) -> Placement:
    """A set of a menu, its pieces filled so, as a choice with its own cost."""
    return of_parts(menu, areas(menu, chosen, taken))


def of_parts(menu: Menu, parts: list[tuple[int, float]]) -> Placement:
    """A choice by option and area, costed piece by piece."""
    parts = [(option, area) for option, area in parts if area > SLACK_M2]
    plain = menu.plain
    cost = float(menu.extra_place * max(0, len(parts) - 1))
    once = people = 0.0
    for option, area in parts:
        stays = min(area, plain.held[option])
        moved = area - stays
        cost += stays * plain.unit[2 * option] + moved * plain.unit[2 * option + 1]
        once += moved * plain.once[2 * option + 1]
        people += moved * plain.people[2 * option + 1]
    return Placement(parts, cost, once, people)


def standing_of(made_from: Tables, plan: Plan) -> Standing:
    """The standing of a plan of this problem."""
    problem = made_from.problem
    agency_at = {one.agency_id: at for at, one in enumerate(problem.agencies)}
    place_at = {one.place_id: at for at, one in enumerate(problem.places)}
    standing = Standing(made_from)
    parts: dict[int, list[tuple[int, float]]] = {}
    for share in plan.shares:
        agency = agency_at[share.agency_id]
        option = int(np.flatnonzero(made_from.menus[agency].at == place_at[share.place_id])[0])
        parts.setdefault(agency, []).append((option, share.area_m2))
    for agency, mine in parts.items():
        if sum(area for _, area in mine) > TOLERANCE_M2:
            standing.put(agency, of_parts(made_from.menus[agency], mine))
    return standing
