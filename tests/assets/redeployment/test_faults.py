from dataclasses import replace
from typing import Any

import pytest
from small_plans import DAY, agency

from assets.redeployment.solver.faults import refuse_faults
from assets.redeployment.solver.problem import (
    Option,
    Place,
    Problem,
    Repair,
    Share,
    Together,
    Weights,
)
from gis.errors import InputError
from gis.i18n import explain

SOUND = Problem(
    agencies=(agency(1, 100, heads=10), agency(2, 60)),
    places=(Place(7, "east", 1, 120.0), Place(8, "west", 1, 90.0)),
    options=(Option(1, 7, 1.0), Option(1, 8, 2.0), Option(2, 8, 1.0)),
    from_on=DAY,
    until=DAY.replace(year=2030),
    held=(Share(1, 7, 40.0),),
)


def _place(at: int = 0, **other: Any) -> tuple[Place, ...]:
    places = list(SOUND.places)
    places[at] = replace(places[at], **other)
    return tuple(places)


def _agency(**other: Any) -> tuple[Any, ...]:
    return (SOUND.agencies[0], replace(SOUND.agencies[1], **other))


FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "nobody": ("no_agencies", {"agencies": ()}),
    "a place twice": ("twice", {"places": (*SOUND.places, SOUND.places[0])}),
    "ends before it begins": ("until", {"until": DAY.replace(year=2020)}),
    "a negative weight": ("number", {"weights": Weights(person_km=-1.0)}),
    "a weight that is no number": ("number", {"weights": Weights(running=float("nan"))}),
    "a negative capacity": ("number", {"places": _place(capacity_m2=-1.0)}),
    "a negative rent": ("number", {"places": _place(running_yuan=-1.0)}),
    "a negative budget": ("number", {"budget_yuan": -1.0}),
    "a negative distance": ("number", {"options": (Option(1, 7, -1.0),)}),
    "a place of nowhere": ("stranger", {"options": (*SOUND.options, Option(2, 9, 1.0))}),
    "an option twice": ("pair_twice", {"options": (*SOUND.options, SOUND.options[0])}),
    "a wish for oneself": ("together", {"together": (Together(1, 1, 5.0),)}),
    "no way": ("unroutable", {"options": (*SOUND.options, Option(2, 7, None))}),
    "no heads": ("no_heads", {"agencies": _agency(headcount={"staff": 0})}),
    "no ranks": ("no_heads", {"agencies": _agency(headcount={})}),
    "no area": ("no_area", {"agencies": _agency(office_m2={"staff": 0.0})}),
    "no options": ("no_candidates", {"options": SOUND.options[:2]}),
    "options that are forbidden": ("no_candidates", {"forbidden": frozenset({(2, 8)})}),
    "options too small": ("no_candidates", {"places": _place(1, capacity_m2=20.0)}),
    "options past repair": ("no_candidates", {"places": _place(1, repair=Repair.UNFIT)}),
    "a lease that ends": (
        "no_candidates",
        {"places": _place(1, lease_ends_on=DAY.replace(year=2029))},
    ),
    "a place not free yet": (
        "no_candidates",
        {"places": _place(1, free_from=DAY.replace(year=2027))},
    ),
    "nothing protected": ("no_candidates", {"agencies": _agency(needs_protected=True)}),
    "no places": ("max_places", {"agencies": _agency(max_places=0)}),
    "too many places": ("max_places", {"agencies": _agency(max_places=4)}),
    "fixed where it may not be": (
        "fixed_unusable",
        {"fixed": (Share(1, 7, 10.0),), "forbidden": frozenset({(1, 7)})},
    ),
    "fixed to more than it needs": (
        "fixed_above_need",
        {"fixed": (Share(1, 7, 60.0), Share(1, 8, 60.0))},
    ),
    "fixed to more than there is": (
        "fixed_above_capacity",
        {"fixed": (Share(1, 8, 50.0), Share(2, 8, 50.0))},
    ),
    "fixed to a hair more than it needs": ("fixed_above_need", {"fixed": (Share(2, 8, 60.005),)}),
    "a budget below the forced moves": ("budget", {"budget_yuan": 100.0}),
    "fewer people than have to move": ("people", {"most_people_moved": 1.0}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_problem_is_refused_with_its_fault(name: str) -> None:
    key, other = FAULTS[name]
    with pytest.raises(InputError) as refused:
        refuse_faults(replace(SOUND, **other))
    assert refused.value.key == f"redeployment.fault.{key}"


def test_a_sound_problem_passes() -> None:
    refuse_faults(SOUND)
    # 60 m² of agency 1 and all of agency 2 have to move: 120 m² at 40 yuan.
    refuse_faults(replace(SOUND, budget_yuan=120 * 40.0, most_people_moved=10.0))


def test_a_fixed_area_beyond_what_is_held_is_a_forced_move() -> None:
    held = (Share(1, 7, 100.0), Share(2, 8, 60.0))
    moved = replace(SOUND, held=held, budget_yuan=0.0)
    refuse_faults(moved)
    with pytest.raises(InputError) as refused:
        refuse_faults(replace(moved, fixed=(Share(1, 8, 30.0),)))
    assert refused.value.params["forced"] == 30 * 40


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_fault_is_told_without_the_names_of_the_code(name: str, language: str) -> None:
    with pytest.raises(InputError) as refused:
        refuse_faults(replace(SOUND, **FAULTS[name][1]))
    said = explain(language, refused.value)
    assert "_" not in said
    assert "redeployment" not in said
