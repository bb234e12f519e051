"""What a problem may not be: each fault is named with the agency or place it is about."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import fields

from assets.redeployment.solver.problem import (
    MOST_FREE_PLACES,
    MOST_OPTIONS,
    ROUNDING_M2,
    TOLERANCE_M2,
    Agency,
    Place,
    Problem,
    Repair,
)
from gis.errors import InputError, Phrase


def refuse_faults(problem: Problem, *, most_options: int | None = MOST_OPTIONS) -> None:
    """Refuses a problem that no plan could be judged by.

    Args:
        most_options: Places that one agency may choose from; null: any number.

    Raises:
        InputError: Nobody to place; a number that is negative or no number; an id twice or of
            nothing; an agency without heads, area or a place it may have; a place that no way
            leads to; fixed areas that contradict each other or a rule; a budget or a number of
            people below what the fixed areas alone cost.
    """
    agencies = {one.agency_id: one for one in problem.agencies}
    places = {one.place_id: one for one in problem.places}
    if not agencies:
        raise InputError("redeployment.fault.no_agencies")
    if len(agencies) < len(problem.agencies) or len(places) < len(problem.places):
        raise InputError("redeployment.fault.twice")
    if problem.until < problem.from_on:
        raise InputError("redeployment.fault.until", from_on=problem.from_on, until=problem.until)
    _refuse_numbers(problem)
    _refuse_strangers(problem, agencies, places)
    usable = usable_pairs(problem)
    for agency in problem.agencies:
        mine = usable[agency.agency_id]
        if most_options is not None and len(mine) > most_options:
            raise InputError(
                "redeployment.fault.many_options",
                agency=agency.name,
                options=len(mine),
                most=most_options,
            )
        _refuse_agency(agency, mine, problem)
    _refuse_fixed(problem, agencies, places, usable)
    _refuse_forced_moves(problem, places)


def usable_pairs(problem: Problem) -> dict[int, list[int]]:
    """Places each agency may be given under every rule about pairs, in the order of the options."""
    agencies = {one.agency_id: one for one in problem.agencies}
    places = {one.place_id: one for one in problem.places}
    found: dict[int, list[int]] = {one: [] for one in agencies}
    for option in problem.options:
        agency, place = agencies[option.agency_id], places[option.place_id]
        if (option.agency_id, option.place_id) not in problem.forbidden and fits(
            problem, agency, place
        ):
            found[option.agency_id].append(option.place_id)
    return found


def fits(problem: Problem, agency: Agency, place: Place) -> bool:
    """Whether the place may be the agency's: sound enough, free in time, leased long enough."""
    return (
        place.repair is not Repair.UNFIT
        and (place.is_protected or not agency.needs_protected)
        and (place.free_from is None or place.free_from <= problem.from_on)
        and (place.lease_ends_on is None or place.lease_ends_on >= problem.until)
        and place.capacity_m2 >= min(problem.min_part_m2, agency.need_m2)
    )


def _refuse_numbers(problem: Problem) -> None:
    for name, of, value in _numbers(problem):
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise InputError(
                "redeployment.fault.number",
                name=Phrase(f"redeployment.number.{name}"),
                of=of,
                value=str(value),
            )


def _numbers(problem: Problem) -> Iterator[tuple[str, str, float | None]]:
    """Every number with its name in the catalogue and whose it is."""
    for each in fields(problem.weights):
        yield f"weight.{each.name}", "", getattr(problem.weights, each.name)
    for name in ("min_part_m2", "move_yuan_per_m2", "budget_yuan", "most_people_moved"):
        yield name, "", getattr(problem, name)
    for place in problem.places:
        for name in ("capacity_m2", "running_yuan", "fit_out_yuan_per_m2"):
            yield name, place.name, getattr(place, name)
    for agency in problem.agencies:
        for rank, heads in agency.headcount.items():
            yield "headcount", f"{agency.name} · {rank}", heads
        for rank, m2 in agency.office_m2.items():
            yield "office_m2", f"{agency.name} · {rank}", m2
        yield "service_m2", agency.name, agency.service_m2
    yield from _numbers_of_pairs(problem)


def _numbers_of_pairs(problem: Problem) -> Iterator[tuple[str, str, float | None]]:
    agencies = {one.agency_id: one.name for one in problem.agencies}
    places = {one.place_id: one.name for one in problem.places}

    def pair(agency_id: int, place_id: int) -> str:
        return f"{agencies.get(agency_id, agency_id)} · {places.get(place_id, place_id)}"

    for wish in problem.together:
        yield "together", agencies.get(wish.one_id, str(wish.one_id)), wish.weight_yuan
    for share in problem.held:
        yield "held", pair(share.agency_id, share.place_id), share.area_m2
    for share in problem.fixed:
        yield "fixed", pair(share.agency_id, share.place_id), share.area_m2
    for option in problem.options:
        yield "distance_km", pair(option.agency_id, option.place_id), option.distance_km


def _refuse_strangers(
    problem: Problem, agencies: dict[int, Agency], places: dict[int, Place]
) -> None:
    pairs: dict[str, list[tuple[int, int]]] = {
        "options": [(one.agency_id, one.place_id) for one in problem.options],
        "held": [(one.agency_id, one.place_id) for one in problem.held],
        "fixed": [(one.agency_id, one.place_id) for one in problem.fixed],
        "forbidden": list(problem.forbidden),
    }
    for name, listed in pairs.items():
        for agency_id, place_id in listed:
            # What is held outside the scope of the plan is given up by it.
            if agency_id not in agencies or place_id not in places:
                raise InputError(
                    "redeployment.fault.stranger",
                    name=Phrase(f"redeployment.list.{name}"),
                    agency=agency_id,
                    place=place_id,
                )
        twice = [pair for pair, count in Counter(listed).items() if count > 1]
        if twice:
            raise InputError(
                "redeployment.fault.pair_twice",
                name=Phrase(f"redeployment.list.{name}"),
                agency=agencies[twice[0][0]].name,
                place=places[twice[0][1]].name,
            )
    for wish in problem.together:
        if wish.one_id == wish.other_id or not {wish.one_id, wish.other_id} <= set(agencies):
            raise InputError("redeployment.fault.together", agency=wish.one_id, other=wish.other_id)
    for option in problem.options:
        if option.distance_km is None:
            raise InputError(
                "redeployment.fault.unroutable",
                agency=agencies[option.agency_id].name,
                place=places[option.place_id].name,
            )


def _refuse_agency(agency: Agency, usable: list[int], problem: Problem) -> None:
    if agency.people == 0:
        raise InputError("redeployment.fault.no_heads", agency=agency.name)
    if agency.need_m2 <= 0:
        raise InputError("redeployment.fault.no_area", agency=agency.name)
    if not usable:
        raise InputError("redeployment.fault.no_candidates", agency=agency.name)
    fixed = sum(one.agency_id == agency.agency_id for one in problem.fixed)
    if not max(1, fixed) <= agency.max_places <= fixed + MOST_FREE_PLACES:
        raise InputError(
            "redeployment.fault.max_places",
            agency=agency.name,
            max_places=agency.max_places,
            least=max(1, fixed),
            most=fixed + MOST_FREE_PLACES,
        )


def _refuse_fixed(
    problem: Problem,
    agencies: dict[int, Agency],
    places: dict[int, Place],
    usable: dict[int, list[int]],
) -> None:
    for share in problem.fixed:
        if share.place_id not in usable[share.agency_id]:
            raise InputError(
                "redeployment.fault.fixed_unusable",
                agency=agencies[share.agency_id].name,
                place=places[share.place_id].name,
            )
    of_agency, of_place = least_areas(problem)
    for agency_id, least_m2 in of_agency.items():
        # No tolerance but rounding: whoever has to fit beyond the need has no set of places at all.
        if least_m2 > agencies[agency_id].need_m2 + ROUNDING_M2:
            raise InputError(
                "redeployment.fault.fixed_above_need",
                agency=agencies[agency_id].name,
                fixed_m2=round(least_m2, 6),
                need_m2=round(agencies[agency_id].need_m2, 6),
            )
    for place_id, least_m2 in of_place.items():
        if least_m2 > places[place_id].capacity_m2 + ROUNDING_M2:
            raise InputError(
                "redeployment.fault.fixed_above_capacity",
                place=places[place_id].name,
                fixed_m2=round(least_m2, 6),
                capacity_m2=round(places[place_id].capacity_m2, 6),
            )


def least_areas(problem: Problem) -> tuple[dict[int, float], dict[int, float]]:
    """What the fixed shares take at least, by agency and by place."""
    agencies = {one.agency_id: one for one in problem.agencies}
    of_agency: dict[int, float] = defaultdict(float)
    of_place: dict[int, float] = defaultdict(float)
    for share in problem.fixed:
        least_m2 = max(share.area_m2, min(problem.min_part_m2, agencies[share.agency_id].need_m2))
        of_agency[share.agency_id] += least_m2
        of_place[share.place_id] += least_m2
    return of_agency, of_place


def _refuse_forced_moves(problem: Problem, places: dict[int, Place]) -> None:
    """A move is forced where an agency may stay with less than it needs."""
    held = {(one.agency_id, one.place_id): one.area_m2 for one in problem.held}
    usable = usable_pairs(problem)
    yuan = people = 0.0
    for agency in problem.agencies:
        mine = usable[agency.agency_id]
        stay_m2 = sorted((held.get((agency.agency_id, one), 0.0) for one in mine), reverse=True)
        fixed_m2 = sum(
            max(0.0, one.area_m2 - held.get((one.agency_id, one.place_id), 0.0))
            for one in problem.fixed
            if one.agency_id == agency.agency_id
        )
        moved_m2 = max(fixed_m2, agency.need_m2 - sum(stay_m2[: agency.max_places]))
        if moved_m2 > TOLERANCE_M2:
            cheapest = min(places[one].fit_out_yuan_per_m2 for one in mine)
            yuan += moved_m2 * (cheapest + problem.move_yuan_per_m2)
            people += moved_m2 / agency.need_m2 * agency.people
    if problem.budget_yuan is not None and yuan > problem.budget_yuan + 1:
        raise InputError(
            "redeployment.fault.budget", budget=round(problem.budget_yuan), forced=math.ceil(yuan)
        )
    if problem.most_people_moved is not None and people > problem.most_people_moved + 1:
        raise InputError(
            "redeployment.fault.people",
            most=round(problem.most_people_moved),
            forced=math.ceil(people),
        )
