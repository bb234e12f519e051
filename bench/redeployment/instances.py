"""Frozen problems of the size of the sample city, made anew from a seed and known by their digest.

Agencies sit scattered over places near the middle of their district, some with too much, some with
too little; places differ in size by two orders of magnitude, in what they cost to run and in what
they need before somebody moves in. Two problems share nothing but this file.
"""

import hashlib
import json
import math
import random
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from assets.redeployment.solver.problem import (
    Agency,
    Option,
    Place,
    Problem,
    Repair,
    Share,
    Together,
)

AGENCIES: Final = 238
PLACES: Final = 624
OPTIONS: Final = 20
_RANKS: Final = (("bureau", 0.02, 30.0), ("division", 0.18, 18.0), ("staff", 0.8, 9.0))
"""Ranks of invented bodies, their part of the heads and area a head; no standard of any country."""
_FROM: Final = date(2026, 1, 1)
_UNTIL: Final = date(2030, 12, 31)
Point = tuple[float, float]


@dataclass(frozen=True)
class Size:
    """How large and how tight a problem is; `slack` is capacity over need."""

    agencies: int = AGENCIES
    places: int = PLACES
    options: int = OPTIONS
    slack: float = 1.5
    wishes: int = 24


def instance(seed: int, size: Size = Size()) -> Problem:
    """The problem of a seed, the same on every machine."""
    dice = random.Random(seed)
    centres = [(dice.uniform(0, 30), dice.uniform(0, 30)) for _ in range(6)]
    agencies = [_agency(dice, at) for at in range(1, size.agencies + 1)]
    served = {one.agency_id: _near(dice, dice.choice(centres), 4) for one in agencies}
    need_m2 = sum(one.need_m2 for one in agencies)
    places = _places(dice, size, need_m2 * size.slack)
    spots = {one.place_id: _near(dice, dice.choice(centres), 5) for one in places}
    held = _held(dice, agencies, places, served, spots)
    options = tuple(
        Option(agency.agency_id, place.place_id, round(_km(served[agency.agency_id], spot), 2))
        for agency in agencies
        for place, spot in _chosen(
            agency, places, held, (served[agency.agency_id], spots), size.options
        )
    )
    return Problem(
        agencies=tuple(agencies),
        places=tuple(places),
        options=options,
        from_on=_FROM,
        until=_UNTIL,
        held=tuple(held),
        together=tuple(_wishes(dice, agencies, served, size.wishes)),
    )


def digest(problem: Problem) -> str:
    """A problem's fingerprint: other numbers, another digest."""
    plain = {**asdict(problem), "forbidden": sorted(problem.forbidden)}
    return hashlib.sha256(json.dumps(plain, default=str, sort_keys=True).encode()).hexdigest()[:16]


def _agency(dice: random.Random, at: int) -> Agency:
    people = min(900, max(8, round(math.exp(dice.gauss(4.1, 0.9)))))
    headcount = {rank: max(1, round(people * part)) for rank, part, _ in _RANKS}
    office_m2 = {rank: round(headcount[rank] * m2, 1) for rank, _, m2 in _RANKS}
    heads = sum(headcount.values())
    return Agency(
        agency_id=at,
        name=f"agency {at}",
        headcount=headcount,
        office_m2=office_m2,
        service_m2=round(heads * dice.uniform(4, 7), 1),
        needs_protected=dice.random() < 0.05,
    )


def _places(dice: random.Random, size: Size, total_m2: float) -> list[Place]:
    raw = [math.exp(dice.gauss(0, 1.1)) for _ in range(size.places)]
    scale = total_m2 / sum(raw)
    return [
        _place(dice, at, round(max(60.0, one * scale), 1)) for at, one in enumerate(raw, start=1)
    ]


def _place(dice: random.Random, at: int, capacity_m2: float) -> Place:
    repair = Repair.NEEDS_REPAIR if dice.random() < 0.25 else Repair.SOUND
    is_leased = dice.random() < 0.12
    rent = dice.uniform(150, 400) * capacity_m2 if is_leased else 0.0
    return Place(
        place_id=at,
        name=f"place {at}",
        site_id=at // 2,
        capacity_m2=capacity_m2,
        running_yuan=round(15_000 + dice.uniform(60, 160) * capacity_m2 + rent),
        fit_out_yuan_per_m2=round(dice.uniform(500, 1100) if repair is not Repair.SOUND else 150),
        repair=repair,
        is_protected=dice.random() < 0.5,
        # Leases that end at once would leave some agencies without any place.
        lease_ends_on=date(2032, 12, 31) if is_leased else None,
    )


def _held(
    dice: random.Random,
    agencies: list[Agency],
    places: list[Place],
    served: dict[int, Point],
    spots: dict[int, Point],
) -> list[Share]:
    room = {one.place_id: one.capacity_m2 for one in places}
    found = []
    for agency in sorted(agencies, key=lambda one: -one.need_m2):
        wanted = agency.need_m2 * dice.uniform(0.7, 1.4)
        here = served[agency.agency_id]
        near = sorted(places, key=lambda one: _km(here, spots[one.place_id]))
        near = [one for one in near if one.is_protected or not agency.needs_protected]
        large = [one for one in near if room[one.place_id] > min(wanted / 4, 1500)][:14]
        for place in dice.sample(large, min(len(large), dice.randint(1, 5))):
            got = round(min(wanted, room[place.place_id]), 1)
            if got >= 30:
                found.append(Share(agency.agency_id, place.place_id, got))
                room[place.place_id] -= got
                wanted -= got
    return sorted(found, key=lambda one: (one.agency_id, one.place_id))


def _chosen(
    agency: Agency,
    places: list[Place],
    held: list[Share],
    spots: tuple[Point, dict[int, Point]],
    options: int,
) -> list[tuple[Place, Point]]:
    """Where it is, and what is near for its size; large bodies need large places among them."""
    here, spot_of = spots
    mine = {one.place_id for one in held if one.agency_id == agency.agency_id}

    def rank(place: Place) -> tuple[bool, float]:
        part = min(1.0, place.capacity_m2 / agency.need_m2)
        away = 2 + _km(here, spot_of[place.place_id])
        return (place.place_id not in mine, away / math.sqrt(part))

    fit = [one for one in places if one.is_protected or not agency.needs_protected]
    return [(one, spot_of[one.place_id]) for one in sorted(fit, key=rank)[:options]]


def _wishes(
    dice: random.Random, agencies: list[Agency], served: dict[int, Point], count: int
) -> list[Together]:
    found: dict[tuple[int, int], Together] = {}
    for _ in range(count):
        one = dice.choice(agencies).agency_id
        near = sorted((_km(served[one], spot), at) for at, spot in served.items() if at != one)
        other = dice.choice(near[:6])[1]
        pair = (min(one, other), max(one, other))
        found[pair] = Together(*pair, weight_yuan=round(dice.uniform(10_000, 60_000)))
    return list(found.values())


def _near(dice: random.Random, centre: Point, spread: float) -> Point:
    return (dice.gauss(centre[0], spread), dice.gauss(centre[1], spread))


def _km(one: Point, other: Point) -> float:
    return 1.3 * math.dist(one, other)
